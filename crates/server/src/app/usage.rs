//! What conversations used. Noted in memory behind each answer and written in batches, ten seconds after the last one: a
//! replica that is killed loses what it noted since, and what it was writing; one that stops in order loses nothing.
//! What is written is counted at least once: twice, if the database wrote a batch and its answer was lost.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use domain::{ConnectionId, ModelId, Page, Permission, TenantId};
use futures_util::{StreamExt, stream};
use store::{
    Store,
    usage::{self, Cursor, Key, Limit, Outcome, Sums, Usage},
};
use time::{Date, Duration, OffsetDateTime};
use tokio::time::{Instant, timeout_at};

use super::{Caller, Misfit, Result};
use crate::{Context, chain::chain};

/// The most sums that wait to be written: beyond it, while the database is away, new ones are not begun any more.
const CAPACITY: usize = 100_000;
/// How many tenants' usage is written at a time.
const AT_A_TIME: usize = 4;
/// Longest that writing all of it may take: what is left then is written with the next batch.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
/// The most days that can be asked for at once.
const DAYS: i64 = 92;
/// Days that are told if nobody says how many.
const USUAL_DAYS: i64 = 30;

/// What a request used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens read anew.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from a prompt cache.
    pub cache_read: u64,
    /// Tokens written to a prompt cache.
    pub cache_write: u64,
}

impl Tokens {
    /// Those that count against a limit: what is read from a cache costs AWS next to nothing.
    pub(super) const fn limited(self) -> u64 {
        let read = self.input.saturating_add(self.cache_write);
        read.saturating_add(self.output)
    }
}

/// A request that has ended.
#[derive(Debug)]
pub struct Ended<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// The connection it went over.
    pub connection: ConnectionId,
    /// The registered model.
    pub model: ModelId,
    /// What callers name it by.
    pub alias: &'a str,
    /// What AWS was asked for.
    pub invoke_id: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// What it used.
    pub tokens: Tokens,
    /// How long it took.
    pub took: std::time::Duration,
}

/// What was used since the last batch.
#[derive(Default)]
pub struct Meter {
    noted: Mutex<HashMap<(TenantId, Key), Noted>>,
    /// Held by who writes: when another has its turn, all that was noted before is written.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone)]
struct Noted {
    alias: String,
    invoke_id: String,
    sums: Sums,
}

impl Meter {
    /// Notes a request that has ended at `now`. Waits for nobody.
    pub fn note(&self, ended: &Ended<'_>, now: OffsetDateTime) {
        let key = Key {
            day: now.date(),
            connection: ended.connection,
            model: ended.model,
            outcome: ended.outcome,
        };
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        let sums = Sums {
            requests: 1,
            input_tokens: count(ended.tokens.input),
            output_tokens: count(ended.tokens.output),
            cache_read_tokens: count(ended.tokens.cache_read),
            cache_write_tokens: count(ended.tokens.cache_write),
            latency_ms: i64::try_from(ended.took.as_millis()).unwrap_or(i64::MAX),
        };
        self.add((ended.tenant, key), sums, || Noted {
            alias: ended.alias.to_owned(),
            invoke_id: ended.invoke_id.to_owned(),
            sums,
        });
    }

    /// Adds to a sum, or begins one while there is room for more.
    fn add(&self, key: (TenantId, Key), sums: Sums, begin: impl FnOnce() -> Noted) {
        let mut noted = self.lock();
        let is_full = noted.len() >= CAPACITY;
        match noted.get_mut(&key) {
            Some(noted) => noted.sums.add(&sums),
            None if is_full => {
                tracing::error!("usage is not noted: the database is away for too long");
            }
            None => {
                noted.insert(key, begin());
            }
        }
    }

    /// Writes what was noted. What could not be written is noted again.
    ///
    /// # Errors
    /// Why something waits to be written.
    pub async fn flush(&self, store: &Store, now: OffsetDateTime) -> store::Result<()> {
        let _turn = self.writing.lock().await;
        let mut by_tenant: HashMap<TenantId, Vec<Usage>> = HashMap::new();
        for ((tenant, key), noted) in std::mem::take(&mut *self.lock()) {
            by_tenant.entry(tenant).or_default().push(Usage {
                key,
                alias: noted.alias,
                invoke_id: noted.invoke_id,
                sums: noted.sums,
            });
        }
        let until = Instant::now() + PATIENCE;
        let failed = OnceLock::new();
        let written = stream::iter(by_tenant).for_each_concurrent(AT_A_TIME, async |of_tenant| {
            let (tenant, mut usages) = of_tenant;
            let written = timeout_at(until, write(store, tenant, &mut usages, now)).await;
            match written.unwrap_or_else(|_| Err(store::Error::silent())) {
                Ok(()) => {}
                // Its usage went with it.
                Err(store::Error::TenantGone) => {}
                Err(error) => {
                    self.put_back(tenant, usages);
                    // The first one tells enough.
                    let _ = failed.set(error);
                }
            }
        });
        written.await;
        failed.into_inner().map_or(Ok(()), Err)
    }

    fn put_back(&self, tenant: TenantId, usages: Vec<Usage>) {
        for Usage {
            key,
            alias,
            invoke_id,
            sums,
        } in usages
        {
            self.add((tenant, key), sums, || Noted {
                alias,
                invoke_id,
                sums,
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(TenantId, Key), Noted>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tenant's, in one statement and in the order of their keys: two replicas that write the same rows never wait for each other
/// in a circle.
async fn write(
    store: &Store,
    tenant: TenantId,
    usages: &mut [Usage],
    now: OffsetDateTime,
) -> store::Result<()> {
    usages.sort_by_key(|usage| {
        let Key {
            day,
            connection,
            model,
            outcome,
        } = usage.key;
        (day, connection, model, outcome)
    });
    let mut tx = store.write(tenant).await?;
    usage::add(&mut tx, usages).await?;
    tx.commit(&[], now).await
}

/// Writes what was noted, and tells the log if it could not be.
pub(crate) async fn flush(context: &Context) {
    if let Err(error) = context.usage.flush(&context.store, context.now()).await {
        tracing::warn!(error = chain(&error), "usage waits to be written");
    }
}

/// Which days; the last thirty if neither is named.
#[derive(Debug, Clone, Copy, Default)]
pub struct Days {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

/// What the tenant used, the latest day first.
///
/// # Errors
/// [`Error::Denied`](super::Error::Denied), [`Error::Invalid`](super::Error::Invalid) for days that are none or too many,
/// [`Error::Store`](super::Error::Store).
pub async fn read(
    context: &Context,
    caller: &Caller,
    days: Days,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Usage, Cursor>> {
    let tenant = caller.scope.require(Permission::ReadUsage)?;
    let to = days
        .to
        .or(after.map(|cursor| cursor.to))
        .unwrap_or_else(|| context.now().date());
    let from = days
        .from
        .or_else(|| to.checked_sub(Duration::days(USUAL_DAYS - 1)))
        .unwrap_or(to);
    if !(0..DAYS).contains(&(to - from).whole_days()) {
        return Err(Misfit::at(
            "/query/from",
            "must be a day before `to`, at most 92 days with both",
        )
        .into());
    }
    let mut tx = context.store.read(tenant).await?;
    Ok(usage::page(&mut tx, from, to, after, limit).await?)
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use uuid::Uuid;

    use super::*;

    fn usage(model: usize) -> Usage {
        Usage {
            key: Key {
                day: date!(2026 - 11 - 22),
                connection: Uuid::nil().into(),
                model: Uuid::from_u128(model as u128).into(),
                outcome: Outcome::Answered,
            },
            alias: String::new(),
            invoke_id: String::new(),
            sums: Sums {
                requests: 1,
                ..Sums::default()
            },
        }
    }

    #[test]
    fn what_is_put_back_takes_no_more_room_than_there_is() {
        let meter = Meter::default();
        let tenant = TenantId::from(Uuid::nil());
        meter.put_back(tenant, (0..CAPACITY).map(usage).collect());
        meter.put_back(tenant, vec![usage(0), usage(CAPACITY)]);
        let noted = meter.lock();
        assert_eq!(noted.len(), CAPACITY);
        assert_eq!(noted[&(tenant, usage(0).key)].sums.requests, 2);
    }
}
