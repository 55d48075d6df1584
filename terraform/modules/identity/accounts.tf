# What a job that copies content and dumps away may do: write, and neither read nor delete.
data "aws_iam_policy_document" "backup" {
  statement {
    sid       = "WriteCopies"
    actions   = ["s3:PutObject"]
    resources = ["${var.content_bucket_arn}/copies/*"]
  }

  # Parts of a large upload are read by S3 itself in the caller's name.
  statement {
    sid       = "Key"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.storage_kms_key_arn]
  }
}

# What brings secrets from Secrets Manager into the cluster: it reads ours, and lists none.
data "aws_iam_policy_document" "external_secrets" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = var.secret_arns
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt"]
    resources = var.secret_kms_key_arns
  }
}
