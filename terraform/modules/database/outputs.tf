output "cluster_identifier" {
  description = "Identifier of the cluster, the dimension of its metrics."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "writer_endpoint" {
  description = "Host of the writer, for DATABASE_URL."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Host of the replicas, for reports; the server itself uses the writer alone, since Aurora's readers do not tell how far they are."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "master_secret_arn" {
  description = "ARN of the secret with the password of the superuser, which RDS rotates; for making the server's own user."
  value       = aws_rds_cluster.this.master_user_secret[0].secret_arn
}
