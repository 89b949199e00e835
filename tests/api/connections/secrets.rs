//! No secret in any answer, nor in what the database holds.

use harness::{Answer, BEDROCK, Client, aws::save, service::until};
use serde_json::{Value, json};

use super::world::{World, connect, edit, models, path, retest, test, try_save};

/// All answers, as they came.
#[derive(Default)]
struct Told(Vec<String>);

impl Told {
    fn note(&mut self, answer: &Answer) {
        self.0.push(format!("{:?} {}", answer.headers, answer.raw));
    }
}

/// What nothing may show.
fn secrets(world: &World) -> Vec<String> {
    let demo = &world.aws.demo;
    let mut secrets: Vec<String> = [
        demo.cognito.password,
        demo.cognito.confidential_app_client_secret,
        demo.platform.secret_access_key,
        &demo.api_keys.long_term,
        &demo.api_keys.short_term,
        "Wrong-Pa55word-of-theirs",
    ]
    .map(str::to_owned)
    .to_vec();
    // What AWS gave out on the way.
    for (id, (key, _)) in &world.aws.world.state().keys {
        secrets.extend([id.clone(), key.secret.clone()]);
        secrets.extend(key.session_token.clone());
    }
    assert!(secrets.len() > 20, "no session was made");
    secrets
}

/// Goes through all that a tenant can do by a method, right and wrong.
async fn exercise(world: &World, admin: &Client, body: Value, wrong: Value, told: &mut Told) {
    let method = body["method"].clone();
    let start = json!({ "method": method, "region": "us-east-1" });
    let reserved = connect(admin, start).await;
    told.note(&reserved);
    for body in [&body, &wrong] {
        let listening = admin.clone().header("accept", "text/event-stream");
        told.note(&test(&listening, body.clone()).await);
        told.note(&test(admin, body.clone()).await);
    }
    told.note(&try_save(admin, "Wrong", wrong.clone()).await);
    let keyed = admin.clone().header("idempotency-key", "k");
    let saved = try_save(&keyed, "Right", body.clone()).await;
    assert_eq!(saved.status, 201, "{saved:?}");
    told.note(&saved);
    told.note(&try_save(&keyed, "Right", body.clone()).await);
    told.note(&try_save(admin, "Right", body.clone()).await);
    let connection = &saved.body["connection"];
    let path = path(connection);
    for path in [
        &path,
        &format!("{path}/setup"),
        &format!("{BEDROCK}/connections"),
    ] {
        told.note(&admin.get(path).await);
    }
    told.note(&retest(admin, connection).await);
    let model_id = world.aws.demo.model_id;
    let invoke = json!({ "invoke": { "model_id": model_id } });
    told.note(&admin.post(&format!("{path}/test"), invoke).await);
    told.note(&models(admin, connection).await);
    told.note(&edit(admin, connection, json!({ "fields": wrong["fields"] })).await);
    told.note(&edit(admin, connection, json!({ "fields": body["fields"] })).await);
    told.note(&admin.get("/v1/audit?limit=200").await);
}

#[tokio::test]
async fn no_secret_is_in_an_answer_or_in_the_database_while_it_is_kept_or_after() {
    let world = World::start().await;
    let mut told = Told::default();
    let mut user = world.aws.by_user();
    let cognito = &world.aws.demo.cognito;
    user["fields"]["app_client_id"] = cognito.confidential_app_client_id.into();
    user["fields"]["app_client_secret"] = cognito.confidential_app_client_secret.into();
    let mut wrong_user = user.clone();
    wrong_user["fields"]["password"] = "Wrong-Pa55word-of-theirs".into();
    exercise(&world, &world.admin, user, wrong_user, &mut told).await;

    let key = world.aws.by_key();
    let mut wrong_key = key.clone();
    let short = &world.aws.demo.api_keys.short_term;
    wrong_key["fields"]["api_key"] = format!("{}AAAA", &short[..short.len() - 4]).into();
    exercise(&world, &world.other, key, wrong_key, &mut told).await;
    let mut short_key = world.aws.by_key();
    short_key["fields"]["api_key"] = short.as_str().into();
    told.note(&try_save(&world.other, "Short", short_key).await);
    let role = world.aws.by_reserved_role(&world.other, "Role").await;
    let saved = try_save(&world.other, "Role", role).await;
    told.note(&models(&world.other, &saved.body["connection"]).await);

    let check = async |when: &str| {
        let secrets = secrets(&world);
        let dump = dump(&world).await;
        assert!(
            dump.contains("demo") || dump.contains("us-east-1"),
            "no dump"
        );
        for (place, text) in [("answers", &told.0.join("\n")), ("database", &dump)] {
            for secret in &secrets {
                assert!(!text.contains(&**secret), "{place}, {when}: {secret}");
            }
        }
    };
    check("while it is kept").await;
    for admin in [&world.admin, &world.other] {
        for connection in admin.walk(&format!("{BEDROCK}/connections"), 10).await {
            assert_eq!(admin.delete(&path(&connection)).await.status, 200);
        }
    }
    let left: Vec<(i64,)> = store::testing::ask(
        &world.service.database.owner_url,
        "SELECT count(*) FROM secrets",
    )
    .await;
    assert_eq!(left, [(0,)]);
    check("after it is gone").await;
}

#[tokio::test]
async fn a_sign_in_that_nothing_needs_any_more_ends_at_aws_too() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    let ended = async |times| {
        until("the sign-in ended", async || {
            world.aws.world.count("RevokeToken") == times
        })
        .await;
    };
    let again = json!({ "fields": world.aws.by_user()["fields"] });
    assert_eq!(edit(&world.admin, &seen, again).await.status, 200);
    ended(1).await;
    assert_eq!(world.admin.delete(&path(&seen)).await.status, 200);
    ended(2).await;
}

/// All that all tables hold, as text.
async fn dump(world: &World) -> String {
    let rows: Vec<(String,)> = store::testing::ask(
        &world.service.database.owner_url,
        "SELECT query_to_xml(format('SELECT * FROM %I', table_name), true, true, '')::text
         FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .await;
    rows.into_iter().map(|(table,)| table).collect()
}
