(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
account_id=$(aws sts get-caller-identity --query Account --output text)
provider_arn='arn:aws:iam::'"$account_id"':oidc-provider/bedrock.example/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b'
if aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider_arn" >/dev/null 2>&1; then exists=yes; else exists=no; fi
aws cloudformation deploy --stack-name BedrockIntegration-9e1f2a4c --template-file BedrockIntegration-9e1f2a4c.json --capabilities CAPABILITY_NAMED_IAM --parameter-overrides "OidcProviderExists=$exists"
aws cloudformation describe-stacks --stack-name BedrockIntegration-9e1f2a4c --query "Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue" --output text
)
