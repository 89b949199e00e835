//! A body that ends when it has to, also while its client reads nothing: nobody asks it for more then, so that it cannot notice
//! by itself.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{self, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use domain::TenantId;
use futures_util::{Stream, future::BoxFuture};
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Context, api::problem::Problem, app, http::RequestId};

/// How long a stream that has to end may take to say so to a client that reads.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is looked whether it is read, while it may not be.
const LOOKS: u32 = 8;

/// What a body is watched for.
pub(super) struct Watch {
    /// The request that it answers.
    pub(super) request_id: RequestId,
    /// Returns when it has to end, and why.
    pub(super) ended: BoxFuture<'static, app::Error>,
    /// Whose it is.
    pub(super) tenant: TenantId,
    pub(super) context: Context,
}

/// A body of what `pieces` gives.
pub(super) fn watched<S, E>(watch: Watch, pieces: S) -> Body
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let held = Arc::new(Held(Mutex::new(State {
        pieces: Some(Box::pin(pieces)),
        told: None,
    })));
    let gone = CancellationToken::new();
    tokio::spawn(watch.over(Arc::downgrade(&held), gone.clone()));
    Body::from_stream(Watched {
        held,
        _gone: gone.drop_guard(),
    })
}

/// The pieces as their client reads them.
struct Watched<S> {
    held: Arc<Held<S>>,
    _gone: DropGuard,
}

struct Held<S>(Mutex<State<S>>);

struct State<S> {
    /// None once they were ended from outside.
    pieces: Option<Pin<Box<S>>>,
    /// Since when the client has not asked for more than it has.
    told: Option<Instant>,
}

impl<S> Held<S> {
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S, E> Stream for Watched<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.held.lock();
        let Some(pieces) = &mut state.pieces else {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
        };
        let next = pieces.as_mut().poll_next(cx);
        state.told = next.is_ready().then(Instant::now);
        next.map(|next| next.map(|bytes| bytes.map_err(io::Error::other)))
    }
}

impl Watch {
    /// Ends the body when it has to end, and nobody reads that it does.
    async fn over<S>(self, held: Weak<Held<S>>, gone: CancellationToken) {
        let ended = async {
            let why = self.ended.await;
            sleep(LAST_WORDS).await;
            Problem::from(why).code().as_str()
        };
        let patience = self.context.settings.patience.unread;
        let is_read = || {
            let told = held.upgrade().and_then(|held| held.lock().told);
            told.is_none_or(|told| told.elapsed() < patience)
        };
        let unread = async {
            while is_read() {
                sleep(patience / LOOKS).await;
            }
        };
        let code = tokio::select! {
            () = gone.cancelled() => return,
            code = ended => Some(code),
            () = unread => None,
        };
        if let Some(code) = code {
            self.context.metrics.problem(code);
        }
        tracing::warn!(
            request_id = &*self.request_id.0,
            tenant = %self.tenant,
            code,
            "an answer was ended that nobody read"
        );
        if let Some(held) = held.upgrade() {
            let pieces = held.lock().pieces.take();
            drop(pieces);
        }
    }
}
