//! Every operation × every role, in one table.
//!
//! To add an operation: 1. its row here; 2. what to send, in `world.rs`.

use std::{collections::BTreeSet, sync::Arc};

use domain::SystemClock;
use harness::{Aws, Options, Service};
use utoipa::openapi::path::{Operation, PathItem};

use crate::world::{Role, World};

/// The status that each role gets for an otherwise faultless request about tenant A.
const TABLE: &str = "
operation                      | anon | viewer@A | member@A | admin@A | admin@B | operator | operator on A
-------------------------------|------|----------|----------|---------|---------|----------|--------------
GET    /livez                  | 200  | 200      | 200      | 200     | 200     | 200      | 200
GET    /readyz                 | 200  | 200      | 200      | 200     | 200     | 200      | 200
GET    /health                 | 200  | 200      | 200      | 200     | 200     | 200      | 200
GET    /v1/tenants             | 401  | 403      | 403      | 403     | 403     | 200      | 200
POST   /v1/tenants             | 401  | 403      | 403      | 403     | 403     | 201      | 201
GET    /v1/tenants/{id}        | 401  | 403      | 403      | 403     | 403     | 200      | 200
PATCH  /v1/tenants/{id}        | 401  | 403      | 403      | 403     | 403     | 200      | 200
DELETE /v1/tenants/{id}        | 401  | 403      | 403      | 403     | 403     | 204      | 204
PUT    /v1/tenants/by-ref/{ref}| 401  | 403      | 403      | 403     | 403     | 200      | 200
GET    /v1/api-keys            | 401  | 403      | 403      | 200     | 200     | 403      | 200
POST   /v1/api-keys            | 401  | 403      | 403      | 201     | 201     | 403      | 201
DELETE /v1/api-keys/{id}       | 401  | 403      | 403      | 204     | 404     | 403      | 204
POST   /v1/session             | 401  | 201      | 201      | 201     | 201     | 403      | 403
DELETE /v1/session             | 204  | 204      | 204      | 204     | 204     | 204      | 204
GET    /v1/me                  | 401  | 200      | 200      | 200     | 200     | 200      | 200
GET    /v1/audit               | 401  | 403      | 403      | 200     | 200     | 403      | 403
GET    /v1/integrations        | 401  | 200      | 200      | 200     | 200     | 403      | 200
GET    /v1/integrations/bedrock| 401  | 200      | 200      | 200     | 200     | 403      | 200
POST   /v1/integrations/bedrock/connect                       | 401 | 403 | 403 | 201 | 201 | 403 | 403
POST   /v1/integrations/bedrock/test                          | 401 | 403 | 403 | 200 | 200 | 403 | 403
POST   /v1/integrations/bedrock/connections                   | 401 | 403 | 403 | 201 | 201 | 403 | 403
GET    /v1/integrations/bedrock/connections                   | 401 | 200 | 200 | 200 | 200 | 403 | 200
GET    /v1/integrations/bedrock/connections/{id}              | 401 | 200 | 200 | 200 | 404 | 403 | 200
PATCH  /v1/integrations/bedrock/connections/{id}              | 401 | 403 | 403 | 200 | 404 | 403 | 403
DELETE /v1/integrations/bedrock/connections/{id}              | 401 | 403 | 403 | 200 | 404 | 403 | 403
POST   /v1/integrations/bedrock/connections/{id}/test         | 401 | 403 | 200 | 200 | 404 | 403 | 200
GET    /v1/integrations/bedrock/connections/{id}/setup        | 401 | 403 | 403 | 200 | 404 | 403 | 403
GET    /v1/integrations/bedrock/connections/{id}/models       | 401 | 200 | 200 | 200 | 404 | 403 | 403
GET    /v1/integrations/bedrock/connections/{id}/models/{key} | 401 | 200 | 200 | 200 | 404 | 403 | 403
POST   /v1/models              | 401  | 403      | 403      | 201     | 404     | 403      | 403
GET    /v1/models              | 401  | 200      | 200      | 200     | 200     | 403      | 403
GET    /v1/models/{id}         | 401  | 200      | 200      | 200     | 404     | 403      | 403
PATCH  /v1/models/{id}         | 401  | 403      | 403      | 200     | 404     | 403      | 403
DELETE /v1/models/{id}         | 401  | 403      | 403      | 204     | 404     | 403      | 403
POST   /v1/models/{id}/converse                            | 401 | 403 | 200 | 200 | 404 | 403 | 403
POST   /bedrock/model/{id}/converse                        | 403 | 403 | 200 | 200 | 404 | 403 | 403
POST   /bedrock/model/{id}/converse-stream                 | 403 | 403 | 200 | 200 | 404 | 403 | 403
POST   /bedrock/model/{id}/invoke                          | 403 | 403 | 200 | 200 | 404 | 403 | 403
POST   /bedrock/model/{id}/invoke-with-response-stream     | 403 | 403 | 200 | 200 | 404 | 403 | 403
POST   /anthropic/v1/messages                              | 401 | 403 | 200 | 200 | 404 | 403 | 403
POST   /anthropic/v1/messages/count_tokens                 | 401 | 403 | 200 | 200 | 404 | 403 | 403
GET    /anthropic/v1/models                                | 401 | 403 | 200 | 200 | 200 | 403 | 403
GET    /anthropic/v1/models/{id}                           | 401 | 403 | 200 | 200 | 404 | 403 | 403
GET    /openai/v1/models                                   | 401 | 403 | 200 | 200 | 200 | 403 | 403
GET    /openai/v1/models/{id}                              | 401 | 403 | 200 | 200 | 404 | 403 | 403
POST   /openai/v1/chat/completions                         | 401 | 403 | 200 | 200 | 404 | 403 | 403
POST   /openai/v1/embeddings                               | 401 | 403 | 200 | 200 | 404 | 403 | 403
GET    /v1/usage               | 401  | 403      | 403      | 200     | 200     | 403      | 403
DELETE /v1/claims              | 401  | 403      | 403      | 403     | 403     | 403      | 204
GET    /oidc/{tenant}/.well-known/openid-configuration     | 200 | 200 | 200 | 200 | 200 | 200 | 200
GET    /oidc/jwks              | 200  | 200      | 200      | 200     | 200     | 200      | 200
";

/// One operation, and what each role gets for it.
struct Row {
    method: &'static str,
    path: &'static str,
    statuses: Vec<u16>,
}

impl Row {
    fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn cells(line: &'static str) -> impl Iterator<Item = &'static str> {
    line.split('|').map(str::trim)
}

fn rows() -> Vec<Row> {
    let mut lines = TABLE.trim().lines();
    let heads: Vec<_> = cells(lines.next().unwrap()).skip(1).collect();
    assert_eq!(
        heads,
        Role::ALL.map(Role::name),
        "the columns are the roles"
    );
    let row = |line| {
        let mut cells = cells(line);
        let (method, path) = cells.next().unwrap().split_once(' ').unwrap();
        let statuses: Vec<_> = cells.map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(
            statuses.len(),
            Role::ALL.len(),
            "a cell for each role: {line}"
        );
        Row {
            method,
            path: path.trim(),
            statuses,
        }
    };
    lines.skip(1).map(row).collect()
}

/// The operations of the document, with what it says about each.
pub(crate) fn documented() -> Vec<(String, Operation)> {
    let document = server::api::document();
    let operations = document.paths.paths.into_iter().flat_map(|(path, item)| {
        methods(item)
            .into_iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

fn methods(item: PathItem) -> Vec<(&'static str, Operation)> {
    let methods = [
        ("GET", item.get),
        ("PUT", item.put),
        ("POST", item.post),
        ("DELETE", item.delete),
        ("OPTIONS", item.options),
        ("HEAD", item.head),
        ("PATCH", item.patch),
        ("TRACE", item.trace),
    ];
    methods
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation?)))
        .collect()
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let documented: BTreeSet<_> = documented().into_iter().map(|(name, _)| name).collect();
    let rows: Vec<_> = rows().iter().map(Row::operation).collect();
    let listed: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(
        rows.len(),
        listed.len(),
        "an operation has two rows: {rows:?}"
    );
    let lacking: Vec<_> = documented.difference(&listed).collect();
    assert!(
        lacking.is_empty(),
        "operations without a row in the access table: {lacking:#?}"
    );
    let superfluous: Vec<_> = listed.difference(&documented).collect();
    assert!(
        superfluous.is_empty(),
        "rows without an operation: {superfluous:#?}"
    );
}

#[test]
fn the_document_says_which_operations_need_a_credential() {
    let documented = documented();
    for row in rows() {
        let (_, operation) = documented
            .iter()
            .find(|(name, _)| *name == row.operation())
            .unwrap();
        let security = serde_json::to_value(&operation.security).unwrap();
        let open = security
            .as_array()
            .unwrap()
            .contains(&serde_json::json!({}));
        // Signing in takes its credential in the body.
        // On Bedrock's own wire whoever is not known is forbidden.
        let refused = matches!(row.statuses[0], 401 | 403) && row.operation() != "POST /v1/session";
        assert_eq!(open, !refused, "{}: {security}", row.operation());
    }
}

#[tokio::test]
async fn every_role_gets_what_the_table_says() {
    let aws = Aws::start(Arc::new(SystemClock)).await;
    let service = Service::with(aws.serve(Options::default())).await;
    let operator = service.operator().await;
    let mut wrong = Vec::new();
    for row in rows() {
        for (role, expected) in Role::ALL.into_iter().zip(&row.statuses) {
            // A world per cell: what one cell deletes or suspends, no other cell misses.
            let world = World::new(&service, &aws, &operator, role, row.path).await;
            let answer = world.ask(row.method, row.path).await;
            if answer.status != *expected {
                let (operation, role) = (row.operation(), role.name());
                wrong.push(format!(
                    "{operation} as {role}: {expected} expected, but {} {}",
                    answer.status, answer.raw
                ));
            }
            if role == Role::AdminB {
                for name in world.names_of_a() {
                    assert!(
                        !answer.raw.contains(name),
                        "{} tells B of {name}: {answer:?}",
                        row.operation()
                    );
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not as the access table says:\n{}",
        wrong.join("\n")
    );
}
