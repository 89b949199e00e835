//! ListAsyncInvokes: always empty, since nothing is invoked asynchronously here. Clients ask it to learn, free of charge,
//! whether their credentials are good for the runtime.

use serde_json::json;

use crate::{
    Call, Principal, Refusal,
    answer::Answer,
    bedrock::{permission, query},
};

pub(super) fn list(call: &Call, caller: &Principal) -> Result<Answer, Refusal> {
    permission::require(call, caller, "bedrock:ListAsyncInvokes")?;
    query::one_of(
        call,
        "statusEquals",
        "statusEquals",
        &["InProgress", "Completed", "Failed"],
    )?;
    let (none, _) = query::page(call, Vec::<()>::new())?;
    Ok(Answer::json(&json!({ "asyncInvokeSummaries": none })))
}
