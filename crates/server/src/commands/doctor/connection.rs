//! A tenant's connection: what its test finds, for the operator, and in words for the customer.

use std::{process::ExitCode, sync::Arc};

use bedrock::report::{Report, Status};
use domain::{ConnectionId, TenantId};
use serde_json::json;

use super::letter::{letter, title};
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
    Ok(Tested {
        letter: letter(&saved.connection, &report, context.now()),
        tenant,
        saved,
        report,
    })
}

impl Tested {
    fn print(&self) {
        for step in &self.report.steps {
            let (verdict, name) = (verdict(step.status), title(step.name));
            match &step.diagnosis {
                Some(diagnosis) => {
                    output::line(format!("{verdict}  {name}: {}", diagnosis.code.as_str()));
                }
                None => output::line(format!("{verdict}  {name}: {} ms", step.latency_ms)),
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
            "report": report::Report::from(&*self.report),
            "letter": self.letter,
        })
    }
}

const fn verdict(status: Status) -> &'static str {
    match status {
        Status::Passed => "ok  ",
        Status::Warning => "warn",
        Status::Failed => "FAIL",
        Status::Skipped => "skip",
    }
}
