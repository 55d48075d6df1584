output "cluster_name" {
  description = "Name of the cluster, for aws eks update-kubeconfig."
  value       = module.stack.cluster_name
}

output "service_account_role_arns" {
  description = "Roles by account, for the annotation eks.amazonaws.com/role-arn of service accounts."
  value       = module.stack.service_account_role_arns
}

output "ingress" {
  description = "What the Ingress of the api and its controller name: VPC, certificate, firewall, security group, subnets and the bucket for its access logs."
  value       = module.stack.ingress
}

output "settings" {
  description = "Environment variables of the processes that are no secrets."
  value       = module.stack.settings
}

output "secret_arns" {
  description = "Secrets by name, for the ExternalSecrets of the processes."
  value       = module.stack.secret_arns
}

output "database" {
  description = "Hosts of the database, and the secret of its superuser for making the server's own user."
  value       = module.stack.database
}

output "content_volume" {
  description = "Handle of the volume behind DATA_DIR, for the driver efs.csi.aws.com."
  value       = module.stack.content_volume
}

output "content_bucket_name" {
  description = "Bucket that a backup job writes copies into, under copies/."
  value       = module.stack.content_bucket_name
}

output "repository_urls" {
  description = "Where images are pushed to and pulled from, by image."
  value       = module.stack.repository_urls
}

output "log_group_names" {
  description = "Log groups by process, for the collector in the cluster."
  value       = module.stack.log_group_names
}

output "monitoring" {
  description = "Topic of the alarms, and endpoints of the managed Prometheus and Grafana; null where there are none."
  value       = module.stack.monitoring
}
