//! A snapshot of the catalogue: readers keep the one they started with, writers publish the next.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::catalog::names::Names;
use crate::catalog::segment::{ROWS, Segment};
use crate::catalog::{Item, Visibility};
use crate::ids::{ItemId, Surrogate};
use crate::time::UnixMillis;
use crate::topic::TopicId;
use crate::understanding::{Vector, dot};

/// Shards of the id map; a change copies only the shards that it touches.
const SHARDS: usize = 256;
/// How many of the newest public items a snapshot keeps at hand.
const FRESH: usize = 512;

/// An item's place in the snapshots of one catalogue; stable for the item's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    segment: u32,
    row: u16,
}

impl RowId {
    /// The row of [`RowId::number`].
    fn from_number(number: u32) -> Self {
        Self { segment: number / ROWS as u32, row: (number % ROWS as u32) as u16 }
    }

    /// Its place among all rows.
    fn number(self) -> u32 {
        self.segment * ROWS as u32 + u32::from(self.row)
    }
}

/// One change to the catalogue.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds an item, or replaces the one of that id.
    Put(Arc<Item>),
    /// Removes an item; of none, does nothing.
    Remove(ItemId),
}

/// An immutable snapshot. Cloning is cheap; [`Catalog::with`] shares what did not change.
#[derive(Clone, Debug)]
pub struct Catalog {
    segments: Vec<Arc<Segment>>,
    ids: Vec<Arc<HashMap<ItemId, RowId>>>,
    fresh: Arc<Vec<(UnixMillis, RowId)>>,
    names: Names,
    len: usize,
}

impl Default for Catalog {
    fn default() -> Self {
        Self {
            segments: Vec::new(),
            ids: vec![Arc::default(); SHARDS],
            fresh: Arc::default(),
            names: Names::default(),
            len: 0,
        }
    }
}

impl Catalog {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The place of an item.
    pub fn find(&self, id: &str) -> Option<RowId> {
        self.ids[shard(id)].get(id).copied()
    }

    /// The item of that id.
    pub fn get(&self, id: &str) -> Option<&Arc<Item>> {
        self.item(self.find(id)?)
    }

    /// The item at `row`.
    pub fn item(&self, row: RowId) -> Option<&Arc<Item>> {
        self.segments.get(row.segment as usize)?.item(row.row)
    }

    /// Every item, in the order that they came.
    pub fn items(&self) -> impl Iterator<Item = (RowId, &Arc<Item>)> {
        self.segments
            .iter()
            .zip(0u32..)
            .flat_map(|(s, segment)| s.rows().map(move |(row, item)| (RowId { segment, row }, item)))
    }

    /// Up to `limit` items about exactly `topic`, the latest added first. Cost: one look-up a segment.
    pub fn about(&self, topic: TopicId, limit: usize) -> Vec<RowId> {
        self.latest(limit, |segment| segment.about(topic))
    }

    /// Up to `limit` items by `author`, the latest added first.
    pub fn by(&self, author: Surrogate, limit: usize) -> Vec<RowId> {
        self.latest(limit, |segment| segment.by(author))
    }

    /// Up to `limit` items of a group, the latest added first.
    pub fn within(&self, group: &ItemId, limit: usize) -> Vec<RowId> {
        self.latest(limit, |segment| segment.within(group))
    }

    /// The newest items by their own date, newest first.
    pub fn fresh(&self) -> impl Iterator<Item = RowId> + '_ {
        self.fresh.iter().map(|(_, row)| *row)
    }

    /// The `limit` items nearest to `query` by dot product, nearest first: an exact scan, `len × 256` bytes read.
    pub fn nearest(&self, query: &Vector, limit: usize) -> Vec<(i32, RowId)> {
        let mut best: Vec<(i32, RowId)> = Vec::with_capacity(limit * 2 + 1);
        let mut floor = 1;
        for (segment, index) in self.segments.iter().zip(0u32..) {
            for (vector, row) in segment.vectors().iter().zip(0u16..) {
                let score = dot(&query.0, vector);
                if score >= floor {
                    best.push((score, RowId { segment: index, row }));
                    if best.len() > limit * 2 {
                        floor = keep_best(&mut best, limit);
                    }
                }
            }
        }
        keep_best(&mut best, limit);
        best
    }

    /// The next snapshot.
    #[must_use]
    pub fn with(&self, changes: impl IntoIterator<Item = Change>) -> Self {
        let mut next = self.clone();
        let mut fresh = (*self.fresh).clone();
        let mut named = Vec::new();
        for change in changes {
            match change {
                Change::Put(item) => named.extend(next.put(item, &mut fresh)),
                Change::Remove(id) => next.remove(&id, &mut fresh),
            }
        }
        fresh.sort_by(|a, b| b.cmp(a));
        fresh.truncate(FRESH);
        next.fresh = Arc::new(fresh);
        next.index(&named);
        next
    }

    /// The names of the items that everybody may know of.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The item whose name was indexed under `number`, if it is still there for everybody.
    pub(super) fn nameable(&self, number: u32) -> Option<&Arc<Item>> {
        self.item(RowId::from_number(number)).filter(|item| is_nameable(item))
    }

    fn index(&mut self, named: &[RowId]) {
        let titles = named.iter().filter_map(|row| Some((row.number(), self.item(*row)?.title.as_str())));
        self.names = self.names.with(titles, |row| self.item(RowId::from_number(row)).is_some());
    }

    /// Puts an item in its place; the row, if it has a name that is new there.
    fn put(&mut self, item: Arc<Item>, fresh: &mut Vec<(UnixMillis, RowId)>) -> Option<RowId> {
        let created = item.created_at;
        let known = self.get(item.id.as_str());
        let same = known.is_some_and(|known| known.title == item.title && is_nameable(known));
        let named = is_nameable(&item) && !same;
        let row = match self.find(item.id.as_str()) {
            Some(known) => {
                Arc::make_mut(&mut self.segments[known.segment as usize]).set(known.row, item);
                fresh.retain(|(_, row)| *row != known);
                known
            }
            None => self.push(item),
        };
        fresh.push((created, row));
        if fresh.len() > FRESH * 4 {
            fresh.sort_by(|a, b| b.cmp(a));
            fresh.truncate(FRESH);
        }
        named.then_some(row)
    }

    fn push(&mut self, item: Arc<Item>) -> RowId {
        if self.segments.last().is_none_or(|s| s.is_full()) {
            self.segments.push(Arc::default());
        }
        let segment = self.segments.len() - 1;
        let id = item.id.clone();
        let row =
            RowId { segment: segment as u32, row: Arc::make_mut(&mut self.segments[segment]).push(item) };
        Arc::make_mut(&mut self.ids[shard(id.as_str())]).insert(id, row);
        self.len += 1;
        row
    }

    fn remove(&mut self, id: &ItemId, fresh: &mut Vec<(UnixMillis, RowId)>) {
        let Some(gone) = Arc::make_mut(&mut self.ids[shard(id.as_str())]).remove(id) else { return };
        Arc::make_mut(&mut self.segments[gone.segment as usize]).clear(gone.row);
        fresh.retain(|(_, row)| *row != gone);
        self.len -= 1;
    }

    fn latest<'a>(&'a self, limit: usize, rows: impl Fn(&'a Segment) -> &'a [u16]) -> Vec<RowId> {
        self.segments
            .iter()
            .enumerate()
            .rev()
            .flat_map(|(segment, s)| {
                rows(s).iter().rev().map(move |&row| RowId { segment: segment as u32, row })
            })
            .take(limit)
            .collect()
    }
}

/// Whether a message may name `item`: what only friends or a group may see is not given away by its title.
fn is_nameable(item: &Item) -> bool {
    item.visibility == Visibility::Public && !item.title.is_empty()
}

/// Keeps the `limit` best, best first, and says what the next must beat. Equal scores keep the earlier row.
fn keep_best(best: &mut Vec<(i32, RowId)>, limit: usize) -> i32 {
    best.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    best.truncate(limit);
    best.last().map_or(1, |(score, _)| *score)
}

fn shard(id: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish() as usize % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Visibility;
    use crate::ids::Name;
    use crate::signal::Marks;
    use crate::understanding::{ScoredTopic, VECTOR_DIM};

    fn item(id: &str, topic: &str, day: i64) -> Arc<Item> {
        Arc::new(Item {
            id: Name::new(id).unwrap(),
            kind: "post".into(),
            author: None,
            author_surrogate: Some(Surrogate([7; 16])),
            group: None,
            title: id.into(),
            text: String::new(),
            topics: vec![ScoredTopic::new(TopicId::from_code(topic).unwrap(), 1.0)],
            marks: Marks::default(),
            language: "en".into(),
            created_at: UnixMillis(day),
            visibility: Visibility::Public,
            vector: Vector::quantize(&std::array::from_fn::<f32, VECTOR_DIM, _>(|i| {
                ((i as i64 * day) % 7) as f32 - 3.0
            })),
        })
    }

    fn ids(catalog: &Catalog, rows: impl IntoIterator<Item = RowId>) -> Vec<String> {
        rows.into_iter().map(|row| catalog.item(row).unwrap().title.clone()).collect()
    }

    #[test]
    fn a_reader_keeps_its_snapshot_while_the_next_is_published() {
        let first =
            Catalog::default().with([Change::Put(item("a", "542", 1)), Change::Put(item("b", "542", 3))]);
        let second = first.with([Change::Remove(Name::new("a").unwrap()), Change::Put(item("c", "542", 2))]);
        let hiking = TopicId::from_code("542").unwrap();
        assert_eq!(ids(&first, first.about(hiking, 9)), ["b", "a"]);
        assert_eq!(ids(&second, second.about(hiking, 9)), ["c", "b"]);
        assert_eq!(ids(&second, second.fresh()), ["b", "c"]);
        assert_eq!(ids(&second, second.by(Surrogate([7; 16]), 9)), ["c", "b"]);
        assert_eq!((first.len(), second.len()), (2, 2));
    }

    #[test]
    fn replacing_an_item_moves_its_postings() {
        let catalog = Catalog::default()
            .with([Change::Put(item("a", "542", 1))])
            .with([Change::Put(item("a", "483", 2))]);
        assert!(catalog.about(TopicId::from_code("542").unwrap(), 9).is_empty());
        assert_eq!(ids(&catalog, catalog.about(TopicId::from_code("483").unwrap(), 9)), ["a"]);
        assert_eq!(ids(&catalog, catalog.fresh()), ["a"]);
    }

    #[test]
    fn the_nearest_are_those_of_a_full_sort() {
        let all: Vec<Arc<Item>> = (1..3_000).map(|n| item(&format!("i{n}"), "542", n)).collect();
        let catalog = Catalog::default().with(all.iter().cloned().map(Change::Put));
        let query = all[41].vector.clone().unwrap();
        let mut naive: Vec<i32> = all.iter().map(|i| dot(&query.0, &i.vector.as_ref().unwrap().0)).collect();
        naive.sort_by(|a, b| b.cmp(a));
        let found: Vec<i32> = catalog.nearest(&query, 25).into_iter().map(|(score, _)| score).collect();
        assert_eq!(found, naive[..25]);
    }
}
