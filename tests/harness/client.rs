//! A caller over HTTP.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use server::auth::{Credential, SESSION_COOKIE};

use crate::Answer;

/// Somebody with a credential, or without.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
}

impl Client {
    /// Somebody without a credential.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without its client")]
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            url: url.to_owned(),
            headers: HeaderMap::new(),
        }
    }

    /// The same with a header in place of what was there.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test's own header")]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// The same with one more header of a name.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test's own header")]
    pub fn add_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    /// The same with a key or token.
    #[must_use]
    pub fn bearer(self, credential: &str) -> Self {
        self.header("authorization", &format!("Bearer {credential}"))
    }

    /// An operator on behalf of a tenant.
    #[must_use]
    pub fn on(self, tenant: &str) -> Self {
        self.header("bi-tenant", tenant)
    }

    /// The same against another replica.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// The key or token it sends.
    pub fn credential(&self) -> &str {
        let header = self
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        header
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
    }

    /// The credential as the service reads it, over plain http.
    pub fn presented(&self) -> Option<Credential> {
        server::auth::presented(&self.headers, SESSION_COOKIE)
            .ok()
            .flatten()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// All items of a list, walked page by page. Every page but the last must be full.
    pub async fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}?limit={limit}{cursor}")).await;
            items.extend_from_slice(page.items());
            let Some(next) = page.body["next_cursor"].as_str() else {
                assert!(page.items().len() <= limit, "{page:?}");
                return items;
            };
            assert_eq!(page.items().len(), limit, "{page:?}");
            let next = format!("&cursor={next}");
            assert_ne!(next, cursor, "a page that leads to itself: {page:?}");
            cursor = next;
        }
    }

    /// Any request with a JSON body or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::of(request).await
    }

    /// Any request with these very bytes as JSON.
    pub async fn send_raw(&self, method: Method, path: &str, body: Vec<u8>) -> Answer {
        Answer::of(
            self.request(method, path)
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    /// Any request as it is.
    pub async fn execute(&self, request: reqwest::Request) -> Answer {
        Answer::of(RequestBuilder::from_parts(self.http.clone(), request)).await
    }

    /// A request to be filled in.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .headers(self.headers.clone())
    }
}
