//! What the service asks of AWS in a customer's account, and what a session of it may do at most: the first is in the
//! second, or customers would be told of permissions that their roles have.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

use std::{collections::BTreeSet, fs, path::Path};

use bedrock::{catalogue::List, transport::Operation};
use credential_provider::iam_role::ACTIONS;

/// How the names of AWS's operations begin.
const VERBS: [&str; 14] = [
    "apply_", "batch_", "converse", "count_", "create_", "delete_", "get_", "invoke_", "list_",
    "put_", "start_", "stop_", "tag_", "update_",
];

/// The action that an operation needs: usually its own name.
fn action(operation: &str) -> String {
    match operation {
        "GetCallerIdentity" => "sts:GetCallerIdentity".to_owned(),
        "Converse" => "bedrock:InvokeModel".to_owned(),
        "ConverseStream" => "bedrock:InvokeModelWithResponseStream".to_owned(),
        other => format!("bedrock:{other}"),
    }
}

/// The operations of SDK clients that a source calls: methods that are named like one and take nothing. Too many rather
/// than too few.
fn called(code: &str) -> impl Iterator<Item = String> {
    code.split('.').filter_map(|rest| {
        let (name, _) = rest.split_once("()")?;
        let is_name = name
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_lowercase());
        let is_operation = is_name && VERBS.iter().any(|verb| name.starts_with(verb));
        is_operation.then(|| camel(name))
    })
}

fn camel(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').map(capital).collect()
}

fn sources(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.extend(called(&fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn whatever_is_called_is_below_the_ceiling() {
    let mut operations = BTreeSet::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut operations,
    );
    for expected in [
        "GetCallerIdentity",
        "GetFoundationModelAvailability",
        "ListFoundationModels",
    ] {
        assert!(operations.contains(expected), "{expected} is not found");
    }
    operations.extend(List::ALL.map(|list| list.operation().to_owned()));
    operations.extend(Operation::ALL.map(|operation| operation.name().to_owned()));
    for operation in operations {
        let action = action(&operation);
        assert!(ACTIONS.contains(&action.as_str()), "{action} is above it");
    }
}

#[test]
fn what_the_catalogue_says_it_needs_is_below_the_ceiling() {
    for list in List::ALL {
        assert!(ACTIONS.contains(&list.action()), "{}", list.action());
    }
}
