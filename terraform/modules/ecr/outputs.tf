output "repository_urls" {
  description = "Addresses of the repositories by image, for docker push and the images of the cluster."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}
