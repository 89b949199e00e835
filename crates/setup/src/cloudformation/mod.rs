//! The kit as CloudFormation: a template filled in, and one for all, which the platform publishes.

mod filled_in;
mod parameter;
mod published;
mod resources;
mod template_url;

pub use published::published_template;
pub use template_url::TemplateUrl;

use self::parameter::PROVIDER_EXISTS;
use crate::{
    aws_cli,
    place::{Place, Standing, Way},
    shell::script,
};

const VERSION: &str = "2010-09-09";
const DESCRIPTION: &str = "Lets bedrock-integrations use Amazon Bedrock in this account.";

/// The kit as CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudFormation {
    /// What to call the template's file.
    pub file_name: String,
    /// The template, filled in.
    pub template: String,
    /// Commands of the AWS CLI that make a stack of the file, and tell what is to be entered.
    pub aws_cli: String,
    /// A link that makes the same stack of the template that the platform published.
    pub quick_create_url: Option<String>,
}

impl CloudFormation {
    pub(crate) fn of(place: &Place<'_>) -> Self {
        let file_name = format!("{}.json", place.stack());
        Self {
            template: filled_in::template(place),
            aws_cli: deploy(place, &file_name),
            file_name,
            quick_create_url: place.template_url.and_then(|url| url.quick_create(place)),
        }
    }
}

fn deploy(place: &Place<'_>, file_name: &str) -> String {
    let stack = place.stack();
    let deploy = format!(
        "aws cloudformation deploy --stack-name {stack} --template-file {file_name} --capabilities CAPABILITY_NAMED_IAM"
    );
    if let Standing::Shared { .. } = place.standing {
        return script(place.region, &[deploy]);
    }
    let output = |key: &str| {
        format!(
            "aws cloudformation describe-stacks --stack-name {stack} --query \"Stacks[0].Outputs[?OutputKey=='{key}'].OutputValue\" --output text"
        )
    };
    let commands = match place.way {
        Way::AssumeRole { .. } => vec![deploy, output("RoleArn")],
        Way::Oidc(oidc) => {
            let [account, arn, find] = aws_cli::find_provider(place, &oidc);
            vec![
                account,
                arn,
                format!("if {find}; then exists=yes; else exists=no; fi"),
                format!(r#"{deploy} --parameter-overrides "{PROVIDER_EXISTS}=$exists""#),
                output("RoleArn"),
            ]
        }
        Way::ApiKey => vec![deploy, aws_cli::create_key(place)],
        Way::Cognito { .. } => {
            let ids = [
                ("user_pool_id", "UserPoolId"),
                ("app_client_id", "AppClientId"),
                ("identity_pool_id", "IdentityPoolId"),
            ];
            let ids = ids.map(|(variable, key)| format!("{variable}=$({})", output(key)));
            [vec![deploy], ids.to_vec(), aws_cli::set_password()].concat()
        }
    };
    script(place.region, &commands)
}
