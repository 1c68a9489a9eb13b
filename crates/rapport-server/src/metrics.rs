//! What the server counts, in Prometheus' text format. Labels are route templates and outcomes, never ids.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of request times, in seconds.
const SECONDS: [f64; 13] = [0.000_5, 0.001, 0.002, 0.004, 0.006, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    events: Family<Outcome, Counter>,
    answers: Family<Answer, Counter>,
    people: Gauge,
    items: Gauge,
    campaigns: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    purpose: &'static str,
    personalised: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("rapport");
        let requests = Family::<Request, Counter>::default();
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let events = Family::<Outcome, Counter>::default();
        let answers = Family::<Answer, Counter>::default();
        let (people, items, campaigns) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "How long requests took", seconds.clone());
        registry.register("events", "Events by what became of them", events.clone());
        registry.register("answers", "Feeds and ads answered", answers.clone());
        registry.register("profiles_in_memory", "Profiles in memory", people.clone());
        registry.register("items", "Items of the catalogue", items.clone());
        registry.register("campaigns", "Campaigns", campaigns.clone());
        Self { registry, requests, seconds, events, answers, people, items, campaigns }
    }
}

impl Metrics {
    /// Counts an answered request. `route` is the template, for example `/v1/people/{id}`.
    pub fn request(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let label = Request { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&label).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(seconds);
    }

    /// Counts what became of a batch of events.
    pub fn events(&self, accepted: usize, duplicates: usize, rejected: usize) {
        for (outcome, count) in [("accepted", accepted), ("duplicate", duplicates), ("rejected", rejected)] {
            self.events.get_or_create(&Outcome { outcome }).inc_by(count as u64);
        }
    }

    /// Counts a feed or ads answer.
    pub fn answer(&self, purpose: &'static str, personalised: bool) {
        let personalised = if personalised { "yes" } else { "no" };
        self.answers.get_or_create(&Answer { purpose, personalised }).inc();
    }

    /// Everything counted so far, and how large the world is now.
    ///
    /// # Errors
    /// Never in practice: it writes to memory.
    pub fn render(&self, people: usize, items: usize, campaigns: usize) -> Result<String, std::fmt::Error> {
        self.people.set(people as i64);
        self.items.set(items as i64);
        self.campaigns.set(campaigns as i64);
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}
