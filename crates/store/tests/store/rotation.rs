//! Another master key: what a rotation rewrites, what it leaves, and that it can be made again.

use store::{Error, master_keys, platform_secrets, rotation, secrets::SecretName};

use crate::{
    rotating::{activate, left, progress, rewrap_platform, rewrap_tenants, second, world},
    secrets::{access, open, put},
    signing_keys,
    support::{at, ring, rng, sealing_database, tenant},
};

#[tokio::test]
async fn a_rotation_rewrites_every_wrapped_key_and_no_ciphertext() {
    let w = world().await;
    let before = w.columns().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;

    let done = rewrap_tenants(&w.store, &both).await;

    assert!(w.secrets.len() > 250);
    assert_eq!(done, progress(w.secrets.len(), 0));
    let after = w.columns().await;
    assert_eq!(after.len(), before.len());
    for (place, after) in after {
        let before = &before[&place];
        assert_eq!((before.wrapped_by, after.wrapped_by), (1, 2));
        assert_ne!(before.wrapped_key, after.wrapped_key);
        assert_eq!(before.format, after.format);
        assert_eq!(before.data_key_id, after.data_key_id);
        assert_eq!(before.ciphertext, after.ciphertext);
    }
}

#[tokio::test]
async fn after_a_rotation_the_old_key_can_be_dropped() {
    let w = world().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;
    let place = w.secrets[0];
    let early = open(&w.store, &ring(&[2]), place).await;
    assert!(matches!(early, Err(Error::MissingMasterKey(_))));
    w.assert_all_open(&both).await;

    rewrap_tenants(&w.store, &both).await;

    w.assert_all_open(&ring(&[2])).await;
    let mut tx = w.store.platform().await.unwrap();
    let active = master_keys::enrol(&mut tx, &ring(&[2]), at(2))
        .await
        .unwrap();
    assert_eq!(i32::from(active), 2);
    tx.commit(&[], at(2)).await.unwrap();
    put(&w.store, &ring(&[2]), place, b"sealed afterwards")
        .await
        .unwrap();
    assert_eq!(w.left().await, 0);
}

#[tokio::test]
async fn a_rotation_made_again_has_nothing_to_do() {
    let w = world().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;
    rewrap_tenants(&w.store, &both).await;
    let before = w.columns().await;
    activate(&w.store, second(&both)).await;
    assert_eq!(rewrap_tenants(&w.store, &both).await, progress(0, 0));
    assert_eq!(w.columns().await, before);
}

#[tokio::test]
async fn a_rotation_killed_in_the_middle_is_finished_by_the_next_one() {
    let w = world().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;
    let first = w.secrets[0].0;
    let batch = async |tx: &mut store::TenantTx, after| {
        rotation::rewrap_batch(tx, &both, second(&both), after, at(1), &mut rng())
            .await
            .unwrap()
    };
    let mut tx = w.store.write(first).await.unwrap();
    let (done, next) = batch(&mut tx, None).await;
    tx.commit(&[], at(1)).await.unwrap();
    let mut tx = w.store.write(first).await.unwrap();
    let (lost, _) = batch(&mut tx, next).await;
    drop(tx);
    assert!(done.rewrapped > 0 && lost.rewrapped > 0);
    let rest = w.secrets.len() - usize::try_from(done.rewrapped).unwrap();
    assert_eq!(w.left().await, i64::try_from(rest).unwrap());
    w.assert_all_open(&both).await;

    assert_eq!(rewrap_tenants(&w.store, &both).await, progress(rest, 0));
    assert_eq!(w.left().await, 0);
    w.assert_all_open(&ring(&[2])).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_left_and_holds_up_nothing() {
    let w = world().await;
    w.run("INSERT INTO master_keys VALUES (9, sha256('lost'), false, now())")
        .await;
    w.run(
        "UPDATE secrets SET wrapped_by = 9 WHERE name = 'password' AND access_id IN
           (SELECT access_id FROM secrets ORDER BY access_id LIMIT 150)",
    )
    .await;
    w.run(
        "UPDATE secrets SET wrapped_key = set_byte(wrapped_key, 30, get_byte(wrapped_key, 30) # 1)
         WHERE name = 'refresh_token'",
    )
    .await;
    w.run("UPDATE secrets SET format = 7 WHERE name = 'app_client_secret' AND access_id = (SELECT max(access_id::text)::uuid FROM secrets)")
        .await;
    let unreadable: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM secrets WHERE wrapped_by = 9 OR name = 'refresh_token' OR format = 7",
    )
    .fetch_one(&w.owner)
    .await
    .unwrap();
    assert!(unreadable > 100);
    let before = w.columns().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;

    let done = rewrap_tenants(&w.store, &both).await;

    let readable = w.secrets.len() - usize::try_from(unreadable).unwrap();
    assert_eq!(done, progress(readable, unreadable.try_into().unwrap()));
    assert_eq!(w.left().await, unreadable);
    let changed = w
        .columns()
        .await
        .iter()
        .filter(|(place, columns)| before[place] != **columns)
        .count();
    assert_eq!(changed, readable);
}

#[tokio::test]
async fn a_damaged_platform_secret_is_counted_and_left() {
    let (database, store) = sealing_database().await;
    let mut tx = store.platform().await.unwrap();
    platform_secrets::hash_key(&mut tx, &ring(&[1]), at(0), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    sqlx::raw_sql("UPDATE platform_secrets SET wrapped_key = 'damaged'")
        .execute(&database.owner())
        .await
        .unwrap();
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    assert_eq!(rewrap_platform(&store, &both).await, progress(0, 1));
    assert_eq!(left(&database.owner(), "platform_secrets").await, 1);
}

#[tokio::test]
async fn every_table_with_an_encrypted_column_is_rotated() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let tenant = tenant(&store).await;
    let access = access(&owner, tenant).await;
    let mut sealed: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT relname::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relkind = 'r' AND col_description(attrelid, attnum) LIKE '%ENCRYPTED%'",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    sealed.sort();
    put(
        &store,
        &ring(&[1]),
        (tenant, access, SecretName::ApiKey),
        b"secret",
    )
    .await
    .unwrap();
    let mut tx = store.platform().await.unwrap();
    platform_secrets::hash_key(&mut tx, &ring(&[1]), at(0), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    signing_keys::insert(&store, 0).await;
    for table in &sealed {
        assert_eq!(left(&owner, table).await, 1, "seal a row of {table} here");
    }

    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    rewrap_platform(&store, &both).await;
    rewrap_tenants(&store, &both).await;

    for table in &sealed {
        assert_eq!(left(&owner, table).await, 0, "{table}");
    }
    assert_eq!(sealed, ["platform_secrets", "secrets", "signing_keys"]);
}

#[tokio::test]
async fn a_rotation_stays_within_its_tenant() {
    let w = world().await;
    let both = ring(&[1, 2]);
    activate(&w.store, second(&both)).await;
    let last = w.secrets[w.secrets.len() - 1].0;
    let mut tx = w.store.write(last).await.unwrap();
    let (done, _) = rotation::rewrap_batch(&mut tx, &both, second(&both), None, at(1), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(1)).await.unwrap();
    assert_eq!(done, progress(3, 0));
    assert_eq!(w.left().await, i64::try_from(w.secrets.len() - 3).unwrap());
}
