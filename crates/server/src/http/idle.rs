//! Connections that carry nothing, or only what their clients do not take. hyper's own limit covers heads of HTTP/1 only, not
//! the bytes before it knows the version, nor HTTP/2, where a client that reads nothing still answers pings.

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

/// How much of an answer is handed over at once.
const AT_ONCE: usize = 64 * 1_024;

/// The requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Whether one came over HTTP/1: how long the next one may take is hyper's affair, and the socket's how long an answer is
    /// left unread.
    is_http1: AtomicBool,
    /// One more whenever a request comes, or something of an answer is taken.
    moves: AtomicUsize,
    under_way: AtomicUsize,
    /// Those of them that wait for us, not for their clients.
    owed: AtomicUsize,
}

/// One of them, until it has been answered to the end.
pub(super) struct Request(Option<Waiting>);

struct Waiting {
    requests: Arc<Requests>,
    is_owed: bool,
}

impl Requests {
    /// Notes that a request has begun.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Request {
        if version <= Version::HTTP_11 {
            self.is_http1.store(true, Relaxed);
            return Request(None);
        }
        self.moves.fetch_add(1, SeqCst);
        self.under_way.fetch_add(1, SeqCst);
        self.owed.fetch_add(1, SeqCst);
        Request(Some(Waiting {
            requests: Arc::clone(self),
            is_owed: true,
        }))
    }
}

impl Request {
    /// Goes on until the answer's body has ended or is given up.
    pub(super) fn with(self, body: Body) -> Body {
        let Some(mut waiting) = self.0 else {
            return body;
        };
        waiting.is_owed(false);
        Body::new(Answering {
            body,
            rest: Bytes::new(),
            waiting,
        })
    }
}

impl Waiting {
    /// Notes whether something is owed to the client.
    fn is_owed(&mut self, is_owed: bool) {
        match (self.is_owed, is_owed) {
            (false, true) => self.requests.owed.fetch_add(1, SeqCst),
            (true, false) => self.requests.owed.fetch_sub(1, SeqCst),
            _ => return,
        };
        self.is_owed = is_owed;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.is_owed(false);
        self.requests.under_way.fetch_sub(1, SeqCst);
        // It ends just now: nobody is to find the connection closed a moment later.
        self.requests.moves.fetch_add(1, SeqCst);
    }
}

struct Answering {
    body: Body,
    /// What is left of a long frame. HTTP/2 takes a whole one at once, and then is silent about how it goes out.
    rest: Bytes,
    waiting: Waiting,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.waiting.requests.moves.fetch_add(1, SeqCst);
        if self.rest.is_empty() {
            let polled = Pin::new(&mut self.body).poll_frame(context);
            self.waiting.is_owed(polled.is_pending());
            match polled {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        let most = self.rest.len().min(AT_ONCE);
        let piece = self.rest.split_to(most);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.rest.len() as u64;
        let hint = self.body.size_hint();
        let mut all = SizeHint::new();
        if let Some(upper) = hint.upper() {
            all.set_upper(upper + left);
        }
        all.set_lower(hint.lower() + left);
        all
    }
}

/// What becomes of a connection; `None` if it carries nothing for too long, or its client takes nothing of what it asked for.
pub(super) async fn unless_idle<C: Future>(
    connection: C,
    requests: &Requests,
    limits: Limits,
) -> Option<C::Output> {
    let mut connection = pin!(connection);
    let mut look = pin!(sleep(limits.first));
    let mut before = 0;
    let mut was_still = false;
    poll_fn(|context| {
        // Over HTTP/1 it is polled with every packet, and has nothing to look for.
        if !requests.is_http1.load(Relaxed) && look.as_mut().poll(context).is_ready() {
            let moves = requests.moves.load(SeqCst);
            let is_still = moves == before && requests.owed.load(SeqCst) == 0;
            // Who has something to take has twice the time.
            if is_still && (was_still || requests.under_way.load(SeqCst) == 0) {
                return Poll::Ready(None);
            }
            (before, was_still) = (moves, is_still);
            look.as_mut().reset(Instant::now() + limits.head);
            let _ = look.as_mut().poll(context);
        }
        connection.as_mut().poll(context).map(Some)
    })
    .await
}
