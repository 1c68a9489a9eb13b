//! A whole server in this process over a fresh folder, with people and items of its own.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::cli::bench::messages::ENGLISH;
use crate::cli::bench::random::Random;
use crate::cli::bench::stats::Times;
use crate::cli::client::Client;
use crate::cli::open;

/// Items, each about one of these topics.
const TOPICS: [&str; 8] = ["542", "210", "483", "324", "338", "596", "653", "1"];
/// Event and feed, again and again.
const ROUNDS: usize = 300;

/// A server over a folder that goes when this is dropped.
pub struct Served {
    /// Answers calls.
    pub client: Client,
    people: usize,
    items: usize,
    _folder: tempfile::TempDir,
}

impl Served {
    /// A server with `people` people in the US who saw the notice, and `items` items.
    ///
    /// # Errors
    /// When the folder can't be made or the server does not start.
    pub fn new(people: usize, items: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let client = open::folder(folder.path(), None)?;
        let served = Self { client, people, items, _folder: folder };
        for number in 0..people {
            let body = json!({"country": "US", "birth_year": 1990, "languages": ["en"],
                              "accounts": [{"product": "main", "linked": true}]});
            served.ask("PUT", &format!("/v1/people/p-{number}"), &body)?;
        }
        for number in 0..items {
            let topic = TOPICS[number % TOPICS.len()];
            let body = json!({"kind": "post", "title": format!("Post {number}"), "text": ENGLISH[number % ENGLISH.len()],
                              "topics": [topic], "created_at": "2026-01-02T00:00:00Z", "visibility": "public"});
            served.ask("PUT", &format!("/v1/items/i-{number}"), &body)?;
        }
        Ok(served)
    }

    /// Asks, and insists on an answer.
    ///
    /// # Errors
    /// When it is refused.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = self.client.send(method, path, Some(body))?;
        if !answer.is_ok() {
            bail!("{method} {path}: {}", answer.problem());
        }
        Ok(answer.body)
    }

    /// An event of somebody: something said with text, a like or a view without.
    pub fn event(&self, number: usize, said: bool, random: &mut Random) -> Value {
        let at = jiff::Timestamp::now().to_string();
        let person = format!("p-{}", random.below(self.people));
        let mut event =
            json!({"id": format!("bench-{number}"), "person": person, "product": "main", "at": at});
        if said {
            event["type"] = "assistant.prompt".into();
            event["text"] = format!("{} {number}", ENGLISH[random.below(ENGLISH.len())]).into();
        } else {
            event["type"] = ["like", "view", "save", "click"][random.below(4)].into();
            event["item"] = format!("i-{}", random.below(self.items)).into();
        }
        event
    }
}

/// The time from sending an event to holding the feed that knows it: durable, understood, folded and ranked.
///
/// # Errors
/// When the server does not start or refuses something.
pub fn changed_ranking(seed: u64) -> Result<Times> {
    let served = Served::new(20, 200)?;
    let mut random = Random::new(seed);
    let mut failed = None;
    let times = Times::of(ROUNDS, 5, |_| {
        let number = random.next() as usize;
        let event = served.event(number, true, &mut random);
        let feed = json!({"person": event["person"], "product": "main", "limit": 20});
        let both =
            served.ask("POST", "/v1/events", &event).and_then(|_| served.ask("POST", "/v1/feed", &feed));
        if let Err(problem) = both {
            failed = Some(problem);
        }
    });
    match failed {
        Some(problem) => Err(problem),
        None => Ok(times),
    }
}
