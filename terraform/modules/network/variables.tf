variable "name" {
  description = "Prefix of all names, e.g. dr-assistant-production."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC, a private /16."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "cidr must be a /16 in CIDR notation, e.g. 10.20.0.0/16."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones instead of one in each: cheaper, and without a way out when its zone fails."
  type        = bool
}

variable "interface_endpoints" {
  description = "Services of AWS that are reached by an address in the private subnets, by the last part of the endpoint's service name."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"]
}

variable "client_cidrs" {
  description = "Addresses from which clients reach the load balancer."
  type        = set(string)

  validation {
    condition     = length(var.client_cidrs) > 0 && alltrue([for cidr in var.client_cidrs : can(cidrnetmask(cidr))])
    error_message = "client_cidrs needs at least one IPv4 range in CIDR notation."
  }
}

variable "api_port" {
  description = "Port on which the pods of the api listen."
  type        = number

  validation {
    condition     = var.api_port > 1023 && var.api_port < 65536
    error_message = "api_port must be between 1024 and 65535."
  }
}

variable "flow_log_retention_days" {
  description = "Days for which flow logs are kept."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts log groups."
  type        = string
}
