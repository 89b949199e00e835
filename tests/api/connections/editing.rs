//! Edits: of what was seen, for all connections that they concern, and never of what is fixed.

use harness::{Answer, BEDROCK, aws::save};
use sandbox::{
    bedrock::{Holdings, LongTermKey},
    demo::add_role,
    policy::Policy,
};
use serde_json::{Value, json};

use super::world::{
    World, connect, edit, end, models, now, path, reason, report, retest, state, test, try_save,
};

fn changed(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    &answer.body["connection"]
}

#[tokio::test]
async fn only_who_has_seen_it_as_it_is_may_change_it() {
    let world = World::start().await;
    let seen = save(&world.admin, "Production", world.aws.by_key()).await;
    let read = world.viewer.get(&path(&seen)).await;
    assert_eq!(read.header("etag"), seen["etag"].as_str());
    let rename = json!({ "name": "Renamed" });
    let without = world.admin.patch(&path(&seen), rename.clone()).await;
    assert_eq!(without.problem(), (428, "etag_missing"));
    assert_eq!(without.pointers(), ["/header/if-match"]);

    let renamed = edit(&world.admin, &seen, rename.clone()).await;
    let present = changed(&renamed);
    assert_eq!(present["name"], "Renamed");
    assert_ne!(present["etag"], seen["etag"]);
    assert!(renamed.body["report"].is_null(), "nothing was to be tested");
    assert_eq!(renamed.body["also_changed"], json!([]));
    for etag in [
        seen["etag"].as_str().unwrap(),
        "\"0\"",
        "W/\"x\"",
        "*",
        "",
        "hunter2",
    ] {
        let late = world.admin.clone().header("if-match", etag);
        let late = late.patch(&path(&seen), json!({ "name": "Late" })).await;
        assert_eq!(late.problem(), (412, "etag_mismatch"), "{etag}: {late:?}");
        assert_eq!(late.pointers(), ["/header/if-match"]);
    }
    assert_eq!(now(&world.admin, &seen).await, *present);
}

#[tokio::test]
async fn of_many_who_edit_at_once_one_does_and_the_others_are_told() {
    let world = World::start().await;
    let seen = save(&world.admin, "Production", world.aws.by_key()).await;
    let key = &world.aws.demo.api_keys.long_term;
    let edits = (0..6).map(|n| {
        let mut body = json!({ "name": format!("Name {n}") });
        // Those that are tested take longer, and lose nothing either.
        if n % 2 == 0 {
            body["fields"] = json!({ "api_key": key });
        }
        edit(&world.admin, &seen, body)
    });
    let answers = futures_util::future::join_all(edits).await;
    let (done, late): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1);
    for answer in &late {
        assert_eq!(answer.problem(), (412, "etag_mismatch"), "{answer:?}");
    }
    let present = now(&world.admin, &seen).await;
    assert_eq!(present, *changed(&done[0]));
    assert_eq!(
        world.audited(&world.admin, "connection.edited").await.len(),
        1
    );
}

#[tokio::test]
async fn a_change_of_name_tests_nothing_and_leaves_how_it_is() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let role = body["fields"]["role_arn"].as_str().unwrap().to_owned();
    let seen = save(&world.admin, "Production", body).await;
    world.demand(&role, &["of-somebody-else"]);
    retest(&world.member, &seen).await;
    let asked = world.aws.world.seen().len();
    let renamed = edit(&world.admin, &seen, json!({ "name": "Renamed" })).await;
    assert_eq!(state(changed(&renamed)), ("failing", "trust_policy_denied"));
    assert_eq!(
        changed(&renamed)["access"]["revision"],
        seen["access"]["revision"]
    );
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");
}

#[tokio::test]
async fn the_first_is_the_default_until_another_is_made_it() {
    let world = World::start().await;
    let first = save(&world.admin, "First", world.aws.by_key()).await;
    let second = save(&world.admin, "Second", world.aws.by_key()).await;
    let is_default = async |connection: &Value| {
        let present = now(&world.viewer, connection).await;
        present["is_default"].as_bool().unwrap()
    };
    assert!(is_default(&first).await && !is_default(&second).await);
    let chosen = edit(&world.admin, &second, json!({ "is_default": true })).await;
    assert_eq!(changed(&chosen)["is_default"], true);
    assert!(!is_default(&first).await);
    // Who saw the first as the default has not seen it as it is.
    let late = edit(&world.admin, &first, json!({ "is_default": true })).await;
    assert_eq!(late.problem(), (412, "etag_mismatch"));

    world.admin.delete(&path(&second)).await;
    assert!(!is_default(&first).await, "it moved by itself");
    let first = now(&world.admin, &first).await;
    let chosen = edit(&world.admin, &first, json!({ "is_default": true })).await;
    let none = edit(
        &world.admin,
        changed(&chosen),
        json!({ "is_default": false }),
    )
    .await;
    assert_eq!(changed(&none)["is_default"], false);
    let third = save(&world.admin, "Third", world.aws.by_key()).await;
    assert_eq!(third["is_default"], true, "the first since there was none");
}

/// A role with a connection in each of two regions.
async fn shared(world: &World) -> (Value, Value) {
    let body = world.aws.by_reserved_role(&world.admin, "Shared").await;
    let first = save(&world.admin, "Virginia", body).await;
    let share = json!({
        "method": "iam_role",
        "region": "eu-west-1",
        "access_id": first["access"]["id"],
    });
    let reserved = connect(&world.admin, share).await.body["connection"].clone();
    let body =
        json!({ "connection_id": reserved["id"], "method": "iam_role", "region": "eu-west-1" });
    let second = save(&world.admin, "Ireland", body).await;
    (first, second)
}

/// Where models were listed since `from` requests.
fn listed_in(world: &World, from: usize) -> Vec<String> {
    let seen = world.aws.world.seen();
    let listed = seen[from..]
        .iter()
        .filter(|seen| seen.operation == "ListFoundationModels");
    listed.map(|seen| seen.region.clone()).collect()
}

#[tokio::test]
async fn fields_belong_to_the_access_and_are_tested_in_the_region_of_each_connection() {
    let world = World::start().await;
    let (first, second) = shared(&world).await;
    let next = add_role(
        &world.aws.world,
        "Next",
        first["access"]["external_id"].as_str().unwrap(),
    );
    let from = world.aws.world.seen().len();
    let fields = json!({ "fields": { "role_arn": next } });
    let edited = edit(&world.admin, &first, fields).await;
    assert_eq!(changed(&edited)["access"]["role_arn"], next);
    assert_eq!(changed(&edited)["access"]["revision"], 3);
    assert_eq!(edited.body["also_changed"], json!([second["id"]]));
    assert_eq!(edited.body["report"]["ok"], true);
    let mut regions = listed_in(&world, from);
    regions.sort();
    assert_eq!(regions, ["eu-west-1", "us-east-1"]);
    let other = now(&world.viewer, &second).await;
    assert_eq!(other["access"], changed(&edited)["access"]);
    assert_eq!(state(&other), ("healthy", ""));
    assert_eq!(models(&world.viewer, &second).await.status, 200);

    let region = json!({ "region": "us-west-2" });
    let from = world.aws.world.seen().len();
    let moved = edit(&world.admin, &other, region).await;
    assert_eq!(changed(&moved)["region"], "us-west-2");
    assert_eq!(moved.body["also_changed"], json!([]));
    assert_eq!(
        changed(&moved)["access"]["revision"],
        3,
        "no field has changed"
    );
    assert_eq!(listed_in(&world, from), ["us-west-2"]);
}

#[tokio::test]
async fn what_does_not_pass_in_one_of_the_regions_changes_nothing() {
    let world = World::start().await;
    let (first, second) = shared(&world).await;
    let next = add_role(
        &world.aws.world,
        "Next",
        first["access"]["external_id"].as_str().unwrap(),
    );
    let elsewhere = Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Action": "bedrock:*",
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } },
        },
    }));
    world.role(&next, |role| role.policies.push(elsewhere));
    let fields = json!({ "name": "New", "fields": { "role_arn": next } });
    let refused = edit(&world.admin, &first, fields).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
    assert!(refused.text("detail").contains("eu-west-1"), "{refused:?}");
    assert_eq!(
        end(&refused.body["report"], "list_models").1,
        "missing_permission"
    );
    assert_eq!(now(&world.admin, &first).await, first);
    assert_eq!(now(&world.admin, &second).await, second);
    let tried = world.audited(&world.admin, "connection.tried").await;
    assert_eq!(tried[0]["detail"]["code"], "missing_permission");
}

#[tokio::test]
async fn an_edit_that_is_not_tested_leaves_all_that_it_concerns_unverified() {
    let world = World::start().await;
    let (first, second) = shared(&world).await;
    let next = add_role(
        &world.aws.world,
        "Next",
        first["access"]["external_id"].as_str().unwrap(),
    );
    let fields = json!({ "verify": "skip", "fields": { "role_arn": next } });
    let edited = edit(&world.admin, &first, fields).await;
    assert_eq!(state(changed(&edited)), ("unverified", ""));
    assert_eq!(state(&now(&world.admin, &second).await), ("unverified", ""));
    for connection in [&first, &second] {
        assert_eq!(
            reason(&models(&world.viewer, connection).await),
            "not_verified"
        );
    }
    // A proof is of the access.
    assert_eq!(retest(&world.member, &first).await.body["ok"], true);
    assert_eq!(models(&world.viewer, &second).await.status, 200);
}

#[tokio::test]
async fn a_secret_is_kept_unless_it_would_go_elsewhere() {
    let world = World::start().await;
    let cognito = &world.aws.demo.cognito;
    let mut body = world.aws.by_user();
    body["fields"]["app_client_id"] = cognito.confidential_app_client_id.into();
    body["fields"]["app_client_secret"] = cognito.confidential_app_client_secret.into();
    let seen = save(&world.admin, "By user", body).await;
    let hints = &seen["secret_hints"];
    assert_eq!(hints["app_client_secret"]["last_four"], "mple");
    assert_eq!(
        hints["password"],
        json!({ "kind": "password", "last_four": "" })
    );

    let unlinked = cognito.unlinked_identity_pool_id;
    let same_user = json!({ "fields": { "identity_pool_id": unlinked } });
    let refused = edit(&world.admin, &seen, same_user).await;
    assert_eq!(
        end(&refused.body["report"], "credentials").1,
        "cognito_pool_not_linked",
        "the password was taken"
    );

    let over = |fields: Value| {
        json!({
            "connection_id": seen["id"],
            "method": "cognito",
            "region": "us-east-1",
            "fields": fields,
        })
    };
    let (secret, password) = ("/fields/app_client_secret", "/fields/password");
    let asked = world.aws.world.seen().len();
    for (fields, voided) in [
        (
            json!({ "user_pool_id": "us-east-1_Other" }),
            &[secret, password][..],
        ),
        (
            json!({ "app_client_id": cognito.app_client_id }),
            &[secret, password],
        ),
        (json!({ "username": "another" }), &[password]),
        (
            json!({ "app_client_id": cognito.app_client_id, "app_client_secret": null }),
            &[password],
        ),
        (
            json!({ "app_client_id": cognito.app_client_id, "password": cognito.password }),
            &[secret],
        ),
    ] {
        let refused = edit(&world.admin, &seen, json!({ "fields": fields })).await;
        assert_eq!(refused.pointers(), voided, "{fields}: {refused:?}");
        let refused = test(&world.admin, over(fields.clone())).await;
        assert_eq!(refused.pointers(), voided, "{fields}: {refused:?}");
    }
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");

    // Nothing entered at all: all of it is kept.
    assert_eq!(report(&world.admin, over(json!({}))).await["ok"], true);
    let fields = json!({
        "app_client_id": cognito.app_client_id,
        "app_client_secret": "",
        "password": cognito.password,
    });
    let edited = edit(&world.admin, &seen, json!({ "fields": fields })).await;
    assert!(changed(&edited)["secret_hints"]["app_client_secret"].is_null());
    assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
}

#[tokio::test]
async fn method_and_account_are_fixed() {
    let world = World::start().await;
    let elsewhere = "999988887777";
    let role = world.aws.by_reserved_role(&world.admin, "Role").await;
    let role = save(&world.admin, "By role", role).await;
    let key = save(&world.admin, "By key", world.aws.by_key()).await;
    let user = save(&world.admin, "By user", world.aws.by_user()).await;

    let foreign = LongTermKey::new("BedrockAPIKey-else", "secret-of-a-key-of-another-account");
    let foreign_key = foreign.token(elsewhere.parse().unwrap());
    world.aws.world.account(elsewhere, |account| {
        account.bedrock = Holdings::default();
        account.bedrock.api_keys.push(foreign);
    });
    let arn = format!("arn:aws:iam::{elsewhere}:role/Bedrock");
    for (connection, fields) in [
        (&role, json!({ "role_arn": arn })),
        (&key, json!({ "api_key": foreign_key })),
    ] {
        for verify in ["require", "skip"] {
            let body = json!({ "fields": fields, "verify": verify });
            let refused = edit(&world.admin, connection, body).await;
            assert_eq!(
                refused.problem(),
                (422, "start_new_connection"),
                "{refused:?}"
            );
        }
    }
    // Of a user only AWS tells the account.
    let pool = world.identity_pool_in(elsewhere);
    let body = json!({ "fields": { "identity_pool_id": pool } });
    let refused = edit(&world.admin, &user, body).await;
    assert_eq!(
        refused.problem(),
        (422, "start_new_connection"),
        "{refused:?}"
    );

    for connection in [&role, &key, &user] {
        let mut body = world.aws.by_key();
        if connection["method"] == "api_key" {
            body = world.aws.by_user();
        }
        body["connection_id"] = connection["id"].clone();
        let refused = test(&world.admin, body).await;
        assert_eq!(
            refused.problem(),
            (422, "start_new_connection"),
            "{refused:?}"
        );
        assert_eq!(now(&world.admin, connection).await, *connection);
    }
}

#[tokio::test]
async fn what_is_saved_is_edited_and_not_saved_again() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    save(&world.admin, "Production", body.clone()).await;
    let refused = try_save(&world.admin, "Again", body).await;
    assert_eq!(refused.problem(), (409, "already_saved"), "{refused:?}");
    assert_eq!(refused.pointers(), ["/connection_id"]);
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 1);
}

#[tokio::test]
async fn the_external_id_that_we_made_stays() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let seen = save(&world.admin, "Production", body).await;
    let fields = json!({ "fields": { "external_id": "agreed-with-acme" } });
    let edited = edit(&world.admin, &seen, fields).await;
    assert_eq!(edited.status, 422, "{edited:?}");
    assert_eq!(edited.body["errors"][0]["pointer"], "/fields/external_id");
}
