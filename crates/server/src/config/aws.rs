//! How AWS is reached, and what is asked of customers' accounts.

use credential_provider::{Endpoint, Endpoints, Service, iam_role::RoleArn};

use super::{reader::Reader, setup::SetupConfig};

/// What can be configured about AWS.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    /// The service's own identity, as customers' trust policies name it. None: no role can be taken on by external ID.
    pub principal_arn: Option<String>,
    /// Where AWS is, if not at its usual place.
    pub endpoints: Endpoints,
    /// Actions beyond the session ceiling, for emulators that authorise others than AWS does.
    pub session_actions: Vec<String>,
    /// Whether a customer may enter an external ID that its role demands already.
    pub takes_entered_external_id: bool,
    /// Whether a role that does not demand the external ID can be saved after a warning: emulators check nothing.
    pub allows_unenforced_external_id: bool,
    /// What customers are told to set up.
    pub setup: SetupConfig,
}

impl Default for AwsConfig {
    /// AWS itself, by API key and Cognito only.
    fn default() -> Self {
        Self {
            principal_arn: None,
            endpoints: Endpoints::default(),
            session_actions: Vec::new(),
            takes_entered_external_id: true,
            allows_unenforced_external_id: false,
            setup: SetupConfig::default(),
        }
    }
}

/// A service, and the end of the variables that name its endpoint.
const SERVICES: [(Service, &str); 5] = [
    (Service::Sts, "STS"),
    (Service::CognitoUserPools, "COGNITO_IDENTITY_PROVIDER"),
    (Service::CognitoIdentity, "COGNITO_IDENTITY"),
    (Service::Bedrock, "BEDROCK"),
    (Service::BedrockRuntime, "BEDROCK_RUNTIME"),
];

impl Reader<'_> {
    pub(super) fn aws(&mut self) -> AwsConfig {
        let is_dev = self.flag("BI_DEV_AWS_ENDPOINTS", "true", "false");
        let mut endpoints = match self.endpoint("AWS_ENDPOINT_URL", is_dev) {
            Some(endpoint) => Endpoints::every(endpoint),
            None => Endpoints::default(),
        };
        for (service, name) in SERVICES {
            if let Some(endpoint) = self.endpoint(&format!("AWS_ENDPOINT_URL_{name}"), is_dev) {
                endpoints = endpoints.with(service, endpoint);
            }
        }
        AwsConfig {
            principal_arn: self.principal_arn(),
            endpoints,
            session_actions: self.session_actions(is_dev),
            takes_entered_external_id: self.flag("BI_ENTERED_EXTERNAL_ID", "on", "off"),
            allows_unenforced_external_id: self.flag(
                "BI_ALLOW_UNENFORCED_EXTERNAL_ID",
                "true",
                "false",
            ),
            setup: self.setup(),
        }
    }

    /// Our own variable comes before the SDK's of the same meaning.
    fn endpoint(&mut self, sdk: &str, is_dev: bool) -> Option<Endpoint> {
        let ours = format!("BI_{sdk}");
        let (name, text) = match self.text(&ours) {
            Some(text) => (ours, text),
            None => (sdk.to_owned(), self.text(sdk)?),
        };
        match Endpoint::parse(&text) {
            Ok(endpoint) if endpoint.is_aws() || is_dev => Some(endpoint),
            Ok(_) => {
                self.fault(
                    &name,
                    "is no host of AWS: secrets of tenants would be sent there; BI_DEV_AWS_ENDPOINTS=true allows it for development",
                );
                None
            }
            Err(invalid) => {
                self.fault(&name, invalid.to_string());
                None
            }
        }
    }

    fn principal_arn(&mut self) -> Option<String> {
        let arn = self.text("BI_PRINCIPAL_ARN")?;
        // Users are named as roles are, and the account itself stands for all of both.
        let as_role = match arn.strip_suffix(":root") {
            Some(account) => format!("{account}:role/root"),
            None => arn.replacen(":user/", ":role/", 1),
        };
        if as_role.parse::<RoleArn>().is_err() {
            self.fault(
                "BI_PRINCIPAL_ARN",
                "must be the ARN of an IAM role or user, like arn:aws:iam::111122223333:role/bedrock-integrations",
            );
        }
        Some(arn)
    }

    fn session_actions(&mut self, is_dev: bool) -> Vec<String> {
        const NAME: &str = "BI_DEV_SESSION_ACTIONS";
        let text = self.text(NAME).unwrap_or_default();
        let actions: Vec<String> = text
            .split(',')
            .map(str::trim)
            .filter(|action| !action.is_empty())
            .map(str::to_owned)
            .collect();
        if !actions.is_empty() && !is_dev {
            self.fault(NAME, "is for emulators: it needs BI_DEV_AWS_ENDPOINTS=true");
        }
        let is_action = |action: &String| {
            action.strip_prefix("bedrock:").is_some_and(|name| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'*')
            })
        };
        if !actions.iter().all(is_action) {
            self.fault(
                NAME,
                "must be Bedrock actions separated by commas, like bedrock:Converse*",
            );
        }
        actions
    }
}
