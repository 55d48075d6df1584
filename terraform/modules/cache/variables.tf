variable "name" {
  description = "Name of the cache, at most 40 characters."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name must be lower case, at most 40 characters long."
  }
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of the subnets of the cache."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Id of the security group of nodes and pods, which alone reach the cache."
  type        = string
}

variable "node_type" {
  description = "Type of the nodes."
  type        = string

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "node_type must begin with cache."
  }
}

variable "replicas" {
  description = "Replicas besides the primary, in other zones; with any, one of them takes over when the primary fails."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 5."
  }
}

variable "auth_version" {
  description = "Raise it by one to have a new password made."
  type        = number
  default     = 1
}

variable "secret_recovery_days" {
  description = "Days for which a deleted secret can be brought back."
  type        = number
}
