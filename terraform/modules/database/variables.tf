variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of the subnets of the database, in three zones."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Id of the security group of nodes and pods, which alone reach the database."
  type        = string
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL, 15 or newer, one that the region offers."
  type        = string

  validation {
    condition     = can(regex("^(1[5-9]|[2-9][0-9])\\.[0-9]+$", var.engine_version))
    error_message = "engine_version must be 15 or newer with its minor version, e.g. 17.5."
  }
}

variable "instance_class" {
  description = "Class of the writer and the replicas, or db.serverless."
  type        = string

  validation {
    condition     = startswith(var.instance_class, "db.") && (var.instance_class == "db.serverless") == (var.serverless_capacity != null)
    error_message = "instance_class must begin with db., and serverless_capacity belongs to db.serverless alone."
  }
}

variable "serverless_capacity" {
  description = "Least and most Aurora capacity units of db.serverless; null for other classes."
  type = object({
    min = number
    max = number
  })
  default = null

  validation {
    condition     = var.serverless_capacity == null ? true : var.serverless_capacity.min >= 0.5 && var.serverless_capacity.max >= var.serverless_capacity.min
    error_message = "serverless_capacity needs min of at least 0.5, below which the worker's polling would keep it awake, and max not below it."
  }
}

variable "replicas" {
  description = "Replicas besides the writer, each in another zone while there are any; one of them takes over when the writer fails."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 15 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 15."
  }
}

variable "backup_retention_days" {
  description = "Days of which every moment can be restored."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be from 1 to 35, which is the most that Aurora keeps."
  }
}

variable "deletion_protection" {
  description = "Whether the database cannot be deleted until this is taken back; then a last snapshot is kept."
  type        = bool
}

variable "log_retention_days" {
  description = "Days for which logs of PostgreSQL are kept."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts log groups."
  type        = string
}
