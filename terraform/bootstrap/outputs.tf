output "backend" {
  description = "Content of backend.hcl, which terraform init of an environment reads."
  value       = <<-HCL
    bucket     = "${aws_s3_bucket.state.id}"
    region     = "${var.region}"
    kms_key_id = "${aws_kms_key.state.arn}"
  HCL
}
