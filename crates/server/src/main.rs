//! The one binary.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge, where the environment is read once"
    )]
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(cli, &environment)),
        Err(_) => ExitCode::FAILURE,
    }
}
