output "role_arns" {
  description = "ARNs of the roles by account, for the annotation eks.amazonaws.com/role-arn of service accounts."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "health_scribe_role_arn" {
  description = "AI_HEALTHSCRIBE_ROLE_ARN of the bots."
  value       = aws_iam_role.health_scribe.arn
}
