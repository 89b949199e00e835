//! All recorded cases, run by one walker, which also looks for their secrets wherever one could come to light.

use std::{error::Error as StdError, iter, sync::Arc};

use credential_provider::cognito::TokenStore;
use serde_json::json;

use crate::{
    case::{Case, aws},
    log::Log,
    outcome,
    traffic::Traffic,
};

/// What every secret in the recordings has in it.
const SECRET: &str = "sesam";

#[tokio::test(start_paused = true)]
async fn every_case_comes_out_as_recorded_and_shows_no_secret() {
    let cases = Case::all();
    let mut faults = Vec::new();
    for case in &cases {
        let found = run(case).await;
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", case.name())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(cases.len() > 100, "{} cases are not all", cases.len());
}

/// What is not as it should be.
async fn run(case: &Case) -> Vec<String> {
    let log = Log::start();
    let traffic = Traffic::read(&case.recording());
    let tokens = case.kept().await;
    let way = case.way(Arc::clone(&tokens));
    let result = way.lease(&aws(traffic.clone()), &case.region()).await;

    let mut outcome = outcome::of(&result);
    if case.strategy == "cognito" {
        let kept = outcome::kept(&tokens.load().await.unwrap());
        outcome = json!({ "result": outcome, "kept": kept });
    }
    let mut faults = traffic.surprises();
    if outcome != case.outcome() {
        faults.push(format!("came out as {outcome:#}"));
    }
    let mut shown = vec![log.text(), format!("{result:?}")];
    if let Err(error) = &result {
        let chain = iter::successors(Some(error as &dyn StdError), |&error| error.source());
        shown.extend(chain.map(|error| format!("{error} {error:?}")));
    }
    faults.extend(shown.into_iter().filter(|text| text.contains(SECRET)));
    faults
}
