# One environment, put together: what differs between environments is given by their roots.
locals {
  name     = "dr-assistant-${var.environment}"
  api_port = 8103

  # Outside of production a deleted secret is gone at once, so that its name can be used again.
  secret_recovery_days = var.deletion_protection ? 30 : 0
}

module "network" {
  source = "../network"

  name                    = local.name
  cidr                    = var.network.cidr
  single_nat_gateway      = var.network.single_nat_gateway
  interface_endpoints     = var.network.interface_endpoints
  client_cidrs            = var.network.client_cidrs
  api_port                = local.api_port
  flow_log_retention_days = var.retention.logs_days
  logs_kms_key_arn        = module.observability.logs_kms_key_arn
}

module "eks" {
  source = "../eks"

  name                            = local.name
  kubernetes_version              = var.kubernetes.version
  subnet_ids                      = values(module.network.private_subnet_ids)
  endpoint_public_cidrs           = var.kubernetes.endpoint_public_cidrs
  administrator_role_arns         = var.kubernetes.administrator_role_arns
  node_groups                     = var.kubernetes.node_groups
  load_balancer_security_group_id = module.network.load_balancer_security_group_id
  api_port                        = local.api_port
  deletion_protection             = var.deletion_protection
  log_retention_days              = var.retention.logs_days
  logs_kms_key_arn                = module.observability.logs_kms_key_arn
}

module "database" {
  source = "../database"

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = values(module.network.database_subnet_ids)
  client_security_group_id = module.eks.cluster_security_group_id
  engine_version           = var.database.engine_version
  instance_class           = var.database.instance_class
  serverless_capacity      = var.database.serverless_capacity
  replicas                 = var.database.replicas
  backup_retention_days    = var.database.backup_retention_days
  deletion_protection      = var.deletion_protection
  log_retention_days       = var.retention.logs_days
  logs_kms_key_arn         = module.observability.logs_kms_key_arn
}

module "cache" {
  source = "../cache"

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = values(module.network.database_subnet_ids)
  client_security_group_id = module.eks.cluster_security_group_id
  node_type                = var.cache.node_type
  replicas                 = var.cache.replicas
  auth_version             = var.cache.auth_version
  secret_recovery_days     = local.secret_recovery_days
}

module "storage" {
  source = "../storage"

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.private_subnet_ids
  client_security_group_id = module.eks.cluster_security_group_id
  content_version_days     = var.retention.content_version_days
  log_retention_days       = var.retention.access_logs_days
  deletion_protection      = var.deletion_protection
}

module "secrets" {
  source = "../secrets"

  name          = local.name
  recovery_days = local.secret_recovery_days

  generated = {
    cookie-secret           = { description = "COOKIE_SECRET of all copies of api and worker; a new one ends sessions and page links" }
    bot-subscription-secret = { description = "BOT_SUBSCRIPTION_SECRET of the bots" }
    ai-cache-secret         = { description = "AI_CACHE_SECRET of the bots" }
  }

  entered = {
    database-url         = "DATABASE_URL of the server's own user, with sslmode=verify-full"
    smtp-url             = "SMTP_URL, if notifications go by e-mail"
    bot-keys             = "Private JWKs of the bots, a JSON object by file name, for BOT_KEY_DIR"
    azure-openai-api-key = "AZURE_OPENAI_API_KEY, if that service is used"
    openai-api-key       = "OPENAI_API_KEY, if such an endpoint is used"
  }
}

module "identity" {
  source = "../identity"

  name                  = local.name
  namespace             = var.kubernetes.namespace
  oidc_provider_arn     = module.eks.oidc_provider_arn
  oidc_issuer_host      = module.eks.oidc_issuer_host
  hand_over_bucket_name = module.storage.hand_over_bucket_name
  hand_over_bucket_arn  = module.storage.hand_over_bucket_arn
  content_bucket_arn    = module.storage.content_bucket_arn
  content_prefix        = module.storage.content_prefix
  storage_kms_key_arn   = module.storage.kms_key_arn
  secret_arns           = concat(values(module.secrets.secret_arns), [module.cache.url_secret_arn])
  secret_kms_key_arns   = [module.secrets.kms_key_arn, module.cache.kms_key_arn]
  controllers           = var.kubernetes.controllers
}

module "observability" {
  source = "../observability"

  name                       = local.name
  log_retention_days         = var.retention.logs_days
  alarm_addresses            = var.alarms.addresses
  database_cluster           = module.database.cluster_identifier
  database_connections_alarm = var.alarms.database_connections
  cache_members              = module.cache.member_clusters
  certificate_arn            = module.dns_tls.certificate_arn
  prometheus                 = var.alarms.prometheus
  grafana                    = var.alarms.grafana
}

module "ecr" {
  source = "../ecr"

  name                = local.name
  deletion_protection = var.deletion_protection
}

module "dns_tls" {
  source = "../dns_tls"

  zone_id            = var.dns.zone_id
  domain_name        = var.dns.domain_name
  load_balancer_name = var.dns.load_balancer_name
}

module "waf" {
  source = "../waf"

  name                     = local.name
  requests_per_address_max = var.requests_per_address_max
  log_retention_days       = var.retention.logs_days
  logs_kms_key_arn         = module.observability.logs_kms_key_arn
}
