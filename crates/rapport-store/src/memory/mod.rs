//! The double for tests: everything in memory, nothing clever, and stricter than the real thing.
//!
//! It refuses what the embedded store lets pass: an observer that writes, an offset beyond the log, a
//! checkpoint that goes backwards, a surrogate asked about that the vault never gave out. It also proves the
//! ledger's invariant after every change, by adding up all reservations.

mod ledger;
mod log;
mod shelf;
mod vault;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::ThreadId;

use rapport_core::event::Record;
use rapport_core::ids::{EventId, ItemId, Surrogate};
use rapport_core::time::UnixMillis;

use crate::seal::random;
use crate::{
    Appended, Campaign, Checkpoint, Erasure, EventLog, Item, Mask, NewEvent, Observer, PastDecision, Person,
    Receipt, Reservation, Reserved, Settle, Settled, Store, StoreError, Totals, Undo, Undone, checks,
};

/// A store that lasts as long as its value.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    observers: RwLock<Vec<Arc<dyn Observer>>>,
    /// Held through the observers' calls, so that they see the log in order.
    writing: Mutex<()>,
    writer: Mutex<Option<ThreadId>>,
}

#[derive(Default)]
struct State {
    vault: vault::Vault,
    log: log::Log,
    ledger: ledger::Ledger,
    shelf: shelf::Shelf,
    secret: Option<[u8; 32]>,
    closed: bool,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn read<T>(&self, f: impl FnOnce(&State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let state = lock(&self.state);
        if state.closed { Err(StoreError::Closed) } else { f(&state) }
    }

    fn write<T>(&self, f: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if *lock(&self.writer) == Some(std::thread::current().id()) {
            let problem = "calls a method that writes; it may only read".to_owned();
            return Err(StoreError::Invalid { what: "observer", problem });
        }
        let _turn = lock(&self.writing);
        let mut state = lock(&self.state);
        if state.closed {
            return Err(StoreError::Closed);
        }
        f(&mut state)
    }
}

/// A panic in one test must not turn into another's.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventLog for MemoryStore {
    fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError> {
        checks::events(&events)?;
        if *lock(&self.writer) == Some(std::thread::current().id()) {
            return self.write(|_| Ok(Vec::new()));
        }
        let _turn = lock(&self.writing);
        let (answers, committed) = {
            let mut state = lock(&self.state);
            if state.closed {
                return Err(StoreError::Closed);
            }
            let State { vault, log, .. } = &mut *state;
            log.append(events, |person| vault.knows(person))?
        };
        *lock(&self.writer) = Some(std::thread::current().id());
        for observer in self.observers.read().unwrap_or_else(PoisonError::into_inner).iter() {
            observer.committed(&committed);
        }
        *lock(&self.writer) = None;
        Ok(answers)
    }

    fn read_after(&self, person: Surrogate, offset: u64) -> Result<Vec<(u64, Record)>, StoreError> {
        self.read(|state| state.log.read_after(person, offset))
    }

    fn find(&self, event: &EventId) -> Result<Option<(Surrogate, u64, Record)>, StoreError> {
        self.read(|state| state.log.find(event))
    }

    fn undo(&self, person: Surrogate, which: Undo) -> Result<Undone, StoreError> {
        self.write(|state| {
            let undone = state.log.undo(person, &which)?;
            state.shelf.drop_checkpoints(&undone.people, undone.position);
            Ok(undone)
        })
    }

    fn scan(&self, each: &mut dyn FnMut(Surrogate, u64, Record)) -> Result<(), StoreError> {
        let rows = self.read(|state| state.log.all())?;
        rows.into_iter().for_each(|(person, seq, record)| each(person, seq, record));
        Ok(())
    }

    fn last_seq(&self) -> Result<u64, StoreError> {
        self.read(|state| Ok(state.log.last_seq()))
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.observers.write().unwrap_or_else(PoisonError::into_inner).push(observer);
    }
}

impl Store for MemoryStore {
    fn put_people(&self, people: &[(&str, &[u8])]) -> Result<Vec<Surrogate>, StoreError> {
        checks::person_ids(people.iter().map(|(id, _)| *id))?;
        self.write(|state| people.iter().map(|(id, facts)| state.vault.put(id, facts)).collect())
    }

    fn person(&self, id: &str) -> Result<Option<Person>, StoreError> {
        self.read(|state| Ok(state.vault.person(id)))
    }

    fn person_by_surrogate(&self, person: Surrogate) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|state| {
            Ok(state.vault.id_of(person).and_then(|id| state.vault.person(id)).map(|person| person.facts))
        })
    }

    fn aliases(&self, ids: &[&str]) -> Result<Vec<Surrogate>, StoreError> {
        checks::person_ids(ids.iter().copied())?;
        self.write(|state| ids.iter().map(|id| state.vault.alias(id)).collect())
    }

    fn id_of(&self, person: Surrogate) -> Result<Option<String>, StoreError> {
        self.read(|state| Ok(state.vault.id_of(person).map(str::to_owned)))
    }

    fn people(&self, each: &mut dyn FnMut(&str, Person)) -> Result<(), StoreError> {
        let people = self.read(|state| Ok(state.vault.registered()))?;
        people.into_iter().for_each(|(id, person)| each(&id, person));
        Ok(())
    }

    fn erase(&self, id: &str, mask: &Mask<'_>) -> Result<Option<Erasure>, StoreError> {
        self.write(|state| {
            let Some(surrogate) = state.vault.remove(id) else { return Ok(None) };
            let gone = state.log.erase(surrogate);
            let (receipts, masked) = state.shelf.erase_receipts(surrogate, mask);
            state.shelf.drop_checkpoints(&[surrogate], u64::MAX);
            state.shelf.drop_checkpoints(&gone.people, gone.position);
            state.shelf.forget_mark(surrogate);
            Ok(Some(Erasure {
                surrogate,
                events: gone.events,
                edges: gone.edges,
                receipts,
                masked,
                decisions: state.ledger.erase(surrogate),
                items: state.shelf.erase_items(surrogate),
                people: gone.people,
                position: gone.position,
            }))
        })
    }

    fn put_items(&self, items: Vec<Item>) -> Result<(), StoreError> {
        self.write(|state| {
            if items.iter().filter_map(|item| item.author).any(|author| !state.vault.knows(author)) {
                return Err(StoreError::UnknownPerson);
            }
            state.shelf.put_items(items);
            Ok(())
        })
    }

    fn delete_item(&self, id: &ItemId) -> Result<bool, StoreError> {
        self.write(|state| Ok(state.shelf.delete_item(id)))
    }

    fn items(&self, each: &mut dyn FnMut(Item)) -> Result<(), StoreError> {
        self.read(|state| Ok(state.shelf.items()))?.into_iter().for_each(each);
        Ok(())
    }

    fn put_campaign(&self, campaign: &Campaign) -> Result<(), StoreError> {
        campaign.check()?;
        self.write(|state| {
            state.ledger.put_campaign(campaign);
            Ok(())
        })
    }

    fn campaigns(&self, each: &mut dyn FnMut(Campaign)) -> Result<(), StoreError> {
        self.read(|state| Ok(state.ledger.campaigns()))?.into_iter().for_each(each);
        Ok(())
    }

    fn put_account(&self, advertiser: &str, budget_micros: Option<i64>) -> Result<(), StoreError> {
        checks::account(budget_micros)?;
        self.write(|state| {
            state.ledger.put_account(advertiser, budget_micros);
            Ok(())
        })
    }

    fn reserve(&self, wants: Vec<Reservation>) -> Result<Vec<Reserved>, StoreError> {
        checks::reservations(&wants)?;
        self.write(|state| {
            if wants.iter().filter_map(|want| want.person).any(|person| !state.vault.knows(person)) {
                return Err(StoreError::UnknownPerson);
            }
            let answers = state.ledger.reserve(wants)?;
            state.ledger.prove().map(|()| answers)
        })
    }

    fn settle(&self, nonce: [u8; 16], what: Settle, now: UnixMillis) -> Result<Settled, StoreError> {
        self.write(|state| {
            let settled = state.ledger.settle(nonce, what, now);
            state.ledger.prove().map(|()| settled)
        })
    }

    fn totals(&self, campaign: &str, now: UnixMillis) -> Result<Option<Totals>, StoreError> {
        self.read(|state| Ok(state.ledger.totals(campaign, now)))
    }

    fn all_totals(&self, now: UnixMillis) -> Result<Vec<(String, Totals)>, StoreError> {
        self.read(|state| Ok(state.ledger.all_totals(now)))
    }

    fn decisions(&self, person: Surrogate, since: UnixMillis) -> Result<Vec<PastDecision>, StoreError> {
        self.read(|state| Ok(state.ledger.decisions(person, since)))
    }

    fn prune_decisions(&self, before: UnixMillis) -> Result<u64, StoreError> {
        self.write(|state| Ok(state.ledger.prune(before)))
    }

    fn put_receipts(&self, receipts: Vec<Receipt>) -> Result<(), StoreError> {
        checks::receipts(&receipts)?;
        self.write(|state| {
            let mut named =
                receipts.iter().flat_map(|receipt| receipt.person.iter().chain(&receipt.mentions));
            if named.any(|person| !state.vault.knows(*person)) {
                return Err(StoreError::UnknownPerson);
            }
            state.shelf.put_receipts(receipts)
        })
    }

    fn receipt(&self, id: [u8; 16]) -> Result<Option<Receipt>, StoreError> {
        self.read(|state| Ok(state.shelf.receipt(id)))
    }

    fn receipts_of(&self, person: Surrogate) -> Result<Vec<Receipt>, StoreError> {
        self.read(|state| Ok(state.shelf.receipts_of(person)))
    }

    fn prune_receipts(&self, before: UnixMillis) -> Result<u64, StoreError> {
        self.write(|state| Ok(state.shelf.prune_receipts(before)))
    }

    fn put_checkpoints(&self, checkpoints: Vec<Checkpoint>) -> Result<(), StoreError> {
        self.write(|state| {
            let last = state.log.last_seq();
            for checkpoint in checkpoints {
                if state.vault.knows(checkpoint.person) {
                    state.shelf.put_checkpoint(checkpoint, last)?;
                }
            }
            Ok(())
        })
    }

    fn checkpoint(&self, person: Surrogate) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.read(|state| Ok(state.shelf.checkpoint(person)))
    }

    fn checkpoints(&self, each: &mut dyn FnMut(Checkpoint)) -> Result<(), StoreError> {
        self.read(|state| Ok(state.shelf.checkpoints()))?.into_iter().for_each(each);
        Ok(())
    }

    fn clear_checkpoints(&self) -> Result<(), StoreError> {
        self.write(|state| {
            state.shelf.clear_checkpoints();
            Ok(())
        })
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.write(|state| match state.secret {
            Some(secret) => Ok(secret),
            None => Ok(*state.secret.insert(random()?)),
        })
    }

    fn put_setting(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        self.write(|state| {
            state.shelf.put_setting(name, value);
            Ok(())
        })
    }

    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|state| Ok(state.shelf.setting(name)))
    }

    fn close(&self) -> Result<(), StoreError> {
        self.write(|state| {
            state.closed = true;
            Ok(())
        })
    }
}
