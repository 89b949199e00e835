# For a provider of the region us-gov-west-1.

resource "aws_iam_user" "bedrock" {
  name = "BedrockIntegration"
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

resource "aws_iam_user_policy" "permissions" {
  name   = "BedrockAccess"
  user   = aws_iam_user.bedrock.name
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
}

resource "aws_iam_user_policy" "inference_profiles" {
  name   = "BedrockAccessInferenceProfiles"
  user   = aws_iam_user.bedrock.name
  policy = data.aws_iam_policy_document.inference_profiles.json
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
