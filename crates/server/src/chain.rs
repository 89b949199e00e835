//! An error with its causes, on one line.

/// The error's text, and its causes' behind it. Errors of ours hold no secret in their text.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
