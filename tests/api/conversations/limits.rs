//! What one tenant may use at a time, and all of them together.

use domain::TenantId;
use harness::{Options, service::NO_LIMIT, service::until};
use sandbox::{Fault, Harm};
use server::app::conversations::{Limit, Share};
use uuid::Uuid;

use super::world::{World, hello};

const OF_A_TENANT: usize = 128 * 1024 * 1024;

async fn limited(tenant_limit: Limit) -> World {
    World::with(Options {
        tenant_limit,
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn limits_hold_for_the_tenant_and_say_when_to_come_back() {
    let world = limited(Limit {
        requests_per_minute: 2,
        ..NO_LIMIT
    })
    .await;
    for _ in 0..2 {
        assert_eq!(world.converse("nova", hello()).await.status, 200);
    }
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.problem(), (429, "limit_reached"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn who_has_enough_under_way_may_come_back_when_one_has_ended() {
    let world = limited(Limit {
        concurrent: 1,
        ..NO_LIMIT
    })
    .await;
    world.dawdle();
    let first = world.stream("nova", &hello()).await;
    assert_eq!(first.status(), 200);
    let refused = world.converse("nova", hello()).await;
    assert_eq!(refused.problem(), (429, "limit_reached"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(first);
    until("it has ended", async || {
        world.service.context.running.count() == 0
    })
    .await;
    assert_eq!(world.converse("nova", hello()).await.status, 200);
}

#[tokio::test]
async fn a_callers_own_limit_is_no_others() {
    let world = World::with(Options {
        caller_limit: Limit {
            requests_per_minute: 1,
            ..NO_LIMIT
        },
        ..Options::default()
    })
    .await;
    assert_eq!(world.converse("nova", hello()).await.status, 200);
    let refused = world.converse("nova", hello()).await;
    assert_eq!(refused.problem(), (429, "limit_reached"));
    let path = "/v1/models/nova/converse";
    assert_eq!(world.admin.post(path, hello()).await.status, 200);
}

fn few_tokens() -> Limit {
    Limit {
        tokens_per_minute: 5,
        ..NO_LIMIT
    }
}

#[tokio::test]
async fn tokens_that_were_used_count_against_what_comes_next() {
    let world = limited(few_tokens()).await;
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body["usage"]["totalTokens"].as_u64() > Some(5));
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.problem(), (429, "limit_reached"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn nobody_gets_round_the_limit_of_tokens_by_hanging_up() {
    for path in [
        "/v1/models/nova/converse",
        "/bedrock/model/nova/converse-stream",
    ] {
        let world = limited(few_tokens()).await;
        world.dawdle();
        let asked = world
            .member
            .request(reqwest::Method::POST, path)
            .header("accept", "text/event-stream")
            .json(&hello());
        let mut answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.chunk().await.unwrap().is_some());
        drop(answer);
        until("it has ended", async || {
            world.service.context.running.count() == 0
        })
        .await;
        let answer = world.converse("nova", hello()).await;
        assert_eq!(answer.problem(), (429, "limit_reached"));
    }
}

/// What leaves the tenant of `world` no more room than so many bytes.
pub(crate) async fn leave(world: &World, bytes: usize) -> Share {
    let me = world.admin.get("/v1/me").await;
    let tenant: TenantId = me.body["tenant"]["id"].as_str().unwrap().parse().unwrap();
    taken(world, tenant, OF_A_TENANT - bytes)
}

/// As much as somebody else has under way.
fn taken(world: &World, tenant: TenantId, bytes: usize) -> Share {
    let mut share = world.service.context.room.share(tenant);
    share.grow_to(bytes).unwrap();
    share
}

#[tokio::test]
async fn what_there_is_no_room_for_is_shed_and_may_come_back() {
    let world = World::start().await;
    let others: Vec<_> = (1..=4)
        .map(|n| taken(&world, Uuid::from_u128(n).into(), OF_A_TENANT))
        .collect();
    let shed = world.converse("nova", hello()).await;
    assert_eq!(shed.problem(), (503, "overloaded"));
    assert_eq!(shed.header("retry-after"), Some("1"));
    let path = "/bedrock/model/nova/converse";
    let shed = world.member.post(path, hello()).await;
    assert_eq!(
        (shed.status, shed.header("x-amzn-errortype")),
        (503, Some("ServiceUnavailableException"))
    );
    drop(others);
    assert_eq!(world.converse("nova", hello()).await.status, 200);
}

#[tokio::test]
async fn one_tenant_does_not_take_the_room_of_all_nor_do_its_answers() {
    let world = World::start().await;
    // Room for what is asked, and for most answers.
    let most = leave(&world, 17 * 1_024).await;
    let long = Harm::Nonsense("x".repeat(100_000).leak());
    world
        .aws
        .world
        .fault(Fault::always(long).on("Converse").times(1));
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.problem(), (429, "limit_reached"), "{answer:?}");
    assert_eq!(world.aws.world.count("Converse"), 1, "it was asked");
    assert_eq!(world.usage("failed").await.unwrap()["requests"], 1);
    assert_eq!(world.converse("nova", hello()).await.status, 200);

    drop(most);
    let _taken = leave(&world, 1_024).await;
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.problem(), (429, "limit_reached"), "{answer:?}");
    assert_eq!(world.aws.world.count("Converse"), 2, "it cost nothing");
}

#[tokio::test]
async fn a_stream_takes_the_room_that_it_may_wait_in() {
    const WAITING: usize = 64 * 1_024;
    let world = World::start().await;
    // What is asked takes some itself.
    for (room, status) in [(WAITING, 429), (WAITING + 1_024, 200)] {
        let taken = leave(&world, room).await;
        let answer = world.stream("nova", &hello()).await;
        assert_eq!(answer.status(), status, "{room}");
        answer.text().await.unwrap();
        drop(taken);
    }
    assert_eq!(world.aws.world.count("ConverseStream"), 1);
}
