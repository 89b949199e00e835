//! The service's own identity: what is wrong with it is not the customer's fault.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use credential_provider::{Error, OwnIdentity, Strategy, Unfit};
use domain::Partition;
use sandbox::sts::Role;
use time::Duration;

use crate::stage::{NOW, Stage, demanded, own, region, trusting_us, way_into};

async fn stage() -> Stage {
    Stage::with(Role::new("Bedrock", trusting_us(&demanded()))).await
}

/// Credentials that somebody counts, or none.
#[derive(Debug, Default)]
struct Counted {
    credentials: Option<Credentials>,
    asked: AtomicUsize,
}

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.asked.fetch_add(1, SeqCst);
        future::ProvideCredentials::ready(self.credentials.clone().ok_or_else(|| {
            CredentialsError::provider_error("the machine's surroundings say: sesam")
        }))
    }
}

#[tokio::test]
async fn who_has_none_asks_nobody() {
    let stage = stage().await;
    let nobody = stage.aws_as(None);
    let result = way_into("Bedrock").lease(&nobody, &region()).await;
    assert_eq!(result.unwrap_err(), Error::NoIdentity);
    assert_eq!(stage.calls(), 0);
}

#[tokio::test]
async fn one_whose_credentials_cannot_be_had_is_none() {
    let stage = stage().await;
    let aws = stage.aws_as(Some(OwnIdentity {
        credentials: SharedCredentialsProvider::new(Counted::default()),
        partition: Partition::Aws,
    }));
    let result = way_into("Bedrock").lease(&aws, &region()).await;
    assert_eq!(result.unwrap_err(), Error::NoIdentity);
    assert_eq!(stage.calls(), 0);
}

#[tokio::test]
async fn one_that_aws_does_not_know_is_ours_to_mend() {
    let stage = stage().await;
    for (key, secret) in [
        (
            "AKIAUNKNOWNUNKNOWN00",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("AKIAIOSFODNN7EXAMPLE", "another secret"),
    ] {
        let aws = stage.aws_as(Some(own(key, secret)));
        let result = way_into("Bedrock").lease(&aws, &region()).await;
        assert_eq!(result.unwrap_err(), Error::NoIdentity, "{key}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_no_refusal() {
    let stage = stage().await;
    for offset in [Duration::hours(-1), Duration::HOUR] {
        let aws = stage.aws_at(NOW + offset).without_retries();
        let result = way_into("Bedrock").lease(&aws, &region()).await;
        let Err(Error::Faulty(refusal)) = result else {
            panic!("{offset}: {result:?}");
        };
        assert_eq!(refusal.code, "SignatureDoesNotMatch");
    }
}

#[tokio::test]
async fn it_takes_on_no_role_of_another_partition() {
    let stage = stage().await;
    let aws = stage.aws_as(Some(OwnIdentity {
        partition: Partition::GovCloud,
        ..own("AKIAIOSFODNN7EXAMPLE", "secret")
    }));
    let result = way_into("Bedrock").lease(&aws, &region()).await;
    assert_eq!(result.unwrap_err(), Unfit::RoleOfAnotherPartition.into());
    let elsewhere = "us-gov-west-1".parse().unwrap();
    let result = way_into("Bedrock").lease(&stage.aws, &elsewhere).await;
    assert_eq!(result.unwrap_err(), Unfit::RoleOfAnotherPartition.into());
    assert_eq!(stage.calls(), 0);
}

#[tokio::test]
async fn its_credentials_are_asked_for_once() {
    let stage = stage().await;
    let ours = stage.aws.identity().unwrap().credentials.clone();
    let counted = Arc::new(Counted {
        credentials: Some(ours.provide_credentials().await.unwrap()),
        asked: AtomicUsize::new(0),
    });
    let aws = stage.aws_as(Some(OwnIdentity {
        credentials: SharedCredentialsProvider::new(counted.clone() as Arc<dyn ProvideCredentials>),
        partition: Partition::Aws,
    }));
    for _ in 0..3 {
        let lease = way_into("Bedrock").lease(&aws.isolated(), &region()).await;
        lease.unwrap();
    }
    assert_eq!(counted.asked.load(SeqCst), 1);
}
