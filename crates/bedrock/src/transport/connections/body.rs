//! The body of an answer, and what it holds on to until it is read.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::runtime::Handle;

use super::{
    channel::Http1,
    host::{Host, Stream},
};

/// The body of an answer. Dropping it ends the call: over HTTP/1 the connection with it, if anything is still to come.
pub(in crate::transport) struct Body {
    // First, as it is dropped first: only then it shows whether the connection goes on.
    incoming: Incoming,
    _hold: Hold,
}

/// What a body keeps from others.
pub(super) enum Hold {
    /// A connection, which goes back when the body was read.
    Connection(Option<Http1>, Arc<Host>),
    /// One of the streams of a connection.
    Stream(#[expect(dead_code, reason = "held, never looked at")] Stream),
}

impl Body {
    pub(super) const fn new(incoming: Incoming, hold: Hold) -> Self {
        Self {
            incoming,
            _hold: hold,
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.incoming).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Self::Connection(sender, host) = self else {
            return;
        };
        let Some(mut sender) = sender.take() else {
            return;
        };
        if sender.is_ready() {
            host.keep(sender);
        } else if let Ok(runtime) = Handle::try_current() {
            // The connection's own task finds out a moment later whether it can go on.
            let host = Arc::clone(host);
            runtime.spawn(async move {
                if sender.ready().await.is_ok() {
                    host.keep(sender);
                }
            });
        }
    }
}
