//! Somebody at the console.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Answer, Client, Options, Service, service::manual_clock};
use serde_json::json;

pub(super) struct World {
    pub(super) service: Service,
    pub(super) clock: Arc<ManualClock>,
}

impl World {
    /// With a tenant `acme`.
    pub(super) async fn new() -> Self {
        let clock = manual_clock();
        let service = Service::with(Options {
            clock: clock.clone(),
            ..Options::default()
        })
        .await;
        service.tenant("acme").await;
        Self { service, clock }
    }

    /// Signs in with a new key of that role; the browser and the key's holder.
    pub(super) async fn browser(&self, role: &str) -> (Client, Client) {
        let caller = self.service.caller("acme", role).await;
        let signed_in = sign_in(&self.service.anonymous(), caller.credential()).await;
        assert_eq!(signed_in.status, 201, "{signed_in:?}");
        (
            self.service
                .anonymous()
                .header("cookie", &cookie(&signed_in)),
            caller,
        )
    }

    /// The browser when the page it shows is the console's own.
    pub(super) fn at_console(&self, browser: &Client) -> Client {
        browser.clone().header("origin", &self.service.url)
    }
}

/// What the console does with a key.
pub(super) async fn sign_in(client: &Client, key: &str) -> Answer {
    client.post("/v1/session", json!({ "api_key": key })).await
}

/// The cookie that an answer sets, as a browser sends it back.
pub(super) fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap();
    set.split(';').next().unwrap().to_owned()
}
