//! People and campaigns for the tests.

use std::sync::Arc;

use rapport_core::auction::{AdFacts, Campaign, Left, Listing, Micros, Outcome, Request, Snapshot};
use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Object, Record};
use rapport_core::gate::{
    Ads, Asking, Decider, Decision, Gate, GateKey, Person, PolicyFacts, RuleId, Terms, View,
};
use rapport_core::ids::Name;
use rapport_core::profile::{Folder, Limits};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::{HOUR, UnixMillis};
use rapport_core::topic::{Categories, TopicId};
use rapport_core::understanding::{ScoredTopic, VECTOR_DIM, Vector};
use serde_json::{Value, json};

pub const NOW: UnixMillis = UnixMillis(1_766_200_000_000);

/// A policy that allows all, but for the sources that it names.
pub struct AllBut(pub &'static [Source], PolicyFacts);

impl AllBut {
    pub fn new(refused: &'static [Source]) -> Self {
        Self(
            refused,
            PolicyFacts {
                name: "test".into(),
                version: "test-1".into(),
                epoch: 1,
                notice: 0,
                terms: Terms::default(),
                rules: vec![],
                honours_objection: vec![],
            },
        )
    }
}

impl Decider for AllBut {
    fn decide(&self, key: &GateKey) -> Decision {
        Decision { allowed: !self.0.contains(&key.source), rule: RuleId(0) }
    }
    fn facts(&self) -> &PolicyFacts {
        &self.1
    }
}

pub fn topic(code: &str) -> TopicId {
    TopicId::from_code(code).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn american() -> Person {
    Person {
        country: Country::from_code("US"),
        birth_year: Some(1990),
        languages: vec!["en".into()],
        ..Person::default()
    }
}

/// A direction in the plane of the first two axes.
pub fn direction(degrees: f32) -> Vector {
    let mut values = [0.0; VECTOR_DIM];
    (values[0], values[1]) = (degrees.to_radians().cos(), degrees.to_radians().sin());
    // Spread over many axes, as real meanings are: one axis alone would be clipped.
    let spread = std::array::from_fn(|i| values[i % 2]);
    Vector::quantize(&spread).unwrap()
}

pub fn said(event: &str, code: &str, vector: Option<Vector>) -> Record {
    did(event, Deed::Said, code, 0.6, vector)
}

pub fn did(event: &str, deed: Deed, code: &str, strength: f32, vector: Option<Vector>) -> Record {
    Record {
        event: name(event),
        product: name("main"),
        at: NOW.plus(-HOUR),
        country: Country::from_code("US"),
        epoch: 0,
        deed,
        source: if deed == Deed::Said { Source::Assistant } else { Source::Social },
        modality: if deed == Deed::Said { Modality::Text } else { Modality::None },
        conversation: None,
        object: (deed != Deed::Said).then(|| Object::Item(name("thing"))),
        dwell_ms: 0,
        signals: vec![TopicStrength { topic: topic(code), strength }],
        marks: Marks { sensitive: topic(code).sensitive(), ..Marks::default() },
        vector,
        named: Vec::new(),
    }
}

pub fn hid_ad(ad: &str) -> Record {
    let mut record = did("hid", Deed::AdHid, "1", -0.7, None);
    record.object = Some(Object::Ad(name(ad)));
    record.source = Source::Ads;
    record.signals.clear();
    record
}

/// Runs `with` on the view of a person with that log.
pub fn with_view<T>(
    policy: &AllBut,
    person: &Person,
    log: &[Record],
    with: impl FnOnce(&View<'_, Ads>) -> T,
) -> T {
    let (terms, limits) = (Terms::default(), Limits::default());
    let profile = Folder { terms: &terms, notices: &[], limits: &limits }.fold(log);
    let product = name("main");
    let asking = Asking { product: &product, now: NOW, gpc: false };
    with(&Gate::new(policy).view(&profile, person, &asking))
}

pub fn body(bid: i64, targeting: &str) -> Value {
    json!({
        "advertiser": "acme", "status": "active", "start": "2025-01-01T00:00:00Z", "end": "2026-12-31",
        "budget_micros": 1_000_000_000, "currency": "USD", "bid_micros": bid, "targeting": targeting,
        "ads": [{"id": "a1", "title": "t", "body": "b", "url": "https://example.org/"}],
    })
}

pub fn listing(id: &str, body: Value, facts: AdFacts) -> Arc<Listing> {
    let campaign = Campaign::parse(id, &body).unwrap();
    Arc::new(Listing::new(campaign, vec![facts]).unwrap())
}

pub fn plain(id: &str, bid: i64) -> Arc<Listing> {
    listing(id, body(bid, ""), AdFacts::default())
}

pub fn about(code: &str, degrees: f32) -> AdFacts {
    AdFacts {
        topics: vec![ScoredTopic::new(topic(code), 0.8)],
        sensitive: Categories::NONE,
        vector: Some(direction(degrees)),
        language: Some("en".into()),
    }
}

pub fn unspent(_: &Campaign) -> Left {
    Left::default()
}

/// Who won, at what price.
pub fn sold(outcome: &Outcome) -> Vec<(&str, i64)> {
    outcome.winners.iter().map(|w| (w.listing.campaign.id.as_str(), w.price.0)).collect()
}

/// An auction for somebody of whom nothing is known but the product.
pub fn sell(listings: &[Arc<Listing>], limit: usize, seed: u64) -> Outcome {
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed, limit, view: None, beside: None };
    rapport_core::auction::run(&Snapshot::new(listings.to_vec()), &request, &[], &unspent)
}

/// An auction for the person of `view`.
pub fn sell_to(view: &View<'_, Ads>, listings: &[Arc<Listing>], limit: usize) -> Outcome {
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 7, limit, view: Some(view), beside: None };
    rapport_core::auction::run(&Snapshot::new(listings.to_vec()), &request, &[], &unspent)
}

pub fn micros(of: i64) -> Micros {
    Micros(of)
}
