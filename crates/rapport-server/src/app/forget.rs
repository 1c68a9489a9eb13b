//! Erasure and undo: `DELETE /people/{id}` and `DELETE /people/{id}/events…`.

use rapport_core::catalog::Change;
use rapport_core::signal::Source;
use rapport_store::Undo;

use crate::app::call::random;
use crate::app::receipts::{hex, mask};
use crate::app::{App, Call, Problem, name};

/// Which events to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// One event.
    Event(String),
    /// Every event of one conversation.
    Conversation(String),
    /// Every event from one source.
    Source(String),
}

/// What an erasure took; numbers only, so that it can be kept.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ErasureAnswer {
    /// A random name for this erasure; it leads to nobody.
    pub receipt: String,
    /// Events removed.
    pub events: u64,
    /// Others' events that lost their target.
    pub edges: u64,
    /// Receipts removed.
    pub receipts: u64,
    /// Others' receipts masked.
    pub masked: u64,
    /// Items removed.
    pub items: usize,
}

/// What an undo took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct UndoneAnswer {
    /// Events removed from the person's log and, where they were mutual, from their friends'.
    pub removed: usize,
}

impl App {
    /// Erases a person.
    ///
    /// # Errors
    /// `unknown-person` if there is nobody by that id, or a fault of the store.
    pub fn erase(&self, id: &str) -> Result<ErasureAnswer, Problem> {
        let _turn = self.edit(id);
        let erasure = self.store.erase(id, &mask)?.ok_or_else(Problem::unknown_person)?;
        self.people.forget(erasure.surrogate);
        erasure.people.iter().for_each(|person| self.people.invalidate(*person));
        let items = erasure.items.len();
        self.items.publish(erasure.items.into_iter().map(Change::Remove).collect());
        self.boards.forget(erasure.surrogate, &self.items.snapshot());
        Ok(ErasureAnswer {
            receipt: hex(&random::<16>()?),
            events: erasure.events,
            edges: erasure.edges,
            receipts: erasure.receipts,
            masked: erasure.masked,
            items,
        })
    }

    /// Takes events out of a person's log as if they had never been.
    ///
    /// # Errors
    /// `unknown-person`, or `unknown-event` if nothing of theirs fits.
    pub fn undo(&self, id: &str, what: &What, call: &Call) -> Result<UndoneAnswer, Problem> {
        let who = self.surrogate(id)?;
        let undone = self.store.undo(who, what.check()?)?;
        if undone.seqs.is_empty() {
            let detail = "nothing in this person's log fits; it may be undone already";
            return Err(Problem::new("unknown-event", "no such event", 404, detail));
        }
        for person in &undone.people {
            self.people.invalidate(*person);
            self.recount(*person, call.now);
        }
        Ok(UndoneAnswer { removed: undone.seqs.len() })
    }
}

impl What {
    fn check(&self) -> Result<Undo, Problem> {
        match self {
            Self::Event(event) => Ok(Undo::Event(name("event", event)?)),
            Self::Conversation(conversation) => Ok(Undo::Conversation(name("conversation", conversation)?)),
            Self::Source(source) => {
                Source::ALL.into_iter().find(|known| known.name() == source).map(Undo::Source).ok_or_else(
                    || Problem::invalid("`source` is none of `assistant`, `social`, `partner`, `ads`"),
                )
            }
        }
    }
}
