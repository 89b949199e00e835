//! A conversation from its beginning to its end, for whatever has to be noted of it.

use std::{sync::Arc, time::Duration};

use credential_provider::Error as AwsFailure;
use domain::{Actor, TenantId};
use store::usage::Outcome;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Converser,
    failure::failure,
    limits::Admitted,
    routes::Route,
    running::{Entry, Ties},
};
use crate::{
    Context,
    app::{
        Error,
        usage::{Ended, Tokens},
    },
};

/// A conversation under way. Dropped before its end, it was cancelled.
pub struct Call {
    context: Context,
    tenant: TenantId,
    actor: Actor,
    route: Arc<Route>,
    began: Instant,
    timing: Timing,
    outcome: Outcome,
    tokens: Tokens,
    entry: Entry,
    _admitted: Admitted,
}

/// Where the time went until the answer began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// Waiting for a lease.
    pub lease: Duration,
    /// Waiting for AWS.
    pub upstream: Duration,
    /// All of it.
    pub total: Duration,
}

impl Timing {
    /// Our own share.
    pub fn own(&self) -> Duration {
        self.total
            .saturating_sub(self.lease)
            .saturating_sub(self.upstream)
    }
}

impl Call {
    pub(super) fn begin(context: &Context, converser: Converser, route: Arc<Route>) -> Self {
        let Converser {
            tenant,
            actor,
            admitted,
            began,
        } = converser;
        let entry = context.running.enter(Ties {
            tenant,
            actor: actor.clone(),
            connection: route.connection.id,
        });
        Self {
            context: context.clone(),
            tenant,
            actor,
            route,
            began,
            timing: Timing::default(),
            outcome: Outcome::Cancelled,
            tokens: Tokens::default(),
            entry,
            _admitted: admitted,
        }
    }

    pub(super) const fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(super) const fn leased(&mut self, waited: Duration) {
        self.timing.lease = waited;
    }

    /// Notes that an answer has begun. Unless it comes to its end, it was cancelled.
    pub(super) fn answered(&mut self) {
        self.outcome = Outcome::Cancelled;
        self.timing.total = self.began.elapsed();
    }

    /// Says how long AWS was waited for.
    pub(super) const fn waited_for_aws(&mut self, waited: Duration) {
        self.timing.upstream = waited;
    }

    /// Where the time went until the answer began.
    pub const fn timing(&self) -> Timing {
        self.timing
    }

    /// Notes what the answer says that it used.
    pub const fn used(&mut self, tokens: Tokens) {
        self.tokens = tokens;
    }

    /// Notes that the answer has come to its end.
    pub const fn finish(&mut self) {
        self.outcome = Outcome::Answered;
    }

    /// Notes that there is no answer, or no more of it. What that means to the caller.
    pub fn fail(&mut self, error: &AwsFailure) -> Error {
        self.outcome = match error {
            AwsFailure::Throttled(_) => Outcome::Throttled,
            error if error.is_temporary() => Outcome::Failed,
            _ => Outcome::Refused,
        };
        failure(error, &self.route)
    }

    /// Cancelled when what it depends on is gone: a key was revoked, a connection disconnected.
    pub fn lost(&self) -> CancellationToken {
        self.entry.lost()
    }

    /// Returns when a stream has to end before its time: for that, or since the service stops.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        self.entry.ended()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Tokens { input, output, .. } = self.tokens;
        self.context
            .limits
            .charge(self.tenant, &self.actor, input.saturating_add(output));
        let ended = Ended {
            tenant: self.tenant,
            connection: self.route.connection.id,
            model: self.route.model.id,
            alias: &self.route.model.alias,
            invoke_id: &self.route.model.facts.invoke_id,
            outcome: self.outcome,
            tokens: self.tokens,
            took: self.began.elapsed(),
        };
        self.context.usage.note(&ended, self.context.now());
        self.context
            .metrics
            .conversation(self.outcome, &self.timing);
    }
}
