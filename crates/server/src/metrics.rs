//! What operators measure. No tenant, key or id is ever a label.

use std::{
    fmt,
    hash::{Hash, Hasher},
    time::Duration,
};

use axum::extract::{MatchedPath, Request};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use credential_provider::LeaseCounts;
use store::usage::Outcome;

use crate::{app::conversations::Timing, pulse::Pulse};

/// Counters and gauges of one service.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration: Family<Route, Histogram, fn() -> Histogram>,
    refusals: Family<RefusalLabels, Counter>,
    conversations: Family<OutcomeLabels, Counter>,
    own_share: Histogram,
    upstream_share: Histogram,
    under_way: Gauge,
    leases: Gauge,
    lease_fetches: Gauge,
    lease_failures: Gauge,
    database_up: Gauge,
    feed_age: Gauge,
    connections: Gauge,
    idle_connections: Gauge,
    sweep_looks: Family<OutcomeLabels, Counter>,
    sweep_changes: Family<SubjectLabels, Counter>,
    sweep_failures: Counter,
    sweep_oldest: Gauge,
}

/// An age of which nothing is known.
const UNKNOWN: i64 = -1;

/// From half a millisecond to 16 seconds.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    #[prometheus(flatten)]
    route: Route,
    status: u16,
}

/// What a request asks for, without what its caller makes up.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(crate) struct Route {
    /// One of HTTP's own methods, or `other`.
    pub(crate) method: &'static str,
    route: Template,
}

/// The template of a path: paths hold ids.
#[derive(Clone, Debug)]
struct Template(Option<MatchedPath>);

impl Route {
    /// The route that the router has found for a request.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let theirs = request.method().as_str();
        let known = METHODS.into_iter().find(|known| *known == theirs);
        Self {
            method: known.unwrap_or("other"),
            route: Template(request.extensions().get().cloned()),
        }
    }

    /// The template of its path; `none` if there is no such path.
    pub(crate) fn path(&self) -> &str {
        self.route.as_str()
    }
}

impl Template {
    fn as_str(&self) -> &str {
        self.0.as_ref().map_or("none", MatchedPath::as_str)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Template {}

impl Hash for Template {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Template {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusalLabels {
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SubjectLabels {
    subject: &'static str,
}

/// From 20 microseconds to 10 minutes.
fn shares() -> Histogram {
    Histogram::new(exponential_buckets(0.000_02, 2.0, 25))
}

/// What of the service is counted elsewhere, when metrics are read.
#[derive(Debug)]
pub(crate) struct Readings {
    /// Connections of the pool: all, and those without work.
    pub(crate) database: (u32, usize),
    /// Conversations under way.
    pub(crate) conversations: usize,
    /// What the lease cache did.
    pub(crate) leases: LeaseCounts,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("bi");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let duration = Family::new_with_constructor(durations as fn() -> Histogram);
        registry.register(
            "http_request_duration_seconds",
            "Time until the answer's head, in seconds",
            duration.clone(),
        );
        let refusals = Family::default();
        registry.register("http_problems", "Problem answers by code", refusals.clone());
        let conversations = Family::default();
        registry.register(
            "conversations",
            "Conversations ended, by outcome",
            conversations.clone(),
        );
        let own_share = shares();
        registry.register(
            "conversation_own_seconds",
            "This service's share of the time until an answer began, in seconds",
            own_share.clone(),
        );
        let upstream_share = shares();
        registry.register(
            "conversation_upstream_seconds",
            "Time until AWS's answer began, in seconds",
            upstream_share.clone(),
        );
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let under_way = gauge("conversations_under_way", "Conversations under way");
        let leases = gauge("leases", "Leases held");
        let lease_fetches = gauge("lease_fetches", "Fetches of leases since the start");
        let lease_failures = gauge(
            "lease_failures",
            "Fetches that brought no lease since the start",
        );
        let database_up = Gauge::default();
        registry.register(
            "database_up",
            "1 while the database answers",
            database_up.clone(),
        );
        let feed_age = Gauge::default();
        registry.register(
            "change_feed_age_seconds",
            "Time since the change feed was last read; -1 if never",
            feed_age.clone(),
        );
        let connections = Gauge::default();
        registry.register(
            "database_connections",
            "Open connections of the pool",
            connections.clone(),
        );
        let idle_connections = Gauge::default();
        registry.register(
            "database_connections_idle",
            "Connections of the pool without work",
            idle_connections.clone(),
        );
        let sweep_looks = Family::default();
        registry.register(
            "sweep_looks",
            "Connections that the sweep looked at, by what it found",
            sweep_looks.clone(),
        );
        let sweep_changes = Family::default();
        registry.register(
            "sweep_changes",
            "Changes that the sweep noted: of connections, their secrets and models",
            sweep_changes.clone(),
        );
        let sweep_failures = Counter::default();
        registry.register(
            "sweep_failures",
            "Steps of the sweep that were put off",
            sweep_failures.clone(),
        );
        let sweep_oldest = Gauge::default();
        sweep_oldest.set(UNKNOWN);
        registry.register(
            "sweep_oldest_look_age_seconds",
            "Time since the sweep looked at the connection that it has not looked at for longest; -1 where it does not run",
            sweep_oldest.clone(),
        );
        Self {
            registry,
            requests,
            duration,
            refusals,
            conversations,
            own_share,
            upstream_share,
            under_way,
            leases,
            lease_fetches,
            lease_failures,
            database_up,
            feed_age,
            connections,
            idle_connections,
            sweep_looks,
            sweep_changes,
            sweep_failures,
            sweep_oldest,
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub(crate) fn request(&self, route: Route, status: u16, took: Duration) {
        self.duration
            .get_or_create(&route)
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&RequestLabels { route, status })
            .inc();
    }

    /// Counts a problem.
    pub fn problem(&self, code: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { code }).inc();
    }

    /// Counts a conversation that has ended.
    pub(crate) fn conversation(&self, outcome: Outcome, timing: &Timing) {
        let outcome = outcome.as_str();
        self.conversations
            .get_or_create(&OutcomeLabels { outcome })
            .inc();
        if !timing.upstream.is_zero() {
            self.own_share.observe(timing.own().as_secs_f64());
            self.upstream_share.observe(timing.upstream.as_secs_f64());
        }
    }

    /// Counts a connection that the sweep looked at.
    pub(crate) fn swept(&self, outcome: &'static str) {
        self.sweep_looks
            .get_or_create(&OutcomeLabels { outcome })
            .inc();
    }

    /// Counts a change that the sweep noted.
    pub(crate) fn sweep_changed(&self, subject: &'static str) {
        self.sweep_changes
            .get_or_create(&SubjectLabels { subject })
            .inc();
    }

    /// Counts a step of the sweep that was put off.
    pub(crate) fn sweep_failed(&self) {
        self.sweep_failures.inc();
    }

    /// Notes for how long a connection has not been looked at; none where another replica sweeps.
    pub(crate) fn sweep_oldest(&self, age: Option<time::Duration>) {
        let age = age.map_or(UNKNOWN, time::Duration::whole_seconds);
        self.sweep_oldest.set(age);
    }

    /// All of it as Prometheus reads it.
    pub(crate) fn text(&self, pulse: &Pulse, readings: &Readings) -> String {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.database_up.set(i64::from(pulse.database().is_up()));
        self.feed_age.set(
            pulse
                .feed_age()
                .map_or(UNKNOWN, time::Duration::whole_seconds),
        );
        let (open, idle) = readings.database;
        self.connections.set(i64::from(open));
        self.idle_connections.set(count(idle));
        self.under_way.set(count(readings.conversations));
        self.leases.set(whole(readings.leases.leases));
        self.lease_fetches.set(whole(readings.leases.fetches));
        self.lease_failures.set(whole(readings.leases.failures));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
