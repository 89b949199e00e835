(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
aws iam create-user --user-name BedrockIntegration-9e1f2a4c >/dev/null
policy_arn=$(aws iam create-policy --policy-name BedrockAccess-9e1f2a4c --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "BedrockFoundationModelAccess",
      "Effect": "Allow",
      "Action": [
        "bedrock:ListFoundationModels",
        "bedrock:GetFoundationModel",
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream"
      ],
      "Resource": "*"
    },
    {
      "Sid": "BedrockCustomModelAccess",
      "Effect": "Allow",
      "Action": [
        "bedrock:ListCustomModels",
        "bedrock:GetCustomModel"
      ],
      "Resource": "*"
    },
    {
      "Sid": "IdentityVerification",
      "Effect": "Allow",
      "Action": [
        "sts:GetCallerIdentity"
      ],
      "Resource": "*"
    },
    {
      "Sid": "BedrockApiKeyAccess",
      "Effect": "Allow",
      "Action": [
        "bedrock:CallWithBearerToken"
      ],
      "Resource": "*"
    }
  ]
}' --query Policy.Arn --output text)
aws iam attach-user-policy --user-name 'BedrockIntegration-9e1f2a4c' --policy-arn "$policy_arn"
policy_arn=$(aws iam create-policy --policy-name BedrockAccess-9e1f2a4c-InferenceProfiles --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "BedrockInferenceProfileAccess",
      "Effect": "Allow",
      "Action": [
        "bedrock:ListInferenceProfiles",
        "bedrock:GetInferenceProfile"
      ],
      "Resource": "*"
    },
    {
      "Sid": "BedrockModelAvailability",
      "Effect": "Allow",
      "Action": [
        "bedrock:GetFoundationModelAvailability"
      ],
      "Resource": "*"
    },
    {
      "Sid": "BedrockTokenCounting",
      "Effect": "Allow",
      "Action": [
        "bedrock:CountTokens"
      ],
      "Resource": "*"
    }
  ]
}' --query Policy.Arn --output text)
aws iam attach-user-policy --user-name 'BedrockIntegration-9e1f2a4c' --policy-arn "$policy_arn"
aws iam create-service-specific-credential --user-name BedrockIntegration-9e1f2a4c --service-name bedrock.amazonaws.com --credential-age-days 90 --query ServiceSpecificCredential.ServiceCredentialSecret --output text
)
