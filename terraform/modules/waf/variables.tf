variable "name" {
  description = "Name of the firewall."
  type        = string
}

variable "requests_per_address_max" {
  description = "Requests of one address in five minutes beyond which it is blocked for a while; a clinic behind one address shares them."
  type        = number

  validation {
    condition     = var.requests_per_address_max >= 100
    error_message = "requests_per_address_max must be at least 100."
  }
}

variable "log_retention_days" {
  description = "Days for which it is kept what was blocked."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts log groups."
  type        = string
}
