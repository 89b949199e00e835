(
set -eu
export AWS_PAGER='' AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
aws cloudformation deploy --stack-name Acme-Role --template-file Acme-Role.json --capabilities CAPABILITY_NAMED_IAM
aws cloudformation describe-stacks --stack-name Acme-Role --query "Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue" --output text
)
