//! An answer in events, from the moment its first one is there, or has been waited for long enough.

use std::time::Duration;

use bedrock::transport::{Batch, Frames};
use credential_provider::Error as AwsFailure;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::{
    Context,
    api::problem::Problem,
    app::{
        self,
        conversations::{
            Call, Ends,
            tokens::{self, Told},
        },
        usage::Tokens,
    },
    http::RequestId,
};

/// How long a first event may take before the status is told without it.
const FIRST: Duration = Duration::from_secs(5);
/// How long a stream may be silent: models think for minutes.
const IDLE: Duration = Duration::from_secs(300);
/// How often a silent stream is told to be alive.
const PING: Duration = Duration::from_secs(15);

/// The events of a conversation.
pub(super) struct Events {
    context: Context,
    request_id: RequestId,
    frames: Frames,
    call: Call,
    /// Returns when it has to end before its time, and why. One for the whole stream, which waits for it with every event.
    ended: BoxFuture<'static, app::Error>,
    ends: Ends,
    first: Option<Batch>,
    heard: Instant,
    /// The model itself has said that it failed.
    is_broken: bool,
    /// Nothing has to come any more. Of another model's own chunks nobody knows which is the last.
    may_end: bool,
    is_over: bool,
}

/// What comes next.
pub(super) enum Next {
    /// Events that came together, and what a refusal of AWS's among them means, which is the end.
    Batch(Batch, Option<Problem>),
    /// Nothing yet.
    Silence,
    /// No more, and why.
    Failed(Problem),
    /// The end.
    End,
}

impl Events {
    /// Waits for the first events, for a while.
    ///
    /// # Errors
    /// What AWS says instead of a first event: then the status can still tell.
    pub(super) async fn begin(
        context: Context,
        request_id: RequestId,
        mut frames: Frames,
        mut call: Call,
    ) -> Result<Self, app::Error> {
        let first = tokio::select! {
            first = frames.batch(FIRST) => first,
            error = call.ends().ended() => return Err(error),
        };
        let first = match first {
            Ok(Some(batch)) => match batch.clone().next() {
                Some(Err(error)) => return Err(call.fail(&error)),
                Some(Ok(_)) | None => Some(batch),
            },
            Ok(None) => return Err(call.fail(&frames.cut_short())),
            Err(AwsFailure::TimedOut { .. }) => None,
            Err(error) => return Err(call.fail(&error)),
        };
        Ok(Self {
            context,
            request_id,
            frames,
            ended: Box::pin(call.ends().ended()),
            ends: call.ends(),
            call,
            first,
            heard: Instant::now(),
            is_broken: false,
            may_end: false,
            is_over: false,
        })
    }

    /// Waits for what comes next.
    pub(super) async fn next(&mut self) -> Next {
        if self.is_over {
            return Next::End;
        }
        let batch = match self.first.take() {
            Some(batch) => Ok(Some(batch)),
            None => tokio::select! {
                batch = self.frames.batch(PING) => batch,
                error = &mut self.ended => {
                    self.is_over = true;
                    return Next::Failed(self.tell(error));
                }
            },
        };
        match batch {
            Ok(Some(batch)) => {
                self.heard = Instant::now();
                let failure = self.read(&batch);
                Next::Batch(batch, failure)
            }
            Ok(None) if !self.may_end => {
                self.is_over = true;
                let cut_short = self.frames.cut_short();
                Next::Failed(self.fail(&cut_short))
            }
            Ok(None) => {
                self.is_over = true;
                if self.is_broken {
                    self.call.broke();
                } else {
                    self.call.finish();
                }
                Next::End
            }
            Err(AwsFailure::TimedOut { .. }) if self.heard.elapsed() < IDLE => Next::Silence,
            Err(error) => {
                self.is_over = true;
                Next::Failed(self.fail(&error))
            }
        }
    }

    /// Notes what was used, for doors that read what events say.
    pub(super) const fn used(&mut self, tokens: Tokens) {
        self.call.used(tokens);
    }

    /// What ends it before its time.
    pub(super) fn ends(&self) -> Ends {
        self.ends.clone()
    }

    /// The request that it answers.
    pub(super) fn request_id(&self) -> &str {
        &self.request_id.0
    }

    /// What a failure in mid-stream means.
    pub(super) fn fail(&mut self, error: &AwsFailure) -> Problem {
        let error = self.call.fail(error);
        self.tell(error)
    }

    /// Tells log and metrics why there is no more: the request's own line says that it was answered.
    fn tell(&self, error: app::Error) -> Problem {
        let problem = Problem::from(error);
        let code = problem.code().as_str();
        self.context.metrics.problem(code);
        tracing::warn!(
            request_id = self.request_id(),
            tenant = %self.call.tenant(),
            code,
            reason = problem.why(),
            aws_request_id = problem.aws().and_then(|aws| aws.words.request_id.as_deref()),
            cause = problem.cause_chain(),
            "a stream broke off"
        );
        problem
    }

    /// Notes what events say about usage, and whether AWS gives up.
    fn read(&mut self, batch: &Batch) -> Option<Problem> {
        for event in batch.clone() {
            match event {
                Ok(event) => {
                    self.call.heard();
                    self.may_end |= matches!(event.kind(), "messageStop" | "chunk");
                    match tokens::of_event(&event) {
                        Some(Told::Used(tokens)) => self.call.used(tokens),
                        Some(Told::Failed) => self.is_broken = true,
                        None => {}
                    }
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(self.fail(&error));
                }
            }
        }
        None
    }
}
