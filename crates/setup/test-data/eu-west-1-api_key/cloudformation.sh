(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
aws cloudformation deploy --stack-name BedrockIntegration --template-file BedrockIntegration.json --capabilities CAPABILITY_NAMED_IAM
aws iam create-service-specific-credential --user-name BedrockIntegration --service-name bedrock.amazonaws.com --credential-age-days 90 --query ServiceSpecificCredential.ServiceCredentialSecret --output text
)
