# Development: one zone's NAT, a database that sleeps nearly, no replicas; it may be destroyed and made anew.
module "stack" {
  source = "../../modules/stack"

  environment              = "development"
  deletion_protection      = false
  requests_per_address_max = 20000

  network = {
    cidr                = "10.20.0.0/16"
    single_nat_gateway  = true
    client_cidrs        = var.client_cidrs
    interface_endpoints = []
  }

  kubernetes = {
    namespace               = "dr-assistant-development"
    version                 = "1.34"
    administrator_role_arns = var.administrator_role_arns
    endpoint_public_cidrs   = var.endpoint_public_cidrs
    controllers             = var.controllers

    node_groups = {
      general = { instance_types = ["t3.large"], min_size = 2, max_size = 4, capacity_type = "SPOT" }
    }
  }

  database = {
    engine_version        = "17.5"
    instance_class        = "db.serverless"
    serverless_capacity   = { min = 0.5, max = 4 }
    replicas              = 0
    backup_retention_days = 3
  }

  cache = {
    node_type = "cache.t4g.micro"
    replicas  = 0
  }

  retention = {
    logs_days            = 14
    access_logs_days     = 30
    content_version_days = 7
  }

  dns = {
    zone_id            = var.zone_id
    domain_name        = var.domain_name
    load_balancer_name = var.load_balancer_name
  }

  alarms = {
    addresses            = var.alarm_addresses
    database_connections = 80
  }
}
