//! The refresh token: used instead of the password, kept before what came with it is used.

use std::{sync::Arc, time::Duration as Limit};

use credential_provider::{
    Error, Result, Strategy,
    cognito::{Kept, RefreshToken, TokenStore},
};
use domain::Clock;
use futures_util::future::{BoxFuture, ready};
use sandbox::cognito::{AppClient, PoolUser};
use time::Duration;

use super::place::{CLIENT, CLIENT_SECRET, PASSWORD, Place, USER};
use crate::stage::region;

/// A place whose client gives a new refresh token each time, and takes the old one no longer.
async fn rotating() -> Place {
    let client = AppClient::new(CLIENT).rotating(Duration::ZERO);
    Place::new(client, PoolUser::new(USER, PASSWORD)).await
}

#[tokio::test]
async fn it_saves_the_password() {
    for client in [
        AppClient::new(CLIENT),
        AppClient::new(CLIENT).secret(CLIENT_SECRET),
    ] {
        let place = Place::new(client, PoolUser::new(USER, PASSWORD)).await;
        place.lease().await.unwrap();
        place.stage.clock.advance(Duration::HOUR);
        place.caller().await.unwrap();
        assert_eq!(place.count("InitiateAuth"), 1);
        assert_eq!(place.count("GetTokensFromRefreshToken"), 1);
    }
}

#[tokio::test]
async fn one_that_is_replaced_each_time_is_followed() {
    let place = rotating().await;
    place.lease().await.unwrap();
    let mut tokens = vec![place.kept_token().await];
    for _ in 0..3 {
        place.lease().await.unwrap();
        tokens.push(place.kept_token().await);
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
    assert_eq!(place.count("InitiateAuth"), 1);
}

#[tokio::test]
async fn it_is_kept_before_what_came_with_it_is_used() {
    let place = rotating().await;
    place.lease().await.unwrap();
    let first = place.kept_token().await;
    place.refuse(
        "GetCredentialsForIdentity",
        (500, "InternalErrorException", ""),
    );
    place.lease().await.unwrap_err();
    assert_ne!(place.kept_token().await, first);
    place.stage.sandbox.world().mend();
    place.caller().await.unwrap();
    assert_eq!(place.count("InitiateAuth"), 1);
}

#[tokio::test]
async fn the_password_does_where_it_was_revoked_or_has_ended() {
    let place = Place::plain().await;
    place.lease().await.unwrap();
    let now = place.stage.clock.now();
    place.change_pool(|pool| pool.sign_out(USER, now));
    place.stage.clock.advance(Duration::minutes(1));
    place.caller().await.unwrap();
    assert_eq!(place.count("InitiateAuth"), 2);

    place.stage.clock.advance(Duration::days(31));
    place.caller().await.unwrap();
    assert_eq!(place.count("InitiateAuth"), 3);
    assert!(place.kept_token().await.is_some());
}

#[tokio::test]
async fn during_an_outage_it_is_kept_and_no_password_tried() {
    let place = Place::plain().await;
    place.lease().await.unwrap();
    let kept = place.kept_token().await;
    for (status, code) in [
        (400, "TooManyRequestsException"),
        (500, "InternalErrorException"),
    ] {
        place.refuse("GetTokensFromRefreshToken", (status, code, ""));
        assert!(place.lease().await.unwrap_err().is_temporary());
        place.stage.sandbox.world().mend();
    }
    assert_eq!(place.kept_token().await, kept);
    assert_eq!(place.count("InitiateAuth"), 1);
}

#[tokio::test]
async fn two_replicas_take_turns() {
    let place = rotating().await;
    place.lease().await.unwrap();
    let (one, two) = tokio::join!(place.caller(), place.caller());
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(place.count("InitiateAuth"), 1);
    assert_eq!(place.count("GetTokensFromRefreshToken"), 2);
}

/// A store that is away.
struct Away;

impl TokenStore for Away {
    fn load(&self) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(ready(Err(Error::Unavailable)))
    }

    fn replace(&self, _: u64, _: Option<RefreshToken>) -> BoxFuture<'_, Result<bool>> {
        Box::pin(ready(Err(Error::Unavailable)))
    }

    fn keep_identity<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Err(Error::Unavailable)))
    }

    fn claim(&self, _: Limit) -> BoxFuture<'_, Result<Option<u64>>> {
        Box::pin(ready(Err(Error::Unavailable)))
    }

    fn release(&self, _: u64) -> BoxFuture<'_, Result<()>> {
        Box::pin(ready(Err(Error::Unavailable)))
    }
}

#[tokio::test]
async fn nothing_is_sent_while_what_is_kept_cannot_be_read() {
    let mut place = Place::plain().await;
    place.way.tokens = Arc::new(Away);
    let result = place.way.lease(&place.stage.aws, &region()).await;
    assert_eq!(result.unwrap_err(), Error::Unavailable);
    assert_eq!(place.stage.calls(), 0);
}
