//! What a key says about its end is told when it is read.

use harness::aws::save;
use serde_json::json;

use super::world::{World, end, models, now, reason, retest, state};

const HOUR: i64 = 60 * 60;

#[tokio::test]
async fn a_short_term_key_expires_after_an_hour_of_warning() {
    let world = World::start().await;
    let mut body = world.aws.by_key();
    body["fields"]["api_key"] = world.aws.demo.api_keys.short_term.as_str().into();
    let seen = save(&world.admin, "By key", body).await;
    assert_eq!(state(&seen), ("healthy", ""));
    assert_eq!(seen["expires_at"], "2024-10-04T12:00:00Z");
    assert_eq!(seen["secret_hints"]["api_key"]["kind"], "short_term");
    for (wait, (name, reason), since) in [
        (11 * HOUR - 1, ("healthy", ""), "2024-10-04T00:00:00Z"),
        (1, ("expiring", ""), "2024-10-04T11:00:00Z"),
        (HOUR - 1, ("expiring", ""), "2024-10-04T11:00:00Z"),
        (1, ("expired", "api_key_expired"), "2024-10-04T12:00:00Z"),
    ] {
        world.wait(wait);
        let present = now(&world.viewer, &seen).await;
        assert_eq!(state(&present), (name, reason));
        assert_eq!(present["state_since"], since, "{name}");
        assert_eq!(present["etag"], seen["etag"], "nobody edited it");
    }
    let asked = world.aws.world.seen().len();
    assert_eq!(
        reason(&models(&world.viewer, &seen).await),
        "api_key_expired"
    );
    let tested = retest(&world.member, &seen).await;
    assert_eq!(end(&tested.body, "fields"), ("failed", "api_key_expired"));
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");
    assert_eq!(state(&now(&world.viewer, &seen).await).0, "expired");
}

#[tokio::test]
async fn a_long_term_key_says_whose_it_is_and_not_when_it_ends() {
    let world = World::start().await;
    let seen = save(&world.admin, "By key", world.aws.by_key()).await;
    assert!(seen["expires_at"].is_null());
    assert_eq!(seen["access"]["account_id"], world.aws.demo.account_id);
    let key = &world.aws.demo.api_keys.long_term;
    assert_eq!(
        seen["secret_hints"],
        json!({ "api_key": { "kind": "long_term", "last_four": key[key.len() - 4..] } })
    );
}
