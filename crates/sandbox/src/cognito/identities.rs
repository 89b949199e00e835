//! GetId and GetCredentialsForIdentity: from a login to an identity, and from an identity to a role's credentials.
//!
//! Guests are deliberately absent, and so are rules that map users to roles: an identity's role is the pool's, or one that
//! its token names and the caller asks for.

use serde_json::{Value, json};
use time::Duration;

use super::{
    draw,
    identity_pool::{Identity, IdentityPool},
    input::Input,
    is_for,
    logins::{self, Login},
    rules,
};
use crate::{
    Account, Call, Principal, Refusal, State, World,
    policy::{Context, Guest, Trust},
    sts::Session,
};

/// How long credentials last; nobody can ask for less or more.
const LASTING: Duration = Duration::HOUR;

/// Whom a role must trust.
const SERVICE: &str = "cognito-identity.amazonaws.com";

/// GetId.
pub(super) fn get_id(state: &mut State, call: &Call, input: &Input<'_>) -> Result<Value, Refusal> {
    let id = input.required("IdentityPoolId", &rules::IDENTITY_ID)?;
    let given = input.map("Logins")?;
    let pool = find_pool(state, call, |pool| pool.id == id)
        .ok_or_else(|| not_found(&format!("IdentityPool '{id}' not found.")))?;
    let logins = check_logins(state, pool, &given.iter().collect::<Vec<_>>(), call)?;
    if logins.is_empty() {
        let message = "Unauthenticated access is not supported for this identity pool.";
        return Err(not_authorized(message));
    }
    let new = format!("{}:{}", pool.region(), draw::uuid(call));
    let identity = pool.identity_of(&logins).cloned().unwrap_or(new);
    let id = pool.id.clone();
    link(state, &id, &identity, &logins);
    Ok(json!({ "IdentityId": identity }))
}

/// GetCredentialsForIdentity.
pub(super) fn get_credentials(
    world: &World,
    call: &Call,
    input: &Input<'_>,
) -> Result<Value, Refusal> {
    let asked = input.required("IdentityId", &rules::IDENTITY_ID)?;
    let given = input.map("Logins")?;
    let custom_role = input.optional("CustomRoleArn", &rules::ROLE_ARN)?;

    let mut state = world.state();
    let pool = find_pool(&state, call, |pool| pool.identities.contains_key(asked))
        .ok_or_else(|| not_found(&format!("Identity '{asked}' not found.")))?;
    let logins = check_logins(&state, pool, &given.iter().collect::<Vec<_>>(), call)?;
    let identity = pool.merged(asked).to_owned();
    if !pool
        .identities
        .get(&identity)
        .is_some_and(|it| it.is_of(&logins))
    {
        return Err(not_authorized(
            "Logins don't match. Please include at least one valid login for this identity or identity pool.",
        ));
    }
    let role = match custom_role {
        None => pool.authenticated_role.clone().ok_or_else(misconfigured)?,
        Some(arn)
            if logins
                .iter()
                .any(|login| login.roles.iter().any(|role| role == arn)) =>
        {
            arn.to_owned()
        }
        Some(_) => {
            return Err(not_authorized(
                "The token does not contain the custom role.",
            ));
        }
    };
    let id = pool.id.clone();
    let principal = admitted(&state, (&id, &identity), &logins, &role)?;
    link(&mut state, &id, &identity, &logins);
    drop(state);

    let session = Session::open(world, call, principal, LASTING);
    Ok(json!({
        "IdentityId": identity,
        "Credentials": {
            "AccessKeyId": session.access_key,
            "SecretKey": session.secret,
            "SessionToken": session.token,
            "Expiration": session.expires_at.unix_timestamp(),
        },
    }))
}

/// The principal that an identity becomes in a role, if the role's trust policy lets it in.
fn admitted(
    state: &State,
    (pool_id, identity): (&str, &str),
    logins: &[Login],
    role_arn: &str,
) -> Result<Principal, Refusal> {
    let holds = |account: &Account| account.identity_pools.iter().any(|pool| pool.id == pool_id);
    let account = state
        .accounts
        .iter()
        .find(|(_, account)| holds(account))
        .map(|(id, _)| *id);
    let key = |name| format!("{SERVICE}:{name}");
    let context = Context::new()
        .with(&key("aud"), pool_id)
        .with(&key("sub"), identity)
        .with(&key("amr"), "authenticated");
    let context = logins.iter().fold(context, |context, login| {
        context.with(&key("amr"), &login.provider)
    });
    let action = "sts:AssumeRoleWithWebIdentity";
    let role = state
        .role(role_arn)
        .filter(|role| {
            role.trust
                .trusts(Guest::Federated(SERVICE), action, &context)
                != Trust::None
        })
        .ok_or_else(misconfigured)?;
    let account = account
        .filter(|account| role.arn(*account) == role_arn)
        .ok_or_else(misconfigured)?;
    Ok(role.principal(account, "CognitoIdentityCredentials", None))
}

impl IdentityPool {
    /// The identity that has one of these logins.
    fn identity_of(&self, logins: &[Login]) -> Option<&String> {
        let found = self
            .identities
            .iter()
            .find(|(_, identity)| identity.is_of(logins));
        found.map(|(id, _)| id)
    }

    /// The identity that one is by now.
    fn merged<'a>(&'a self, id: &'a str) -> &'a str {
        let next = self
            .identities
            .get(id)
            .and_then(|identity| identity.merged_into.as_deref());
        next.unwrap_or(id)
    }
}

impl Identity {
    fn is_of(&self, logins: &[Login]) -> bool {
        logins
            .iter()
            .any(|login| self.logins.get(&login.provider) == Some(&login.subject))
    }
}

fn find_pool<'a>(
    state: &'a State,
    call: &Call,
    is_it: impl Fn(&IdentityPool) -> bool,
) -> Option<&'a IdentityPool> {
    let mut pools = state
        .accounts
        .values()
        .flat_map(|account| &account.identity_pools);
    pools.find(|pool| is_for(call, pool.region()) && is_it(pool))
}

fn check_logins(
    state: &State,
    pool: &IdentityPool,
    given: &[(&str, &str)],
    call: &Call,
) -> Result<Vec<Login>, Refusal> {
    let user_pools = || {
        state
            .accounts
            .values()
            .flat_map(|account| &account.user_pools)
    };
    given
        .iter()
        .map(|login| logins::check(pool, user_pools(), *login, call.now))
        .collect()
}

fn link(state: &mut State, pool_id: &str, identity: &str, logins: &[Login]) {
    let pools = state
        .accounts
        .values_mut()
        .flat_map(|account| &mut account.identity_pools);
    for pool in pools.filter(|pool| pool.id == pool_id) {
        let linked = &mut pool
            .identities
            .entry(identity.to_owned())
            .or_default()
            .logins;
        linked.extend(
            logins
                .iter()
                .map(|login| (login.provider.clone(), login.subject.clone())),
        );
    }
}

fn misconfigured() -> Refusal {
    Refusal::new(
        400,
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    )
}

fn not_found(message: &str) -> Refusal {
    Refusal::new(400, "ResourceNotFoundException", message)
}

fn not_authorized(message: &str) -> Refusal {
    Refusal::new(400, "NotAuthorizedException", message)
}
