# Alarms that call for a person: each says what it means and where to look. Those of the processes themselves are rules
# for Prometheus (prometheus.tf), as in fhir-server/docs/operations.md.
locals {
  database_alarms = {
    cpu = {
      metric  = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 85, minutes = 15
      meaning = "The database has been busy for a quarter of an hour: look at Performance Insights for what it does."
    }
    memory = {
      metric  = "FreeableMemory", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 512 * 1024 * 1024, minutes = 10
      meaning = "The database is short of memory: fewer connections, or a larger class."
    }
    connections = {
      metric  = "DatabaseConnections", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = var.database_connections_alarm, minutes = 5
      meaning = "More connections than the processes should have; beyond max_connections they are refused."
    }
    local_storage = {
      metric  = "FreeLocalStorage", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 2 * 1024 * 1024 * 1024, minutes = 5
      meaning = "Sorts and new indexes fill the disk of an instance."
    }
    replica_lag = {
      metric  = "AuroraReplicaLagMaximum", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 5000, minutes = 5
      meaning = "A replica is five seconds behind: it takes longer to take over."
    }
    transaction_ids = {
      metric  = "MaximumUsedTransactionIDs", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 1000000000, minutes = 5
      meaning = "Vacuum does not keep up: look for the oldest transaction in pg_stat_activity before writes stop."
    }
  }

  cache_alarms = {
    cpu = {
      metric  = "EngineCPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 85, minutes = 15
      meaning = "The cache has been busy for a quarter of an hour."
    }
    memory = {
      metric  = "DatabaseMemoryUsagePercentage", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 85, minutes = 10
      meaning = "The cache is nearly full: what limits guesses and requests is thrown out next."
    }
  }

  cache_member_alarms = merge([
    for member in var.cache_members : { for name, alarm in local.cache_alarms : "${member}-${name}" => merge(alarm, { member = member }) }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each = local.database_alarms

  alarm_name          = "${var.name}-database-${replace(each.key, "_", "-")}"
  alarm_description   = each.value.meaning
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBClusterIdentifier = var.database_cluster }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "cache" {
  for_each = local.cache_member_alarms

  alarm_name          = "${var.name}-cache-${each.key}"
  alarm_description   = each.value.meaning
  namespace           = "AWS/ElastiCache"
  metric_name         = each.value.metric
  dimensions          = { CacheClusterId = each.value.member }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "certificate" {
  alarm_name          = "${var.name}-certificate"
  alarm_description   = "The certificate ends in less than three weeks and was not renewed: see that its records are still in DNS."
  namespace           = "AWS/CertificateManager"
  metric_name         = "DaysToExpiry"
  dimensions          = { CertificateArn = var.certificate_arn }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 21
  period              = 86400
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
