//! A process that stands still in the middle of a transaction (frozen, or on a host that vanished) holds nobody up for long.

use store::{changes::Change, tenants, testing::Database};

use crate::support::{at, tenant};

#[tokio::test]
async fn a_transaction_that_stands_still_gives_its_locks_back() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let mut frozen = store.platform().await.unwrap();
    tenants::lock(&mut frozen, tenant).await.unwrap();

    let mut waiting = store.platform().await.unwrap();
    let locked = tenants::lock(&mut waiting, tenant).await;

    assert!(matches!(locked, Ok(Some(_))), "{locked:?}");
    waiting
        .commit(&[Change::Tenant(tenant)], at(1))
        .await
        .unwrap();
    let late = frozen.commit(&[Change::Tenant(tenant)], at(2)).await;
    assert!(
        matches!(late, Err(store::Error::Unavailable(_))),
        "{late:?}"
    );
}
