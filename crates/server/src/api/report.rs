//! A test report as it goes over the wire.

use bedrock::{
    diagnosis::{AwsWords, Code, Diagnosis},
    report,
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// What a test found, step by step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub(crate) struct Report {
    /// Whether no step failed.
    ok: bool,
    /// All steps, in order; those that were not reached are `skipped`.
    steps: Vec<Step>,
    /// The AWS account that was reached.
    #[schema(required, example = "123456789012")]
    account_id: Option<String>,
    /// The AWS identity that was reached.
    #[schema(
        required,
        example = "arn:aws:sts::123456789012:assumed-role/BedrockIntegration/bedrock-integrations"
    )]
    identity_arn: Option<String>,
    /// How many models can be invoked; null if they could not be listed.
    #[schema(required)]
    models: Option<usize>,
}

/// A step of a test.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
pub(crate) struct Step {
    /// What was tried.
    #[schema(
        value_type = String,
        example = "credentials",
        pattern = "^(fields|credentials|external_id|identity|list_models|list_custom_models|list_inference_profiles|invoke|invoke_stream)$"
    )]
    name: report::Name,
    /// How it ended.
    #[schema(value_type = String, example = "passed", pattern = "^(passed|warning|failed|skipped)$")]
    status: report::Status,
    /// How long it took.
    latency_ms: u64,
    #[serde(flatten)]
    #[schema(schema_with = what_a_finding_tells)]
    finding: Option<Finding>,
}

/// Why a step did not pass, and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct Finding {
    #[schema(schema_with = codes)]
    code: &'static str,
    /// What happened.
    message: String,
    /// What to do about it.
    remedy: String,
    /// Whether the same may work later without anybody changing anything.
    retryable: bool,
    /// What may be behind it, the likeliest first, where AWS does not tell.
    likely_causes: Vec<&'static str>,
    /// AWS's own words, where it said something.
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<Aws>,
}

/// AWS's own words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AwsWords)]
pub(crate) struct Aws {
    /// What was called.
    #[schema(example = "AssumeRole")]
    operation: &'static str,
    #[schema(example = "AccessDenied")]
    code: String,
    message: String,
    /// AWS's id of the request, to find it in CloudTrail or ask AWS about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// The members of a finding, none of which a step that passed has.
fn what_a_finding_tells() -> RefOr<Schema> {
    let mut schema = Finding::schema();
    if let RefOr::T(Schema::Object(finding)) = &mut schema {
        finding.required.clear();
    }
    schema
}

/// The closed list of codes.
fn codes() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Which of the known things; the list is closed."))
        .enum_values(Some(Code::ALL.iter().map(|code| code.as_str())))
        .build()
        .into()
}

impl From<&report::Report> for Report {
    fn from(report: &report::Report) -> Self {
        Self {
            ok: report.ok,
            steps: report.steps.iter().map(Step::from).collect(),
            account_id: report.account_id.map(|account| account.to_string()),
            identity_arn: report.identity_arn.clone(),
            models: report.models,
        }
    }
}

impl From<&report::Step> for Step {
    fn from(step: &report::Step) -> Self {
        Self {
            name: step.name,
            status: step.status,
            latency_ms: step.latency_ms,
            finding: step.diagnosis.as_ref().map(Finding::from),
        }
    }
}

impl From<&Diagnosis> for Finding {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self {
            code: diagnosis.code.as_str(),
            message: diagnosis.message.clone(),
            remedy: diagnosis.remedy.clone(),
            retryable: diagnosis.retryable,
            likely_causes: diagnosis.likely_causes.clone(),
            aws: diagnosis.aws.as_ref().map(Aws::from),
        }
    }
}

impl From<&AwsWords> for Aws {
    fn from(words: &AwsWords) -> Self {
        Self {
            operation: words.operation,
            code: words.code.clone(),
            message: words.message.clone(),
            request_id: words.request_id.clone(),
        }
    }
}
