//! A conversation from its beginning to its end, for whatever has to be noted of it.

use std::{sync::Arc, time::Duration};

use bedrock::transport::{Operation, UNREAD};
use credential_provider::Error as AwsFailure;
use domain::TenantId;
use store::usage::Outcome;
use tokio::time::Instant;

use super::{Converser, Full, Share, failure::failure, routes::Route, running::Ends};
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
    /// Room for what it answers.
    share: Share,
    /// How many bytes a model was sent.
    sent: usize,
    /// How many events of its answer were heard.
    heard: u64,
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
        let upload = match converser.is_part {
            true => Duration::ZERO,
            false => converser.admission.uploaded(),
        };
        let timing = Timing {
            upload,
            ..Timing::default()
        };
        Self {
            context: context.clone(),
            began: converser.began,
            share: context.room.share(converser.admission.tenant),
            converser,
            route,
            timing,
            outcome: Outcome::Cancelled,
            tokens: Tokens::default(),
            sent: 0,
            heard: 0,
        }
    }

    /// Whose it is.
    pub fn tenant(&self) -> TenantId {
        self.converser.admission.tenant
    }

    /// Who converses.
    pub(crate) const fn converser(&self) -> &Converser {
        &self.converser
    }

    /// Where its time went until it was answered.
    pub(super) const fn timing(&self) -> Timing {
        self.timing
    }

    /// Says how long a lease was waited for.
    pub(super) fn leased(&mut self, waited: Duration) {
        self.timing.lease += waited;
    }

    /// Says that AWS is waited for from then on.
    pub(super) fn waits_for_aws(&self, since: Instant) {
        if !self.converser.is_part {
            let admission = &self.converser.admission;
            admission.note_waiting(self.began, since, self.timing);
        }
    }

    /// Says how long AWS was waited for.
    pub(super) fn waited_for_aws(&mut self, waited: Duration) {
        self.timing.upstream += waited;
    }

    /// Notes that a model is sent so many bytes.
    pub(super) const fn sent(&mut self, bytes: usize) {
        self.sent = bytes;
    }

    /// Notes an event of the answer.
    pub const fn heard(&mut self) {
        self.heard += 1;
    }

    /// Reserves room for most answers, or for what of one in events may wait to be read, before a model is paid for what there
    /// is no room for.
    pub(super) fn reserve(&mut self, operation: Operation) -> Result<(), Full> {
        const MOST_ANSWERS: usize = 16 * 1_024;
        let bytes = match operation.streams() {
            true => UNREAD as usize,
            false => MOST_ANSWERS,
        };
        self.share.grow_to(bytes)
    }

    /// Room for what it answers, as far as it is reserved.
    pub fn share(&mut self) -> Share {
        let more = self.context.room.share(self.tenant());
        std::mem::replace(&mut self.share, more)
    }

    /// Notes that the model is reached in another way.
    pub(super) fn reroute(&mut self, route: Arc<Route>) {
        self.route = route;
    }

    /// Notes that an answer has begun. Unless it comes to its end, it was cancelled.
    pub(super) fn answered(&mut self) {
        self.outcome = Outcome::Cancelled;
        self.time();
    }

    /// Notes that there is no answer, for whatever reason.
    pub(super) fn refused(&mut self, error: &Error) {
        self.time();
        let is_ended = matches!(error, Error::Withdrawn | Error::Interrupted);
        if self.outcome == Outcome::Cancelled && !is_ended {
            self.outcome = Outcome::Refused;
        }
    }

    /// Notes where the time went until now.
    fn time(&mut self) {
        self.timing.total = self.began.elapsed();
        if !self.converser.is_part {
            self.converser.admission.note_timing(self.timing);
        }
    }

    /// Notes what the answer says that it used.
    pub const fn used(&mut self, tokens: Tokens) {
        self.tokens = tokens;
    }

    /// Notes that the answer has come to its end.
    pub const fn finish(&mut self) {
        self.outcome = Outcome::Answered;
    }

    /// Notes that the answer is none: the model itself says so in it, or there is no room for it.
    pub const fn broke(&mut self) {
        self.outcome = Outcome::Failed;
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

    /// How it ended, if nothing more happens.
    pub(crate) fn ended(&self) -> Ended<'_> {
        Ended {
            tenant: self.tenant(),
            connection: self.route.connection.id,
            model: self.route.model.id,
            alias: &self.route.model.alias,
            invoke_id: &self.route.model.facts.invoke_id,
            outcome: self.outcome,
            tokens: self.tokens,
            took: self.began.elapsed(),
        }
    }

    /// What ends it before its time: a key was revoked, a connection disconnected; for a stream, that the service stops.
    pub fn ends(&self) -> Ends {
        self.converser.entry.ends()
    }
}

/// What an answer that was given up counts at least against the limit of tokens: AWS tells what was used at the end, and
/// nobody gets round the limit by not waiting for it. Usage is what AWS tells alone.
fn given_up(tokens: Tokens, sent: usize, heard: u64) -> Tokens {
    /// Few tokens are shorter, but an image is far less than its bytes.
    const BYTES_OF_A_TOKEN: usize = 4;
    const MOST: u64 = 32_000;

    let is_told = tokens.input > 0 || tokens.cache_read > 0 || tokens.cache_write > 0;
    let read = (sent / BYTES_OF_A_TOKEN) as u64;
    Tokens {
        input: if is_told {
            tokens.input
        } else {
            read.min(MOST)
        },
        // Each event has a token or more.
        output: tokens.output.max(heard),
        ..tokens
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let used = match self.outcome {
            Outcome::Cancelled => given_up(self.tokens, self.sent, self.heard),
            _ => self.tokens,
        };
        let actor = &self.converser.actor;
        self.context
            .limits
            .charge(self.tenant(), actor, used.limited());
        self.context.usage.note(&self.ended(), self.context.now());
        self.context
            .metrics
            .conversation(self.outcome, &self.timing);
    }
}
