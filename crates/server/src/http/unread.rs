//! What a refusal leaves unread of a request's body.
//!
//! Over HTTP/1 the next request comes behind it; over HTTP/2 the stream would be reset behind the answer, and many clients lose
//! the answer then. Who is refused before the body was read, for want of a key for example, is
//! to hear the refusal and to keep the connection, so the rest is read and forgotten, as far as it comes soon.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use http::{Request, Version, header::EXPECT};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::timeout;

/// The most that is read, in bytes: a client that still sends when the connection is closed does not hear why. A document of
/// 30 MB has 40 in base64.
const MOST: usize = 64 * 1024 * 1024;
/// Longest that all of it is waited for …
const PATIENCE: Duration = Duration::from_secs(60);
/// … and that nothing of it may come.
const SILENCE: Duration = Duration::from_secs(2);

/// Where the body of a request comes back to, if it is dropped before its end.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    body: Arc<Mutex<Option<Incoming>>>,
    /// Whether the client sends it only when it is asked to.
    waits: bool,
    /// Whether other requests of the connection go on, whatever becomes of this one.
    is_alone: bool,
}

/// A body that comes back.
struct Lent {
    /// None once it has come back.
    body: Option<Incoming>,
    home: Unread,
}

impl Unread {
    /// Lends a request's body to whoever handles it, if there is one to come back.
    pub(super) fn lend(mut request: Request<Incoming>) -> Request<Body> {
        if request.body().is_end_stream() {
            return request.map(Body::new);
        }
        let home = Self {
            body: Arc::default(),
            waits: request.headers().contains_key(EXPECT),
            is_alone: request.version() > Version::HTTP_11,
        };
        request.extensions_mut().insert(home.clone());
        request.map(|body| {
            Body::new(Lent {
                body: Some(body),
                home,
            })
        })
    }

    /// Reads and forgets what has come back. Whether the connection can go on: over HTTP/1, if that was all.
    pub(super) async fn skip(self) -> bool {
        let Some(body) = self.slot().take() else {
            return true;
        };
        // To read it would be to ask for it.
        if self.waits {
            return self.is_alone;
        }
        let mut left = MOST;
        let mut rest = Body::new(body).into_data_stream();
        let rest = async {
            while let Some(chunk) = timeout(SILENCE, rest.next()).await.ok()? {
                left = left.checked_sub(chunk.ok()?.len())?;
            }
            Some(())
        };
        matches!(timeout(PATIENCE, rest).await, Ok(Some(()))) || self.is_alone
    }

    fn slot(&self) -> MutexGuard<'_, Option<Incoming>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && !body.is_end_stream()
        {
            *self.home.slot() = Some(body);
        }
    }
}
