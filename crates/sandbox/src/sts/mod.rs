//! STS and the part of IAM that it needs: users, roles, OIDC providers.
//!
//! A role that does not exist, one that trusts somebody else and a wrong external ID look the same from outside, as at AWS.

mod assume_role;
mod form;
mod oidc_provider;
mod role;
mod session;
mod token;
mod user;
mod web_identity;

pub use oidc_provider::OidcProvider;
pub use role::Role;
pub(crate) use session::Session;
pub use user::User;

use time::format_description::well_known::Rfc3339;

use crate::{Call, Principal, Refusal, World, answer::Answer, sigv4};

pub(crate) async fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    if call.operation == "AssumeRoleWithWebIdentity" {
        return web_identity::answer(world, call).await;
    }
    let caller = sigv4::verify(world, call)?;
    match call.operation {
        "AssumeRole" => assume_role::answer(world, call, &caller),
        "GetCallerIdentity" => Ok(caller_identity(call, &caller)),
        _ => Err(Refusal::unknown_operation()),
    }
}

fn caller_identity(call: &Call, caller: &Principal) -> Answer {
    let Principal {
        arn,
        user_id,
        account,
        ..
    } = caller;
    result(
        call,
        &format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>"),
    )
}

/// An answer of the query protocol.
fn result(call: &Call, content: &str) -> Answer {
    let Call {
        operation,
        request_id,
        ..
    } = call;
    Answer::xml(format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{content}</{operation}Result>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    ))
}

/// A session, as both ways to a role tell it.
fn session_xml(session: &Session, guest: &Principal) -> String {
    let Session {
        access_key,
        secret,
        token,
        expires_at,
    } = session;
    let expires_at = expires_at.format(&Rfc3339).unwrap_or_default();
    let Principal { arn, user_id, .. } = guest;
    format!(
        "<Credentials><AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>{expires_at}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>"
    )
}
