//! A conversation from its beginning to its end, for whatever has to be noted of it.

use std::{sync::Arc, time::Duration};

use credential_provider::Error as AwsFailure;
use domain::TenantId;
use store::usage::Outcome;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Converser, failure::failure, routes::Route, running::Ends};
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
    converser: Converser,
    route: Arc<Route>,
    began: Instant,
    timing: Timing,
    outcome: Outcome,
    tokens: Tokens,
}

/// Where the time went until the answer began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// Waiting for what the client sends.
    pub upload: Duration,
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
            .saturating_sub(self.upload)
            .saturating_sub(self.lease)
            .saturating_sub(self.upstream)
    }
}

impl Call {
    pub(super) fn begin(context: &Context, converser: Converser, route: Arc<Route>) -> Self {
        let timing = Timing {
            upload: converser.admission.uploaded(),
            ..Timing::default()
        };
        Self {
            context: context.clone(),
            began: converser.began,
            converser,
            route,
            timing,
            outcome: Outcome::Cancelled,
            tokens: Tokens::default(),
        }
    }

    pub(super) fn tenant(&self) -> TenantId {
        self.converser.admission.tenant
    }

    /// Says how long a lease was waited for.
    pub(super) fn leased(&mut self, waited: Duration) {
        self.timing.lease += waited;
    }

    /// Says how long AWS was waited for.
    pub(super) fn waited_for_aws(&mut self, waited: Duration) {
        self.timing.upstream += waited;
    }

    /// Notes that the model is reached in another way.
    pub(super) fn reroute(&mut self, route: Arc<Route>) {
        self.route = route;
    }

    /// Notes that an answer has begun. Unless it comes to its end, it was cancelled.
    pub(super) fn answered(&mut self) {
        self.outcome = Outcome::Cancelled;
        self.timing.total = self.began.elapsed();
    }

    /// Notes that there is no answer, for whatever reason.
    pub(super) fn refused(&mut self, error: &Error) {
        self.timing.total = self.began.elapsed();
        if self.outcome == Outcome::Cancelled && !matches!(error, Error::Interrupted) {
            self.outcome = Outcome::Refused;
        }
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
        self.converser.entry.lost()
    }

    /// What ends a stream before its time: that, or the service stops.
    pub fn ends(&self) -> Ends {
        self.converser.entry.ends()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Tokens { input, output, .. } = self.tokens;
        self.context.limits.charge(
            self.tenant(),
            &self.converser.actor,
            input.saturating_add(output),
        );
        let ended = Ended {
            tenant: self.tenant(),
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
