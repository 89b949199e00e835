(
set -eu
export AWS_PAGER='' AWS_REGION=us-gov-west-1 AWS_DEFAULT_REGION=us-gov-west-1
aws cloudformation deploy --stack-name BedrockIntegration-9e1f2a4c --template-file BedrockIntegration-9e1f2a4c.json --capabilities CAPABILITY_NAMED_IAM
aws iam create-service-specific-credential --user-name BedrockIntegration-9e1f2a4c --service-name bedrock.amazonaws.com --credential-age-days 90 --query ServiceSpecificCredential.ServiceCredentialSecret --output text
)
