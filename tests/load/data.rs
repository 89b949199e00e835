//! What the data plane costs, beside a minimal signed proxy; and what many tenants cost.

use std::{sync::Arc, time::Duration};

use domain::SystemClock;
use harness::{Aws, Client};
use store::testing::Database;

use crate::{
    clients::{Sample, Target, load},
    doors::{BARE, DOORS, ENDLESS},
    process::Process,
    proxy::KEY,
    streams, tenants,
};

/// How long each is measured, after it was warmed up.
const TIME: Duration = Duration::from_secs(2);
const WARM_UP: Duration = Duration::from_millis(200);
/// How many clients at a time.
const CLIENTS: [usize; 3] = [1, 16, 64];
const TENANTS: usize = 10_000;

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
    let mut stage = Stage {
        upstream,
        proxy,
        service,
        key,
    };
    for streams in [false, true] {
        stage.compare(streams).await;
    }
    let endless = ENDLESS.target(&stage.service, &stage.key, true);
    streams::slow_readers(&mut stage.service, &endless).await;
    streams::given_up(&mut stage.service, &endless).await;
    stage.fill(&database).await;
}

fn serve(database: &Database, aws: &str, runtime: &str) -> Process {
    Process::start(&["service", &database.owner_url, &database.url, aws, runtime])
}

fn operator(service: &Process) -> Client {
    Client::new(service.told("url")).bearer(service.told("operator"))
}

impl Stage {
    /// All doors beside the minimal proxy, for whole answers or for streams.
    async fn compare(&mut self, streams: bool) {
        let kind = if streams {
            "stream of 50 events"
        } else {
            "whole, JSON"
        };
        println!(
            "\n| {kind} | requests/s | p50 added, ms | p99 added, ms | own CPU, µs | times the proxy's | MB |\n|---|---|---|---|---|---|---|"
        );
        for clients in CLIENTS {
            let target = BARE.target(&self.upstream, KEY, streams);
            let raw = measured(&mut self.upstream, &target, clients).await;
            let target = BARE.target(&self.proxy, KEY, streams);
            let proxy = measured(&mut self.proxy, &target, clients).await;
            print("upstream itself", clients, &raw, &raw, &proxy);
            print(BARE.name, clients, &proxy, &raw, &proxy);
            for door in &DOORS {
                let target = door.target(&self.service, &self.key, streams);
                let through = measured(&mut self.service, &target, clients).await;
                print(door.name, clients, &through, &raw, &proxy);
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

/// A row: what a door added to the upstream's own answer, and cost beside the proxy.
fn print(name: &str, clients: usize, through: &Measured, raw: &Measured, proxy: &Measured) {
    let added = |percent| through.sample.percentile(percent) - raw.sample.percentile(percent);
    println!(
        "| {}, {clients} clients | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
        name,
        through.sample.per_second(),
        added(50),
        added(99),
        through.cpu,
        through.cpu / proxy.cpu,
        through.resident,
    );
}

/// Asks one process, warmed up before.
async fn measured(process: &mut Process, target: &Target, clients: usize) -> Measured {
    load(target, clients, WARM_UP).await;
    let before = process.used();
    let sample = load(target, clients, TIME).await;
    let after = process.used();
    let cpu = (after.cpu - before.cpu).as_secs_f64() * 1e6;
    Measured {
        cpu: cpu / sample.requests as f64,
        sample,
        resident: after.resident,
    }
}
