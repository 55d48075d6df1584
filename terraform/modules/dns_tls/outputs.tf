output "certificate_arn" {
  description = "ARN of the certificate once it is proved, for the annotation alb.ingress.kubernetes.io/certificate-arn."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "base_url" {
  description = "BASE_URL of the processes."
  value       = "https://${var.domain_name}"
}
