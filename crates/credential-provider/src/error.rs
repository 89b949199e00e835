//! What can go wrong on the way to AWS, by what can be done about it.

use std::{error::Error as StdError, fmt, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::{
    client::{
        orchestrator::HttpResponse,
        result::{ConnectorError, SdkError},
    },
    http::Headers,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What calls to AWS return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why AWS did not do what was asked, by what can be done about it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// AWS says no, and will until somebody changes something.
    #[error("{0}")]
    Rejected(AwsError),
    /// Cognito refused user name or password. Never to be tried again unasked: a few refusals lock the user out.
    #[error("{0}")]
    PasswordRefused(AwsError),
    /// Cognito asks for something that an unattended user cannot give: the challenge's name.
    #[error("the user pool asks for {0}, which an unattended user cannot answer")]
    Challenged(String),
    /// Too many requests: later it may work.
    #[error("{0}")]
    Throttled(AwsError),
    /// AWS failed, or answered nonsense: later it may work.
    #[error("{0}")]
    Faulty(AwsError),
    /// No answer in time.
    #[error("{operation} was not answered within {limit:?}")]
    TimedOut {
        /// What was called.
        operation: &'static str,
        /// How long it was waited for.
        limit: Duration,
    },
    /// No connection, or one that ended before an answer began.
    #[error("{operation} did not reach AWS")]
    Unreachable {
        /// What was called.
        operation: &'static str,
    },
    /// An answer that broke off.
    #[error("the answer to {operation} broke off")]
    Broken {
        /// What was called.
        operation: &'static str,
    },
    /// The service has no AWS identity of its own, or one that AWS does not accept: the operator's to mend.
    #[error("the service has no AWS identity of its own that works")]
    NoIdentity,
    /// The fields cannot work here; nothing was sent.
    #[error("{0}")]
    Unfit(#[from] Unfit),
    /// The access was changed or taken away meanwhile.
    #[error("the access was changed meanwhile")]
    Superseded,
    /// Where tokens and fields are kept could not be reached.
    #[error("what the access needs could not be read or kept")]
    Unavailable,
}

/// Why an access cannot work, known without asking AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The API key says of itself that it has ended.
    #[error("the API key has expired")]
    KeyExpired,
    /// The API key says of itself that it was made for another region.
    #[error("the API key was made for another region")]
    KeyOfAnotherRegion,
    /// The role is in another partition than the service's own identity, or than the region.
    #[error("the role is in another partition of AWS")]
    RoleOfAnotherPartition,
    /// The pools are in another region than they are said to be in.
    #[error("the pools are in another region")]
    PoolOfAnotherRegion,
}

impl Error {
    /// AWS said yes, and something is missing in what came with it.
    pub(crate) fn lacking(operation: &'static str, what: &str, request_id: Option<&str>) -> Self {
        Self::nonsense(operation, &format!("the answer lacks {what}"), request_id)
    }

    /// AWS said yes, and what came with it is of no use.
    pub(crate) fn nonsense(operation: &'static str, why: &str, request_id: Option<&str>) -> Self {
        const OK: u16 = 200;
        Self::Faulty(AwsError::new(operation, OK, "", why, request_id))
    }

    /// What AWS said, where it said something.
    pub const fn aws(&self) -> Option<&AwsError> {
        match self {
            Self::Rejected(aws)
            | Self::PasswordRefused(aws)
            | Self::Throttled(aws)
            | Self::Faulty(aws) => Some(aws),
            _ => None,
        }
    }

    /// Whether a lease that AWS gave before can go on being used: true for outages, false for a no.
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Throttled(_)
                | Self::Faulty(_)
                | Self::TimedOut { .. }
                | Self::Unreachable { .. }
                | Self::Broken { .. }
                | Self::NoIdentity
                | Self::Unavailable
        )
    }
}

/// A refusal in AWS's own words. Messages name ARNs and accounts of the tenant's, and never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// What was called, such as `AssumeRole`.
    pub operation: &'static str,
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// AWS's code, such as `AccessDenied`.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's id of the request, to find it in CloudTrail or ask AWS about it.
    pub request_id: Option<String>,
    /// How long AWS wants not to be asked again, where it said so.
    pub retry_after: Option<Duration>,
}

/// Longest message that is kept, in bytes. AWS's own are far shorter.
const LONGEST: usize = 2_048;

impl AwsError {
    /// A refusal, in bounds.
    pub fn new(
        operation: &'static str,
        status: u16,
        code: &str,
        message: &str,
        request_id: Option<&str>,
    ) -> Self {
        Self {
            operation,
            status,
            code: bounded(code, 128),
            message: bounded(without_canonical_request(message), LONGEST),
            request_id: request_id.map(|id| bounded(id, 128)),
            retry_after: None,
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.operation, self.code, self.message)
    }
}

/// Takes from an SDK's error what may be shown, and leaves the rest: its `Debug` prints whole answers, secrets included.
pub fn from_sdk<E>(
    operation: &'static str,
    limit: Duration,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::TimeoutError(_) => Error::TimedOut { operation, limit },
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            Error::TimedOut { operation, limit }
        }
        // Leases carry their credentials; it is the service's own identity that is asked for before a call.
        SdkError::DispatchFailure(failure)
            if failure.as_connector_error().is_some_and(lacks_credentials) =>
        {
            Error::NoIdentity
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            Error::Unreachable { operation }
        }
        SdkError::ResponseError(answer) => Error::Faulty(said(operation, answer.raw(), "", None)),
        SdkError::ServiceError(refusal) => {
            let meta = refusal.err().meta();
            let code = meta.code().unwrap_or_default();
            classify(said(operation, refusal.raw(), code, meta.message()))
        }
        _ => Error::Unreachable { operation },
    }
}

fn said(
    operation: &'static str,
    answer: &HttpResponse,
    code: &str,
    message: Option<&str>,
) -> AwsError {
    let otherwise = match code {
        "" => "the answer could not be understood",
        _ => "",
    };
    let message = message.unwrap_or(otherwise);
    let (status, id) = (answer.status().as_u16(), request_id(answer.headers()));
    AwsError::new(operation, status, code, message, id)
}

/// What can be done about a refusal, as far as every service agrees.
pub fn classify(aws: AwsError) -> Error {
    const THROTTLED: [&str; 8] = [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestThrottled",
        "RequestLimitExceeded",
        "LimitExceededException",
        "SlowDown",
    ];
    /// What AWS relies on did not answer it.
    const ELSEWHERE: [&str; 2] = ["IDPCommunicationError", "ExternalServiceException"];
    /// The model took too long, or failed by itself: what was asked may be right.
    const MODEL_TIMEOUT: u16 = 408;
    const MODEL_ERROR: u16 = 424;
    if aws.status == 429 || THROTTLED.contains(&aws.code.as_str()) {
        Error::Throttled(aws)
    } else if aws.status >= 500
        || matches!(aws.status, MODEL_TIMEOUT | MODEL_ERROR)
        || aws.code.is_empty()
        || ELSEWHERE.contains(&aws.code.as_str())
    {
        Error::Faulty(aws)
    } else {
        Error::Rejected(aws)
    }
}

/// AWS's id of a request, from its answer.
pub fn request_id(headers: &Headers) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
        .into_iter()
        .find_map(|name| headers.get(name))
}

fn lacks_credentials(failure: &ConnectorError) -> bool {
    std::iter::successors(failure.source(), |&error| error.source())
        .any(<dyn StdError>::is::<CredentialsError>)
}

/// A refused signature is answered with the whole request as AWS read it, session token and all.
fn without_canonical_request(message: &str) -> &str {
    match message.find("The Canonical String") {
        Some(at) => message[..at].trim_end(),
        None => message,
    }
}

fn bounded(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_signature_does_not_tell_the_session_token() {
        let error = AwsError::new(
            "Converse",
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for \
             this request should have been\n'POST\n/\n\nx-amz-security-token:IQoJsecret'",
            None,
        );
        assert!(!format!("{error} {error:?}").contains("IQoJsecret"));
        assert!(error.message.ends_with("the signature you provided."));
    }

    #[test]
    fn a_model_that_fails_by_itself_is_no_refusal() {
        for status in [408, 424, 500, 503, 529] {
            let error = classify(AwsError::new("Converse", status, "x", "", None));
            assert!(error.is_temporary(), "{status}");
        }
        assert!(!classify(AwsError::new("Converse", 400, "x", "", None)).is_temporary());
    }

    #[test]
    fn what_aws_waited_for_in_vain_is_no_refusal() {
        for code in ["IDPCommunicationError", "ExternalServiceException"] {
            let error = classify(AwsError::new("GetId", 400, code, "", None));
            assert!(matches!(error, Error::Faulty(_)), "{code}");
        }
    }
}
