variable "name" {
  description = "Prefix of the secrets' names."
  type        = string
}

variable "generated" {
  description = "Secrets that are made at random, by name; raising version makes a new one."
  type = map(object({
    description = string
    version     = optional(number, 1)
  }))

  validation {
    condition     = alltrue([for name in keys(var.generated) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Names of secrets are lower case with hyphens."
  }
}

variable "entered" {
  description = "Secrets that a person fills, by name, with what belongs there."
  type        = map(string)

  validation {
    condition     = alltrue([for name in keys(var.entered) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Names of secrets are lower case with hyphens."
  }
}

variable "recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0 deletes at once."
  type        = number

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days must be 0, or from 7 to 30."
  }
}
