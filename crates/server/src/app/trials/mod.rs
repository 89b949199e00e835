//! Tests: of what is entered, and of what is saved.

mod connection;
mod entry;
mod reached;
mod runs;
mod trial;
mod verdict;

use bedrock::report::{Report, Status};
use domain::Region;
use serde_json::{Value, json};
use store::TenantTx;

use super::{Caller, Result, access::Way, audit, draft::Draft};
use crate::Context;

pub use connection::test_connection;
pub use entry::test_entry;
pub use runs::{Progress, Run, Runs};
pub(super) use {
    reached::note_reached,
    runs::start,
    trial::{Trial, is_enforced},
    verdict::{Tested, Verdict},
};

/// Notes a test of what was entered.
pub(super) async fn append_tried(
    context: &Context,
    tx: &mut TenantTx,
    caller: &Caller,
    draft: &Draft,
    report: &Report,
) -> Result<()> {
    let (action, subject) = ("connection.tried", draft.subject());
    let detail = found(report, &draft.way, &draft.region);
    audit::append_reached(context, tx, caller, action, subject, report.into(), detail).await?;
    Ok(())
}

/// What the audit log tells of a test besides account and request ids.
fn found(report: &Report, way: &Way, region: &Region) -> Value {
    let failed = report
        .steps
        .iter()
        .find(|step| step.status == Status::Failed)
        .and_then(|step| step.diagnosis.as_ref());
    json!({
        "method": way.method().as_str(),
        "region": region.as_str(),
        "ok": report.ok,
        "code": failed.map(|diagnosis| diagnosis.code.as_str()),
    })
}
