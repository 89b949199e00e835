//! Why a step does not pass.

use credential_provider::Error;

use crate::diagnosis::{AwsWords, Code, Context, Diagnosis, diagnose};

/// Why a step does not pass.
pub(super) enum Flaw {
    /// What AWS said, or that it said nothing.
    Error(Error),
    /// What was found out otherwise.
    Found(Code),
    /// That the proof of trust could not be made, and why.
    Unproved(Error),
}

impl Flaw {
    /// What there is to say about it.
    pub(super) fn diagnosis(&self, context: Context<'_>) -> Diagnosis {
        match self {
            Self::Error(error) => diagnose(error, context),
            Self::Found(code) => Diagnosis::of(*code, context),
            Self::Unproved(error) => {
                let Diagnosis { retryable, aws, .. } = diagnose(error, context);
                // Messages name accounts, and until the proof is made none may be told.
                let aws = aws.map(|aws| AwsWords {
                    message: String::new(),
                    ..aws
                });
                Diagnosis {
                    retryable,
                    aws,
                    ..Diagnosis::of(Code::ExternalIdNotProved, context)
                }
            }
        }
    }
}

impl From<Error> for Flaw {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}
