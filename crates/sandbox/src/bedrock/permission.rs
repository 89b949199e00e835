//! What the caller's policies must allow.

use crate::{Call, Principal, Refusal, policy::Context};

/// Lets the caller do what has no resource, such as listing, or refuses as Bedrock does: without naming one.
pub(crate) fn require(call: &Call, caller: &Principal, action: &str) -> Result<(), Refusal> {
    caller
        .allows(action, "*", &context(&call.region))
        .map_err(|reason| {
            let message = format!(
                "User: {} is not authorized to perform: {action} {reason}",
                caller.arn
            );
            Refusal::new(403, "AccessDeniedException", message)
        })
}

/// Lets the caller do it to every one of these resources, which an inference profile may lead to. The refusal names the
/// first that is not allowed: often a model in another region.
pub(crate) fn require_all(
    call: &Call,
    caller: &Principal,
    action: &str,
    resources: &[String],
    profile: Option<&str>,
) -> Result<(), Refusal> {
    for resource in resources {
        let region = match resource.split(':').nth(3) {
            Some("") => "unspecified",
            Some(region) => region,
            None => &call.region,
        };
        let mut context = context(region);
        if let Some(profile) = profile {
            context = context.with("bedrock:InferenceProfileArn", profile);
        }
        caller.require(action, resource, &context)?;
    }
    Ok(())
}

fn context(region: &str) -> Context {
    Context::new().with("aws:RequestedRegion", region)
}
