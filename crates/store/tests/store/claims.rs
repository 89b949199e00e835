//! Who holds a role: one that entered an external ID, or all that proved it.

use domain::TenantId;
use store::{Store, claims, testing::Database};

use crate::support::{at, connected, tenant};

const ROLE: [u8; 32] = [7; 32];

async fn enter(store: &Store, tenant: TenantId) -> bool {
    let mut tx = store.write(tenant).await.unwrap();
    let held = claims::enter(&mut tx, &ROLE, at(0)).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    held
}

async fn prove(store: &Store, tenant: TenantId) -> Vec<TenantId> {
    let mut tx = store.write(tenant).await.unwrap();
    let displaced = claims::prove(&mut tx, &ROLE, at(0)).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    displaced
}

async fn is_free(store: &Store, tenant: TenantId) -> bool {
    let mut tx = store.read(tenant).await.unwrap();
    claims::is_free(&mut tx, &ROLE).await.unwrap()
}

async fn release(store: &Store, tenant: TenantId) -> bool {
    let mut tx = store.platform().await.unwrap();
    let released = claims::release(&mut tx, &ROLE, tenant).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    released
}

#[tokio::test]
async fn who_entered_an_id_first_holds_the_role_alone_until_it_is_released() {
    let store = Database::new().await.store();
    let (a, b) = (tenant(&store).await, tenant(&store).await);
    assert!(is_free(&store, a).await);
    assert!(enter(&store, a).await);
    assert!(enter(&store, a).await, "again by the same");
    assert!(!enter(&store, b).await);
    assert!(is_free(&store, a).await && !is_free(&store, b).await);
    assert!(!release(&store, b).await, "b holds nothing");
    assert!(release(&store, a).await);
    assert!(!release(&store, a).await);
    assert!(enter(&store, b).await);
    assert!(!enter(&store, a).await);
}

#[tokio::test]
async fn a_proof_displaces_what_was_only_entered_and_no_other_proof() {
    let store = Database::new().await.store();
    let (a, b, c) = (
        tenant(&store).await,
        tenant(&store).await,
        tenant(&store).await,
    );
    assert!(enter(&store, a).await);
    assert_eq!(prove(&store, b).await, [a]);
    assert!(!is_free(&store, a).await && !enter(&store, a).await);
    assert_eq!(prove(&store, c).await, []);
    assert!(is_free(&store, b).await && is_free(&store, c).await);
    // What is proven stays proven, whatever is entered later.
    assert!(
        enter(&store, b).await,
        "it is b's own, whoever else holds it"
    );
    assert_eq!(prove(&store, a).await, []);
}

#[tokio::test]
async fn a_holder_may_give_a_proven_role_up_and_an_entered_one_is_the_operators_to_release() {
    let store = Database::new().await.store();
    let (a, b) = (tenant(&store).await, tenant(&store).await);
    let gives_up = async |tenant| {
        let mut tx = store.write(tenant).await.unwrap();
        claims::give_up(&mut tx, &ROLE).await.unwrap();
        tx.commit(&[], at(0)).await.unwrap();
    };
    assert!(enter(&store, a).await);
    gives_up(a).await;
    assert!(!is_free(&store, b).await);
    assert_eq!(prove(&store, a).await, []);
    gives_up(b).await;
    assert!(!is_free(&store, b).await);
    gives_up(a).await;
    assert!(is_free(&store, b).await);
}

#[tokio::test]
async fn of_many_that_enter_an_id_at_once_one_holds_the_role() {
    let database = Database::new().await;
    let store = connected(&database, 8).await;
    let mut racers = Vec::new();
    for _ in 0..8 {
        let tenant = tenant(&store).await;
        let store = store.clone();
        racers.push(tokio::spawn(async move { enter(&store, tenant).await }));
    }
    let mut held = 0;
    for racer in racers {
        held += usize::from(racer.await.unwrap());
    }
    assert_eq!(held, 1);
}
