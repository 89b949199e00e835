//! Accesses and the connections over them: reserved, saved, edited, listed, deleted, and nobody else's.

use domain::{AccessId, ConnectionId, Federation, Limit, Name, Region, TenantId};
use store::{
    Store, TenantTx,
    accesses::{self, CognitoFields, Edit, ExternalId, Fields, Hint, Hints},
    connections::{self, Connection, NAME_TAKEN, NewConnection, State, Update},
    testing::Database,
};

use crate::support::{at, next_moment, rng, tenant};

const ROLE: &str = "arn:aws:iam::123456789012:role/Bedrock";

fn iam_role(role_arn: Option<&str>, is_generated: bool) -> Fields {
    Fields::IamRole {
        federation: Federation::AssumeRole,
        role_arn: role_arn.map(str::to_owned),
        external_id: Some(ExternalId {
            value: "bi-1".to_owned(),
            is_generated,
        }),
    }
}

fn cognito() -> Fields {
    Fields::Cognito(CognitoFields {
        user_pool_id: Some("eu-west-1_a".to_owned()),
        app_client_id: Some("client".to_owned()),
        identity_pool_id: Some("eu-west-1:b".to_owned()),
        username: Some("service".to_owned()),
        pool_region: Some("eu-central-1".to_owned()),
    })
}

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

async fn add_access(tx: &mut TenantTx, fields: &Fields) -> AccessId {
    let id = AccessId::new(at(0), &mut rng());
    let edit = Edit {
        fields,
        secret_hints: &Hints::new(),
        secret_expires_at: None,
    };
    accesses::insert(tx, id, &edit, at(0)).await.unwrap();
    id
}

async fn add(
    tx: &mut TenantTx,
    access: AccessId,
    named: Option<&str>,
) -> store::Result<Connection> {
    let named = named.map(name);
    let new = NewConnection {
        id: ConnectionId::new(next_moment(), &mut rng()),
        access,
        name: named.as_ref(),
        region: &region("eu-west-1"),
        state: if named.is_some() {
            State::Healthy
        } else {
            State::Pending
        },
        reserved_until: named.is_none().then(|| at(100)),
    };
    connections::insert(tx, &new, at(0)).await
}

/// A saved connection over an access of its own.
async fn saved(store: &Store, tenant: TenantId, named: &str) -> Connection {
    let mut tx = store.write(tenant).await.unwrap();
    let access = add_access(&mut tx, &iam_role(Some(ROLE), true)).await;
    let connection = add(&mut tx, access, Some(named)).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    connection
}

async fn find(store: &Store, tenant: TenantId, id: ConnectionId) -> Option<Connection> {
    let mut tx = store.read(tenant).await.unwrap();
    connections::find(&mut tx, id).await.unwrap()
}

#[tokio::test]
async fn the_fields_of_every_method_are_read_as_they_were_written() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let oidc = Fields::IamRole {
        federation: Federation::Oidc,
        role_arn: Some(ROLE.to_owned()),
        external_id: None,
    };
    for fields in [
        iam_role(None, true),
        iam_role(Some(ROLE), false),
        oidc,
        Fields::ApiKey,
        cognito(),
        Fields::Cognito(CognitoFields::default()),
    ] {
        let mut tx = store.write(tenant).await.unwrap();
        let id = add_access(&mut tx, &fields).await;
        let access = accesses::find(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(access.fields, fields);
        assert_eq!((access.revision, access.proven_revision), (1, None));
        assert_eq!(accesses::lock(&mut tx, id).await.unwrap(), Some(access));
    }
}

#[tokio::test]
async fn an_edit_makes_a_new_revision_for_which_nothing_is_proven() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let account = "123456789012".parse().unwrap();
    let mut tx = store.write(tenant).await.unwrap();
    let id = add_access(&mut tx, &cognito()).await;
    let noted = accesses::note_reached(&mut tx, id, 1, Some(account), Some("arn"), at(1)).await;
    assert!(noted.unwrap());
    let hints = Hints::from([(
        "password".to_owned(),
        Hint {
            kind: "password".to_owned(),
            last_four: "tery".to_owned(),
        },
    )]);
    let edit = Edit {
        fields: &cognito(),
        secret_hints: &hints,
        secret_expires_at: Some(at(500)),
    };
    accesses::edit(&mut tx, id, &edit, at(2)).await.unwrap();

    let access = accesses::find(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((access.revision, access.proven_revision), (2, Some(1)));
    assert_eq!(access.account, Some(account));
    assert_eq!(access.identity_arn.as_deref(), Some("arn"));
    assert_eq!(access.secret_hints, hints);
    assert_eq!(access.secret_expires_at, Some(at(500)));
    // What a test of the revision before found comes too late.
    let late = accesses::note_reached(&mut tx, id, 1, None, None, at(3)).await;
    assert!(!late.unwrap());
    assert_eq!(accesses::revision(&mut tx, id).await.unwrap(), Some(2));
    accesses::unprove(&mut tx, id, at(4)).await.unwrap();
    let access = accesses::find(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(access.proven_revision, None);
}

#[tokio::test]
async fn roles_that_were_connected_by_an_entered_id_are_found() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let mut tx = store.write(tenant).await.unwrap();
    let generated = add_access(&mut tx, &iam_role(Some(ROLE), true)).await;
    let entered = add_access(&mut tx, &iam_role(Some(ROLE), false)).await;
    add_access(&mut tx, &iam_role(Some("arn:other"), false)).await;
    let found = accesses::by_entered_role(&mut tx, ROLE).await.unwrap();
    assert_eq!(found, [entered]);
    assert!(
        accesses::uses_role_elsewhere(&mut tx, ROLE, entered)
            .await
            .unwrap()
    );
    accesses::delete(&mut tx, generated).await.unwrap();
    assert!(
        !accesses::uses_role_elsewhere(&mut tx, ROLE, entered)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_reservation_is_hidden_counted_and_becomes_a_connection() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let mut tx = store.write(tenant).await.unwrap();
    let access = add_access(&mut tx, &iam_role(None, true)).await;
    let reserved = add(&mut tx, access, None).await.unwrap();
    let ids = async |tx: &mut TenantTx, with_pending| {
        let page = connections::page(tx, with_pending, None, Limit::default()).await;
        let items = page.unwrap().items;
        items.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut tx, false).await, []);
    assert_eq!(ids(&mut tx, true).await, [reserved.id]);
    let counts = connections::count_by_state(&mut tx).await;
    assert_eq!(counts.unwrap(), [(State::Pending, 1)]);
    for (seconds, count) in [(99, 1), (100, 0)] {
        let counted = connections::count_pending(&mut tx, at(seconds)).await;
        assert_eq!(counted.unwrap(), count);
    }
    let update = Update {
        name: Some(&name("Production")),
        region: &region("us-east-1"),
        state: State::Healthy,
        state_reason: None,
    };
    let saved = connections::update(&mut tx, reserved.id, &update, at(5)).await;
    let saved = saved.unwrap().unwrap();
    assert_eq!((saved.etag, saved.reserved_until), (2, None));
    assert_eq!((saved.state, saved.state_since), (State::Healthy, at(5)));
    assert_eq!(saved.region, region("us-east-1"));
    assert_eq!(ids(&mut tx, false).await, [reserved.id]);
    let update = Update {
        name: None,
        ..update
    };
    let same = connections::update(&mut tx, reserved.id, &update, at(9)).await;
    let same = same.unwrap().unwrap();
    assert_eq!(same.state_since, at(5), "it is as before");
    assert_eq!(same.name.as_deref(), Some("Production"));
}

#[tokio::test]
async fn a_state_is_news_once_and_a_test_is_noted() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let id = saved(&store, tenant, "Production").await.id;
    let mut tx = store.write(tenant).await.unwrap();
    for (reason, news) in [
        ("throttled", true),
        ("throttled", false),
        ("api_key_expired", true),
    ] {
        let set = connections::set_state(&mut tx, id, State::Failing, Some(reason), at(7)).await;
        assert_eq!(set.unwrap(), news, "{reason}");
    }
    connections::note_test(&mut tx, id, false, at(8))
        .await
        .unwrap();
    let connection = connections::find(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(connection.state_reason.as_deref(), Some("api_key_expired"));
    assert_eq!(connection.last_test, Some((at(8), false)));
    assert_eq!(connection.etag, 1, "nobody edited it");
}

#[tokio::test]
async fn one_connection_is_the_default_and_names_are_unique() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let (one, two) = (
        saved(&store, tenant, "one").await,
        saved(&store, tenant, "two").await,
    );
    let mut tx = store.write(tenant).await.unwrap();
    for id in [one.id, two.id] {
        connections::set_first_default(&mut tx, id).await.unwrap();
        assert_eq!(connections::default(&mut tx).await.unwrap(), Some(one.id));
    }
    for (id, before) in [
        (Some(one.id), None),
        (Some(two.id), Some(one.id)),
        (Some(two.id), None),
        (None, Some(two.id)),
        (None, None),
    ] {
        let replaced = connections::set_default(&mut tx, id, at(1)).await.unwrap();
        assert_eq!(replaced, before);
        assert_eq!(connections::default(&mut tx).await.unwrap(), id);
    }
    let taken = add(&mut tx, one.access, Some("two")).await.unwrap_err();
    assert!(taken.is_conflict_on(NAME_TAKEN), "{taken}");
}

#[tokio::test]
async fn an_access_outlives_all_but_its_last_connection() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let first = saved(&store, tenant, "one").await;
    let mut tx = store.write(tenant).await.unwrap();
    let second = add(&mut tx, first.access, Some("two")).await.unwrap();
    let both = connections::of_access(&mut tx, first.access).await.unwrap();
    assert_eq!(both, [first.clone(), second.clone()]);
    assert!(connections::delete(&mut tx, first.id).await.unwrap());
    assert!(!connections::delete(&mut tx, first.id).await.unwrap());
    tx.commit(&[], at(0)).await.unwrap();
    let mut tx = store.write(tenant).await.unwrap();
    let in_use = accesses::delete(&mut tx, first.access).await;
    assert!(
        matches!(in_use, Err(store::Error::Conflict { .. })),
        "{in_use:?}"
    );
    drop(tx);
    let mut tx = store.write(tenant).await.unwrap();
    connections::delete(&mut tx, second.id).await.unwrap();
    assert!(accesses::delete(&mut tx, first.access).await.unwrap());
    assert_eq!(
        accesses::revision(&mut tx, first.access).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn another_tenant_finds_lists_changes_and_deletes_none_of_it() {
    let store = Database::new().await.store();
    let (theirs, mine) = (tenant(&store).await, tenant(&store).await);
    let connection = saved(&store, theirs, "Production").await;
    let access = connection.access;
    let before = find(&store, theirs, connection.id).await;
    let mut tx = store.write(mine).await.unwrap();
    let edit = Edit {
        fields: &Fields::ApiKey,
        secret_hints: &Hints::new(),
        secret_expires_at: None,
    };
    let update = Update {
        name: Some(&name("Mine")),
        region: &region("us-east-1"),
        state: State::Failing,
        state_reason: None,
    };
    assert_eq!(accesses::find(&mut tx, access).await.unwrap(), None);
    assert_eq!(accesses::lock(&mut tx, access).await.unwrap(), None);
    assert_eq!(accesses::revision(&mut tx, access).await.unwrap(), None);
    assert_eq!(accesses::by_entered_role(&mut tx, ROLE).await.unwrap(), []);
    accesses::edit(&mut tx, access, &edit, at(1)).await.unwrap();
    accesses::unprove(&mut tx, access, at(1)).await.unwrap();
    assert!(
        !accesses::note_reached(&mut tx, access, 1, None, None, at(1))
            .await
            .unwrap()
    );
    assert!(!accesses::delete(&mut tx, access).await.unwrap());
    assert_eq!(
        connections::find(&mut tx, connection.id).await.unwrap(),
        None
    );
    let page = connections::page(&mut tx, true, None, Limit::default()).await;
    assert_eq!(page.unwrap().items, []);
    assert_eq!(connections::count_by_state(&mut tx).await.unwrap(), []);
    assert_eq!(connections::of_access(&mut tx, access).await.unwrap(), []);
    assert_eq!(
        connections::update(&mut tx, connection.id, &update, at(1))
            .await
            .unwrap(),
        None
    );
    assert!(
        !connections::set_state(&mut tx, connection.id, State::Failing, None, at(1))
            .await
            .unwrap()
    );
    connections::note_test(&mut tx, connection.id, false, at(1))
        .await
        .unwrap();
    connections::set_default(&mut tx, Some(connection.id), at(1))
        .await
        .unwrap();
    connections::set_first_default(&mut tx, connection.id)
        .await
        .unwrap();
    assert_eq!(connections::default(&mut tx).await.unwrap(), None);
    assert!(!connections::delete(&mut tx, connection.id).await.unwrap());
    tx.commit(&[], at(1)).await.unwrap();
    assert_eq!(find(&store, theirs, connection.id).await, before);
    // Nor can a connection be laid over another tenant's access.
    let mut tx = store.write(mine).await.unwrap();
    assert!(add(&mut tx, access, Some("Mine")).await.is_err());
}
