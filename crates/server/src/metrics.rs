//! What operators measure. No tenant, key or id is ever a label.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::pulse::Pulse;

/// Counters and gauges of one service.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    duration: Family<RouteLabels, Histogram, fn() -> Histogram>,
    refusals: Family<RefusalLabels, Counter>,
    database_up: Gauge,
    feed_age: Gauge,
    connections: Gauge,
    idle_connections: Gauge,
}

/// From half a millisecond to 16 seconds.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusalLabels {
    code: &'static str,
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
        Self {
            registry,
            requests,
            duration,
            refusals,
            database_up,
            feed_age,
            connections,
            idle_connections,
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn request(&self, method: &http::Method, route: &str, status: u16, took: Duration) {
        // Methods are the caller's own words: only those of HTTP itself become labels.
        let method = match method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
            _ => "other",
        };
        let (method, route) = (method.to_owned(), route.to_owned());
        self.duration
            .get_or_create(&RouteLabels {
                method: method.clone(),
                route: route.clone(),
            })
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&RequestLabels {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Counts a problem.
    pub fn problem(&self, code: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { code }).inc();
    }

    /// All of it as Prometheus reads it.
    pub fn text(&self, pulse: &Pulse, (open, idle): (u32, usize)) -> String {
        self.database_up.set(i64::from(pulse.database().is_up()));
        self.feed_age
            .set(pulse.feed_age().map_or(-1, time::Duration::whole_seconds));
        self.connections.set(i64::from(open));
        self.idle_connections
            .set(i64::try_from(idle).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
