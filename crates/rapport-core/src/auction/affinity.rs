//! How near an ad is to what somebody cares for: topics and meaning, in bounded amounts, each attributed to its
//! evidence.
//!
//! Two sums feed the log-odds of a click. *Topics*: `TOPICS · x / (x + HALF)`, where `x` is the pull towards that
//! topic of the ad that pulls most. *Meaning*: `MEANING · ramp(cosine) · strength` of the best fitting interest.
//! Both saturate, so that [`MAX_LOG_ODDS`](super::MAX_LOG_ODDS) bounds them and the index may stop early.

use crate::event::Deed;
use crate::explain::{Contribution, Micronats, ReasonKind};
use crate::ids::EventId;
use crate::profile::TopicWeight;
use crate::profile::weight::HalfLives;
use crate::signal::Source;
use crate::time::UnixMillis;
use crate::topic::TopicId;
use crate::understanding::{VECTOR_DIM, Vector, dot};

/// The most that topics add, in nats.
pub(super) const TOPICS: f32 = 1.3;
/// The pull that gives half of it: about a third of one clear request.
const HALF: f32 = 0.15;
/// The most that meaning adds, in nats: more than topics, so that of four ads for hikers the one for boots wins with
/// who asked for boots.
pub(super) const MEANING: f32 = 2.4;
/// Cosines from here on count: with the sentence encoder that ships, "which boots should I buy?" is 0.0 to 0.2 from ads
/// that have nothing to do with it …
const NEAR: f32 = 0.15;
/// … and from here on count fully: ads for hiking boots are 0.4 to 0.7 from it.
const NEAREST: f32 = 0.55;
/// The most that dislikes take away, in nats.
const DISLIKE: f32 = 2.0;
/// The weight of dislikes that gives half of it.
const HALF_DISLIKE: f32 = 0.3;

/// The bytes of a [`Vector`].
pub(super) type Meaning = [i8; VECTOR_DIM];

/// A topic of an ad and how surely, in 65,535ths.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdTopic {
    pub topic: TopicId,
    pub score: u16,
}

/// What pulls towards a topic, or away from it.
pub(super) struct Pull<'a> {
    pub topic: TopicId,
    /// Mean of both half-lives, after the person's choice; positive.
    pub weight: f32,
    pub origin: Origin<'a>,
}

/// Where a pull comes from.
pub(super) enum Origin<'a> {
    /// Evidence of the person.
    Person { of: &'a TopicWeight, source: Source, now: UnixMillis, half_lives: HalfLives },
    /// The item beside the ad.
    Beside,
}

/// A meaning that pulls.
pub(super) struct Direction<'a> {
    vector: &'a Vector,
    norm: f32,
    /// How much it counts, 0..=1.
    strength: f32,
    /// The person's evidence; none for the item beside the ad.
    evidence: Option<(&'a EventId, Deed, Source)>,
}

/// All pulls of a request, with dense tables so that an ad costs a few lookups.
#[derive(Default)]
pub(super) struct Pulls<'a> {
    towards: Vec<Pull<'a>>,
    away: Vec<Pull<'a>>,
    directions: Vec<Direction<'a>>,
    /// By topic: pulls to it, below it and above it, discounted. Empty if there is no pull.
    near: Vec<f32>,
    /// By topic: pulls away from it or from what lies above it. Empty if there is none.
    against: Vec<f32>,
    topics_ceiling: i64,
    meaning_ceiling: i64,
}

/// What topics and meaning add to one ad, before attribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affinity {
    pub topics: i64,
    pub meaning: i64,
    pub dislikes: i64,
    topic: Option<TopicId>,
    disliked: Option<TopicId>,
    direction: usize,
}

impl Affinity {
    pub fn total(self) -> i64 {
        self.topics + self.meaning + self.dislikes
    }
}

impl<'a> Direction<'a> {
    pub fn new(vector: &'a Vector, strength: f32, evidence: Option<(&'a EventId, Deed, Source)>) -> Self {
        Self { vector, norm: norm(vector), strength, evidence }
    }
}

impl Pull<'_> {
    /// The sum of both half-lives, whatever the person chose.
    pub fn unchosen(&self) -> f32 {
        match &self.origin {
            Origin::Person { of, now, half_lives, .. } => super::features::both(of, *now, *half_lives),
            Origin::Beside => 0.0,
        }
    }
}

impl<'a> Pulls<'a> {
    pub fn new(towards: Vec<Pull<'a>>, away: Vec<Pull<'a>>, directions: Vec<Direction<'a>>) -> Self {
        let mut all = Self { towards, away, directions, ..Self::default() };
        if !all.towards.is_empty() {
            all.near = nearness_table(&all.towards);
        }
        if !all.away.is_empty() {
            let own = own_table(&all.away);
            all.against = inherited(&own, |_| 1.0).iter().zip(&own).map(|(above, own)| above + own).collect();
        }
        let most = all.near.iter().copied().fold(0.0, f32::max);
        // Two more, since rounding need not be monotonic to the last bit.
        all.topics_ceiling = micros(TOPICS * saturate(most, HALF)) + 2;
        all.meaning_ceiling = micros(MEANING * all.directions.iter().map(|d| d.strength).fold(0.0, f32::max));
        all
    }

    /// The most that topics and meaning can add to any ad, in micro-nats.
    pub fn ceiling(&self) -> i64 {
        self.topics_ceiling + self.meaning_ceiling
    }

    /// The most that meaning can add to any ad, in micro-nats.
    pub fn meaning_ceiling(&self) -> i64 {
        self.meaning_ceiling
    }

    /// What topics add to and take from an ad about `topics`.
    pub fn by_topics(&self, topics: &[AdTopic]) -> Affinity {
        let (topic, pull) = strongest(topics, &self.near);
        let (disliked, dislike) = strongest(topics, &self.against);
        Affinity {
            topics: micros(TOPICS * saturate(pull, HALF)),
            dislikes: -micros(DISLIKE * saturate(dislike, HALF_DISLIKE)),
            topic,
            disliked,
            ..Affinity::default()
        }
    }

    /// Adds what meaning adds to an ad that means `vector`, of length `norm`.
    pub fn by_meaning(&self, mut affinity: Affinity, vector: &Meaning, norm: f32) -> Affinity {
        for (at, direction) in self.directions.iter().enumerate() {
            let cosine = direction.cosine(vector, norm);
            let ramp = ((cosine - NEAR) / (NEAREST - NEAR)).clamp(0.0, 1.0);
            let meaning = micros(MEANING * ramp * direction.strength);
            if meaning > affinity.meaning {
                (affinity.meaning, affinity.direction) = (meaning, at);
            }
        }
        affinity
    }

    /// The largest cosine of any direction with `vector`, of length `norm`.
    pub fn nearest(&self, vector: &Meaning, norm: f32) -> f32 {
        self.directions.iter().map(|direction| direction.cosine(vector, norm)).fold(f32::MIN, f32::max)
    }

    /// `affinity` as contributions that add up to it exactly.
    pub fn explain(&self, affinity: Affinity) -> Vec<Contribution> {
        let mut parts = Vec::new();
        if let Some(topic) = affinity.topic {
            parts.extend(attribute(affinity.topics, &self.towards, |pull| nearness(pull.topic, topic)));
        }
        if let Some(topic) = affinity.disliked {
            parts.extend(attribute(affinity.dislikes, &self.away, |pull| {
                if topic.is_within(pull.topic) { 1.0 } else { 0.0 }
            }));
        }
        if let (true, Some(direction)) = (affinity.meaning != 0, self.directions.get(affinity.direction)) {
            parts.push(direction.contribution(affinity.meaning));
        }
        parts
    }
}

impl Direction<'_> {
    fn cosine(&self, vector: &Meaning, norm: f32) -> f32 {
        dot(&self.vector.0, vector) as f32 / (self.norm * norm).max(1.0)
    }

    fn contribution(&self, value: i64) -> Contribution {
        Contribution {
            kind: self.evidence.map_or(ReasonKind::Context, |(_, deed, _)| ReasonKind::of(deed)),
            topic: None,
            source: self.evidence.map(|(_, _, source)| source),
            event: self.evidence.map(|(event, _, _)| event.clone()),
            value: Micronats(value),
        }
    }
}

/// How much care for `about` says of `topic`, 0..=1.
fn nearness(about: TopicId, topic: TopicId) -> f32 {
    let below_tier_1 = |t: TopicId| t.parent().is_some();
    if about == topic {
        1.0
    } else if about.is_within(topic) {
        if below_tier_1(topic) { 0.7 } else { 0.4 }
    } else if topic.is_within(about) {
        below(about)
    } else {
        0.0
    }
}

/// How much care for `about` says of what lies below it.
fn below(about: TopicId) -> f32 {
    if about.parent().is_some() { 0.5 } else { 0.25 }
}

/// The ad's topic that is pulled most, with how much; the first of equals, none if nothing pulls.
fn strongest(topics: &[AdTopic], table: &[f32]) -> (Option<TopicId>, f32) {
    let topics = if table.is_empty() { &[][..] } else { topics };
    topics.iter().fold((None, 0.0), |best, of| {
        let pull = at(table, of.topic) * f32::from(of.score) * (1.0 / 65_535.0);
        if pull > best.1 { (Some(of.topic), pull) } else { best }
    })
}

/// By topic: the weights of `pulls` to it alone.
fn own_table(pulls: &[Pull<'_>]) -> Vec<f32> {
    let mut own = vec![0.0; TopicId::all().count()];
    pulls.iter().for_each(|pull| add(&mut own, pull.topic, pull.weight));
    own
}

/// By topic: what it has of the topics above it, each times `share`. Cost: one pass, where the taxonomy lists a topic
/// after the one above it.
fn inherited(own: &[f32], share: impl Fn(TopicId) -> f32) -> Vec<f32> {
    let mut all: Vec<f32> = Vec::with_capacity(own.len());
    for topic in TopicId::all() {
        let of = |above: TopicId| at(own, above) * share(above);
        all.push(match topic.parent() {
            None => 0.0,
            Some(above) if above < topic => at(&all, above) + of(above),
            Some(_) => topic.lineage().skip(1).map(of).sum(),
        });
    }
    all
}

/// By topic: the weights of all pulls, each times its [`nearness`].
fn nearness_table(pulls: &[Pull<'_>]) -> Vec<f32> {
    let own = own_table(pulls);
    let mut near = inherited(&own, below);
    for pull in pulls {
        for above in pull.topic.lineage() {
            add(&mut near, above, pull.weight * nearness(pull.topic, above));
        }
    }
    near
}

/// Splits `total` over the evidence of `pulls`, each pull weighing `share` of its weight.
fn attribute<'a>(total: i64, pulls: &[Pull<'a>], share: impl Fn(&Pull<'a>) -> f32) -> Vec<Contribution> {
    let mut parts: Vec<(Contribution, f64)> = Vec::new();
    for pull in pulls {
        let weight = f64::from(pull.weight * share(pull));
        if weight > 0.0 {
            pull.evidence(weight, &mut parts);
        }
    }
    let weights: Vec<f64> = parts.iter().map(|(_, weight)| *weight).collect();
    let values = split(total, &weights);
    let valued = parts.into_iter().zip(values);
    valued.map(|((part, _), value)| Contribution { value: Micronats(value), ..part }).collect()
}

impl Pull<'_> {
    /// One contribution for each piece of evidence, and one for what came earlier, sharing `weight`.
    fn evidence(&self, weight: f64, into: &mut Vec<(Contribution, f64)>) {
        let part = |kind, source, event| Contribution {
            kind,
            topic: Some(self.topic),
            source,
            event,
            value: Micronats(0),
        };
        let Origin::Person { of, source, now, half_lives } = &self.origin else {
            return into.push((part(ReasonKind::Context, None, None), weight));
        };
        let (parts, earlier) = of.parts(*now, *half_lives);
        let whole = f64::from(parts.iter().sum::<f32>() + earlier);
        if whole <= 0.0 {
            return into.push((part(ReasonKind::Earlier, Some(*source), None), weight));
        }
        for (evidence, slow) in of.evidence.iter().zip(parts) {
            let kind = ReasonKind::of(evidence.deed);
            let event = Some(evidence.event.clone());
            into.push((part(kind, Some(*source), event), weight * f64::from(slow) / whole));
        }
        if earlier > 0.0 {
            into.push((part(ReasonKind::Earlier, Some(*source), None), weight * f64::from(earlier) / whole));
        }
    }
}

/// Splits `total` in proportion to `weights`; the parts add up to it exactly.
fn split(total: i64, weights: &[f64]) -> Vec<i64> {
    let sum: f64 = weights.iter().sum();
    let (mut run, mut given) = (0.0, 0);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| {
            run += weight;
            let upto = (total as f64 * (run / sum)).round() as i64;
            upto - std::mem::replace(&mut given, upto)
        })
        .collect();
    if let Some(last) = parts.last_mut() {
        *last += total - given;
    }
    parts
}

/// The length of a vector, for [`Pulls::by_meaning`].
pub(super) fn norm(vector: &Vector) -> f32 {
    (dot(&vector.0, &vector.0) as f32).sqrt()
}

fn saturate(x: f32, half: f32) -> f32 {
    x / (x + half)
}

fn micros(nats: f32) -> i64 {
    Micronats::from_nats(nats).0
}

fn at(table: &[f32], topic: TopicId) -> f32 {
    table.get(usize::from(topic.index())).copied().unwrap_or(0.0)
}

fn add(table: &mut [f32], topic: TopicId, weight: f32) {
    if let Some(cell) = table.get_mut(usize::from(topic.index())) {
        *cell += weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_and_keep_the_sign(
            total in -5_000_000i64..5_000_000,
            weights in prop::collection::vec(1e-6f64..1e3, 1..20),
        ) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            prop_assert!(parts.iter().all(|part| part * total >= 0));
        }
    }

    #[test]
    fn care_for_hiking_says_most_of_hiking_and_little_of_all_sports() {
        let topic = |code| TopicId::from_code(code).unwrap();
        let (walking, sports, rugby) = (topic("542"), topic("483"), topic("525"));
        assert_eq!(nearness(walking, walking), 1.0);
        assert_eq!(nearness(walking, sports), 0.4);
        assert_eq!(nearness(sports, walking), 0.25);
        assert_eq!(nearness(walking, rugby), 0.0);
    }
}
