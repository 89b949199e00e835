//! Connections to AWS that are kept and used again.
//!
//! One HTTP/2 connection carries as many requests at a time as its peer allows, and no more: a request that finds all
//! of them full opens another, instead of waiting for a tenant whose streams go on for minutes. Where a connection
//! speaks HTTP/1 it carries one request at a time. A request that was not sent, or that its peer did nothing about, is told
//! from one that may have been heard. Deliberately absent: a limit of connections (who calls has one of requests), proxies.

mod body;
mod channel;
mod dial;
mod host;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Request, Response, Uri, uri};
use http_body_util::Full;

pub(super) use self::body::Body;
use self::{channel::Unanswered, dial::Dial, host::Host};

/// What is sent. Its URI and its header `host` name AWS, wherever it is carried.
pub(super) type Outgoing = Request<Full<Bytes>>;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing was sent, or the peer did nothing about it: it may be sent again.
    Unsent,
    /// It was sent, at least in part, or may have been, and may have been heard.
    Broken,
}

/// How many bytes of an answer in events a connection may bring before somebody reads them, whichever HTTP it speaks.
pub const UNREAD: u32 = 64 * 1_024;

/// What kind of answer is asked for. Each has connections of its own, as HTTP/2 has one window for all that it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Bears {
    /// One that is read as fast as it comes.
    Whole,
    /// One that is read as fast as its client reads.
    Events,
}

/// Connections by where they lead, and for what.
pub(super) struct Connections {
    dial: Dial,
    hosts: Mutex<HashMap<(uri::Scheme, uri::Authority, Bears), Arc<Host>>>,
}

impl Connections {
    /// None yet.
    pub(super) fn new() -> Self {
        Self::over(Dial::new())
    }

    fn over(dial: Dial) -> Self {
        Self {
            dial,
            hosts: Mutex::default(),
        }
    }

    /// Sends a request to `place`, and comes back when the answer begins.
    pub(super) async fn send(
        &self,
        place: &Uri,
        mut request: Outgoing,
        bears: Bears,
    ) -> Result<Response<Body>, Failure> {
        let host = self.host(place, bears).ok_or(Failure::Unsent)?;
        let mut is_last = false;
        loop {
            let channel = if let Some(channel) = host.channel() {
                channel
            } else {
                is_last = true;
                // On the heap: it is rare, and futures that hold it stay small.
                Box::pin(self.dial.open(&host, place)).await?
            };
            match channel.send(request).await {
                Ok(answer) => return Ok(answer),
                // The connection had ended since it was last used: another takes the request.
                Err(Unanswered::Unsent(back)) if !is_last => request = *back,
                Err(Unanswered::Unsent(_) | Unanswered::Declined) => return Err(Failure::Unsent),
                Err(Unanswered::Broken) => return Err(Failure::Broken),
            }
        }
    }

    fn host(&self, place: &Uri, bears: Bears) -> Option<Arc<Host>> {
        let key = (place.scheme()?.clone(), place.authority()?.clone(), bears);
        // Nothing panics while it holds the lock.
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(&key) {
            return Some(Arc::clone(host));
        }
        // A tenant can think up regions: hosts that nobody reaches, or asks any more, do not stay.
        hosts.retain(|_, host| Arc::strong_count(host) > 1 || host.is_connected());
        let host = hosts
            .entry(key)
            .or_insert_with(|| Arc::new(Host::bearing(bears)));
        Some(Arc::clone(host))
    }
}
