variable "name" {
  description = "Prefix of the roles' names."
  type        = string

  validation {
    condition     = length(var.name) <= 40
    error_message = "name must have at most 40 characters, since roles' names have at most 64."
  }
}

variable "namespace" {
  description = "Namespace of the processes in the cluster."
  type        = string
}

variable "oidc_provider_arn" {
  description = "ARN of the provider that vouches for service accounts."
  type        = string
}

variable "oidc_issuer_host" {
  description = "Issuer of the tokens of service accounts, without https://."
  type        = string

  validation {
    condition     = !startswith(var.oidc_issuer_host, "https://")
    error_message = "oidc_issuer_host must come without https://."
  }
}

variable "hand_over_bucket_name" {
  description = "Name of the bucket through which recordings are handed over."
  type        = string
}

variable "hand_over_bucket_arn" {
  description = "ARN of the bucket through which recordings are handed over."
  type        = string
}

variable "content_bucket_arn" {
  description = "ARN of the bucket for Binary content, files of exports and copies of dumps."
  type        = string
}

variable "content_prefix" {
  description = "What keys of Binary content and of exports begin with, without a slash: S3_PREFIX of api and worker."
  type        = string
}

variable "storage_kms_key_arn" {
  description = "ARN of the key that encrypts both buckets."
  type        = string
}

variable "secret_arns" {
  description = "ARNs of the secrets that are brought into the cluster."
  type        = list(string)
}

variable "secret_kms_key_arns" {
  description = "ARNs of the keys that encrypt these secrets."
  type        = list(string)
}

variable "controllers" {
  description = "Further service accounts by name, such as that of the AWS Load Balancer Controller, with the policies that their makers ask for."
  type = map(object({
    namespace       = string
    service_account = string
    policy_arns     = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for account in var.controllers : alltrue([for arn in account.policy_arns : !can(regex("/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$", arn))])])
    error_message = "A controller does not get AdministratorAccess, PowerUserAccess or IAMFullAccess."
  }

  validation {
    condition     = length(setintersection(keys(var.controllers), ["api", "worker", "bots", "backup", "external_secrets"])) == 0
    error_message = "api, worker, bots, backup and external_secrets have roles of their own."
  }
}
