//! Conversations: a registered model is asked over its connection, whole or in a stream.
//!
//! Bodies go through as they are. What a conversation used is noted behind its end, however it ends; nothing it says is
//! kept or logged.

mod call;
mod failure;
mod limits;
mod remap;
mod routes;
mod running;
pub(crate) mod tokens;

use std::sync::Arc;

use bedrock::transport::{Answer, Operation, Request};
use bytes::Bytes;
use credential_provider::{Error as AwsFailure, Lease};
use domain::Permission;
use http::HeaderMap;
use store::models::State;
use tokio::time::Instant;

use self::routes::Route;
use super::{
    Caller, Error, Result, Unusable,
    usable::{lease, lease_key},
};
use crate::Context;

pub use self::{
    call::{Call, Timing},
    failure::{FailureKind, ModelFailure},
    limits::{Limit, Limits, Reached},
    routes::AllRoutes,
    running::Running,
};

/// The longest that a model may think before its answer begins: AWS's own clients wait that long.
const BEGIN_WITHIN: std::time::Duration = std::time::Duration::from_secs(3_600);

/// What is asked of a model.
pub struct Asked<'a> {
    /// `mod_…`, what AWS calls it, or its alias.
    pub model: &'a str,
    /// Which operation.
    pub operation: Operation,
    /// The body, in Bedrock's form.
    pub body: Bytes,
    /// The caller's headers: those that are Bedrock's own go along.
    pub headers: &'a HeaderMap,
}

/// Asks a model, and comes back when its answer begins.
///
/// # Errors
/// [`Error::Denied`], [`Error::Blind`], [`Error::Limited`], [`Error::ModelNotFound`], [`Error::ModelAmbiguous`],
/// [`Error::Unusable`], [`Error::Model`], [`Error::Store`].
pub async fn ask(context: &Context, caller: &Caller, asked: Asked<'_>) -> Result<(Answer, Call)> {
    let began = Instant::now();
    let tenant = caller.scope.require(Permission::Converse)?;
    if !context.pulse.data_plane_open() {
        return Err(Error::Blind);
    }
    let actor = caller.scope.actor();
    let admitted = context
        .limits
        .admit(tenant, actor)
        .map_err(Error::Limited)?;
    let route = routes::find(context, tenant, asked.model).await?;
    let mut call = Call::begin(context, tenant, actor, Arc::clone(&route), admitted, began);
    let key = lease_key(context, tenant, &route.connection, &route.access)?;
    require_usable(&route)?;
    let waited = Instant::now();
    let mut held = match lease(context, &key).await {
        Ok(lease) => lease,
        Err(error) => return Err(call.fail(&error)),
    };
    call.leased(waited.elapsed());
    let sent = Instant::now();
    let mut answer = send(context, &route, &held, &asked).await;
    // AWS ends sessions before their time too: another lease may do.
    if matches!(&answer, Err(error) if has_ended(error)) {
        context.leases.discard(&key, &held);
        held = match lease(context, &key).await {
            Ok(lease) => lease,
            Err(error) => return Err(call.fail(&error)),
        };
        answer = send(context, &route, &held, &asked).await;
    }
    call.waited_for_aws(sent.elapsed());
    match answer {
        Ok(answer) => {
            call.answered();
            Ok((answer, call))
        }
        Err(error) => {
            let error = call.fail(&error);
            if !remap::is_called_for(&error) {
                return Err(error);
            }
            let Some(route) = remap::remap(context, tenant, &route).await? else {
                return Err(error);
            };
            match send(context, &route, &held, &asked).await {
                Ok(answer) => {
                    call.answered();
                    Ok((answer, call))
                }
                Err(error) => Err(call.fail(&error)),
            }
        }
    }
}

async fn send(
    context: &Context,
    route: &Route,
    lease: &Lease,
    asked: &Asked<'_>,
) -> Result<Answer, AwsFailure> {
    let request = Request {
        operation: asked.operation,
        model_id: &route.model.facts.invoke_id,
        body: &asked.body,
        headers: Some(asked.headers),
        begin_within: BEGIN_WITHIN,
    };
    context
        .transport
        .send(route.access.id, lease, &route.connection.region, request)
        .await
}

/// A model that a check has found to be gone is not asked in vain.
fn require_usable(route: &Route) -> Result<()> {
    match route.model.state {
        State::Available | State::Legacy | State::Unverified => Ok(()),
        State::Unavailable => Err(Unusable::model(route.model.state_reason.as_deref()).into()),
    }
}

/// Whether AWS refused the session itself.
fn has_ended(error: &AwsFailure) -> bool {
    const ENDED: [&str; 4] = [
        "ExpiredTokenException",
        "ExpiredToken",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
    ];
    matches!(error, AwsFailure::Rejected(aws) if ENDED.contains(&aws.code.as_str()))
}
