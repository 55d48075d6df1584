# What api and worker do with the content of Binaries and the files of exports: see fhir-server/src/bucket/s3-bucket.ts.
data "aws_iam_policy_document" "content" {
  statement {
    sid       = "Content"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["${var.content_bucket_arn}/${var.content_prefix}/*"]
  }

  # Also to tell content that is gone from content that may not be read, for which S3 asks without a prefix.
  statement {
    sid       = "ContentList"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.content_bucket_arn]
  }

  # Parts of a large upload are read by S3 itself in the caller's name.
  statement {
    sid       = "ContentKey"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.storage_kms_key_arn]
  }
}
