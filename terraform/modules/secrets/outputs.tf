output "secret_arns" {
  description = "ARNs of the secrets by name."
  value = merge(
    { for name, secret in aws_secretsmanager_secret.generated : name => secret.arn },
    { for name, secret in aws_secretsmanager_secret.entered : name => secret.arn },
  )
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the secrets."
  value       = aws_kms_key.this.arn
}
