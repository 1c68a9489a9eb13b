//! The score of one ad: log bid + log-odds of a click + log quality, in integer micro-nats.
//!
//! Two constants that every ad has alike are left out, which changes no order and no price: the log-odds of a click
//! on an ad that fits nobody (0.25 %, -5.99 nats), and one nat is added to the log of the bid, so that a bid of one
//! micro still speaks for an ad. So two ads that differ in the bid only differ by the log of its ratio.

use crate::auction::Micros;
use crate::auction::affinity::{Affinity, MEANING, Pulls, TOPICS};
use crate::auction::features::Features;
use crate::auction::index::IndexedAd;
use crate::auction::targeting::Language;
use crate::explain::{Contribution, Micronats, ReasonKind};
use crate::topic::Categories;

/// The most that topics and meaning add to the log-odds of a click, in nats: 0.25 % becomes at most 9.2 %.
pub const MAX_LOG_ODDS: f64 = (TOPICS + MEANING) as f64;

/// What an ad loses that speaks a language which the person does not read.
const FOREIGN: i64 = -1_200_000;
/// From this cosine on, a sensitive ad is about the same as the item that it is shown beside.
const SAME_MATTER: f32 = 0.45;

/// What speaks for an ad besides its bid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quality {
    affinity: Affinity,
    language: i64,
    /// Scored by context only.
    sensitive: bool,
}

impl Quality {
    /// In micro-nats.
    pub fn total(self) -> i64 {
        self.affinity.total() + self.language
    }
}

/// What a bid adds, in micro-nats.
pub(super) fn bid_part(bid: Micros) -> i64 {
    (((bid.0.max(1) as f64).ln() + 1.0) * 1e6).round() as i64
}

/// What of the quality of `ad` can be told without its meaning, and the most that it can come to, in micro-nats.
/// Cost: a few lookups.
fn bound(features: &Features<'_>, ad: &IndexedAd<'_>) -> (Quality, i64) {
    let sensitive = !ad.sensitive.is_empty();
    let language = if sensitive { 0 } else { foreign(ad.language, &features.languages) };
    let pulls = pulls(features, sensitive);
    let quality = Quality { affinity: pulls.by_topics(ad.topics), language, sensitive };
    (quality, quality.total() + pulls.meaning_ceiling())
}

/// Scores `ad`, unless it surely comes to less than `enough` micro-nats.
pub(super) fn quality(features: &Features<'_>, ad: &IndexedAd<'_>, enough: i64) -> Option<Quality> {
    let (quality, most) = bound(features, ad);
    if most < enough {
        return None;
    }
    let pulls = pulls(features, quality.sensitive);
    let affinity = match ad.vector {
        Some(vector) => pulls.by_meaning(quality.affinity, vector, ad.norm),
        None => quality.affinity,
    };
    Some(Quality { affinity, ..quality })
}

fn pulls<'f, 'a>(features: &'f Features<'a>, sensitive: bool) -> &'f Pulls<'a> {
    if sensitive { &features.context } else { &features.pulls }
}

/// A sensitive ad is chosen by context only: beside an item of the same sensitive category, or of the same matter.
pub(super) fn in_context(features: &Features<'_>, ad: &IndexedAd<'_>) -> bool {
    let Some(beside) = &features.request.beside else { return false };
    let shared = Categories::from_bits(beside.categories().bits() & ad.sensitive.bits());
    let nearest = || ad.vector.map_or(f32::MIN, |vector| features.context.nearest(vector, ad.norm));
    !shared.is_empty() || nearest() >= SAME_MATTER
}

/// Every summand of the score; they add up to `bid_part(bid) + quality.total()`.
pub(super) fn contributions(features: &Features<'_>, bid: Micros, quality: Quality) -> Vec<Contribution> {
    let general =
        |kind, value| Contribution { kind, topic: None, source: None, event: None, value: Micronats(value) };
    let pulls = pulls(features, quality.sensitive);
    let mut parts = vec![general(ReasonKind::Bid, bid_part(bid))];
    parts.extend(pulls.explain(quality.affinity));
    if quality.language != 0 {
        parts.push(general(ReasonKind::Nearby, quality.language));
    }
    parts
}

fn foreign(ad: Option<Language>, reads: &[Language]) -> i64 {
    match ad {
        Some(language) if !reads.is_empty() && !reads.contains(&language) => FOREIGN,
        _ => 0,
    }
}
