//! Random operations on random worlds, and after each one the laws of the design. A failure prints its seed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rapport_core::time::UnixMillis;
use rapport_server::app::{AdsRequest, App, Call, Clock, FeedQuestion, Mode, What};
use rapport_server::config::Config;
use rapport_sim::{Operation, Size, Words, World, operations};
use rapport_store::MemoryStore;
use serde_json::{Value, json};

const SIZE: Size = Size { people: 14, items: 80, campaigns: 12 };
const OPERATIONS: usize = 500;
const NOW: &str = "2025-12-21T12:00:00Z";
const NOTICE: &str = "2025-12-16T08:00:00Z";
/// Not on any preset's list of regions.
const CLOSED: [&str; 4] = ["DE", "GB", "KR", "--"];

struct Still;

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        UnixMillis::parse(NOW).unwrap()
    }
}

struct Run {
    app: Arc<App>,
    seed: u64,
    policy: &'static str,
    world: World,
    counted: HashMap<String, i64>,
    spent: HashMap<String, i64>,
}

fn read<T: serde::de::DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

fn call(now: &str) -> Call {
    Call { seed: Some(7), ..Call::at(UnixMillis::parse(now).unwrap()) }
}

impl Run {
    fn new(seed: u64, policy: &'static str) -> Self {
        let config = Config::with(&format!("[policy]\nname = \"{policy}\"")).unwrap();
        let mode = Mode { dev: true, demo: false };
        let app =
            App::open(config, mode, Arc::new(MemoryStore::new()), Arc::new(Words), Arc::new(Still)).unwrap();
        let world = World::generate(seed, SIZE);
        let run = Self { app, seed, policy, world, counted: HashMap::new(), spent: HashMap::new() };
        run.world.people.iter().for_each(|person| run.put_person(person));
        for item in &run.world.items {
            run.app.put_item(item["id"].as_str().unwrap(), item).unwrap();
        }
        for campaign in &run.world.campaigns {
            run.app.put_campaign(campaign["id"].as_str().unwrap(), campaign).unwrap();
        }
        run
    }

    fn put_person(&self, person: &Value) {
        let id = person["id"].as_str().unwrap();
        self.app.put_person(id, read(person.clone()), &call(NOW)).unwrap();
        self.app.see_notice(id, "2025-12", "in_app", &call(NOTICE)).unwrap();
    }

    fn at(&self) -> String {
        format!("seed {} under {}", self.seed, self.policy)
    }

    fn step(&mut self, operation: &Operation) {
        match operation {
            Operation::Event(event) => {
                let answer = self.app.ingest(vec![Ok(event.clone())], &call(NOW)).unwrap();
                assert_eq!(answer.accepted + answer.duplicates + answer.rejected.len(), 1, "{}", self.at());
            }
            Operation::Feed(person) => self.feed(person),
            Operation::Ads { person, bill } => self.ads(person, *bill),
            Operation::Undo { person, event } => self.undo(person, event),
            Operation::SeeNotice(person) => {
                self.app.see_notice(person, "2025-12", "email", &call(NOW)).unwrap();
            }
            Operation::Choose { person, choices } => {
                self.app.choose(person, &read(choices.clone()), &call(NOW)).unwrap();
            }
            Operation::Erase(person) => self.erase(person),
        }
    }

    fn feed(&self, person: &str) {
        let question: FeedQuestion = read(json!({"person": person, "product": "main", "limit": 20}));
        let answer = self.app.feed(&question, &call(NOW)).unwrap();
        let again = self.app.feed(&question, &call(NOW)).unwrap();
        assert_eq!(answer.items, again.items, "equal in, equal out; {}", self.at());
        let shown: HashSet<&String> = answer.items.iter().map(|row| &row.item).collect();
        assert_eq!(shown.len(), answer.items.len(), "nothing twice; {}", self.at());
        self.check_receipt(&answer.receipt, "feed");
    }

    fn ads(&mut self, person: &str, bill: bool) {
        let request: AdsRequest =
            read(json!({"person": person, "product": "main", "placement": "feed", "limit": 2}));
        let answer = self.app.ads(&request, &call(NOW)).unwrap();
        self.check_receipt(&answer.receipt, "ads");
        for ad in answer.ads.iter().filter(|_| bill) {
            let counted = self.app.use_token(&ad.tokens.impression, &call(NOW)).unwrap();
            assert!(counted.counted, "{} {}", counted.reason, self.at());
            assert_eq!(self.app.use_token(&ad.tokens.impression, &call(NOW)).unwrap_err().status, 409);
            *self.counted.entry(ad.campaign.clone()).or_default() += 1;
            *self.spent.entry(ad.campaign.clone()).or_default() += ad.price_micros;
        }
        self.check_money();
    }

    /// Law 7, and that the ledger is what was billed.
    fn check_money(&self) {
        for campaign in &self.world.campaigns {
            let id = campaign["id"].as_str().unwrap();
            let state = self.app.get_campaign(id, &call(NOW)).unwrap();
            let micros = |field: &str| state[field].as_i64().unwrap();
            let budget = campaign["budget_micros"].as_i64().unwrap();
            assert!(micros("spent_micros") + micros("reserved_micros") <= budget, "overspent; {}", self.at());
            assert_eq!(micros("spent_micros"), self.spent.get(id).copied().unwrap_or(0), "{}", self.at());
            assert_eq!(micros("impressions"), self.counted.get(id).copied().unwrap_or(0), "{}", self.at());
        }
    }

    /// Laws 2, 3 and 8, read off the receipt.
    fn check_receipt(&self, id: &str, purpose: &str) {
        let receipt = self.app.receipt(id).unwrap();
        for row in receipt["rows"].as_array().unwrap() {
            let parts = row["contributions"].as_array().unwrap();
            let sum: i64 = parts.iter().map(|part| part["value_micro"].as_i64().unwrap()).sum();
            assert_eq!(sum, row["score_micro"].as_i64().unwrap(), "a score is its sum; {}", self.at());
        }
        for used in receipt["classes"].as_array().unwrap().iter().filter(|c| c["allowed"] == true) {
            let class = &used["class"];
            let sensitive = !class["sensitive"].as_array().unwrap().is_empty();
            assert!(!(sensitive && purpose == "ads"), "sensitive reached ads; {}", self.at());
            if class["source"] == "assistant" {
                assert!(
                    !CLOSED.contains(&class["country"].as_str().unwrap()),
                    "a closed region; {}",
                    self.at()
                );
                assert_eq!(class["notices_seen"], 1, "before the notice; {}", self.at());
            }
        }
        assert!(
            receipt["classes"].as_array().unwrap().iter().all(|c| !c["rule"].as_str().unwrap().is_empty()),
            "every answer of the gate names its rule; {}",
            self.at()
        );
    }

    /// Law 9: an undone event is a duplicate when it is sent again, and leaves no evidence.
    fn undo(&self, person: &str, event: &str) {
        if self.app.undo(person, &What::Event(event.to_owned()), &call(NOW)).is_err() {
            return; // Rejected when it was sent, or gone with its person.
        }
        let profile = self.app.profile(person, None, &call(NOW)).unwrap().to_string();
        assert!(!profile.contains(&format!("\"{event}\"")), "undone and still evidence; {}", self.at());
        let retry = json!({
            "id": event, "person": person, "product": "main", "type": "assistant.prompt",
            "text": "hello again", "at": "2025-12-20T00:00:00Z",
        });
        let answer = self.app.ingest(vec![Ok(retry)], &call(NOW)).unwrap();
        assert_eq!(answer.duplicates, 1, "{}", self.at());
    }

    /// Law 6: nobody there afterwards, and a new life starts empty.
    fn erase(&mut self, person: &str) {
        self.app.erase(person).unwrap();
        assert_eq!(self.app.profile(person, None, &call(NOW)).unwrap_err().status, 404, "{}", self.at());
        let facts = self.world.people.iter().find(|p| p["id"] == person).unwrap().clone();
        self.put_person(&facts);
        let profile = self.app.profile(person, None, &call(NOW)).unwrap();
        assert_eq!(profile["topics"], json!([]), "{}", self.at());
    }
}

#[test]
fn the_laws_hold_whatever_happens() {
    for seed in 1..=6 {
        for policy in ["announced", "careful"] {
            let mut run = Run::new(seed, policy);
            for operation in operations(seed, SIZE, OPERATIONS) {
                run.step(&operation);
            }
            assert!(run.counted.values().sum::<i64>() > 10, "the run sold something; {}", run.at());
        }
    }
}

#[test]
fn a_profile_is_what_its_log_folds_to() {
    let mut run = Run::new(99, "announced");
    for operation in operations(99, SIZE, OPERATIONS) {
        run.step(&operation);
    }
    for person in &run.world.people {
        let id = person["id"].as_str().unwrap();
        let folded_as_it_grew = run.app.profile(id, None, &call(NOW)).unwrap();
        // Writing the same facts again drops what is folded; the next look folds the log anew.
        run.put_person(person);
        assert_eq!(run.app.profile(id, None, &call(NOW)).unwrap(), folded_as_it_grew, "{}", run.at());
    }
}
