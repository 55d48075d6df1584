terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.66"
    }
  }

  # Bucket, region and key come from terraform/bootstrap: terraform init -backend-config=backend.hcl
  backend "s3" {
    key          = "development/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project     = "dr-assistant"
      Environment = "development"
      ManagedBy   = "terraform"
    }
  }
}
