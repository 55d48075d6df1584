# The file system behind DATA_DIR, which all copies of the api and the worker share: packages, and Binary content that is not
# in the bucket.
resource "aws_efs_file_system" "content" {
  creation_token  = "${var.name}-content"
  encrypted       = true
  kms_key_id      = aws_kms_key.this.arn
  throughput_mode = "elastic"
  tags            = { Name = "${var.name}-content" }

  lifecycle_policy {
    transition_to_ia = "AFTER_90_DAYS"
  }
}

# AWS Backup copies it each day and keeps the copies for 35 days.
resource "aws_efs_backup_policy" "content" {
  file_system_id = aws_efs_file_system.content.id

  backup_policy {
    status = "ENABLED"
  }
}

data "aws_iam_policy_document" "content_files" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["*"]
    resources = [aws_efs_file_system.content.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "ByMountTargetsAlone"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.content.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "elasticfilesystem:AccessedViaMountTarget"
      values   = ["true"]
    }
  }
}

resource "aws_efs_file_system_policy" "content" {
  file_system_id = aws_efs_file_system.content.id
  policy         = data.aws_iam_policy_document.content_files.json
}

# As the user node of the image, whatever user a pod has.
resource "aws_efs_access_point" "content" {
  file_system_id = aws_efs_file_system.content.id

  posix_user {
    uid = 1000
    gid = 1000
  }

  root_directory {
    path = "/content"

    creation_info {
      owner_uid   = 1000
      owner_gid   = 1000
      permissions = "0700"
    }
  }
}

resource "aws_security_group" "files" {
  name_prefix = "${var.name}-files-"
  description = "File system of Binary content"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "files" {
  security_group_id            = aws_security_group.files.id
  description                  = "NFS from nodes and pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_efs_mount_target" "content" {
  for_each = var.subnet_ids

  file_system_id  = aws_efs_file_system.content.id
  subnet_id       = each.value
  security_groups = [aws_security_group.files.id]
}
