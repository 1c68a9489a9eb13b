//! A world from a seed, in the format of `rapport load`.

use serde_json::{Value, json};

use crate::Rng;

/// Everyday topics with a phrase that a message or an item about them may hold.
pub(crate) const TOPICS: [(&str, &str); 14] = [
    ("542", "hiking trails and walking boots"),
    ("492", "a road bike for the weekend"),
    ("216", "cooking a slow stew at home"),
    ("217", "baking sourdough bread"),
    ("275", "planting tomatoes in the garden"),
    ("324", "a good film for tonight"),
    ("338", "a concert and new music"),
    ("653", "a train journey through Portugal"),
    ("425", "training my dog to walk at heel"),
    ("680", "a video game to play with friends"),
    ("472", "watching planets through a telescope"),
    ("391", "saving money for a house"),
    ("533", "the football match on Sunday"),
    ("248", "knitting a warm scarf"),
];

/// Sentences that must never reach an ad.
pub(crate) const SENSITIVE: [&str; 7] = [
    "I was diagnosed with diabetes last week",
    "my therapist changed my antidepressants",
    "where can I pray on Friday near the mosque",
    "my girlfriend and I are two women looking for a lesbian bar",
    "I am voting for the socialist party this year",
    "how do I join the trade union at my factory",
    "as a Roma woman I want to know my rights",
];

const COUNTRIES: [&str; 7] = ["US", "CA", "BR", "DE", "GB", "KR", ""];
const KINDS: [&str; 5] = ["post", "reel", "group", "product", "page"];

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// People.
    pub people: usize,
    /// Items.
    pub items: usize,
    /// Campaigns.
    pub campaigns: usize,
}

/// People, items and campaigns, each the body of its `PUT` with its `id`.
#[derive(Clone, Debug)]
pub struct World {
    /// `person-0`, `person-1`, …
    pub people: Vec<Value>,
    /// `item-0`, `item-1`, …
    pub items: Vec<Value>,
    /// `campaign-0`, `campaign-1`, …
    pub campaigns: Vec<Value>,
}

impl World {
    /// The world of `seed`.
    pub fn generate(seed: u64, size: Size) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            people: (0..size.people).map(|n| person(n, &mut rng)).collect(),
            items: (0..size.items).map(|n| item(n, size.people, &mut rng)).collect(),
            campaigns: (0..size.campaigns).map(|n| campaign(n, &mut rng)).collect(),
        }
    }
}

fn person(n: usize, rng: &mut Rng) -> Value {
    json!({
        "id": format!("person-{n}"),
        "country": rng.pick(&COUNTRIES),
        "birth_year": 1950 + rng.below(65),
        "languages": ["en"],
        "accounts": [
            {"product": "main", "linked": rng.chance(70)},
            {"product": "messenger", "linked": rng.chance(50)},
        ],
    })
}

fn item(n: usize, people: usize, rng: &mut Rng) -> Value {
    let (topic, phrase) = rng.pick(&TOPICS);
    json!({
        "id": format!("item-{n}"),
        "kind": rng.pick(&KINDS),
        "author": format!("person-{}", rng.below(people)),
        "title": format!("About {phrase}"),
        "text": format!("Number {n}: {phrase}."),
        "topics": [topic],
        "created_at": "2025-12-18T08:00:00Z",
        "visibility": if rng.chance(80) { "public" } else { "friends" },
    })
}

fn campaign(n: usize, rng: &mut Rng) -> Value {
    let (topic, phrase) = rng.pick(&TOPICS);
    let targeting = match rng.below(4) {
        0 => String::new(),
        1 => format!("country in [\"US\",\"CA\"] and topics has \"{topic}\""),
        2 => format!("topics has \"{topic}\" and not (country == \"DE\")"),
        _ => "language == \"en\" and age >= 25".to_owned(),
    };
    let bid = 1_000 + rng.below(9_000);
    json!({
        "id": format!("campaign-{n}"),
        "advertiser": format!("advertiser-{}", n % 5),
        "status": "active",
        "start": "2025-12-01T00:00:00Z",
        "end": "2026-12-31T00:00:00Z",
        // A handful of impressions: budgets must run out for the laws to be felt.
        "budget_micros": bid * (2 + rng.below(6)),
        "currency": "USD",
        "bid_micros": bid,
        "pacing": "asap",
        "reserve_micros": rng.below(900),
        "targeting": targeting,
        "ads": [{"id": "a", "title": format!("Offers: {phrase}"), "body": phrase, "url": "https://example.org/"}],
    })
}
