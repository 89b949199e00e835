//! Master keys, from the command line.

use std::process::ExitCode;

use super::{
    Result,
    open::{Opened, refused},
    output,
};
use crate::{
    app::{self, Caller},
    cli::{Database, KeysAction},
    config::{Config, Environment},
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
    action: KeysAction,
) -> Result<ExitCode> {
    let opened = Opened::for_command(config, database, environment).await?;
    let KeysAction::Rotate { to } = action;
    let done = app::rotation::rotate(&opened.context, &Caller::command_line(None), to)
        .await
        .map_err(refused);
    opened.close().await?;
    let progress = done?;
    output::line(format!(
        "version {to} seals; {} secrets re-wrapped, {} unreadable",
        progress.rewrapped, progress.unreadable
    ));
    if progress.unreadable > 0 {
        output::line("the unreadable ones are in the log; keep every key until they are settled");
        return Ok(ExitCode::FAILURE);
    }
    output::line(format!(
        "the keys of other versions may be removed once every replica has version {to}"
    ));
    Ok(ExitCode::SUCCESS)
}
