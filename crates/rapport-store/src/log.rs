//! The event log: the truth that everything about a person is folded from.

use std::sync::Arc;

use rapport_core::event::Record;
use rapport_core::ids::{EventId, Name, Surrogate};
use rapport_core::signal::Source;

use crate::StoreError;

/// An event to append.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Whose log it goes to.
    pub person: Surrogate,
    /// What happened.
    pub record: Record,
    /// Somebody to whose log it is also appended: friendship is mutual. Their row is the same record with
    /// `Object::Person(person)` as its object, has a sequence number of its own, and goes when this one goes.
    pub mirror: Option<Surrogate>,
}

/// What became of one event of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log, durably.
    Accepted {
        /// Its place in the log; a mirrored row has a later one of its own.
        seq: u64,
    },
    /// Its id is in the log already, as an event or as the tombstone of one; nothing was written, whatever
    /// its body.
    Duplicate,
    /// Its person, the person it is about, or its mirror is not in the vault; nothing was written. A late
    /// retry of an erased person's event ends here.
    UnknownPerson,
}

/// An event in the log.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its place in the log; grows, may have gaps.
    pub seq: u64,
    /// Whose log.
    pub person: Surrogate,
    /// What happened.
    pub record: Arc<Record>,
}

/// Watches the log grow.
pub trait Observer: Send + Sync {
    /// Called with what one `append` added (mirrored rows too), in log order, after it is durable and before
    /// that `append` returns: whoever was told that an event is accepted finds it folded. Runs on the store's
    /// own writing thread, so it must be quick, must not panic, and must not call a method that writes (it
    /// would wait for itself for ever).
    fn committed(&self, events: &[Committed]);
}

/// Which of a person's events to take out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// One event.
    Event(EventId),
    /// Every event of one conversation.
    Conversation(Name),
    /// Every event from one source.
    Source(Source),
}

/// What an undo took out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Sequence numbers of the rows that went, mirrored ones included, ascending.
    pub seqs: Vec<u64>,
    /// People whose logs changed, each once: the caller folds them anew.
    pub people: Vec<Surrogate>,
    /// A place in the log after everything that went and before everything that comes; 0 if nothing went.
    /// Their checkpoints are dropped, and one with an offset before this is ignored, because it may still
    /// hold what went: a profile folded anew has at least this offset.
    pub position: u64,
}

/// The log: append-only but for undo and erasure, in one global order.
///
/// All methods may be called from any thread at once. Reads see every append that returned before they began.
pub trait EventLog: Send + Sync {
    /// Appends `events` in order and answers for each at its index. When it returns, what is accepted is on
    /// disk (fsynced) and every [`Observer`] has seen it.
    ///
    /// An event's id counts once across all people, for as long as the event or its tombstone is in the log;
    /// an id twice in one batch: the first wins. Concurrent calls share one commit.
    ///
    /// # Errors
    /// When the commit fails: then nothing of the batch is in the log. A person who is not known is no error
    /// of the batch, see [`Appended::UnknownPerson`].
    fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError>;

    /// A person's events in log order, with their sequence numbers, mirrored rows included, tombstones not.
    /// Empty for a person who is not known.
    ///
    /// # Errors
    /// When the database can't be read, or a row does not open with its person's key.
    fn read(&self, person: Surrogate) -> Result<Vec<(u64, Record)>, StoreError> {
        self.read_after(person, 0)
    }

    /// As [`EventLog::read`], but only events with a sequence number above `offset`.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn read_after(&self, person: Surrogate, offset: u64) -> Result<Vec<(u64, Record)>, StoreError>;

    /// The event with this id, in the log of the person who did it; `None` if it is not there or undone.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn find(&self, event: &EventId) -> Result<Option<(Surrogate, u64, Record)>, StoreError>;

    /// Removes the payload of events from `person`'s log. A tombstone keeps each event's key (not its id), so
    /// that a retry is a duplicate. Undoing either side of a mirrored event undoes both. What is not in this
    /// person's log is left alone. Receipts are left alone: they are the record of what was decided then.
    ///
    /// # Errors
    /// When the commit fails: then nothing is undone.
    fn undo(&self, person: Surrogate, which: Undo) -> Result<Undone, StoreError>;

    /// Reads the whole log in order, without tombstones, for rebuilds. Does not hold up writers; events
    /// appended while it runs are seen or not.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn scan(&self, each: &mut dyn FnMut(Surrogate, u64, Record)) -> Result<(), StoreError>;

    /// The last sequence number given out; 0 for an empty log.
    ///
    /// # Errors
    /// When the database can't be read.
    fn last_seq(&self) -> Result<u64, StoreError>;

    /// Adds an observer; it sees what is committed from now on.
    fn observe(&self, observer: Arc<dyn Observer>);
}
