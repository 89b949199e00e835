//! The test of a way into an account, step by step, over the same calls that real requests make.
//!
//! Every report has all steps, in the same order: what was not tried says why. Until the proof of trust is made, nothing
//! about the account is in it: a role that lets anybody in is somebody else's until the opposite is shown. A test takes
//! as long as [`Limits`] say, whatever hangs, and costs nothing unless a model is to be invoked.
//!
//! Deliberately absent: retries, who may test what, and what a report means for a connection's state.

mod bodies;
mod caller;
mod course;
mod flaw;
mod step;
#[cfg(test)]
mod tests;
mod trial;
mod walk;

use std::time::Duration;

use credential_provider::{Aws, Error, Strategy};
use domain::{AccountId, Region};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;

pub use self::step::{Name, Status, Step};
use self::walk::Walk;
use crate::catalogue::Catalogue;

/// What is tested.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// How AWS is reached.
    pub aws: &'a Aws,
    /// Where Bedrock is to be used.
    pub region: &'a Region,
    /// The way in.
    pub strategy: &'a dyn Strategy,
    /// The account that this access reached before: another one is not this access any more.
    pub account: Option<AccountId>,
    /// The model to invoke, if one is to be: an id or ARN as customers write it.
    pub invoke: Option<&'a str>,
    /// Whether a role that does not demand the external ID is a warning instead of a failure: emulators check nothing.
    pub allow_unenforced: bool,
    /// How long the test may take.
    pub limits: Limits,
}

/// How long a test may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All steps together that invoke no model.
    pub steps: Duration,
    /// Each of the steps that invoke one: some think before they answer.
    pub invoke: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: Duration::from_secs(10),
            invoke: Duration::from_secs(60),
        }
    }
}

/// What a test showed.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether no step failed.
    pub ok: bool,
    /// All steps, in order.
    pub steps: Vec<Step>,
    /// The account that was reached.
    #[serde(serialize_with = "as_text")]
    pub account_id: Option<AccountId>,
    /// The identity that was acted as.
    pub identity_arn: Option<String>,
    /// How many models there are, if they could be listed.
    pub models: Option<usize>,
    /// The models, for whoever wants them without asking again.
    #[serde(skip)]
    pub catalogue: Option<Catalogue>,
    /// Why no lease could be made: a refused password is to be remembered, an outage is not.
    #[serde(skip)]
    pub failure: Option<Error>,
    /// AWS's ids of the requests, as far as they are known, for the audit log.
    #[serde(skip)]
    pub request_ids: Vec<String>,
    /// When the lease ends, if that is known.
    #[serde(skip)]
    pub expires_at: Option<OffsetDateTime>,
}

/// Tests `subject`; `on_step` hears of each step as it ends.
pub async fn run(subject: &Subject<'_>, on_step: impl FnMut(&Step)) -> Report {
    // A connection of its own for each call, which is tried once: what hangs or is throttled costs nobody else anything,
    // and the report tells what happened instead of what a third attempt made of it.
    let aws = subject.aws.isolated().without_retries();
    let subject = Subject {
        aws: &aws,
        ..*subject
    };
    Walk::new(subject, on_step).finished().await
}

fn as_text<S: Serializer>(account: &Option<AccountId>, serializer: S) -> Result<S::Ok, S::Error> {
    account
        .map(|account| account.to_string())
        .serialize(serializer)
}
