(
set -eu
export AWS_PAGER='' AWS_REGION=us-iso-east-1 AWS_DEFAULT_REGION=us-iso-east-1
role_arn=$(aws iam create-role --role-name BedrockIntegration-9e1f2a4c --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AssumeWithExternalId",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws-iso:iam::111122223333:role/bedrock-integrations"
      },
      "Action": [
        "sts:AssumeRole"
      ],
      "Condition": {
        "StringEquals": {
          "sts:ExternalId": "bi-0123456789abcdef0123456789abcdef01234567"
        }
      }
    }
  ]
}' --query Role.Arn --output text)
aws iam put-role-policy --role-name 'BedrockIntegration-9e1f2a4c' --policy-name BedrockAccess --policy-document '{
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
    }
  ]
}'
aws iam put-role-policy --role-name 'BedrockIntegration-9e1f2a4c' --policy-name BedrockAccess-InferenceProfiles --policy-document '{
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
}'
echo "$role_arn"
)
