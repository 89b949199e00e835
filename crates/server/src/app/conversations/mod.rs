//! Conversations: a registered model is asked over its connection, whole or in a stream.
//!
//! Bodies go through as they are. What a conversation used is noted behind its end, however it ends; nothing it says is
//! kept or logged.

mod admission;
mod call;
mod failure;
mod limits;
mod parts;
mod patience;
mod remap;
mod room;
mod routes;
mod running;
pub(crate) mod tokens;

use std::{sync::Arc, time::Duration};

use bedrock::transport::{Answer, Operation, Request};
use bytes::Bytes;
use credential_provider::{Error as AwsFailure, Lease, LeaseKey};
use domain::{Actor, Permission, TenantId};
use futures_util::future::BoxFuture;
use http::HeaderMap;
use store::models::State;
use tokio::time::Instant;

use self::{
    limits::Admitted,
    running::{Entry, Ties},
};
use super::{
    Caller, Error, Result, Unusable,
    usable::{has_ended, lease},
};
use crate::{Context, pulse::NotReady};

pub use self::{
    admission::Admission,
    call::{Call, Timing},
    failure::{FailureKind, ModelFailure},
    limits::{Limit, Limits, Reached, Whose},
    patience::Patience,
    remap::Remaps,
    room::{Arriving, Full, Room, Share},
    routes::AllRoutes,
    running::{Ends, Running},
};
pub(crate) use parts::Parts;
pub(crate) use routes::Route;

/// The longest that a model may think before a whole answer begins: AWS's own clients wait that long …
const BEGIN_WITHIN: Duration = Duration::from_secs(3_600);
/// … before a stream begins: as long as it may be silent later …
const STREAM_WITHIN: Duration = Duration::from_secs(300);
/// … and before tokens are counted, which takes no model.
const COUNT_WITHIN: Duration = Duration::from_secs(30);

/// What is asked of a model.
pub struct Asked<'a> {
    /// The model, as its caller [found](Converser::find) it.
    pub(crate) route: Arc<Route>,
    /// Which operation.
    pub operation: Operation,
    /// The body, in Bedrock's form.
    pub body: Bytes,
    /// The caller's headers: those that are Bedrock's own go along.
    pub headers: &'a HeaderMap,
}

/// A caller who was let in: known, allowed to converse, and within the limits. Nothing is read of a request before.
#[derive(Clone)]
pub struct Converser {
    admission: Arc<Admission>,
    actor: Actor,
    entry: Arc<Entry>,
    began: Instant,
    /// Whether it asks for a part of what its caller asked for.
    is_part: bool,
    _admitted: Arc<Admitted>,
}

/// A caller who is there, and is ended by whatever takes away what it depends on from here on.
pub struct Arrived {
    tenant: TenantId,
    actor: Actor,
    entry: Entry,
    began: Instant,
}

impl Arrived {
    /// Notes that a caller is there.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Starting`], [`Error::Blind`].
    pub fn note(context: &Context, caller: &Caller) -> Result<Self> {
        let began = Instant::now();
        let tenant = caller.scope.require(Permission::Converse)?;
        require_open(context)?;
        let actor = caller.scope.actor().clone();
        let entry = context.running.enter(Ties {
            tenant,
            actor: actor.clone(),
            connection: None,
        });
        Ok(Self {
            tenant,
            actor,
            entry,
            began,
        })
    }

    /// Lets it in.
    ///
    /// # Errors
    /// [`Error::Limited`].
    pub fn admit(self, context: &Context) -> Result<Converser> {
        let Self {
            tenant,
            actor,
            entry,
            began,
        } = self;
        let admitted = context
            .limits
            .admit(tenant, &actor)
            .map_err(|(whose, reached)| Error::Limited(whose, reached))?;
        Ok(Converser {
            admission: Arc::new(Admission::new(tenant, entry.lost())),
            actor,
            entry: Arc::new(entry),
            began,
            is_part: false,
            _admitted: Arc::new(admitted),
        })
    }
}

impl Converser {
    /// Itself in the same place once more, for one of the [`Parts`] of what it asks for.
    pub(crate) fn part(&self) -> Self {
        Self {
            began: Instant::now(),
            is_part: true,
            ..self.clone()
        }
    }

    /// Room for what it asks and is answered.
    pub(crate) fn share(&self, context: &Context) -> Share {
        context.room.share(self.admission.tenant)
    }

    /// Whose it is, and what ends it before its time: a key was revoked, a connection disconnected; for a stream, that the
    /// service stops.
    pub(crate) fn whose(&self) -> (TenantId, Ends) {
        (self.admission.tenant, self.entry.ends())
    }

    /// What the reader of its body goes by.
    pub(crate) fn admission(&self) -> Arc<Admission> {
        Arc::clone(&self.admission)
    }

    /// What a caller names: `mod_…`, what AWS calls it, or its alias. Tied to its connection: no disconnect is missed from
    /// here on.
    ///
    /// # Errors
    /// [`Error::ModelNotFound`], [`Error::ModelAmbiguous`], [`Error::Store`].
    pub(crate) async fn find(&self, context: &Context, name: &str) -> Result<Arc<Route>> {
        loop {
            let heard = context.running.heard();
            let route = routes::find(context, self.admission.tenant, name).await?;
            self.entry.tie(route.connection.id);
            if context.running.heard() == heard {
                return Ok(route);
            }
        }
    }
}

/// The registered models of a caller's tenant, oldest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::Starting`], [`Error::Blind`], [`Error::Store`].
pub(crate) async fn models(context: &Context, caller: &Caller) -> Result<Vec<Arc<Route>>> {
    let tenant = caller.scope.require(Permission::Converse)?;
    require_open(context)?;
    routes::all(context, tenant).await
}

/// The one of them that has a name.
///
/// # Errors
/// As of [`models`]; [`Error::ModelNotFound`], [`Error::ModelAmbiguous`].
pub(crate) async fn model(context: &Context, caller: &Caller, name: &str) -> Result<Arc<Route>> {
    let models = models(context, caller).await?;
    routes::choose(&models, name).cloned()
}

/// Asks a model, and comes back when its answer begins.
///
/// # Errors
/// [`Error::Unusable`], [`Error::Model`], [`Error::Withdrawn`], [`Error::Interrupted`]; [`Error::Full`].
pub async fn ask(
    context: &Context,
    converser: Converser,
    asked: Asked<'_>,
) -> Result<(Answer, Call)> {
    let mut call = Call::begin(context, converser, Arc::clone(&asked.route));
    let ends = call.ends();
    // Whole answers under way outlive the order to stop.
    let ended = async {
        if asked.operation.streams() {
            ends.ended().await
        } else {
            ends.withdrawn().await
        }
    };
    // On the heap: futures that hold it stay small.
    let attempt = Box::pin(attempt(context, &mut call, &asked));
    let answer = tokio::select! {
        biased;
        error = ended => Err(error),
        answer = attempt => answer,
    };
    match answer {
        Ok(answer) => {
            call.answered();
            Ok((answer, call))
        }
        Err(error) => {
            call.refused(&error);
            Err(error)
        }
    }
}

async fn attempt(context: &Context, call: &mut Call, asked: &Asked<'_>) -> Result<Answer> {
    let route = &*asked.route;
    require_usable(route)?;
    call.reserve(asked.operation)?;
    let key = (*route.lease).as_ref().map_err(Unusable::clone)?;
    let mut held = leased(context, key, call).await?;
    let mut answer = send(context, route, key, &held, asked, call).await;
    // AWS ends sessions before their time too: another lease may do.
    if matches!(&answer, Err(error) if has_ended(error)) {
        context.leases.discard(key, &held);
        held = leased(context, key, call).await?;
        answer = send(context, route, key, &held, asked, call).await;
    }
    let refusal = match answer {
        Ok(answer) => return Ok(answer),
        Err(error) => call.fail(&error),
    };
    if !remap::is_called_for(&refusal, route) || context.remaps.are_vain(route) {
        return Err(refusal);
    }
    // On the heap: it is rare, and lists all there is in AWS.
    let remapped: BoxFuture<'_, Result<_>> = Box::pin(remap::remap(context, call.tenant(), route));
    // Whatever keeps the lists from being read, it is not what the caller asked about.
    let Ok(Some(route)) = remapped.await else {
        context.remaps.note_vain(route);
        return Err(refusal);
    };
    call.reroute(Arc::clone(&route));
    send(context, &route, key, &held, asked, call)
        .await
        .map_err(|error| call.fail(&error))
}

async fn leased(context: &Context, key: &LeaseKey, call: &mut Call) -> Result<Lease> {
    let waited = Instant::now();
    let held = lease(context, key).await;
    call.leased(waited.elapsed());
    held.map_err(|error| call.fail(&error))
}

async fn send(
    context: &Context,
    route: &Route,
    key: &LeaseKey,
    lease: &Lease,
    asked: &Asked<'_>,
    call: &mut Call,
) -> Result<Answer, AwsFailure> {
    let request = Request {
        operation: asked.operation,
        model_id: route.id_for(asked.operation),
        body: &asked.body,
        headers: Some(asked.headers),
        begin_within: begin_within(asked.operation),
    };
    if asked.operation != Operation::CountTokens {
        call.sent(asked.body.len());
    }
    let sent = Instant::now();
    call.waits_for_aws(sent);
    let answer = context
        .transport
        .send(key.access, lease, &key.region, request)
        .await;
    call.waited_for_aws(sent.elapsed());
    answer
}

/// Nothing is spent by a replica that does not know what has been revoked.
fn require_open(context: &Context) -> Result<()> {
    context.pulse.data_plane().map_err(|reason| match reason {
        NotReady::Starting => Error::Starting,
        _ => Error::Blind,
    })
}

/// A model that a check has found to be gone is not asked in vain.
fn require_usable(route: &Route) -> Result<()> {
    match route.model.state {
        State::Available | State::Legacy | State::Unverified => Ok(()),
        State::Unavailable => Err(Unusable::model(route.model.state_reason.as_deref()).into()),
    }
}

/// How long it is waited for an answer to begin.
const fn begin_within(operation: Operation) -> Duration {
    match operation {
        Operation::Converse | Operation::InvokeModel => BEGIN_WITHIN,
        Operation::ConverseStream | Operation::InvokeModelWithResponseStream => STREAM_WITHIN,
        Operation::CountTokens => COUNT_WITHIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the future takes that a function gives.
    fn size<A, B, C, F: Future>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn what_each_request_waits_for_is_small() {
        // It is moved about with each of them. By value, a read from the database would take 15 KiB of it, and a connection
        // that is opened 8.
        for (what, size) in [
            ("find", size(Converser::find)),
            ("ask", size(ask)),
            ("attempt", size(attempt)),
        ] {
            assert!(size < 4 * 1_024, "{what}: {size} bytes");
        }
    }
}
