# Staging: made like production and smaller, with one replica of each, so that what fails over there fails over here first.
module "stack" {
  source = "../../modules/stack"

  environment              = "staging"
  deletion_protection      = false
  requests_per_address_max = 20000

  network = {
    cidr                = "10.30.0.0/16"
    single_nat_gateway  = true
    client_cidrs        = var.client_cidrs
    interface_endpoints = ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"]
  }

  kubernetes = {
    namespace               = "dr-assistant-staging"
    version                 = "1.34"
    administrator_role_arns = var.administrator_role_arns
    endpoint_public_cidrs   = var.endpoint_public_cidrs
    controllers             = var.controllers

    node_groups = {
      general = { instance_types = ["m7i.large"], min_size = 2, max_size = 6 }
    }
  }

  database = {
    engine_version        = "17.5"
    instance_class        = "db.serverless"
    serverless_capacity   = { min = 1, max = 8 }
    replicas              = 1
    backup_retention_days = 7
  }

  cache = {
    node_type = "cache.t4g.small"
    replicas  = 1
  }

  retention = {
    logs_days            = 90
    access_logs_days     = 365
    content_version_days = 30
  }

  dns = {
    zone_id            = var.zone_id
    domain_name        = var.domain_name
    load_balancer_name = var.load_balancer_name
  }

  alarms = {
    addresses            = var.alarm_addresses
    database_connections = 200
    prometheus           = true
  }
}
