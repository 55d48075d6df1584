# What a cluster needs to be one: addresses for pods, names, and volumes that several pods share.
locals {
  issuer_host = trimprefix(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://")
  addon_accounts = {
    network = { service_account = "aws-node", policy = "AmazonEKS_CNI_Policy" }
    files   = { service_account = "efs-csi-controller-sa", policy = "service-role/AmazonEFSCSIDriverPolicy" }
  }
}

data "aws_iam_policy_document" "addon_assume" {
  for_each = local.addon_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer_host}:sub"
      values   = ["system:serviceaccount:kube-system:${each.value.service_account}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer_host}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "addon" {
  for_each = local.addon_accounts

  name_prefix        = "eks-${each.key}-"
  assume_role_policy = data.aws_iam_policy_document.addon_assume[each.key].json
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = local.addon_accounts

  role       = aws_iam_role.addon[each.key].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value.policy}"
}

# Before the nodes, with NetworkPolicies enforced.
resource "aws_eks_addon" "network" {
  cluster_name             = aws_eks_cluster.this.name
  addon_name               = "vpc-cni"
  service_account_role_arn = aws_iam_role.addon["network"].arn
  configuration_values     = jsonencode({ enableNetworkPolicy = "true" })

  depends_on = [aws_iam_role_policy_attachment.addon]
}

resource "aws_eks_addon" "proxy" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "kube-proxy"
}

resource "aws_eks_addon" "names" {
  cluster_name = aws_eks_cluster.this.name
  addon_name   = "coredns"

  depends_on = [aws_eks_node_group.this]
}

resource "aws_eks_addon" "files" {
  cluster_name             = aws_eks_cluster.this.name
  addon_name               = "aws-efs-csi-driver"
  service_account_role_arn = aws_iam_role.addon["files"].arn

  depends_on = [aws_eks_node_group.this, aws_iam_role_policy_attachment.addon]
}
