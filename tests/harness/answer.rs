//! An answer, read whole.

use reqwest::{RequestBuilder, Response, header::HeaderMap};
use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub raw: String,
}

impl Answer {
    /// Sends, and reads what comes back.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without an answer")]
    pub async fn of(request: RequestBuilder) -> Self {
        Self::read(request.send().await.unwrap()).await
    }

    /// Reads the whole of what came back.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without an answer")]
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let raw = response.text().await.unwrap();
        let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
            raw,
        }
    }

    /// A member of the body that is a text.
    #[expect(clippy::panic, reason = "a test cannot go on without it")]
    pub fn text(&self, member: &str) -> String {
        let text = self.body[member].as_str();
        text.unwrap_or_else(|| panic!("no text `{member}` in {self:?}"))
            .to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The items of a list.
    #[expect(clippy::panic, reason = "a test cannot go on without them")]
    pub fn items(&self) -> &[Value] {
        self.body["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items in {self:?}"))
    }

    /// Status and code of a problem: what callers' programs look at.
    pub fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or("no code"))
    }

    /// The pointers of a problem.
    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        errors
            .into_iter()
            .flatten()
            .filter_map(|error| error["pointer"].as_str())
            .collect()
    }
}
