# What the bots call: see ai-bots/provider/comprehend-medical and ai-bots/provider/aws-transcribe.
data "aws_iam_policy_document" "bots" {
  # Its actions know no resources.
  statement {
    sid = "ComprehendMedical"
    actions = [
      "comprehendmedical:DetectEntitiesV2",
      "comprehendmedical:InferICD10CM",
      "comprehendmedical:InferRxNorm",
      "comprehendmedical:InferSNOMEDCT",
    ]
    resources = ["*"]
  }

  # A job has no ARN before it is started; what it writes goes to our bucket alone.
  statement {
    sid       = "StartJobs"
    actions   = ["transcribe:StartMedicalTranscriptionJob", "transcribe:StartMedicalScribeJob"]
    resources = ["*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "transcribe:OutputBucketName"
      values   = [var.hand_over_bucket_name]
    }
  }

  statement {
    sid = "OwnJobs"
    actions = [
      "transcribe:GetMedicalTranscriptionJob",
      "transcribe:DeleteMedicalTranscriptionJob",
      "transcribe:GetMedicalScribeJob",
      "transcribe:DeleteMedicalScribeJob",
    ]
    resources = [
      "${local.jobs_arn}:medical-transcription-job/dr-assistant-*",
      "${local.jobs_arn}:medical-scribe-job/dr-assistant-*",
    ]
  }

  # Recordings lie under dr-assistant/, transcripts of HealthScribe under the name of their job.
  statement {
    sid       = "HandOver"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    resources = ["${var.hand_over_bucket_arn}/dr-assistant*"]
  }

  # To tell a recording that is gone from one that may not be read.
  statement {
    sid       = "HandOverList"
    actions   = ["s3:ListBucket"]
    resources = [var.hand_over_bucket_arn]
  }

  statement {
    sid       = "HandOverKey"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.storage_kms_key_arn]
  }

  statement {
    sid       = "HealthScribeRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.health_scribe.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["transcribe.amazonaws.com"]
    }
  }
}

# The role by which HealthScribe reads a recording and writes its transcript, for jobs of this account.
data "aws_iam_policy_document" "health_scribe_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["transcribe.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "health_scribe" {
  statement {
    sid       = "HandOver"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.hand_over_bucket_arn}/*"]
  }

  statement {
    sid       = "HandOverList"
    actions   = ["s3:ListBucket"]
    resources = [var.hand_over_bucket_arn]
  }

  statement {
    sid       = "HandOverKey"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.storage_kms_key_arn]
  }
}

resource "aws_iam_role" "health_scribe" {
  name               = "${var.name}-health-scribe"
  assume_role_policy = data.aws_iam_policy_document.health_scribe_assume.json
}

resource "aws_iam_role_policy" "health_scribe" {
  role   = aws_iam_role.health_scribe.id
  policy = data.aws_iam_policy_document.health_scribe.json
}
