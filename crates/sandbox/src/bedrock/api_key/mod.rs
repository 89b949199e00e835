//! Bedrock API keys: a bearer token instead of a signature. It names a principal whose policies must allow
//! `bedrock:CallWithBearerToken` besides whatever is done with it.

mod long_term;
mod short_term;

pub use long_term::LongTermKey;
pub use short_term::short_term;

use crate::{Call, Principal, Refusal, World, bedrock::arn, policy::Context};

/// What Bedrock says to a key that is wrong, revoked, or of another region: it does not tell these apart.
fn unauthenticated() -> Refusal {
    refused("Authentication failed: Please make sure your API Key is valid.")
}

fn refused(message: &str) -> Refusal {
    Refusal::new(403, "AccessDeniedException", message)
}

/// The principal that a bearer token stands for.
pub(crate) fn bearer(world: &World, call: &Call, token: &str) -> Result<Principal, Refusal> {
    let (principal, kind) = if token.is_empty() {
        return Err(refused("Authorization header is missing"));
    } else if let Some(encoded) = token.strip_prefix(long_term::PREFIX) {
        (long_term::principal(world, call, encoded)?, "LONG_TERM")
    } else if let Some(encoded) = token.strip_prefix(short_term::PREFIX) {
        (short_term::principal(world, call, encoded)?, "SHORT_TERM")
    } else {
        return Err(refused(
            "Invalid API Key format: Must start with pre-defined prefix",
        ));
    };
    let context = Context::new()
        .with("bedrock:bearerTokenType", kind)
        .with("aws:RequestedRegion", &call.region);
    let resource = arn::owned(&call.region, principal.account, "*");
    principal.require("bedrock:CallWithBearerToken", &resource, &context)?;
    Ok(principal)
}
