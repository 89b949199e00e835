//! A replica that lost sight of the database believes nothing it cached until it has read what it missed.

use std::sync::Arc;

use harness::{Answer, Client, Options, Service, service::until};
use serde_json::json;

use crate::{proxy::Proxy, replicas::remembers};

/// A replica that can be blinded, one that cannot, and callers whom the first has cached.
struct Scene {
    _seeing: Service,
    proxy: Proxy,
    blind: Service,
    operator: Client,
    revoked: Client,
    suspended: Client,
    deleted: Client,
    kept: Client,
}

impl Scene {
    async fn start() -> Self {
        let seeing = Service::start().await;
        let proxy = Proxy::before(&seeing.database);
        let blind = Service::on(Arc::clone(&proxy.database), Options::default()).await;
        let operator = seeing.operator().await;
        let mut callers = Vec::new();
        for tenant in ["revoked", "suspended", "deleted", "kept", "last"] {
            seeing.tenant(tenant).await;
            callers.push(seeing.caller(tenant, "admin").await);
        }
        let [revoked, suspended, deleted, kept, last] = callers.try_into().ok().unwrap();
        // A change made last is heard last: after it, what the replica caches it keeps.
        let path = format!("/v1/tenants/{}", seeing.tenant("none").await);
        assert_eq!(operator.delete(&path).await.status, 204);
        let id = key_id(&last).await;
        assert_eq!(last.delete(&format!("/v1/api-keys/{id}")).await.status, 204);
        let there = last.at(&blind.url);
        until("it has heard all", async || {
            there.get("/v1/me").await.status == 401
        })
        .await;
        for caller in [&revoked, &suspended, &deleted, &kept] {
            let there = caller.clone().at(&blind.url);
            assert_eq!(there.get("/v1/me").await.status, 200);
            assert!(remembers(&blind, caller).await);
        }
        Self {
            _seeing: seeing,
            proxy,
            blind,
            operator,
            revoked,
            suspended,
            deleted,
            kept,
        }
    }

    async fn change_what_the_blind_one_cached(&self) {
        let me = async |client: &Client| client.get("/v1/me").await;
        let key = key_id(&self.revoked).await;
        assert_eq!(
            self.revoked
                .delete(&format!("/v1/api-keys/{key}"))
                .await
                .status,
            204
        );
        let path = |answer: &Answer| {
            format!(
                "/v1/tenants/{}",
                answer.body["tenant"]["id"].as_str().unwrap()
            )
        };
        let suspended = path(&me(&self.suspended).await);
        let deleted = path(&me(&self.deleted).await);
        let done = self
            .operator
            .patch(&suspended, json!({ "state": "suspended" }))
            .await;
        assert_eq!(done.status, 200);
        assert_eq!(self.operator.delete(&deleted).await.status, 204);
    }

    /// The blind replica's first answer to `client` that is not a refusal to answer.
    async fn first_answer(&self, client: &Client) -> Answer {
        let client = client.clone().at(&self.blind.url);
        let mut last = None;
        until("it answers again", async || {
            let answer = client.get("/v1/me").await;
            let is_one = answer.status != 503;
            last = Some(answer);
            is_one
        })
        .await;
        last.unwrap()
    }
}

async fn key_id(caller: &Client) -> String {
    let me = caller.get("/v1/me").await;
    me.body["actor"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_missed_is_applied_before_anything_cached_is_believed() {
    let scene = Scene::start().await;
    let anonymous = scene.blind.anonymous();

    scene.proxy.cut();
    until("it is blind", async || {
        anonymous.get("/health").await.status == 503
    })
    .await;
    scene.change_what_the_blind_one_cached().await;
    let there = scene.revoked.clone().at(&scene.blind.url);
    assert_eq!(
        there.get("/v1/me").await.problem(),
        (503, "database_unavailable")
    );
    scene.proxy.mend();

    let (revoked, suspended, deleted, kept) = tokio::join!(
        scene.first_answer(&scene.revoked),
        scene.first_answer(&scene.suspended),
        scene.first_answer(&scene.deleted),
        scene.first_answer(&scene.kept),
    );
    assert_eq!(revoked.problem(), (401, "unauthenticated"));
    assert_eq!(suspended.problem(), (403, "tenant_suspended"));
    assert_eq!(deleted.problem(), (401, "unauthenticated"));
    assert_eq!(kept.status, 200);
}
