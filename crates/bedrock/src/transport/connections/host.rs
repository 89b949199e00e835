//! The connections to one host that can take another request.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync, time::Instant};

use super::{
    Bears, UNREAD,
    channel::{Channel, Http1, Http2},
};

/// How long a connection that carries nothing is believed to be good.
const IDLE: Duration = Duration::from_secs(60);

/// The most requests that one connection carries at a time: what one lost packet may hold up.
pub(super) const MOST_STREAMS: usize = 100;

/// The connections to one host for answers of one kind.
pub(super) struct Host {
    /// Which kind.
    pub(super) bears: Bears,
    open: Mutex<Open>,
    /// How many requests at a time the host takes over one connection, as it said last.
    pub(super) most_streams: Arc<AtomicUsize>,
    /// Held by who connects, unless the host is known to take one request a connection: of many that come together,
    /// most need none of their own.
    pub(super) turn: sync::Mutex<()>,
}

#[derive(Default)]
struct Open {
    /// Those that carry nothing now, the one used last at the end.
    idle: VecDeque<(Http1, Instant)>,
    shared: Vec<Shared>,
    is_http1: bool,
}

/// A connection that carries many requests.
struct Shared {
    sender: Http2,
    streams: Arc<AtomicUsize>,
}

/// The place of one request on such a connection.
pub(super) struct Stream(Arc<AtomicUsize>);

impl Bears {
    /// How many bytes of an answer HTTP/2 may bring before somebody reads them.
    pub(super) const fn window(self) -> u32 {
        match self {
            // Read at once: the more may be under way, the sooner it is there.
            Self::Whole => 256 * 1_024,
            Self::Events => UNREAD,
        }
    }
}

impl Host {
    /// None yet.
    pub(super) fn bearing(bears: Bears) -> Self {
        Self {
            bears,
            open: Mutex::default(),
            most_streams: Arc::new(AtomicUsize::new(MOST_STREAMS)),
            turn: sync::Mutex::default(),
        }
    }

    /// A connection that is good for a request, if there is one.
    pub(super) fn channel(self: &Arc<Self>) -> Option<Channel> {
        let mut open = self.open();
        open.shared.retain(|shared| !shared.sender.is_closed());
        let most = self.most_streams.load(Relaxed);
        let mut shared = open.shared.iter();
        if let Some(shared) = shared.find(|shared| shared.streams.load(Relaxed) < most) {
            return Some(shared.channel());
        }
        while let Some((sender, used)) = open.idle.pop_back() {
            if used.elapsed() > IDLE {
                // Those before it were used even earlier.
                open.idle.clear();
            } else if sender.is_ready() {
                return Some(Channel::Http1(sender, Arc::clone(self)));
            }
        }
        None
    }

    /// Takes back a connection that can carry the next request.
    pub(super) fn keep(&self, sender: Http1) {
        let mut open = self.open();
        let is_old = |(_, used): &(_, Instant)| used.elapsed() > IDLE;
        while open.idle.front().is_some_and(is_old) {
            open.idle.pop_front();
        }
        open.idle.push_back((sender, Instant::now()));
    }

    /// Takes a new connection that others may use too, and gives the first place on it.
    pub(super) fn share(&self, sender: Http2) -> Channel {
        let shared = Shared {
            sender,
            streams: Arc::default(),
        };
        let channel = shared.channel();
        self.open().shared.push(shared);
        channel
    }

    /// Whether a connection to it is open.
    pub(super) fn is_connected(&self) -> bool {
        let open = self.open();
        let mut shared = open.shared.iter();
        let mut idle = open.idle.iter();
        shared.any(|shared| !shared.sender.is_closed())
            || idle.any(|(sender, _)| !sender.is_closed())
    }

    /// Notes that this host takes one request a connection.
    pub(super) fn note_http1(&self) {
        self.open().is_http1 = true;
    }

    /// Whether this host takes one request a connection, as far as known.
    pub(super) fn is_http1(&self) -> bool {
        self.open().is_http1
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it holds the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// A place on it.
    fn channel(&self) -> Channel {
        self.streams.fetch_add(1, Relaxed);
        Channel::Http2(self.sender.clone(), Stream(Arc::clone(&self.streams)))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
