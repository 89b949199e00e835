//! Console sessions: an API key exchanged for a cookie.

use std::net::IpAddr;

use domain::{Actor, Scope, SessionId};
use serde_json::json;
use store::{changes::Change, sessions};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::{Caller, Error, Result, audit};
use crate::{
    Context,
    auth::{
        Credential, Refused,
        token::{NewToken, Token},
    },
};

/// How long a session lasts, if its key does.
const LASTS: Duration = Duration::hours(12);

/// A session that has begun.
pub struct Started {
    /// The cookie's value.
    pub cookie: Zeroizing<String>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Begins a session of the tenant whose key `token` is.
///
/// # Errors
/// [`Error::Refused`]; [`Error::Denied`] for an operator's key; [`Error::Store`].
pub async fn start(
    context: &Context,
    token: &Token,
    address: IpAddr,
    request_id: Option<String>,
) -> Result<Started> {
    let signed_in = context
        .callers
        .recognise(&context.store, &Credential::ApiKey(token.clone()), address)
        .await?;
    let (Scope::Tenant { tenant, .. }, Some(key)) = (&signed_in.scope, signed_in.key) else {
        return Err(Error::Denied(domain::Denied::NotForOperators));
    };
    let tenant = *tenant;
    let now = context.now();
    let expires_at = signed_in
        .expires_at
        .map_or(now + LASTS, |end| end.min(now + LASTS));
    let cookie = NewToken::new(&mut context.rng());
    let id = SessionId::new(now, &mut context.rng());
    let caller = Caller {
        scope: signed_in.scope,
        request_id,
    };
    let mut tx = context.store.write(tenant).await?;
    sessions::insert(&mut tx, id, key, &cookie.hash, now, expires_at)
        .await
        .map_err(|error| match error {
            // The key was revoked since it was recognised.
            store::Error::Conflict { .. } => {
                Error::Refused(Refused::Unknown("the key was revoked"))
            }
            other => other.into(),
        })?;
    audit::append(context, &mut tx, &caller, "session.started", id, json!({})).await?;
    tx.commit(&[], now).await?;
    Ok(Started {
        cookie: cookie.cookie(tenant),
        expires_at,
    })
}

/// Ends a session, whether or not its bearer would still be let in. One that is unknown has ended already.
///
/// # Errors
/// [`Error::Store`]; [`Error::Refused`] after too many unknown cookies.
pub async fn end(
    context: &Context,
    cookie: &Token,
    address: IpAddr,
    request_id: Option<String>,
) -> Result<()> {
    let scope = match context
        .callers
        .session(&context.store, cookie, address)
        .await
    {
        Ok(scope) => scope,
        Err(Refused::Unknown(_)) => return Ok(()),
        Err(refused) => return Err(refused.into()),
    };
    let Scope::Tenant {
        tenant,
        actor: Actor::Session(id, _),
        ..
    } = scope
    else {
        return Ok(());
    };
    let mut tx = match context.store.write(tenant).await {
        // Its sessions ended with it.
        Err(store::Error::TenantGone) => return Ok(()),
        tx => tx?,
    };
    if sessions::delete(&mut tx, id).await? {
        let caller = Caller { scope, request_id };
        audit::append(context, &mut tx, &caller, "session.ended", id, json!({})).await?;
    }
    Ok(context.commit(tx, &[Change::Session(tenant, id)]).await?)
}
