//! Making keys, and what is seen of them later.

use std::sync::Arc;

use domain::{Clock, ManualClock};
use harness::{Client, Options, Service, service::manual_clock};
use serde_json::{Value, json};
use time::{Duration, format_description::well_known::Rfc3339};

/// A tenant's admin on a clock that tests move.
async fn admin() -> (Service, Client, Arc<ManualClock>) {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    clock.advance(Duration::seconds(1));
    (service, admin, clock)
}

fn in_time(clock: &ManualClock, duration: Duration) -> String {
    (clock.now() + duration).format(&Rfc3339).unwrap()
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let (service, admin, _) = admin().await;
    let made = admin
        .post(
            "/v1/api-keys",
            json!({ "name": " front ", "role": "member" }),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let api_key = made.text("api_key");
    let tenant = admin.get("/v1/me").await.body["tenant"]["id"].clone();
    let digits = tenant
        .as_str()
        .unwrap()
        .trim_start_matches("ten_")
        .to_owned();
    assert!(
        api_key.starts_with(&format!("bi_{digits}_")),
        "the tenant is readable in it"
    );
    let creator = admin.get("/v1/me").await.body["actor"]["id"].clone();
    assert_eq!(
        made.body,
        json!({
            "api_key": api_key, "id": made.text("id"), "name": "front", "role": "member",
            "hint": &api_key[api_key.len() - 4..], "created_at": made.text("created_at"),
            "created_by": creator, "expires_at": null, "last_used_at": null,
        })
    );
    assert!(made.text("id").starts_with("key_"));

    let listed = admin.get("/v1/api-keys").await;
    let mut without = made.body.clone();
    without.as_object_mut().unwrap().remove("api_key");
    assert_eq!(listed.items()[1], without);
    let secret = &api_key[api_key.len() - 43..];
    assert!(!listed.raw.contains(secret) && !listed.raw.contains("api_key\""));
    let me = service.anonymous().bearer(&api_key).get("/v1/me").await;
    assert_eq!(me.body["role"], "member");
}

#[tokio::test]
async fn two_keys_of_the_same_name_are_two_keys() {
    let (_service, admin, _) = admin().await;
    let new = json!({ "name": "x", "role": "viewer" });
    let one = admin.post("/v1/api-keys", new.clone()).await;
    let other = admin.post("/v1/api-keys", new).await;
    assert_ne!(one.text("id"), other.text("id"));
    assert_ne!(one.text("api_key"), other.text("api_key"));
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 3);
}

#[tokio::test]
async fn keys_are_walked_oldest_first() {
    let (_service, admin, clock) = admin().await;
    let mut made = vec![admin.get("/v1/api-keys").await.items()[0]["id"].clone()];
    for n in 0..4 {
        let new = json!({ "name": format!("{n}"), "role": "viewer" });
        made.push(admin.post("/v1/api-keys", new).await.body["id"].clone());
        clock.advance(Duration::seconds(1));
    }
    for limit in [1, 2, 5] {
        let walked = admin.walk("/v1/api-keys", limit).await;
        let ids: Vec<Value> = walked.iter().map(|key| key["id"].clone()).collect();
        assert_eq!(ids, made, "{limit}");
    }
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
    let (service, admin, clock) = admin().await;
    let expires_at = in_time(&clock, Duration::hours(1));
    let made = admin
        .post(
            "/v1/api-keys",
            json!({ "name": "x", "role": "viewer", "expires_at": expires_at }),
        )
        .await;
    assert_eq!(
        (made.status, made.text("expires_at")),
        (201, expires_at.clone())
    );
    let caller = service.anonymous().bearer(&made.text("api_key"));
    assert_eq!(caller.get("/v1/me").await.status, 200);
    clock.advance(Duration::hours(1) - Duration::microseconds(1));
    assert_eq!(caller.get("/v1/me").await.status, 200);
    clock.advance(Duration::microseconds(1));
    let expired = caller.get("/v1/me").await;
    assert_eq!(expired.problem(), (401, "credential_expired"));
    assert_eq!(expired.header("www-authenticate"), Some("Bearer"));
    let listed = admin.get("/v1/api-keys").await;
    assert_eq!(listed.items()[1]["expires_at"], expires_at.as_str());
}

#[tokio::test]
async fn a_key_may_be_made_to_never_expire_and_keeps_any_offset_as_utc() {
    let (_service, admin, _) = admin().await;
    let never = admin
        .post(
            "/v1/api-keys",
            json!({ "name": "x", "role": "viewer", "expires_at": null }),
        )
        .await;
    assert_eq!(
        (never.status, &never.body["expires_at"]),
        (201, &Value::Null)
    );
    let other = admin
        .post(
            "/v1/api-keys",
            json!({ "name": "x", "role": "viewer", "expires_at": "2090-01-01T02:00:00+02:00" }),
        )
        .await;
    assert_eq!(other.text("expires_at"), "2090-01-01T00:00:00Z");
}

#[tokio::test]
async fn an_expiry_that_no_calendar_reaches_is_refused() {
    let (_service, admin, clock) = admin().await;
    let now = in_time(&clock, Duration::ZERO);
    for bad in [
        now.as_str(),
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "0000-01-01T00:00:00+23:59",
        "9999-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:60Z",
        "99999-01-01T00:00:00Z",
        "2090-02-30T00:00:00Z",
        "2090-01-01T00:00:00+99:99",
        "2090-01-01",
        "2090-01-01T00:00:00",
        "tomorrow",
        "",
    ] {
        let refused = admin
            .post(
                "/v1/api-keys",
                json!({ "name": "x", "role": "viewer", "expires_at": bad }),
            )
            .await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{bad}");
        assert_eq!(refused.pointers(), ["/expires_at"], "{bad}");
    }
}

#[tokio::test]
async fn when_a_key_was_last_used_is_seen_after_it_was_written_down() {
    let (service, admin, clock) = admin().await;
    let made = admin
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    let caller = service.anonymous().bearer(&made.text("api_key"));
    service
        .context
        .callers
        .flush(&service.context.store)
        .await
        .unwrap();
    let unused = admin.get("/v1/api-keys").await;
    assert_eq!(unused.items()[1]["last_used_at"], Value::Null);

    clock.advance(Duration::minutes(5));
    caller.get("/v1/me").await;
    let used_at = in_time(&clock, Duration::ZERO);
    clock.advance(Duration::minutes(5));
    service
        .context
        .callers
        .flush(&service.context.store)
        .await
        .unwrap();
    let used = admin.get("/v1/api-keys").await;
    assert_eq!(used.items()[1]["last_used_at"], used_at.as_str());
}

#[tokio::test]
async fn an_admin_makes_keys_up_to_its_own_role_and_no_operator() {
    let (service, admin, _) = admin().await;
    for role in ["viewer", "member", "admin"] {
        let made = admin
            .post("/v1/api-keys", json!({ "name": "x", "role": role }))
            .await;
        assert_eq!((made.status, made.text("role")), (201, role.into()));
        let me = service
            .anonymous()
            .bearer(&made.text("api_key"))
            .get("/v1/me")
            .await;
        assert_eq!(me.body["role"], role);
    }
    let operator = service.operator().await.on("acme");
    for caller in [&admin, &operator] {
        for role in ["operator", "Admin", "owner", ""] {
            let refused = caller
                .post("/v1/api-keys", json!({ "name": "x", "role": role }))
                .await;
            assert_eq!(refused.problem(), (422, "validation_failed"), "{role}");
            assert_eq!(refused.pointers(), ["/role"]);
        }
    }
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 4);
}

#[tokio::test]
async fn lesser_roles_manage_no_keys() {
    let (service, admin, _) = admin().await;
    let id = admin.get("/v1/me").await.body["actor"]["id"].clone();
    for role in ["viewer", "member"] {
        let caller = service.caller("acme", role).await;
        for answer in [
            caller.get("/v1/api-keys").await,
            caller
                .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
                .await,
            caller
                .delete(&format!("/v1/api-keys/{}", id.as_str().unwrap()))
                .await,
        ] {
            assert_eq!(answer.problem(), (403, "forbidden"));
        }
    }
    assert_eq!(admin.get("/v1/me").await.status, 200);
}
