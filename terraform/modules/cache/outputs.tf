output "member_clusters" {
  description = "Names of the nodes, the dimension of their metrics."
  value       = [for i in range(1 + var.replicas) : format("%s-%03d", var.name, i + 1)]
}

output "url_secret_arn" {
  description = "ARN of the secret with REDIS_URL."
  value       = aws_secretsmanager_secret.url.arn
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the secrets of the cache."
  value       = aws_kms_key.this.arn
}
