variable "account_id" {
  description = "Number of the AWS account; nothing is done in any other."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have twelve digits."
  }
}

variable "region" {
  description = "Region, one that your contract about patients' data allows and that has the AI services you use."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of a region, e.g. us-east-1."
  }
}

variable "zone_id" {
  description = "Id of the public zone in Route 53 in which the name lies."
  type        = string
}

variable "domain_name" {
  description = "Name by which clients reach the server, the host of BASE_URL."
  type        = string
}

variable "load_balancer_name" {
  description = "Name of the load balancer that the Ingress has made; null at first."
  type        = string
  default     = null
}

variable "client_cidrs" {
  description = "Addresses from which clients reach the load balancer."
  type        = set(string)
}

variable "administrator_role_arns" {
  description = "ARNs of the IAM roles that administer the cluster."
  type        = set(string)
}

variable "alarm_addresses" {
  description = "E-mail addresses that alarms go to."
  type        = set(string)
}

variable "controllers" {
  description = "Service accounts of controllers in the cluster, with the policies that their makers ask for."
  type = map(object({
    namespace       = string
    service_account = string
    policy_arns     = list(string)
  }))
  default = {}
}

variable "endpoint_public_cidrs" {
  description = "Addresses from which the API of Kubernetes is reached over the internet; none keeps it inside the VPC."
  type        = set(string)
  default     = []
}
