//! Prints the description of the API, as it is committed in `openapi.yaml`.

use std::process::ExitCode;

use super::{Result, output};
use crate::api;

pub(crate) fn run() -> Result<ExitCode> {
    output::line(api::document().to_yaml()?.trim_end());
    Ok(ExitCode::SUCCESS)
}
