(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
aws cloudformation deploy --stack-name BedrockIntegration-9e1f2a4c --template-file BedrockIntegration-9e1f2a4c.json --capabilities CAPABILITY_NAMED_IAM
aws cloudformation describe-stacks --stack-name BedrockIntegration-9e1f2a4c --query "Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue" --output text
)
