//! Looks for what is wrong with the set-up, and says what to do about it.

pub(crate) mod connection;
mod identity;
mod letter;

use std::process::ExitCode;

use store::{master_keys, schema, signing_keys::Kept, tenants};
use vault::KeyRing;

use super::{Result, local::Local, open, output};
use crate::{
    Context, app,
    cli::Database,
    config::{Config, Environment, Secret},
    random::random,
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
) -> Result<ExitCode> {
    let mut report = Report::default();
    report.note("configuration", Ok("can be read".to_owned()));
    if database.local {
        open::refuse_both(config)?;
        match Local::look(config, environment).await {
            Ok(local) => {
                check(config, &local.url, keys(config, Some(&local)), &mut report).await;
                local.stop().await?;
            }
            Err(error) => report.note("database", Err(output::chain(&*error))),
        }
    } else if let Some(url) = &config.database_url {
        check(config, url, keys(config, None), &mut report).await;
    } else {
        let unset = "DATABASE_URL is not set, and neither is --local";
        report.note("database", Err(unset.to_owned()));
    }
    Ok(if report.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn keys(config: &Config, local: Option<&Local>) -> Result<KeyRing> {
    let kept = match (&config.master_key, local) {
        (Some(keys), _) => Some(keys.clone()),
        (None, Some(local)) => local.kept_master_key()?,
        (None, None) => None,
    };
    let missing = match local {
        Some(_) => "master.key is missing from the data folder: restore it, or set BI_MASTER_KEY",
        None => "BI_MASTER_KEY is not set",
    };
    open::ring(&kept.ok_or(missing)?)
}

/// What lacks keys is checked all the same, wherever it needs none.
async fn check(config: &Config, url: &Secret, keys: Result<KeyRing>, report: &mut Report) {
    let (ring, missing) = match keys {
        Ok(ring) => (Ok(ring), None),
        // Keys that nothing is sealed with: of the checks below, only the one of the keys looks at them.
        Err(error) => (
            KeyRing::parse(&KeyRing::generate(&mut random())),
            Some(output::chain(&*error)),
        ),
    };
    let context = ring
        .map_err(Into::into)
        .and_then(|ring| open::context(config, url, ring, open::own_identity(config), false));
    let context = match context {
        Ok(context) => context,
        Err(error) => return report.note("database", Err(output::chain(&*error))),
    };
    report.store("database", connect(&context).await);
    report.store("role and schema", fit(&context).await);
    match missing {
        Some(missing) => report.note("master key", Err(missing)),
        None => {
            report.store("master key", sealing(&context).await);
            signing(&context, report).await;
        }
    }
    if let Some(verdict) = identity::check(&context).await {
        report.note("AWS identity", verdict);
    }
    for verdict in context.callers.check_providers().await {
        report.note("identity provider", verdict);
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

/// One that cannot be opened is never replaced, and the newest one keeps all others from being made.
async fn signing(context: &Context, report: &mut Report) {
    const WHAT: &str = "signing keys";
    let kept = match signing_keys(context).await {
        Ok(kept) => kept,
        Err(error) => return report.store(WHAT, Err(error)),
    };
    for (id, error) in &kept.closed {
        let remedy = format!("if it is lost for good, run: bedrock-integrations keys discard {id}");
        report.note(
            WHAT,
            Err(format!("{id}: {}; {remedy}", output::chain(error))),
        );
    }
    if kept.closed.is_empty() {
        let verdict = match (kept.opened.len(), context.issuer.why_not()) {
            (0, None) => "the first start makes one".to_owned(),
            (0, Some(why_not)) => why_not.to_owned(),
            (count, _) => format!("{count} can be opened"),
        };
        report.note(WHAT, Ok(verdict));
    }
}

async fn signing_keys(context: &Context) -> store::Result<Kept> {
    let mut tx = context.store.platform().await?;
    app::signing_keys::all(context, &mut tx).await
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
