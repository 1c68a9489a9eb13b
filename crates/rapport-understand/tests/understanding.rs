//! What the shipped models make of texts, end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::sync::LazyLock;

use rapport_core::topic::TopicId;
use rapport_core::understanding::{Intent, Subject};
use rapport_understand::Understander;

static MODELS: LazyLock<Understander> = LazyLock::new(|| Understander::embedded().unwrap());

fn codes(text: &str) -> Vec<&'static str> {
    MODELS.understand(text).topics.iter().map(|topic| topic.topic.code()).collect()
}

#[test]
fn the_hiking_sentence_means_walking_and_outdoors_and_buying() {
    let text = "I want to go hiking next weekend, which boots should I buy?";
    let found = MODELS.understand(text);
    let topics = codes(text);
    assert!(topics.contains(&"542") && topics.contains(&"159"), "{topics:?}");
    let sports = TopicId::from_code("483").unwrap();
    assert!(found.topics.iter().any(|topic| topic.topic.is_within(sports)));
    assert!(found.ads_safe() && !found.low_confidence);
    assert_eq!((found.language, found.subject, found.intent), ("en", Subject::Own, Some(Intent::Buy)));
    assert!(found.vector.is_some());
}
