output "logs_kms_key_arn" {
  description = "ARN of the key that encrypts log groups."
  value       = aws_kms_key.logs.arn
}

output "log_group_names" {
  description = "Names of the log groups by process, for the collector in the cluster."
  value       = { for process, group in aws_cloudwatch_log_group.process : process => group.name }
}

output "alarms_topic_arn" {
  description = "ARN of the topic that alarms go to."
  value       = aws_sns_topic.alarms.arn
}

output "prometheus_endpoint" {
  description = "Endpoint of the managed Prometheus; null when there is none."
  value       = one(aws_prometheus_workspace.this[*].prometheus_endpoint)
}

output "grafana_endpoint" {
  description = "Address of the managed Grafana; null when there is none."
  value       = one(aws_grafana_workspace.this[*].endpoint)
}
