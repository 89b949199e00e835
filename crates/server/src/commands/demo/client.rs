//! Somebody who calls the demo over HTTP, as a customer's program would.

use std::time::Duration;

use serde_json::Value;

use crate::commands::Result;

/// A caller.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
    tenant: Option<&'static str>,
}

impl Client {
    /// Somebody with that key.
    pub(super) fn new(url: &str, key: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        Ok(Self {
            http,
            url: url.to_owned(),
            key: key.to_owned(),
            tenant: None,
        })
    }

    /// The same with another key.
    pub(super) fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            tenant: None,
            ..self.clone()
        }
    }

    /// The same on behalf of a tenant.
    pub(super) fn on(&self, tenant: &'static str) -> Self {
        Self {
            tenant: Some(tenant),
            ..self.clone()
        }
    }

    /// Waits until the service is ready.
    pub(super) async fn ready(&self) -> Result<()> {
        let asked = async {
            loop {
                let answer = self.http.get(format!("{}/readyz", self.url)).send().await?;
                if answer.status().is_success() {
                    return Ok::<_, crate::commands::Error>(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), asked)
            .await
            .map_err(|_| "the service did not get ready in 20 s")?
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.send("GET", path, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.send("POST", path, body).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Value> {
        self.send("DELETE", path, Value::Null).await
    }

    /// Anything, which has to succeed.
    pub(super) async fn send(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let mut request = self
            .http
            .request(method.parse()?, format!("{}{path}", self.url))
            .bearer_auth(&self.key);
        if let Some(tenant) = self.tenant {
            request = request.header("bi-tenant", tenant);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{method} {path} answered {status}: {text}").into());
        }
        Ok(if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)?
        })
    }
}
