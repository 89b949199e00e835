//! One tenant, with all that it could ever have learnt of another, at every door.

use harness::{Answer, Client};
use serde_json::{Value, json};

use super::walker::Walker;
use crate::connections::world::{connect, edit, end, path, retest, test, try_save};

/// Tries one of the other's connections at one door. How many requests that took.
pub(super) async fn through_a_door(one: &mut Walker, other: &Walker) -> usize {
    let Some(theirs) = other.saved.last() else {
        return 0;
    };
    one.note("peeked");
    let admin = one.admin();
    let path = path(theirs);
    let mut own = one.account.by_key();
    own["connection_id"] = theirs["id"].clone();
    let answer = match one.roll(10) {
        0 => admin.get(&path).await,
        1 => admin.get(&format!("{path}/setup")).await,
        2 => admin.get(&format!("{path}/models")).await,
        3 => retest(&admin, theirs).await,
        4 => admin.delete(&path).await,
        5 => edit(&admin, theirs, json!({ "name": "Mine" })).await,
        6 => test(&admin, own).await,
        7 => try_save(&admin, "Mine", own).await,
        8 if theirs["method"] == "iam_role" => return enter_role(one, other, theirs).await,
        _ => return share(&admin, other, theirs).await,
    };
    assert_eq!(answer.problem(), (404, "not_found"), "{answer:?}");
    other.assert_unknown_in(&answer);
    1
}

async fn share(admin: &Client, other: &Walker, theirs: &Value) -> usize {
    let access = &theirs["access"]["id"];
    let share = json!({ "method": theirs["method"], "region": "us-east-1", "access_id": access });
    let refused = connect(admin, share).await;
    assert_eq!(refused.pointers(), ["/access_id"], "{refused:?}");
    other.assert_unknown_in(&refused);
    1
}

/// Enters role and external ID of the other.
async fn enter_role(one: &mut Walker, other: &Walker, theirs: &Value) -> usize {
    let text = |member: &str| theirs["access"][member].as_str().unwrap();
    let (role, external_id) = (text("role_arn"), text("external_id"));
    let body = json!({
        "method": "iam_role",
        "region": "us-east-1",
        "fields": { "role_arn": role, "external_id": external_id },
    });
    let told = test(&one.admin(), body.clone()).await;
    let saved = try_save(&one.admin(), "Mine", body).await;
    for answer in [&told, &saved] {
        assert_gets_nothing(answer, external_id);
        other.assert_unknown_but(answer, &[role, external_id]);
    }
    2
}

fn assert_gets_nothing(answer: &Answer, external_id: &str) {
    if answer.status == 429 {
        return;
    }
    if external_id.starts_with("bi-") {
        assert_eq!(answer.pointers(), ["/fields/external_id"], "{answer:?}");
        return;
    }
    let report = match answer.status {
        200 => &answer.body,
        _ => &answer.body["report"],
    };
    assert_eq!(
        end(report, "credentials"),
        ("failed", "trust_policy_denied"),
        "{answer:?}"
    );
}
