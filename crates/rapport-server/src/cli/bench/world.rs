//! A synthetic catalogue and people: topics of unequal popularity, meanings that gather around their topic.

use std::sync::Arc;

use anyhow::{Context, Result};
use rapport_core::catalog::{Catalog, Change, Item, Popularity, RowId, Visibility, Vote};
use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Object, Record};
use rapport_core::gate::{NoticeSeen, Person};
use rapport_core::ids::{Name, Surrogate};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::{DAY, HOUR, UnixMillis};
use rapport_core::topic::TopicId;
use rapport_core::understanding::{ScoredTopic, VECTOR_DIM, Vector};

use crate::cli::bench::random::Random;

/// The moment of all requests.
pub const NOW: UnixMillis = UnixMillis(1_768_000_000_000);
/// Topics in use.
const TOPICS: usize = 200;
/// Kinds of items, in turn.
const KINDS: [&str; 5] = ["post", "reel", "group", "page", "product"];

/// Topics with the direction that their meanings gather around.
pub struct Topics(Vec<(TopicId, [f32; VECTOR_DIM])>);

impl Topics {
    /// Draws directions for the taxonomy's first ordinary topics.
    pub fn new(random: &mut Random) -> Self {
        let ordinary = TopicId::all().filter(|topic| topic.sensitive().is_empty()).take(TOPICS);
        Self(ordinary.map(|topic| (topic, std::array::from_fn(|_| random.normal()))).collect())
    }

    /// A topic, the earlier ones more often.
    fn draw(&self, random: &mut Random) -> &(TopicId, [f32; VECTOR_DIM]) {
        let skewed = random.unit() * random.unit();
        &self.0[((skewed * self.0.len() as f32) as usize).min(self.0.len() - 1)]
    }
}

/// A meaning near `centre`.
fn near(centre: &[f32; VECTOR_DIM], random: &mut Random) -> Option<Vector> {
    let mut values = *centre;
    values.iter_mut().for_each(|value| *value += random.normal());
    Vector::quantize(&values)
}

/// `items` items with popularity for one in ten.
pub fn catalog(
    items: usize,
    topics: &Topics,
    random: &mut Random,
) -> Result<(Catalog, Popularity, Vec<RowId>)> {
    let mut popularity = Popularity::default();
    let mut changes = Vec::with_capacity(items);
    for number in 0..items {
        let item = item(number, topics, random)?;
        if random.below(10) == 0 {
            for _ in 0..=random.below(40) {
                popularity.add(&[Vote { item: item.id.clone(), weight: 0.5 }]);
            }
        }
        changes.push(Change::Put(Arc::new(item)));
    }
    let catalog = Catalog::default().with(changes);
    let popular = popularity.top(&catalog);
    Ok((catalog, popularity, popular))
}

fn item(number: usize, topics: &Topics, random: &mut Random) -> Result<Item> {
    let (topic, centre) = topics.draw(random);
    Ok(Item {
        id: Name::new(&format!("item-{number}")).context("an item's id")?,
        kind: KINDS[number % KINDS.len()].to_owned(),
        author: None,
        author_surrogate: Some(surrogate(random.below(100_000))),
        group: None,
        title: format!("{} {number}", topic.name()),
        text: String::new(),
        topics: vec![ScoredTopic::new(*topic, 0.9)],
        marks: Marks::default(),
        language: "en".to_owned(),
        created_at: NOW.plus(-(random.below(60 * 24) as i64) * HOUR),
        visibility: Visibility::Public,
        vector: near(centre, random),
    })
}

fn surrogate(number: usize) -> Surrogate {
    Surrogate((number as u128).to_le_bytes())
}

/// Somebody in the US who saw the notice.
pub fn person() -> Person {
    let notice =
        NoticeSeen { notice: "2025-12".to_owned(), at: NOW.plus(-60 * DAY), channel: "in_app".to_owned() };
    Person {
        country: Country::from_code("US"),
        birth_year: Some(1990),
        languages: vec!["en".to_owned()],
        notices: vec![notice],
        ..Person::default()
    }
}

/// What somebody did: `said` things told to the assistant, and three times as many likes and views, over three weeks.
pub fn log(
    person: usize,
    said: usize,
    catalog: &Catalog,
    topics: &Topics,
    random: &mut Random,
) -> Result<Vec<Record>> {
    let mut log = Vec::with_capacity(said * 4);
    for number in 0..said * 4 {
        let (topic, centre) = topics.draw(random);
        let deed = [Deed::Said, Deed::Liked, Deed::Viewed, Deed::Saved][number % 4];
        let item =
            Name::new(&format!("item-{}", random.below(catalog.len().max(1)))).context("an item's id")?;
        let words = deed == Deed::Said;
        log.push(Record {
            event: Name::new(&format!("e-{person}-{number}")).context("an event's id")?,
            product: Name::new("main").context("a product's name")?,
            at: NOW.plus(-(random.below(20 * 24) as i64 + 1) * HOUR),
            country: Country::from_code("US"),
            epoch: 0,
            deed,
            source: if words { Source::Assistant } else { Source::Social },
            modality: if words { Modality::Text } else { Modality::None },
            conversation: None,
            object: (!words).then_some(Object::Item(item)),
            dwell_ms: if deed == Deed::Viewed { 20_000 } else { 0 },
            signals: vec![TopicStrength { topic: *topic, strength: if words { 0.8 } else { 0.4 } }],
            marks: Marks::default(),
            vector: near(centre, random),
            named: Vec::new(),
        });
    }
    Ok(log)
}
