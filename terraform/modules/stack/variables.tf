variable "environment" {
  description = "Which environment this is; production is held to more."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment must be development, staging or production."
  }
}

variable "network" {
  description = "Addresses of the VPC, NAT, endpoints of AWS services, and from where clients come."
  type = object({
    cidr                = string
    single_nat_gateway  = bool
    client_cidrs        = set(string)
    interface_endpoints = set(string)
  })

  validation {
    condition     = var.environment != "production" || !var.network.single_nat_gateway
    error_message = "Production needs a NAT gateway in each zone: single_nat_gateway must be false."
  }
}

variable "kubernetes" {
  description = "The cluster: its version, nodes, who administers it and from where, and service accounts of controllers."
  type = object({
    version                 = string
    namespace               = optional(string, "dr-assistant")
    administrator_role_arns = set(string)
    endpoint_public_cidrs   = optional(set(string), [])
    node_groups = map(object({
      instance_types = list(string)
      min_size       = number
      max_size       = number
      ami_type       = optional(string, "AL2023_x86_64_STANDARD")
      capacity_type  = optional(string, "ON_DEMAND")
      labels         = optional(map(string), {})
    }))
    controllers = optional(map(object({
      namespace       = string
      service_account = string
      policy_arns     = list(string)
    })), {})
  })

  validation {
    condition     = var.environment != "production" || length(var.kubernetes.endpoint_public_cidrs) == 0
    error_message = "In production the API of Kubernetes stays inside the VPC: endpoint_public_cidrs must be empty."
  }

  validation {
    condition     = var.environment != "production" || sum(concat([0], [for group in var.kubernetes.node_groups : group.capacity_type == "ON_DEMAND" ? group.min_size : 0])) >= 3
    error_message = "Production needs at least three nodes that are not spot, one for each zone."
  }
}

variable "database" {
  description = "Version, size, replicas and backups of the database."
  type = object({
    engine_version = string
    instance_class = string
    serverless_capacity = optional(object({
      min = number
      max = number
    }))
    replicas              = number
    backup_retention_days = number
  })

  validation {
    condition     = var.environment != "production" || var.database.replicas >= 1
    error_message = "Production needs a replica of the database that can take over."
  }

  validation {
    condition     = var.environment != "production" || var.database.backup_retention_days >= 30
    error_message = "Production keeps backups of the database for at least 30 days."
  }
}

variable "cache" {
  description = "Size and replicas of the cache; raising auth_version makes a new password."
  type = object({
    node_type    = string
    replicas     = number
    auth_version = optional(number, 1)
  })

  validation {
    condition     = var.environment != "production" || var.cache.replicas >= 1
    error_message = "Production needs a replica of the cache that can take over."
  }
}

variable "retention" {
  description = "Days for which logs of processes, access logs, and replaced copies of content are kept."
  type = object({
    logs_days            = number
    access_logs_days     = number
    content_version_days = number
  })

  validation {
    condition     = var.environment != "production" || (var.retention.logs_days >= 365 && var.retention.access_logs_days >= 365)
    error_message = "Production keeps logs for at least a year."
  }

  validation {
    condition     = var.environment != "production" || var.retention.content_version_days >= 30
    error_message = "Production keeps replaced copies of content for at least 30 days."
  }
}

variable "deletion_protection" {
  description = "Whether what holds data cannot be destroyed until this is taken back."
  type        = bool

  validation {
    condition     = var.environment != "production" || var.deletion_protection
    error_message = "Production needs deletion_protection."
  }
}

variable "dns" {
  description = "Zone and name of the server, and the name of its load balancer once there is one."
  type = object({
    zone_id            = string
    domain_name        = string
    load_balancer_name = optional(string)
  })
}

variable "requests_per_address_max" {
  description = "Requests of one address in five minutes beyond which the firewall blocks it for a while."
  type        = number
}

variable "alarms" {
  description = "Whom alarms tell, the number of database connections that is too many, and whether there are managed Prometheus and Grafana."
  type = object({
    addresses            = set(string)
    database_connections = number
    prometheus           = optional(bool, false)
    grafana              = optional(bool, false)
  })

  validation {
    condition     = var.environment != "production" || length(var.alarms.addresses) > 0
    error_message = "Production needs an address that alarms go to."
  }
}
