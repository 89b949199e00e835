(
set -eu
export AWS_PAGER='' AWS_REGION=us-iso-east-1 AWS_DEFAULT_REGION=us-iso-east-1
user_pool_id=$(aws cognito-idp create-user-pool --pool-name BedrockIntegration-9e1f2a4c --admin-create-user-config AllowAdminCreateUserOnly=true --query UserPool.Id --output text)
app_client_id=$(aws cognito-idp create-user-pool-client --user-pool-id "$user_pool_id" --client-name BedrockIntegration-9e1f2a4c --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH --query UserPoolClient.ClientId --output text)
identity_pool_id=$(aws cognito-identity create-identity-pool --identity-pool-name BedrockIntegration-9e1f2a4c --no-allow-unauthenticated-identities --cognito-identity-providers "ProviderName=cognito-idp.us-iso-east-1.c2s.ic.gov/$user_pool_id,ClientId=$app_client_id" --query IdentityPoolId --output text)
role_arn=$(aws iam create-role --role-name BedrockIntegration-9e1f2a4c --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "SignedInUsersOfThePool",
      "Effect": "Allow",
      "Principal": {
        "Federated": "cognito-identity.amazonaws.com"
      },
      "Action": [
        "sts:AssumeRoleWithWebIdentity"
      ],
      "Condition": {
        "ForAnyValue:StringLike": {
          "cognito-identity.amazonaws.com:amr": "authenticated"
        },
        "StringEquals": {
          "cognito-identity.amazonaws.com:aud": "'"$identity_pool_id"'"
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
aws cognito-identity set-identity-pool-roles --identity-pool-id "$identity_pool_id" --roles "authenticated=$role_arn"
aws cognito-idp admin-create-user --user-pool-id "$user_pool_id" --username bedrock-integration --message-action SUPPRESS >/dev/null
password="$(head -c 24 /dev/urandom | base64)-Aa1"
aws cognito-idp admin-set-user-password --user-pool-id "$user_pool_id" --username bedrock-integration --password "$password" --permanent
printf '%s: %s\n' user_pool_id "$user_pool_id" app_client_id "$app_client_id" identity_pool_id "$identity_pool_id" username bedrock-integration password "$password"
)
