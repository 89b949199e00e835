//! A service sweeps as long as it serves, and operators see what it does.

use harness::{Options, Service, aws::save, service::until};
use store::testing::ask;

use super::world::{LATER, SETTINGS, round, sweep};
use crate::connections::world::World;

#[tokio::test]
async fn a_service_leads_while_it_serves_and_gives_up_when_it_stops() {
    let service = Service::with(Options {
        sweep: Some(SETTINGS),
        ..Options::default()
    })
    .await;
    let url = service.database.owner_url.clone();
    let leads = async || -> Vec<(bool,)> {
        ask(
            &url,
            "SELECT expires_at > clock_timestamp() FROM leases WHERE work = 'sweep'",
        )
        .await
    };
    until("it leads", async || leads().await == [(true,)]).await;
    service.stop().await.unwrap();
    assert_eq!(leads().await, [(false,)], "another could lead at once");
}

#[tokio::test]
async fn operators_see_what_the_sweep_does() {
    let world = World::start().await;
    save(&world.admin, "Key", world.aws.by_key()).await;
    let mut sweep = sweep(&world.service);
    world.wait(LATER);
    round(&mut sweep).await;
    world.wait(90);
    round(&mut sweep).await;
    let ops = world.service.anonymous().at(&world.service.ops_url);
    let metrics = ops.get("/metrics").await.raw;
    for line in [
        r#"bi_sweep_looks_total{outcome="works"} 1"#,
        "bi_sweep_failures_total 0",
        "bi_sweep_oldest_look_age_seconds 90",
    ] {
        assert!(
            metrics.lines().any(|told| told == line),
            "{line}: {metrics}"
        );
    }
}
