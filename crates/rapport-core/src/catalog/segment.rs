//! A run of items with the postings that retrieval needs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::Item;
use crate::ids::{ItemId, Surrogate};
use crate::topic::TopicId;
use crate::understanding::VECTOR_DIM;

/// Rows of a segment. Changing one row copies its segment, so this bounds the cost of a single change.
pub(super) const ROWS: usize = 2_048;

/// Up to [`ROWS`] items. A row keeps its place for life; a removed one is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    items: Vec<Option<Arc<Item>>>,
    vectors: Vec<[i8; VECTOR_DIM]>,
    by_topic: HashMap<TopicId, Vec<u16>>,
    by_author: HashMap<Surrogate, Vec<u16>>,
    by_group: HashMap<ItemId, Vec<u16>>,
}

impl Segment {
    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= ROWS
    }

    pub(super) fn item(&self, row: u16) -> Option<&Arc<Item>> {
        self.items.get(usize::from(row))?.as_ref()
    }

    /// Every living row, oldest place first.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u16, &Arc<Item>)> {
        self.items.iter().zip(0u16..).filter_map(|(item, row)| Some((row, item.as_ref()?)))
    }

    /// Meanings by row, `[rows, VECTOR_DIM]`; zeros where an item has none.
    pub(super) fn vectors(&self) -> &[[i8; VECTOR_DIM]] {
        &self.vectors
    }

    pub(super) fn about(&self, topic: TopicId) -> &[u16] {
        self.by_topic.get(&topic).map_or(&[], Vec::as_slice)
    }

    pub(super) fn by(&self, author: Surrogate) -> &[u16] {
        self.by_author.get(&author).map_or(&[], Vec::as_slice)
    }

    pub(super) fn within(&self, group: &ItemId) -> &[u16] {
        self.by_group.get(group).map_or(&[], Vec::as_slice)
    }

    pub(super) fn push(&mut self, item: Arc<Item>) -> u16 {
        let row = self.items.len() as u16;
        self.items.push(None);
        self.vectors.push([0; VECTOR_DIM]);
        self.set(row, item);
        row
    }

    pub(super) fn set(&mut self, row: u16, item: Arc<Item>) {
        self.clear(row);
        for scored in &item.topics {
            insert(self.by_topic.entry(scored.topic).or_default(), row);
        }
        if let Some(author) = item.author_surrogate {
            insert(self.by_author.entry(author).or_default(), row);
        }
        if let Some(group) = &item.group {
            insert(self.by_group.entry(group.clone()).or_default(), row);
        }
        let place = usize::from(row);
        self.vectors[place] = item.vector.as_ref().map_or([0; VECTOR_DIM], |v| *v.0);
        self.items[place] = Some(item);
    }

    pub(super) fn clear(&mut self, row: u16) {
        let place = usize::from(row);
        let Some(old) = self.items[place].take() else { return };
        for scored in &old.topics {
            remove(self.by_topic.get_mut(&scored.topic), row);
        }
        remove(old.author_surrogate.and_then(|a| self.by_author.get_mut(&a)), row);
        remove(old.group.as_ref().and_then(|g| self.by_group.get_mut(g)), row);
        self.vectors[place] = [0; VECTOR_DIM];
    }
}

fn insert(rows: &mut Vec<u16>, row: u16) {
    if let Err(place) = rows.binary_search(&row) {
        rows.insert(place, row);
    }
}

fn remove(rows: Option<&mut Vec<u16>>, row: u16) {
    if let Some(rows) = rows
        && let Ok(place) = rows.binary_search(&row)
    {
        rows.remove(place);
    }
}
