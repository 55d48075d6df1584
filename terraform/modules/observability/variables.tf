variable "name" {
  description = "Prefix of all names."
  type        = string
}

variable "processes" {
  description = "Processes that have a log group each."
  type        = set(string)
  default     = ["api", "worker", "bots"]
}

variable "log_retention_days" {
  description = "Days for which logs of the processes are kept, one of the numbers that CloudWatch knows."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number that CloudWatch knows, e.g. 30, 90, 365 or 2192, and not for ever."
  }
}

variable "alarm_addresses" {
  description = "E-mail addresses that alarms go to; each has to confirm once."
  type        = set(string)

  validation {
    condition     = alltrue([for address in var.alarm_addresses : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_addresses must be e-mail addresses."
  }
}

variable "database_cluster" {
  description = "Identifier of the database cluster."
  type        = string
}

variable "database_connections_alarm" {
  description = "Number of connections above which something is wrong: the sum in fhir-server/docs/operations.md, and some."
  type        = number
}

variable "cache_members" {
  description = "Names of the nodes of the cache."
  type        = list(string)
}

variable "certificate_arn" {
  description = "ARN of the certificate whose end is watched."
  type        = string
}

variable "prometheus" {
  description = "Whether there is a managed Prometheus with the alerts of operations.md."
  type        = bool
}

variable "grafana" {
  description = "Whether there is a managed Grafana, which needs IAM Identity Center in the account."
  type        = bool

  validation {
    condition     = !var.grafana || var.prometheus
    error_message = "grafana needs prometheus, whose figures it shows."
  }
}
