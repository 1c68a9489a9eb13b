//! Items that words name, folded beside the words.
#![allow(clippy::unwrap_used, reason = "test code")]

use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Named, Object, Record};
use rapport_core::gate::Terms;
use rapport_core::ids::Name;
use rapport_core::profile::{ClassProfile, Folder, Limits, Profile};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::UnixMillis;
use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{VECTOR_DIM, Vector};

fn topic(code: &str) -> TopicId {
    TopicId::from_code(code).unwrap()
}

fn named(strength: f32, sensitive: Categories) -> Named {
    Named {
        signals: vec![TopicStrength { topic: topic("336"), strength }],
        marks: Marks { sensitive, ..Marks::default() },
        vector: Vector::quantize(&[1.0; VECTOR_DIM]).filter(|_| strength > 0.0),
    }
}

fn said(named: Vec<Named>) -> Record {
    Record {
        event: Name::new("said").unwrap(),
        product: Name::new("main").unwrap(),
        at: UnixMillis(1_766_200_000_000),
        country: Country::from_code("US"),
        epoch: 1,
        deed: Deed::Said,
        source: Source::Assistant,
        modality: Modality::Text,
        conversation: None,
        object: None,
        dwell_ms: 0,
        signals: vec![TopicStrength { topic: topic("646"), strength: 0.6 }],
        marks: Marks { about_other: true, ..Marks::default() },
        vector: None,
        named,
    }
}

fn fold(records: &[Record]) -> Profile {
    let (terms, limits) = (Terms::default(), Limits::default());
    Folder { terms: &terms, notices: &[], limits: &limits }.fold(records)
}

fn class_of<'p>(profile: &'p Profile, code: &str) -> &'p ClassProfile {
    let holds = |class: &&ClassProfile| {
        class.topics.iter().chain(&class.negatives).any(|weight| weight.topic == topic(code))
    };
    profile.classes.iter().find(holds).unwrap()
}

#[test]
fn a_named_item_bears_the_marks_of_the_words_and_its_own() {
    let health: Categories = [Category::Health].into_iter().collect();
    let profile = fold(&[said(vec![named(0.4, health)])]);
    let (words, item) = (class_of(&profile, "646"), class_of(&profile, "336"));
    assert_eq!(words.class.marks.sensitive, Categories::NONE);
    assert_eq!((item.class.marks.sensitive, item.class.marks.about_other), (health, true));
    assert_eq!(item.topics[0].evidence[0].event.as_str(), "said");
}

#[test]
fn an_item_named_with_dislike_is_a_negative_and_no_direction() {
    let profile = fold(&[said(vec![named(-0.4, Categories::NONE)])]);
    let class = class_of(&profile, "336");
    assert!(class.negatives.iter().any(|weight| weight.topic == topic("336")));
    assert!(class.vectors.is_empty());
}

#[test]
fn a_judgement_of_the_words_judges_what_they_named() {
    let judged = Record {
        event: Name::new("judged").unwrap(),
        deed: Deed::RatedDown,
        object: Some(Object::Event(Name::new("said").unwrap())),
        signals: Vec::new(),
        named: Vec::new(),
        ..said(Vec::new())
    };
    let profile = fold(&[said(vec![named(0.4, Categories::NONE)]), judged]);
    assert!(class_of(&profile, "336").negatives.iter().any(|weight| weight.topic == topic("336")));
}
