//! Looks for what is wrong with the set-up, and says what to do about it.

use std::process::ExitCode;

use store::{master_keys, schema, tenants};

use super::{Result, local::Local, open, output};
use crate::{
    Context,
    cli::Database,
    config::{Config, Environment, Secret},
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
) -> Result<ExitCode> {
    let mut report = Report::default();
    report.note("configuration", Ok("can be read".to_owned()));
    let local = if database.local {
        open::refuse_both(config)?;
        Some(Local::reach(config, environment).await?)
    } else {
        None
    };
    let url = local
        .as_ref()
        .map(|local| local.url.clone())
        .or_else(|| config.database_url.clone());
    let keys = match (&config.master_key, &local) {
        (Some(keys), _) => Some(keys.clone()),
        (None, Some(local)) => Some(local.master_key().await?),
        (None, None) => None,
    };
    match (url, keys) {
        (None, _) => report.note(
            "database",
            Err("DATABASE_URL is not set, and neither is --local".to_owned()),
        ),
        (_, None) => report.note("master key", Err("BI_MASTER_KEY is not set".to_owned())),
        (Some(url), Some(keys)) => check(config, &url, &keys, &mut report).await,
    }
    if let Some(local) = local {
        local.stop().await?;
    }
    Ok(if report.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn check(config: &Config, url: &Secret, keys: &Secret, report: &mut Report) {
    match open::context(config, url, keys, false) {
        Err(error) => report.note("master key", Err(output::chain(&*error))),
        Ok(context) => {
            report.store("database", connect(&context).await);
            report.store("role and schema", fit(&context).await);
            report.store("master key", sealing(&context).await);
            for verdict in context.callers.check_providers().await {
                report.note("identity provider", verdict);
            }
        }
    }
}

async fn connect(context: &Context) -> store::Result<String> {
    context.store.platform().await.map(|_| "answers".to_owned())
}

async fn fit(context: &Context) -> store::Result<String> {
    let mut tx = context.store.platform().await?;
    schema::check(&mut tx).await?;
    let tenants = tenants::ids_after(&mut tx, None).await?.len();
    Ok(format!(
        "the tenant barrier holds; {}{tenants} tenants",
        if tenants == 500 { "at least " } else { "" }
    ))
}

async fn sealing(context: &Context) -> store::Result<String> {
    let mut tx = context.store.platform().await?;
    match master_keys::active(&mut tx, &context.ring).await {
        Ok(version) => Ok(format!("version {version} seals")),
        Err(store::Error::NoMasterKey) => Ok(format!(
            "version {} will seal from the first start on",
            context.ring.newest().version()
        )),
        Err(error) => Err(error),
    }
}

#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn store(&mut self, what: &str, verdict: store::Result<String>) {
        self.note(what, verdict.map_err(|error| output::chain(&error)));
    }

    fn note(&mut self, what: &str, verdict: std::result::Result<String, String>) {
        match verdict {
            Ok(text) => output::line(format!("ok    {what}: {text}")),
            Err(text) => {
                self.failed = true;
                output::line(format!("FAIL  {what}: {text}"));
            }
        }
    }
}
