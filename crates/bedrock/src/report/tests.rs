//! The walk through the steps, with a way in that does as it is told, to an AWS that never answers. `tests/aws` goes all
//! the way.

use std::{future::pending, sync::Arc, time::Duration};

use aws_credential_types::{Credentials, Token};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use credential_provider::{
    AwsError, AwsSettings, Endpoints, Identity, Lease, Proof, Result, Unfit, classify,
};
use domain::{ManualClock, Method};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use time::macros::datetime;
use tokio::time::Instant;

use super::*;
use crate::diagnosis::Code;

const ACCOUNT: &str = "123456789012";
const ARN: &str = "arn:aws:sts::123456789012:assumed-role/Bedrock/session";
const SECRET: &str = "wJalrXUtnFEMI";

/// A way in that does as it is told.
struct Scripted {
    method: Method,
    check: Result<(), Unfit>,
    /// Never, if there is none.
    lease: Option<Result<Lease>>,
    /// Never, if there is none.
    proof: Option<Result<Proof>>,
}

impl Strategy for Scripted {
    fn method(&self) -> Method {
        self.method
    }

    fn check(&self, _: &Aws, _: &Region) -> Result<(), Unfit> {
        self.check
    }

    fn lease<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        told(self.lease.clone())
    }

    fn prove<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        told(self.proof.clone())
    }
}

fn told<T: Send + 'static>(what: Option<T>) -> BoxFuture<'static, T> {
    match what {
        Some(what) => Box::pin(std::future::ready(what)),
        None => Box::pin(pending()),
    }
}

/// An AWS that never answers.
#[derive(Debug)]
struct Silent;

impl HttpClient for Silent {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self)
    }
}

impl HttpConnector for Silent {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(pending())
    }
}

/// A role that is as it should be.
fn role() -> Scripted {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test");
    let lease = Lease::new(Identity::Credentials(credentials), None).reached(
        ACCOUNT.parse().ok(),
        Some(ARN.to_owned()),
        vec!["r-1".to_owned()],
    );
    Scripted {
        method: Method::IamRole,
        check: Ok(()),
        lease: Some(Ok(lease)),
        proof: Some(Ok(Proof::Enforced(vec!["refused-1".to_owned()]))),
    }
}

/// A key of that account.
fn key() -> Scripted {
    let token = Token::new(SECRET, None);
    let lease = Lease::new(Identity::Bearer(token), None);
    Scripted {
        method: Method::ApiKey,
        lease: Some(Ok(lease.reached(ACCOUNT.parse().ok(), None, Vec::new()))),
        proof: Some(Ok(Proof::NotNeeded)),
        ..role()
    }
}

/// AWS's no, in words that name the account.
fn refusal(status: u16, code: &str) -> Error {
    classify(AwsError::new("AssumeRole", status, code, ARN, Some("r-2")))
}

/// The report on a way in, and the steps as they were told.
async fn tested(
    strategy: &dyn Strategy,
    change: impl FnOnce(&mut Subject<'_>),
) -> (Report, Vec<Step>) {
    let settings = AwsSettings {
        endpoints: Endpoints::default(),
        identity: None,
        clock: Arc::new(ManualClock::at(datetime!(2026-11-22 12:00 UTC))),
        entropy: Arc::new(sandbox::Seed::new(0)),
        call_limit: Duration::from_secs(60),
    };
    let aws = Aws::over(settings, SharedHttpClient::new(Silent));
    let mut subject = Subject {
        aws: &aws,
        region: &"eu-west-1".parse().unwrap(),
        strategy,
        account: None,
        invoke: None,
        allow_unenforced: false,
        limits: Limits::default(),
    };
    change(&mut subject);
    let mut heard = Vec::new();
    let report = run(&subject, |step| heard.push(step.clone())).await;
    (report, heard)
}

async fn report(strategy: &dyn Strategy) -> Report {
    tested(strategy, |_| {}).await.0
}

/// Each step's end, and why if there is a reason: `identity skipped not_applicable`.
fn ends(report: &Report) -> Vec<String> {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    let end = |step: &Step| {
        let code = step.diagnosis.as_ref().map(|it| it.code.as_str());
        [
            Some(word(json!(step.name))),
            Some(word(json!(step.status))),
            code.map(str::to_owned),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
    };
    report.steps.iter().map(end).collect()
}

fn code(report: &Report, name: Name) -> &'static str {
    let mut steps = report.steps.iter();
    let step = steps.find(|step| step.name == name).unwrap();
    step.diagnosis.as_ref().map_or("", |it| it.code.as_str())
}

#[tokio::test]
async fn what_was_not_tried_says_why() {
    let (report, _) = tested(
        &Scripted {
            check: Err(Unfit::RoleOfAnotherPartition),
            ..role()
        },
        |subject| subject.invoke = Some("amazon.nova-lite-v1:0"),
    )
    .await;
    assert!(!report.ok);
    assert_eq!(
        ends(&report),
        [
            "fields failed partition_not_assumable",
            "credentials skipped earlier_step_failed",
            "external_id skipped earlier_step_failed",
            "identity skipped earlier_step_failed",
            "list_models skipped earlier_step_failed",
            "list_custom_models skipped earlier_step_failed",
            "list_inference_profiles skipped earlier_step_failed",
            "invoke skipped earlier_step_failed",
            "invoke_stream skipped earlier_step_failed",
        ]
    );
}

#[tokio::test]
async fn what_is_not_needed_says_so_even_after_a_failure() {
    let expired = Scripted {
        check: Err(Unfit::KeyExpired),
        ..key()
    };
    assert_eq!(
        ends(&report(&expired).await),
        [
            "fields failed api_key_expired",
            "credentials skipped earlier_step_failed",
            "external_id skipped not_applicable",
            "identity skipped not_applicable",
            "list_models skipped earlier_step_failed",
            "list_custom_models skipped earlier_step_failed",
            "list_inference_profiles skipped earlier_step_failed",
            "invoke skipped not_requested",
            "invoke_stream skipped not_requested",
        ]
    );
}

#[tokio::test]
async fn who_tests_hears_of_each_step_as_it_stands_in_the_report() {
    let denied = Scripted {
        lease: Some(Err(refusal(403, "AccessDenied"))),
        ..role()
    };
    let (report, heard) = tested(&denied, |_| {}).await;
    assert_eq!(report.steps, heard);
    assert!(heard.iter().map(|step| step.name).eq(Name::ALL));
}

#[tokio::test]
async fn a_refused_password_can_be_told_from_an_outage() {
    for error in [
        Error::PasswordRefused(AwsError::new(
            "RespondToAuthChallenge",
            400,
            "NotAuthorizedException",
            "",
            None,
        )),
        Error::Unavailable,
        refusal(500, "InternalFailure"),
    ] {
        let refused = Scripted {
            method: Method::Cognito,
            lease: Some(Err(error.clone())),
            ..key()
        };
        assert_eq!(report(&refused).await.failure, Some(error));
    }
    assert_eq!(report(&role_that_lets_anybody_in()).await.failure, None);
}

fn role_that_lets_anybody_in() -> Scripted {
    Scripted {
        proof: Some(Ok(Proof::NotEnforced)),
        ..role()
    }
}

#[tokio::test]
async fn nothing_of_an_account_is_told_whose_role_lets_anybody_in() {
    let (report, heard) = tested(&role_that_lets_anybody_in(), |subject| {
        subject.invoke = Some("amazon.nova-lite-v1:0");
    })
    .await;
    assert_eq!(
        ends(&report)[..4],
        [
            "fields passed",
            "credentials passed",
            "external_id failed external_id_not_enforced",
            "identity skipped earlier_step_failed",
        ]
    );
    assert!(report.catalogue.is_none());
    for told in [json!(report), json!(heard)] {
        assert!(!told.to_string().contains(ACCOUNT), "{told}");
    }
}

#[tokio::test]
async fn a_proof_that_could_not_be_made_shows_nothing_and_may_be_made_later_as_its_cause_may_pass()
{
    for (error, retryable) in [
        (refusal(400, "Throttling"), true),
        (
            Error::Unreachable {
                operation: "AssumeRole",
            },
            true,
        ),
        (refusal(403, "RegionDisabledException"), false),
    ] {
        let unproved = Scripted {
            proof: Some(Err(error)),
            ..role()
        };
        let report = report(&unproved).await;
        let diagnosis = report.steps[2].diagnosis.as_ref().unwrap();
        assert_eq!(diagnosis.code, Code::ExternalIdNotProved);
        assert_eq!(diagnosis.retryable, retryable);
        assert_eq!(report.steps[2].status, Status::Failed);
        assert_eq!(report.steps[3].status, Status::Skipped);
        assert!(!json!(report).to_string().contains(ACCOUNT));
    }
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_not_waited_for_longer_than_all_steps_may_take() {
    let began = Instant::now();
    let report = report(&Scripted {
        lease: None,
        ..role()
    })
    .await;
    assert_eq!(began.elapsed(), Limits::default().steps);
    assert_eq!(code(&report, Name::Credentials), "endpoint_timeout");
    assert_eq!(report.steps[1].latency_ms, 10_000);
    assert_eq!(code(&report, Name::ExternalId), "earlier_step_failed");
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_hangs_is_none() {
    let began = Instant::now();
    let report = report(&Scripted {
        proof: None,
        ..role()
    })
    .await;
    assert_eq!(began.elapsed(), Limits::default().steps);
    assert_eq!(code(&report, Name::ExternalId), "external_id_not_proved");
    assert!(!json!(report).to_string().contains(ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_not_told_in_time_is_not_waited_for() {
    let began = Instant::now();
    let report = report(&role()).await;
    assert_eq!(began.elapsed(), Limits::default().steps);
    assert_eq!(
        ends(&report)[2..5],
        [
            "external_id passed",
            "identity failed endpoint_timeout",
            "list_models skipped earlier_step_failed",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn lists_that_hang_hang_together() {
    let began = Instant::now();
    let report = report(&key()).await;
    assert_eq!(began.elapsed(), Limits::default().steps);
    assert_eq!(
        ends(&report)[3..],
        [
            "identity skipped not_applicable",
            "list_models failed endpoint_timeout",
            "list_custom_models warning endpoint_timeout",
            "list_inference_profiles warning endpoint_timeout",
            "invoke skipped not_requested",
            "invoke_stream skipped not_requested",
        ]
    );
    assert!(report.models.is_none() && report.catalogue.is_none());
    assert_eq!(json!(report)["account_id"], ACCOUNT);
}

#[tokio::test]
async fn a_key_of_another_account_is_refused_by_what_it_says_of_itself() {
    let (report, _) = tested(&key(), |subject| {
        subject.account = Some("999999999999".parse().unwrap());
    })
    .await;
    assert_eq!(code(&report, Name::Identity), "account_changed");
    assert_eq!(code(&report, Name::ListModels), "earlier_step_failed");
    assert!(!json!(report).to_string().contains(ACCOUNT));
}

#[tokio::test(start_paused = true)]
async fn a_report_has_its_wire_form() {
    let denied = Scripted {
        lease: Some(Err(refusal(403, "AccessDenied"))),
        ..role()
    };
    let report = json!(report(&denied).await);
    assert_eq!(
        report["steps"][0],
        json!({ "name": "fields", "status": "passed", "latency_ms": 0 })
    );
    let credentials = report["steps"][1].as_object().unwrap();
    for field in [
        "name",
        "status",
        "latency_ms",
        "code",
        "message",
        "remedy",
        "retryable",
        "likely_causes",
    ] {
        assert!(credentials.contains_key(field), "{field}");
    }
    assert_eq!(
        credentials["aws"],
        json!({ "operation": "AssumeRole", "code": "AccessDenied", "message": ARN, "request_id": "r-2" })
    );
    let mut rest = report;
    rest.as_object_mut().unwrap().remove("steps");
    assert_eq!(
        rest,
        json!({ "ok": false, "account_id": null, "identity_arn": null, "models": null })
    );
}

#[tokio::test]
async fn aws_s_ids_of_the_requests_are_kept_for_the_audit_log() {
    let unproved = Scripted {
        proof: Some(Err(refusal(400, "Throttling"))),
        ..role()
    };
    assert_eq!(report(&unproved).await.request_ids, ["r-1", "r-2"]);
}

#[tokio::test]
async fn no_secret_is_told() {
    for strategy in [
        role_that_lets_anybody_in(),
        Scripted {
            check: Err(Unfit::KeyExpired),
            ..key()
        },
    ] {
        let report = report(&strategy).await;
        assert!(!format!("{report:?} {}", json!(report)).contains(SECRET));
    }
}

#[test]
fn a_test_may_run_on_any_thread() {
    fn sendable<T: Send>(_: &T) {}
    let strategy = role();
    sendable(&tested(&strategy, |_| {}));
}
