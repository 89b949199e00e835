//! A look at one connection: the free part of its test, and what that changes.

use bedrock::report::Report;
use domain::{Entropy, TenantId};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State},
    sweep::{self, Next},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    SweepSettings,
    expiry::News,
    models::{self, Asked},
    weigh::weigh,
};
use crate::{
    Context,
    app::{
        Caller, Error, Result,
        access::{self, Way},
        audit,
        connections::Expiry,
        draft,
        ownership::{self, OWNERSHIP_LOST},
        trials::{Tested, Trial, Verdict},
        usable::has_lost_account,
    },
    leadership::Leader,
};

/// A look at the connection that is due.
pub(super) struct Look<'a> {
    pub(super) context: &'a Context,
    pub(super) leader: &'a Leader,
    pub(super) settings: &'a SweepSettings,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) tenant: TenantId,
    pub(super) next: Next,
}

/// The connection as it was when the look began.
struct Seen {
    connection: Connection,
    access: Access,
}

/// What the test brought.
struct Tried {
    way: Way,
    report: Report,
}

/// What is known of a connection once it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// That it works.
    Works,
    /// That it does not.
    Fails,
    /// Nothing for sure: there was a first refusal, or none of its own.
    Unclear,
    /// Nothing new: it needs somebody.
    LeftAlone,
    /// Nothing: somebody has changed it meanwhile, or another replica leads.
    Superseded,
}

impl Look<'_> {
    /// Tests the connection and notes what has changed. The most calls to AWS that it took.
    pub(super) async fn take(&self) -> Result<u32> {
        let Some((seen, way)) = self.begin().await? else {
            return Ok(0);
        };
        let tried = match way {
            Some(way) => Some(self.try_out(&seen, way).await?),
            None => None,
        };
        let known = self.note(&seen, tried.as_ref()).await?;
        self.context.metrics.swept(known.as_str());
        let calls = tried.as_ref().map_or(0, |tried| most_calls(&tried.way));
        let now = self.context.now();
        let at = match known {
            Known::Superseded => return Ok(calls),
            Known::Unclear => self.settings.soon(now, self.entropy),
            Known::Works | Known::Fails | Known::LeftAlone => {
                let expiry = Expiry::of(&seen.access);
                self.settings.next(expiry, now, self.entropy)
            }
        };
        let report = tried.map(|tried| tried.report);
        let report = report.filter(|_| known == Known::Works);
        let more_calls = self.finish(&seen, report.as_ref(), at).await?;
        Ok(calls + more_calls)
    }

    /// Lets a connection that cannot be looked at wait for its next turn.
    pub(super) async fn put_off(&self) -> Result<()> {
        let at = self.settings.next(None, self.context.now(), self.entropy);
        let tx = self.write().await?;
        self.plan(tx, at, &[]).await
    }

    /// The connection, and the way to test it: none if it needs somebody. None at all if it is gone.
    async fn begin(&self) -> Result<Option<(Seen, Option<Way>)>> {
        let mut tx = self.context.store.read(self.tenant).await?;
        let (connection, access) = match draft::find(&mut tx, self.next.connection).await {
            Err(Error::NotFound) => return Ok(None),
            found => found?,
        };
        let is_over = Expiry::of(&access).is_some_and(|expiry| expiry.end <= self.context.now());
        let way = if is_over || needs_somebody(&connection) {
            None
        } else {
            access::open(self.context, &mut tx, &access).await?
        };
        Ok(Some((Seen { connection, access }, way)))
    }

    async fn try_out(&self, seen: &Seen, way: Way) -> Result<Tried> {
        let Seen { connection, access } = seen;
        let trial = Trial::unattended(self.context, self.tenant, connection, access, way).await?;
        let report = trial.run(self.context, |_| {}).await?;
        let way = trial.way;
        Ok(Tried { way, report })
    }

    /// Notes what has changed, unless somebody has changed the connection since it was read.
    async fn note(&self, seen: &Seen, tried: Option<&Tried>) -> Result<Known> {
        let (context, id) = (self.context, self.next.connection);
        let mut tx = context.store.write(self.tenant).await?;
        ownership::lock(context, &mut tx, tried.map(|tried| &tried.way)).await?;
        let access = accesses::lock(&mut tx, seen.access.id).await?;
        let connection = connections::find(&mut tx, id).await?;
        let Some(access) =
            access.filter(|it| *it == seen.access && connection.as_ref() == Some(&seen.connection))
        else {
            return Ok(Known::Superseded);
        };
        let mut changes = Vec::new();
        let (mut known, mut refusals) = (Known::LeftAlone, self.next.refusals);
        if let Some(Tried { way, report }) = tried {
            let fails_already = seen.connection.state == State::Failing;
            let verdict;
            (verdict, refusals) = weigh(Verdict::of(report), refusals, fails_already);
            known = verdict.into();
            let before = connections::of_access(&mut tx, access.id).await?;
            let tested = Tested {
                connection: id,
                access: &access,
                way,
                report,
            };
            tx = tested.settle(context, tx, verdict, &mut changes).await?;
            self.tell(&mut tx, &before, report, &mut changes).await?;
        }
        let told_end = self.tell_expiry(&mut tx, &access).await?;
        sweep::note(&mut tx, id, refusals, told_end, context.now()).await?;
        Ok(if self.commit(tx, &changes).await? {
            known
        } else {
            Known::Superseded
        })
    }

    /// Tells of each connection over the access that is not as it was before. A lost role was told of already.
    async fn tell(
        &self,
        tx: &mut TenantTx,
        before: &[Connection],
        report: &Report,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        for before in before {
            let Some(after) = connections::find(tx, before.id).await? else {
                continue;
            };
            let is_same =
                (before.state, &before.state_reason) == (after.state, &after.state_reason);
            if is_same || after.state_reason.as_deref() == Some(OWNERSHIP_LOST) {
                continue;
            }
            changes.push(Change::Connection(self.tenant, after.id));
            self.context.metrics.sweep_changed("connection");
            let detail = json!({
                "state": after.state.as_str(),
                "reason": after.state_reason,
                "before": { "state": before.state.as_str(), "reason": before.state_reason },
            });
            let (action, service) = ("connection.state_changed", Caller::service(self.tenant));
            let (context, id, reached) = (self.context, after.id, report.into());
            audit::append_reached(context, tx, &service, action, id, reached, detail).await?;
        }
        Ok(())
    }

    /// The end of the secret that was told of.
    async fn tell_expiry(
        &self,
        tx: &mut TenantTx,
        access: &Access,
    ) -> Result<Option<OffsetDateTime>> {
        let (context, id) = (self.context, self.next.connection);
        let Some(news) = News::of(access, &self.next, context.now()) else {
            return Ok(None);
        };
        let (action, end) = news.told();
        context.metrics.sweep_changed("secret");
        let detail = json!({ "expires_at": end.format(&Rfc3339).ok() });
        let service = Caller::service(self.tenant);
        audit::append(context, tx, &service, action, id, detail).await?;
        Ok(Some(end))
    }

    /// Looks at the models of a connection that works, and says when it is looked at next. The most calls that it took.
    async fn finish(
        &self,
        seen: &Seen,
        report: Option<&Report>,
        at: OffsetDateTime,
    ) -> Result<u32> {
        let (context, id) = (self.context, self.next.connection);
        let found = report.and_then(|report| Some((report, report.catalogue.as_ref()?)));
        let asked = match found {
            Some((_, catalogue)) => {
                let within = self.settings.longest_look / 3;
                models::ask(context, self.tenant, id, catalogue, self.entropy, within).await?
            }
            None => Asked::default(),
        };
        let mut tx = self.write().await?;
        let mut changes = Vec::new();
        if let Some(found) = found
            && seen.is_of_same_place(&mut tx).await?
        {
            models::note(context, &mut tx, id, found, &asked, &mut changes).await?;
        }
        self.plan(tx, at, &changes).await?;
        Ok(asked.calls)
    }

    /// A transaction that comes into nobody's way: see [`ownership::lock`].
    async fn write(&self) -> Result<TenantTx> {
        let mut tx = self.context.store.write(self.tenant).await?;
        ownership::lock(self.context, &mut tx, None).await?;
        Ok(tx)
    }

    async fn plan(&self, mut tx: TenantTx, at: OffsetDateTime, changes: &[Change]) -> Result<()> {
        let Next {
            connection, etag, ..
        } = self.next;
        sweep::plan(&mut tx, connection, etag, at).await?;
        self.commit(tx, changes).await?;
        Ok(())
    }

    /// Commits, unless another replica leads by now.
    async fn commit(&self, mut tx: TenantTx, changes: &[Change]) -> Result<bool> {
        let leads = self.leader.hold(&mut tx).await?;
        if leads {
            self.context.commit(tx, changes).await?;
        }
        Ok(leads)
    }
}

impl Seen {
    /// Whether the connection still leads to where it was tested.
    async fn is_of_same_place(&self, tx: &mut TenantTx) -> Result<bool> {
        Ok(match draft::find(tx, self.connection.id).await {
            Ok((connection, access)) => {
                connection.region == self.connection.region
                    && access.revision == self.access.revision
            }
            Err(Error::NotFound) => false,
            Err(error) => return Err(error),
        })
    }
}

impl Known {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Fails => "fails",
            Self::Unclear => "unclear",
            Self::LeftAlone => "left_alone",
            Self::Superseded => "superseded",
        }
    }
}

impl From<Verdict> for Known {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Works => Self::Works,
            Verdict::Fails(_) => Self::Fails,
            Verdict::Unclear => Self::Unclear,
        }
    }
}

/// What an admin's test alone can mend.
fn needs_somebody(connection: &Connection) -> bool {
    has_lost_account(connection) || connection.state_reason.as_deref() == Some(OWNERSHIP_LOST)
}

/// The most calls that a test makes: for credentials, the proof and the identity, and for seven lists.
const fn most_calls(way: &Way) -> u32 {
    match way {
        Way::Role(_) => 4 + 7,
        Way::Key(_) => 7,
        Way::User(_) => 5 + 7,
    }
}
