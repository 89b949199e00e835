//! What was used.

use std::str::FromStr;

use axum::{Json, extract::State};
use domain::Invalid;
use serde::Serialize;
use store::usage::{Cursor, Limit};
use time::{Date, macros::format_description};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::{
        page::List,
        problem::{Problem, Problems},
        query::Query,
    },
    app::{self, Caller, usage::Days},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read))
}

/// What was used on a day of one model over one connection, with one outcome.
#[derive(Serialize, ToSchema)]
pub(super) struct Usage {
    /// In UTC.
    #[schema(example = "2026-01-31", format = Date)]
    day: String,
    connection_id: String,
    /// The registered model; it may be gone.
    model_id: String,
    /// What callers named it by.
    #[schema(example = "sonnet")]
    alias: String,
    /// What AWS was asked for.
    invoke_id: String,
    /// `answered`; `refused`: AWS said no; `throttled`; `failed`: no answer, or one that broke; `cancelled`: the client
    /// went away.
    #[schema(
        example = "answered",
        pattern = "^(answered|refused|throttled|failed|cancelled)$"
    )]
    outcome: &'static str,
    requests: i64,
    /// Tokens read anew, as AWS counts them.
    input_tokens: i64,
    output_tokens: i64,
    cache_read_tokens: i64,
    cache_write_tokens: i64,
    /// Milliseconds from request to the end of the answer, all added up.
    latency_ms: i64,
}

impl From<store::usage::Usage> for Usage {
    fn from(usage: store::usage::Usage) -> Self {
        Self {
            day: usage.key.day.to_string(),
            connection_id: usage.key.connection.to_string(),
            model_id: usage.key.model.to_string(),
            alias: usage.alias,
            invoke_id: usage.invoke_id,
            outcome: usage.key.outcome.as_str(),
            requests: usage.sums.requests,
            input_tokens: usage.sums.input_tokens,
            output_tokens: usage.sums.output_tokens,
            cache_read_tokens: usage.sums.cache_read_tokens,
            cache_write_tokens: usage.sums.cache_write_tokens,
            latency_ms: usage.sums.latency_ms,
        }
    }
}

/// Read what was used
///
/// By day, connection, model and outcome, the latest day first; the last 30 days, or 92 at most. Written every 10 seconds:
/// a replica that is killed loses what it noted since. Tokens are those that AWS tells of, which it does at an answer's end:
/// of a stream that was given up (`cancelled`) it tells none, or those that were read.
#[utoipa::path(get, path = "/v1/usage",
    operation_id = "read_usage", tag = "usage", security(("bearer" = []), ("session" = [])),
    params(("from" = Option<String>, Query, description = "The first day, like 2026-01-31."),
        ("to" = Option<String>, Query, description = "The last day; if absent, the day on which the first page was read."),
        ("limit" = Option<u16>, Query, description = "How many rows at most, 10000 by default.",
            minimum = 1, maximum = 10000),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.",
            pattern = "^c1-[0-4][0-9]{6}-[0-4][0-9]{6}-[0-9a-f]{32}-[0-9a-f]{32}-(answered|refused|throttled|failed|cancelled)$")),
    responses((status = 200, description = "Done.", body = List<Usage>), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
    mut query: Query,
) -> Result<Json<List<Usage>>, Problem> {
    let days = Days {
        from: query.parse::<Day>("from").map(|Day(date)| date),
        to: query.parse::<Day>("to").map(|Day(date)| date),
    };
    let limit = query.parse::<Limit>("limit").unwrap_or_default();
    let after = query.parse::<Cursor>("cursor");
    query.finish()?;
    let page = app::usage::read(&context, &caller, days, after, limit).await?;
    Ok(Json(List::from_page(page)))
}

/// A day in the query.
struct Day(Date);

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Date::parse(text, format_description!("[year]-[month]-[day]"))
            .ok()
            // Postgres does not know all other years.
            .filter(|day| (1..=9_999).contains(&day.year()))
            .map(Self)
            .ok_or(Invalid("must be a day like 2026-01-31"))
    }
}
