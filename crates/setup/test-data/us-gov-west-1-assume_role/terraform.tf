# A module of its own, for a provider of the region us-gov-west-1.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.18"
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "AssumeWithExternalId"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws-us-gov:iam::111122223333:role/bedrock-integrations"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["bi-0123456789abcdef0123456789abcdef01234567"]
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
