//! Killed at any moment, it leaves all or nothing, and loses nothing that it acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use reqwest::Method;
use rustix::process::{Signal, kill_process};
use serde_json::json;
use store::testing::ask;
use tokio::task::JoinSet;

use crate::{
    postgres::{postmaster, processes_on},
    program::wait_until,
    served::{Data, Served},
};

/// How many write at once.
const WRITERS: u32 = 4;

#[derive(Clone, Copy)]
enum Victim {
    Server,
    Postgres,
}

/// Who is killed, and after how many acknowledged writes.
const ROUNDS: [(Victim, usize); 8] = [
    (Victim::Server, 1),
    (Victim::Server, 17),
    (Victim::Postgres, 5),
    (Victim::Server, 40),
    (Victim::Server, 3),
    (Victim::Postgres, 23),
    (Victim::Server, 8),
    (Victim::Server, 29),
];

#[tokio::test]
async fn whatever_is_killed_when_no_acknowledged_write_is_lost_and_none_is_half() {
    let data = Data::new();
    let mut served = data.serve().ready().await;
    let operator = data.operator();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    for (round, (victim, after)) in ROUNDS.into_iter().enumerate() {
        let before = acknowledged.lock().unwrap().len();
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let request = served
                .request(Method::POST, "/v1/tenants")
                .bearer_auth(&operator);
            let name = format!("r{round}-w{writer}");
            writers.spawn(write(request, name, Arc::clone(&acknowledged)));
        }
        // On another thread: the writers need this one.
        let enough = Arc::clone(&acknowledged);
        tokio::task::spawn_blocking(move || {
            wait_until("enough was written", || {
                enough.lock().unwrap().len() >= before + after
            });
        })
        .await
        .unwrap();
        served = kill(victim, served, &data);
        writers.join_all().await;
        drop(served);

        served = data.serve().ready().await;
        let written = acknowledged.lock().unwrap().clone();
        check(&data, &written, round).await;
    }
    served.stop().succeeded();
}

/// Writes one tenant after another until the first answer that is none.
async fn write(
    request: reqwest::RequestBuilder,
    name: String,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
) {
    for number in 0.. {
        let tenant_ref = format!("{name}-{number}");
        let body = json!({ "ref": tenant_ref, "name": "T" });
        let Ok(answer) = request.try_clone().unwrap().json(&body).send().await else {
            return;
        };
        match answer.status().as_u16() {
            201 => acknowledged.lock().unwrap().insert(tenant_ref),
            503 => return,
            other => panic!("answered {other}"),
        };
    }
}

fn kill(victim: Victim, mut served: Served, data: &Data) -> Served {
    match victim {
        Victim::Server => {
            served.process.signal(Signal::KILL);
            served
        }
        Victim::Postgres => {
            kill_process(postmaster(&data.postgres_pid_file()).unwrap(), Signal::KILL).unwrap();
            served.process.line("the database is away");
            served.process.signal(Signal::TERM);
            wait_until("it has ended", || processes_on(&data.folder).is_empty());
            served
        }
    }
}

/// Every acknowledged tenant is there; and every tenant has the one event that tells of it, and every event its tenant.
async fn check(data: &Data, acknowledged: &BTreeSet<String>, round: usize) {
    let owner = data.owner_url();
    let tenants: Vec<(String, String)> = ask(&owner, "SELECT id::text, ref FROM tenants").await;
    let events: Vec<(String, i64)> = ask(
        &owner,
        "SELECT tenant_id::text, count(*) FROM audit_events WHERE action = 'tenant.created' GROUP BY tenant_id",
    )
    .await;
    let refs: BTreeSet<_> = tenants
        .iter()
        .map(|(_, tenant_ref)| tenant_ref.clone())
        .collect();
    let lost: Vec<_> = acknowledged.difference(&refs).collect();
    assert!(lost.is_empty(), "round {round} lost {lost:?}");
    let one_each: BTreeMap<_, _> = tenants.into_iter().map(|(id, _)| (id, 1)).collect();
    assert_eq!(
        events.into_iter().collect::<BTreeMap<_, _>>(),
        one_each,
        "round {round}"
    );
    let numbers: Vec<(i64, i64)> = ask(
        &owner,
        "SELECT (SELECT value FROM change_counter), (SELECT count(*) FROM changes)",
    )
    .await;
    let (counted, changes) = numbers[0];
    assert_eq!(
        counted, changes,
        "round {round}: a number without its change"
    );
}
