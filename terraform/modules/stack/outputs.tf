output "cluster_name" {
  description = "Name of the cluster, for aws eks update-kubeconfig."
  value       = module.eks.cluster_name
}

output "service_account_role_arns" {
  description = "Roles by account, for the annotation eks.amazonaws.com/role-arn of service accounts."
  value       = module.identity.role_arns
}

output "ingress" {
  description = "What the Ingress of the api and its controller name: VPC, certificate, firewall, security group, subnets and the bucket for its access logs."
  value = {
    vpc_id            = module.network.vpc_id
    certificate_arn   = module.dns_tls.certificate_arn
    web_acl_arn       = module.waf.web_acl_arn
    security_group_id = module.network.load_balancer_security_group_id
    subnet_ids        = values(module.network.public_subnet_ids)
    logs_bucket       = module.storage.logs_bucket_name
    logs_prefix       = "load-balancer"
  }
}

output "settings" {
  description = "Environment variables of the processes that are no secrets."
  value = {
    BASE_URL                          = module.dns_tls.base_url
    S3_BUCKET                         = module.storage.content_bucket_name
    S3_PREFIX                         = module.storage.content_prefix
    S3_KMS_KEY_ID                     = module.storage.kms_key_arn
    AI_TRANSCRIBE_MEDICAL_BUCKET      = module.storage.hand_over_bucket_name
    AI_TRANSCRIBE_MEDICAL_KMS_KEY_ARN = module.storage.kms_key_arn
    AI_HEALTHSCRIBE_ROLE_ARN          = module.identity.health_scribe_role_arn
  }
}

output "secret_arns" {
  description = "Secrets by name, for the ExternalSecrets of the processes."
  value       = merge(module.secrets.secret_arns, { redis-url = module.cache.url_secret_arn })
}

output "database" {
  description = "Hosts of the database, and the secret of its superuser for making the server's own user."
  value = {
    writer_endpoint   = module.database.writer_endpoint
    reader_endpoint   = module.database.reader_endpoint
    master_secret_arn = module.database.master_secret_arn
  }
}

output "content_volume" {
  description = "Handle of the volume behind DATA_DIR, for the driver efs.csi.aws.com."
  value       = "${module.storage.file_system_id}::${module.storage.access_point_id}"
}

output "content_bucket_name" {
  description = "Bucket of Binary content and exports, and that a backup job writes copies into, under copies/."
  value       = module.storage.content_bucket_name
}

output "repository_urls" {
  description = "Where images are pushed to and pulled from, by image."
  value       = module.ecr.repository_urls
}

output "log_group_names" {
  description = "Log groups by process, for the collector in the cluster."
  value       = module.observability.log_group_names
}

output "monitoring" {
  description = "Topic of the alarms, and endpoints of the managed Prometheus and Grafana; null where there are none."
  value = {
    alarms_topic_arn    = module.observability.alarms_topic_arn
    prometheus_endpoint = module.observability.prometheus_endpoint
    grafana_endpoint    = module.observability.grafana_endpoint
  }
}
