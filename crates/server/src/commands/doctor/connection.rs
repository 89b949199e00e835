//! A tenant's connection: what its test finds, for the operator, and in words for the customer.

use std::{process::ExitCode, sync::Arc};

use bedrock::report::{Report, Status, Step};
use domain::{ConnectionId, Federation, TenantId};
use serde_json::json;

use super::{
    identity,
    letter::{details, headline, letter, title},
};
use crate::{
    api::report,
    app::{
        Caller,
        connections::{self, Saved},
        trials,
    },
    cli::Database,
    commands::{
        Result,
        open::{Opened, refused},
        output,
    },
    config::{Config, Environment},
};

/// What is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Which connection.
    pub(crate) connection: ConnectionId,
    /// Whose, by id or ref, if that is known.
    pub(crate) tenant: Option<String>,
    /// Whether the answer is for a program.
    pub(crate) json: bool,
}

/// Tests a connection as its tenant could, and says what to send to the customer.
pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
    asked: Asked,
) -> Result<ExitCode> {
    let opened = Opened::for_command(config, database, environment).await?;
    let tested = test(&opened, &asked).await;
    opened.close().await?;
    let tested = tested?;
    if asked.json {
        output::line(tested.json());
    } else {
        tested.print();
    }
    Ok(if tested.report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Tested {
    tenant: TenantId,
    saved: Saved,
    report: Arc<Report>,
    /// As whom AWS was asked for the role, or what is wrong with that; none for any other way.
    identity: Option<std::result::Result<String, String>>,
    letter: String,
}

async fn test(opened: &Opened, asked: &Asked) -> Result<Tested> {
    let (context, id) = (&opened.context, asked.connection);
    let tenant = match &asked.tenant {
        Some(named) => opened.tenant(named).await?,
        None => connections::owner(context, &Caller::command_line(None), id)
            .await
            .map_err(refused)?,
    };
    let caller = Caller::command_line(Some(tenant));
    let mut run = trials::test_connection(context, &caller, id, None)
        .await
        .map_err(refused)?;
    let report = run.report().await.map_err(refused)?;
    let saved = connections::read(context, &caller, id)
        .await
        .map_err(refused)?;
    let identity = match saved.access.fields.federation() {
        Some(Federation::AssumeRole) => identity::check(context).await,
        Some(Federation::Oidc) | None => None,
    };
    Ok(Tested {
        identity,
        letter: letter(&saved.connection, &report, context.now()),
        tenant,
        saved,
        report,
    })
}

impl Tested {
    fn print(&self) {
        let Self { saved, report, .. } = self;
        let connection = &saved.connection;
        let reason = connection.state_reason.as_deref().unwrap_or_default();
        output::line(format!(
            "{} of {}: {} in {}, {} {reason}",
            connection.id,
            self.tenant,
            saved.access.fields.method().as_str(),
            connection.region,
            connection.state.as_str(),
        ));
        match &self.identity {
            Some(Ok(arn)) => output::line(format!("ok    AWS identity: {arn}")),
            Some(Err(wrong)) => output::line(format!("warn  AWS identity: {wrong}")),
            None => {}
        }
        for step in &report.steps {
            output::line(told(step));
        }
        let reached = [
            ("account", report.account_id.map(|id| id.to_string())),
            ("identity", report.identity_arn.clone()),
            ("models", report.models.map(|count| count.to_string())),
        ];
        for (what, value) in reached {
            if let Some(value) = value {
                output::line(format!("{what}: {value}"));
            }
        }
        output::line(format!("\nFor the customer:\n\n{}", self.letter.trim_end()));
    }

    fn json(&self) -> serde_json::Value {
        let connection = &self.saved.connection;
        json!({
            "tenant_id": self.tenant.to_string(),
            "connection_id": connection.id.to_string(),
            "state": connection.state.as_str(),
            "state_reason": connection.state_reason,
            "own_identity": self.identity.as_ref().map(|found| json!({
                "ok": found.is_ok(),
                "message": found.as_ref().unwrap_or_else(|wrong| wrong),
            })),
            "report": report::Report::from(&*self.report),
            "letter": self.letter,
        })
    }
}

/// What a step found: all that the report says of it.
fn told(step: &Step) -> String {
    let (verdict, name, latency) = (verdict(step.status), title(step.name), step.latency_ms);
    let Some(diagnosis) = &step.diagnosis else {
        return format!("{verdict}  {name}: {latency} ms");
    };
    let headline = headline(diagnosis);
    let mut text = format!("{verdict}  {name}: {headline}, {latency} ms");
    if diagnosis.retryable {
        text.push_str(", may pass by itself");
    }
    for line in details(diagnosis).lines() {
        text.push_str("\n    ");
        text.push_str(line);
    }
    text
}

const fn verdict(status: Status) -> &'static str {
    match status {
        Status::Passed => "ok  ",
        Status::Warning => "warn",
        Status::Failed => "FAIL",
        Status::Skipped => "skip",
    }
}
