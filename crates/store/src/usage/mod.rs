//! What tenants used: sums by day, connection, model and outcome.

mod page;

use std::str::FromStr;

use domain::{ConnectionId, ModelId};
use time::Date;

pub use self::page::{Cursor, Limit, page};
use crate::{Error, Result, TenantTx};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// With the model's answer.
    Answered,
    /// With AWS's no.
    Refused,
    /// With AWS asking for patience.
    Throttled,
    /// Without an answer, or with one that broke.
    Failed,
    /// The client went away.
    Cancelled,
}

/// What is added up apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The day in UTC.
    pub day: Date,
    /// The connection that requests went over.
    pub connection: ConnectionId,
    /// The registered model.
    pub model: ModelId,
    /// How they ended.
    pub outcome: Outcome,
}

/// Sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many requests.
    pub requests: i64,
    /// Tokens read anew.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from a prompt cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a prompt cache.
    pub cache_write_tokens: i64,
    /// Milliseconds that they took together.
    pub latency_ms: i64,
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What it is added up by.
    pub key: Key,
    /// What callers named the model by.
    pub alias: String,
    /// What AWS was asked for.
    pub invoke_id: String,
    /// How much.
    pub sums: Sums,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Answered,
        Self::Refused,
        Self::Throttled,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for Outcome {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(Error::Unreadable("usage_days.outcome"))
    }
}

impl Sums {
    /// Adds others. What does not fit any more stays at the most there is.
    pub fn add(&mut self, other: &Self) {
        let add = |sum: &mut i64, more: i64| *sum = sum.saturating_add(more);
        add(&mut self.requests, other.requests);
        add(&mut self.input_tokens, other.input_tokens);
        add(&mut self.output_tokens, other.output_tokens);
        add(&mut self.cache_read_tokens, other.cache_read_tokens);
        add(&mut self.cache_write_tokens, other.cache_write_tokens);
        add(&mut self.latency_ms, other.latency_ms);
    }
}

/// Adds to what is kept. All of one key is one usage, or Postgres refuses to add twice to the same.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn add(tx: &mut TenantTx, usages: &[Usage]) -> Result<()> {
    fn each<T>(usages: &[Usage], member: impl Fn(&Usage) -> T) -> Vec<T> {
        usages.iter().map(member).collect()
    }
    sqlx::query(
        "INSERT INTO usage_days AS kept
           (tenant_id, day, connection_id, model_id, outcome, alias, invoke_id, requests, input_tokens, output_tokens,
            cache_read_tokens, cache_write_tokens, latency_ms)
         SELECT $1, * FROM UNNEST
           ($2::date[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
         ON CONFLICT (tenant_id, day, connection_id, model_id, outcome) DO UPDATE SET
           alias = EXCLUDED.alias, invoke_id = EXCLUDED.invoke_id,
           requests = kept.requests + EXCLUDED.requests,
           input_tokens = kept.input_tokens + EXCLUDED.input_tokens,
           output_tokens = kept.output_tokens + EXCLUDED.output_tokens,
           cache_read_tokens = kept.cache_read_tokens + EXCLUDED.cache_read_tokens,
           cache_write_tokens = kept.cache_write_tokens + EXCLUDED.cache_write_tokens,
           latency_ms = kept.latency_ms + EXCLUDED.latency_ms",
    )
    .bind(tx.tenant().uuid())
    .bind(each(usages, |usage| usage.key.day))
    .bind(each(usages, |usage| usage.key.connection.uuid()))
    .bind(each(usages, |usage| usage.key.model.uuid()))
    .bind(each(usages, |usage| usage.key.outcome.as_str()))
    .bind(each(usages, |usage| usage.alias.clone()))
    .bind(each(usages, |usage| usage.invoke_id.clone()))
    .bind(each(usages, |usage| usage.sums.requests))
    .bind(each(usages, |usage| usage.sums.input_tokens))
    .bind(each(usages, |usage| usage.sums.output_tokens))
    .bind(each(usages, |usage| usage.sums.cache_read_tokens))
    .bind(each(usages, |usage| usage.sums.cache_write_tokens))
    .bind(each(usages, |usage| usage.sums.latency_ms))
    .execute(tx.connection())
    .await?;
    Ok(())
}
