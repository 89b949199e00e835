//! Master keys and signing keys, from the command line.

use std::process::ExitCode;

use domain::SigningKeyId;
use vault::Version;

use super::{
    Result,
    open::{Opened, refused},
    output,
};
use crate::{
    Context,
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
    let done = match action {
        KeysAction::Rotate { to } => rotate(&opened.context, to).await,
        KeysAction::Discard { id } => discard(&opened.context, id).await,
    };
    opened.close().await?;
    done
}

async fn rotate(context: &Context, to: Version) -> Result<ExitCode> {
    let done = app::rotation::rotate(context, &Caller::command_line(None), to).await;
    let progress = done.map_err(refused)?;
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

async fn discard(context: &Context, id: SigningKeyId) -> Result<ExitCode> {
    match app::signing_keys::discard(context, &Caller::command_line(None), id).await {
        Err(app::Error::NotFound) => {
            return Err(format!("there is no signing key {id} that cannot be opened").into());
        }
        done => done.map_err(refused)?,
    }
    output::line(format!(
        "{id} is deleted; a running service makes the next one within minutes, whose tokens AWS may refuse until it has fetched the new keys"
    ));
    Ok(ExitCode::SUCCESS)
}
