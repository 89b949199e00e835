//! How the service is: what it heard from the database and when, whether its keys fit, whether it is stopping.
//!
//! Readers never wait and never ask a dependency: the follower keeps this up to date several times a second.

use std::sync::{Arc, Mutex, MutexGuard};

use domain::Clock;
use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;

/// How long the change feed may go unread before what is cached is no longer believed.
pub const BLIND_AFTER: Duration = Duration::seconds(30);

/// How the service is, shared by all that ask and the one that knows.
pub struct Pulse {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Wakes the follower, when a request saw the database fail before it did.
    doubt: Notify,
}

#[derive(Debug, Clone)]
struct State {
    /// Whether schema and keys were checked and everything is loaded.
    started: bool,
    database: Health,
    master_key: Health,
    /// By what elapsed, not by the time of day.
    feed_read_at: Option<Duration>,
    stopping: bool,
}

/// How one dependency is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is wrong with it; none if it is well. For operators only.
    pub error: Option<String>,
    /// Since when it has been so.
    pub since: OffsetDateTime,
}

impl Health {
    /// Whether it is well.
    pub const fn is_up(&self) -> bool {
        self.error.is_none()
    }

    fn note(&mut self, error: Option<String>, now: OffsetDateTime) {
        if self.error.is_none() != error.is_none() {
            self.since = now;
        }
        self.error = error;
    }
}

/// Why the service should get no traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// Schema and keys are not checked yet.
    Starting,
    /// It finishes what it has and ends.
    Stopping,
    /// The change feed was unread for too long.
    Blind,
    /// It lacks the master key that seals.
    MasterKey,
}

impl NotReady {
    /// The reason as `/readyz` spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Blind => "change_feed_unread",
            Self::MasterKey => "master_key_missing",
        }
    }
}

impl Pulse {
    /// The pulse of a service that is starting.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let unknown = Health {
            error: Some("not reached yet".to_owned()),
            since: clock.now(),
        };
        let state = State {
            started: false,
            database: unknown.clone(),
            master_key: unknown,
            feed_read_at: None,
            stopping: false,
        };
        Self {
            clock,
            state: Mutex::new(state),
            doubt: Notify::new(),
        }
    }

    /// Everything was checked and loaded.
    pub fn started(&self) {
        self.lock().started = true;
    }

    /// The service finishes what it has and ends.
    pub fn stopping(&self) {
        self.lock().stopping = true;
    }

    /// The feed was read; the reading began when so much had elapsed.
    pub fn database_up(&self, began: Duration) {
        let now = self.clock.now();
        let mut state = self.lock();
        state.feed_read_at = Some(began);
        if !state.database.is_up() {
            tracing::info!("the database answers");
        }
        state.database.note(None, now);
    }

    /// The feed could not be read.
    pub fn database_down(&self, error: String) {
        let mut state = self.lock();
        if state.database.is_up() {
            tracing::warn!(error, "the database is away");
        }
        state.database.note(Some(error), self.clock.now());
    }

    /// Whether the key that seals is among those given.
    pub fn master_key(&self, error: Option<String>) {
        self.lock().master_key.note(error, self.clock.now());
    }

    /// A request saw the database fail: look again now.
    pub fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// What elapsed, to say when a reading began.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Waits until somebody doubts.
    pub async fn doubted(&self) {
        self.doubt.notified().await;
    }

    /// Whether the control plane may take requests.
    pub fn control_plane_open(&self) -> bool {
        let state = self.lock();
        state.started && state.database.is_up()
    }

    /// Whether the data plane may take requests: it goes on from its caches while the database is away, as long as what
    /// was revoked would have been heard of.
    ///
    /// # Errors
    /// [`NotReady::Starting`], [`NotReady::Blind`].
    pub fn data_plane(&self) -> Result<(), NotReady> {
        match self.feed_age() {
            Some(age) if self.lock().started => {
                (age <= BLIND_AFTER).then_some(()).ok_or(NotReady::Blind)
            }
            _ => Err(NotReady::Starting),
        }
    }

    /// How the database is.
    pub fn database(&self) -> Health {
        self.lock().database.clone()
    }

    /// How the master key is.
    pub fn master_key_health(&self) -> Health {
        self.lock().master_key.clone()
    }

    /// How long ago the feed was last read; none if never.
    pub fn feed_age(&self) -> Option<Duration> {
        self.lock().feed_read_at.map(|at| self.clock.elapsed() - at)
    }

    /// Whether the service may take traffic.
    ///
    /// # Errors
    /// Why not.
    pub fn ready(&self) -> Result<(), NotReady> {
        let blind = self.feed_age().is_none_or(|age| age > BLIND_AFTER);
        let state = self.lock();
        if state.stopping {
            Err(NotReady::Stopping)
        } else if !state.started {
            Err(NotReady::Starting)
        } else if blind {
            Err(NotReady::Blind)
        } else if !state.master_key.is_up() {
            Err(NotReady::MasterKey)
        } else {
            Ok(())
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;

    use super::*;

    fn running() -> (Arc<ManualClock>, Pulse) {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        let pulse = Pulse::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(pulse.ready(), Err(NotReady::Starting));
        assert_eq!(pulse.data_plane(), Err(NotReady::Starting));
        pulse.started();
        assert_eq!(pulse.data_plane(), Err(NotReady::Starting));
        pulse.database_up(pulse.elapsed());
        pulse.master_key(None);
        assert_eq!(pulse.ready(), Ok(()));
        (clock, pulse)
    }

    #[test]
    fn a_lost_database_closes_the_control_plane_at_once_and_readiness_after_half_a_minute() {
        let (clock, pulse) = running();
        clock.advance(Duration::seconds(2));
        pulse.database_down("gone".into());
        assert!(!pulse.control_plane_open());
        assert_eq!(
            pulse.database().since,
            OffsetDateTime::UNIX_EPOCH + Duration::seconds(2)
        );
        assert_eq!(pulse.ready(), Ok(()));
        clock.advance(Duration::seconds(28));
        assert_eq!(pulse.ready(), Ok(()));
        clock.advance(Duration::seconds(1));
        assert_eq!(pulse.ready(), Err(NotReady::Blind));
        pulse.database_up(pulse.elapsed());
        assert_eq!(pulse.ready(), Ok(()));
        assert!(pulse.control_plane_open());
    }

    #[test]
    fn a_missing_master_key_and_a_shutdown_turn_traffic_away() {
        let (_, pulse) = running();
        pulse.master_key(Some("version 2".into()));
        assert_eq!(pulse.ready(), Err(NotReady::MasterKey));
        pulse.stopping();
        assert_eq!(pulse.ready(), Err(NotReady::Stopping));
    }
}
