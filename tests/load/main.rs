//! What the service costs: `cargo bench -p acceptance`. Every figure is to be read as a ratio to another of the same run.
//!
//! The data plane is measured against the least that a proxy can do. Both run in processes of their own on one thread each, so
//! that what a process uses is its own; this process is the clients, what answers for Bedrock Runtime, the database's owner,
//! and the AWS that gives leases.
//!
//! While it asks, this process does not sleep. Else whoever writes to it would have to wake its processor, which over
//! loopback is counted to the writer, in a virtual machine costs as much as a small request, and befalls a slow writer more
//! often than a fast one.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing to say"
)]

mod clients;
mod control;
mod data;
mod doors;
mod process;
mod proxy;
mod ready;
mod server;
mod service;
mod streams;
mod tenants;
mod upstream;

use tokio::runtime::Builder;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let threads = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    threads.block_on(async {
        match arguments[..] {
            ["proxy", upstream] => proxy::run(upstream).await,
            ["service", owner_url, url, aws, runtime] => {
                service::run(owner_url, url, aws, runtime).await;
            }
            ["program", url, address] => ready::run(url, address).await,
            // What cargo and its users pass is not for us.
            _ => {
                data::measure().await;
                ready::measure().await;
                control::measure().await;
            }
        }
    });
}
