//! What a token says.

use serde_json::json;

use super::world::World;

const REFUSED: (u16, &str) = (401, "unauthenticated");

#[tokio::test]
async fn a_good_token_is_its_subject_in_its_tenant_with_its_role() {
    let world = World::new().await;
    for role in ["viewer", "member", "admin"] {
        let me = world.me_with(json!({ "role": role, "sub": "zoë|1" })).await;
        assert_eq!((me.status, &me.body["role"]), (200, &json!(role)), "{me:?}");
        assert_eq!(me.body["actor"], json!({ "kind": "user", "id": "zoë|1" }));
        assert_eq!(me.body["tenant"]["ref"], "acme");
    }
    let several = world.me_with(json!({ "aud": ["other", "bi"] })).await;
    assert_eq!(several.status, 200, "one of several audiences");
}

#[tokio::test]
async fn what_a_token_may_do_follows_from_its_role() {
    let world = World::new().await;
    let bearer = |role: &str| {
        let token = world.token(&json!({ "role": role }));
        world.service.anonymous().bearer(&token)
    };
    let new = json!({ "name": "x", "role": "admin" });
    let made = bearer("admin").post("/v1/api-keys", new.clone()).await;
    assert_eq!((made.status, made.text("created_by")), (201, "ada".into()));
    for role in ["viewer", "member"] {
        let refused = bearer(role).post("/v1/api-keys", new.clone()).await;
        assert_eq!(refused.problem(), (403, "forbidden"));
    }
    let log = bearer("admin").get("/v1/audit").await;
    let made = log
        .items()
        .iter()
        .find(|event| event["action"] == "api_key.created");
    assert_eq!(
        made.unwrap()["actor"],
        json!({ "kind": "user", "id": "ada", "by_platform": false })
    );
}

#[tokio::test]
async fn a_token_for_somebody_else_or_without_what_is_needed_is_refused() {
    let world = World::new().await;
    for claims in [
        json!({ "aud": "other" }),
        json!({ "aud": ["other"] }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "aud": 7 }),
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": format!("{}/", world.idp.issuer) }),
        json!({ "iss": [world.idp.issuer] }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "sub": "a\u{0}b" }),
        json!({ "sub": "a".repeat(257) }),
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "exp": -1 }),
        json!({ "exp": u64::MAX }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": "now" }),
        json!({ "nbf": [] }),
        json!({ "iat": {} }),
    ] {
        let answer = world.me_with(claims.clone()).await;
        assert_eq!(answer.problem(), REFUSED, "{claims}");
    }
    assert!(world.works().await);
}

#[tokio::test]
async fn times_are_checked_with_a_minute_of_skew() {
    let world = World::new().await;
    let now = world.now();
    for (claims, expected) in [
        (json!({ "exp": now - 59 }), (200, "no code")),
        (json!({ "exp": now - 60 }), (401, "credential_expired")),
        (json!({ "exp": 0 }), (401, "credential_expired")),
        (json!({ "nbf": now + 60 }), (200, "no code")),
        (json!({ "nbf": now + 61 }), REFUSED),
        (json!({ "iat": now + 61 }), REFUSED),
        (json!({ "iat": null, "nbf": null }), (200, "no code")),
        (
            json!({ "exp": f64::from(i32::try_from(now).unwrap()) + 0.5 }),
            (200, "no code"),
        ),
    ] {
        let answer = world.me_with(claims.clone()).await;
        assert_eq!(answer.problem(), expected, "{claims}");
    }
}

#[tokio::test]
async fn a_token_that_was_good_ends_with_its_time() {
    let world = World::new().await;
    let token = world.token(&json!({}));
    assert_eq!(world.me(&token).await.status, 200);
    world.clock.advance(time::Duration::seconds(660));
    assert_eq!(
        world.me(&token).await.problem(),
        (401, "credential_expired")
    );
}

#[tokio::test]
async fn a_role_that_is_none_of_a_tenants_is_forbidden() {
    let world = World::new().await;
    for role in [
        json!(null),
        json!("operator"),
        json!("owner"),
        json!("Admin"),
        json!(""),
        json!(["admin"]),
        json!({ "admin": true }),
        json!(7),
        json!(true),
    ] {
        let answer = world.me_with(json!({ "role": role })).await;
        assert_eq!(answer.problem(), (403, "forbidden"), "{role}");
    }
}

#[tokio::test]
async fn a_tenant_that_is_not_provisioned_is_unknown() {
    let world = World::new().await;
    let id = world.me_with(json!({})).await.body["tenant"]["id"].clone();
    for tenant in [
        json!("nobody"),
        json!(null),
        json!(""),
        json!("ACME"),
        json!(["acme"]),
        json!({ "ref": "acme" }),
        json!(7),
        json!("acme\u{0}"),
        json!("a".repeat(10_000)),
        json!("' OR true --"),
        id,
    ] {
        let answer = world.me_with(json!({ "tenant": tenant })).await;
        assert_eq!(answer.problem(), (403, "tenant_unknown"), "{tenant}");
    }
}

#[tokio::test]
async fn a_tenant_is_known_as_soon_as_it_is_provisioned() {
    let world = World::new().await;
    let token = world.token(&json!({ "tenant": "late" }));
    assert_eq!(world.me(&token).await.problem(), (403, "tenant_unknown"));
    let id = world.service.tenant("late").await;
    assert_eq!(world.me(&token).await.body["tenant"]["id"], id.as_str());
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_and_a_deleted_one_is_unknown() {
    let world = World::new().await;
    let token = world.token(&json!({}));
    let id = world.me(&token).await.body["tenant"]["id"].clone();
    let path = format!("/v1/tenants/{}", id.as_str().unwrap());
    let operator = world.service.operator().await;
    operator.patch(&path, json!({ "state": "suspended" })).await;
    assert_eq!(world.me(&token).await.problem(), (403, "tenant_suspended"));
    operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(world.me(&token).await.status, 200);
    operator.delete(&path).await;
    assert_eq!(world.me(&token).await.problem(), (403, "tenant_unknown"));
    let new = world.service.tenant("acme").await;
    assert_eq!(world.me(&token).await.body["tenant"]["id"], new.as_str());
}

#[tokio::test]
async fn a_tenants_token_cannot_choose_its_tenant_and_is_no_session() {
    let world = World::new().await;
    let token = world.token(&json!({}));
    let named = world
        .service
        .anonymous()
        .bearer(&token)
        .on("acme")
        .get("/v1/me")
        .await;
    assert_eq!(named.problem(), (403, "forbidden"));
    let sign_in = world
        .service
        .anonymous()
        .post("/v1/session", json!({ "api_key": token }))
        .await;
    assert_eq!(sign_in.problem(), (401, "unauthenticated"));
    assert!(!sign_in.raw.contains(&token));
}
