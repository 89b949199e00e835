//! What a customer does in the AWS console, as plain requests that no AWS has: making a role from policies.
//!
//! `PUT /_sandbox/roles/<name>` with what `connect` answered makes the role that its setup describes, and the identity
//! provider that it trusts, in the demo's account and in place of what is there, and answers `{"role_arn":"…"}`.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Call, World,
    answer::Wire,
    demo::ACCOUNT,
    policy::Policy,
    sts::{OidcProvider, Role},
};

/// Nothing of AWS's begins so.
const ROLES: &str = "/_sandbox/roles/";

#[derive(Deserialize)]
struct Connected {
    setup: Setup,
}

#[derive(Deserialize)]
struct Setup {
    oidc: Option<Oidc>,
    trust_policy: Value,
    permissions_policy: Value,
    inference_profiles_policy: Value,
}

#[derive(Deserialize)]
struct Oidc {
    issuer: String,
    audience: String,
}

/// Answers what is for the console; none if the call is for AWS.
pub(crate) fn answer(world: &World, call: &Call) -> Option<Response<Wire>> {
    let name = call.path.strip_prefix(ROLES)?;
    let made = if call.method == Method::PUT {
        make(world, name, &call.body)
    } else {
        Err("PUT makes a role".to_owned())
    };
    Some(match made {
        Ok(role_arn) => response(StatusCode::OK, &json!({ "role_arn": role_arn })),
        Err(message) => response(StatusCode::BAD_REQUEST, &json!({ "message": message })),
    })
}

fn make(world: &World, name: &str, body: &[u8]) -> Result<String, String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        return Err("a role's name is 1 to 64 of A-Z a-z 0-9 _ + = , . @ -".to_owned());
    }
    let Connected { mut setup } =
        serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let provider = setup
        .oidc
        .map(|oidc| OidcProvider::new(&oidc.issuer).audience(&oidc.audience));
    if let Some(provider) = &provider {
        // The setup leaves open which account it is.
        let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", provider.name());
        let federated = setup
            .trust_policy
            .pointer_mut("/Statement/0/Principal/Federated")
            .ok_or("the trust policy names no provider")?;
        *federated = arn.into();
    }
    let policy = |document: &Value| {
        Policy::parse(&document.to_string()).map_err(|_| "a policy is malformed".to_owned())
    };
    let role = Role::new(name, policy(&setup.trust_policy)?)
        .policy(policy(&setup.permissions_policy)?)
        .policy(policy(&setup.inference_profiles_policy)?);
    world.account(ACCOUNT, |account| {
        if let Some(provider) = provider {
            account
                .oidc_providers
                .retain(|other| other.issuer != provider.issuer);
            account.oidc_providers.push(provider);
        }
        account.roles.retain(|other| other.name != name);
        account.roles.push(role);
    });
    Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
}

fn response(status: StatusCode, body: &Value) -> Response<Wire> {
    let body = Full::new(Bytes::from(body.to_string())).map_err(|never| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}
