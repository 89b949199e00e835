(
set -eu
export AWS_PAGER='' AWS_REGION=eusc-de-east-1 AWS_DEFAULT_REGION=eusc-de-east-1
aws cloudformation deploy --stack-name BedrockIntegration-9e1f2a4c --template-file BedrockIntegration-9e1f2a4c.json --capabilities CAPABILITY_NAMED_IAM
user_pool_id=$(aws cloudformation describe-stacks --stack-name BedrockIntegration-9e1f2a4c --query "Stacks[0].Outputs[?OutputKey=='UserPoolId'].OutputValue" --output text)
app_client_id=$(aws cloudformation describe-stacks --stack-name BedrockIntegration-9e1f2a4c --query "Stacks[0].Outputs[?OutputKey=='AppClientId'].OutputValue" --output text)
identity_pool_id=$(aws cloudformation describe-stacks --stack-name BedrockIntegration-9e1f2a4c --query "Stacks[0].Outputs[?OutputKey=='IdentityPoolId'].OutputValue" --output text)
password="$(head -c 24 /dev/urandom | base64)-Aa1"
aws cognito-idp admin-set-user-password --user-pool-id "$user_pool_id" --username bedrock-integration --password "$password" --permanent
printf '%s: %s\n' user_pool_id "$user_pool_id" app_client_id "$app_client_id" identity_pool_id "$identity_pool_id" username bedrock-integration password "$password"
)
