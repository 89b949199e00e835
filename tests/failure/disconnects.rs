//! A connection that is disconnected or edited on one replica is forgotten on the others within a second.

use std::{sync::Arc, time::Duration};

use harness::{Aws, BEDROCK, Client, Options, Service, aws::save, service::until};
use sandbox::{Fault, Harm, demo::add_role};
use serde_json::{Value, json};
use tokio::time::Instant;

/// What is promised.
const A_SECOND: Duration = Duration::from_secs(1);
/// Nobody listens there.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing";

struct Pair {
    aws: Aws,
    one: Service,
    other: Service,
    admin: Client,
    /// The same, at the other replica.
    elsewhere: Client,
}

impl Pair {
    async fn start(hints: Option<&str>) -> Self {
        let options = || Options {
            hints: hints.map(str::to_owned),
            ..Options::default()
        };
        let aws = Aws::start(options().clock).await;
        let one = Service::with(aws.serve(options())).await;
        let other = Service::on(Arc::clone(&one.database), aws.serve(options())).await;
        one.tenant("acme").await;
        let admin = one.caller("acme", "admin").await;
        Self {
            elsewhere: admin.clone().at(&other.url),
            aws,
            one,
            other,
            admin,
        }
    }

    /// Both replicas hold a lease of it.
    async fn known(&self, connection: &Value) {
        let path = path(connection);
        until("both have a lease", async || {
            for client in [&self.admin, &self.elsewhere] {
                let listed = client.get(&format!("{path}/models?refresh=true")).await;
                assert_eq!(listed.status, 200, "{listed:?}");
            }
            // The news that made the connection may come late, and make a replica forget once more.
            leases(&self.one) == 1 && leases(&self.other) == 1
        })
        .await;
    }

    /// How long until the other replica has forgotten the lease.
    async fn until_forgotten(&self) -> Duration {
        let answered = Instant::now();
        until("the other replica has forgotten", async || {
            leases(&self.other) == 0
        })
        .await;
        answered.elapsed()
    }
}

fn path(connection: &Value) -> String {
    format!(
        "{BEDROCK}/connections/{}",
        connection["id"].as_str().unwrap()
    )
}

fn leases(service: &Service) -> u64 {
    service.context.leases.counts().leases
}

async fn disconnected_everywhere(hints: Option<&str>) {
    let pair = Pair::start(hints).await;
    for body in [
        pair.aws.by_key(),
        pair.aws.by_user(),
        pair.aws.by_entered_role(),
    ] {
        let connection = save(&pair.admin, "Production", body).await;
        pair.known(&connection).await;
        let removed = pair.admin.delete(&path(&connection)).await;
        assert_eq!(removed.status, 200, "{removed:?}");
        assert_eq!(leases(&pair.one), 0, "here at once");
        let listed = pair
            .elsewhere
            .get(&format!("{}/models", path(&connection)))
            .await;
        assert_eq!(listed.problem(), (404, "not_found"));
        let took = pair.until_forgotten().await;
        assert!(took < A_SECOND, "{took:?}");
    }
}

#[tokio::test]
async fn a_disconnected_connection_is_forgotten_everywhere() {
    disconnected_everywhere(None).await;
}

#[tokio::test]
async fn and_by_the_poll_alone() {
    disconnected_everywhere(Some(NOWHERE)).await;
}

#[tokio::test]
async fn an_edited_access_is_forgotten_everywhere() {
    let pair = Pair::start(None).await;
    let connection = save(&pair.admin, "Production", pair.aws.by_entered_role()).await;
    pair.known(&connection).await;
    let external_id = &pair.aws.demo.roles.external_id;
    let role = add_role(&pair.aws.world, "Next", external_id);
    let admin = pair
        .admin
        .clone()
        .header("if-match", connection["etag"].as_str().unwrap());
    let body = json!({ "fields": { "role_arn": role } });
    let edited = admin.patch(&path(&connection), body).await;
    assert_eq!(edited.status, 200, "{edited:?}");
    let took = pair.until_forgotten().await;
    assert!(took < A_SECOND, "{took:?}");
    pair.known(&connection).await;
}

#[tokio::test]
async fn what_is_fetched_across_a_disconnect_is_given_to_nobody() {
    let pair = Pair::start(None).await;
    let connection = save(&pair.admin, "Production", pair.aws.by_entered_role()).await;
    let harm = Harm::Slow(Duration::from_millis(500));
    pair.aws.world.fault(Fault::always(harm).on("AssumeRole"));
    let asked = pair.aws.world.count("AssumeRole");
    let fetches: Vec<_> = [&pair.admin, &pair.elsewhere]
        .map(|client| {
            let (client, path) = (client.clone(), path(&connection));
            tokio::spawn(async move { client.get(&format!("{path}/models")).await })
        })
        .into_iter()
        .collect();
    until("both ask AWS", async || {
        pair.aws.world.count("AssumeRole") == asked + 2
    })
    .await;
    assert_eq!(pair.admin.delete(&path(&connection)).await.status, 200);
    for fetch in fetches {
        let told = fetch.await.unwrap();
        assert_eq!(told.problem(), (409, "changed_meanwhile"), "{told:?}");
    }
    for client in [&pair.admin, &pair.elsewhere] {
        let listed = client.get(&format!("{}/models", path(&connection))).await;
        assert_eq!(listed.problem(), (404, "not_found"));
    }
}
