//! Who may come in, and by which header.

use harness::Client;

use super::world::{MESSAGES, World, count_to_nine, refused};

fn by_key(world: &World, key: &str) -> Client {
    world.0.service.anonymous().header("x-api-key", key)
}

#[tokio::test]
async fn a_key_comes_as_x_api_key_or_as_a_bearer_and_never_as_both() {
    let world = World::start().await;
    let key = world.0.member.credential().to_owned();
    let by_key = by_key(&world, &key);
    assert_eq!(by_key.post(MESSAGES, count_to_nine()).await.status, 200);
    for several in [
        by_key.clone().bearer(&key),
        by_key.add_header("x-api-key", &key),
    ] {
        let answer = several.post(MESSAGES, count_to_nine()).await;
        let (status, kind, message) = refused(&answer);
        assert_eq!((status, kind), (400, "invalid_request_error"), "{answer:?}");
        assert!(message.contains("more than one credential"), "{message}");
        assert!(message.contains("`x-api-key`"), "{message}");
    }
}

#[tokio::test]
async fn other_doors_do_not_look_at_it() {
    let world = World::start().await;
    let by_key = by_key(&world, world.0.member.credential());
    assert_eq!(by_key.get("/v1/models").await.status, 401);
}

#[tokio::test]
async fn who_is_not_let_in_is_told_in_anthropics_form() {
    let world = World::start().await;
    let service = &world.0.service;
    let viewer = service.caller("one", "viewer").await;
    service.tenant("two").await;
    let stranger = service.caller("two", "admin").await;
    for (caller, status, kind) in [
        (service.anonymous(), 401, "authentication_error"),
        (by_key(&world, "bi_nobody"), 401, "authentication_error"),
        (by_key(&world, ""), 401, "authentication_error"),
        (viewer, 403, "permission_error"),
        (stranger, 404, "not_found_error"),
    ] {
        for path in [MESSAGES, "/anthropic/v1/messages/count_tokens"] {
            let answer = caller.post(path, count_to_nine()).await;
            let (told, kind_told, _) = refused(&answer);
            assert_eq!((told, kind_told), (status, kind), "{answer:?}");
            assert_eq!(answer.header("x-should-retry"), Some("false"));
        }
    }
    assert_eq!(world.0.aws.world.count("InvokeModel"), 0);
}
