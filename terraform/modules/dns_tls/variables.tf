variable "zone_id" {
  description = "Id of the public zone in Route 53 in which the name lies."
  type        = string

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id must be the id of a zone, e.g. Z0123456789ABCDEFGHIJ."
  }
}

variable "domain_name" {
  description = "Name by which clients reach the server, the host of BASE_URL."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a host name in lower case, e.g. fhir.clinic.example."
  }
}

variable "load_balancer_name" {
  description = "Name of the load balancer that an Ingress has made; null until there is one."
  type        = string
  default     = null
}
