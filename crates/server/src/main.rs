//! The one binary.

use std::{ffi::OsStr, process::ExitCode};

use clap::Parser;
use rustix::process::{Resource, Rlimit};
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
    raise_file_limit();
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

/// Each connection is an open file, and the usual limit is a courtesy to programs of the last century.
fn raise_file_limit() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    // Refused, the lower limit holds, and the service takes fewer connections.
    let _ = rustix::process::setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
}
