# The name of BASE_URL: its certificate, proved by records in DNS, and the way to the load balancer once there is one.
data "aws_route53_zone" "this" {
  zone_id = var.zone_id
}

resource "aws_acm_certificate" "this" {
  domain_name       = var.domain_name
  validation_method = "DNS"
  key_algorithm     = "EC_prime256v1"

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.domain_name == trimsuffix(data.aws_route53_zone.this.name, ".") || endswith(var.domain_name, ".${trimsuffix(data.aws_route53_zone.this.name, ".")}")
      error_message = "domain_name must lie in the zone."
    }
  }
}

resource "aws_route53_record" "validation" {
  for_each = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }

  zone_id         = data.aws_route53_zone.this.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

# Nobody but Amazon's authority may give out certificates for the name.
resource "aws_route53_record" "authorities" {
  zone_id = data.aws_route53_zone.this.zone_id
  name    = var.domain_name
  type    = "CAA"
  records = ["0 issue \"amazon.com\""]
  ttl     = 3600
}

# The load balancer is made in the cluster: its name is known after the first Ingress.
data "aws_lb" "this" {
  count = var.load_balancer_name == null ? 0 : 1

  name = var.load_balancer_name
}

resource "aws_route53_record" "address" {
  count = var.load_balancer_name == null ? 0 : 1

  zone_id = data.aws_route53_zone.this.zone_id
  name    = var.domain_name
  type    = "A"

  alias {
    name                   = data.aws_lb.this[0].dns_name
    zone_id                = data.aws_lb.this[0].zone_id
    evaluate_target_health = true
  }
}
