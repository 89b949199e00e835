//! Requests held in the middle of their work, at a row that somebody else has locked.

use harness::{Answer, Client, Service, service::until};
use serde_json::json;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;

/// A request that waits inside Postgres.
pub(crate) struct UnderWay {
    pub(crate) answer: JoinHandle<Result<Answer, String>>,
    pub(crate) lock: Transaction<'static, Postgres>,
}

impl UnderWay {
    /// Renames a tenant whose row is locked, and returns when that waits for the lock.
    pub(crate) async fn begin(service: &Service, operator: &Client) -> Self {
        Self::in_tenant(service, operator, "under-way").await
    }

    /// The same in a tenant of that ref.
    pub(crate) async fn in_tenant(service: &Service, operator: &Client, tenant_ref: &str) -> Self {
        let tenant = service.tenant(tenant_ref).await;
        let pool = service.database.owner();
        let before = waiting(&pool).await;
        let mut lock = pool.begin().await.unwrap();
        sqlx::query("SELECT FROM tenants WHERE ref = $1 FOR UPDATE")
            .bind(tenant_ref)
            .execute(&mut *lock)
            .await
            .unwrap();
        let request = operator
            .request(reqwest::Method::PATCH, &format!("/v1/tenants/{tenant}"))
            .json(&json!({ "name": "Renamed" }));
        let answer = tokio::spawn(async move {
            // A connection that is cut is an outcome, too.
            match request.send().await {
                Ok(response) => Ok(Answer::read(response).await),
                Err(error) => Err(format!("{error:?}")),
            }
        });
        until("the request waits for the lock", async || {
            waiting(&pool).await == before + 1
        })
        .await;
        Self { answer, lock }
    }

    /// Lets it go on.
    pub(crate) async fn release(self) -> Result<Answer, String> {
        self.lock.rollback().await.unwrap();
        self.answer.await.unwrap()
    }
}

/// How many wait for what somebody else has locked.
pub(crate) async fn waiting(pool: &PgPool) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
