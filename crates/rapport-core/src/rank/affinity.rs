//! How much a person is drawn to each topic, and by what evidence.

use crate::explain::ReasonKind;
use crate::gate::{TopicChoice, View};
use crate::ids::EventId;
use crate::profile::weight::{DISLIKES, HalfLives, LIKES};
use crate::profile::{ClassProfile, TopicWeight};
use crate::signal::Source;
use crate::topic::TopicId;

/// What an interest in a topic says about the topics below it, a level.
const DOWN: f32 = 0.6;
/// What it says about the topic above it, a level.
const UP: f32 = 0.35;
/// Weights below this are noise.
const LEAST: f32 = 0.01;

/// A piece of affinity, and the evidence that it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    /// The person's own topic, which may lie above or below the item's.
    pub topic: TopicId,
    /// What was done.
    pub kind: ReasonKind,
    /// Where the evidence comes from.
    pub source: Source,
    /// The event, while it is kept.
    pub event: Option<&'p EventId>,
    /// How much, on the scale ln(1 + weight).
    pub value: f32,
}

/// For every topic, the parts of a person's affinity to it.
#[derive(Debug)]
pub struct Affinities<'p> {
    /// By topic index.
    table: Vec<Vec<Part<'p>>>,
    /// What the parts add up to, by topic index.
    sums: Vec<f32>,
    /// The person's own topics, strongest first.
    own: Vec<(TopicId, f32)>,
}

impl<'p> Affinities<'p> {
    /// What speaks for topics.
    pub fn liked<P: crate::gate::PurposeTag>(view: &View<'p, P>) -> Self {
        Self::build(view, |class| &class.topics, LIKES)
    }

    /// What speaks against topics.
    pub fn disliked<P: crate::gate::PurposeTag>(view: &View<'p, P>) -> Self {
        Self::build(view, |class| &class.negatives, DISLIKES)
    }

    /// The parts of the affinity to `topic`.
    pub fn to(&self, topic: TopicId) -> &[Part<'p>] {
        self.table.get(usize::from(topic.index())).map_or(&[], Vec::as_slice)
    }

    /// The affinity to `topic`.
    pub fn sum(&self, topic: TopicId) -> f32 {
        self.sums.get(usize::from(topic.index())).copied().unwrap_or(0.0)
    }

    /// The person's own topics, strongest first.
    pub fn own(&self) -> &[(TopicId, f32)] {
        &self.own
    }

    fn build<P: crate::gate::PurposeTag>(
        view: &View<'p, P>,
        list: impl Fn(&'p ClassProfile) -> &'p Vec<TopicWeight>,
        half_lives: HalfLives,
    ) -> Self {
        let mut own: Vec<(TopicId, f32, Vec<Part<'p>>)> = Vec::new();
        for class in view.classes() {
            for weight in list(class) {
                gather(&mut own, class, weight, view, half_lives);
            }
        }
        own.retain(|(_, weight, _)| *weight > LEAST);
        own.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut table = Vec::new();
        if !own.is_empty() {
            table.resize_with(TopicId::all().count(), Vec::new);
        }
        for (topic, weight, parts) in &own {
            spread(&mut table, *topic, *weight, parts);
        }
        let sums = table.iter().map(|parts| parts.iter().map(|p| p.value).sum()).collect();
        Self { table, sums, own: own.into_iter().map(|(topic, weight, _)| (topic, weight)).collect() }
    }
}

/// Adds the weight that one class gives to one topic, split by evidence.
fn gather<'p, P: crate::gate::PurposeTag>(
    own: &mut Vec<(TopicId, f32, Vec<Part<'p>>)>,
    class: &'p ClassProfile,
    weight: &'p TopicWeight,
    view: &View<'p, P>,
    half_lives: HalfLives,
) {
    let (fast, slow) = weight.weight.at(view.now(), half_lives);
    let chosen = match view.choice(weight.topic) {
        Some(TopicChoice::Never) => return,
        Some(TopicChoice::Less) => 0.4,
        Some(TopicChoice::More) => 1.6,
        None => 1.0,
    };
    let whole = (fast + slow) / 2.0 * chosen;
    if whole <= 0.0 {
        return;
    }
    let (kept, earlier) = weight.parts(view.now(), half_lives);
    let scale = whole / (kept.iter().sum::<f32>() + earlier).max(f32::MIN_POSITIVE);
    let part = |kind, event, value: f32| Part {
        topic: weight.topic,
        kind,
        source: class.class.source,
        event,
        value: value * scale,
    };
    let mut parts: Vec<Part<'p>> = weight
        .evidence
        .iter()
        .zip(kept)
        .map(|(evidence, value)| part(ReasonKind::of(evidence.deed), Some(&evidence.event), value))
        .collect();
    if earlier > 0.0 {
        parts.push(part(ReasonKind::Earlier, None, earlier));
    }
    match own.iter_mut().find(|(topic, ..)| *topic == weight.topic) {
        Some((_, sum, known)) => {
            *sum += whole;
            known.append(&mut parts);
        }
        None => own.push((weight.topic, whole, parts)),
    }
}

/// Squashes a topic's weight to ln(1 + weight), shares that out over its parts, and passes some of it on to the
/// topics above and below.
fn spread<'p>(table: &mut [Vec<Part<'p>>], topic: TopicId, weight: f32, parts: &[Part<'p>]) {
    let squashed = weight.ln_1p() / weight;
    let mut give = |to: TopicId, factor: f32| {
        let shares = parts.iter().map(|p| Part { value: p.value * squashed * factor, ..*p });
        table[usize::from(to.index())].extend(shares);
    };
    give(topic, 1.0);
    for (above, level) in topic.lineage().skip(1).zip(1..) {
        give(above, UP.powi(level));
    }
    for below in topic.below() {
        give(below, DOWN);
    }
}
