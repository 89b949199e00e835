//! Connections that carry nothing. hyper's own limit covers heads of HTTP/1 only, not the bytes before it knows the version,
//! nor HTTP/2.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use http::Version;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, sleep};

use super::serve::Limits;

/// The requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Whether one came over HTTP/1: how long the next one may take is hyper's affair.
    is_http1: AtomicBool,
    begun: AtomicUsize,
    under_way: AtomicUsize,
}

/// One of them, until it has been answered to the end.
pub(super) struct Request(Option<Arc<Requests>>);

impl Requests {
    /// Notes that a request has begun.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Request {
        if version <= Version::HTTP_11 {
            self.is_http1.store(true, Relaxed);
            return Request(None);
        }
        self.begun.fetch_add(1, SeqCst);
        self.under_way.fetch_add(1, SeqCst);
        Request(Some(Arc::clone(self)))
    }
}

impl Request {
    /// Goes on until the answer's body has ended or is given up.
    pub(super) fn with(self, body: Body) -> Body {
        if self.0.is_none() {
            return body;
        }
        Body::new(Answering {
            body,
            _request: self,
        })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some(requests) = &self.0 {
            requests.under_way.fetch_sub(1, SeqCst);
        }
    }
}

struct Answering {
    body: Body,
    _request: Request,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What becomes of a connection; `None` if it carries nothing for too long.
pub(super) async fn unless_idle<C: Future>(
    connection: C,
    requests: &Requests,
    limits: Limits,
) -> Option<C::Output> {
    let mut connection = pin!(connection);
    let mut look = pin!(sleep(limits.first));
    let mut before = 0;
    poll_fn(|context| {
        // Over HTTP/1 it is polled with every packet, and has nothing to look for.
        if !requests.is_http1.load(Relaxed) && look.as_mut().poll(context).is_ready() {
            let begun = requests.begun.load(SeqCst);
            if begun == before && requests.under_way.load(SeqCst) == 0 {
                return Poll::Ready(None);
            }
            before = begun;
            look.as_mut().reset(Instant::now() + limits.head);
            let _ = look.as_mut().poll(context);
        }
        connection.as_mut().poll(context).map(Some)
    })
    .await
}
