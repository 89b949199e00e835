//! One request to a service of AWS, as the operations see it.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use domain::Entropy;
use http::HeaderMap;
use time::OffsetDateTime;

use crate::Refusal;

/// A service that the sandbox plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Security Token Service; the query protocol with XML answers.
    Sts,
    /// Cognito user pools; JSON 1.1.
    CognitoUserPools,
    /// Cognito identity pools; JSON 1.1.
    CognitoIdentity,
    /// Bedrock's control plane; REST with JSON.
    Bedrock,
    /// Bedrock Runtime; REST with JSON and event streams.
    BedrockRuntime,
}

impl Service {
    /// The first label of its host names.
    pub(crate) const fn host(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::CognitoUserPools => "cognito-idp",
            Self::CognitoIdentity => "cognito-identity",
            Self::Bedrock => "bedrock",
            Self::BedrockRuntime => "bedrock-runtime",
        }
    }

    /// The service with that first label.
    pub(crate) fn of_host(label: &str) -> Option<Self> {
        [
            Self::Sts,
            Self::CognitoUserPools,
            Self::CognitoIdentity,
            Self::Bedrock,
            Self::BedrockRuntime,
        ]
        .into_iter()
        .find(|service| service.host() == label)
    }

    /// The name in the scope of its signatures.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::BedrockRuntime => "bedrock",
            other => other.host(),
        }
    }
}

/// One request.
#[derive(Clone)]
pub struct Call {
    /// Which service it is for.
    pub service: Service,
    /// AWS's name of the operation, such as `AssumeRole` or `ConverseStream`.
    pub operation: &'static str,
    /// The region: from the host name, else from the signature's scope, else us-east-1.
    pub region: String,
    /// When it came, by the sandbox's clock.
    pub now: OffsetDateTime,
    /// Where randomness for its answer comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Its id, which goes back in `x-amzn-requestid`.
    pub request_id: String,
    /// Its method.
    pub method: http::Method,
    /// Its path as sent, percent-encoding and all.
    pub path: String,
    /// What stands in the variable segments of its path, decoded; the model's id first.
    pub segments: Vec<String>,
    /// Its query, or for STS its form; decoded.
    pub parameters: HashMap<String, String>,
    /// Its query as sent.
    pub raw_query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Call {
    /// A parameter of query or form.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// What AWS answers to a body that is no JSON.
    pub fn json(&self) -> Result<serde_json::Value, Refusal> {
        serde_json::from_slice(&self.body).map_err(|_| Refusal::serialization())
    }

    /// The bearer token, if the request carries one; an empty one loses its space on the way.
    pub fn bearer(&self) -> Option<&str> {
        let header = self.headers.get(http::header::AUTHORIZATION)?;
        let token = header.to_str().ok()?.strip_prefix("Bearer")?;
        if token.is_empty() {
            return Some(token);
        }
        token.strip_prefix(' ')
    }

    /// The access key that it says it is signed with, or the bearer token.
    pub(crate) fn access_key(&self) -> Option<&str> {
        let signed = || {
            let header = self.headers.get(http::header::AUTHORIZATION)?;
            let (_, credential) = header.to_str().ok()?.split_once("Credential=")?;
            credential.split('/').next()
        };
        self.bearer().or_else(signed)
    }
}
