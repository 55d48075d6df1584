# Roles of service accounts (IRSA), each with what its process really calls.
data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  own = {
    api              = { namespace = var.namespace, service_account = "api", policy = data.aws_iam_policy_document.content.json }
    worker           = { namespace = var.namespace, service_account = "worker", policy = data.aws_iam_policy_document.content.json }
    bots             = { namespace = var.namespace, service_account = "bots", policy = data.aws_iam_policy_document.bots.json }
    backup           = { namespace = var.namespace, service_account = "backup", policy = data.aws_iam_policy_document.backup.json }
    external_secrets = { namespace = var.namespace, service_account = "external-secrets", policy = data.aws_iam_policy_document.external_secrets.json }
  }
  accounts = merge(
    { for name, account in local.own : name => { namespace = account.namespace, service_account = account.service_account } },
    { for name, account in var.controllers : name => { namespace = account.namespace, service_account = account.service_account } },
  )
  controller_policies = merge([
    for name, account in var.controllers : { for i, arn in account.policy_arns : "${name}-${i}" => { account = name, arn = arn } }
  ]...)
  jobs_arn = "arn:${data.aws_partition.current.partition}:transcribe:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
}

data "aws_iam_policy_document" "assume" {
  for_each = local.accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer_host}:sub"
      values   = ["system:serviceaccount:${each.value.namespace}:${each.value.service_account}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer_host}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.accounts

  name               = "${var.name}-${replace(each.key, "_", "-")}"
  assume_role_policy = data.aws_iam_policy_document.assume[each.key].json
}

resource "aws_iam_role_policy" "own" {
  for_each = local.own

  role   = aws_iam_role.this[each.key].id
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "controller" {
  for_each = local.controller_policies

  role       = aws_iam_role.this[each.value.account].name
  policy_arn = each.value.arn
}
