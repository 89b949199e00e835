//! Where a conversation's time went, to its caller and to operators alike.

use std::time::Duration;

use sandbox::{Fault, Harm, Service};

use super::world::{World, hello};

const SLOW: Duration = Duration::from_millis(300);

/// A share in the header, in seconds.
pub(crate) fn share(header: &str, name: &str) -> f64 {
    let mut shares = header.split(", ");
    let ms = shares.find_map(|share| share.strip_prefix(name)?.strip_prefix(";dur="));
    ms.unwrap().parse::<f64>().unwrap() / 1_000.0
}

#[tokio::test]
async fn metrics_tell_the_shares_that_the_caller_is_told() {
    let world = World::start().await;
    world.aws.world.fault(Fault {
        service: Some(Service::BedrockRuntime),
        ..Fault::always(Harm::Slow(SLOW))
    });
    let mut told = [0.0, 0.0];
    for _ in 0..2 {
        let answer = world.converse("nova", hello()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let header = answer.header("server-timing").unwrap();
        assert!(share(header, "upstream") >= SLOW.as_secs_f64(), "{header}");
        told[0] += share(header, "own");
        told[1] += share(header, "upstream");
    }
    let operations = world.service.anonymous().at(&world.service.ops_url);
    let text = operations.get("/metrics").await.raw;
    for (name, told) in [("own", told[0]), ("upstream", told[1])] {
        let line = format!("bi_conversation_{name}_seconds_sum ");
        let sum = text.lines().find_map(|one| one.strip_prefix(&line));
        let sum: f64 = sum.unwrap().parse().unwrap();
        assert!((sum - told).abs() < 0.001, "{name}: {sum} and {told}");
    }
}
