//! What can be connected, and by which fields: enough to draw the forms.

use domain::{Federation, Method, Permission};
use store::connections::{self, State};

use super::{Caller, Result};
use crate::Context;

/// A field of a method.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in `fields`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Where to find it.
    pub help: &'static str,
    /// What a value must match, as an ECMAScript regular expression.
    pub pattern: &'static str,
    /// How a value looks.
    pub example: Option<&'static str>,
    /// Whether it is kept sealed and never shown again.
    pub secret: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// How the service has to prove who it is for this to be a field at all.
    pub federation: Option<Federation>,
}

const PATTERN_OF_REGION: &str = "^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$";

const IAM_ROLE: [Field; 3] = [
    Field {
        name: "role_arn",
        label: "Role ARN",
        help: "IAM console, Roles, the role that you created for this service.",
        pattern: r"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\x21-\x7e]+$",
        example: Some("arn:aws:iam::123456789012:role/BedrockIntegration"),
        secret: false,
        optional: false,
        federation: None,
    },
    Field {
        name: "external_id",
        label: "External ID",
        help: "Leave it empty: this service made one for you. Enter one only if your role's trust policy already demands it.",
        pattern: "^[A-Za-z0-9_+=,.@:/-]{2,1224}$",
        example: None,
        secret: false,
        optional: true,
        federation: Some(Federation::AssumeRole),
    },
    Field {
        name: "federation",
        label: "How the service proves who it is",
        help: "assume_role: by its AWS identity and the external ID. oidc: as an OpenID Connect provider that your account trusts.",
        pattern: "^(assume_role|oidc)$",
        example: Some("assume_role"),
        secret: false,
        optional: true,
        federation: None,
    },
];

const API_KEY: [Field; 1] = [Field {
    name: "api_key",
    label: "Bedrock API key",
    help: "Amazon Bedrock console, API keys. Short-term keys last 12 hours at most and work in one region.",
    pattern: r"^[\x21-\x7e]{1,16384}$",
    example: None,
    secret: true,
    optional: false,
    federation: None,
}];

const COGNITO: [Field; 7] = [
    Field {
        name: "user_pool_id",
        label: "User pool ID",
        help: "Amazon Cognito console, User pools, Overview.",
        pattern: "^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}_[0-9A-Za-z]+$",
        example: Some("eu-west-1_AbCdEf123"),
        secret: false,
        optional: false,
        federation: None,
    },
    Field {
        name: "app_client_id",
        label: "App client ID",
        help: "The user pool's App clients.",
        pattern: "^[A-Za-z0-9_+]{1,128}$",
        example: Some("1h57kf5cpq17m0eml12EXAMPLE"),
        secret: false,
        optional: false,
        federation: None,
    },
    Field {
        name: "app_client_secret",
        label: "App client secret",
        help: "On the app client's page, if the client has one.",
        pattern: "^[A-Za-z0-9_+]{24,64}$",
        example: None,
        secret: true,
        optional: true,
        federation: None,
    },
    Field {
        name: "identity_pool_id",
        label: "Identity pool ID",
        help: "Amazon Cognito console, Identity pools.",
        pattern: "^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example: Some("eu-west-1:7f3c6a0e-1b2c-4d5e-8f90-123456789abc"),
        secret: false,
        optional: false,
        federation: None,
    },
    Field {
        name: "username",
        label: "User name",
        help: "A user made for this service alone, without multi-factor authentication.",
        pattern: r"^[^\s\u0000-\u001f\u007f]{1,128}$",
        example: Some("bedrock-integration"),
        secret: false,
        optional: false,
        federation: None,
    },
    Field {
        name: "password",
        label: "Password",
        help: "The user's permanent password.",
        pattern: r"^[^\u0000-\u001f\u007f]{1,256}$",
        example: None,
        secret: true,
        optional: false,
        federation: None,
    },
    Field {
        name: "pool_region",
        label: "Region of the pools",
        help: "Only if the pools are in another region than Bedrock.",
        pattern: PATTERN_OF_REGION,
        example: None,
        secret: false,
        optional: true,
        federation: None,
    },
];

/// What people call a method.
pub const fn label(method: Method) -> &'static str {
    match method {
        Method::IamRole => "IAM role",
        Method::ApiKey => "API key",
        Method::Cognito => "Amazon Cognito",
    }
}

/// The fields of a method, in the order of its form.
pub const fn fields(method: Method) -> &'static [Field] {
    match method {
        Method::IamRole => &IAM_ROLE,
        Method::ApiKey => &API_KEY,
        Method::Cognito => &COGNITO,
    }
}

/// How the tenant's connections are, taken together.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// How many there are.
    pub connections: u32,
    /// Whether one of them is not failing.
    pub works: bool,
}

impl Standing {
    /// In a word.
    pub const fn state(self) -> &'static str {
        match (self.connections, self.works) {
            (0, _) => "not_connected",
            (_, true) => "connected",
            (_, false) => "failing",
        }
    }
}

/// How the tenant's connections are.
///
/// # Errors
/// [`Error::Denied`](super::Error::Denied), [`Error::Store`](super::Error::Store).
pub async fn read(context: &Context, caller: &Caller) -> Result<Standing> {
    let tenant = caller.scope.require(Permission::ReadConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let states = connections::count_by_state(&mut tx).await?;
    let saved = states.iter().filter(|(state, _)| *state != State::Pending);
    Ok(Standing {
        connections: saved.clone().map(|(_, count)| count).sum(),
        works: saved.clone().any(|(state, _)| *state != State::Failing),
    })
}

/// What can be used on this service, as its operator set it up.
#[derive(Debug, Clone, Copy)]
pub struct Availability<'a> {
    /// The service's own AWS identity, as trust policies name it.
    pub principal_arn: Option<&'a str>,
    /// Why the service is no OpenID Connect issuer.
    pub no_issuer: Option<&'static str>,
}

impl<'a> Availability<'a> {
    /// What can be used here.
    pub fn here(context: &'a Context) -> Self {
        Self {
            principal_arn: context.settings.aws.principal_arn.as_deref(),
            no_issuer: context.issuer.why_not(),
        }
    }

    /// Why a method cannot be used in any way; none if it can.
    pub fn why_not_at_all(&self, method: Method) -> Option<&'static str> {
        let usual = self.why_not(method, None);
        match method {
            Method::IamRole => self.no_issuer.and(usual),
            Method::ApiKey | Method::Cognito => usual,
        }
    }

    /// Why a method cannot be used so; none if it can. A role is taken on by `assume_role` unless something else is said.
    pub const fn why_not(
        &self,
        method: Method,
        federation: Option<Federation>,
    ) -> Option<&'static str> {
        match (method, federation) {
            (Method::IamRole, Some(Federation::Oidc)) => self.no_issuer,
            (Method::IamRole, _) if self.principal_arn.is_none() => Some(
                "This service has no AWS identity of its own: its operator sets BI_PRINCIPAL_ARN.",
            ),
            (Method::IamRole | Method::ApiKey | Method::Cognito, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_ISSUER: Option<&str> = Some("no issuer");

    const fn here(has_identity: bool, no_issuer: Option<&'static str>) -> Availability<'static> {
        let arn = "arn:aws:iam::111122223333:role/service";
        Availability {
            principal_arn: if has_identity { Some(arn) } else { None },
            no_issuer,
        }
    }

    #[test]
    fn a_role_needs_an_identity_of_ours_or_an_issuer_and_the_other_methods_neither() {
        let oidc = Some(Federation::Oidc);
        for (identity, no_issuer) in [(true, None), (true, NO_ISSUER), (false, None)] {
            let here = here(identity, no_issuer);
            assert_eq!(here.why_not(Method::IamRole, None).is_none(), identity);
            assert_eq!(here.why_not(Method::IamRole, oidc), no_issuer);
            assert_eq!(here.why_not_at_all(Method::IamRole), None);
        }
        let neither = here(false, NO_ISSUER);
        assert!(neither.why_not_at_all(Method::IamRole).is_some());
        for method in [Method::ApiKey, Method::Cognito] {
            assert_eq!(neither.why_not_at_all(method), None);
        }
    }
}
