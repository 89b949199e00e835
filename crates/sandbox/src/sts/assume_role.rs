//! AssumeRole: a user, or a role's session, takes on a role.

use time::Duration;

use super::{
    Role, Session,
    form::{Form, Rule, validation},
    result, session_xml,
};
use crate::{
    Call, Principal, Refusal, World,
    answer::Answer,
    policy::{Context, Guest, Trust},
    principal::Lack,
};

const ACTION: &str = "sts:AssumeRole";

pub(super) const ROLE_ARN: Rule = Rule {
    length: (20, 2048),
    also: None,
    pattern: "",
    is_sensitive: false,
};
pub(super) const SESSION_NAME: Rule = Rule {
    length: (2, 64),
    also: Some("+=,.@-"),
    pattern: r"[\w+=,.@-]*",
    is_sensitive: false,
};
const EXTERNAL_ID: Rule = Rule {
    length: (2, 1224),
    also: Some("+=,.@:/-"),
    pattern: r"[\w+=,.@:\/-]*",
    is_sensitive: false,
};

pub(super) fn answer(world: &World, call: &Call, caller: &Principal) -> Result<Answer, Refusal> {
    let mut form = Form::of(call);
    let role_arn = form.required("RoleArn", &ROLE_ARN);
    let session_name = form.required("RoleSessionName", &SESSION_NAME);
    let external_id = form.optional("ExternalId", &EXTERNAL_ID);
    let source_identity = form.optional("SourceIdentity", &SESSION_NAME);
    let lasting = form.duration();
    let tags = form.tags();
    let session_policy = form.session_policy()?;
    check_arn(role_arn)?;

    let mut context = Context::new()
        .with(
            "aws:PrincipalArn",
            caller.role_arn.as_ref().unwrap_or(&caller.arn),
        )
        .with("aws:PrincipalAccount", caller.account.to_string())
        .with("sts:RoleSessionName", session_name);
    let mut actions = vec![ACTION];
    if let Some(external_id) = external_id {
        context = context.with("sts:ExternalId", external_id);
    }
    if let Some(source_identity) = source_identity {
        context = context.with("sts:SourceIdentity", source_identity);
        actions.push("sts:SetSourceIdentity");
    }
    if !tags.is_empty() {
        actions.push("sts:TagSession");
    }
    for (key, value) in tags {
        context = context
            .with(&format!("aws:RequestTag/{key}"), value)
            .with("aws:TagKeys", key);
    }

    let refused = |action: &str| {
        let arn = &caller.arn;
        let message =
            format!("User: {arn} is not authorized to perform: {action} on resource: {role_arn}");
        Refusal::new(403, "AccessDenied", message)
    };
    let role = find(world, call, role_arn)?.ok_or_else(|| refused(ACTION))?;
    for action in actions {
        if !admits(&role, role_arn, caller, action, &context) {
            return Err(refused(action));
        }
    }
    check_duration(lasting, &role, caller)?;

    let account = account_of(role_arn)?;
    let guest = role.principal(account, session_name, session_policy.policy);
    let assumed = session_xml(&Session::open(world, call, guest.clone(), lasting), &guest);
    let packed = session_policy.packed_percent;
    Ok(result(
        call,
        &format!("{assumed}<PackedPolicySize>{packed}</PackedPolicySize>"),
    ))
}

/// The role of that ARN, unless its account has switched STS off in the call's region.
pub(super) fn find(world: &World, call: &Call, role_arn: &str) -> Result<Option<Role>, Refusal> {
    let state = world.state();
    let id = account_of(role_arn)?;
    let account = state.accounts.get(&id);
    if account.is_some_and(|account| account.regions_without_sts.contains(&call.region)) {
        let message = format!(
            "STS is not activated in this region for account:{id}. Your account administrator can activate STS in this \
             region using the IAM Console."
        );
        return Err(Refusal::new(403, "RegionDisabledException", message));
    }
    Ok(state.role(role_arn).cloned())
}

/// Refuses what is no role's ARN.
pub(super) fn check_arn(arn: &str) -> Result<(), Refusal> {
    account_of(arn).map(|_| ())
}

pub(super) fn account_of(role_arn: &str) -> Result<domain::AccountId, Refusal> {
    domain::AccountId::of_arn(role_arn)
        .filter(|_| {
            role_arn
                .split(':')
                .nth(5)
                .is_some_and(|name| name.starts_with("role/"))
        })
        .ok_or_else(|| validation("Request ARN is invalid"))
}

/// Whether both sides agree. A role that names a guest of its own account needs nobody else's word.
fn admits(
    role: &Role,
    role_arn: &str,
    caller: &Principal,
    action: &str,
    context: &Context,
) -> bool {
    let is_neighbour = account_of(role_arn) == Ok(caller.account);
    let own = caller.allows(action, role_arn, context);
    match role.trust.trusts(Guest::Aws(caller), action, context) {
        Trust::None => false,
        Trust::Itself if is_neighbour => !matches!(own, Err(Lack::Denied(_))),
        Trust::Itself | Trust::ItsAccount => own.is_ok(),
    }
}

fn check_duration(lasting: Duration, role: &Role, caller: &Principal) -> Result<(), Refusal> {
    if lasting > role.max_session {
        return Err(validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if caller.role_arn.is_some() && lasting > Duration::HOUR {
        return Err(validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(())
}
