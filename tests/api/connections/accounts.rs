//! An access belongs to one AWS account. When it reaches another, somebody has to say that this is meant.

use harness::aws::save;
use serde_json::json;

use super::world::{
    World, connect, edit, end, models, now, reason, report, retest, state, try_save,
};

const ELSEWHERE: &str = "999988887777";

#[tokio::test]
async fn another_account_ends_all_leases_until_an_admins_test_takes_it() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
    let share = json!({
        "method": "cognito",
        "region": "us-east-1",
        "access_id": seen["access"]["id"],
    });
    let reserved = connect(&world.admin, share).await.body["connection"].clone();
    let mut sharing = json!({
        "connection_id": reserved["id"],
        "method": "cognito",
        "region": "us-east-1",
    });
    let sibling = save(&world.admin, "Sibling", sharing.clone()).await;

    world.move_users_to(ELSEWHERE);
    world.wait(5);
    for member in [&world.member, &world.operator, &world.member] {
        world.wait(5);
        let tested = retest(member, &seen).await;
        assert_eq!(end(&tested.body, "identity"), ("failed", "account_changed"));
        assert!(!tested.raw.contains(ELSEWHERE), "{tested:?}");
    }
    for connection in [&seen, &sibling] {
        let failing = now(&world.viewer, connection).await;
        assert_eq!(state(&failing), ("failing", "account_changed"));
        assert_eq!(failing["access"]["account_id"], world.aws.demo.account_id);
        assert_eq!(
            reason(&models(&world.viewer, connection).await),
            "account_changed"
        );
    }

    // Neither an edit nor another connection gets around it.
    let present = now(&world.admin, &seen).await;
    for body in [
        json!({ "region": "us-west-2", "verify": "skip" }),
        json!({ "fields": { "password": world.aws.demo.cognito.password }, "verify": "skip" }),
    ] {
        let refused = edit(&world.admin, &present, body).await;
        if refused.status == 422 {
            // The pools are not in that region.
            continue;
        }
        assert_eq!(reason(&refused), "account_changed");
    }
    let renamed = edit(&world.admin, &present, json!({ "name": "Renamed" })).await;
    assert_eq!(
        state(&renamed.body["connection"]),
        ("failing", "account_changed")
    );
    let again = connect(
        &world.admin,
        json!({ "method": "cognito", "region": "us-east-1", "access_id": seen["access"]["id"] }),
    )
    .await;
    sharing["connection_id"] = again.body["connection"]["id"].clone();
    assert_eq!(
        end(&report(&world.admin, sharing.clone()).await, "identity").1,
        "account_changed"
    );
    sharing["verify"] = "skip".into();
    let refused = try_save(&world.admin, "Third", sharing).await;
    assert_eq!(reason(&refused), "account_changed");

    world.wait(5);
    let tested = retest(&world.admin, &seen).await;
    assert_eq!(tested.body["ok"], true, "{tested:?}");
    assert_eq!(tested.body["account_id"], ELSEWHERE);
    let taken = now(&world.viewer, &seen).await;
    assert_eq!(state(&taken), ("healthy", ""));
    assert_eq!(taken["access"]["account_id"], ELSEWHERE);
    assert_eq!(
        state(&now(&world.viewer, &sibling).await),
        ("unverified", "")
    );
    for connection in [&seen, &sibling] {
        assert_eq!(models(&world.viewer, connection).await.status, 200);
    }
    let tested = world.audited(&world.admin, "connection.tested").await;
    assert_eq!(tested[0]["aws"]["account_id"], ELSEWHERE);
    assert!(
        !tested[0]["aws"]["request_ids"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_admins_test_takes_no_account_that_nobody_was_told_of() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    world.move_users_to(ELSEWHERE);
    let tested = retest(&world.admin, &seen).await;
    assert_eq!(end(&tested.body, "identity"), ("failed", "account_changed"));
    assert_eq!(
        state(&now(&world.viewer, &seen).await),
        ("failing", "account_changed")
    );
    // The second time it is meant: another run than the first, however soon it comes.
    assert_eq!(retest(&world.admin, &seen).await.body["ok"], true);
}
