//! The sweep when its database goes away in the middle of a look.

use std::{pin::pin, sync::Arc};

use domain::Clock;
use harness::{
    Aws, BEDROCK, Options, Service,
    aws::save,
    service::{manual_clock, until},
};
use sandbox::{Fault, Harm, Refusal, Seed};
use serde_json::Value;
use server::app::{
    Error,
    sweep::{Did, Sweep, SweepSettings},
};
use store::testing::Database;
use time::Duration;

use crate::proxy::Proxy;

const SETTINGS: SweepSettings = SweepSettings {
    interval: Duration::hours(6),
    calls_per_minute: 240,
    longest_look: SweepSettings::LONGEST_LOOK,
};

/// Steps until a connection was looked at; what fails is tried again.
async fn looked(sweep: &mut Sweep) {
    until("a connection was looked at", async || {
        sweep.step().await.is_ok_and(|step| step.did == Did::Look)
    })
    .await;
}

#[tokio::test]
async fn a_look_that_loses_its_database_is_made_again_and_tells_once() {
    let database = Arc::new(Database::new().await);
    let clock = manual_clock();
    let aws = Aws::start(clock.clone()).await;
    let options = || {
        aws.serve(Options {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ..Options::default()
        })
    };
    let seeing = Service::on(Arc::clone(&database), options()).await;
    let proxy = Proxy::before(&database);
    let service = Service::on(Arc::clone(&proxy.database), options()).await;
    seeing.tenant("one").await;
    let admin = seeing.caller("one", "admin").await;
    let saved = save(&admin, "Production", aws.by_key()).await;
    let path = format!("{BEDROCK}/connections/{}", saved["id"].as_str().unwrap());
    let denied = Refusal::new(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:ListFoundationModels because no \
         identity-based policy allows the bedrock:ListFoundationModels action",
    );
    let fault = Fault::always(Harm::Refuse(denied)).on("ListFoundationModels");
    aws.world.fault(fault);
    let context = service.context.clone();
    let mut sweep = Sweep::new(context, SETTINGS, Arc::new(Seed::new(1)));

    clock.advance(Duration::hours(7));
    looked(&mut sweep).await;
    let ended = sweep.step().await;
    assert_eq!(ended.unwrap().did, Did::Round, "there is no other tenant");
    clock.advance(Duration::minutes(20));
    {
        let mut step = pin!(sweep.step());
        aws.until_asked("ListFoundationModels", step.as_mut()).await;
        proxy.cut();
        let failed = step.await;
        let Err(Error::Store(store::Error::Unavailable(_))) = failed else {
            panic!("it was noted: {failed:?}");
        };
    }
    assert!(sweep.step().await.is_err(), "the database is away");
    assert_eq!(admin.get(&path).await.text("state"), "healthy");
    proxy.mend();
    looked(&mut sweep).await;

    let failing = admin.get(&path).await;
    assert_eq!(failing.text("state"), "failing");
    assert_eq!(failing.text("state_reason"), "missing_permission");
    let events = admin.walk("/v1/audit", 50).await;
    let is_change = |event: &&Value| event["action"] == "connection.state_changed";
    assert_eq!(events.iter().filter(is_change).count(), 1);
}
