# Buckets: Binary content with files of exports and copies of dumps, the hand-over of recordings to the services that transcribe, and access logs.
# Each is closed to the public, encrypted, reached by TLS only, and says who read from it.
data "aws_caller_identity" "current" {}

locals {
  # Names of buckets are known to all of AWS: the account's number makes them ours.
  suffix = data.aws_caller_identity.current.account_id

  content_prefix = "content"

  buckets = {
    content   = { id = aws_s3_bucket.content.id, arn = aws_s3_bucket.content.arn, versioning = "Enabled", own_key = true }
    hand_over = { id = aws_s3_bucket.hand_over.id, arn = aws_s3_bucket.hand_over.arn, versioning = "Disabled", own_key = true }
    logs      = { id = aws_s3_bucket.logs.id, arn = aws_s3_bucket.logs.arn, versioning = "Enabled", own_key = false }
  }
}

resource "aws_kms_key" "this" {
  description             = "Stored files of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-storage"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_s3_bucket" "content" {
  bucket        = "${var.name}-content-${local.suffix}"
  force_destroy = !var.deletion_protection
}

# Without versioning, or a recording that the bots have deleted would still be there (ai-bots/docs/providers.md).
resource "aws_s3_bucket" "hand_over" {
  bucket        = "${var.name}-hand-over-${local.suffix}"
  force_destroy = true
}

resource "aws_s3_bucket" "logs" {
  bucket        = "${var.name}-logs-${local.suffix}"
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Access logs of S3 and of load balancers can be written with keys of S3 alone.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    bucket_key_enabled = each.value.own_key

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.own_key ? "aws:kms" : "AES256"
      kms_master_key_id = each.value.own_key ? aws_kms_key.this.arn : null
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = each.value.id

  versioning_configuration {
    status = each.value.versioning
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for name, entry in local.buckets : name => entry if name != "logs" }

  bucket        = each.value.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3/${each.key}/"
}
