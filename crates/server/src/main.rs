//! The one binary.

use std::{ffi::OsStr, process::ExitCode};

use clap::Parser;
use server::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge, where the environment is read once"
    )]
    let environment = std::env::vars_os()
        // What is not text becomes a value that its variable refuses by name.
        .map(|(name, value)| (lossy(&name), lossy(&value)))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(cli, &environment)),
        Err(_) => ExitCode::FAILURE,
    }
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}
