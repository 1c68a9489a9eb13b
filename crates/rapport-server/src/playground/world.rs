//! The sample world as the page shows it: who is who, what an item looks like, what somebody did.
//!
//! The API answers with ids, as an app wants it: an app has its own words and pictures. These are the demo's.

use std::collections::HashMap;
use std::sync::LazyLock;

use rapport_core::topic::TopicId;
use serde_json::{Value, json};

const PEOPLE: &str = include_str!("../../world/people.jsonl");
const ITEMS: &str = include_str!("../../world/items.jsonl");
const EVENTS: &str = include_str!("../../world/events.jsonl");
const ANSWERS: &str = include_str!("../../world/answers.jsonl");

static WORLD: LazyLock<World> = LazyLock::new(World::read);

/// The records of the sample world, by id.
pub struct World {
    people: HashMap<String, Value>,
    items: HashMap<String, Value>,
    events: HashMap<String, Value>,
    /// In the order of the file, which begins with the demo's own.
    order: Vec<String>,
    answers: Vec<Answer>,
}

/// What the assistant says about a topic.
pub struct Answer {
    /// What it is about, best first.
    pub topics: Vec<TopicId>,
    /// The words.
    pub text: String,
}

/// The sample world that is compiled in.
pub fn world() -> &'static World {
    &WORLD
}

impl World {
    fn read() -> Self {
        let people = records(PEOPLE);
        Self {
            order: people.iter().map(|(id, _)| id.clone()).collect(),
            people: people.into_iter().collect(),
            items: records(ITEMS).into_iter().collect(),
            events: records(EVENTS).into_iter().collect(),
            answers: lines(ANSWERS).filter_map(|line| Answer::read(&line)).collect(),
        }
    }

    /// The people, in the order of their file.
    pub fn people(&self) -> impl Iterator<Item = &Value> {
        self.order.iter().filter_map(|id| self.people.get(id))
    }

    /// The item of that id, as it was loaded.
    pub fn item(&self, id: &str) -> Option<&Value> {
        self.items.get(id)
    }

    /// The event of that id; ids that [`World::retold`] made are known by what stands before the mark.
    pub fn event(&self, id: &str) -> Option<&Value> {
        self.events.get(id.split(RETOLD).next().unwrap_or(id))
    }

    /// What the assistant says about each topic.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// How a person, a group or a page is called on the page.
    pub fn name(&self, id: &str) -> String {
        if self.people.contains_key(id) {
            return capitalised(id);
        }
        match self.items.get(id).and_then(|item| item["title"].as_str()) {
            Some(title) => title.to_owned(),
            None => id.to_owned(),
        }
    }

    /// The records that make `person` anew under the name `alias`: the person, what they wrote (unless it is an
    /// alias), and what they did or what was done to them. Event ids get
    /// `run` added, because an id counts once.
    pub fn retold(&self, person: &str, alias: &str, run: &str) -> Option<Retold> {
        let facts = self.people.get(person)?.clone();
        let own = person == alias;
        let mut items: Vec<Value> =
            self.items.values().filter(|item| own && item["author"] == person).cloned().collect();
        items.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
        let mut events: Vec<Value> = self
            .events
            .values()
            .filter(|event| event["person"] == person || (own && event["target"] == person))
            .map(|event| renamed(event, person, alias, run))
            .collect();
        events.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
        if !own {
            // Nobody is shown what they wrote themselves, and two people can't have written one post: an alias blocks
            // its model instead, so that both are shown the same.
            events.push(json!({"id": format!("block{RETOLD}{run}"), "type": "block", "person": alias,
                               "target": person, "product": "main", "at": "2025-11-20T00:00:00Z"}));
        }
        Some(Retold { person: facts, items, events })
    }
}

/// What stands between an event's first id and the run that told it again.
const RETOLD: &str = "~";

/// The records of one person, ready to be sent.
#[derive(serde::Serialize)]
pub struct Retold {
    /// The body of `PUT /people/{id}`.
    pub person: Value,
    /// Bodies of `PUT /items/{id}`, each with its `id`.
    pub items: Vec<Value>,
    /// Bodies of `POST /events`.
    pub events: Vec<Value>,
}

fn renamed(event: &Value, person: &str, alias: &str, run: &str) -> Value {
    let mut event = event.clone();
    if let Some(id) = event["id"].as_str() {
        event["id"] = Value::from(format!("{id}{RETOLD}{run}"));
    }
    for field in ["person", "target"] {
        if event[field] == person {
            event[field] = Value::from(alias);
        }
    }
    event
}

impl Answer {
    fn read(line: &Value) -> Option<Self> {
        let topics =
            line["topics"].as_array()?.iter().filter_map(|t| TopicId::from_code(t.as_str()?)).collect();
        Some(Self { topics, text: line["answer"].as_str()?.to_owned() })
    }
}

fn records(file: &str) -> Vec<(String, Value)> {
    lines(file)
        .filter_map(|record| Some((record["id"].as_str()?.to_owned(), without_frame(record))))
        .collect()
}

fn lines(file: &str) -> impl Iterator<Item = Value> + '_ {
    file.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// `record` says which call a line is for; it is no part of a body.
fn without_frame(mut record: Value) -> Value {
    if let Some(map) = record.as_object_mut() {
        map.remove("record");
    }
    record
}

/// A person's id is their first name.
pub fn capitalised(id: &str) -> String {
    let mut letters = id.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_whole() {
        assert_eq!(world().people().count(), PEOPLE.lines().count());
        assert_eq!(world().items.len(), ITEMS.lines().count());
        assert_eq!(world().events.len(), EVENTS.lines().count());
        assert_eq!(world().answers().len(), ANSWERS.lines().count());
    }

    #[test]
    fn a_twin_has_the_history_under_other_ids_and_wrote_nothing() {
        let twin = world().retold("maya", "maya-twin", "r1").unwrap();
        let own = world().retold("maya", "maya", "r1").unwrap();
        assert!(twin.items.is_empty() && !own.items.is_empty());
        assert!(twin.events.iter().all(|event| event["person"] == "maya-twin"));
        let id = twin.events[0]["id"].as_str().unwrap();
        assert!(id.ends_with("~r1"));
        assert_eq!(world().event(id).unwrap()["person"], "maya");
    }
}
