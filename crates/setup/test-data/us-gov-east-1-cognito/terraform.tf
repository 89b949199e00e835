# A module of its own, for a provider of the region us-gov-east-1.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.18"
    }
  }
}

variable "password" {
  type      = string
  sensitive = true
}

resource "aws_cognito_user_pool" "bedrock" {
  name = "BedrockInte-9e1f2a4c"

  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

resource "aws_cognito_user" "bedrock" {
  user_pool_id = aws_cognito_user_pool.bedrock.id
  username     = "bedrock-integration"
  password     = var.password
}

resource "aws_cognito_user_pool_client" "bedrock" {
  name         = "BedrockInte-9e1f2a4c"
  user_pool_id = aws_cognito_user_pool.bedrock.id
  explicit_auth_flows = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
  ]
}

resource "aws_cognito_identity_pool" "bedrock" {
  identity_pool_name               = "BedrockInte-9e1f2a4c"
  allow_unauthenticated_identities = false

  cognito_identity_providers {
    client_id               = aws_cognito_user_pool_client.bedrock.id
    provider_name           = aws_cognito_user_pool.bedrock.endpoint
    server_side_token_check = false
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "SignedInUsersOfThePool"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.us-gov-east-1.amazonaws.com"]
    }

    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.us-gov-east-1.amazonaws.com:amr"
      values   = ["authenticated"]
    }

    condition {
      test     = "StringEquals"
      variable = "cognito-identity.us-gov-east-1.amazonaws.com:aud"
      values   = [aws_cognito_identity_pool.bedrock.id]
    }
  }
}

resource "aws_iam_role" "bedrock" {
  name               = "BedrockInte-9e1f2a4c"
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

resource "aws_cognito_identity_pool_roles_attachment" "bedrock" {
  identity_pool_id = aws_cognito_identity_pool.bedrock.id
  roles = {
    authenticated = aws_iam_role.bedrock.arn
  }
}

output "user_pool_id" {
  value = aws_cognito_user_pool.bedrock.id
}

output "app_client_id" {
  value = aws_cognito_user_pool_client.bedrock.id
}

output "identity_pool_id" {
  value = aws_cognito_identity_pool.bedrock.id
}

output "username" {
  value = aws_cognito_user.bedrock.username
}
