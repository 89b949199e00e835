(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
aws cloudformation deploy --stack-name BedrockIntegration-9e1f2a4c-eu-west-1 --template-file BedrockIntegration-9e1f2a4c-eu-west-1.json --capabilities CAPABILITY_NAMED_IAM
)
