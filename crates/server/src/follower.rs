//! Follows the change feed, so that this replica forgets what others changed, and knows how the database is.
//!
//! It polls twice a second and on every hint. It has connections of its own: what it learns must not wait for the pool.

use std::time::Duration;

use store::changes::{Change, Feed, Hints, News};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Context, chain::chain, config::Secret};

/// Revocation is promised within a second on every replica, with a poll that comes late included.
const POLL: Duration = Duration::from_millis(500);
/// A database that takes longer than this for one small read is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where to read the feed.
#[derive(Debug, Clone)]
pub struct FeedUrls {
    /// Where the polls go.
    pub poll: Secret,
    /// Where hints come from: past a pooler, if there is one.
    pub hints: Secret,
}

/// Follows until `stop`.
pub async fn follow(context: Context, urls: FeedUrls, stop: CancellationToken) {
    let hints = hints(&context, &urls, &stop);
    let polls = polls(&context, &urls, &stop);
    tokio::join!(hints, polls);
}

async fn polls(context: &Context, urls: &FeedUrls, stop: &CancellationToken) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cursor = None;
    let mut feed: Option<Feed> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = context.pulse.doubted() => {}
        }
        let began = context.pulse.elapsed();
        match timeout(PATIENCE, read(context, urls, cursor, feed.take())).await {
            Ok(Ok(open)) => {
                cursor = Some(open.cursor());
                feed = Some(open);
                context.pulse.database_up(began);
            }
            Ok(Err(error)) => context.pulse.database_down(chain(&error)),
            Err(_) => context
                .pulse
                .database_down(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

/// Reads what is new. On any error the connection is given up and the cursor kept.
async fn read(
    context: &Context,
    urls: &FeedUrls,
    cursor: Option<i64>,
    feed: Option<Feed>,
) -> store::Result<Feed> {
    let mut feed = match feed {
        Some(feed) => feed,
        None => {
            let mut feed = Feed::open(urls.poll.expose(), cursor).await?;
            // Whoever starts at the end has heard of no rotation before it.
            check_master_key(context, &mut feed).await?;
            feed
        }
    };
    loop {
        let news = feed.poll().await?;
        context.hear(&news);
        match &news {
            News::Changes(changes) if changes.is_empty() => return Ok(feed),
            News::Changes(changes) if !changes.contains(&Change::MasterKey) => {}
            News::Changes(_) | News::Missed => check_master_key(context, &mut feed).await?,
        }
    }
}

async fn check_master_key(context: &Context, feed: &mut Feed) -> store::Result<()> {
    match feed.master_key(&context.ring).await {
        Ok(version) => {
            tracing::info!(%version, "the master key that seals");
            context.pulse.master_key(None);
        }
        Err(error @ store::Error::Unavailable(_)) => return Err(error),
        Err(error) => {
            tracing::error!(%error, "this replica cannot seal secrets");
            context.pulse.master_key(Some(error.to_string()));
        }
    }
    Ok(())
}

/// Turns notifications into early polls. A lost connection is one too: it is the first to know.
async fn hints(context: &Context, urls: &FeedUrls, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Ok(mut hints) = Hints::open(urls.hints.expose()).await {
            loop {
                let heard = tokio::select! {
                    () = stop.cancelled() => break,
                    heard = hints.next() => heard,
                };
                context.pulse.doubt();
                if heard.is_err() {
                    break;
                }
            }
            hints.close().await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
