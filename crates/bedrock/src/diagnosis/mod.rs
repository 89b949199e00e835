//! What AWS's refusals mean to a customer: a code, a sentence, what to do about it, and whether trying again helps.
//!
//! AWS's words are matched in one place, `table.rs`, which is also the documentation: `DIAGNOSIS.md` is made from it.
//! No text holds a secret: AWS's own messages come through [`AwsError`], ours are constants with names filled in.

mod code;
mod denial;
mod document;
mod table;
mod words;

use credential_provider::{AwsError, Error, Unfit};
use domain::Region;
use serde::Serialize;

pub use code::Code;
pub use document::document;

use denial::Denial;
use table::{CHALLENGE, TABLE};
use words::Words;

/// What went wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Which of the known things.
    pub code: Code,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether the same may work later without anybody changing anything.
    pub retryable: bool,
    /// What may be behind it, the likeliest first, where AWS does not tell.
    pub likely_causes: Vec<&'static str>,
    /// What AWS said, where it said something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsWords>,
}

/// AWS's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwsWords {
    /// What was called.
    pub operation: &'static str,
    /// AWS's code.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What is known about a call besides AWS's answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The region that was called.
    pub region: Option<&'a Region>,
    /// The model that was called.
    pub model: Option<&'a str>,
    /// The inference profile by which that model can be called, if one is known.
    pub profile: Option<&'a str>,
    /// Whether GetCallerIdentity accepted the same credentials a moment before.
    pub identity_confirmed: bool,
}

/// Says what an error means.
pub fn diagnose(error: &Error, context: Context<'_>) -> Diagnosis {
    match error {
        Error::Rejected(aws) | Error::PasswordRefused(aws) => {
            refused(aws, Code::UnknownRefusal, context)
        }
        Error::Throttled(aws) => refused(aws, Code::Throttled, context),
        Error::Faulty(aws) => refused(aws, Code::AwsUnavailable, context),
        Error::Challenged(challenge) => refused(
            &AwsError::new("RespondToAuthChallenge", CHALLENGE, challenge, "", None),
            Code::CognitoChallengeUnsupported,
            context,
        ),
        Error::TimedOut { .. } => Diagnosis::of(Code::EndpointTimeout, context),
        Error::Unreachable { .. } => Diagnosis::of(Code::EndpointUnreachable, context),
        Error::Broken { .. } => Diagnosis::of(Code::AnswerBroken, context),
        Error::NoIdentity => Diagnosis::of(Code::ServiceIdentityMissing, context),
        Error::Unfit(unfit) => Diagnosis::of(misfit(*unfit), context),
        Error::Superseded => Diagnosis::of(Code::AccessChanged, context),
        Error::Unavailable => Diagnosis::of(Code::StoreUnavailable, context),
    }
}

impl Diagnosis {
    /// What is found without AWS having said anything.
    pub fn of(code: Code, context: Context<'_>) -> Self {
        let words = Words::of(code);
        Self {
            code,
            message: fill(words.message, None, context),
            remedy: fill(words.remedy, None, context),
            retryable: words.retryable,
            likely_causes: words.causes.to_vec(),
            aws: None,
        }
    }
}

/// The code of what does not fit.
const fn misfit(unfit: Unfit) -> Code {
    match unfit {
        Unfit::KeyExpired => Code::ApiKeyExpired,
        Unfit::KeyOfAnotherRegion | Unfit::PoolOfAnotherRegion => Code::RegionMismatch,
        Unfit::RoleOfAnotherPartition => Code::PartitionNotAssumable,
    }
}

fn refused(aws: &AwsError, otherwise: Code, context: Context<'_>) -> Diagnosis {
    let row = TABLE
        .iter()
        .find(|row| row.matches(aws, context.identity_confirmed));
    let code = row.map_or(otherwise, |row| row.means);
    let words = Words::of(code);
    let causes = row
        .map(|row| row.causes)
        .filter(|causes| !causes.is_empty())
        .unwrap_or(words.causes);
    Diagnosis {
        code,
        message: fill(words.message, Some(aws), context),
        remedy: fill(words.remedy, Some(aws), context),
        retryable: words.retryable,
        likely_causes: causes.to_vec(),
        aws: Some(AwsWords {
            operation: aws.operation,
            code: aws.code.clone(),
            message: aws.message.clone(),
            request_id: aws.request_id.clone(),
        }),
    }
}

/// Fills the blanks of a text.
fn fill(text: &str, aws: Option<&AwsError>, context: Context<'_>) -> String {
    let denial = aws.map(Denial::of);
    let region = context.region.map(Region::as_str);
    let filled = [
        (
            "{action}",
            denial.map(|denial| denial.action),
            "the operation",
        ),
        (
            "{resource}",
            denial.and_then(|denial| denial.resource),
            "the resources that it is used on",
        ),
        ("{model}", context.model, "the model"),
        (
            "{profile}",
            context.profile,
            "an inference profile that contains the model (Bedrock console, Cross-region inference)",
        ),
        ("{region}", region, "the chosen region"),
        (
            "{challenge}",
            aws.map(|aws| aws.code.as_str()),
            "something else",
        ),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (blank, known, otherwise)| {
        text.replace(blank, known.unwrap_or(otherwise))
    });
    match filled.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => filled,
    }
}

#[cfg(test)]
mod tests;
