variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes, one that EKS supports."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version, e.g. 1.34."
  }
}

variable "subnet_ids" {
  description = "Ids of the private subnets of nodes and pods, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A cluster needs subnets in at least two zones."
  }
}

variable "endpoint_public_cidrs" {
  description = "Addresses from which the API of Kubernetes is reached over the internet; none keeps it inside the VPC."
  type        = set(string)

  validation {
    condition     = alltrue([for cidr in var.endpoint_public_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "endpoint_public_cidrs must be ranges in CIDR notation, and not the whole internet."
  }
}

variable "administrator_role_arns" {
  description = "ARNs of the IAM roles that administer the cluster; nobody else has access."
  type        = set(string)

  validation {
    condition     = length(var.administrator_role_arns) > 0 && alltrue([for arn in var.administrator_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", arn))])
    error_message = "administrator_role_arns needs at least one ARN of an IAM role."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster cannot be deleted until this is taken back."
  type        = bool
}

variable "node_groups" {
  description = "Groups of nodes by name."
  type = map(object({
    instance_types = list(string)
    min_size       = number
    max_size       = number
    ami_type       = optional(string, "AL2023_x86_64_STANDARD")
    capacity_type  = optional(string, "ON_DEMAND")
    labels         = optional(map(string), {})
  }))

  validation {
    condition     = length(var.node_groups) > 0 && alltrue([for group in var.node_groups : group.min_size >= 1 && group.max_size >= group.min_size])
    error_message = "Each of node_groups needs min_size of at least 1 and max_size not below it."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["ON_DEMAND", "SPOT"], group.capacity_type)])
    error_message = "capacity_type must be ON_DEMAND or SPOT."
  }
}

variable "node_disk_gib" {
  description = "Size of the disk of a node, in GiB."
  type        = number
  default     = 50
}

variable "load_balancer_security_group_id" {
  description = "Id of the security group of the load balancer, which reaches the pods of the api."
  type        = string
}

variable "api_port" {
  description = "Port on which the pods of the api listen."
  type        = number
}

variable "log_retention_days" {
  description = "Days for which logs of the control plane are kept."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts log groups."
  type        = string
}
