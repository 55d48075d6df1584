# A firewall for requests in front of the load balancer. It blocks known attackers and floods; what resources and searches
# look like is the server's to judge, so that rules about bodies only count.
locals {
  managed_rules = {
    reputation = { priority = 10, group = "AWSManagedRulesAmazonIpReputationList", only_count = [] }
    bad_inputs = { priority = 20, group = "AWSManagedRulesKnownBadInputsRuleSet", only_count = [] }
    common = {
      priority = 30
      group    = "AWSManagedRulesCommonRuleSet"
      # Bundles and Binaries are larger than its 8 KB, narratives are HTML, searches may be long, and systems in searches
      # are URLs, which look like an inclusion of remote files.
      only_count = [
        "SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING", "CrossSiteScripting_BODY",
        "GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "GenericLFI_BODY", "NoUserAgent_HEADER",
      ]
    }
  }
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "In front of the load balancer of ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "rate"
    priority = 1

    action {
      block {
        custom_response {
          response_code = 429

          response_header {
            name  = "Retry-After"
            value = "60"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.requests_per_address_max
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = replace(rule.key, "_", "-")
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value.group

          dynamic "rule_action_override" {
            for_each = rule.value.only_count

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      # Samples would show what is in requests: searches by names and birth dates.
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = replace(rule.key, "_", "-")
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}

# Its name must begin like this.
resource "aws_cloudwatch_log_group" "this" {
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
}

# Only what was blocked, without searches, tokens and cookies.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  redacted_fields {
    query_string {}
  }

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }
}
