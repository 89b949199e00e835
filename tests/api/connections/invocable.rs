//! What can be invoked: asked of AWS when nobody knows, and forgotten when something changes.

use std::time::Duration;

use futures_util::future::join_all;
use harness::{Client, aws::save, service::until};
use sandbox::{Fault, Harm, policy::Policy};
use serde_json::{Value, json};

use super::world::{World, edit, models, path, reason, retest};

const MINUTE: i64 = 60;

/// How often AWS was asked for the lists.
fn asked(world: &World) -> usize {
    world.aws.world.count("ListFoundationModels")
}

async fn query(client: &Client, connection: &Value, query: &str) -> harness::Answer {
    client
        .get(&format!("{}/models?{query}", path(connection)))
        .await
}

fn slow(world: &World) {
    let harm = Harm::Slow(Duration::from_millis(300));
    world
        .aws
        .world
        .fault(Fault::always(harm).on("ListFoundationModels"));
}

#[tokio::test]
async fn every_method_leads_to_the_same_models() {
    let world = World::start().await;
    let mut all = Vec::new();
    for (name, body) in [
        ("by key", world.aws.by_key()),
        ("by user", world.aws.by_user()),
        ("by role", world.aws.by_entered_role()),
    ] {
        let seen = save(&world.admin, name, body).await;
        let listed = query(&world.viewer, &seen, "limit=200").await;
        assert_eq!(listed.body["gaps"], json!([]), "{name}");
        assert!(listed.body["fetched_at"].is_string());
        all.push(listed.body["items"].clone());
        let nova = query(&world.viewer, &seen, "q=nova+lite&capability=converse").await;
        let key = nova.items()[0]["key"].as_str().unwrap();
        let one = world
            .viewer
            .get(&format!("{}/models/{key}", path(&seen)))
            .await;
        assert_eq!(one.body["model_id"], nova.items()[0]["model_id"]);
        assert_eq!(one.body["availability"]["state"], "available", "{one:?}");
        let none = world
            .viewer
            .get(&format!("{}/models/no~such", path(&seen)))
            .await;
        assert_eq!(none.problem(), (404, "not_found"));
    }
    assert!(all[0].as_array().unwrap().len() > 20);
    assert_eq!((&all[0], &all[0]), (&all[1], &all[2]));
}

#[tokio::test]
async fn pages_hold_every_model_once_and_filters_are_checked() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    let all = query(&world.viewer, &seen, "limit=200").await;
    let walked = world
        .viewer
        .walk(&format!("{}/models", path(&seen)), 7)
        .await;
    assert_eq!(Value::from(walked), all.body["items"]);

    for (filter, member, value) in [
        ("provider=amazon", "provider", "Amazon"),
        ("state=x", "", ""),
    ] {
        let found = query(&world.viewer, &seen, filter).await;
        if member.is_empty() {
            assert_eq!(found.status, 422, "{found:?}");
            continue;
        }
        assert!(!found.items().is_empty());
        assert!(found.items().iter().all(|model| model[member] == value));
    }
    let embeddings = query(&world.viewer, &seen, "capability=embed&modality=image").await;
    assert!(!embeddings.items().is_empty(), "{embeddings:?}");
    for (bad, pointer) in [
        ("capability=hunter2", "/query/capability"),
        ("limit=0", "/query/limit"),
        ("refresh=hunter2", "/query/refresh"),
        ("cursor=hunter2", "/query/cursor"),
        ("hunter2=1", "/query"),
    ] {
        let refused = query(&world.viewer, &seen, bad).await;
        assert_eq!(
            refused.problem(),
            (422, "validation_failed"),
            "{bad}: {refused:?}"
        );
        assert_eq!(refused.pointers(), [pointer]);
    }
    let page = query(&world.viewer, &seen, "limit=7&provider=amazon").await;
    let cursor = page.text("next_cursor");
    let stale = query(
        &world.viewer,
        &seen,
        &format!("provider=cohere&cursor={cursor}"),
    )
    .await;
    assert_eq!(stale.pointers(), ["/query/cursor"], "{stale:?}");
}

#[tokio::test]
async fn what_may_not_be_listed_is_a_gap_and_no_failure() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let role = body["fields"]["role_arn"].as_str().unwrap().to_owned();
    world.role(&role, |role| {
        role.policies = vec![Policy::of(&json!({
            "Version": "2012-10-17",
            "Statement": { "Effect": "Allow", "Action": "bedrock:ListFoundationModels", "Resource": "*" },
        }))];
    });
    let seen = save(&world.admin, "By role", body).await;
    let listed = models(&world.viewer, &seen).await;
    assert!(!listed.items().is_empty());
    let gaps = listed.body["gaps"].as_array().unwrap();
    let lists: Vec<_> = gaps.iter().map(|gap| &gap["list"]).collect();
    assert_eq!(
        lists,
        [
            "system_profiles",
            "application_profiles",
            "custom_models",
            "custom_model_deployments",
            "imported_models",
            "provisioned_throughputs"
        ]
    );
    for gap in gaps {
        assert_eq!(gap["code"], "missing_permission");
        let action = format!("bedrock:{}", gap["operation"].as_str().unwrap());
        assert!(gap["remedy"].as_str().unwrap().contains(&action), "{gap}");
    }

    // Whoever allows more and tests sees more at once.
    world.role(&role, |role| {
        role.policies = vec![Policy::of(&json!({
            "Version": "2012-10-17",
            "Statement": { "Effect": "Allow", "Action": "bedrock:*", "Resource": "*" },
        }))];
    });
    assert_eq!(
        models(&world.viewer, &seen).await.body["gaps"],
        listed.body["gaps"]
    );
    retest(&world.member, &seen).await;
    assert_eq!(models(&world.viewer, &seen).await.body["gaps"], json!([]));
}

#[tokio::test]
async fn aws_is_asked_once_however_many_want_to_know_and_again_when_it_was_long_ago() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    let before = asked(&world);
    slow(&world);
    let answers = join_all((0..8).map(|_| models(&world.viewer, &seen))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(asked(&world), before + 1);
    world.aws.world.mend();
    world.wait(10 * MINUTE - 1);
    models(&world.viewer, &seen).await;
    assert_eq!(asked(&world), before + 1);

    // Old: asked anew behind the answer.
    world.wait(1);
    let old = models(&world.viewer, &seen).await;
    assert_eq!(old.body["fetched_at"], answers[0].body["fetched_at"]);
    until("it is fetched anew", async || {
        let listed = models(&world.viewer, &seen).await;
        listed.body["fetched_at"] != old.body["fetched_at"]
    })
    .await;
    assert_eq!(asked(&world), before + 2);

    // An outage leaves what is known, for as long as it is worth something.
    world.aws.world.fault(Fault::always(Harm::Reset));
    world.wait(11 * 60 * MINUTE);
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
    world.wait(60 * MINUTE);
    let refused = models(&world.viewer, &seen).await;
    assert_eq!(refused.problem(), (503, "aws_unavailable"), "{refused:?}");
}

#[tokio::test]
async fn a_person_who_wants_it_fresh_gets_it_fresh() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    models(&world.viewer, &seen).await;
    let before = asked(&world);
    let fresh = query(&world.viewer, &seen, "refresh=true").await;
    assert_eq!((fresh.status, asked(&world)), (200, before + 1));
    models(&world.viewer, &seen).await;
    assert_eq!(asked(&world), before + 1);
}

#[tokio::test]
async fn a_list_fetched_across_a_change_is_not_kept_and_other_changes_do_not_matter() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    let theirs = save(&world.other, "By key", world.aws.by_key()).await;
    slow(&world);
    for (admin, changed, is_kept) in [(&world.other, &theirs, true), (&world.admin, &seen, false)] {
        let before = asked(&world);
        let fetch = tokio::spawn({
            let (viewer, path) = (world.viewer.clone(), path(&seen));
            async move { viewer.get(&format!("{path}/models?refresh=true")).await }
        });
        until("it is being fetched", async || asked(&world) > before).await;
        let present = super::world::now(admin, changed).await;
        let renamed = edit(admin, &present, json!({ "name": "Renamed" })).await;
        assert_eq!(renamed.status, 200, "{renamed:?}");
        assert_eq!(fetch.await.unwrap().status, 200);
        models(&world.viewer, &seen).await;
        assert_eq!(asked(&world), before + if is_kept { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a_role_that_is_gone_is_told_in_words() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let role = body["fields"]["role_arn"].as_str().unwrap().to_owned();
    let seen = save(&world.admin, "By role", body).await;
    world.demand(&role, &["of-somebody-else"]);
    let refused = models(&world.viewer, &seen).await;
    assert_eq!(reason(&refused), "trust_policy_denied");
    assert!(refused.body["remedy"].is_string());
}
