//! From an event to what the log keeps of it: the signals and their marks, never the words.

use rapport_core::catalog::{Item, Mention};
use rapport_core::country::Country;
use rapport_core::event::{Body, Deed, Event, Modality, Named, Object, Record};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::signal::{Marks, Source, TopicStrength, of_object, of_words, partner_topics};
use rapport_core::understanding::{ScoredTopic, Subject, Understanding, Vector};

use rapport_core::auction::AdFacts;

use crate::app::named;

/// What an event was found to be about.
pub enum About {
    /// Words, as far as they could be judged, and the items that they name.
    Words(Option<Understanding>, Vec<Mention>),
    /// An item of the catalogue.
    Item(std::sync::Arc<Item>),
    /// A person.
    Person(Surrogate),
    /// An ad, as `campaign/ad`.
    Ad(Name, AdFacts),
    /// Nothing that bears a signal.
    Nothing,
}

/// The evidence of one event.
#[derive(Default)]
struct Evidence {
    signals: Vec<TopicStrength>,
    marks: Marks,
    vector: Option<Vector>,
    named: Vec<Named>,
}

/// The record of `event`, collected in `country` under the policy version `epoch`.
pub fn record(event: &Event, about: About, country: Country, epoch: u32) -> Record {
    let (deed, source, modality) = kind(&event.body);
    let Evidence { signals, marks, vector, named } = evidence(&event.body, deed, &about);
    Record {
        event: event.id.clone(),
        product: event.product.clone(),
        at: event.at,
        country,
        epoch,
        deed,
        source,
        modality,
        conversation: match &event.body {
            Body::Words { conversation, .. } => conversation.clone(),
            _ => None,
        },
        object: match about {
            About::Item(item) => Some(Object::Item(item.id.clone())),
            About::Person(person) => Some(Object::Person(person)),
            About::Ad(name, _) => Some(Object::Ad(name)),
            About::Words(..) | About::Nothing => judged(&event.body),
        },
        dwell_ms: match event.body {
            Body::Social { dwell_ms, .. } => dwell_ms,
            _ => 0,
        },
        signals,
        marks,
        vector,
        named,
    }
}

/// The event that feedback judges; the fold looks it up, so that undoing it undoes what was judged of it.
fn judged(body: &Body) -> Option<Object> {
    match body {
        Body::Feedback { about, value } if *value != 0.0 => Some(Object::Event(about.clone())),
        _ => None,
    }
}

fn kind(body: &Body) -> (Deed, Source, Modality) {
    match body {
        Body::Words { deed, modality, .. } => (*deed, Source::Assistant, *modality),
        Body::Feedback { value, .. } if *value < 0.0 => (Deed::RatedDown, Source::Assistant, Modality::None),
        Body::Feedback { .. } => (Deed::RatedUp, Source::Assistant, Modality::None),
        Body::Social { deed, .. } if is_about_ads(*deed) => (*deed, Source::Ads, Modality::None),
        Body::Social { deed, .. } => (*deed, Source::Social, Modality::None),
        Body::Partner { .. } => (Deed::PartnerActivity, Source::Partner, Modality::None),
    }
}

fn evidence(body: &Body, deed: Deed, about: &About) -> Evidence {
    match (body, about) {
        (Body::Partner { topics, .. }, About::Words(words, _)) => partner(topics, words.as_ref()),
        (Body::Partner { topics, .. }, _) => partner(topics, None),
        (_, About::Words(Some(words), mentions)) => of_said(deed, words, mentions),
        (_, About::Words(None, _)) => unjudged(),
        (Body::Social { dwell_ms, .. }, About::Item(item)) => Evidence {
            signals: of_object(deed, *dwell_ms, &item.topics),
            marks: item.marks,
            vector: item.vector.clone(),
            named: Vec::new(),
        },
        (Body::Social { .. }, About::Ad(_, ad)) => of_ad(deed, ad),
        _ => Evidence::default(),
    }
}

fn of_said(deed: Deed, words: &Understanding, mentions: &[Mention]) -> Evidence {
    let signals = of_words(deed, words);
    let weighs = matches!(deed, Deed::Said | Deed::Acted);
    Evidence {
        signals,
        marks: marks(words),
        vector: words.vector.clone().filter(|_| weighs),
        named: named::evidence(deed, words, mentions),
    }
}

fn of_ad(deed: Deed, ad: &AdFacts) -> Evidence {
    let sensitive = ad.topics.iter().fold(ad.sensitive, |all, scored| all | scored.topic.sensitive());
    Evidence {
        signals: of_object(deed, 0, &ad.topics),
        marks: Marks { sensitive, ..Marks::default() },
        vector: ad.vector.clone(),
        named: Vec::new(),
    }
}

fn partner(topics: &[rapport_core::topic::TopicId], words: Option<&Understanding>) -> Evidence {
    let mut signals = partner_topics(topics);
    let mut marks = Marks {
        sensitive: topics.iter().fold(Default::default(), |all, topic| all | topic.sensitive()),
        ..Marks::default()
    };
    if let Some(words) = words {
        marks = marks.union(self::marks(words));
        let said: Vec<_> = words.topics.iter().map(|scored| scored.topic).collect();
        signals.extend(partner_topics(&said).into_iter().filter(|s| !topics.contains(&s.topic)));
    }
    Evidence { signals, marks, ..Evidence::default() }
}

/// What a policy must know about words. A topic is as sensitive as its place in the taxonomy says, whatever the
/// detectors found.
pub(super) fn marks(words: &Understanding) -> Marks {
    Marks {
        sensitive: words
            .topics
            .iter()
            .fold(words.sensitive, |all, t: &ScoredTopic| all | t.topic.sensitive()),
        about_other: words.subject == Subject::Other,
        about_child: words.about_child,
        low_confidence: words.low_confidence,
    }
}

/// The models failed: kept as having happened, and never used.
fn unjudged() -> Evidence {
    Evidence { marks: Marks { low_confidence: true, ..Marks::default() }, ..Evidence::default() }
}

fn is_about_ads(deed: Deed) -> bool {
    matches!(deed, Deed::AdSeen | Deed::AdClicked | Deed::AdConverted | Deed::AdHid)
}
