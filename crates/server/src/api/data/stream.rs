//! An answer in events, from the moment its first one is there, or has been waited for long enough.

use std::time::Duration;

use bedrock::transport::{Batch, Frames};
use credential_provider::{Error as AwsFailure, Result};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::app::{
    self,
    conversations::{
        Call, Ends,
        tokens::{self, Told},
    },
    usage::Tokens,
};

/// How long a first event may take before the status is told without it.
const FIRST: Duration = Duration::from_secs(5);
/// How long a stream may be silent: models think for minutes.
const IDLE: Duration = Duration::from_secs(300);
/// How often a silent stream is told to be alive.
const PING: Duration = Duration::from_secs(15);

/// The events of a conversation.
pub(super) struct Events {
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
    /// Events that came together, and whether a refusal of AWS's is among them, which is the end.
    Batch(Batch, Option<AwsFailure>),
    /// Nothing yet.
    Silence,
    /// No more, and why.
    Failed(AwsFailure),
    /// It has to end before its time, and why.
    Ended(app::Error),
    /// The end.
    End,
}

impl Events {
    /// Waits for the first events, for a while.
    ///
    /// # Errors
    /// What AWS says instead of a first event: then the status can still tell.
    pub(super) async fn begin(mut frames: Frames, mut call: Call) -> Result<Self, app::Error> {
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
                    return Next::Ended(error);
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
                Next::Failed(self.frames.cut_short())
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
                Next::Failed(error)
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

    /// What a failure in mid-stream means.
    pub(super) fn fail(&mut self, error: &AwsFailure) -> app::Error {
        self.call.fail(error)
    }

    /// Notes what events say about usage, and whether AWS gives up.
    fn read(&mut self, batch: &Batch) -> Option<AwsFailure> {
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
                    return Some(error);
                }
            }
        }
        None
    }
}
