//! Replicas over one database agree within a second.

use std::{sync::Arc, time::Duration};

use harness::{Answer, Client, Options, Service, service::until};
use serde_json::json;
use tokio::time::Instant;

/// What is promised.
const A_SECOND: Duration = Duration::from_secs(1);
/// Nobody listens there.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing";

/// Two replicas: one where things are done, and one that must hear of it.
struct Pair {
    one: Service,
    other: Service,
    operator: Client,
}

impl Pair {
    async fn start() -> Self {
        Self::with(None).await
    }

    async fn with(hints: Option<&str>) -> Self {
        let options = || Options {
            hints: hints.map(str::to_owned),
            ..Options::default()
        };
        let one = Service::with(options()).await;
        let other = Service::on(Arc::clone(&one.database), options()).await;
        let operator = one.operator().await;
        Self {
            one,
            other,
            operator,
        }
    }

    /// Somebody whom the other replica knows, so well that it need not look again.
    async fn known(&self, tenant: &str, role: &str) -> Client {
        let caller = self.one.caller(tenant, role).await.at(&self.other.url);
        self.recognised(caller).await
    }

    async fn recognised(&self, caller: Client) -> Client {
        until("the other replica remembers the caller", async || {
            let answer = caller.get("/v1/me").await;
            assert_eq!(answer.status, 200, "{answer:?}");
            // The news that made the caller may come after the first answer, and make the replica forget once more.
            remembers(&self.other, &caller).await
        })
        .await;
        caller
    }

    /// How long after `done` was answered the other replica still lets `caller` in; and what it says then.
    async fn until_refused(&self, caller: &Client, done: Answer) -> (Duration, Answer) {
        assert!((200..300).contains(&done.status), "{done:?}");
        let answered = Instant::now();
        let mut last = None;
        until("the other replica refuses", async || {
            let answer = caller.get("/v1/me").await;
            // For a moment a deleted tenant's key may be known and its tenant not be found.
            let refused = [401, 403].contains(&answer.status);
            last = Some(answer);
            refused
        })
        .await;
        (answered.elapsed(), last.unwrap())
    }
}

/// Whether a replica knows that caller without asking the database.
pub(crate) async fn remembers(replica: &Service, caller: &Client) -> bool {
    let credential = caller.presented().unwrap();
    replica
        .context
        .callers
        .remembered(&credential)
        .await
        .is_some()
}

/// Revokes a key on one replica, and says how long the other still took it.
async fn revocation(pair: &Pair) -> Duration {
    let caller = pair.known("acme", "viewer").await;
    let id = caller.get("/v1/me").await.body["actor"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let done = pair
        .operator
        .clone()
        .on("acme")
        .delete(&format!("/v1/api-keys/{id}"))
        .await;
    let (took, answer) = pair.until_refused(&caller, done).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"));
    took
}

#[tokio::test]
async fn a_revoked_key_is_refused_everywhere_and_notifications_make_it_quick() {
    let pair = Pair::start().await;
    pair.one.tenant("acme").await;
    let mut all = Vec::new();
    for _ in 0..9 {
        all.push(revocation(&pair).await);
    }
    all.sort();
    assert!(all[8] < A_SECOND, "{all:?}");
    // By the poll alone, the median would be half of its half second.
    assert!(all[4] < Duration::from_millis(100), "{all:?}");
}

#[tokio::test]
async fn without_notifications_the_poll_alone_keeps_the_promise() {
    let pair = Pair::with(Some(NOWHERE)).await;
    pair.one.tenant("acme").await;
    for _ in 0..5 {
        let took = revocation(&pair).await;
        assert!(took < A_SECOND, "{took:?}");
    }
}

#[tokio::test]
async fn a_suspended_tenant_is_suspended_everywhere_and_resumed_everywhere() {
    let pair = Pair::start().await;
    let tenant = pair.one.tenant("acme").await;
    let caller = pair.known("acme", "viewer").await;
    let path = format!("/v1/tenants/{tenant}");
    let done = pair
        .operator
        .patch(&path, json!({ "state": "suspended" }))
        .await;
    let (took, answer) = pair.until_refused(&caller, done).await;
    assert_eq!(answer.problem(), (403, "tenant_suspended"));
    assert!(took < A_SECOND, "{took:?}");

    let done = pair
        .operator
        .patch(&path, json!({ "state": "active" }))
        .await;
    assert_eq!(done.status, 200);
    let resumed = Instant::now();
    until("it is resumed", async || {
        caller.get("/v1/me").await.status == 200
    })
    .await;
    assert!(resumed.elapsed() < A_SECOND, "{:?}", resumed.elapsed());
}

#[tokio::test]
async fn a_deleted_tenants_keys_are_refused_everywhere() {
    let pair = Pair::start().await;
    let tenant = pair.one.tenant("acme").await;
    let caller = pair.known("acme", "admin").await;
    let done = pair.operator.delete(&format!("/v1/tenants/{tenant}")).await;
    let (took, answer) = pair.until_refused(&caller, done).await;
    assert_eq!(answer.problem(), (401, "unauthenticated"));
    assert!(took < A_SECOND, "{took:?}");
}

#[tokio::test]
async fn a_tenants_ref_means_the_new_tenant_everywhere() {
    let pair = Pair::start().await;
    let old = pair.one.tenant("acme").await;
    let operator = pair.operator.clone().on("acme").at(&pair.other.url);
    let tenant_of = async |client: &Client| client.get("/v1/me").await.body["tenant"]["id"].clone();
    assert_eq!(tenant_of(&operator).await, old.as_str());
    let done = pair.operator.delete(&format!("/v1/tenants/{old}")).await;
    assert_eq!(done.status, 204);
    let new = pair.one.tenant("acme").await;
    let made = Instant::now();
    until("the ref means the new one", async || {
        tenant_of(&operator).await == new.as_str()
    })
    .await;
    assert!(made.elapsed() < A_SECOND, "{:?}", made.elapsed());
}

#[tokio::test]
async fn an_ended_session_has_ended_everywhere() {
    let pair = Pair::start().await;
    pair.one.tenant("acme").await;
    let key = pair.one.caller("acme", "admin").await;
    for revoke_the_key in [false, true] {
        let body = json!({ "api_key": key.credential() });
        let started = pair.one.anonymous().post("/v1/session", body).await;
        assert_eq!(started.status, 201, "{started:?}");
        let cookie = started
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap();
        let browser = pair
            .one
            .anonymous()
            .header("cookie", cookie)
            .header("origin", &pair.one.url);
        let caller = pair.recognised(browser.clone().at(&pair.other.url)).await;
        let done = if revoke_the_key {
            let id = key.get("/v1/me").await.body["actor"]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            key.delete(&format!("/v1/api-keys/{id}")).await
        } else {
            browser.delete("/v1/session").await
        };
        let (took, answer) = pair.until_refused(&caller, done).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"));
        assert!(took < A_SECOND, "{took:?}");
    }
}
