//! Counts and times for Prometheus.

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds of the latencies' buckets, seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What is counted since the process began. Clones count into the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Request, Counter>,
    latencies: Family<Route, Histogram>,
    events: Family<Outcome, Counter>,
    audit_waiting: Gauge,
    exported: Family<Export, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    event: &'static str,
    error: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Export {
    name: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vestibule_portal");
        let requests = Family::default();
        let latencies =
            Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let events = Family::default();
        let audit_waiting = Gauge::default();
        let exported = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        registry.register(
            "request_duration_seconds",
            "How long answers took",
            latencies.clone(),
        );
        registry.register(
            "audit_events",
            "What was done, and refused with which error; sign-ins are UserAuthentication",
            events.clone(),
        );
        registry.register(
            "audit_waiting",
            "Events that are not stored yet",
            audit_waiting.clone(),
        );
        registry.register(
            "audit_exported",
            "The last record of the trail that an export has delivered",
            exported.clone(),
        );
        Self {
            registry: Arc::new(registry),
            requests,
            latencies,
            events,
            audit_waiting,
            exported,
        }
    }
}

impl Metrics {
    /// An answer to a request. `route` is its pattern, never its address.
    pub(crate) fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&Request {
                route: route.to_owned(),
                method: method.to_owned(),
                status,
            })
            .inc();
        self.latencies
            .get_or_create(&Route {
                route: route.to_owned(),
            })
            .observe(took.as_secs_f64());
    }

    /// Something that was done, or refused with this error.
    pub(crate) fn happened(&self, event: &'static str, error: Option<&str>) {
        let error = error.unwrap_or_default().to_owned();
        self.events.get_or_create(&Outcome { event, error }).inc();
    }

    /// An export has delivered the trail up to the record `sequence`.
    pub(crate) fn exported(&self, export: &str, sequence: i64) {
        let name = export.to_owned();
        self.exported.get_or_create(&Export { name }).set(sequence);
    }

    /// All of it in OpenMetrics' text format, with so many events waiting to be stored.
    pub fn text(&self, audit_waiting: i64) -> Result<String, fmt::Error> {
        self.audit_waiting.set(audit_waiting);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
