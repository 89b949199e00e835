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

/// How long each is measured, after it was warmed up …
const TIME: Duration = Duration::from_millis(400);
/// … and how often, in turn with the others: what else the machine does is then the same for all.
const ROUNDS: usize = 5;
const WARM_UP: Duration = Duration::from_millis(50);
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

/// How it went, and what it cost the process that was asked.
struct Measured {
    name: &'static str,
    target: Target,
    sample: Sample,
    cpu: Duration,
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
            let mut raw =
                Measured::new("upstream itself", BARE.target(&self.upstream, KEY, streams));
            let mut proxy = Measured::new(BARE.name, BARE.target(&self.proxy, KEY, streams));
            let mut doors = DOORS.each_ref().map(|door| {
                let target = door.target(&self.service, &self.key, streams);
                Measured::new(door.name, target)
            });
            for _ in 0..ROUNDS {
                raw.ask(&mut self.upstream, clients).await;
                proxy.ask(&mut self.proxy, clients).await;
                for door in &mut doors {
                    door.ask(&mut self.service, clients).await;
                }
            }
            raw.print(clients, &raw, &proxy);
            proxy.print(clients, &raw, &proxy);
            for door in &doors {
                door.print(clients, &raw, &proxy);
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

impl Measured {
    fn new(name: &'static str, target: Target) -> Self {
        Self {
            name,
            target,
            sample: Sample::default(),
            cpu: Duration::ZERO,
            resident: 0.0,
        }
    }

    /// Asks the process once more, warmed up before.
    async fn ask(&mut self, process: &mut Process, clients: usize) {
        load(&self.target, clients, WARM_UP).await;
        let before = process.used();
        let sample = load(&self.target, clients, TIME).await;
        let after = process.used();
        self.sample.add(sample);
        self.cpu += after.cpu - before.cpu;
        self.resident = after.resident;
    }

    /// In microseconds a request.
    fn cpu(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.sample.requests() as f64
    }

    /// A row: what it added to the upstream's own answer, and cost beside the proxy.
    fn print(&self, clients: usize, raw: &Self, proxy: &Self) {
        let added = |percent| self.sample.percentile(percent) - raw.sample.percentile(percent);
        println!(
            "| {}, {clients} clients | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {:.0} |",
            self.name,
            self.sample.per_second(),
            added(50),
            added(99),
            self.cpu(),
            self.cpu() / proxy.cpu(),
            self.resident,
        );
    }
}
