# A module of its own, for a provider of the region us-gov-west-1.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.18"
    }
  }
}

resource "aws_iam_user" "bedrock" {
  name = "BedrockIntegration-9e1f2a4c"
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

  statement {
    sid       = "BedrockApiKeyAccess"
    actions   = ["bedrock:CallWithBearerToken"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "permissions" {
  name   = "BedrockAccess-9e1f2a4c"
  policy = data.aws_iam_policy_document.permissions.json
}

resource "aws_iam_user_policy_attachment" "permissions" {
  user       = aws_iam_user.bedrock.name
  policy_arn = aws_iam_policy.permissions.arn
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

resource "aws_iam_policy" "inference_profiles" {
  name   = "BedrockAccess-9e1f2a4c-InferenceProfiles"
  policy = data.aws_iam_policy_document.inference_profiles.json
}

resource "aws_iam_user_policy_attachment" "inference_profiles" {
  user       = aws_iam_user.bedrock.name
  policy_arn = aws_iam_policy.inference_profiles.arn
}

resource "aws_iam_service_specific_credential" "bedrock" {
  user_name           = aws_iam_user.bedrock.name
  service_name        = "bedrock.amazonaws.com"
  credential_age_days = 90
}

output "api_key" {
  value     = aws_iam_service_specific_credential.bedrock.service_credential_secret
  sensitive = true
}
