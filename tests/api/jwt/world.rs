//! A service that believes an identity provider, on a clock that tests move.

use std::sync::Arc;

use domain::{Clock, ManualClock};
use harness::{Answer, Options, Service, idp::Idp, service::manual_clock};
use serde_json::{Value, json};

pub(super) struct World {
    pub(super) service: Service,
    pub(super) idp: Idp,
    pub(super) clock: Arc<ManualClock>,
}

impl World {
    /// With a tenant `acme`.
    pub(super) async fn new() -> Self {
        let clock = manual_clock();
        let idp = Idp::start().await;
        let service = Service::with(Options {
            clock: clock.clone(),
            jwt: Some(idp.accepted_for("bi")),
            ..Options::default()
        })
        .await;
        service.tenant("acme").await;
        Self {
            service,
            idp,
            clock,
        }
    }

    /// Now, as tokens tell it.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().unix_timestamp()
    }

    /// A good token but for these claims.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.idp.token(self.now(), claims)
    }

    /// What its bearer is told it is.
    pub(super) async fn me(&self, token: &str) -> Answer {
        self.service.anonymous().bearer(token).get("/v1/me").await
    }

    /// The same of a good token but for these claims.
    pub(super) async fn me_with(&self, claims: Value) -> Answer {
        self.me(&self.token(&claims)).await
    }

    /// Whether a good token works.
    pub(super) async fn works(&self) -> bool {
        self.me_with(json!({})).await.status == 200
    }
}
