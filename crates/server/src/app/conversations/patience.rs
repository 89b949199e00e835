//! How long the client of a stream is kept waiting, and how long it may keep us waiting.

use std::time::Duration;

/// How long the client of a stream is kept waiting, and how long it may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long an answer may take to begin …
    pub begin: Duration,
    /// … and its first event then, before the status is told without them.
    pub first: Duration,
    /// How often a silent stream is told to be alive: proxies on the way cut off what is silent for a minute.
    pub sign: Duration,
    /// How long a stream may be silent: models think for minutes.
    pub silence: Duration,
    /// How long a client may read nothing of what is there for it.
    pub unread: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            begin: Duration::from_secs(15),
            first: Duration::from_secs(5),
            sign: Duration::from_secs(15),
            silence: Duration::from_secs(300),
            unread: Duration::from_secs(120),
        }
    }
}
