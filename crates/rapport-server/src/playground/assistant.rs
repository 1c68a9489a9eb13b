//! The demo's assistant: it looks up what the catalogue holds about a message, and says so. It reads the message alone,
//! no profile, so there is nothing here that a policy would have to allow.

use rapport_core::catalog::{Catalog, Item, Visibility};
use rapport_core::topic::TopicId;
use rapport_core::understanding::Understanding;
use serde::Serialize;

use super::art::look;
use super::world::{Answer, world};

/// How many items an answer names.
const NAMED: usize = 3;
/// How near an item must be that shares no topic with the message; cosine. Below it, most pairs have nothing to do
/// with each other.
const NEAR: f32 = 0.45;

/// An answer.
#[derive(Clone, Debug, Serialize)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// What they rest on, the best first.
    pub found: Vec<Found>,
}

/// An item that an answer names.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Its title.
    pub title: String,
    /// What it is, for people.
    pub kind_name: String,
    /// Its drawing.
    pub art: &'static str,
    /// Its colour.
    pub hue: u8,
}

/// What the catalogue holds about a message.
pub fn reply(message: &Understanding, catalog: &Catalog) -> Reply {
    let found = find(message, catalog);
    let text = match (written(message), found.is_empty()) {
        (Some(answer), _) => answer.text.clone(),
        (None, false) => "I have no words of my own about this. The catalogue holds:".to_owned(),
        (None, true) => "The catalogue holds nothing about this, and I only know the catalogue.".to_owned(),
    };
    Reply { text, found }
}

/// The written answer to the first topic that has one: about the topic itself, or one above it.
fn written(message: &Understanding) -> Option<&'static Answer> {
    let about =
        |topic: TopicId| world().answers().iter().find(|answer| answer.topics.first() == Some(&topic));
    message.topics.iter().flat_map(|scored| scored.topic.lineage()).find_map(about)
}

fn find(message: &Understanding, catalog: &Catalog) -> Vec<Found> {
    let mut scored: Vec<(f32, &Item)> = catalog
        .items()
        .map(|(_, item)| item.as_ref())
        .filter(|item| item.visibility == Visibility::Public)
        .filter_map(|item| Some((score(message, item)?, item)))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.as_str().cmp(b.1.id.as_str())));
    scored.into_iter().take(NAMED).map(|(_, item)| Found::new(item)).collect()
}

/// Nearness of meaning, and the shared topic's score on top; `None` if they have nothing to do with each other.
fn score(message: &Understanding, item: &Item) -> Option<f32> {
    let near = match (&message.vector, &item.vector) {
        (Some(a), Some(b)) => a.cosine(b),
        _ => 0.0,
    };
    let shared = message
        .topics
        .iter()
        .filter(|scored| item.topics.iter().any(|own| own.topic == scored.topic))
        .map(|scored| scored.score)
        .fold(0.0, f32::max);
    (shared > 0.0 || near >= NEAR).then_some(near + shared)
}

impl Found {
    fn new(item: &Item) -> Self {
        let (art, hue) = look(item.topics.iter().map(|scored| scored.topic.code()));
        Self {
            title: item.title.clone(),
            kind_name: item.kind.replace('_', " ").replace("friend ", "friend’s "),
            art,
            hue,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use rapport_core::catalog::Change;
    use rapport_core::ids::Name;
    use rapport_core::topic::Categories;
    use rapport_core::understanding::{ScoredTopic, Subject};
    use serde_json::json;

    fn message(topic: Option<&str>) -> Understanding {
        let topics = topic.and_then(TopicId::from_code).map(|topic| ScoredTopic::new(topic, 0.9));
        Understanding {
            language: "en",
            topics: topics.into_iter().collect(),
            sensitive_scores: [0.0; 7],
            sensitive: Categories::NONE,
            subject: Subject::Own,
            about_child: false,
            stance: 0.0,
            intent: None,
            pii: Vec::new(),
            low_confidence: false,
            vector: None,
        }
    }

    fn catalog() -> Catalog {
        let item = |id: &str, topic: &str, visibility: &str| {
            let body = json!({"kind": "group", "title": id, "topics": [topic], "visibility": visibility,
                              "created_at": "2025-12-01T00:00:00Z"});
            Change::Put(Arc::new(Item::parse(Name::new(id).unwrap(), &body).unwrap()))
        };
        Catalog::default().with([
            item("walkers", "542", "public"),
            item("only for friends", "542", "friends"),
            item("cooks", "216", "public"),
        ])
    }

    #[test]
    fn it_names_what_everybody_may_see_about_the_topic_and_nothing_else() {
        let reply = reply(&message(Some("542")), &catalog());
        let titles: Vec<&str> = reply.found.iter().map(|found| found.title.as_str()).collect();
        assert_eq!(titles, ["walkers"]);
        assert!(reply.text.contains("Gorge Weekend Hikers"), "{}", reply.text);
    }

    #[test]
    fn it_says_so_when_the_catalogue_holds_nothing() {
        let reply = reply(&message(None), &catalog());
        assert!(reply.found.is_empty());
        assert!(reply.text.contains("nothing"), "{}", reply.text);
    }
}
