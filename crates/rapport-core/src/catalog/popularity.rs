//! Popularity: what people did to items, counted over the feed views of those people.
//!
//! The assistant's signals never enter, a person counts once an item, and whoever the policy takes away is
//! taken out again: a count is the sum of the votes that stand.

use std::collections::HashMap;

use crate::catalog::{Catalog, RowId};
use crate::event::{Deed, Object};
use crate::gate::{Feed, View};
use crate::ids::ItemId;
use crate::signal::Source;

/// Items kept at hand as the most popular.
const TOP: usize = 256;

/// One person's say on one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The item.
    pub item: ItemId,
    /// 0..=1.
    pub weight: f32,
}

/// The votes that a person's permitted relations amount to, at most one an item.
pub fn votes(view: &View<'_, Feed>) -> Vec<Vote> {
    let social: Vec<_> = view.classes().iter().filter(|c| c.class.source == Source::Social).collect();
    if social.is_empty() {
        return Vec::new();
    }
    let mut best: HashMap<&ItemId, f32> = HashMap::new();
    for relation in view.relations() {
        if let (Object::Item(item), Some(weight)) = (&relation.object, weight(relation.deed)) {
            let vote = best.entry(item).or_default();
            *vote = vote.max(weight);
        }
    }
    let mut votes: Vec<Vote> =
        best.into_iter().map(|(item, weight)| Vote { item: item.clone(), weight }).collect();
    votes.sort_by(|a, b| a.item.cmp(&b.item));
    votes
}

fn weight(deed: Deed) -> Option<f32> {
    match deed {
        Deed::Liked => Some(0.5),
        Deed::Saved => Some(0.8),
        Deed::Joined | Deed::Followed | Deed::Purchased => Some(1.0),
        _ => None,
    }
}

/// Votes added up by item. Integers underneath, so that taking a vote back leaves exactly what was before.
#[derive(Clone, Debug, Default)]
pub struct Popularity {
    thousandths: HashMap<ItemId, i64>,
}

impl Popularity {
    /// Adds a person's votes.
    pub fn add(&mut self, votes: &[Vote]) {
        self.change(votes, 1);
    }

    /// Takes a person's votes back.
    pub fn remove(&mut self, votes: &[Vote]) {
        self.change(votes, -1);
    }

    /// The votes for an item.
    pub fn of(&self, item: &ItemId) -> f32 {
        self.thousandths.get(item).map_or(0.0, |t| *t as f32 / 1e3)
    }

    /// The most popular items of `catalog`, most popular first; equal ones in order of id.
    pub fn top(&self, catalog: &Catalog) -> Vec<RowId> {
        let mut ranked: Vec<(&ItemId, i64)> = self.thousandths.iter().map(|(i, t)| (i, *t)).collect();
        let order = |a: &(&ItemId, i64), b: &(&ItemId, i64)| b.1.cmp(&a.1).then(a.0.cmp(b.0));
        if ranked.len() > TOP * 2 {
            ranked.select_nth_unstable_by(TOP * 2, order);
            ranked.truncate(TOP * 2);
        }
        ranked.sort_by(order);
        ranked.into_iter().filter_map(|(item, _)| catalog.find(item.as_str())).take(TOP).collect()
    }

    fn change(&mut self, votes: &[Vote], sign: i64) {
        for vote in votes {
            let sum = self.thousandths.entry(vote.item.clone()).or_default();
            *sum += sign * (f64::from(vote.weight) * 1e3).round() as i64;
            if *sum == 0 {
                self.thousandths.remove(&vote.item);
            }
        }
    }
}
