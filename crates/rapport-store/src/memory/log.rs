//! The log, as a map of rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rapport_core::event::Record;
use rapport_core::ids::{EventId, Surrogate};

use crate::{Appended, Committed, NewEvent, StoreError, Undo, Undone, wire};

#[derive(Default)]
pub struct Log {
    rows: BTreeMap<u64, Row>,
    by_person: BTreeSet<(Surrogate, u64)>,
    /// Every id ever accepted; `None` is a tombstone.
    ids: HashMap<EventId, Option<u64>>,
    last: u64,
}

/// Kept in bytes, so that a record that does not come back equal is found here and not in production.
struct Row {
    person: Surrogate,
    target: Option<Surrogate>,
    mirror_of: Option<u64>,
    bytes: Vec<u8>,
}

/// What an erasure changed in the log.
#[derive(Default)]
pub struct Gone {
    pub events: u64,
    pub edges: u64,
    pub people: Vec<Surrogate>,
    pub position: u64,
}

impl Row {
    fn record(&self) -> Result<Record, StoreError> {
        wire::decode_record(&self.bytes, self.target)
    }
}

impl Log {
    pub fn append(
        &mut self,
        events: Vec<NewEvent>,
        knows: impl Fn(Surrogate) -> bool,
    ) -> Result<(Vec<Appended>, Vec<Committed>), StoreError> {
        let (mut answers, mut committed) = (Vec::new(), Vec::new());
        for NewEvent { person, record, mirror } in events {
            let named = [Some(person), wire::target_of(&record), mirror];
            if named.into_iter().flatten().any(|named| !knows(named)) {
                answers.push(Appended::UnknownPerson);
                continue;
            }
            if self.ids.contains_key(&record.event) {
                answers.push(Appended::Duplicate);
                continue;
            }
            let copy = mirror.map(|mirror| (mirror, wire::mirrored(&record, person)));
            let id = record.event.clone();
            let seq = self.push(person, record, None, &mut committed)?;
            self.ids.insert(id, Some(seq));
            if let Some((mirror, record)) = copy {
                self.push(mirror, record, Some(seq), &mut committed)?;
            }
            answers.push(Appended::Accepted { seq });
        }
        Ok((answers, committed))
    }

    fn push(
        &mut self,
        person: Surrogate,
        record: Record,
        mirror_of: Option<u64>,
        committed: &mut Vec<Committed>,
    ) -> Result<u64, StoreError> {
        let row =
            Row { person, target: wire::target_of(&record), mirror_of, bytes: wire::encode_record(&record)? };
        if row.record()? != record {
            return Err(StoreError::Unreadable("event"));
        }
        self.last += 1;
        self.rows.insert(self.last, row);
        self.by_person.insert((person, self.last));
        committed.push(Committed { seq: self.last, person, record: Arc::new(record) });
        Ok(self.last)
    }

    pub fn last_seq(&self) -> u64 {
        self.last
    }

    pub fn read_after(&self, person: Surrogate, offset: u64) -> Result<Vec<(u64, Record)>, StoreError> {
        if offset > self.last {
            let problem = format!("is {offset}; the log ends at {}", self.last);
            return Err(StoreError::Invalid { what: "offset", problem });
        }
        let own = self.by_person.range((person, offset + 1)..=(person, u64::MAX));
        own.filter_map(|(_, seq)| Some((*seq, self.rows.get(seq)?)))
            .map(|(seq, row)| Ok((seq, row.record()?)))
            .collect()
    }

    pub fn find(&self, event: &EventId) -> Result<Option<(Surrogate, u64, Record)>, StoreError> {
        let Some(Some(seq)) = self.ids.get(event) else { return Ok(None) };
        self.rows.get(seq).map(|row| Ok((row.person, *seq, row.record()?))).transpose()
    }

    pub fn all(&self) -> Result<Vec<(Surrogate, u64, Record)>, StoreError> {
        self.rows.iter().map(|(seq, row)| Ok((row.person, *seq, row.record()?))).collect()
    }

    pub fn undo(&mut self, person: Surrogate, which: &Undo) -> Result<Undone, StoreError> {
        let mut originals = BTreeSet::new();
        for (seq, record) in self.read_after(person, 0)? {
            let meant = match which {
                Undo::Event(id) => record.event == *id,
                Undo::Conversation(name) => record.conversation.as_ref() == Some(name),
                Undo::Source(source) => record.source == *source,
            };
            if let (true, Some(row)) = (meant, self.rows.get(&seq)) {
                originals.insert(row.mirror_of.unwrap_or(seq));
            }
        }
        let seqs = self.rows.iter().filter(|(seq, row)| originals.contains(&row.mirror_of.unwrap_or(**seq)));
        let seqs: Vec<u64> = seqs.map(|(seq, _)| *seq).collect();
        let people: BTreeSet<_> = seqs.iter().filter_map(|seq| self.remove(*seq)).collect();
        let position = self.mark(!seqs.is_empty());
        Ok(Undone { seqs, people: people.into_iter().collect(), position })
    }

    pub fn erase(&mut self, person: Surrogate) -> Gone {
        let own: BTreeSet<u64> =
            self.by_person.iter().filter(|(p, _)| *p == person).map(|(_, seq)| *seq).collect();
        let mut gone = Gone { events: own.len() as u64, ..Gone::default() };
        let mut people = BTreeSet::new();
        let mirrors: Vec<u64> = self
            .rows
            .iter()
            .filter(|(seq, row)| !own.contains(seq) && row.mirror_of.is_some_and(|of| own.contains(&of)))
            .map(|(seq, _)| *seq)
            .collect();
        gone.edges = mirrors.len() as u64;
        people.extend(mirrors.into_iter().filter_map(|seq| self.remove(seq)));
        for seq in own {
            self.remove(seq);
        }
        for row in self.rows.values_mut().filter(|row| row.target == Some(person)) {
            row.target = None;
            gone.edges += 1;
            people.insert(row.person);
        }
        gone.people = people.into_iter().collect();
        gone.position = self.mark(!gone.people.is_empty());
        gone
    }

    fn remove(&mut self, seq: u64) -> Option<Surrogate> {
        let row = self.rows.remove(&seq)?;
        self.by_person.remove(&(row.person, seq));
        for entry in self.ids.values_mut().filter(|entry| **entry == Some(seq)) {
            *entry = None;
        }
        Some(row.person)
    }

    /// A place in the log after everything that went.
    fn mark(&mut self, changed: bool) -> u64 {
        if !changed {
            return 0;
        }
        self.last += 1;
        self.last
    }
}
