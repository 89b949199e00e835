//! The cache on a stage: strategies that do what a test says, and a clock that it moves.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration as Limit,
};

use aws_credential_types::{Credentials, Token};
use domain::{AccessId, Clock, Entropy, ManualClock, Method, Region, TenantId};
use futures_util::future::BoxFuture;
use rand::{Rng, SeedableRng, rngs::StdRng};
use time::{Duration, OffsetDateTime, macros::datetime};
use tokio::sync::{oneshot, watch};

use super::super::{Accesses, LeaseKey, Leases, LeasesSettings, Occasion, PolicyHash};
use crate::{
    Aws, AwsError, AwsSettings, Endpoints, Error, Identity, Lease, Proof, Result, Strategy, Unfit,
};

pub(super) const START: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
pub(super) const LIMIT: Limit = Limit::from_secs(20);

/// The cache and everything around it.
pub(super) struct Stage {
    pub(super) leases: Leases,
    pub(super) clock: Arc<ManualClock>,
    pub(super) script: Arc<Script>,
}

/// What the next fetch does.
pub(super) enum Act {
    /// Brings credentials that live so long.
    Give(Duration),
    /// Brings an API key that ends then.
    GiveKey(Option<OffsetDateTime>),
    Fail(Error),
    Panic,
    Hang,
    /// Waits for the test to say what it brings.
    Ask(oneshot::Receiver<Result<Lease>>),
}

/// What fetches do, and what they did. Without instructions they bring credentials for an hour.
pub(super) struct Script {
    clock: Arc<ManualClock>,
    acts: Mutex<HashMap<AccessId, VecDeque<Act>>>,
    revisions: Mutex<HashMap<AccessId, Result<i32>>>,
    occasions: Mutex<Vec<Occasion>>,
    running: Mutex<HashMap<AccessId, usize>>,
    began: watch::Sender<usize>,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::holding(100)
    }

    /// A cache of so many accesses.
    pub(super) fn holding(capacity: usize) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let script = Arc::new(Script {
            clock: Arc::clone(&clock),
            acts: Mutex::default(),
            revisions: Mutex::default(),
            occasions: Mutex::default(),
            running: Mutex::default(),
            began: watch::Sender::new(0),
        });
        let aws = Aws::new(AwsSettings {
            endpoints: Endpoints::default(),
            identity: None,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::new(Dice::new()),
            call_limit: Limit::from_secs(10),
        });
        let accesses = Arc::new(Storage(Arc::clone(&script)));
        let limit = LIMIT;
        Self {
            leases: Leases::new(aws, accesses, LeasesSettings { capacity, limit }),
            clock,
            script,
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Advances to when a fresh lease of an hour is due, whatever its jitter.
    pub(super) fn advance_to_refresh(&self) {
        self.advance(Duration::minutes(54));
    }
}

impl Script {
    /// The next fetch of the key's access, after those already told.
    pub(super) fn then(&self, key: &LeaseKey, act: Act) {
        let mut acts = self.acts.lock().unwrap();
        acts.entry(key.access).or_default().push_back(act);
    }

    /// The next fetch asks the test what it brings.
    pub(super) fn then_ask(&self, key: &LeaseKey) -> oneshot::Sender<Result<Lease>> {
        let (answer, question) = oneshot::channel();
        self.then(key, Act::Ask(question));
        answer
    }

    /// The access has that revision from now on, or it cannot be told.
    pub(super) fn revise(&self, key: &LeaseKey, revision: Result<i32>) {
        let mut revisions = self.revisions.lock().unwrap();
        revisions.insert(key.access, revision);
    }

    /// How many fetches reached AWS.
    pub(super) fn calls(&self) -> usize {
        *self.began.borrow()
    }

    /// Waits until so many fetches reached AWS.
    pub(super) async fn begins(&self, calls: usize) {
        let mut began = self.began.subscribe();
        began.wait_for(|began| *began >= calls).await.unwrap();
    }

    pub(super) fn occasions(&self) -> Vec<Occasion> {
        self.occasions.lock().unwrap().clone()
    }

    fn next(&self, access: AccessId) -> Act {
        let mut acts = self.acts.lock().unwrap();
        acts.get_mut(&access)
            .and_then(VecDeque::pop_front)
            .unwrap_or(Act::Give(Duration::HOUR))
    }

    fn is_current(&self, key: &LeaseKey) -> Result<bool> {
        let revisions = self.revisions.lock().unwrap();
        match revisions.get(&key.access) {
            Some(revision) => revision.clone().map(|revision| revision == key.revision),
            None => Ok(true),
        }
    }
}

/// Where the script keeps the accesses.
struct Storage(Arc<Script>);

impl Accesses for Storage {
    fn strategy<'a>(
        &'a self,
        key: &'a LeaseKey,
        occasion: Occasion,
    ) -> BoxFuture<'a, Result<Arc<dyn Strategy>>> {
        Box::pin(async move {
            if !self.0.is_current(key)? {
                return Err(Error::Superseded);
            }
            self.0.occasions.lock().unwrap().push(occasion);
            Ok(Arc::new(Scripted {
                script: Arc::clone(&self.0),
                access: key.access,
            }) as Arc<dyn Strategy>)
        })
    }

    fn is_current<'a>(&'a self, key: &'a LeaseKey) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { self.0.is_current(key) })
    }
}

struct Scripted {
    script: Arc<Script>,
    access: AccessId,
}

impl Strategy for Scripted {
    fn method(&self) -> Method {
        Method::IamRole
    }

    fn check(&self, _: &Aws, _: &Region) -> Result<(), Unfit> {
        Ok(())
    }

    fn lease<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(async move {
            let _running = Running::new(&self.script, self.access);
            let act = self.script.next(self.access);
            self.script.began.send_modify(|began| *began += 1);
            match act {
                Act::Give(life) => Ok(credentials(self.script.clock.now() + life)),
                Act::GiveKey(ends_at) => Ok(key_lease(ends_at)),
                Act::Fail(error) => Err(error),
                Act::Panic => panic!("as the script says"),
                Act::Hang => std::future::pending().await,
                Act::Ask(question) => question.await.unwrap(),
            }
        })
    }

    fn prove<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(async { Ok(Proof::NotNeeded) })
    }
}

/// Sees to it that no access is ever fetched twice at a time, whatever the test is about.
struct Running<'a>(&'a Script, AccessId);

impl<'a> Running<'a> {
    fn new(script: &'a Script, access: AccessId) -> Self {
        let mut running = script.running.lock().unwrap();
        let many = running.entry(access).or_default();
        *many += 1;
        assert_eq!(*many, 1, "two fetches of one access at a time");
        drop(running);
        Self(script, access)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running.lock().unwrap();
        *running.get_mut(&self.1).unwrap() -= 1;
    }
}

/// A source whose bytes are the same in each run.
struct Dice(Mutex<StdRng>);

impl Dice {
    fn new() -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(11)))
    }
}

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}

/// The key of an access: one tenant has ten of them.
pub(super) fn key(access: u64) -> LeaseKey {
    LeaseKey {
        tenant: TenantId::new(START, &mut StdRng::seed_from_u64(access / 10)),
        access: AccessId::new(START, &mut StdRng::seed_from_u64(access)),
        revision: 1,
        region: "eu-west-1".parse().unwrap(),
        policy: PolicyHash::of("{}"),
    }
}

pub(super) fn in_region(key: &LeaseKey, region: &str) -> LeaseKey {
    LeaseKey {
        region: region.parse().unwrap(),
        ..key.clone()
    }
}

pub(super) fn at_revision(key: &LeaseKey, revision: i32) -> LeaseKey {
    LeaseKey {
        revision,
        ..key.clone()
    }
}

pub(super) fn credentials(ends_at: OffsetDateTime) -> Lease {
    let credentials = Credentials::new("AKID", "secret", Some("token".into()), None, "test");
    Lease::new(Identity::Credentials(credentials), Some(ends_at))
}

fn key_lease(ends_at: Option<OffsetDateTime>) -> Lease {
    Lease::new(Identity::Bearer(Token::new("ABSK", None)), ends_at)
}

pub(super) fn rejected() -> Error {
    Error::Rejected(aws_error("AccessDenied"))
}

pub(super) fn password_refused() -> Error {
    Error::PasswordRefused(aws_error("NotAuthorizedException"))
}

pub(super) fn throttled() -> Error {
    Error::Throttled(aws_error("Throttling"))
}

fn aws_error(code: &str) -> AwsError {
    AwsError::new("AssumeRole", 403, code, "no", None)
}

/// Lets every task go as far as it can: paused time moves only when all of them wait.
pub(super) async fn quiet() {
    tokio::time::sleep(Limit::from_millis(1)).await;
}
