//! Random operations on a world: what people, apps and advertisers do, in any order.

use serde_json::{Value, json};

use crate::world::{SENSITIVE, TOPICS};
use crate::{Rng, Size};

/// One call to the server.
#[derive(Clone, Debug)]
pub enum Operation {
    /// `POST /v1/events`.
    Event(Value),
    /// `POST /v1/feed` for a person.
    Feed(String),
    /// `POST /v1/ads` for a person; the impression token is used if `bill`.
    Ads {
        /// Who.
        person: String,
        /// Whether the ad is seen.
        bill: bool,
    },
    /// `DELETE` of one of the person's earlier events.
    Undo {
        /// Who.
        person: String,
        /// Which.
        event: String,
    },
    /// `POST …/notices/2025-12/seen`.
    SeeNotice(String),
    /// `PUT …/choices`.
    Choose {
        /// Who.
        person: String,
        /// What.
        choices: Value,
    },
    /// `DELETE /v1/people/{id}`.
    Erase(String),
}

/// `count` operations on a world of `size`. Events are a second apart from 2025-12-20T00:00:00Z on.
pub fn operations(seed: u64, size: Size, count: usize) -> Vec<Operation> {
    let mut rng = Rng::new(seed ^ 0x5eed);
    let mut said: Vec<(String, String)> = Vec::new();
    (0..count).map(|n| operation(n, size, &mut rng, &mut said)).collect()
}

fn operation(n: usize, size: Size, rng: &mut Rng, said: &mut Vec<(String, String)>) -> Operation {
    let person = format!("person-{}", rng.below(size.people));
    match rng.below(100) {
        0..30 => {
            let event = say(n, &person, rng);
            said.push((person, format!("event-{n}")));
            Operation::Event(event)
        }
        30..55 => Operation::Event(social(n, &person, size, rng)),
        55..70 => Operation::Feed(person),
        70..85 => Operation::Ads { person, bill: rng.chance(60) },
        85..90 if !said.is_empty() => {
            let (person, event) = said.swap_remove(rng.below(said.len()));
            Operation::Undo { person, event }
        }
        90..95 => Operation::SeeNotice(person),
        95..99 => Operation::Choose { person, choices: choice(rng) },
        99 => Operation::Erase(person),
        _ => Operation::Feed(person),
    }
}

fn say(n: usize, person: &str, rng: &mut Rng) -> Value {
    let text = if rng.chance(25) {
        (*rng.pick(&SENSITIVE)).to_owned()
    } else {
        format!("I would love {}", rng.pick(&TOPICS).1)
    };
    event(n, person, rng, json!({"type": "assistant.prompt", "text": text}))
}

fn social(n: usize, person: &str, size: Size, rng: &mut Rng) -> Value {
    let item = format!("item-{}", rng.below(size.items));
    let other = format!("person-{}", rng.below(size.people));
    let body = match rng.below(7) {
        0 => json!({"type": "friend", "target": other}),
        1 => json!({"type": "unfriend", "target": other}),
        2 => json!({"type": "view", "item": item, "dwell_ms": rng.below(60_000)}),
        3 => json!({"type": "unlike", "item": item}),
        4 => json!({"type": "hide", "item": item}),
        5 => json!({"type": "join", "item": item}),
        _ => json!({"type": "like", "item": item}),
    };
    event(n, person, rng, body)
}

fn event(n: usize, person: &str, rng: &mut Rng, mut body: Value) -> Value {
    body["id"] = json!(format!("event-{n}"));
    body["person"] = json!(person);
    body["product"] = json!(if rng.chance(75) { "main" } else { "messenger" });
    body["at"] = json!(format!("2025-12-20T{:02}:{:02}:{:02}Z", n / 3_600 % 24, n / 60 % 60, n % 60));
    body
}

fn choice(rng: &mut Rng) -> Value {
    match rng.below(4) {
        0 => json!({"purposes": {"ads": false}}),
        1 => json!({"purposes": {"ads": true}}),
        2 => json!({"purposes": {"feed": rng.chance(50)}}),
        _ => json!({"topics": {(rng.pick(&TOPICS).0): rng.pick(&["less", "never", "more"])}}),
    }
}
