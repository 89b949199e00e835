//! What customers enter: checked before anything is sent, and never told back.

use harness::{Answer, BEDROCK, Client, aws::save};
use sandbox::demo::add_role;
use serde_json::{Value, json};

use super::world::{World, connect, edit, report, test, try_save};

/// Stands in what is refused, and must be in no answer.
const MARKER: &str = "hunter2";

fn check(answer: &Answer, pointer: &str, what: &str) {
    assert_eq!(
        answer.problem(),
        (422, "validation_failed"),
        "{what}: {answer:?}"
    );
    assert_eq!(answer.pointers(), [pointer], "{what}: {answer:?}");
    assert!(!answer.raw.contains(MARKER), "{what}: {answer:?}");
}

/// Good fields of the method, and no reservation.
fn fields(world: &World, method: &str) -> Value {
    match method {
        "iam_role" => world.aws.by_entered_role(),
        "api_key" => world.aws.by_key(),
        _ => world.aws.by_user(),
    }
}

#[tokio::test]
async fn hostile_regions_are_refused_wherever_one_is_entered() {
    let world = World::start().await;
    let connection = save(&world.admin, "By key", world.aws.by_key()).await;
    let asked = world.aws.world.seen().len();
    for region in [
        "",
        "hunter2",
        "eu-west-1.hunter2.example",
        "eu-west-1@hunter2.example",
        "eu-west-1/hunter2",
        "eu-west-1#hunter2",
        "eu-west-1:8080",
        "eu-west-1\\hunter2",
        "eu-west-1\u{0}",
        "eu-west-1\r\nhost: hunter2",
        "EU-WEST-1",
        "eu-west-１",
        "eu-wеst-1",
        "eu--west-1",
        "../eu-west-1",
        "xx-hunter-1",
        "localhost",
        "169.254.169.254",
        &"eu-west-1".repeat(500),
    ] {
        let what = format!("region {region:?}");
        let start = json!({ "method": "api_key", "region": region });
        check(&connect(&world.admin, start).await, "/region", &what);
        let mut body = world.aws.by_key();
        body["region"] = region.into();
        check(&test(&world.admin, body.clone()).await, "/region", &what);
        check(&try_save(&world.admin, "New", body).await, "/region", &what);
        let patch = json!({ "region": region });
        check(
            &edit(&world.admin, &connection, patch).await,
            "/region",
            &what,
        );

        let mut body = world.aws.by_user();
        body["fields"]["user_pool_id"] = format!("{region}_hunter2").into();
        check(
            &test(&world.admin, body).await,
            "/fields/user_pool_id",
            &what,
        );
        let mut body = world.aws.by_user();
        body["fields"]["identity_pool_id"] =
            format!("{region}:11111111-2222-4333-8444-555555555555").into();
        check(
            &test(&world.admin, body).await,
            "/fields/identity_pool_id",
            &what,
        );
        if !region.is_empty() {
            let mut body = world.aws.by_user();
            body["fields"]["pool_region"] = region.into();
            check(
                &test(&world.admin, body).await,
                "/fields/pool_region",
                &what,
            );
        }
    }
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");
}

#[tokio::test]
async fn hostile_fields_are_refused_and_not_told_back() {
    let world = World::start().await;
    let asked = world.aws.world.seen().len();
    let long = MARKER.repeat(2_500);
    for (method, field, values) in [
        (
            "iam_role",
            "role_arn",
            &[
                "hunter2",
                "arn:aws:iam::123456789012:user/hunter2",
                "arn:aws:iam::123456789012:role/hunter2/",
                "arn:aws:sts::123456789012:assumed-role/hunter2/x",
                "arn:aws:iam::123456789012:role/hunter2 x",
                "arn:aws:iam::123456789012:role/hunter2\u{0}",
                "arn:hunter2:iam::123456789012:role/x",
                "arn:aws:iam::1234:role/hunter2",
                "ABSKhunter2",
            ][..],
        ),
        (
            "iam_role",
            "external_id",
            &[
                "x",
                "hunter2 x",
                "hunter2\n2",
                "hunter2&RoleArn=x",
                "hünter2 hunter2",
            ],
        ),
        ("iam_role", "federation", &["hunter2", "saml"]),
        (
            "api_key",
            "api_key",
            &["hunter2 hunter2", "hunter2\nx", "hünter2hunter2"],
        ),
        (
            "cognito",
            "user_pool_id",
            &[
                "hunter2",
                "us-east-1_",
                "us-east-1_hunter2/x",
                "us-east-1_hunter2.x",
            ],
        ),
        ("cognito", "app_client_id", &["hunter2 x", "hunter2/../x"]),
        ("cognito", "app_client_secret", &["hunter2 x", "hunter2"]),
        (
            "cognito",
            "identity_pool_id",
            &["hunter2", "us-east-1:hunter2"],
        ),
        ("cognito", "username", &["hunter2 x", "hunter2\u{7}"]),
        ("cognito", "password", &["hunter2\nhunter2", "hunter2\u{0}"]),
    ] {
        for value in values.iter().copied().chain([&*long]) {
            let what = format!("{field} {value:?}");
            let mut body = fields(&world, method);
            body["fields"][field] = value.into();
            let pointer = format!("/fields/{field}");
            check(&test(&world.admin, body.clone()).await, &pointer, &what);
            check(&try_save(&world.admin, "New", body).await, &pointer, &what);
        }
        // Any other JSON is as wrong.
        for value in [
            json!(86_753_098),
            json!([MARKER]),
            json!({ MARKER: MARKER }),
            json!(true),
        ] {
            let mut body = fields(&world, method);
            body["fields"][field] = value;
            let refused = test(&world.admin, body).await;
            assert_eq!(refused.status, 422, "{field}: {refused:?}");
            assert!(!refused.raw.contains(MARKER) && !refused.raw.contains("86753098"));
        }
    }
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let world = World::start().await;
    let body = json!({
        "connection_id": MARKER,
        "name": "",
        "method": MARKER,
        "region": MARKER,
        "verify": MARKER,
        "fields": {},
    });
    let refused = world
        .admin
        .post(&format!("{BEDROCK}/connections"), body)
        .await;
    assert_eq!(
        refused.pointers(),
        ["/connection_id", "/name", "/method", "/region", "/verify"]
    );
    assert!(!refused.raw.contains(MARKER), "{refused:?}");

    let cognito = json!({ "method": "cognito", "region": "us-east-1", "fields": {} });
    let refused = test(&world.admin, cognito).await;
    assert_eq!(
        refused.pointers(),
        [
            "/fields/user_pool_id",
            "/fields/app_client_id",
            "/fields/identity_pool_id",
            "/fields/username",
            "/fields/password"
        ]
    );
    let key = json!({ "method": "api_key", "region": "us-east-1" });
    assert_eq!(
        test(&world.admin, key).await.pointers(),
        ["/fields/api_key"]
    );
}

#[tokio::test]
async fn fields_of_another_method_and_unknown_ones_are_pointed_at() {
    let world = World::start().await;
    let connection = save(&world.admin, "By key", world.aws.by_key()).await;
    let mut body = world.aws.by_key();
    body["fields"]["password"] = MARKER.into();
    body["fields"]["role_arn"] = MARKER.into();
    let refused = test(&world.admin, body).await;
    assert_eq!(
        refused.pointers(),
        ["/fields/role_arn", "/fields/password"],
        "{refused:?}"
    );
    assert!(!refused.raw.contains(MARKER), "{refused:?}");
    let patch = json!({ "fields": { "password": MARKER } });
    let refused = edit(&world.admin, &connection, patch).await;
    check(&refused, "/fields/password", "PATCH");

    for (place, pointer) in [("", "/secret"), ("fields", "/fields/secret")] {
        let with = |mut body: Value| {
            let object = if place.is_empty() {
                &mut body
            } else {
                &mut body[place]
            };
            object["secret"] = MARKER.into();
            body
        };
        let (body, patch) = (with(world.aws.by_key()), with(json!({ "fields": {} })));
        check(&test(&world.admin, body.clone()).await, pointer, "test");
        check(&try_save(&world.admin, "New", body).await, pointer, "save");
        check(
            &edit(&world.admin, &connection, patch).await,
            pointer,
            "edit",
        );
    }
    let start = json!({ "method": "api_key", "region": "us-east-1", "secret": MARKER });
    check(&connect(&world.admin, start).await, "/secret", "connect");
    for body in [
        json!({ "secret": MARKER }),
        json!({ "invoke": { "model_id": "x", "secret": MARKER } }),
    ] {
        let path = format!("{}/test", super::world::path(&connection));
        let refused = world.admin.post(&path, body).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(!refused.raw.contains(MARKER), "{refused:?}");
    }
}

#[tokio::test]
async fn white_space_around_what_was_pasted_is_none_of_it() {
    let world = World::start().await;
    let mut body = world.aws.by_user();
    let fields = body["fields"].as_object_mut().unwrap();
    for value in fields.values_mut() {
        *value = format!("\t {} \r\n", value.as_str().unwrap()).into();
    }
    body["region"] = " us-east-1\n".into();
    assert_eq!(report(&world.admin, body).await["ok"], true);
    let mut role = world.aws.by_entered_role();
    role["fields"]["role_arn"] = format!(" {}\n", world.aws.demo.roles.role_arn).into();
    assert_eq!(report(&world.admin, role).await["ok"], true);
}

#[tokio::test]
async fn a_name_is_one_connections_of_a_tenant() {
    let world = World::start().await;
    save(&world.admin, "Production", world.aws.by_key()).await;
    let other = save(&world.admin, "Staging", world.aws.by_key()).await;
    let refused = try_save(&world.admin, "Production", world.aws.by_user()).await;
    check(&refused, "/name", "save");
    let refused = edit(&world.admin, &other, json!({ "name": "Production" })).await;
    check(&refused, "/name", "edit");
    save(&world.other, "Production", world.aws.by_key()).await;
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 2, "{listed:?}");
}

/// The same answer, whoever asks when.
fn wording(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    body
}

/// What comes of an external ID, wherever it is entered.
async fn entered(world: &World, admin: &Client, own: &Value, external_id: &str) -> Vec<Answer> {
    let role = &world.aws.demo.roles.role_arn;
    let body = world.by_entered(role, external_id);
    let (id, _) = world.reserve(admin).await;
    let mut over = world.by_role(&id, role);
    over["fields"]["external_id"] = external_id.into();
    let mut untested = body.clone();
    untested["verify"] = "skip".into();
    vec![
        test(admin, body.clone()).await,
        test(admin, over.clone()).await,
        try_save(admin, "New", body).await,
        try_save(admin, "New", over).await,
        try_save(admin, "New", untested).await,
        edit(
            admin,
            own,
            json!({ "fields": { "external_id": external_id } }),
        )
        .await,
    ]
}

#[tokio::test]
async fn an_external_id_of_ours_that_is_not_the_tenants_is_refused_whether_there_is_one_or_not() {
    let world = World::start().await;
    let (_, theirs) = world.reserve(&world.other).await;
    let body = world.aws.by_reserved_role(&world.admin, "Own").await;
    let own = save(&world.admin, "Own", body).await;
    let invented = format!("bi-{}", "0".repeat(40));
    let asked = world.aws.world.count("AssumeRole");
    let existing = entered(&world, &world.admin, &own, &theirs).await;
    let absent = entered(&world, &world.admin, &own, &invented).await;
    for (existing, absent) in existing.iter().zip(&absent) {
        assert_eq!(
            existing.problem(),
            (422, "validation_failed"),
            "{existing:?}"
        );
        assert_eq!(existing.pointers(), ["/fields/external_id"]);
        assert_eq!(wording(existing), wording(absent));
        assert!(!existing.raw.contains(&theirs), "{existing:?}");
    }
    assert_eq!(world.aws.world.count("AssumeRole"), asked, "AWS was asked");
}

#[tokio::test]
async fn ones_own_is_as_good_as_left_out() {
    let world = World::start().await;
    let (id, external_id) = world.reserve(&world.admin).await;
    let role = add_role(&world.aws.world, "Own", &external_id);
    let mut body = world.by_role(&id, &role);
    body["fields"]["external_id"] = external_id.as_str().into();
    let connection = save(&world.admin, "Own", body).await;
    assert_eq!(connection["access"]["external_id_source"], "generated");
}

#[tokio::test]
async fn where_none_may_be_entered_ones_own_still_may() {
    let world = World::with(|aws| aws.takes_entered_external_id = false).await;
    let own = save(
        &world.admin,
        "Own",
        world.aws.by_reserved_role(&world.admin, "Own").await,
    )
    .await;
    for refused in entered(&world, &world.admin, &own, "agreed-with-acme").await {
        check(&refused, "/fields/external_id", "entered");
    }
    let (role, external_id) = (&own["access"]["role_arn"], &own["access"]["external_id"]);
    let body = world.by_entered(role.as_str().unwrap(), external_id.as_str().unwrap());
    assert_eq!(report(&world.admin, body).await["ok"], true);
}

#[tokio::test]
async fn a_role_without_external_id_and_reservation_needs_one_first() {
    let world = World::start().await;
    let mut body = world.aws.by_entered_role();
    body["fields"]
        .as_object_mut()
        .unwrap()
        .remove("external_id");
    let [tested, saved] = [
        test(&world.admin, body.clone()).await,
        try_save(&world.admin, "New", body).await,
    ];
    for refused in [tested, saved] {
        assert_eq!(refused.problem(), (422, "connect_first"), "{refused:?}");
        assert_eq!(refused.pointers(), ["/connection_id"]);
    }
}

#[tokio::test]
async fn what_this_service_cannot_do_is_said_before_anything_is_entered() {
    let world = World::with(|aws| aws.principal_arn = None).await;
    let start = json!({ "method": "iam_role", "region": "us-east-1" });
    for refused in [
        connect(&world.admin, start).await,
        test(&world.admin, world.aws.by_entered_role()).await,
        try_save(&world.admin, "New", world.aws.by_entered_role()).await,
    ] {
        assert_eq!(
            refused.problem(),
            (422, "method_unavailable"),
            "{refused:?}"
        );
    }
    save(&world.admin, "By key", world.aws.by_key()).await;
}

#[tokio::test]
async fn another_tenants_connection_is_none() {
    let world = World::start().await;
    let connection = save(&world.admin, "By key", world.aws.by_key()).await;
    let (reserved, _) = world.reserve(&world.admin).await;
    for id in [connection["id"].as_str().unwrap(), &reserved] {
        let mut body = world.aws.by_key();
        body["connection_id"] = id.into();
        assert_eq!(
            test(&world.other, body.clone()).await.problem(),
            (404, "not_found")
        );
        assert_eq!(
            try_save(&world.other, "Mine", body).await.problem(),
            (404, "not_found")
        );
    }
}
