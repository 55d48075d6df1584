variable "name" {
  description = "Prefix of the repositories' names."
  type        = string
}

variable "repositories" {
  description = "Images that are kept, one repository each."
  type        = set(string)
  default     = ["api", "bots", "migrate", "worker"]

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in var.repositories : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "repositories needs at least one name, lower case with hyphens."
  }
}

variable "images_kept" {
  description = "Newest images that stay in each repository; what runs must be among them."
  type        = number
  default     = 50

  validation {
    condition     = var.images_kept >= 10
    error_message = "images_kept must be at least 10, or what runs could be thrown away."
  }
}

variable "deletion_protection" {
  description = "Whether repositories can be destroyed only when they are empty."
  type        = bool
}
