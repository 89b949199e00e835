//! STS and the part of IAM that it needs: users, roles, OIDC providers.
//!
//! A role that does not exist, one that trusts somebody else and a wrong external ID look the same from outside, as at AWS.

mod oidc_provider;
mod role;
mod session;
mod user;

pub use oidc_provider::OidcProvider;
pub use role::Role;
pub(crate) use session::Session;
pub use user::User;

use crate::{Call, Principal, Refusal, World, answer::Answer, sigv4};

pub(crate) async fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let caller = sigv4::verify(world, call)?;
    match call.operation {
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
