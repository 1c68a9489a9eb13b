//! Understanding by word list, for simulations: what a text means is what the generator put in.

use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{ScoredTopic, Subject, Understanding};
use rapport_server::app::Understand;

use crate::world::{SENSITIVE, TOPICS};

/// Knows the generator's phrases and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Words;

impl Understand for Words {
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        texts.iter().map(|text| Some(meaning(text))).collect()
    }
}

fn meaning(text: &str) -> Understanding {
    let topics = TOPICS.iter().filter(|(_, phrase)| text.contains(phrase));
    let sensitive = SENSITIVE.iter().position(|sentence| text.contains(sentence));
    Understanding {
        language: "en",
        topics: topics
            .map(|(code, _)| ScoredTopic {
                topic: TopicId::from_code(code).unwrap(),
                score: 0.9,
                stance: 0.5,
            })
            .collect(),
        sensitive_scores: [0.0; 7],
        sensitive: sensitive.map_or(Categories::NONE, |n| Categories::only(Category::ALL[n % 7])),
        subject: Subject::Own,
        about_child: false,
        stance: 0.5,
        intent: None,
        pii: Vec::new(),
        low_confidence: false,
        vector: None,
    }
}
