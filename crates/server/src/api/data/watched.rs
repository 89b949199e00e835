//! A body of events that ends when it has to, also while its client reads nothing: nobody asks the events for more then, so
//! that they cannot notice by themselves.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::Stream;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{app::conversations::Ends, http::RequestId};

/// How long a stream that has to end may take to say so to a client that reads.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is looked whether it is read, while it may not be.
const LOOKS: u32 = 8;

/// What a stream is watched for.
pub(super) struct Watch {
    /// The request that it answers.
    pub(super) request_id: RequestId,
    /// When it has to end.
    pub(super) ends: Ends,
    /// How long its client may read nothing of what is there for it.
    pub(super) unread: Duration,
}

/// A body of what `events` gives.
pub(super) fn watched<S, E>(watch: Watch, events: S) -> Body
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let held = Arc::new(Held(Mutex::new(State {
        events: Some(Box::pin(events)),
        told: None,
    })));
    let gone = CancellationToken::new();
    tokio::spawn(watch.over(Arc::downgrade(&held), gone.clone()));
    Body::from_stream(Watched {
        held,
        _gone: gone.drop_guard(),
    })
}

/// The events as their client reads them.
struct Watched<S> {
    held: Arc<Held<S>>,
    _gone: DropGuard,
}

struct Held<S>(Mutex<State<S>>);

struct State<S> {
    /// None once they were ended from outside.
    events: Option<Pin<Box<S>>>,
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

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.held.lock();
        let Some(events) = &mut state.events else {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
        };
        let next = events.as_mut().poll_next(cx);
        state.told = next.is_ready().then(Instant::now);
        next.map(|next| next.map(|bytes| bytes.map_err(io::Error::other)))
    }
}

impl Watch {
    /// Ends the events when they have to end, and nobody reads that they do.
    async fn over<S>(self, held: Weak<Held<S>>, gone: CancellationToken) {
        let ended = async {
            self.ends.ended().await;
            sleep(LAST_WORDS).await;
        };
        let is_read = || {
            let told = held.upgrade().and_then(|held| held.lock().told);
            told.is_none_or(|told| told.elapsed() < self.unread)
        };
        let unread = async {
            while is_read() {
                sleep(self.unread / LOOKS).await;
            }
        };
        tokio::select! {
            () = gone.cancelled() => return,
            () = ended => {}
            () = unread => tracing::warn!(
                request_id = &*self.request_id.0,
                "a stream was ended that nobody read"
            ),
        }
        if let Some(held) = held.upgrade() {
            let events = held.lock().events.take();
            drop(events);
        }
    }
}
