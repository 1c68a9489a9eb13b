//! The feed's pipeline over a small world.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;

use rapport_core::catalog::{Catalog, Change, Item, Popularity, Visibility, Vote};
use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Object, Record};
use rapport_core::explain::{ReasonKind, reasons, total};
use rapport_core::gate::{
    Asking, Choices, Decider, Decision, Feed, Gate, GateKey, Person, PolicyFacts, RuleId, Terms, TopicChoice,
    View,
};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::pipeline::{self, FeedRequest, FeedSettings, FeedWorld, RankedFeed};
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::{DAY, HOUR, UnixMillis};
use rapport_core::topic::TopicId;
use rapport_core::understanding::ScoredTopic;

const NOW: UnixMillis = UnixMillis(1_766_200_000_000);
const THEO: Surrogate = Surrogate([1; 16]);
const STRANGER: Surrogate = Surrogate([2; 16]);

struct Only(Option<Source>, PolicyFacts);

impl Only {
    fn source(source: Option<Source>) -> Self {
        Self(
            source,
            PolicyFacts {
                name: "test".into(),
                version: "test-1".into(),
                epoch: 1,
                notice: 0,
                terms: Terms::default(),
                rules: vec![],
                honours_objection: vec![],
            },
        )
    }
}

impl Decider for Only {
    fn decide(&self, key: &GateKey) -> Decision {
        Decision { allowed: self.0.is_none_or(|source| source == key.source), rule: RuleId(0) }
    }
    fn facts(&self) -> &PolicyFacts {
        &self.1
    }
}

fn item(id: &str, kind: &str, topic: &str, author: Option<Surrogate>, visibility: Visibility) -> Change {
    Change::Put(Arc::new(Item {
        id: Name::new(id).unwrap(),
        kind: kind.into(),
        author: None,
        author_surrogate: author,
        group: None,
        title: id.into(),
        text: String::new(),
        topics: vec![ScoredTopic::new(TopicId::from_code(topic).unwrap(), 1.0)],
        marks: Marks::default(),
        language: "en".into(),
        created_at: NOW.plus(-2 * DAY),
        visibility,
        vector: None,
    }))
}

fn world() -> Catalog {
    use Visibility::*;
    Catalog::default().with([
        item("hike-group", "group", "542", None, Public),
        item("hike-reel", "reel", "542", None, Public),
        item("hike-post", "post", "542", None, Public),
        item("theo-trail", "friend_update", "542", Some(THEO), Friends),
        item("secret-trail", "friend_update", "542", Some(STRANGER), Friends),
        item("coffee", "post", "216", None, Public),
        item("film", "post", "324", None, Public),
        item("film-reel", "reel", "324", None, Public),
        item("garden", "post", "275", None, Public),
        item("cars", "post", "1", None, Public),
        item("books", "post", "42", None, Public),
    ])
}

fn record(event: &str, deed: Deed, object: Option<Object>, topic: &str, strength: f32, ago: i64) -> Record {
    Record {
        event: Name::new(event).unwrap(),
        product: Name::new("main").unwrap(),
        at: NOW.plus(-ago),
        country: Country::from_code("US"),
        epoch: 1,
        deed,
        source: if deed == Deed::Said { Source::Assistant } else { Source::Social },
        modality: Modality::Text,
        conversation: None,
        object,
        dwell_ms: 0,
        signals: vec![TopicStrength { topic: TopicId::from_code(topic).unwrap(), strength }],
        marks: Marks::default(),
        vector: None,
        named: Vec::new(),
    }
}

fn history() -> Vec<Record> {
    let mut friend = record("friends", Deed::Befriended, Some(Object::Person(THEO)), "324", 0.0, 30 * DAY);
    friend.signals.clear();
    vec![friend, record("said-hiking", Deed::Said, None, "542", 0.9, HOUR / 2)]
}

fn feed(records: &[Record], policy: &Only, choices: Choices, limit: usize, seed: u64) -> RankedFeed {
    let person = Person {
        country: Country::from_code("US"),
        languages: vec!["en".into()],
        choices,
        ..Person::default()
    };
    let terms = Terms::default();
    let limits = Limits::default();
    let profile: Profile = Folder { terms: &terms, notices: &[], limits: &limits }.fold(records);
    let main = Name::new("main").unwrap();
    let asking = Asking { product: &main, now: NOW, gpc: false };
    let gate = Gate::new(policy);
    let view: View<'_, Feed> = gate.view(&profile, &person, &asking);
    let catalog = world();
    let mut popularity = Popularity::default();
    popularity.add(&[Vote { item: Name::new("film").unwrap(), weight: 0.5 }]);
    let popular = popularity.top(&catalog);
    let world = FeedWorld { catalog: &catalog, popularity: &popularity, popular: &popular };
    pipeline::feed(&world, &FeedRequest { view: &view, viewer: None, limit, seed }, &FeedSettings::default())
}

fn ids(feed: &RankedFeed) -> Vec<&str> {
    feed.rows.iter().map(|row| row.item.id.as_str()).collect()
}

#[test]
fn what_was_said_shows_in_the_first_places_with_its_reason() {
    let feed = feed(&history(), &Only::source(None), Choices::default(), 8, 7);
    assert_eq!(ids(&feed)[0], "theo-trail", "a friend's update on the topic comes first");
    let first_five = &ids(&feed)[..5];
    let hiking = first_five.iter().filter(|id| id.contains("hike") || id.contains("trail")).count();
    assert_eq!(hiking, 3, "a topic just spoken of may fill three of the first five: {first_five:?}");
    let kinds: Vec<&str> = feed.rows[..3].iter().map(|r| r.item.kind.as_str()).collect();
    assert_eq!(
        kinds.iter().collect::<std::collections::HashSet<_>>().len(),
        3,
        "each of another kind: {kinds:?}"
    );
    let said = &feed.rows[1].contributions[0];
    assert_eq!((said.kind, said.event.as_ref().map(|e| e.as_str())), (ReasonKind::Said, Some("said-hiking")));
}

#[test]
fn contributions_add_up_to_the_score_and_shares_to_one() {
    for row in feed(&history(), &Only::source(None), Choices::default(), 11, 7).rows {
        assert_eq!(total(&row.contributions), row.score, "{}", row.item.title);
        let positive: f64 = reasons(&row.contributions).iter().map(|r| r.share.max(0.0)).sum();
        assert!((positive - 1.0).abs() < 1e-9, "{}", row.item.title);
    }
}

#[test]
fn what_the_gate_refuses_makes_no_difference() {
    let silent: Vec<Record> = history().into_iter().filter(|r| r.deed != Deed::Said).collect();
    let social_only = Only::source(Some(Source::Social));
    let said = feed(&history(), &social_only, Choices::default(), 11, 7);
    assert_eq!(said, feed(&silent, &social_only, Choices::default(), 11, 7));
    assert_ne!(ids(&said), ids(&feed(&history(), &Only::source(None), Choices::default(), 11, 7)));
}

#[test]
fn friends_items_of_strangers_are_never_shown() {
    let all = feed(&history(), &Only::source(None), Choices::default(), 99, 7);
    assert!(!ids(&all).contains(&"secret-trail"));
    let unprofiled = feed(&history(), &Only::source(Some(Source::Account)), Choices::default(), 99, 7);
    assert!(!ids(&unprofiled).contains(&"theo-trail"), "without a view nobody is known to be a friend");
    assert!(unprofiled.rows.len() > 5, "and still there is a feed");
}

#[test]
fn hidden_seen_and_never_wanted_items_stay_away() {
    let object = |id: &str| Some(Object::Item(Name::new(id).unwrap()));
    let mut records = history();
    records.push(record("h", Deed::Hid, object("hike-group"), "542", -0.7, DAY));
    records.push(record("v", Deed::Viewed, object("coffee"), "216", 0.1, DAY));
    let mut choices = Choices::default();
    choices.topics.insert(TopicId::from_code("1").unwrap(), TopicChoice::Never);
    let shown = feed(&records, &Only::source(None), choices, 99, 7);
    for gone in ["hike-group", "coffee", "cars"] {
        assert!(!ids(&shown).contains(&gone), "{gone}");
    }
    let unprofiled = feed(&records, &Only::source(Some(Source::Account)), Choices::default(), 99, 7);
    assert!(!ids(&unprofiled).contains(&"hike-group"), "a hide binds even where nothing else is used");
}

#[test]
fn equal_seeds_give_equal_feeds_and_moves_are_told() {
    let one = feed(&history(), &Only::source(None), Choices::default(), 11, 7);
    assert_eq!(one, feed(&history(), &Only::source(None), Choices::default(), 11, 7));
    let by_score: Vec<_> = one.rows.windows(2).map(|w| w[0].score >= w[1].score).collect();
    if by_score.contains(&false) {
        assert!(one.rows.iter().any(|row| row.moved.is_some()));
    }
    assert!(
        one.rows.iter().any(|row| row.moved.as_ref().is_some_and(|m| m.to > m.from)),
        "the fourth trail item fell"
    );
}
