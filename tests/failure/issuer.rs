//! The issuer while its database is away: AWS must go on finding the keys.

use harness::{Options, Service};

use crate::{database_away::turned_away, postgres::Postgres};

const DISCOVERY: &str =
    "/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b/.well-known/openid-configuration";
const KEYS: &str = "/oidc/jwks";

fn public() -> Options {
    Options {
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    }
}

#[tokio::test]
async fn a_replica_that_has_the_keys_goes_on_and_one_that_never_had_them_says_so() {
    let mut postgres = Postgres::start().await;
    let database = postgres.database().await;
    let service = Service::on(database.clone(), public()).await;
    let (anyone, operator) = (service.anonymous(), service.operator().await);
    let before = anyone.get(KEYS).await;
    assert_eq!(before.status, 200, "{before:?}");

    postgres.kill().await;
    turned_away(&operator, crate::database_away::SOON).await;
    assert_eq!(anyone.get(KEYS).await.raw, before.raw);
    assert_eq!(anyone.get(DISCOVERY).await.status, 200);

    let newcomer = Service::starting(database, public()).await;
    let told = newcomer.anonymous().get(KEYS).await;
    assert_eq!(told.problem(), (503, "starting"));
    assert_eq!(told.header("retry-after"), Some("1"));
    assert_eq!(newcomer.anonymous().get(DISCOVERY).await.status, 200);

    postgres.start_again().await;
    newcomer.ready().await;
    assert_eq!(newcomer.anonymous().get(KEYS).await.raw, before.raw);
}
