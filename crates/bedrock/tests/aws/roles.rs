//! A role in the customer's account, by the service's own identity and an external ID.

use aws_credential_types::Credentials;
use bedrock::report::{Name, Report, Subject, run};
use credential_provider::iam_role::AssumeRole;
use sandbox::{Fault, Harm, Refusal, demo::ACCOUNT};
use serde_json::json;

use crate::stage::{LITE, Stage, ends, flaws, invocations, told};

#[tokio::test]
async fn a_role_that_is_as_it_should_be_passes_every_step() {
    let stage = Stage::new().await;
    let report = stage.invoke(&stage.role(), LITE).await;
    assert_eq!(
        ends(&report),
        [
            "fields passed",
            "credentials passed",
            "external_id passed",
            "identity passed",
            "list_models passed",
            "list_custom_models passed",
            "list_inference_profiles passed",
            "invoke passed",
            "invoke_stream passed",
        ]
    );
    assert!(report.ok);
    assert_eq!(json!(report)["account_id"], ACCOUNT);
    let arn = report.identity_arn.unwrap();
    assert!(
        arn.starts_with(
            "arn:aws:sts::123456789012:assumed-role/BedrockAccess/bedrock-integrations-"
        ),
        "{arn}"
    );
    assert_eq!(
        report.models,
        report.catalogue.map(|catalogue| catalogue.models.len())
    );
    assert!(report.models > Some(20));
    assert!(report.expires_at.is_some() && report.failure.is_none());
    // One each: for the lease, for the two probes of it, for the identity, and for each of the two invocations.
    assert_eq!(report.request_ids.len(), 6, "{:?}", report.request_ids);
}

#[tokio::test]
async fn nothing_costs_anything_unless_it_is_asked_for() {
    let stage = Stage::new().await;
    let report = stage.test(&stage.role()).await;
    assert!(report.ok);
    assert_eq!(
        invocations(&report),
        [
            "invoke skipped not_requested",
            "invoke_stream skipped not_requested"
        ]
    );
    let seen = stage.world().seen();
    assert!(
        seen.iter()
            .all(|seen| seen.service != sandbox::Service::BedrockRuntime)
    );
}

#[tokio::test]
async fn aws_does_not_tell_a_missing_role_from_a_wrong_external_id_and_both_may_be_behind_it() {
    let stage = Stage::new().await;
    let wrong_id = AssumeRole {
        external_id: "another-id".parse().unwrap(),
        ..stage.role()
    };
    let no_role = stage.role_at("arn:aws:iam::123456789012:role/Nobody");
    for role in [wrong_id, no_role] {
        let report = stage.test(&role).await;
        assert_eq!(flaws(&report), ["credentials failed trust_policy_denied"]);
        let diagnosis = told(&report, Name::Credentials);
        assert!(diagnosis.likely_causes.len() > 2 && !diagnosis.retryable);
        assert!(report.failure.is_some() && report.account_id.is_none());
    }
    // Each was tried once, and there was nothing to prove.
    assert_eq!(stage.world().count("AssumeRole"), 2);
}

#[tokio::test]
async fn a_role_that_lets_anybody_in_shows_nothing_and_is_asked_for_nothing() {
    let stage = Stage::new().await;
    let role = stage.role_at(&stage.demo.roles.unenforced_role_arn);
    let mut heard = Vec::new();
    let subject = Subject {
        invoke: Some(LITE),
        ..stage.subject(&role)
    };
    let report = run(&subject, |step| heard.push(step.clone())).await;
    assert_eq!(
        flaws(&report),
        ["external_id failed external_id_not_enforced"]
    );
    assert_shows_nothing(&report);
    assert!(!json!(heard).to_string().contains(ACCOUNT));
    let seen = stage.world().seen();
    assert!(seen.iter().all(|seen| seen.operation == "AssumeRole"));
}

fn assert_shows_nothing(report: &Report) {
    assert!(!report.ok && report.catalogue.is_none());
    let report = json!(report);
    for member in ["account_id", "identity_arn", "models"] {
        assert!(report[member].is_null(), "{member}");
    }
    assert!(!report.to_string().contains(ACCOUNT), "{report}");
    let mut steps = report["steps"].as_array().unwrap().iter();
    steps.find(|step| step["status"] == "failed").unwrap();
    for step in steps {
        assert_eq!(step["status"], "skipped", "{step}");
    }
}

#[tokio::test]
async fn where_the_platform_says_so_it_is_a_warning() {
    let stage = Stage::new().await;
    let role = stage.role_at(&stage.demo.roles.unenforced_role_arn);
    let subject = Subject {
        allow_unenforced: true,
        ..stage.subject(&role)
    };
    let report = run(&subject, |_| {}).await;
    assert_eq!(
        flaws(&report),
        ["external_id warning external_id_not_enforced"]
    );
    assert!(report.ok && report.account_id.is_some() && report.models.is_some());
}

#[tokio::test]
async fn a_proof_that_aws_does_not_let_be_made_shows_nothing_and_may_be_made_later() {
    let stage = Stage::new().await;
    let first = Fault::always(Harm::Slow(std::time::Duration::ZERO));
    stage.world().fault(first.on("AssumeRole").times(1));
    let refusal = Refusal::new(400, "Throttling", "Rate exceeded");
    stage
        .world()
        .fault(Fault::always(Harm::Refuse(refusal)).on("AssumeRole"));
    let report = stage.test(&stage.role()).await;
    assert_eq!(
        flaws(&report),
        ["external_id failed external_id_not_proved"]
    );
    assert!(told(&report, Name::ExternalId).retryable);
    assert_shows_nothing(&report);
}

#[tokio::test]
async fn another_account_than_before_is_not_shown() {
    let stage = Stage::new().await;
    let role = stage.role();
    let other = Subject {
        account: Some("999999999999".parse().unwrap()),
        ..stage.subject(&role)
    };
    let report = run(&other, |_| {}).await;
    assert_eq!(flaws(&report), ["identity failed account_changed"]);
    assert_shows_nothing(&report);
    let same = Subject {
        account: Some(ACCOUNT.parse().unwrap()),
        ..other
    };
    assert!(run(&same, |_| {}).await.ok);
}

#[tokio::test]
async fn a_role_of_another_partition_is_never_asked_for() {
    let mut stage = Stage::new().await;
    stage.region = "us-gov-west-1".parse().unwrap();
    let report = stage.test(&stage.role()).await;
    assert_eq!(flaws(&report), ["fields failed partition_not_assumable"]);
    assert!(stage.world().seen().is_empty());
}

#[tokio::test]
async fn a_service_without_an_identity_that_works_says_that_it_is_not_the_customer_s_fault() {
    let unknown = Credentials::new("AKIANOBODY", "none", None, None, "test");
    for identity in [None, Some(unknown)] {
        let stage = Stage::new().await.running_as(identity);
        let report = stage.test(&stage.role()).await;
        assert_eq!(
            flaws(&report),
            ["credentials failed service_identity_missing"]
        );
    }
}

#[tokio::test]
async fn an_account_that_has_switched_sts_off_is_told_so() {
    let stage = Stage::new().await;
    let region = stage.region.to_string();
    stage.change(|account| account.regions_without_sts.push(region));
    let report = stage.test(&stage.role()).await;
    assert_eq!(flaws(&report), ["credentials failed sts_region_disabled"]);
}

#[tokio::test]
async fn a_role_that_was_forgotten_to_be_given_a_policy_is_told_each_permission() {
    let stage = Stage::new().await;
    let role = stage.role_at(&stage.demo.roles.powerless_role_arn);
    let report = stage.invoke(&role, LITE).await;
    assert_eq!(
        flaws(&report),
        [
            "list_models failed missing_permission",
            "list_custom_models warning missing_permission",
            "list_inference_profiles warning missing_permission",
            "invoke failed missing_permission",
            "invoke_stream failed missing_permission",
        ]
    );
    for (name, action) in [
        (Name::ListModels, "bedrock:ListFoundationModels"),
        (Name::ListCustomModels, "bedrock:ListCustomModels"),
        (Name::ListInferenceProfiles, "bedrock:ListInferenceProfiles"),
        (Name::Invoke, "bedrock:InvokeModel on"),
        (
            Name::InvokeStream,
            "bedrock:InvokeModelWithResponseStream on",
        ),
    ] {
        let remedy = &told(&report, name).remedy;
        assert!(remedy.contains(&format!("Allow {action}")), "{remedy}");
    }
    assert!(report.account_id.is_some() && report.models.is_none());
}

#[tokio::test]
async fn credentials_that_sts_knows_and_bedrock_does_not_are_of_a_region_that_is_not_enabled() {
    let stage = Stage::new().await;
    for list in [
        "ListFoundationModels",
        "ListCustomModels",
        "ListInferenceProfiles",
    ] {
        stage.refuse(
            list,
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        );
    }
    let report = stage.test(&stage.role()).await;
    assert_eq!(
        flaws(&report),
        [
            "list_models failed region_not_enabled",
            "list_custom_models warning region_not_enabled",
            "list_inference_profiles warning region_not_enabled",
        ]
    );
    assert!(
        told(&report, Name::ListModels)
            .remedy
            .starts_with("Enable us-east-1")
    );
}
