//! Lines for people and scripts.

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

/// An error's text with its causes'.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
