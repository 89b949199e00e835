//! `openapi.yaml`: as generated, complete, and true of the router.

use std::collections::{BTreeMap, BTreeSet};

use harness::Service;
use reqwest::Method;
use serde_json::Value;
use server::api::problem::Code;

use crate::access::documented;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
const PROBLEM: &str = "application/problem+json";

fn document() -> Value {
    serde_json::to_value(server::api::document()).unwrap()
}

/// An operation as JSON, by its name.
fn operations() -> Vec<(String, Value)> {
    let operations = documented().into_iter();
    operations
        .map(|(name, operation)| (name, serde_json::to_value(operation).unwrap()))
        .collect()
}

/// What the operation says that it may answer, but for health and the doors of others' clients, which have answers of their own.
fn refusals(operation: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let doors = ["health", "bedrock", "anthropic", "openai"];
    let has_its_own = doors.contains(&operation["tags"][0].as_str().unwrap());
    let responses = operation["responses"].as_object().unwrap().iter();
    responses.filter(move |(status, _)| !has_its_own && status.as_str() >= "400")
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let generated = server::api::document().to_yaml().unwrap();
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    let (generated, committed) = (generated.trim_end(), committed.trim_end());
    let place = generated
        .lines()
        .zip(committed.lines())
        .position(|(one, other)| one != other);
    let place = place.unwrap_or_else(|| generated.lines().count().min(committed.lines().count()));
    let line = |text: &str| text.lines().nth(place).unwrap_or("(its end)").to_owned();
    assert!(
        generated == committed,
        "openapi.yaml is not what the code says; `cargo run -- openapi > openapi.yaml` writes it anew.\n\
         line {}\ngenerated: {}\ncommitted: {}",
        place + 1,
        line(generated),
        line(committed),
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_a_tag_and_its_credentials() {
    let tags = document()["tags"].as_array().unwrap().clone();
    let mut names = BTreeSet::new();
    for (operation, says) in operations() {
        let name = says["operationId"].as_str().unwrap_or_default();
        assert!(!name.is_empty(), "{operation} has no operationId");
        assert!(
            names.insert(name.to_owned()),
            "{operation} is called {name} like another"
        );
        assert!(
            !says["summary"].as_str().unwrap_or_default().is_empty(),
            "{operation} has no summary"
        );
        let tag = &says["tags"][0];
        assert!(
            tags.iter().any(|declared| declared["name"] == *tag),
            "{operation} has tag {tag}"
        );
        assert!(
            says["security"].is_array(),
            "{operation} does not say which credentials it takes"
        );
    }
}

#[test]
fn every_operation_documents_its_problems() {
    let reference = serde_json::json!("#/components/schemas/Problem");
    for (operation, says) in operations() {
        for (status, response) in refusals(&says) {
            let content = response["content"].as_object();
            let kinds: Vec<_> = content
                .into_iter()
                .flatten()
                .map(|(kind, _)| kind)
                .collect();
            assert_eq!(kinds, [PROBLEM], "{operation} {status}");
            assert_eq!(
                response["content"][PROBLEM]["schema"]["$ref"], reference,
                "{operation} {status}"
            );
        }
        if operation.contains(" /v1/") {
            let statuses: BTreeSet<_> =
                refusals(&says).map(|(status, _)| status.as_str()).collect();
            for needed in ["400", "401", "403", "404", "500", "503"] {
                assert!(
                    statuses.contains(needed),
                    "{operation} does not document {needed}"
                );
            }
        }
    }
}

#[test]
fn the_documented_codes_are_those_of_the_program() {
    let program: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let described = document();
    let documented = described["components"]["schemas"]["Code"]["enum"]
        .as_array()
        .unwrap();
    let documented: Vec<_> = documented
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    assert_eq!(documented, program);
}

#[test]
fn every_code_is_explained_where_its_status_is() {
    let mut explained: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, says) in operations() {
        for (status, response) in refusals(&says) {
            let text = response["description"].as_str().unwrap().to_owned();
            explained.entry(status.clone()).or_default().insert(text);
        }
    }
    // A wrong method is no operation's answer.
    for code in Code::ALL
        .iter()
        .filter(|code| **code != Code::MethodNotAllowed)
    {
        let status = code.status().as_u16().to_string();
        let quoted = format!("`{}`", code.as_str());
        let texts = explained.get(&status);
        assert!(
            texts.is_some_and(|texts| texts.iter().any(|text| text.contains(&quoted))),
            "no description of a {status} names {quoted}"
        );
    }
}

/// The router cannot be asked for its routes, but for each path it can be asked for each method.
#[tokio::test]
async fn the_router_answers_the_documented_methods_of_each_path_and_no_others() {
    let service = Service::start().await;
    let anonymous = service.anonymous();
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (operation, _) in operations() {
        let (method, path) = operation.split_once(' ').unwrap();
        paths
            .entry(path.to_owned())
            .or_default()
            .insert(method.to_owned());
    }
    for (path, methods) in paths {
        let filled = path.replace("{id}", "x").replace("{ref}", "x");
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"] {
            let verb: Method = method.parse().unwrap();
            let answer = anonymous.send(verb, &filled, None).await;
            assert_eq!(
                answer.status != 405,
                methods.contains(method),
                "{method} {path}: {answer:?}"
            );
            if answer.status == 405 {
                let allowed = answer.header("allow").unwrap_or_default().split(',');
                let allowed: BTreeSet<_> = allowed
                    .filter(|name| *name != "HEAD")
                    .map(str::to_owned)
                    .collect();
                assert_eq!(allowed, methods, "the header Allow of {path}");
                let doors = ["/bedrock/", "/anthropic/", "/openai/"];
                if !doors.iter().any(|door| path.starts_with(door)) {
                    assert_eq!(answer.problem(), (405, "method_not_allowed"));
                }
            }
        }
    }
}
