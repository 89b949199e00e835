//! Users of a user pool.

use bedrock::report::Name;
use credential_provider::cognito::{AppClient, Cognito};

use crate::world::World;

/// The app client that has a secret.
fn confidential(world: &World, secret: Option<&str>) -> AppClient {
    AppClient {
        id: world
            .text("/cognito/confidential_app_client_id")
            .parse()
            .unwrap(),
        secret: secret.map(|secret| secret.parse().unwrap()),
    }
}

#[tokio::test]
async fn the_right_password_leads_to_models_with_and_without_a_client_secret() {
    let world = World::told();
    let user = world.user();
    world.assert_leads_to_models(&user).await;
    let secret = world.text("/cognito/confidential_app_client_secret");
    let client = confidential(&world, Some(secret));
    world
        .assert_leads_to_models(&Cognito {
            client,
            ..world.user()
        })
        .await;
}

#[tokio::test]
async fn who_does_not_get_in_is_told_why() {
    let world = World::told();
    let named = |name: &str| Cognito {
        username: name.parse().unwrap(),
        ..world.user()
    };
    let with_secret = |secret| Cognito {
        client: confidential(&world, secret),
        ..world.user()
    };
    let mut unlinked = world.user();
    unlinked.pools.identity_pool = world
        .text("/cognito/unlinked_identity_pool_id")
        .parse()
        .unwrap();
    let wrong = Cognito {
        password: "Wrong-Pa55word".parse().unwrap(),
        ..world.user()
    };
    for (way, code) in [
        (wrong, "cognito_bad_credentials"),
        (named("nobody"), "cognito_bad_credentials"),
        (named("disabled"), "cognito_user_disabled"),
        (
            named("new-password-required"),
            "cognito_new_password_required",
        ),
        (
            with_secret(Some("another0secret0than0the0client0s")),
            "cognito_client_secret_mismatch",
        ),
        (with_secret(None), "cognito_client_secret_mismatch"),
        (unlinked, "cognito_pool_not_linked"),
    ] {
        assert_eq!(world.failure(&way).await, Some((Name::Credentials, code)));
    }
}
