//! Brute force is slowed, and nobody at work is locked out.

use std::sync::Arc;

use domain::{Clock, ManualClock};
use harness::{
    Client, Options, Service,
    idp::Idp,
    service::{manual_clock, until},
};
use serde_json::json;
use time::Duration;

async fn service(trusted_proxies: u8) -> (Service, Arc<ManualClock>) {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        trusted_proxies,
        ..Options::default()
    })
    .await;
    (service, clock)
}

/// A key of that tenant that nobody has.
fn guess(tenant: &str, n: usize) -> String {
    format!("bi_{}_{n:0>42}A", tenant.trim_start_matches("ten_"))
}

/// Waits until this replica has read every change made so far: a poll that began after this call has ended.
async fn all_is_heard(service: &Service, clock: &ManualClock) {
    for _ in 0..2 {
        clock.advance(Duration::seconds(1));
        until("the feed is read", async || {
            service.context.pulse.feed_age() == Some(Duration::ZERO)
        })
        .await;
    }
}

/// Fails as often as is free.
async fn fail_ten_times(client: &Client, tenant: &str) {
    for n in 0..10 {
        let answer = client.clone().bearer(&guess(tenant, n)).get("/v1/me").await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{n}");
    }
}

#[tokio::test]
async fn after_ten_failures_in_a_tenant_its_address_waits_a_minute() {
    let (service, clock) = service(0).await;
    let tenant = service.tenant("acme").await;
    let unused = service.caller("acme", "viewer").await;
    fail_ten_times(&service.anonymous(), &tenant).await;
    clock.advance(Duration::seconds(20));
    let guessed = service
        .anonymous()
        .bearer(&guess(&tenant, 10))
        .get("/v1/me")
        .await;
    for slowed in [guessed, unused.get("/v1/me").await] {
        assert_eq!(slowed.problem(), (429, "too_many_attempts"));
        assert_eq!(slowed.header("retry-after"), Some("41"));
        assert_eq!(slowed.body["retryable"], true);
    }
    clock.advance(Duration::seconds(41));
    assert_eq!(unused.get("/v1/me").await.status, 200);
    let guessed = service
        .anonymous()
        .bearer(&guess(&tenant, 11))
        .get("/v1/me")
        .await;
    assert_eq!(guessed.problem(), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_caller_at_work_and_other_tenants_are_not_slowed() {
    let (service, clock) = service(0).await;
    let tenant = service.tenant("acme").await;
    service.tenant("other").await;
    let at_work = service.caller("acme", "viewer").await;
    // That the key was made is a change too, which a cache forgets by.
    all_is_heard(&service, &clock).await;
    assert_eq!(at_work.get("/v1/me").await.status, 200);
    let other = service.caller("other", "viewer").await;
    fail_ten_times(&service.anonymous(), &tenant).await;
    let slowed = service
        .anonymous()
        .bearer(&guess(&tenant, 10))
        .get("/v1/me")
        .await;
    assert_eq!(slowed.status, 429);
    for caller in [at_work, other, service.operator().await] {
        assert_eq!(caller.get("/v1/me").await.status, 200);
    }
}

#[tokio::test]
async fn guessed_cookies_and_sign_ins_count_too() {
    let (service, clock) = service(0).await;
    let tenant = service.tenant("acme").await;
    for n in 0..5 {
        let key = guess(&tenant, n);
        let cookie = format!("bi_session={}", &key[3..]);
        let answer = service
            .anonymous()
            .header("cookie", &cookie)
            .get("/v1/me")
            .await;
        assert_eq!(answer.status, 401);
        let body = json!({ "api_key": key });
        assert_eq!(
            service.anonymous().post("/v1/session", body).await.status,
            401
        );
    }
    let body = json!({ "api_key": guess(&tenant, 9) });
    let slowed = service.anonymous().post("/v1/session", body.clone()).await;
    assert_eq!(slowed.problem(), (429, "too_many_attempts"));
    assert_eq!(slowed.header("retry-after"), Some("61"));
    clock.advance(Duration::seconds(61));
    assert_eq!(
        service.anonymous().post("/v1/session", body).await.status,
        401
    );
}

#[tokio::test]
async fn without_trusted_proxies_forwarded_addresses_are_made_up() {
    let (service, _) = service(0).await;
    let tenant = service.tenant("acme").await;
    for n in 0..11 {
        let caller = service
            .anonymous()
            .bearer(&guess(&tenant, n))
            .header("x-forwarded-for", &format!("10.0.0.{n}"));
        let status = caller.get("/v1/me").await.status;
        assert_eq!(status, if n < 10 { 401 } else { 429 }, "{n}");
    }
}

#[tokio::test]
async fn with_a_trusted_proxy_the_address_it_saw_counts_and_nothing_left_of_it() {
    let (service, _) = service(1).await;
    let tenant = service.tenant("acme").await;
    let guesses = std::cell::Cell::new(0);
    let guesser = || {
        guesses.set(guesses.get() + 1);
        service.anonymous().bearer(&guess(&tenant, guesses.get()))
    };
    let from = |forwarded: &str| guesser().header("x-forwarded-for", forwarded);
    for n in 0..10 {
        let forwarded = format!("10.0.0.{n}, 192.0.2.1");
        assert_eq!(from(&forwarded).get("/v1/me").await.status, 401, "{n}");
    }
    let several = from("192.0.2.9").add_header("x-forwarded-for", "192.0.2.1");
    for slowed in [from("192.0.2.1"), from("192.0.2.2, 192.0.2.1"), several] {
        assert_eq!(slowed.get("/v1/me").await.status, 429);
    }
    for other in [
        from("192.0.2.2"),
        from("192.0.2.1, 192.0.2.2"),
        from("2001:db8::1"),
        from("192.0.2.1, nonsense"),
        from(""),
        guesser(),
    ] {
        assert_eq!(other.get("/v1/me").await.status, 401);
    }
}

#[tokio::test]
async fn made_up_tokens_are_slowed_and_good_ones_are_not() {
    let clock = manual_clock();
    let idp = Idp::start().await;
    let service = Service::with(Options {
        clock: clock.clone(),
        jwt: Some(idp.accepted_for("bi")),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let at_work = service.caller("acme", "viewer").await;
    assert_eq!(at_work.get("/v1/me").await.status, 200);
    for n in 0..100 {
        let garbage = ["a.b.c", "bi_nonsense", "e30.e30.e30"][n % 3];
        let answer = service.anonymous().bearer(garbage).get("/v1/me").await;
        assert_eq!(answer.status, 401, "{n}");
    }
    for slowed in ["a.b.c", "nonsense"] {
        let answer = service.anonymous().bearer(slowed).get("/v1/me").await;
        assert_eq!(answer.problem(), (429, "too_many_attempts"), "{slowed}");
    }
    let token = idp.token(clock.now().unix_timestamp(), &json!({}));
    let not_cached = service.caller("acme", "viewer").await;
    for caller in [service.anonymous().bearer(&token), at_work, not_cached] {
        assert_eq!(caller.get("/v1/me").await.status, 200);
    }
    clock.advance(Duration::seconds(61));
    assert_eq!(
        service
            .anonymous()
            .bearer("a.b.c")
            .get("/v1/me")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn the_same_wrong_key_over_and_over_locks_nobody_out() {
    let (service, clock) = service(0).await;
    let tenant = service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let revoked = service.caller("acme", "viewer").await;
    let id = revoked.get("/v1/me").await.body["actor"]["id"].clone();
    let path = format!("/v1/api-keys/{}", id.as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    let made_up = service.anonymous().bearer(&guess(&tenant, 1));
    for n in 0..30 {
        for wrong in [&revoked, &made_up] {
            let answer = wrong.get("/v1/me").await;
            assert_eq!(answer.problem(), (401, "unauthenticated"), "{n}");
        }
    }
    let new = service.caller("acme", "viewer").await;
    assert_eq!(new.get("/v1/me").await.status, 200);
    clock.advance(Duration::minutes(2));
    assert_eq!(made_up.get("/v1/me").await.status, 401, "looked up again");
}

#[tokio::test]
async fn a_key_that_was_good_within_the_hour_is_not_slowed_when_a_cache_forgets_it() {
    let (service, clock) = service(0).await;
    let tenant = service.tenant("acme").await;
    let at_work = service.caller("acme", "viewer").await;
    let operator = service.operator().await;
    assert_eq!(at_work.get("/v1/me").await.status, 200);
    assert_eq!(operator.get("/v1/tenants").await.status, 200);
    clock.advance(Duration::minutes(59));
    fail_ten_times(&service.anonymous(), &tenant).await;
    let path = format!("/v1/tenants/{tenant}");
    let renamed = operator.patch(&path, json!({ "name": "new" })).await;
    assert_eq!(renamed.status, 200);
    assert_eq!(at_work.get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn going_on_with_revoked_keys_is_no_guessing() {
    let (service, _) = service(0).await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let mut revoked = Vec::new();
    for n in 0..12 {
        let made = admin
            .post(
                "/v1/api-keys",
                json!({ "name": format!("n{n}"), "role": "viewer" }),
            )
            .await;
        let key = service.anonymous().bearer(&made.text("api_key"));
        assert_eq!(key.get("/v1/me").await.status, 200);
        admin
            .delete(&format!("/v1/api-keys/{}", made.text("id")))
            .await;
        revoked.push(key);
    }
    for key in &revoked {
        assert_eq!(key.get("/v1/me").await.problem(), (401, "unauthenticated"));
    }
    let unused = service.caller("acme", "viewer").await;
    assert_eq!(unused.get("/v1/me").await.status, 200);
}
