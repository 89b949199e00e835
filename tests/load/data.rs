//! What the data plane costs, beside the least that a proxy can do; and what many tenants cost.

use std::{sync::Arc, time::Duration};

use domain::SystemClock;
use harness::{Aws, Client};
use store::testing::Database;

use crate::{
    clients::{Sample, Target, load},
    doors::{DOORS, Door, ENDLESS, Form, LIMITS, SIGNS, UPSTREAM},
    process::Process,
    proxy::KEY,
    streams, tenants, upstream,
};

/// How long each is measured, after it was warmed up …
const TIME: Duration = Duration::from_millis(400);
/// … and how often, in turn with the others: what else the machine does is then the same for all.
const ROUNDS: usize = 5;
const WARM_UP: Duration = Duration::from_millis(50);
/// How many clients at a time.
const CLIENTS: [usize; 3] = [1, 16, 64];
const TENANTS: usize = 10_000;
/// How many times the CPU of its practical limit a door may need.
const AIM: u32 = 2;

/// The processes, what is behind them, and a key of the service's.
struct Stage {
    upstream: String,
    proxy: Process,
    service: Process,
    key: String,
}

/// How it went.
struct Measured {
    name: &'static str,
    form: Form,
    target: Target,
    sample: Sample,
    /// What it cost the process that was asked.
    cpu: Duration,
    /// What that then held in memory, in MB.
    resident: f64,
}

pub(crate) async fn measure() {
    let database = Database::new().await;
    let aws = Aws::start(Arc::new(SystemClock)).await;
    let key = {
        let service = serve(&database, &aws.url, &aws.url);
        tenants::connect(&operator(&service), &aws).await
    };
    let upstream = upstream::run().await;
    let proxy = Process::start(&["proxy", &upstream]);
    let service = serve(&database, &aws.url, &upstream);
    let mut stage = Stage {
        upstream,
        proxy,
        service,
        key,
    };
    for streams in [false, true] {
        stage.compare(streams).await;
    }
    let endless = ENDLESS.target(stage.service.told("url"), &stage.key, true);
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
    /// All doors beside the practical limits, for whole answers or for streams.
    async fn compare(&mut self, streams: bool) {
        let kind = if streams {
            "stream of 50 events"
        } else {
            "whole, JSON"
        };
        println!(
            "\n| {kind} | requests/s | p50 added, ms | p99 added, ms | own CPU, µs | times its limit's | times the signing proxy's | MB |\n|---|---|---|---|---|---|---|---|"
        );
        let mut most: f64 = 0.0;
        for clients in CLIENTS {
            let of = |door: &Door, url: &str, key: &str| {
                Measured::new(door, door.target(url, key, streams))
            };
            let (proxy, service) = (self.proxy.told("url"), self.service.told("url"));
            let mut raw = of(&UPSTREAM, &self.upstream, KEY);
            let mut signs = of(&SIGNS, proxy, KEY);
            let mut limits = LIMITS.each_ref().map(|door| of(door, proxy, KEY));
            let mut doors = DOORS.each_ref().map(|door| of(door, service, &self.key));
            for _ in 0..ROUNDS {
                raw.ask(None, clients).await;
                signs.ask(Some(&mut self.proxy), clients).await;
                for limit in &mut limits {
                    limit.ask(Some(&mut self.proxy), clients).await;
                }
                for door in &mut doors {
                    door.ask(Some(&mut self.service), clients).await;
                }
            }
            // It is in this process, which costs nothing that is measured.
            println!("{} | | | |", raw.row(clients, &raw));
            for row in [&signs].into_iter().chain(&limits).chain(&doors) {
                let mut limits = limits.iter();
                let limit = limits.find(|limit| limit.form == row.form).unwrap();
                most = most.max(row.cpu() / limit.cpu());
                println!(
                    "{} {:.0} | {:.2} | {:.2} | {:.0} |",
                    row.row(clients, &raw),
                    row.cpu(),
                    row.cpu() / limit.cpu(),
                    row.cpu() / signs.cpu(),
                    row.resident,
                );
            }
        }
        println!("\nAt most {most:.2} times its limit's CPU; the aim is {AIM}.");
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
    fn new(door: &Door, target: Target) -> Self {
        Self {
            name: door.name,
            form: door.form,
            target,
            sample: Sample::default(),
            cpu: Duration::ZERO,
            resident: 0.0,
        }
    }

    /// Asks once more, warmed up before: a process, whose use is noted, or whatever is in this one.
    async fn ask(&mut self, process: Option<&mut Process>, clients: usize) {
        load(&self.target, clients, WARM_UP).await;
        let Some(process) = process else {
            return self.sample.add(load(&self.target, clients, TIME).await);
        };
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

    /// A row's beginning: how fast it was, and what it added to the upstream's own answer.
    fn row(&self, clients: usize, raw: &Self) -> String {
        let added = |percent| self.sample.percentile(percent) - raw.sample.percentile(percent);
        format!(
            "| {}, {clients} clients | {:.0} | {:.2} | {:.2} |",
            self.name,
            self.sample.per_second(),
            added(50),
            added(99),
        )
    }
}
