//! What is to be set up in AWS, in each of its forms.

use harness::aws::save;
use serde_json::{Value, json};

use super::world::{World, connect, end, path, report};

const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

fn by_role() -> Value {
    json!({ "method": "iam_role", "region": "eu-west-1" })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What the kit's policy allows to invoke.
fn invocable(setup: &Value) -> Vec<&str> {
    let mut statements = setup["permissions_policy"]["Statement"]
        .as_array()
        .unwrap()
        .iter();
    let invoking = statements.find(|statement| {
        let actions = statement["Action"].as_array().unwrap();
        actions.contains(&json!("bedrock:InvokeModel"))
    });
    match &invoking.unwrap()["Resource"] {
        Value::String(everything) => vec![everything],
        several => several.as_array().unwrap().iter().map(text).collect(),
    }
}

#[tokio::test]
async fn every_form_demands_the_same_external_id_under_the_platforms_names() {
    let world = World::with(|aws| {
        aws.setup.names.policy = "AcmePolicy".parse().unwrap();
        aws.setup.names.identity = "AcmeRole".parse().unwrap();
        let url = "https://acme.s3.us-east-1.amazonaws.com/bedrock.json";
        aws.setup.template_url = Some(url.parse().unwrap());
    })
    .await;
    let made = connect(&world.admin, by_role()).await;
    let setup = &made.body["setup"];
    let external_id = text(&setup["external_id"]);
    let cloudformation = &setup["cloudformation"];
    for form in [
        &setup["terraform"],
        &setup["aws_cli"],
        &cloudformation["template"],
        &cloudformation["quick_create_url"],
    ] {
        for part in [external_id, "AcmePolicy", "AcmeRole"] {
            assert!(text(form).contains(part), "{part} in {form}");
        }
    }
    let file_name = text(&cloudformation["file_name"]);
    assert!(file_name.starts_with("AcmeRole-"), "{file_name}");
    assert!(text(&cloudformation["aws_cli"]).contains(file_name));
    let template: Value = serde_json::from_str(text(&cloudformation["template"])).unwrap();
    assert_eq!(
        template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"],
        setup["trust_policy"]
    );
    let steps = setup["steps"].as_array().unwrap();
    let pasted = steps
        .iter()
        .flat_map(|step| step["blocks"].as_array().unwrap());
    let trust = pasted
        .filter(|block| block["label"] == "Trust policy")
        .map(|block| serde_json::from_str(text(&block["text"])).unwrap());
    assert_eq!(
        trust.collect::<Vec<Value>>(),
        [setup["trust_policy"].clone()]
    );
}

#[tokio::test]
async fn kits_for_one_account_replace_nothing_of_each_other() {
    let world = World::start().await;
    let mut names = Vec::new();
    for admin in [&world.admin, &world.admin, &world.other] {
        let made = connect(admin, by_role()).await;
        let cloudformation = &made.body["setup"]["cloudformation"];
        let template: Value = serde_json::from_str(text(&cloudformation["template"])).unwrap();
        let role = &template["Resources"]["Role"]["Properties"]["RoleName"];
        let access = text(&made.body["connection"]["access"]["id"]);
        assert!(access.ends_with(text(role).strip_prefix("BedrockIntegration-").unwrap()));
        let stack = format!("--stack-name {} ", text(role));
        for commands in [&cloudformation["aws_cli"], &made.body["setup"]["aws_cli"]] {
            assert!(text(commands).contains(text(role)), "{commands}");
        }
        assert!(text(&cloudformation["aws_cli"]).contains(&stack));
        names.push(text(role).to_owned());
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_region_more_is_given_permissions_and_leaves_the_rest_as_it_is() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Shared").await;
    let first = save(&world.admin, "Virginia", body).await;
    // Which one was first is told by the time.
    world.wait(1);
    let mut more = by_role();
    more["access_id"] = first["access"]["id"].clone();
    let made = connect(&world.admin, more).await;
    assert_eq!(made.status, 201, "{made:?}");
    let setup = &made.body["setup"];
    let commands = text(&setup["aws_cli"]);
    for part in [
        "put-role-policy --role-name 'Shared'",
        "BedrockAccess-eu-west-1",
    ] {
        assert!(commands.contains(part), "{commands}");
    }
    assert!(!commands.contains("create-role"), "{commands}");
    let template: Value = serde_json::from_str(text(&setup["cloudformation"]["template"])).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let kinds: Vec<_> = resources.values().map(|it| text(&it["Type"])).collect();
    assert_eq!(kinds, ["AWS::IAM::Policy"]);
    assert_eq!(setup["steps"][0]["title"], "Leave what is there");

    // Read again, each is the kit that it was, even if the first region is gone.
    let again = |connection: &Value| format!("{}/setup", path(connection));
    let told = world.admin.get(&again(&first)).await;
    assert!(text(&told.body["aws_cli"]).contains("create-role"));
    let body = json!({
        "connection_id": made.body["connection"]["id"], "method": "iam_role", "region": "eu-west-1",
    });
    let second = save(&world.admin, "Ireland", body).await;
    for _ in 0..2 {
        let told = world.admin.get(&again(&second)).await;
        assert_eq!(told.body["aws_cli"], setup["aws_cli"]);
        world.admin.delete(&path(&first)).await;
    }
}

#[tokio::test]
async fn without_a_published_template_there_is_no_link() {
    let world = World::start().await;
    let made = connect(&world.admin, by_role()).await;
    let cloudformation = &made.body["setup"]["cloudformation"];
    assert_eq!(cloudformation["quick_create_url"], Value::Null);
}

#[tokio::test]
async fn chosen_models_are_all_that_is_allowed() {
    let world = World::start().await;
    let all = connect(&world.admin, by_role()).await;
    assert_eq!(invocable(&all.body["setup"]), ["*"]);

    let mut body = by_role();
    body["models"] = json!(["amazon.nova-lite-v1:0"]);
    let some = connect(&world.admin, body.clone()).await;
    let nova = [
        "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:eu-west-1:*:inference-profile/*.amazon.nova-lite-v1:0",
    ];
    assert_eq!(invocable(&some.body["setup"]), nova);
    let setup = format!("{}/setup", path(&some.body["connection"]));
    let again = world
        .admin
        .get(&format!("{setup}?models=amazon.nova-lite-v1:0"))
        .await;
    assert_eq!(again.body, some.body["setup"]);

    for wrong in [
        json!(["Nova"]),
        json!(["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]),
        json!(
            (0..200)
                .map(|n| format!("amazon.nova-{n}"))
                .collect::<Vec<_>>()
        ),
    ] {
        body["models"] = wrong;
        let refused = connect(&world.admin, body.clone()).await;
        assert_eq!(refused.problem(), (422, "validation_failed"));
        assert_eq!(refused.pointers(), ["/models"], "{refused:?}");
    }
    let refused = world.admin.get(&format!("{setup}?models=Nova")).await;
    assert_eq!(refused.pointers(), ["/query/models"], "{refused:?}");
}

#[tokio::test]
async fn a_chosen_model_that_answers_through_profiles_alone_can_be_invoked_and_no_other() {
    let world = World::start().await;
    let region = world.aws.demo.region;
    let wanted = json!({ "method": "iam_role", "region": region, "models": [SONNET] });
    let mut body = world.aws.by_kit(&world.admin, "Narrow", wanted).await;
    body["invoke"] = json!({ "model_id": SONNET });
    let tested = report(&world.admin, body.clone()).await;
    for step in ["invoke", "invoke_stream"] {
        assert_eq!(end(&tested, step), ("passed", ""), "{tested}");
    }
    body.as_object_mut().unwrap().remove("invoke");
    save(&world.admin, "Narrow", body).await;

    let nova = world.aws.demo.model_id;
    let models = json!({ "models": [
        { "model_id": SONNET, "alias": "sonnet" }, { "model_id": nova, "alias": "nova" },
    ] });
    assert_eq!(world.admin.post("/v1/models", models).await.status, 201);
    let said = json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] });
    for (alias, status) in [("sonnet", 200), ("nova", 409)] {
        let path = format!("/v1/models/{alias}/converse");
        let answer = world.member.post(&path, said.clone()).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn a_connection_that_works_knows_where_a_profile_sends_calls() {
    let world = World::start().await;
    let connection = save(&world.admin, "Key", world.aws.by_key()).await;
    let list = format!("{}/models?q={SONNET}&limit=1", path(&connection));
    let listed = world.admin.get(&list).await;
    let model = &listed.items()[0];
    let destinations = model["destinations"].as_array().unwrap();
    assert!(destinations.len() > 1, "{model}");

    let setup = format!("{}/setup?models={SONNET}", path(&connection));
    let kit = world.admin.get(&setup).await;
    let allowed = invocable(&kit.body);
    for region in destinations {
        let arn = format!(
            "arn:aws:bedrock:{}::foundation-model/{SONNET}",
            text(region)
        );
        assert!(allowed.contains(&arn.as_str()), "{arn} in {allowed:?}");
    }
    let profile = format!(":inference-profile/{}", text(&model["invoke_id"]));
    assert!(
        allowed.iter().any(|arn| arn.ends_with(&profile)),
        "{allowed:?}"
    );
}
