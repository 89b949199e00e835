//! Saves of connections that are broken off between any two statements: they leave all or nothing.

use std::sync::Arc;

use harness::{Answer, Aws, BEDROCK, Client, Options, Service, service::until};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::task::JoinHandle;

use crate::{proxy::Proxy, under_way::waiting};

/// What a save writes to, in some order.
const TABLES: [&str; 6] = [
    "accesses",
    "secrets",
    "connections",
    "claims",
    "audit_events",
    "change_counter",
];

struct Stage {
    aws: Aws,
    proxy: Proxy,
    _service: Service,
    admin: Client,
    operator: Client,
    owner: PgPool,
}

impl Stage {
    async fn start() -> Self {
        let direct = Service::start().await;
        let proxy = Proxy::before(&direct.database);
        let options = Options::default();
        let aws = Aws::start(Arc::clone(&options.clock)).await;
        let service = Service::on(Arc::clone(&proxy.database), aws.serve(options)).await;
        service.tenant("acme").await;
        Self {
            admin: service.caller("acme", "admin").await,
            operator: service.operator().await.on("acme"),
            owner: direct.database.owner(),
            aws,
            proxy,
            _service: service,
        }
    }

    /// Begins to save, and returns when that waits to write to `table`; none if it has no need to.
    async fn save_until(
        &self,
        table: &'static str,
        mut body: Value,
    ) -> Option<(
        JoinHandle<Option<Answer>>,
        sqlx::Transaction<'static, sqlx::Postgres>,
    )> {
        let mut lock = self.owner.begin().await.unwrap();
        let statement = format!("LOCK TABLE {table} IN EXCLUSIVE MODE");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *lock)
            .await
            .unwrap();
        body["name"] = "Production".into();
        let request = self
            .admin
            .request(reqwest::Method::POST, &format!("{BEDROCK}/connections"))
            .json(&body);
        let saving = tokio::spawn(async move {
            let response = request.send().await.ok()?;
            Some(Answer::read(response).await)
        });
        until("it waits, or needs not", async || {
            saving.is_finished() || waiting(&self.owner).await == 1
        })
        .await;
        if saving.is_finished() {
            let answer = saving.await.unwrap().unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            lock.rollback().await.unwrap();
            self.disconnect(&answer.body["connection"]).await;
            return None;
        }
        Some((saving, lock))
    }

    async fn disconnect(&self, connection: &Value) {
        let path = format!(
            "{BEDROCK}/connections/{}",
            connection["id"].as_str().unwrap()
        );
        let removed = self.admin.delete(&path).await;
        assert_eq!(removed.status, 200, "{removed:?}");
        // Its claim is the operator's to release.
        if let Some(role) = connection["access"]["role_arn"].as_str() {
            let claim = format!("/v1/claims?role_arn={role}");
            assert_eq!(self.operator.delete(&claim).await.status, 204);
        }
    }

    /// What there is of connections, once nobody is at work any more.
    async fn left(&self) -> [i64; 4] {
        until("nobody is at work", async || {
            let at_work: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()",
            )
            .fetch_one(&self.owner)
            .await
            .unwrap();
            at_work == 0
        })
        .await;
        let (accesses, secrets, connections, claims) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM accesses), (SELECT count(*) FROM secrets),
                    (SELECT count(*) FROM connections), (SELECT count(*) FROM claims)",
        )
        .fetch_one(&self.owner)
        .await
        .unwrap();
        [accesses, secrets, connections, claims]
    }

    /// A save that nothing breaks off is as good as if none had been before.
    async fn saves(&self, body: Value) {
        let connection = harness::aws::save(&self.admin, "Production", body).await;
        assert_eq!(connection["state"], "healthy");
        self.disconnect(&connection).await;
        assert_eq!(self.left().await, [0; 4]);
    }
}

#[tokio::test]
async fn a_save_that_loses_its_database_between_two_statements_leaves_nothing() {
    let stage = Stage::start().await;
    let mut points = 0;
    for body in [stage.aws.by_user(), stage.aws.by_entered_role()] {
        for table in TABLES {
            let Some((saving, lock)) = stage.save_until(table, body.clone()).await else {
                continue;
            };
            points += 1;
            stage.proxy.cut();
            let answer = saving.await.unwrap().unwrap();
            assert_eq!(answer.problem(), (503, "database_unavailable"), "{table}");
            lock.rollback().await.unwrap();
            stage.proxy.mend();
            until("the database is back", async || {
                stage.admin.get("/v1/me").await.status == 200
            })
            .await;
            assert_eq!(stage.left().await, [0; 4], "{table}");
        }
        stage.saves(body).await;
    }
    assert_eq!(points, 10, "a save writes to other tables than it did");
}

/// Whether the service notices before the lock is gone, nobody knows.
#[tokio::test]
async fn a_save_whose_client_goes_away_between_two_statements_leaves_all_or_nothing() {
    let stage = Stage::start().await;
    for (body, secrets, claims) in [
        (stage.aws.by_user(), 2, 0),
        (stage.aws.by_entered_role(), 0, 1),
    ] {
        for table in TABLES {
            let Some((saving, lock)) = stage.save_until(table, body.clone()).await else {
                continue;
            };
            saving.abort();
            assert!(saving.await.is_err(), "it was answered");
            lock.rollback().await.unwrap();
            let left = stage.left().await;
            let listed = stage.admin.get(&format!("{BEDROCK}/connections")).await;
            match listed.items() {
                [] => assert_eq!(left, [0; 4], "{table}"),
                [saved] => {
                    assert_eq!(left, [1, secrets, 1, claims], "{table}");
                    stage.disconnect(saved).await;
                }
                more => panic!("{more:?}"),
            }
        }
        stage.saves(body).await;
    }
}
