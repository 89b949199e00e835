//! Secrets to be rotated, and a rotation as the service makes it.

use std::collections::BTreeMap;

use domain::{AccessId, TenantId};
use sqlx::{AssertSqlSafe, PgPool};
use store::{
    Store, master_keys, rotation, rotation::Progress, secrets::SecretName, tenants,
    testing::Database,
};
use uuid::Uuid;
use vault::{KeyRing, MasterKey};

use crate::{
    secrets::{access, open, put_in},
    support::{at, ring, rng, sealing_database, tenant},
};

/// The key of version 2, in a ring that has both.
pub(crate) fn second(ring: &KeyRing) -> &MasterKey {
    ring.get(2.try_into().unwrap()).unwrap()
}

pub(crate) async fn activate(store: &Store, key: &MasterKey) {
    let mut tx = store.platform().await.unwrap();
    master_keys::activate(&mut tx, key, at(0)).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
}

pub(crate) async fn rewrap_platform(store: &Store, ring: &KeyRing) -> Progress {
    let mut tx = store.platform().await.unwrap();
    let progress = rotation::rewrap_platform(&mut tx, ring, second(ring), at(1), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(1)).await.unwrap();
    progress
}

/// A pass over all tenants, as the service makes it.
pub(crate) async fn rewrap_tenants(store: &Store, ring: &KeyRing) -> Progress {
    let mut progress = Progress::default();
    let mut tx = store.platform().await.unwrap();
    let tenants = tenants::ids_after(&mut tx, None).await.unwrap();
    drop(tx);
    for tenant in tenants {
        let mut after = None;
        loop {
            let mut tx = store.write(tenant).await.unwrap();
            let (batch, next) =
                rotation::rewrap_batch(&mut tx, ring, second(ring), after, at(1), &mut rng())
                    .await
                    .unwrap();
            tx.commit(&[], at(1)).await.unwrap();
            progress += batch;
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    progress
}

/// Three tenants with more secrets than two batches hold.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) owner: PgPool,
    pub(crate) secrets: Vec<(TenantId, AccessId, SecretName)>,
}

pub(crate) async fn world() -> World {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let mut secrets = Vec::new();
    // Three secrets each, so that a batch of a hundred ends in the middle of an access.
    for accesses in [70, 20, 1] {
        let tenant = tenant(&store).await;
        let mut tx = store.write(tenant).await.unwrap();
        for _ in 0..accesses {
            let access = access(&owner, tenant).await;
            for name in &SecretName::ALL[1..] {
                put_in(
                    &mut tx,
                    &ring(&[1]),
                    access,
                    *name,
                    &plaintext(access, *name),
                )
                .await
                .unwrap();
                secrets.push((tenant, access, *name));
            }
        }
        tx.commit(&[], at(0)).await.unwrap();
    }
    World {
        database,
        store,
        owner,
        secrets,
    }
}

fn plaintext(access: AccessId, name: SecretName) -> Vec<u8> {
    format!("{access} {}", name.as_str()).into_bytes()
}

impl World {
    /// That every secret opens with this ring.
    pub(crate) async fn assert_all_open(&self, ring: &KeyRing) {
        for place in &self.secrets {
            let opened = open(&self.store, ring, *place).await.unwrap();
            assert_eq!(opened.unwrap(), plaintext(place.1, place.2));
        }
    }

    /// Every secret's columns, by its place.
    pub(crate) async fn columns(&self) -> BTreeMap<(Uuid, Uuid, String), Columns> {
        let rows: Vec<(Uuid, Uuid, String)> =
            sqlx::query_as("SELECT tenant_id, access_id, name FROM secrets ORDER BY 1, 2, 3")
                .fetch_all(&self.owner)
                .await
                .unwrap();
        let columns = sqlx::query_as(
            "SELECT format, data_key_id, ciphertext, wrapped_by, wrapped_key
             FROM secrets ORDER BY tenant_id, access_id, name",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap();
        rows.into_iter().zip(columns).collect()
    }

    pub(crate) async fn left(&self) -> i64 {
        left(&self.owner, "secrets").await
    }

    pub(crate) async fn run(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&self.owner).await.unwrap();
    }
}

/// The columns of a sealed secret.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Columns {
    pub(crate) format: i16,
    pub(crate) data_key_id: Uuid,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) wrapped_by: i32,
    pub(crate) wrapped_key: Vec<u8>,
}

/// How many rows of the table the first version still wraps.
pub(crate) async fn left(owner: &PgPool, table: &str) -> i64 {
    let statement = format!("SELECT count(*) FROM {table} WHERE wrapped_by <> 2");
    sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(owner)
        .await
        .unwrap()
}

pub(crate) fn progress(rewrapped: usize, unreadable: u64) -> Progress {
    Progress {
        rewrapped: rewrapped.try_into().unwrap(),
        unreadable,
    }
}
