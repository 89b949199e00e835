# A module of its own, for a provider of the region cn-north-1.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.18"
    }
  }
}

variable "oidc_provider_exists" {
  description = "Whether the account has the identity provider already"
  type        = bool
  default     = false
}

data "aws_iam_openid_connect_provider" "bedrock" {
  count = var.oidc_provider_exists ? 1 : 0
  url   = "https://bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b"
}

resource "aws_iam_openid_connect_provider" "bedrock" {
  count          = var.oidc_provider_exists ? 0 : 1
  url            = "https://bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "AssumeWithToken"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [one(concat(data.aws_iam_openid_connect_provider.bedrock[*].arn, aws_iam_openid_connect_provider.bedrock[*].arn))]
    }

    condition {
      test     = "StringEquals"
      variable = "bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:sub"
      values   = ["ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c"]
    }
  }
}

resource "aws_iam_role" "bedrock" {
  name               = "BedrockIntegration-9e1f2a4c"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "permissions" {
  statement {
    sid = "BedrockFoundationModelAccess"
    actions = [
      "bedrock:ListFoundationModels",
      "bedrock:GetFoundationModel",
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]
    resources = ["*"]
  }

  statement {
    sid = "BedrockCustomModelAccess"
    actions = [
      "bedrock:ListCustomModels",
      "bedrock:GetCustomModel",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "IdentityVerification"
    actions   = ["sts:GetCallerIdentity"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "permissions" {
  name   = "BedrockAccess"
  role   = aws_iam_role.bedrock.name
  policy = data.aws_iam_policy_document.permissions.json
}

data "aws_iam_policy_document" "inference_profiles" {
  statement {
    sid = "BedrockInferenceProfileAccess"
    actions = [
      "bedrock:ListInferenceProfiles",
      "bedrock:GetInferenceProfile",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "BedrockModelAvailability"
    actions   = ["bedrock:GetFoundationModelAvailability"]
    resources = ["*"]
  }

  statement {
    sid       = "BedrockTokenCounting"
    actions   = ["bedrock:CountTokens"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "inference_profiles" {
  name   = "BedrockAccess-InferenceProfiles"
  role   = aws_iam_role.bedrock.name
  policy = data.aws_iam_policy_document.inference_profiles.json
}

output "role_arn" {
  value = aws_iam_role.bedrock.arn
}
