//! An answer in events, from the moment its first one is there, or the answer was waited for long enough.

use std::time::Duration;

use bedrock::transport::{Answer, Batch, Frames};
use credential_provider::Error as AwsFailure;
use domain::TenantId;
use futures_util::future::BoxFuture;
use store::usage::Outcome;
use tokio::time::{Instant, timeout};

use super::watched::Watch;
use crate::{
    Context,
    api::problem::Problem,
    app::{
        self,
        conversations::{
            Call, Ends, Patience,
            tokens::{self, Told},
        },
        usage::Tokens,
    },
    http::RequestId,
};

/// Comes back when an answer begins. On the heap, as it may be waited for in one place and then in another.
pub(super) type Asking = BoxFuture<'static, Result<(Answer, Call), app::Error>>;

/// The events of a conversation.
pub(super) struct Events {
    context: Context,
    request_id: RequestId,
    tenant: TenantId,
    answer: Answering,
    /// Returns when it has to end before its time, and why. One for the whole stream, which waits for it with every event.
    ended: BoxFuture<'static, app::Error>,
    ends: Ends,
    /// The model itself has said that it failed.
    is_broken: bool,
    /// Nothing has to come any more. Of another model's own chunks nobody knows which is the last.
    may_end: bool,
    is_over: bool,
}

/// How far the answer is.
enum Answering {
    /// It is late to begin.
    Late(Asking),
    Begun(Box<Begun>),
}

struct Begun {
    frames: Frames,
    call: Call,
    first: Option<Batch>,
    heard: Instant,
}

/// Why there is no batch.
enum Without {
    /// Nothing came for a while.
    Silence,
    /// The answer does not go on.
    Broken(AwsFailure),
    /// There is no answer, or it has to end.
    Refused(app::Error),
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
    /// Waits until the answer begins and for its first events, for a while.
    ///
    /// # Errors
    /// What AWS says instead: then the status can still tell.
    pub(super) async fn begin(
        context: Context,
        request_id: RequestId,
        whose: (TenantId, Ends),
        mut asking: Asking,
    ) -> Result<Self, app::Error> {
        let answer = match timeout(context.settings.patience.begin, &mut asking).await {
            Ok(asked) => {
                let (answer, call) = asked?;
                return Self::of_answer(context, request_id, answer, call).await;
            }
            Err(_) => Answering::Late(asking),
        };
        Ok(Self::new(context, request_id, whose, answer))
    }

    /// Waits for the first events of an answer that has begun, for a while.
    ///
    /// # Errors
    /// What AWS says instead of a first event: then the status can still tell.
    pub(super) async fn of_answer(
        context: Context,
        request_id: RequestId,
        answer: Answer,
        call: Call,
    ) -> Result<Self, app::Error> {
        let whose = (call.tenant(), call.ends());
        let mut begun = Begun::new(answer, call);
        begun.wait(context.settings.patience.first).await?;
        let answer = Answering::Begun(Box::new(begun));
        Ok(Self::new(context, request_id, whose, answer))
    }

    fn new(
        context: Context,
        request_id: RequestId,
        (tenant, ends): (TenantId, Ends),
        answer: Answering,
    ) -> Self {
        Self {
            context,
            request_id,
            tenant,
            answer,
            ended: Box::pin(ends.clone().ended()),
            ends,
            is_broken: false,
            may_end: false,
            is_over: false,
        }
    }

    /// Waits for what comes next.
    pub(super) async fn next(&mut self) -> Next {
        if self.is_over {
            return Next::End;
        }
        let batch = tokio::select! {
            batch = self.answer.batch(self.context.settings.patience) => batch,
            error = &mut self.ended => Err(Without::Refused(error)),
        };
        match batch {
            Ok(Some(batch)) => {
                let failure = self.read(&batch);
                Next::Batch(batch, failure)
            }
            Ok(None) => {
                self.is_over = true;
                self.end()
            }
            Err(Without::Silence) => Next::Silence,
            Err(Without::Broken(error)) => {
                self.is_over = true;
                Next::Failed(self.fail(&error))
            }
            Err(Without::Refused(error)) => {
                self.is_over = true;
                Next::Failed(self.tell(error))
            }
        }
    }

    /// What it means that nothing comes any more.
    fn end(&mut self) -> Next {
        let Answering::Begun(begun) = &mut self.answer else {
            return Next::End;
        };
        if !self.may_end {
            let cut_short = begun.frames.cut_short();
            return Next::Failed(self.fail(&cut_short));
        }
        if self.is_broken {
            begun.call.broke();
        } else {
            begun.call.finish();
        }
        Next::End
    }

    /// Notes what was used, for doors that read what events say.
    pub(super) const fn used(&mut self, tokens: Tokens) {
        if let Answering::Begun(begun) = &mut self.answer {
            begun.call.used(tokens);
        }
    }

    /// How often a silent stream is told to be alive.
    pub(super) fn sign_every(&self) -> Duration {
        self.context.settings.patience.sign
    }

    /// What whoever watches over it has to know.
    pub(super) fn watch(&self) -> Watch {
        Watch {
            request_id: self.request_id.clone(),
            ended: Box::pin(self.ends.clone().ended()),
            tenant: self.tenant,
            context: self.context.clone(),
        }
    }

    /// The request that it answers.
    pub(super) fn request_id(&self) -> &str {
        &self.request_id.0
    }

    /// What a failure in mid-stream means.
    pub(super) fn fail(&mut self, error: &AwsFailure) -> Problem {
        let error = match &mut self.answer {
            Answering::Begun(begun) => begun.call.fail(error),
            // Nothing has come that could be wrong.
            Answering::Late(_) => app::Error::Interrupted,
        };
        self.tell(error)
    }

    /// Tells log and metrics why there is no more: the request's own line says that it was answered.
    fn tell(&self, error: app::Error) -> Problem {
        let problem = Problem::from(error);
        let code = problem.code().as_str();
        self.context.metrics.problem(code);
        tracing::warn!(
            request_id = self.request_id(),
            tenant = %self.tenant,
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
        let Answering::Begun(begun) = &mut self.answer else {
            return None;
        };
        for event in batch.clone() {
            match event {
                Ok(event) => {
                    begun.call.heard();
                    self.may_end |= matches!(event.kind(), "messageStop" | "chunk");
                    match tokens::of_event(&event) {
                        Some(Told::Used(tokens)) => begun.call.used(tokens),
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

impl Drop for Events {
    /// The request's own line tells how the stream began: this one how it ended.
    fn drop(&mut self) {
        let ended = match &self.answer {
            Answering::Begun(begun) => Some(begun.call.ended()),
            // Nothing ever came, and it is told why.
            Answering::Late(_) if self.is_over => return,
            Answering::Late(_) => None,
        };
        let ended = ended.as_ref();
        let outcome = ended.map_or(Outcome::Cancelled, |ended| ended.outcome);
        tracing::info!(
            request_id = self.request_id(),
            tenant = %self.tenant,
            outcome = outcome.as_str(),
            ms = ended.map(|ended| ended.took.as_secs_f64() * 1_000.0),
            input_tokens = ended.map(|ended| ended.tokens.input),
            output_tokens = ended.map(|ended| ended.tokens.output),
            "a stream ended"
        );
    }
}

impl Answering {
    /// The next batch; `None` when nothing comes any more.
    async fn batch(&mut self, patience: Patience) -> Result<Option<Batch>, Without> {
        match self {
            Self::Late(asking) => {
                if let Ok(asked) = timeout(patience.sign, asking).await {
                    let (answer, call) = asked.map_err(Without::Refused)?;
                    *self = Self::Begun(Box::new(Begun::new(answer, call)));
                }
                Err(Without::Silence)
            }
            Self::Begun(begun) => begun.batch(patience).await,
        }
    }
}

impl Begun {
    fn new(answer: Answer, call: Call) -> Self {
        Self {
            frames: answer.frames(),
            call,
            first: None,
            heard: Instant::now(),
        }
    }

    /// Waits for the first events, for a while.
    async fn wait(&mut self, patience: Duration) -> Result<(), app::Error> {
        let first = tokio::select! {
            first = self.frames.batch(patience) => first,
            error = self.call.ends().ended() => return Err(error),
        };
        self.heard = Instant::now();
        match first {
            Ok(Some(batch)) => {
                if let Some(Err(error)) = batch.clone().next() {
                    return Err(self.call.fail(&error));
                }
                self.first = Some(batch);
                Ok(())
            }
            Ok(None) => {
                let cut_short = self.frames.cut_short();
                Err(self.call.fail(&cut_short))
            }
            Err(AwsFailure::TimedOut { .. }) => Ok(()),
            Err(error) => Err(self.call.fail(&error)),
        }
    }

    async fn batch(&mut self, patience: Patience) -> Result<Option<Batch>, Without> {
        if let Some(batch) = self.first.take() {
            return Ok(Some(batch));
        }
        match self.frames.batch(patience.sign).await {
            Ok(batch) => {
                self.heard = Instant::now();
                Ok(batch)
            }
            Err(AwsFailure::TimedOut { .. }) if self.heard.elapsed() < patience.silence => {
                Err(Without::Silence)
            }
            Err(error) => Err(Without::Broken(error)),
        }
    }
}
