output "content_bucket_arn" {
  description = "ARN of the bucket for Binary content, files of exports and copies of dumps."
  value       = aws_s3_bucket.content.arn
}

output "content_bucket_name" {
  description = "Name of the bucket for Binary content, files of exports and copies of dumps."
  value       = aws_s3_bucket.content.id
}

output "content_prefix" {
  description = "S3_PREFIX of api and worker: what keys of Binary content and of exports begin with."
  value       = local.content_prefix
}

output "hand_over_bucket_arn" {
  description = "ARN of the bucket through which recordings are handed over."
  value       = aws_s3_bucket.hand_over.arn
}

output "hand_over_bucket_name" {
  description = "AI_TRANSCRIBE_MEDICAL_BUCKET of the bots."
  value       = aws_s3_bucket.hand_over.id
}

output "logs_bucket_name" {
  description = "Name of the bucket for access logs; those of the load balancer go under load-balancer/."
  value       = aws_s3_bucket.logs.id
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts content and recordings: AI_TRANSCRIBE_MEDICAL_KMS_KEY_ARN of the bots."
  value       = aws_kms_key.this.arn
}

output "file_system_id" {
  description = "Id of the file system behind DATA_DIR."
  value       = aws_efs_file_system.content.id
}

output "access_point_id" {
  description = "Id of the access point, the second half of the volume handle <file system>::<access point>."
  value       = aws_efs_access_point.content.id
}
