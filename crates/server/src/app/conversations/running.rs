//! Conversations under way, and what ends them before their time: a key or session that is revoked, a connection that is
//! disconnected, a tenant that is suspended, a service that stops.
//!
//! A change only raises doubt, for most of them are harmless: the database then says whether what the conversation depends
//! on is still there. A caller enters before anything of the request is read, so that no revocation finds it absent.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use domain::{Actor, ConnectionId, TenantId, TenantState};
use futures_util::{StreamExt, stream};
use store::{
    api_keys,
    changes::{Change, News},
    connections, sessions, tenants,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Context,
    app::{Error, ownership::OWNERSHIP_LOST},
};

/// How long a database that does not answer is asked whether a doubt is founded: as long as this replica believes its caches
/// without it.
const DOUBT: Duration = Duration::from_secs(30);
/// How long it is left alone between two questions.
const PAUSE: Duration = Duration::from_secs(1);

/// How many doubts are looked at at a time: some connections to the database are left to others.
const AT_A_TIME: usize = 4;

/// What a conversation depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Ties {
    pub(super) tenant: TenantId,
    pub(super) actor: Actor,
    /// None before it is known which model is meant.
    pub(super) connection: Option<ConnectionId>,
}

/// The conversations of this replica. Cheap to clone.
#[derive(Clone, Default)]
pub struct Running(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stopping: CancellationToken,
    next: AtomicU64,
    heard: AtomicU64,
    running: Mutex<HashMap<u64, (Ties, CancellationToken)>>,
}

/// One of them, until it is dropped.
pub(super) struct Entry {
    running: Running,
    number: u64,
    end: CancellationToken,
}

impl Running {
    pub(super) fn enter(&self, ties: Ties) -> Entry {
        let number = self.0.next.fetch_add(1, Relaxed);
        let end = CancellationToken::new();
        self.lock().insert(number, (ties, end.clone()));
        Entry {
            running: self.clone(),
            number,
            end,
        }
    }

    /// How often there was news. What was looked up and entered between two equal counts has missed none.
    pub(crate) fn heard(&self) -> u64 {
        self.0.heard.load(SeqCst)
    }

    /// There is news: said before anything is forgotten because of it.
    pub(crate) fn announce(&self) {
        self.0.heard.fetch_add(1, SeqCst);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Ends those that lost what they depend on.
    pub(crate) fn hear(&self, context: &Context, news: &News) {
        let mut doubted: HashMap<Ties, Vec<CancellationToken>> = HashMap::new();
        for (ties, end) in self.lock().values() {
            let is_doubted = match news {
                News::Changes(changes) => changes.iter().any(|change| ties.touches(*change)),
                News::Missed => true,
            };
            if is_doubted {
                doubted.entry(ties.clone()).or_default().push(end.clone());
            }
        }
        if doubted.is_empty() {
            return;
        }
        let context = context.clone();
        tokio::spawn(async move {
            let looked_at = stream::iter(doubted).for_each_concurrent(AT_A_TIME, async |doubted| {
                let (ties, ends) = doubted;
                if !ties.hold_for_sure(&context).await {
                    ends.iter().for_each(CancellationToken::cancel);
                }
            });
            looked_at.await;
        });
    }

    /// Ends the streams among them: the service stops.
    pub(crate) fn stop(&self) {
        self.0.stopping.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, (Ties, CancellationToken)>> {
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Ties it to a connection, too.
    pub(super) fn tie(&self, connection: ConnectionId) {
        if let Some((ties, _)) = self.running.lock().get_mut(&self.number) {
            ties.connection = Some(connection);
        }
    }

    /// Cancelled when what it depends on is gone.
    pub(super) fn lost(&self) -> CancellationToken {
        self.end.clone()
    }

    /// What ends it before its time.
    pub(super) fn ends(&self) -> Ends {
        Ends {
            lost: self.end.clone(),
            stopping: self.running.0.stopping.clone(),
        }
    }
}

/// What ends a conversation before its time: it has lost what it depends on, or, for a stream, the service stops.
#[derive(Clone)]
pub struct Ends {
    lost: CancellationToken,
    stopping: CancellationToken,
}

impl Ends {
    /// Returns when a stream has to end, and why.
    pub async fn ended(self) -> Error {
        tokio::select! {
            biased;
            () = self.lost.cancelled() => Error::Withdrawn,
            () = self.stopping.cancelled() => Error::Interrupted,
        }
    }

    /// The same for what is answered whole.
    pub async fn withdrawn(self) -> Error {
        self.lost.cancelled().await;
        Error::Withdrawn
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.lock().remove(&self.number);
    }
}

impl Ties {
    /// Whether the change is about something that the conversation depends on.
    fn touches(&self, change: Change) -> bool {
        match change {
            Change::Tenant(tenant) => tenant == self.tenant,
            Change::ApiKey(tenant, key) => tenant == self.tenant && self.key() == Some(key),
            Change::Session(tenant, session) => {
                let is_own = matches!(self.actor, Actor::Session(own, _) if own == session);
                tenant == self.tenant && is_own
            }
            Change::Connection(tenant, connection) => {
                tenant == self.tenant && Some(connection) == self.connection
            }
            Change::Unknown => true,
            // What an access loses is told of its connections too.
            Change::Access(..) | Change::Model(..) | Change::MasterKey => false,
        }
    }

    /// Whether all of it is still there. What cannot be found out for too long counts as lost.
    async fn hold_for_sure(&self, context: &Context) -> bool {
        let began = Instant::now();
        loop {
            match self.hold(context).await {
                Ok(hold) => return hold,
                Err(_) if began.elapsed() < DOUBT => sleep(PAUSE).await,
                Err(_) => return false,
            }
        }
    }

    /// Whether all of it is still there.
    async fn hold(&self, context: &Context) -> store::Result<bool> {
        let mut tx = context.store.platform().await?;
        let tenant = tenants::find(&mut tx, self.tenant).await?;
        if tenant.is_none_or(|tenant| tenant.state != TenantState::Active) {
            return Ok(false);
        }
        let mut tx = tx.enter(self.tenant).await?;
        if let Some(connection) = self.connection {
            let connection = connections::find(&mut tx, connection).await?;
            let is_lost = |connection: connections::Connection| {
                connection.state_reason.as_deref() == Some(OWNERSHIP_LOST)
            };
            if connection.is_none_or(is_lost) {
                return Ok(false);
            }
        }
        if let Actor::Session(session, _) = self.actor
            && !sessions::exists(&mut tx, session).await?
        {
            return Ok(false);
        }
        match self.key() {
            Some(key) => api_keys::exists(&mut tx, key).await,
            None => Ok(true),
        }
    }

    const fn key(&self) -> Option<domain::KeyId> {
        match self.actor {
            Actor::ApiKey(key) | Actor::Session(_, key) => Some(key),
            Actor::User(_) | Actor::CommandLine | Actor::Service => None,
        }
    }
}
