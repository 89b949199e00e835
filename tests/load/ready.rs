//! How soon the program is ready, on a database that it has served before.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use clap::Parser;
use server::cli::{self, Cli};
use store::testing::Database;

/// How often it is asked.
const OFTEN: Duration = Duration::from_millis(2);
const KEY: &str = "1:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs=";

/// The program itself, as its `main` runs it.
pub(crate) async fn run(url: &str, address: &str) {
    let variables = [
        ("DATABASE_URL", url),
        ("BI_LISTEN", address),
        ("BI_OPS_LISTEN", "127.0.0.1:0"),
        ("BI_MASTER_KEY", KEY),
    ];
    let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let cli = Cli::parse_from(["bedrock-integrations", "serve"]);
    cli::run(cli, &environment.into()).await;
}

/// Starts it twice, and tells of the second time.
pub(crate) async fn measure() {
    let database = Database::new().await;
    ready_after(&database.url).await;
    let ready = ready_after(&database.url).await.as_secs_f64();
    println!("\nReady on an existing database after {ready:.2} s, from the start of the process.");
}

async fn ready_after(url: &str) -> Duration {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let client = reqwest::Client::new();
    let readyz = format!("http://{address}/readyz");
    let began = Instant::now();
    let program = Program::start(&["program", url, &address]);
    let mut often = tokio::time::interval(OFTEN);
    loop {
        often.tick().await;
        let answer = client.get(&readyz).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            drop(program);
            return began.elapsed();
        }
    }
}

/// Killed when it is dropped.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
