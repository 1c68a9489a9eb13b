//! Items, receipts, checkpoints and settings: what is put and taken by id.

use std::collections::{BTreeMap, HashMap};

use rapport_core::ids::{ItemId, Surrogate};
use rapport_core::time::UnixMillis;

use crate::{Checkpoint, Item, Mask, Receipt, StoreError};

#[derive(Default)]
pub struct Shelf {
    items: BTreeMap<ItemId, Item>,
    receipts: HashMap<[u8; 16], Receipt>,
    checkpoints: HashMap<Surrogate, Checkpoint>,
    /// Checkpoints before these places may hold what was taken out.
    marks: HashMap<Surrogate, u64>,
    settings: HashMap<String, Vec<u8>>,
}

impl Shelf {
    pub fn put_items(&mut self, items: Vec<Item>) {
        self.items.extend(items.into_iter().map(|item| (item.id.clone(), item)));
    }

    pub fn delete_item(&mut self, id: &ItemId) -> bool {
        self.items.remove(id).is_some()
    }

    pub fn items(&self) -> Vec<Item> {
        self.items.values().cloned().collect()
    }

    pub fn erase_items(&mut self, author: Surrogate) -> Vec<ItemId> {
        let own = self.items.values().filter(|item| item.author == Some(author));
        let own: Vec<ItemId> = own.map(|item| item.id.clone()).collect();
        own.iter().for_each(|id| drop(self.items.remove(id)));
        own
    }

    pub fn put_receipts(&mut self, receipts: Vec<Receipt>) -> Result<(), StoreError> {
        if receipts.iter().any(|receipt| self.receipts.contains_key(&receipt.id)) {
            return Err(StoreError::Taken("a receipt id"));
        }
        self.receipts.extend(receipts.into_iter().map(|mut receipt| {
            receipt.mentions.sort_unstable();
            receipt.mentions.dedup();
            (receipt.id, receipt)
        }));
        Ok(())
    }

    pub fn receipt(&self, id: [u8; 16]) -> Option<Receipt> {
        self.receipts.get(&id).cloned()
    }

    pub fn receipts_of(&self, person: Surrogate) -> Vec<Receipt> {
        let own = self.receipts.values().filter(|receipt| receipt.person == Some(person));
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|receipt| (receipt.at, receipt.id));
        own
    }

    pub fn prune_receipts(&mut self, before: UnixMillis) -> u64 {
        let count = self.receipts.len();
        self.receipts.retain(|_, receipt| receipt.at >= before);
        (count - self.receipts.len()) as u64
    }

    /// How many were removed, and how many masked.
    pub fn erase_receipts(&mut self, person: Surrogate, mask: &Mask<'_>) -> (u64, u64) {
        let count = self.receipts.len();
        self.receipts.retain(|_, receipt| receipt.person != Some(person));
        let removed = (count - self.receipts.len()) as u64;
        let mut masked = 0;
        for receipt in self.receipts.values_mut().filter(|receipt| receipt.mentions.contains(&person)) {
            receipt.payload = mask(person, &receipt.payload);
            receipt.mentions.retain(|mentioned| *mentioned != person);
            masked += 1;
        }
        (removed, masked)
    }

    pub fn put_checkpoint(&mut self, checkpoint: Checkpoint, last_seq: u64) -> Result<(), StoreError> {
        let invalid = |problem| Err(StoreError::Invalid { what: "checkpoint", problem });
        if checkpoint.offset > last_seq {
            return invalid(format!("has offset {}; the log ends at {last_seq}", checkpoint.offset));
        }
        if self.marks.get(&checkpoint.person).is_some_and(|mark| checkpoint.offset < *mark) {
            return Ok(());
        }
        if let Some(old) = self.checkpoints.get(&checkpoint.person)
            && old.offset > checkpoint.offset
        {
            return invalid(format!("goes back from offset {} to {}", old.offset, checkpoint.offset));
        }
        self.checkpoints.insert(checkpoint.person, checkpoint);
        Ok(())
    }

    pub fn checkpoint(&self, person: Surrogate) -> Option<(u64, Vec<u8>)> {
        self.checkpoints.get(&person).map(|checkpoint| (checkpoint.offset, checkpoint.payload.clone()))
    }

    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.checkpoints.values().cloned().collect()
    }

    pub fn clear_checkpoints(&mut self) {
        self.checkpoints.clear();
    }

    pub fn drop_checkpoints(&mut self, people: &[Surrogate], mark: u64) {
        for person in people {
            self.checkpoints.remove(person);
            self.marks.insert(*person, mark);
        }
    }

    pub fn forget_mark(&mut self, person: Surrogate) {
        self.marks.remove(&person);
    }

    pub fn put_setting(&mut self, name: &str, value: Option<&[u8]>) {
        match value {
            Some(value) => drop(self.settings.insert(name.to_owned(), value.to_vec())),
            None => drop(self.settings.remove(name)),
        }
    }

    pub fn setting(&self, name: &str) -> Option<Vec<u8>> {
        self.settings.get(name).cloned()
    }
}
