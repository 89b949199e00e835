//! Requests that must not be carried out twice.

use domain::TenantId;
use store::{
    Error, Store, TenantTx, api_keys, idempotency,
    idempotency::{Claim, Request},
    testing::Database,
};
use time::OffsetDateTime;
use tokio::task::JoinSet;

use crate::{
    api_keys::{insert, key},
    support::{at, connected, tenant, waiters},
};

const KEY: [u8; 32] = [1; 32];
const BODY: [u8; 32] = [2; 32];
const OTHER_BODY: [u8; 32] = [3; 32];
/// How long a claim holds, and how long an answer is kept.
const CLAIM: i64 = 60;
const KEPT: i64 = 86_400;

/// The request as it is made at a moment.
fn request(body: &[u8; 32], seconds: i64) -> Request<'_> {
    Request {
        key_hash: &KEY,
        request_hash: body,
        claimed_until: at(seconds + CLAIM),
    }
}

struct World {
    database: Database,
    store: Store,
    tenant: TenantId,
}

async fn world() -> World {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    World {
        database,
        store,
        tenant,
    }
}

impl World {
    async fn claim(&self, body: &[u8; 32], seconds: i64) -> Claim {
        claim(&self.store, self.tenant, body, seconds).await
    }

    async fn complete(&self, request: Request<'_>) -> store::Result<()> {
        let mut tx = self.store.write(self.tenant).await?;
        idempotency::complete(&mut tx, request, 201, "key_1").await?;
        tx.commit(&[], at(0)).await
    }

    async fn release(&self, request: Request<'_>) {
        let mut tx = self.store.write(self.tenant).await.unwrap();
        idempotency::release(&mut tx, request).await.unwrap();
        tx.commit(&[], at(0)).await.unwrap();
    }
}

async fn claim(store: &Store, tenant: TenantId, body: &[u8; 32], seconds: i64) -> Claim {
    let mut tx = store.write(tenant).await.unwrap();
    let claim = claim_in(&mut tx, body, seconds).await;
    tx.commit(&[], at(0)).await.unwrap();
    claim
}

async fn claim_in(tx: &mut TenantTx, body: &[u8; 32], seconds: i64) -> Claim {
    let expires_at: OffsetDateTime = at(seconds + KEPT);
    idempotency::claim(tx, request(body, seconds), at(seconds), expires_at)
        .await
        .unwrap()
}

fn done() -> Claim {
    Claim::Done {
        status: 201,
        resource: "key_1".to_owned(),
    }
}

#[tokio::test]
async fn a_request_is_granted_once_and_then_answered() {
    let w = world().await;
    assert_eq!(w.claim(&BODY, 0).await, Claim::Granted);
    assert_eq!(w.claim(&BODY, 1).await, Claim::InFlight);
    w.complete(request(&BODY, 0)).await.unwrap();
    assert_eq!(w.claim(&BODY, 2).await, done());
    assert_eq!(w.claim(&BODY, KEPT - 1).await, done());
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    assert_eq!(w.claim(&OTHER_BODY, 1).await, Claim::OtherRequest);
    w.complete(request(&BODY, 0)).await.unwrap();
    assert_eq!(w.claim(&OTHER_BODY, 2).await, Claim::OtherRequest);
    assert_eq!(w.claim(&BODY, 2).await, done());
}

#[tokio::test]
async fn a_claim_whose_holder_died_lapses() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    assert_eq!(w.claim(&BODY, CLAIM - 1).await, Claim::InFlight);
    assert_eq!(w.claim(&BODY, CLAIM).await, Claim::Granted);
    assert_eq!(w.claim(&BODY, CLAIM + 1).await, Claim::InFlight);
}

#[tokio::test]
async fn an_answer_is_forgotten_when_it_expires() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    w.complete(request(&BODY, 0)).await.unwrap();
    assert_eq!(w.claim(&OTHER_BODY, KEPT - 1).await, Claim::OtherRequest);
    assert_eq!(w.claim(&OTHER_BODY, KEPT).await, Claim::Granted);
    assert_eq!(w.claim(&OTHER_BODY, KEPT + 1).await, Claim::InFlight);
}

#[tokio::test]
async fn the_work_of_a_claim_that_was_lost_is_not_committed() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    let mut slow = w.store.write(w.tenant).await.unwrap();
    insert(&mut slow, &key(1)).await;
    assert_eq!(w.claim(&BODY, CLAIM).await, Claim::Granted);

    let lost = idempotency::complete(&mut slow, request(&BODY, 0), 201, "key_slow").await;
    assert!(matches!(lost, Err(Error::ClaimLost)), "{lost:?}");
    drop(slow);

    w.complete(request(&BODY, CLAIM)).await.unwrap();
    assert_eq!(w.claim(&BODY, CLAIM + 1).await, done());
    let late = w.complete(request(&BODY, 0)).await;
    assert!(matches!(late, Err(Error::ClaimLost)), "{late:?}");
    let mut tx = w.store.read(w.tenant).await.unwrap();
    let found = api_keys::find(&mut tx, &key(1).secret_hash).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn an_answer_whose_work_was_not_committed_is_no_answer() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    let mut tx = w.store.write(w.tenant).await.unwrap();
    idempotency::complete(&mut tx, request(&BODY, 0), 201, "key_1")
        .await
        .unwrap();
    drop(tx);
    assert_eq!(w.claim(&BODY, 1).await, Claim::InFlight);
    assert_eq!(w.claim(&BODY, CLAIM).await, Claim::Granted);
}

#[tokio::test]
async fn a_request_is_completed_once() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    w.complete(request(&BODY, 0)).await.unwrap();
    let again = w.complete(request(&BODY, 0)).await;
    assert!(matches!(again, Err(Error::ClaimLost)), "{again:?}");
}

#[tokio::test]
async fn a_claim_that_is_given_up_may_be_made_for_another_body() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    w.release(request(&BODY, 0)).await;
    assert_eq!(w.claim(&OTHER_BODY, 1).await, Claim::Granted);
}

#[tokio::test]
async fn only_its_own_claim_can_be_given_up() {
    let w = world().await;
    w.claim(&BODY, 0).await;
    w.claim(&BODY, CLAIM).await;
    w.release(request(&BODY, 0)).await;
    assert_eq!(w.claim(&BODY, CLAIM + 1).await, Claim::InFlight);
    w.complete(request(&BODY, CLAIM)).await.unwrap();
    w.release(request(&BODY, CLAIM)).await;
    assert_eq!(w.claim(&BODY, CLAIM + 1).await, done());
}

#[tokio::test]
async fn another_tenants_key_of_the_same_hash_is_another_key() {
    let w = world().await;
    let other = tenant(&w.store).await;
    assert_eq!(w.claim(&BODY, 0).await, Claim::Granted);
    w.complete(request(&BODY, 0)).await.unwrap();
    assert_eq!(claim(&w.store, other, &BODY, 1).await, Claim::Granted);
    let mut tx = w.store.write(other).await.unwrap();
    idempotency::release(&mut tx, request(&BODY, 1))
        .await
        .unwrap();
    tx.commit(&[], at(1)).await.unwrap();
    assert_eq!(w.claim(&BODY, 2).await, done());
}

#[tokio::test]
async fn the_platforms_requests_are_its_own() {
    let w = world().await;
    assert_eq!(w.claim(&BODY, 0).await, Claim::Granted);
    let platform = claim(&w.store, TenantId::PLATFORM, &BODY, 0).await;
    assert_eq!(platform, Claim::Granted);
}

#[tokio::test]
async fn a_second_claim_waits_for_one_that_is_being_made() {
    let w = world().await;
    let mut first = w.store.write(w.tenant).await.unwrap();
    assert_eq!(claim_in(&mut first, &BODY, 0).await, Claim::Granted);
    let (store, tenant) = (w.store.clone(), w.tenant);
    let second = tokio::spawn(async move { claim(&store, tenant, &BODY, 0).await });
    waiters(&w.database.owner(), 1).await;
    first.commit(&[], at(0)).await.unwrap();
    assert_eq!(second.await.unwrap(), Claim::InFlight);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_claims_at_once_one_is_granted() {
    let mut w = world().await;
    w.store = connected(&w.database, 20).await;
    // First on a key nobody used, then on one whose claim lapsed.
    for seconds in [0, CLAIM] {
        let mut claims = JoinSet::new();
        for _ in 0..20 {
            let (store, tenant) = (w.store.clone(), w.tenant);
            claims.spawn(async move { claim(&store, tenant, &BODY, seconds).await });
        }
        let claims = claims.join_all().await;
        let granted = claims.iter().filter(|claim| **claim == Claim::Granted);
        assert_eq!(granted.count(), 1);
        let waiting = claims.iter().filter(|claim| **claim == Claim::InFlight);
        assert_eq!(waiting.count(), 19);
    }
}
