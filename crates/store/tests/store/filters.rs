//! The other lock: with row-level security taken away, as for a superuser, the store's own statements still name their
//! tenant. Both tenants here have the same ids and hashes, so a statement that names none reaches the wrong row.

use domain::{AccessId, KeyId, Limit, SessionId};
use sqlx::PgPool;
use store::{
    Store, TenantTx, api_keys, audit, idempotency, idempotency::Request, retention, rotation,
    secrets, secrets::SecretName, sessions, tenants,
};
use uuid::Uuid;

use crate::{
    rotating::second,
    rows::Pair,
    secrets::destination,
    support::{at, ring, rng},
};

fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + last)
}

async fn hash(owner: &PgPool, text: &str) -> [u8; 32] {
    let hash: Vec<u8> = sqlx::query_scalar("SELECT sha256(convert_to($1, 'utf8'))")
        .bind(text)
        .fetch_one(owner)
        .await
        .unwrap();
    hash.try_into().unwrap()
}

struct Hashes {
    key: [u8; 32],
    session: [u8; 32],
    idempotency_key: [u8; 32],
    request: [u8; 32],
}

async fn hashes(owner: &PgPool) -> Hashes {
    Hashes {
        key: hash(owner, "k").await,
        session: hash(owner, "s").await,
        idempotency_key: hash(owner, "i").await,
        request: hash(owner, "r").await,
    }
}

/// How much each reading function finds.
async fn found(tx: &mut TenantTx, hashes: &Hashes) -> [usize; 5] {
    let key = api_keys::find(tx, &hashes.key).await.unwrap();
    let session = sessions::find(tx, &hashes.session).await.unwrap();
    let keys = api_keys::page(tx, None, Limit::default()).await.unwrap();
    let events = audit::page(tx, None, Limit::default()).await.unwrap();
    let access = AccessId::from(id(4));
    let secret = secrets::open(tx, &ring(&[1]), access, SecretName::ApiKey, &destination()).await;
    [
        usize::from(key.is_some()),
        usize::from(session.is_some()),
        keys.items.len(),
        events.items.len(),
        // What stands there was never sealed, so that it is found means that it is refused.
        usize::from(!matches!(secret, Ok(None))),
    ]
}

#[tokio::test]
async fn without_row_level_security_every_statement_still_names_its_tenant() {
    let pair = Pair::new().await;
    let hashes = hashes(&pair.owner).await;
    let before = pair.rows_of(pair.a).await;
    let store = Store::open(&pair.database.owner_url, 1).unwrap();
    let mut tx = store.write(pair.b).await.unwrap();

    assert_eq!(found(&mut tx, &hashes).await, [1; 5]);
    api_keys::touch(&mut tx, &[(KeyId::from(id(1)), at(1))])
        .await
        .unwrap();
    let both = ring(&[1, 2]);
    let (progress, _) =
        rotation::rewrap_batch(&mut tx, &both, second(&both), None, at(1), &mut rng())
            .await
            .unwrap();
    assert_eq!(progress.unreadable, 1);
    let far = at(1_000_000_000);
    let request = Request {
        key_hash: &hashes.idempotency_key,
        request_hash: &hashes.request,
        claimed_until: far,
    };
    idempotency::claim(&mut tx, request, far, far)
        .await
        .unwrap();
    idempotency::complete(&mut tx, request, 200, "b")
        .await
        .unwrap();
    assert!(
        sessions::delete(&mut tx, SessionId::from(id(2)))
            .await
            .unwrap()
    );
    assert!(
        api_keys::delete(&mut tx, KeyId::from(id(1)))
            .await
            .unwrap()
            .is_some()
    );
    let pruned = retention::prune(&mut tx, far, far).await.unwrap();
    assert_eq!(pruned.removed, 2);
    tenants::purge(&mut tx).await.unwrap();
    assert_eq!(found(&mut tx, &hashes).await, [0; 5]);

    // Nothing of its own is left, so whatever is reached now is the other tenant's.
    assert!(
        !sessions::delete(&mut tx, SessionId::from(id(2)))
            .await
            .unwrap()
    );
    let deleted = api_keys::delete(&mut tx, KeyId::from(id(1))).await;
    assert_eq!(deleted.unwrap(), None);
    let pruned = retention::prune(&mut tx, far, far).await.unwrap();
    assert_eq!(pruned.removed, 0);
    idempotency::release(&mut tx, request).await.unwrap();
    idempotency::complete(&mut tx, request, 200, "b")
        .await
        .unwrap_err();
    tx.commit(&[], at(1)).await.unwrap();
    assert_eq!(pair.rows_of(pair.a).await, before);
}
