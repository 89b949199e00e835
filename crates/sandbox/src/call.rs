//! One request to a service of AWS, as the operations see it.

use std::collections::HashMap;

use bytes::Bytes;
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

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which service it is for.
    pub service: Service,
    /// AWS's name of the operation, such as `AssumeRole` or `ConverseStream`.
    pub operation: &'static str,
    /// The region: from the host name, else from the signature's scope, else us-east-1.
    pub region: String,
    /// When it came, by the sandbox's clock.
    pub now: OffsetDateTime,
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

    /// The bearer token, if the request carries one.
    pub fn bearer(&self) -> Option<&str> {
        self.headers
            .get(http::header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")
    }
}
