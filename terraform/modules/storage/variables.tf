variable "name" {
  description = "Prefix of all names; with a suffix and the account's number it names buckets, which have at most 63 characters."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,39}$", var.name))
    error_message = "name must be lower case, at most 40 characters long."
  }
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of the private subnets by zone, in which the file system has an address each."
  type        = map(string)
}

variable "client_security_group_id" {
  description = "Id of the security group of nodes and pods, which alone reach the file system."
  type        = string
}

variable "content_version_days" {
  description = "Days for which replaced and deleted copies of content are kept."
  type        = number

  validation {
    condition     = var.content_version_days >= 1
    error_message = "content_version_days must be at least 1."
  }
}

variable "log_retention_days" {
  description = "Days for which access logs are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days must be at least 1."
  }
}

variable "deletion_protection" {
  description = "Whether buckets with content and logs can be destroyed only when they are empty."
  type        = bool
}
