//! Runs a command with `DATABASE_URL` set to an empty PostgreSQL that is gone afterwards:
//!
//! ```sh
//! cargo run -p local-postgres --example with-postgres -- psql
//! ```

use std::{
    env,
    error::Error,
    process::{Command, ExitCode},
};

use local_postgres::{Cluster, Options};

#[expect(
    clippy::print_stderr,
    reason = "a program: this is where its user looks"
)]
fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("with-postgres: {error}");
        ExitCode::FAILURE
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program: it hands the environment to the library, which reads none"
)]
fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let program = arguments
        .next()
        .ok_or("usage: with-postgres <command> [argument]…")?;
    let temporary = env::temp_dir();
    // Beside this program: what is run from there must be writable by nobody else.
    let cache = env::current_exe()?.with_file_name("postgres-cache");
    let options = Options {
        bin: env::var_os("BI_POSTGRES_BIN").map(Into::into),
        path: env::var_os("PATH"),
        ..Options::new(cache)
    };
    let cluster = Cluster::throwaway(&temporary, &options)?;
    let status = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", cluster.url("postgres").expose().as_str())
        .status()?;
    cluster.stop()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
