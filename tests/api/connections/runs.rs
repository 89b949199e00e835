//! Tests under way: shared, counted, told step by step, and ended whoever waits.

use std::time::Duration;

use credential_provider::{Endpoint, Endpoints};
use harness::{Answer, BEDROCK, Client, aws::save, service::until};
use reqwest::Method;
use sandbox::{Fault, Harm};
use serde_json::{Value, json};

use super::world::{
    World, end, models, now, path, reason, report, retest, state, step, test, try_save,
};

/// All steps, in order.
const STEPS: [&str; 9] = [
    "fields",
    "credentials",
    "external_id",
    "identity",
    "list_models",
    "list_custom_models",
    "list_inference_profiles",
    "invoke",
    "invoke_stream",
];

fn slow(world: &World, operation: &'static str) {
    let harm = Harm::Slow(Duration::from_millis(300));
    world.aws.world.fault(Fault::always(harm).on(operation));
}

#[tokio::test]
async fn identical_runs_within_five_seconds_are_one() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let seen = save(&world.admin, "Production", body).await;
    let asked = || world.aws.world.count("ListFoundationModels");
    let before = asked();
    slow(&world, "ListFoundationModels");
    let at_once = [&world.admin, &world.member, &world.operator, &world.member];
    let answers = at_once.map(|client| retest(client, &seen));
    let answers = futures_util::future::join_all(answers).await;
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
    }
    world.aws.world.mend();
    world.wait(4);
    assert_eq!(retest(&world.member, &seen).await.body, answers[0].body);
    assert_eq!(asked(), before + 1);
    assert_eq!(
        world.audited(&world.admin, "connection.tested").await.len(),
        1
    );
    world.wait(1);
    retest(&world.member, &seen).await;
    assert_eq!(asked(), before + 2);
    // Another question, another answer.
    let body = json!({ "invoke": { "model_id": world.aws.demo.model_id } });
    let invoked = world
        .admin
        .post(&format!("{}/test", path(&seen)), body)
        .await;
    assert_eq!(end(&invoked.body, "invoke"), ("passed", ""));
    assert_eq!(asked(), before + 3);
}

/// Sends until it is too much. How often it was not.
async fn until_too_many(mut send: impl AsyncFnMut(usize) -> Answer) -> (usize, Answer) {
    for n in 0..200 {
        let answer = send(n).await;
        if answer.status == 429 {
            return (n, answer);
        }
        assert!(answer.status < 429, "{answer:?}");
    }
    panic!("200 were not too many");
}

#[tokio::test]
async fn a_tenant_tests_what_it_enters_so_often_and_no_other_feels_it() {
    let world = World::start().await;
    // Known to have ended: nothing is asked of AWS.
    let mut body = world.aws.by_key();
    body["fields"]["api_key"] = world.aws.demo.api_keys.expired.as_str().into();
    let (many, refused) = until_too_many(async |n| match n % 3 {
        0 => try_save(&world.admin, "New", body.clone()).await,
        _ => test(&world.admin, body.clone()).await,
    })
    .await;
    assert!(many >= 10, "{many}");
    assert_eq!(refused.problem(), (429, "too_many_tests"));
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(test(&world.other, body.clone()).await.status, 200);
    world.wait(wait);
    assert_eq!(test(&world.admin, body).await.status, 200);
    // What is saved untested is none.
    let mut untested = world.aws.by_key();
    untested["verify"] = "skip".into();
    for name in ["one", "two", "three"] {
        save(&world.admin, name, untested.clone()).await;
    }
}

#[tokio::test]
async fn and_what_it_saved() {
    let world = World::start().await;
    let mut body = world.aws.by_key();
    body["fields"]["api_key"] = world.aws.demo.api_keys.short_term.as_str().into();
    let seen = save(&world.admin, "By key", body).await;
    world.wait(13 * 60 * 60);
    let path = format!("{}/test", path(&seen));
    let (many, refused) = until_too_many(async |n| {
        let body = json!({ "invoke": { "model_id": format!("model-{n}") } });
        world.admin.post(&path, body).await
    })
    .await;
    assert!(many >= 10, "{many}");
    assert_eq!(refused.problem(), (429, "too_many_tests"));
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    world.wait(wait);
    assert_eq!(retest(&world.member, &seen).await.status, 200);
}

/// The events of a stream: what each is called, and its data.
fn events(raw: &str) -> Vec<(String, Value)> {
    let events = raw.split_terminator("\n\n").map(|event| {
        let field = |name: &str| {
            let mut lines = event.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .unwrap()
                .trim()
        };
        let data = serde_json::from_str(field("data:")).unwrap();
        (field("event:").to_owned(), data)
    });
    events.collect()
}

fn listening(client: &Client) -> Client {
    client.clone().header("accept", "text/event-stream")
}

#[tokio::test]
async fn with_an_event_stream_each_step_is_told_and_then_the_report() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let seen = save(&world.admin, "Production", body).await;
    let streams = [
        test(&listening(&world.admin), world.aws.by_user()).await,
        retest(&listening(&world.member), &seen).await,
    ];
    for answer in streams {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        let events = events(&answer.raw);
        let (last, steps) = events.split_last().unwrap();
        assert_eq!(last.0, "report");
        assert_eq!(last.1["ok"], true);
        let told: Vec<_> = steps
            .iter()
            .map(|(name, step)| (&**name, &step["name"]))
            .collect();
        let expected = STEPS.map(Value::from);
        let expected: Vec<_> = expected.iter().map(|name| ("step", name)).collect();
        assert_eq!(told, expected);
        let steps: Vec<_> = steps.iter().map(|(_, step)| step.clone()).collect();
        assert_eq!(last.1["steps"], Value::from(steps));
    }
}

#[tokio::test]
async fn steps_are_told_while_the_next_are_still_tried() {
    let world = World::start().await;
    let harm = Harm::Hang;
    world
        .aws
        .world
        .fault(Fault::always(harm).on("ListFoundationModels"));
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let request = listening(&world.admin).request(Method::POST, &format!("{BEDROCK}/test"));
    let mut response = request.json(&body).send().await.unwrap();
    let mut told = String::new();
    while !told.contains("\"identity\"") {
        let chunk = response.chunk().await.unwrap().unwrap();
        told.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(!told.contains("list_models"), "{told}");
}

#[tokio::test]
async fn what_kept_a_test_from_running_is_an_ordinary_problem() {
    let world = World::start().await;
    let admin = listening(&world.admin);
    let (id, _) = world.reserve(&world.admin).await;
    let pending = retest(&admin, &json!({ "id": id })).await;
    assert_eq!(reason(&pending), "not_saved");
    assert_eq!(
        pending.header("content-type"),
        Some("application/problem+json")
    );
    let mut body = world.aws.by_user();
    body["fields"]["password"] = "wrong".into();
    test(&admin, body.clone()).await;
    let refused = test(&admin, body).await;
    assert_eq!(refused.problem(), (429, "cognito_locked_out"));
    assert!(refused.header("retry-after").is_some());
    let refused = test(&admin, json!({ "method": "x", "region": "us-east-1" })).await;
    assert_eq!(refused.pointers(), ["/method"]);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_no_test_with_it() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    let since = seen["last_test"]["at"].clone();
    world.wait(60);
    slow(&world, "ListFoundationModels");
    let asked = world.aws.world.count("ListFoundationModels");
    let request = world
        .member
        .request(Method::POST, &format!("{}/test", path(&seen)))
        .json(&json!({}));
    let under_way = tokio::spawn(request.send());
    until("AWS is asked", async || {
        world.aws.world.count("ListFoundationModels") > asked
    })
    .await;
    under_way.abort();
    until("the test is noted", async || {
        now(&world.viewer, &seen).await["last_test"]["at"] != since
    })
    .await;
    assert_eq!(
        world.audited(&world.admin, "connection.tested").await.len(),
        1
    );
}

#[tokio::test]
async fn a_save_that_nobody_waits_for_counts_no_password_and_saves_nothing() {
    let world = World::start().await;
    let mut body = world.aws.by_user();
    body["name"] = "By user".into();
    slow(&world, "ListFoundationModels");
    let keyed = world.admin.clone().header("idempotency-key", "k");
    for n in 0..4 {
        let admin = if n == 0 { &keyed } else { &world.admin };
        let request = admin.request(Method::POST, &format!("{BEDROCK}/connections"));
        let under_way = tokio::spawn(request.json(&body).send());
        until("AWS is asked", async || {
            world.aws.world.count("ListFoundationModels") > n
        })
        .await;
        under_way.abort();
        until("the attempt has ended", async || {
            let rows: Vec<(i64,)> = store::testing::ask(
                &world.service.database.owner_url,
                "SELECT count(*) FROM password_attempts WHERE made_at <> '{}'",
            )
            .await;
            rows == [(0,)]
        })
        .await;
    }
    world.aws.world.mend();
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items(), [] as [Value; 0]);
    // The claim of the one that was broken off lapses.
    let path = format!("{BEDROCK}/connections");
    let early = keyed.post(&path, body.clone()).await;
    assert_eq!(early.problem(), (409, "in_progress"), "{early:?}");
    world.wait(61);
    assert_eq!(keyed.post(&path, body).await.status, 201);
}

#[tokio::test]
async fn members_have_registered_models_invoked_and_nobody_else_any_but_admins() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    let other = save(&world.admin, "Other", world.aws.by_key()).await;
    let model_id = world.aws.demo.model_id;
    let register = |connection: &Value, model_id: &str, alias: &str| {
        let models = json!([{ "model_id": model_id, "alias": alias }]);
        let body = json!({ "connection_id": connection["id"], "models": models });
        let admin = world.admin.clone();
        async move {
            let made = admin.post("/v1/models", body).await;
            assert_eq!(made.status, 201, "{made:?}");
            made.items()[0]["id"].as_str().unwrap().to_owned()
        }
    };
    let id = register(&seen, model_id, "lite").await;
    register(&other, "amazon.nova-micro-v1:0", "micro").await;
    let invoke = async |client: &Client, model: &str| {
        let body = json!({ "invoke": { "model_id": model } });
        client.post(&format!("{}/test", path(&seen)), body).await
    };
    for model in [model_id, "lite", &id] {
        for client in [&world.member, &world.admin] {
            let tested = invoke(client, model).await;
            for step in ["invoke", "invoke_stream"] {
                assert_eq!(
                    end(&tested.body, step),
                    ("passed", ""),
                    "{model}: {tested:?}"
                );
            }
        }
        for client in [&world.viewer, &world.operator] {
            let refused = invoke(client, model).await;
            assert_eq!(refused.problem(), (403, "forbidden"), "{model}");
        }
    }
    for model in ["amazon.nova-micro-v1:0", "micro", "mod_x"] {
        let refused = invoke(&world.member, model).await;
        assert_eq!(refused.problem(), (403, "forbidden"), "{model}");
    }
    let tested = invoke(&world.admin, "amazon.nova-micro-v1:0").await;
    assert_eq!(end(&tested.body, "invoke"), ("passed", ""));
    for model in ["", " ", "a b", "a\nb", &"a".repeat(2_049)] {
        let refused = invoke(&world.admin, model).await;
        assert_eq!(refused.pointers(), ["/invoke/model_id"], "{model:?}");
    }
}

#[tokio::test]
async fn a_model_that_refuses_says_nothing_about_the_connection() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    let body = json!({ "invoke": { "model_id": "anthropic.claude-opus-4-1-20250805-v1:0" } });
    let tested = world
        .admin
        .post(&format!("{}/test", path(&seen)), body)
        .await;
    assert_eq!(tested.body["ok"], false, "{tested:?}");
    assert_eq!(step(&tested.body, "invoke")["status"], "failed");
    let present = now(&world.viewer, &seen).await;
    assert_eq!(state(&present), ("healthy", ""));
    assert_eq!(present["last_test"]["ok"], false);
}

#[tokio::test]
async fn aws_away_is_told_and_changes_nothing() {
    let nowhere = Endpoint::parse("http://127.0.0.1:1").unwrap();
    let world = World::with(|aws| aws.endpoints = Endpoints::every(nowhere)).await;
    for body in [world.aws.by_entered_role(), world.aws.by_user()] {
        let report = report(&world.admin, body.clone()).await;
        let failed = step(&report, "credentials");
        assert_eq!(failed["code"], "endpoint_unreachable", "{report}");
        assert_eq!(failed["retryable"], true);
        let refused = try_save(&world.admin, "New", body).await;
        assert_eq!(refused.problem(), (422, "connection_test_failed"));
    }
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_moment_of_awss_is_not_the_connections_fault() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let seen = save(&world.admin, "Production", body).await;
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
    let leases = world.aws.world.count("AssumeRole");
    world.aws.world.fault(Fault::always(Harm::Reset));
    let tested = retest(&world.member, &seen).await;
    assert_eq!(
        end(&tested.body, "credentials"),
        ("failed", "endpoint_unreachable")
    );
    let present = now(&world.viewer, &seen).await;
    assert_eq!(state(&present), ("healthy", ""));
    assert_eq!(present["last_test"]["ok"], false);
    let refused = world
        .viewer
        .get(&format!("{}/models?refresh=true", path(&seen)))
        .await;
    assert_eq!(refused.problem(), (503, "aws_unavailable"), "{refused:?}");
    assert_eq!(refused.body["reason"], "endpoint_unreachable");
    assert!(refused.header("retry-after").is_some());
    world.aws.world.mend();
    // The lease of before is as good as it was.
    let refreshed = world
        .viewer
        .get(&format!("{}/models?refresh=true", path(&seen)))
        .await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert_eq!(
        world.aws.world.count("AssumeRole"),
        leases + 1,
        "the test's own"
    );
}

#[tokio::test]
async fn aws_that_hangs_is_waited_for_ten_seconds_and_holds_up_no_connection_to_the_database() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    let role = world.aws.by_reserved_role(&world.admin, "Role").await;
    world.aws.world.fault(Fault::always(Harm::Hang));
    let asked = world.aws.world.seen().len();
    let began = std::time::Instant::now();
    let idle = async {
        until("all of them wait for AWS", async || {
            world.aws.world.seen().len() >= asked + 4
        })
        .await;
        let rows: Vec<(i64,)> = store::testing::ask(
            &world.service.database.owner_url,
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()",
        )
        .await;
        assert_eq!(rows, [(0,)], "a transaction waits for AWS");
    };
    let edit = json!({ "fields": { "password": world.aws.demo.cognito.password } });
    let (tested, entered, saved, edited, ()) = tokio::join!(
        retest(&world.member, &seen),
        test(&world.admin, role.clone()),
        try_save(&world.admin, "New", role.clone()),
        super::world::edit(&world.admin, &seen, edit),
        idle,
    );
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    for report in [
        &tested.body,
        &entered.body,
        &saved.body["report"],
        &edited.body["report"],
    ] {
        assert_eq!(end(report, "credentials"), ("failed", "endpoint_timeout"));
    }
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
}
