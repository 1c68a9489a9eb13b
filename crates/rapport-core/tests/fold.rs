//! The profile is a pure fold: what was undone or taken back might as well never have been.
#![allow(clippy::unwrap_used, reason = "test code")]

use proptest::prelude::*;
use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Object, Record};
use rapport_core::gate::{NoticeSeen, NoticeTerms, Terms};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::{DAY, HOUR, UnixMillis};
use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{VECTOR_DIM, Vector};

const START: UnixMillis = UnixMillis(1_765_900_000_000);

fn terms() -> Terms {
    Terms {
        notices: vec![NoticeTerms {
            id: "2025-12".into(),
            notice_from: START.plus(-70 * DAY),
            effective_at: START,
        }],
        regions: [(Country::from_code("US"), START)].into(),
    }
}

fn small() -> Limits {
    Limits {
        classes: 3,
        topics: 4,
        evidence: 2,
        vectors: 4,
        seen: 4,
        relations: 6,
        conversations: 2,
        ..Limits::default()
    }
}

fn fold(records: &[Record], limits: &Limits) -> Profile {
    let notices = [NoticeSeen { notice: "2025-12".into(), at: START.plus(HOUR), channel: "in_app".into() }];
    Folder { terms: &terms(), notices: &notices, limits }.fold(records)
}

fn deed() -> impl Strategy<Value = Deed> {
    prop::sample::select(vec![
        Deed::Said,
        Deed::Liked,
        Deed::Unliked,
        Deed::Viewed,
        Deed::Hid,
        Deed::Unhid,
        Deed::Befriended,
        Deed::Unfriended,
        Deed::Joined,
        Deed::Left,
        Deed::Purchased,
    ])
}

prop_compose! {
    fn record()(
        deed in deed(), minutes in -3_000i64..3_000, topic in 0u16..12, object in 0u8..4,
        strength in -1.0f32..1.0, product in 0u8..3, direction in 0usize..6, n in any::<u32>(),
        conversation in proptest::option::of(0u8..3), sensitive in 0u8..4,
    ) -> Record {
        let mutual = deed.is_mutual();
        let item = Object::Item(Name::new(&format!("item-{object}")).unwrap());
        Record {
            event: Name::new(&format!("e-{n}-{minutes}")).unwrap(),
            product: Name::new(["main", "photos", "messenger"][usize::from(product)]).unwrap(),
            at: START.plus(minutes * 60_000),
            country: Country::from_code("US"),
            epoch: 1,
            deed,
            source: if deed == Deed::Said { Source::Assistant } else { Source::Social },
            modality: Modality::Text,
            conversation: conversation.map(|c| Name::new(&format!("chat-{c}")).unwrap()),
            object: match deed {
                Deed::Said => None,
                _ if mutual => Some(Object::Person(Surrogate([object; 16]))),
                _ => Some(item),
            },
            dwell_ms: 0,
            signals: vec![TopicStrength { topic: TopicId::from_index(topic * 40).unwrap(), strength }],
            marks: Marks {
                sensitive: if sensitive == 0 { [Category::Health].into_iter().collect() } else { Categories::NONE },
                ..Marks::default()
            },
            vector: Vector::quantize(&std::array::from_fn::<f32, VECTOR_DIM, _>(|i| if i % 6 == direction { 1.0 } else { 0.1 })),
            named: Vec::new(),
        }
    }
}

fn takes_nothing_back(record: &Record) -> bool {
    record.deed.takes_back().is_none()
}

proptest! {
    #[test]
    fn folding_one_by_one_is_folding_at_once(records in prop::collection::vec(record(), 0..60)) {
        let records: Vec<Record> = records.into_iter().filter(takes_nothing_back).collect();
        let (terms, limits) = (terms(), small());
        let notices = [NoticeSeen { notice: "2025-12".into(), at: START.plus(HOUR), channel: "in_app".into() }];
        let folder = Folder { terms: &terms, notices: &notices, limits: &limits };
        let mut profile = Profile::default();
        for record in &records {
            folder.apply(&mut profile, record).unwrap();
        }
        prop_assert_eq!(profile, folder.fold(&records));
    }

    #[test]
    fn what_is_taken_back_leaves_no_trace(records in prop::collection::vec(record(), 0..40), item in record()) {
        let records: Vec<Record> = records.into_iter().filter(takes_nothing_back).collect();
        let mut with = records.clone();
        let other = Object::Item(Name::new("another").unwrap());
        with.push(Record { deed: Deed::Liked, object: Some(other.clone()), ..item.clone() });
        with.push(Record { deed: Deed::Unliked, object: Some(other), ..item });
        prop_assert_eq!(fold(&with, &small()), fold(&records, &small()));
    }

    #[test]
    fn bounds_hold(records in prop::collection::vec(record(), 0..120)) {
        let limits = small();
        let profile = fold(&records, &limits);
        prop_assert!(profile.classes.len() <= limits.classes);
        prop_assert!(profile.relations.len() <= limits.relations);
        prop_assert!(profile.classes.iter().map(|c| c.vectors.len()).sum::<usize>() <= limits.vectors);
        for class in &profile.classes {
            prop_assert!(class.vectors.len() <= 2 && class.seen.len() <= limits.seen);
            for weight in class.topics.iter().chain(&class.negatives) {
                prop_assert!(weight.evidence.len() <= limits.evidence);
                let (parts, earlier) = weight.parts(START.plus(4 * DAY), rapport_core::profile::weight::LIKES);
                prop_assert!(earlier >= 0.0 && parts.iter().all(|p| *p >= 0.0));
            }
            prop_assert!(class.topics.len() <= limits.topics && class.negatives.len() <= limits.topics);
        }
        for relation in &profile.relations {
            prop_assert!(usize::from(relation.class) < profile.classes.len());
        }
    }
}

#[test]
fn a_signal_before_the_notice_is_of_another_class_than_one_after() {
    let base = Record {
        event: Name::new("e").unwrap(),
        product: Name::new("main").unwrap(),
        at: START.plus(HOUR),
        country: Country::from_code("US"),
        epoch: 1,
        deed: Deed::Said,
        source: Source::Assistant,
        modality: Modality::Text,
        conversation: None,
        object: None,
        dwell_ms: 0,
        signals: vec![],
        marks: Marks::default(),
        vector: None,
        named: Vec::new(),
    };
    let after = Record { at: START.plus(HOUR + 1), ..base.clone() };
    let early = Record { at: START.plus(-1), ..base.clone() };
    let profile = fold(&[base, after, early], &Limits::default());
    let seen: Vec<(u16, u16, bool)> = profile
        .classes
        .iter()
        .map(|c| (c.class.notices_seen, c.class.notices_effective, c.class.region_open))
        .collect();
    assert_eq!(seen, [(0, 1, true), (1, 1, true), (0, 0, false)], "at the very moment is not after");
}

proptest! {
    #[test]
    fn what_was_said_leaves_the_rest_of_a_profile_as_it_was(records in prop::collection::vec(record(), 0..60)) {
        let limits = Limits { classes: 99, vectors: 4, ..Limits::default() };
        let rest: Vec<Record> = records.iter().filter(|r| r.source != Source::Assistant).cloned().collect();
        let mut with = fold(&records, &limits);
        with.classes.retain(|c| c.class.source != Source::Assistant);
        let without = fold(&rest, &limits);
        prop_assert_eq!(with.classes, without.classes);
    }
}

#[test]
fn feedback_counts_for_or_against_what_it_judges_and_goes_with_it() {
    let said = Record {
        event: Name::new("said").unwrap(),
        product: Name::new("main").unwrap(),
        at: START.plus(2 * HOUR),
        country: Country::from_code("US"),
        epoch: 1,
        deed: Deed::Said,
        source: Source::Assistant,
        modality: Modality::Text,
        conversation: None,
        object: None,
        dwell_ms: 0,
        signals: vec![TopicStrength { topic: TopicId::from_code("542").unwrap(), strength: 0.8 }],
        marks: Marks { about_other: true, ..Marks::default() },
        vector: None,
        named: Vec::new(),
    };
    let judge = |deed| Record {
        event: Name::new("judged").unwrap(),
        deed,
        object: Some(Object::Event(said.event.clone())),
        signals: vec![],
        marks: Marks::default(),
        ..said.clone()
    };
    let limits = Limits::default();
    let alone = fold(std::slice::from_ref(&said), &limits);
    let up = fold(&[said.clone(), judge(Deed::RatedUp)], &limits);
    let down = fold(&[said.clone(), judge(Deed::RatedDown)], &limits);
    assert_eq!(up.classes.len(), 1, "the same marks, so the same class");
    assert!(up.classes[0].topics[0].weight.slow > alone.classes[0].topics[0].weight.slow);
    assert!((down.classes[0].negatives[0].weight.slow - 0.4).abs() < 1e-6);
    assert_eq!(fold(&[judge(Deed::RatedUp)], &limits), Profile::default(), "undone with what it judged");
}

/// What was said in a conversation `minutes` after the start, sensitive or not by itself.
fn said(n: u32, minutes: i64, conversation: &str, sensitive: &[Category]) -> Record {
    Record {
        event: Name::new(&format!("said-{n}")).unwrap(),
        product: Name::new("main").unwrap(),
        at: START.plus(2 * HOUR + minutes * 60_000),
        country: Country::from_code("US"),
        epoch: 1,
        deed: Deed::Said,
        source: Source::Assistant,
        modality: Modality::Text,
        conversation: Some(Name::new(conversation).unwrap()),
        object: None,
        dwell_ms: 0,
        signals: vec![TopicStrength { topic: TopicId::from_code("210").unwrap(), strength: 0.5 }],
        marks: Marks { sensitive: sensitive.iter().copied().collect(), ..Marks::default() },
        vector: None,
        named: Vec::new(),
    }
}

/// The categories of each class that holds evidence of event `said-<n>`.
fn categories_of(profile: &Profile, n: u32) -> Vec<Categories> {
    let event = Name::new(&format!("said-{n}")).unwrap();
    let holds = |class: &&rapport_core::profile::ClassProfile| {
        class.topics.iter().flat_map(|topic| &topic.evidence).any(|evidence| evidence.event == event)
    };
    profile.classes.iter().filter(holds).map(|class| class.class.marks.sensitive).collect()
}

#[test]
fn a_follow_up_bears_the_marks_of_its_conversation_for_a_while() {
    let health: Categories = [Category::Health].into_iter().collect();
    let records = [
        said(1, 0, "chat", &[Category::Health]),
        said(2, 10, "chat", &[]),
        said(3, 10, "another", &[]),
        said(4, 31, "chat", &[]),
        said(5, -1, "chat", &[]),
    ];
    let profile = fold(&records, &Limits::default());
    assert_eq!(categories_of(&profile, 2), [health]);
    assert_eq!(categories_of(&profile, 3), [Categories::NONE], "another conversation");
    assert_eq!(categories_of(&profile, 4), [Categories::NONE], "inheriting doesn't prolong the flag");
    assert_eq!(categories_of(&profile, 5), [Categories::NONE], "said before");
}

#[test]
fn undoing_the_sensitive_message_frees_its_follow_ups() {
    let undone = fold(&[said(2, 10, "chat", &[])], &Limits::default());
    assert_eq!(categories_of(&undone, 2), [Categories::NONE]);
}

#[test]
fn a_rating_counts_with_the_marks_that_the_rated_message_inherited() {
    let rating = Record {
        deed: Deed::RatedUp,
        conversation: None,
        object: Some(Object::Event(Name::new("said-2").unwrap())),
        signals: Vec::new(),
        ..said(3, 50, "chat", &[])
    };
    let profile = fold(
        &[said(1, 0, "chat", &[Category::Health]), said(2, 10, "chat", &[]), rating],
        &Limits::default(),
    );
    assert_eq!(categories_of(&profile, 3), [[Category::Health].into_iter().collect()]);
}
