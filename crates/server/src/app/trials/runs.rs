//! Tests of connections under way. Each is a task of its own: it ends, and what it found is noted, whether or not
//! somebody still waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bedrock::report::{Report, Step};
use domain::{Clock, ConnectionId, TenantId};
use time::Duration;
use tokio::sync::watch;

use crate::{
    app::{Error, Result, rate::Rate},
    chain::chain,
};

/// For how long an identical run is shared.
const SHARED: Duration = Duration::seconds(5);

/// What a run has found so far.
#[derive(Debug, Default)]
pub struct Progress {
    /// The steps that have ended.
    pub steps: Vec<Step>,
    /// How it ended.
    pub(super) outcome: Option<Outcome>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Report(Arc<Report>),
    LockedOut(u64),
    Gone,
    Unavailable,
}

/// A run, as whoever waits for it sees it.
#[derive(Debug, Clone)]
pub struct Run(watch::Receiver<Progress>);

/// Which runs are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RunKey {
    pub(super) tenant: TenantId,
    pub(super) connection: ConnectionId,
    pub(super) etag: i64,
    pub(super) revision: i32,
    pub(super) invoke: Option<String>,
    pub(super) takes_account: bool,
}

/// The runs of this replica.
pub struct Runs {
    clock: Arc<dyn Clock>,
    shared: Mutex<HashMap<RunKey, (Duration, Run)>>,
    /// How often a tenant may test what it enters …
    pub(in crate::app) entered: Rate<TenantId>,
    /// … and what it saved.
    pub(super) saved: Rate<TenantId>,
}

impl Run {
    /// Waits until something can be told: that it is going, or why it is not.
    ///
    /// # Errors
    /// [`Error::LockedOut`], [`Error::Store`].
    pub async fn begun(&mut self) -> Result<()> {
        let progress = self
            .0
            .wait_for(|progress| !progress.steps.is_empty() || progress.outcome.is_some())
            .await;
        let outcome = match progress {
            Ok(progress) if progress.steps.is_empty() => progress.outcome.clone(),
            Ok(_) => return Ok(()),
            Err(_) => None,
        };
        report_of(outcome.as_ref()).map(|_| ())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// [`Error::LockedOut`]; [`Error::Store`] if what it found could not be noted.
    pub async fn report(&mut self) -> Result<Arc<Report>> {
        let progress = self.0.wait_for(|progress| progress.outcome.is_some()).await;
        let outcome = progress.ok().and_then(|progress| progress.outcome.clone());
        report_of(outcome.as_ref())
    }

    /// The steps beyond the first `known`, as soon as there are some; none at the end.
    pub async fn steps_beyond(&mut self, known: usize) -> Vec<Step> {
        let more = |progress: &Progress| progress.steps.len() > known || progress.outcome.is_some();
        match self.0.wait_for(more).await {
            Ok(progress) => progress.steps.get(known..).unwrap_or_default().to_vec(),
            Err(_) => Vec::new(),
        }
    }
}

/// A task that ended without a word has panicked, or the service ends.
fn report_of(outcome: Option<&Outcome>) -> Result<Arc<Report>> {
    match outcome {
        Some(Outcome::Report(report)) => Ok(Arc::clone(report)),
        Some(Outcome::LockedOut(seconds)) => Err(Error::LockedOut(*seconds)),
        Some(Outcome::Gone) => Err(Error::NotFound),
        Some(Outcome::Unavailable) | None => Err(store::Error::silent().into()),
    }
}

impl Runs {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Mutex::default(),
            entered: Rate::new(Arc::clone(&clock), 30, Duration::seconds(2)),
            saved: Rate::new(Arc::clone(&clock), 20, Duration::seconds(3)),
            clock,
        }
    }

    /// The run that is the same as this and began a moment ago, or the one that `start` starts.
    pub(super) fn share(&self, key: RunKey, start: impl FnOnce() -> Result<Run>) -> Result<Run> {
        let now = self.clock.elapsed();
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|_, (began, _)| now - *began < SHARED);
        if let Some((_, run)) = shared.get(&key) {
            return Ok(run.clone());
        }
        let run = start()?;
        shared.insert(key, (now, run.clone()));
        Ok(run)
    }
}

/// Starts a run. `work` is told where to note each step.
pub(in crate::app) fn start<F>(work: impl FnOnce(Noting) -> F) -> Run
where
    F: Future<Output = Result<Report>> + Send + 'static,
{
    let (sender, receiver) = watch::channel(Progress::default());
    let sender = Arc::new(sender);
    let work = work(Noting(Arc::clone(&sender)));
    tokio::spawn(async move {
        let outcome = match work.await {
            Ok(report) => Outcome::Report(Arc::new(report)),
            Err(Error::LockedOut(seconds)) => Outcome::LockedOut(seconds),
            Err(Error::NotFound) => Outcome::Gone,
            Err(Error::Store(error)) => {
                tracing::warn!(error = chain(&error), "a test could not be noted");
                Outcome::Unavailable
            }
            Err(_) => Outcome::Unavailable,
        };
        sender.send_modify(|progress| progress.outcome = Some(outcome));
    });
    Run(receiver)
}

/// Where a run notes its steps.
pub(in crate::app) struct Noting(Arc<watch::Sender<Progress>>);

impl Noting {
    pub(super) fn step(&self, step: &Step) {
        self.0
            .send_modify(|progress| progress.steps.push(step.clone()));
    }
}
