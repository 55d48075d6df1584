# Managed Prometheus and Grafana, if wanted. The rules are those of every other Prometheus; they know processes by the names of jobs of kubernetes.yml beside them.
resource "aws_prometheus_workspace" "this" {
  count = var.prometheus ? 1 : 0

  alias       = var.name
  kms_key_arn = aws_kms_key.logs.arn
}

resource "aws_prometheus_rule_group_namespace" "this" {
  count = var.prometheus ? 1 : 0

  name         = "dr-assistant"
  workspace_id = aws_prometheus_workspace.this[0].id
  data         = file("${path.module}/../../../k8s/observability/prometheus/alerts.yaml")
}

resource "aws_prometheus_alert_manager_definition" "this" {
  count = var.prometheus ? 1 : 0

  workspace_id = aws_prometheus_workspace.this[0].id
  definition = yamlencode({
    alertmanager_config = yamlencode({
      route = { receiver = "alarms", group_by = ["alertname"] }
      receivers = [{
        name        = "alarms"
        sns_configs = [{ topic_arn = aws_sns_topic.alarms.arn, sigv4 = { region = local.region }, subject = "${var.name}: {{ .GroupLabels.alertname }}" }]
      }]
    })
  })
}

data "aws_iam_policy_document" "alarms_topic" {
  statement {
    sid       = "CloudWatchAndPrometheus"
    actions   = ["sns:Publish", "sns:GetTopicAttributes"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "aps.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms_topic.json
}

data "aws_iam_policy_document" "grafana_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["grafana.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "grafana" {
  count = var.grafana ? 1 : 0

  name_prefix        = "grafana-"
  assume_role_policy = data.aws_iam_policy_document.grafana_assume.json
}

resource "aws_iam_role_policy_attachment" "grafana" {
  for_each = var.grafana ? toset(["AmazonPrometheusQueryAccess", "CloudWatchReadOnlyAccess"]) : []

  role       = aws_iam_role.grafana[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_grafana_workspace" "this" {
  count = var.grafana ? 1 : 0

  name                     = var.name
  account_access_type      = "CURRENT_ACCOUNT"
  authentication_providers = ["AWS_SSO"]
  permission_type          = "CUSTOMER_MANAGED"
  role_arn                 = aws_iam_role.grafana[0].arn
  data_sources             = ["PROMETHEUS", "CLOUDWATCH"]
}
