//! Lines for people and scripts.

pub(crate) use crate::chain::chain;

/// Prints a line of the result.
#[expect(clippy::print_stdout, reason = "commands print their results")]
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Prints what went wrong, with its causes.
#[expect(clippy::print_stderr, reason = "commands print their errors")]
pub(crate) fn error(error: &(dyn std::error::Error + 'static)) {
    eprintln!("error: {}", chain(error));
}
