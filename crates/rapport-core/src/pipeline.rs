//! The order of the stages; read this first.
//!
//! ```text
//! write   event ─▶ understand ─▶ signals ─▶ log ─▶ fold ─▶ profile
//! read    request ─▶ profile ─▶ gate ─▶ view ─▶ candidates ─▶ rank │ auction ─▶ reasons ─▶ receipt
//! ```
//!
//! A feed is made by the lists below and nothing else: every source adds candidates, every filter may take one
//! away, every scorer adds contributions, and the selector puts what is left in order. To add a stage, write
//! one file beside its like and put it on its list.

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::{Catalog, Item, Popularity, RowId};
use crate::explain::{Contribution, Micronats, Move, StageCount};
use crate::gate::{Feed, View};
use crate::ids::Surrogate;
use crate::rank::{Candidate, Collect, Filter, Query, Scorer, Selector, Source, Sum};
use crate::rank::{filter, scorer, select, source};

pub use crate::rank::FeedSettings;

/// Where candidates come from, in order; the first source that finds an item is counted for it.
const SOURCES: [&dyn Source; 6] = [
    &source::friends::FriendsAndFollowed,
    &source::groups::Groups,
    &source::topics::Topics,
    &source::nearest::Nearest,
    &source::popular::Popular,
    &source::fresh::Fresh,
];

/// What takes a candidate away, cheapest first.
const FILTERS: [&dyn Filter; 6] = [
    &filter::hidden::Hidden,
    &filter::blocked::Blocked,
    &filter::visibility::Visible,
    &filter::seen::Seen,
    &filter::language::Readable,
    &filter::unwanted::Unwanted,
];

/// What a score is the sum of.
const SCORERS: [&dyn Scorer; 6] = [
    &scorer::topics::Topics,
    &scorer::meaning::Meaning,
    &scorer::social::Social,
    &scorer::popular::Popular,
    &scorer::fresh::Fresh,
    &scorer::dislikes::Dislikes,
];

const SELECTOR: &dyn Selector = &select::Diverse;

/// What a feed is made from, besides the person.
#[derive(Clone, Copy, Debug)]
pub struct FeedWorld<'a> {
    /// Everything that can be shown.
    pub catalog: &'a Catalog,
    /// What people liked.
    pub popularity: &'a Popularity,
    /// The most popular items, as [`Popularity::top`] found them; refreshed off the request's path.
    pub popular: &'a [RowId],
}

/// A feed asked for.
#[derive(Debug)]
pub struct FeedRequest<'a> {
    /// All that may be known of the person.
    pub view: &'a View<'a, Feed>,
    /// Whose own items need not be shown to them; access control, never a feature.
    pub viewer: Option<Surrogate>,
    /// Rows wanted.
    pub limit: usize,
    /// Decides ties, and nothing else.
    pub seed: u64,
}

/// A feed, with everything that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedFeed {
    /// Best first.
    pub rows: Vec<RankedItem>,
    /// What each stage found, refused or left.
    pub stages: Vec<StageCount>,
}

/// One row of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedItem {
    /// The item.
    pub item: Arc<Item>,
    /// What its contributions add up to.
    pub score: Micronats,
    /// All of them.
    pub contributions: Vec<Contribution>,
    /// Set where its place is not the one that its score would give.
    pub moved: Option<Move>,
}

/// Makes a feed. Pure: equal worlds, views and seeds give equal feeds.
pub fn feed(world: &FeedWorld<'_>, request: &FeedRequest<'_>, settings: &FeedSettings) -> RankedFeed {
    let query = Query::new(world, request, settings);
    let mut stages = Vec::with_capacity(SOURCES.len() + FILTERS.len() + 1);
    let retrieved = retrieve(&query, &mut stages);
    let kept = sift(&query, retrieved, &mut stages);
    let scored = score(&query, kept);
    let rows: Vec<RankedItem> =
        SELECTOR.select(&query, scored).into_iter().map(|p| explain(&query, p)).collect();
    stages.push(StageCount { stage: format!("selector:{}", SELECTOR.name()), count: rows.len() as u32 });
    RankedFeed { rows, stages }
}

fn retrieve<'a>(query: &Query<'a>, stages: &mut Vec<StageCount>) -> Vec<&'a Arc<Item>> {
    let mut rows = Vec::with_capacity(1_024);
    let mut known = HashSet::with_capacity(1_024);
    for stage in SOURCES {
        let before = rows.len();
        let mut found = stage.find(query);
        found.retain(|row| known.insert(*row));
        rows.append(&mut found);
        stages.push(count("source", stage.name(), rows.len() - before));
    }
    rows.into_iter().filter_map(|row| query.world.catalog.item(row)).collect()
}

fn sift<'a>(
    query: &Query<'a>,
    mut items: Vec<&'a Arc<Item>>,
    stages: &mut Vec<StageCount>,
) -> Vec<&'a Arc<Item>> {
    for stage in FILTERS {
        let before = items.len();
        items.retain(|item| stage.keeps(query, item));
        stages.push(count("filter", stage.name(), before - items.len()));
    }
    items
}

/// First pass: sums only, so that nothing is allocated for a candidate that is not shown.
fn score<'a>(query: &Query<'a>, items: Vec<&'a Arc<Item>>) -> Vec<Candidate<'a>> {
    items
        .into_iter()
        .map(|item| {
            let mut sum = Sum::default();
            SCORERS.iter().for_each(|stage| stage.score(query, item, &mut sum));
            Candidate { item, score: sum.total() }
        })
        .collect()
}

/// Second pass, over the rows shown: the same scorers again, this time keeping each contribution.
fn explain(query: &Query<'_>, placed: select::Placed<'_>) -> RankedItem {
    let item = placed.candidate.item;
    let mut collect = Collect::default();
    SCORERS.iter().for_each(|stage| stage.score(query, item, &mut collect));
    RankedItem {
        item: Arc::clone(item),
        score: placed.candidate.score,
        contributions: collect.into_contributions(),
        moved: placed.moved,
    }
}

fn count(kind: &str, name: &str, count: usize) -> StageCount {
    StageCount { stage: format!("{kind}:{name}"), count: count as u32 }
}
