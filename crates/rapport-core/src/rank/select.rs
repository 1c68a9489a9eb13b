//! The order of a feed: by score, unless that would show too much of the same.

use std::collections::HashMap;
use std::hash::Hash;

use crate::catalog::Item;
use crate::explain::{Micronats, Move};
use crate::ids::Surrogate;
use crate::rank::{Candidate, Query, Selector};
use crate::topic::TopicId;

/// Rows in which topics are limited.
const TOP: usize = 5;
/// Rows of [`TOP`] that one topic may fill.
const PER_TOPIC: usize = 2;
/// The same for a topic spoken of in the last hour.
const PER_SPOKEN_TOPIC: usize = 3;
/// A topic or kind that covers this share of all candidates is what the catalogue is about, and is not limited.
const COMMON: f32 = 0.6;
/// Repeats of an author, or of a topic and kind, that cost; further ones cost no more.
const REPEATS: u32 = 2;
/// Candidates that may be moved up, a row wanted; the rest could not catch up.
const WINDOW: usize = 4;

/// A candidate in its place.
#[derive(Clone, Debug)]
pub struct Placed<'a> {
    /// The candidate.
    pub candidate: Candidate<'a>,
    /// Set if its place is not the one that its score would give.
    pub moved: Option<Move>,
}

/// Greedy: each place goes to the best that is left, after what repeats an author, or a topic and kind, has
/// lost a little, and passing over topics that have had their share of the first rows.
#[derive(Debug)]
pub struct Diverse;

impl Selector for Diverse {
    fn name(&self) -> &'static str {
        "diverse"
    }

    fn select<'a>(&self, query: &Query<'a>, mut candidates: Vec<Candidate<'a>>) -> Vec<Placed<'a>> {
        candidates.sort_by_cached_key(|c| (std::cmp::Reverse(c.score), tie(query.seed, c.item)));
        let common_topics =
            common(&candidates, |item| item.topics.iter().map(|scored| scored.topic).collect());
        let common_kinds = common(&candidates, |item| vec![item.kind.as_str()]);
        candidates.truncate((query.limit * WINDOW).max(50));
        let mut left: Vec<(usize, Candidate<'a>)> = candidates.into_iter().enumerate().collect();
        let mut shown = Shown {
            query,
            common_topics,
            common_kinds,
            authors: HashMap::new(),
            kinds: HashMap::new(),
            topics: HashMap::new(),
        };
        let mut placed = Vec::with_capacity(query.limit);
        while placed.len() < query.limit && !left.is_empty() {
            let (index, because) = shown.next(&left, placed.len());
            let (from, candidate) = left.remove(index);
            shown.count(candidate.item, placed.len());
            let to = placed.len();
            let moved = (from != to).then(|| Move {
                from: from as u32,
                to: to as u32,
                because: because.unwrap_or("room").to_owned(),
            });
            placed.push(Placed { candidate, moved });
        }
        name_what_fell(&mut placed);
        placed
    }
}

/// A row that moved up did so because of what it passed; a row that fell is told which rule held it back.
fn name_what_fell(placed: &mut [Placed<'_>]) {
    for place in placed {
        if let Some(moved) = &mut place.moved
            && moved.to < moved.from
        {
            "others-held-back".clone_into(&mut moved.because);
        }
    }
}

struct Shown<'q, 'a> {
    query: &'q Query<'a>,
    common_topics: Vec<TopicId>,
    common_kinds: Vec<&'a str>,
    authors: HashMap<Surrogate, u32>,
    kinds: HashMap<(TopicId, &'a str), u32>,
    topics: HashMap<TopicId, usize>,
}

impl<'a> Shown<'_, 'a> {
    /// The index of the next candidate, and which rule is likeliest to have held it back until now.
    fn next(&self, left: &[(usize, Candidate<'a>)], place: usize) -> (usize, Option<&'static str>) {
        let open = |c: &Candidate<'a>| place >= TOP || self.has_room(c.item);
        let best = self.best(left, open).or_else(|| self.best(left, |_| true)).unwrap_or(0);
        let item = left[best].1.item;
        let because = if self.penalty(item).0 > 0 {
            Some(if self.repeats_author(item) { "author-diversity" } else { "kind-diversity" })
        } else if place >= PER_TOPIC {
            Some("topic-diversity")
        } else {
            None
        };
        (best, because)
    }

    fn best(&self, left: &[(usize, Candidate<'a>)], open: impl Fn(&Candidate<'a>) -> bool) -> Option<usize> {
        let mut best: Option<(i64, usize)> = None;
        for (index, (_, candidate)) in left.iter().enumerate() {
            if best.is_some_and(|(score, _)| candidate.score.0 <= score) {
                break; // Sorted by score, and a penalty only lowers it: nothing further on can win.
            }
            let score = candidate.score.0 - self.penalty(candidate.item).0;
            if open(candidate) && best.is_none_or(|(known, _)| score > known) {
                best = Some((score, index));
            }
        }
        best.map(|(_, index)| index)
    }

    fn penalty(&self, item: &'a Item) -> Micronats {
        let authors = item.author_surrogate.and_then(|a| self.authors.get(&a)).copied().unwrap_or(0);
        let kinds =
            item.main_topic().and_then(|t| self.kinds.get(&(t, item.kind.as_str()))).copied().unwrap_or(0);
        let settings = self.query.settings;
        let cost = |repeats: u32, each: f32| repeats.min(REPEATS) as f32 * each;
        Micronats::from_nats(cost(authors, settings.same_author) + cost(kinds, settings.same_kind))
    }

    fn repeats_author(&self, item: &Item) -> bool {
        item.author_surrogate.is_some_and(|author| self.authors.contains_key(&author))
    }

    fn has_room(&self, item: &Item) -> bool {
        item.topics.iter().all(|scored| {
            let limit = if self.query.spoken.contains(&scored.topic) { PER_SPOKEN_TOPIC } else { PER_TOPIC };
            self.common_topics.contains(&scored.topic)
                || self.topics.get(&scored.topic).is_none_or(|n| *n < limit)
        })
    }

    fn count(&mut self, item: &'a Item, place: usize) {
        if let Some(author) = item.author_surrogate {
            *self.authors.entry(author).or_default() += 1;
        }
        let varied = !self.common_kinds.contains(&item.kind.as_str());
        if let Some(topic) = item.main_topic().filter(|topic| varied && !self.common_topics.contains(topic)) {
            *self.kinds.entry((topic, &item.kind)).or_default() += 1;
        }
        if place < TOP {
            for scored in &item.topics {
                *self.topics.entry(scored.topic).or_default() += 1;
            }
        }
    }
}

/// What most candidates have in common.
fn common<'a, T: Eq + Hash>(candidates: &[Candidate<'a>], of: impl Fn(&'a Item) -> Vec<T>) -> Vec<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for value in candidates.iter().flat_map(|c| of(c.item)) {
        *counts.entry(value).or_default() += 1;
    }
    let many = (candidates.len() as f32 * COMMON).max(PER_SPOKEN_TOPIC as f32);
    counts.into_iter().filter(|(_, n)| *n as f32 > many).map(|(value, _)| value).collect()
}

/// Breaks ties by seed and item: splitmix64 over the item's hash.
fn tie(seed: u64, item: &Item) -> u64 {
    let mut x = crate::profile::seen_hash(item.id.as_str()) ^ seed;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
