//! Registered models: registered, listed, renamed, deleted, and nobody else's.

use domain::{ConnectionId, Limit, ModelId, TenantId};
use sqlx::PgPool;
use store::{
    TenantTx,
    models::{self, ALIAS_TAKEN, Facts, Filter, Model, NewModel, REGISTERED, State},
    testing::Database,
};

use crate::{
    secrets::access,
    support::{at, next_moment, rng, tenant},
};

fn facts(invoke_id: &str) -> Facts {
    Facts {
        model_id: "anthropic.claude".to_owned(),
        base_model_id: Some("anthropic.claude-base".to_owned()),
        invoke_id: invoke_id.to_owned(),
        name: Some("Claude".to_owned()),
        provider: Some("Anthropic".to_owned()),
        capabilities: vec!["converse".to_owned(), "stream".to_owned()],
        input_modalities: vec!["TEXT".to_owned(), "IMAGE".to_owned()],
        output_modalities: vec!["TEXT".to_owned()],
    }
}

async fn connection(owner: &PgPool, tenant: TenantId, name: &str) -> ConnectionId {
    let (id, access) = (
        ConnectionId::new(next_moment(), &mut rng()),
        access(owner, tenant).await,
    );
    sqlx::query(
        "INSERT INTO connections
           (tenant_id, id, access_id, integration, name, region, state, state_since, created_at, updated_at)
         VALUES ($1, $2, $3, 'bedrock', $4, 'eu-west-1', 'healthy', now(), now(), now())",
    )
    .bind(tenant.uuid())
    .bind(id.uuid())
    .bind(access.uuid())
    .bind(name)
    .execute(owner)
    .await
    .unwrap();
    id
}

async fn register(
    tx: &mut TenantTx,
    connection: ConnectionId,
    invoke_id: &str,
    alias: &str,
) -> store::Result<Model> {
    let facts = facts(invoke_id);
    let new = NewModel {
        id: ModelId::new(next_moment(), &mut rng()),
        connection,
        facts: &facts,
        alias: &alias.parse().unwrap(),
        state: State::Available,
    };
    models::insert(tx, &new, at(0)).await
}

async fn aliases(tx: &mut TenantTx, connection: Option<ConnectionId>) -> Vec<String> {
    let filter = Filter {
        connection,
        capability: None,
    };
    let page = models::page(tx, filter, None, Limit::default()).await;
    let items = page.unwrap().items;
    items.into_iter().map(|model| model.alias).collect()
}

#[tokio::test]
async fn a_model_is_found_listed_and_renamed_as_it_was_registered() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let tenant = tenant(&store).await;
    let one = connection(&owner, tenant, "one").await;
    let two = connection(&owner, tenant, "two").await;
    let mut tx = store.write(tenant).await.unwrap();
    let made = register(&mut tx, one, "eu.claude", "claude").await.unwrap();
    register(&mut tx, two, "eu.claude", "other").await.unwrap();
    assert_eq!(made.facts, facts("eu.claude"));
    assert_eq!((made.state, made.is_default), (State::Available, false));
    assert_eq!(
        models::find(&mut tx, made.id).await.unwrap(),
        Some(made.clone())
    );
    assert_eq!(aliases(&mut tx, None).await, ["claude", "other"]);
    assert_eq!(aliases(&mut tx, Some(two)).await, ["other"]);
    let all = models::all(&mut tx).await.unwrap();
    assert_eq!(all.len(), 2, "{all:?}");
    for (capability, count) in [("stream", 2), ("embed", 0)] {
        let filter = Filter {
            connection: None,
            capability: Some(capability),
        };
        let page = models::page(&mut tx, filter, None, Limit::default()).await;
        assert_eq!(page.unwrap().items.len(), count, "{capability}");
    }
    let of_one = models::of_connection(&mut tx, one).await.unwrap();
    assert_eq!(of_one, std::slice::from_ref(&made));
    let renamed = models::rename(&mut tx, made.id, &"sonnet".parse().unwrap(), at(3))
        .await
        .unwrap();
    assert_eq!(renamed.unwrap().alias, "sonnet");
    for (reason, news) in [
        (Some("model_end_of_life"), true),
        (Some("model_end_of_life"), false),
    ] {
        let set = models::set_state(&mut tx, made.id, State::Unavailable, reason, at(4)).await;
        assert_eq!(set.unwrap(), news);
    }
    let deleted = models::delete(&mut tx, made.id).await.unwrap();
    assert_eq!(deleted.as_deref(), Some("sonnet"));
    assert_eq!(models::delete(&mut tx, made.id).await.unwrap(), None);
}

#[tokio::test]
async fn aliases_are_unique_and_a_model_is_registered_once_per_connection() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let tenant = tenant(&store).await;
    let id = connection(&owner, tenant, "one").await;
    for (invoke_id, alias, constraint) in [
        ("us.claude", "claude", ALIAS_TAKEN),
        ("eu.claude", "other", REGISTERED),
    ] {
        let mut tx = store.write(tenant).await.unwrap();
        register(&mut tx, id, "eu.claude", "claude").await.unwrap();
        let refused = register(&mut tx, id, invoke_id, alias).await.unwrap_err();
        assert!(refused.is_conflict_on(constraint), "{refused}");
    }
}

#[tokio::test]
async fn one_model_is_the_default() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let tenant = tenant(&store).await;
    let id = connection(&owner, tenant, "one").await;
    let mut tx = store.write(tenant).await.unwrap();
    let a = register(&mut tx, id, "a", "a").await.unwrap().id;
    let b = register(&mut tx, id, "b", "b").await.unwrap().id;
    for (chosen, defaults) in [
        (Some(a), [true, false]),
        (Some(b), [false, true]),
        (None, [false, false]),
    ] {
        models::set_default(&mut tx, chosen, at(1)).await.unwrap();
        let models = models::of_connection(&mut tx, id).await.unwrap();
        let found: Vec<_> = models.iter().map(|model| model.is_default).collect();
        assert_eq!(found, defaults);
    }
}

#[tokio::test]
async fn another_tenant_finds_lists_changes_and_deletes_none_of_them() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let (theirs, mine) = (tenant(&store).await, tenant(&store).await);
    let id = connection(&owner, theirs, "one").await;
    let mut tx = store.write(theirs).await.unwrap();
    let model = register(&mut tx, id, "eu.claude", "claude").await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    let mut tx = store.write(mine).await.unwrap();
    assert_eq!(models::find(&mut tx, model.id).await.unwrap(), None);
    assert_eq!(aliases(&mut tx, None).await, Vec::<String>::new());
    assert_eq!(models::of_connection(&mut tx, id).await.unwrap(), []);
    assert_eq!(models::all(&mut tx).await.unwrap(), []);
    assert_eq!(
        models::rename(&mut tx, model.id, &"mine".parse().unwrap(), at(1))
            .await
            .unwrap(),
        None
    );
    models::set_default(&mut tx, Some(model.id), at(1))
        .await
        .unwrap();
    assert!(
        !models::set_state(&mut tx, model.id, State::Legacy, None, at(1))
            .await
            .unwrap()
    );
    assert_eq!(models::delete(&mut tx, model.id).await.unwrap(), None);
    tx.commit(&[], at(1)).await.unwrap();
    let mut tx = store.read(theirs).await.unwrap();
    assert_eq!(models::find(&mut tx, model.id).await.unwrap(), Some(model));
}
