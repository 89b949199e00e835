//! A role that trusts one tenant's issuer is nobody else's.

use harness::aws::save;
use sandbox::policy::Policy;
use serde_json::json;

use super::setup::Reserved;
use crate::connections::world::{World, end, models, now, reason, report, state};

#[tokio::test]
async fn another_tenants_tokens_are_refused_though_all_are_signed_with_the_same_key() {
    let world = World::start().await;
    let own = Reserved::new(&world, &world.admin).await;
    let role_arn = own.set_up(&world, "Acme").await;
    save(&world.admin, "By token", own.by_role(&world, &role_arn)).await;

    let strangers = Reserved::new(&world, &world.other).await;
    assert_ne!(own.issuer, strangers.issuer);
    let body = strangers.by_role(&world, &role_arn);
    let told = report(&world.other, body.clone()).await;
    let missing = ("failed", "oidc_provider_missing");
    assert_eq!(end(&told, "credentials"), missing);

    // An account of both: the role trusts one issuer alone.
    strangers.trust_issuer(&world, &strangers.audience);
    let told = report(&world.other, body).await;
    assert_eq!(end(&told, "credentials"), ("failed", "trust_policy_denied"));
    assert!(told["account_id"].is_null(), "{told}");
}

#[tokio::test]
async fn another_access_of_the_same_tenant_is_refused_as_well() {
    let world = World::start().await;
    let one = Reserved::new(&world, &world.admin).await;
    let role_arn = one.set_up(&world, "Acme").await;
    let two = Reserved::new(&world, &world.admin).await;
    assert_eq!(one.issuer, two.issuer);
    let told = report(&world.admin, two.by_role(&world, &role_arn)).await;
    assert_eq!(end(&told, "credentials"), ("failed", "trust_policy_denied"));
}

#[tokio::test]
async fn whoever_proves_a_role_by_tokens_takes_it_from_who_had_only_entered_an_external_id() {
    const AGREED: &str = "agreed-with-acme";
    let world = World::start().await;
    let own = Reserved::new(&world, &world.admin).await;
    let role_arn = own.set_up(&world, "Acme").await;
    // It trusts our tokens, and our identity with an external ID that was agreed on.
    let mut trust = own.trust.clone();
    trust["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow",
        "Principal": { "AWS": world.aws.demo.platform.principal_arn },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": AGREED } },
    }));
    world.role(&role_arn, |role| role.trust = Policy::of(&trust));
    let entered = save(&world.other, "Claimed", world.by_entered(&role_arn, AGREED)).await;
    assert_eq!(models(&world.other, &entered).await.status, 200);

    let proven = save(&world.admin, "Proven", own.by_role(&world, &role_arn)).await;
    assert_eq!(models(&world.admin, &proven).await.status, 200);
    let lost = now(&world.other, &entered).await;
    assert_eq!(state(&lost), ("failing", "ownership_lost"));
    assert_eq!(
        reason(&models(&world.other, &entered).await),
        "ownership_lost"
    );
}
