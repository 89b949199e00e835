(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
account_id=$(aws sts get-caller-identity --query Account --output text)
provider_arn='arn:aws:iam::'"$account_id"':oidc-provider/bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b'
aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider_arn" >/dev/null 2>&1 ||
  aws iam create-open-id-connect-provider --url 'https://bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b' --client-id-list 'sts.amazonaws.com' >/dev/null
role_arn=$(aws iam create-role --role-name BedrockIntegration-9e1f2a4c --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "AssumeWithToken",
      "Effect": "Allow",
      "Principal": {
        "Federated": "'"$provider_arn"'"
      },
      "Action": [
        "sts:AssumeRoleWithWebIdentity"
      ],
      "Condition": {
        "StringEquals": {
          "bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:aud": "sts.amazonaws.com",
          "bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:sub": "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c"
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
