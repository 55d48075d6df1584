output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Ids of the subnets of nodes and pods by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "public_subnet_ids" {
  description = "Ids of the subnets of load balancers by zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "database_subnet_ids" {
  description = "Ids of the subnets of the database and the cache by zone."
  value       = { for zone, subnet in aws_subnet.database : zone => subnet.id }
}

output "load_balancer_security_group_id" {
  description = "Id of the security group that an Ingress names for its load balancer."
  value       = aws_security_group.load_balancer.id
}
