//! What the data plane costs, beside a minimal signed proxy; and what many tenants cost.

use std::{sync::Arc, time::Duration};

use domain::SystemClock;
use harness::{Aws, Client};
use store::testing::Database;

use crate::{
    clients::{Sample, Target, load},
    process::Process,
    proxy::KEY,
    tenants,
};

/// How long each is measured, after it was warmed up.
const TIME: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(200);
/// How many clients at a time.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
const TENANTS: usize = 10_000;

/// A kind of answer, and how each asks for it.
struct Kind {
    name: &'static str,
    /// On AWS's wire, of the upstream and the proxy, …
    bare: &'static str,
    /// … on ours, …
    own: (&'static str, &'static str),
    /// … and through our door for AWS's clients.
    wire: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        name: "whole, JSON",
        bare: "/model/amazon.nova-lite-v1%3A0/converse",
        own: ("/v1/models/nova/converse", "application/json"),
        wire: "/bedrock/model/nova/converse",
    },
    Kind {
        name: "stream of 50 events",
        bare: "/model/amazon.nova-lite-v1%3A0/converse-stream",
        own: ("/v1/models/nova/converse", "text/event-stream"),
        wire: "/bedrock/model/nova/converse-stream",
    },
];

/// The processes, and a key of the service's.
struct Stage {
    upstream: Process,
    proxy: Process,
    service: Process,
    key: String,
}

/// How it went, and what it cost the process that was asked, in microseconds a request.
struct Measured {
    sample: Sample,
    cpu: f64,
    /// What it then held in memory, in MB.
    resident: f64,
}

pub(crate) async fn measure() {
    let database = Database::new().await;
    let aws = Aws::start(Arc::new(SystemClock)).await;
    let key = {
        let service = serve(&database, &aws.url, &aws.url);
        tenants::connect(&operator(&service), &aws).await
    };
    let upstream = Process::start(&["upstream"]);
    let proxy = Process::start(&["proxy", upstream.told("url")]);
    let service = serve(&database, &aws.url, upstream.told("url"));
    let ready = service.started_in.as_secs_f64();
    let mut stage = Stage {
        upstream,
        proxy,
        service,
        key,
    };
    for kind in &KINDS {
        stage.compare(kind).await;
    }
    println!("\nReady on an existing database after {ready:.2} s.");
    stage.fill(&database).await;
}

fn serve(database: &Database, aws: &str, runtime: &str) -> Process {
    Process::start(&["service", &database.owner_url, &database.url, aws, runtime])
}

fn operator(service: &Process) -> Client {
    Client::new(service.told("url")).bearer(service.told("operator"))
}

impl Stage {
    async fn compare(&mut self, kind: &Kind) {
        println!(
            "\n| {} | requests/s | p50 added, ms | p99 added, ms | own CPU, µs | times the proxy's | MB |\n|---|---|---|---|---|---|---|",
            kind.name
        );
        let Kind {
            bare, own, wire, ..
        } = *kind;
        for connections in CONNECTIONS {
            let asked = |accept| (KEY.to_owned(), accept);
            let raw = measured(&mut self.upstream, bare, asked("*/*"), connections).await;
            let proxy = measured(&mut self.proxy, bare, asked("*/*"), connections).await;
            let asked = |accept| (self.key.clone(), accept);
            let own = measured(&mut self.service, own.0, asked(own.1), connections).await;
            let wire = measured(&mut self.service, wire, asked("*/*"), connections).await;
            for (name, measured) in [
                ("minimal signed proxy", &proxy),
                ("`/v1`", &own),
                ("`/bedrock`", &wire),
            ] {
                let added =
                    |percent| measured.sample.percentile(percent) - raw.sample.percentile(percent);
                println!(
                    "| {name}, {connections} clients | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
                    measured.sample.per_second(),
                    added(50),
                    added(99),
                    measured.cpu,
                    measured.cpu / proxy.cpu,
                    measured.resident,
                );
            }
        }
    }

    /// What many tenants need in memory.
    async fn fill(&mut self, database: &Database) {
        let keys = tenants::copy(&operator(&self.service), database, TENANTS).await;
        let before = self.service.used().resident;
        tenants::converse(&Client::new(self.service.told("url")), &keys).await;
        let after = self.service.used().resident;
        println!("With {TENANTS} tenants warm it holds {after:.0} MB, {before:.0} before that.");
    }
}

/// Asks one process, warmed up before.
async fn measured(
    process: &mut Process,
    path: &str,
    (key, accept): (String, &'static str),
    connections: usize,
) -> Measured {
    let target = Target {
        url: process.told("url").to_owned(),
        path: path.to_owned(),
        key,
        accept,
    };
    load(&target, connections, WARM_UP).await;
    let before = process.used();
    let sample = load(&target, connections, TIME).await;
    let after = process.used();
    let cpu = (after.cpu - before.cpu).as_secs_f64() * 1e6;
    Measured {
        cpu: cpu / sample.requests as f64,
        sample,
        resident: after.resident,
    }
}
