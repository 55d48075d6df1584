# Production: everything over three zones, nothing with data can be destroyed by mistake, logs for years.
module "stack" {
  source = "../../modules/stack"

  environment              = "production"
  deletion_protection      = true
  requests_per_address_max = 20000

  network = {
    cidr                = "10.40.0.0/16"
    single_nat_gateway  = false
    client_cidrs        = var.client_cidrs
    interface_endpoints = ["comprehendmedical", "ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts", "transcribe"]
  }

  kubernetes = {
    namespace               = "dr-assistant-production"
    version                 = "1.34"
    administrator_role_arns = var.administrator_role_arns
    controllers             = var.controllers

    node_groups = {
      general = { instance_types = ["m7i.xlarge"], min_size = 3, max_size = 12 }
    }
  }

  database = {
    engine_version        = "17.5"
    instance_class        = "db.r7g.xlarge"
    replicas              = 2
    backup_retention_days = 35
  }

  cache = {
    node_type = "cache.m7g.large"
    replicas  = 2
  }

  retention = {
    logs_days            = 731
    access_logs_days     = 2192
    content_version_days = 90
  }

  dns = {
    zone_id            = var.zone_id
    domain_name        = var.domain_name
    load_balancer_name = var.load_balancer_name
  }

  alarms = {
    addresses            = var.alarm_addresses
    database_connections = 400
    prometheus           = true
  }
}
