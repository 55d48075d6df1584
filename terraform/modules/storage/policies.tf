# Who may do what to the buckets, whatever their roles say: nobody without TLS; into logs only those who write them.
data "aws_iam_policy_document" "bucket" {
  for_each = local.buckets

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = each.key == "logs" ? [each.value.arn] : []

    content {
      sid       = "AccessLogsOfBuckets"
      actions   = ["s3:PutObject"]
      resources = ["${statement.value}/s3/*"]

      principals {
        type        = "Service"
        identifiers = ["logging.s3.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.suffix]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "logs" ? [each.value.arn] : []

    content {
      sid       = "AccessLogsOfLoadBalancers"
      actions   = ["s3:PutObject"]
      resources = ["${statement.value}/load-balancer/AWSLogs/${local.suffix}/*"]

      principals {
        type        = "Service"
        identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = each.value.id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.this]
}
