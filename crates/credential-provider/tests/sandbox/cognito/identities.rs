//! From a user to an identity, and from an identity to a role.

use super::place::{IDENTITIES, Place};
use crate::stage::refusal;

const NO: &str = "NotAuthorizedException";

#[tokio::test]
async fn the_identity_is_kept_and_asked_for_once() {
    let place = Place::plain().await;
    place.lease().await.unwrap();
    let kept = place.kept_identity().await;
    assert!(kept.is_some_and(|id| id.starts_with("eu-west-1:")));
    place.lease().await.unwrap();
    assert_eq!(place.count("GetId"), 1);
    assert_eq!(place.count("GetCredentialsForIdentity"), 2);
}

#[tokio::test]
async fn an_identity_that_was_deleted_is_asked_for_anew() {
    let place = Place::plain().await;
    place.lease().await.unwrap();
    let lost = place.kept_identity().await.unwrap();
    place.change_identities(|pool| pool.identities.clear());
    place.caller().await.unwrap();
    let kept = place.kept_identity().await.unwrap();
    assert_ne!(kept, lost);
}

#[tokio::test]
async fn an_identity_that_was_merged_is_followed() {
    const MERGED: &str = "eu-west-1:99999999-8888-7777-6666-555555555555";
    let place = Place::plain().await;
    place.lease().await.unwrap();
    let first = place.kept_identity().await.unwrap();
    place.change_identities(|pool| pool.merge(&first, MERGED));
    place.caller().await.unwrap();
    assert_eq!(place.kept_identity().await.as_deref(), Some(MERGED));
}

#[tokio::test]
async fn each_way_in_which_an_identity_pool_refuses_is_told() {
    let place = Place::plain().await;
    place.change_identities(|pool| pool.authenticated_role = None);
    let (code, _) = refusal(place.lease().await);
    assert_eq!(code, "InvalidIdentityPoolConfigurationException");

    let place = Place::plain().await;
    place.change_identities(|pool| pool.providers.clear());
    let (code, message) = refusal(place.lease().await);
    assert_eq!(code, NO);
    assert_eq!(
        message,
        "Token is not from a supported provider of this identity pool."
    );

    let mut place = Place::plain().await;
    let unknown = IDENTITIES
        .replace('1', "2")
        .replace("eu-west-2", "eu-west-1");
    place.way.pools.identity_pool = unknown.parse().unwrap();
    let (code, _) = refusal(place.lease().await);
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_refusal_keeps_the_refresh_token_and_no_identity() {
    let place = Place::plain().await;
    place.change_identities(|pool| pool.authenticated_role = None);
    place.lease().await.unwrap_err();
    assert!(place.kept_token().await.is_some());
    assert_eq!(place.kept_identity().await, None);
}
