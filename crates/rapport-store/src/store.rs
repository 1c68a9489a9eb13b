//! The store: the log, and everything else that is durable.

use rapport_core::ids::{ItemId, Surrogate};
use rapport_core::time::UnixMillis;

use crate::{Campaign, EventLog, PastDecision, Reservation, Reserved, Settle, Settled, StoreError, Totals};

/// Rewrites a receipt of somebody else so that the erased person is no longer in it: gets the erased person's
/// surrogate and the payload, answers the new payload. May be called more than once for one receipt.
pub type Mask<'a> = dyn Fn(Surrogate, &[u8]) -> Vec<u8> + 'a;

/// A registered person, as the store keeps them.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Their stand-in everywhere outside of the vault.
    pub surrogate: Surrogate,
    /// What is known about them; opaque to the store, sealed under their key.
    pub facts: Vec<u8>,
}

/// Facts never reach a log line.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// An item of the catalogue, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The caller's id.
    pub id: ItemId,
    /// Who wrote it, if a person did: it is sealed under their key, and goes when they go.
    pub author: Option<Surrogate>,
    /// What the store doesn't look into.
    pub payload: Vec<u8>,
}

/// The record of a decision, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Random; what the answer names.
    pub id: [u8; 16],
    /// For whom it was decided, if they are known to the vault: it is sealed under their key, and goes when
    /// they go.
    pub person: Option<Surrogate>,
    /// When; what pruning goes by.
    pub at: UnixMillis,
    /// What the store doesn't look into.
    pub payload: Vec<u8>,
    /// Other people who appear in the payload: it is masked when they go.
    pub mentions: Vec<Surrogate>,
}

/// A profile as folded up to a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose.
    pub person: Surrogate,
    /// Every event of theirs up to and including this sequence number is in it.
    pub offset: u64,
    /// What the store doesn't look into; sealed under the person's key.
    pub payload: Vec<u8>,
}

/// What an erasure took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The stand-in that means nobody from now on, so that the caller can drop it from its caches.
    pub surrogate: Surrogate,
    /// Events removed from the person's log.
    pub events: u64,
    /// Rows of others' logs that named the person: they lost their target or, mirrored from the person, went
    /// whole.
    pub edges: u64,
    /// Receipts of the person removed.
    pub receipts: u64,
    /// Receipts of others masked.
    pub masked: u64,
    /// Ad decisions that the ledger keeps without the person.
    pub decisions: u64,
    /// Items that the person wrote: the caller drops them from the catalogue.
    pub items: Vec<ItemId>,
    /// Others whose logs changed: the caller folds them anew.
    pub people: Vec<Surrogate>,
    /// As [`Undone::position`](crate::Undone::position), for the checkpoints of `people`.
    pub position: u64,
}

/// Everything durable but the log.
///
/// Every method that writes is durable (fsynced) when it returns, whole or not at all, and shares its commit
/// with concurrent calls. Reads see every write that returned before they began.
pub trait Store: EventLog {
    // --- the vault: ids in clear and keys live only here ---

    /// Registers people or replaces their facts, in one commit, and answers their surrogates in order.
    /// Somebody new gets a random surrogate and a random key; an alias keeps its surrogate and becomes
    /// registered.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an id that is no [`Name`](rapport_core::ids::Name); nothing is written
    /// then.
    fn put_people(&self, people: &[(&str, &[u8])]) -> Result<Vec<Surrogate>, StoreError>;

    /// As [`Store::put_people`], for one person.
    ///
    /// # Errors
    /// As [`Store::put_people`].
    fn put_person(&self, id: &str, facts: &[u8]) -> Result<Surrogate, StoreError> {
        self.put_people(&[(id, facts)])?.first().copied().ok_or(StoreError::UnknownPerson)
    }

    /// The registered person with this id; `None` for an alias or nobody. Answered from memory.
    ///
    /// # Errors
    /// When the store is closed.
    fn person(&self, id: &str) -> Result<Option<Person>, StoreError>;

    /// The facts of a registered person. Answered from memory.
    ///
    /// # Errors
    /// When the store is closed.
    fn person_by_surrogate(&self, person: Surrogate) -> Result<Option<Vec<u8>>, StoreError>;

    /// Surrogates for people who are named (an item's author, a target) and who may have no account, in one
    /// commit and in order; registers nobody.
    ///
    /// # Errors
    /// As [`Store::put_people`].
    fn aliases(&self, ids: &[&str]) -> Result<Vec<Surrogate>, StoreError>;

    /// As [`Store::aliases`], for one person. Answered from memory if they are known.
    ///
    /// # Errors
    /// As [`Store::put_people`].
    fn alias(&self, id: &str) -> Result<Surrogate, StoreError> {
        self.aliases(&[id])?.first().copied().ok_or(StoreError::UnknownPerson)
    }

    /// The id behind a surrogate, registered or alias. Answered from memory.
    ///
    /// # Errors
    /// When the store is closed.
    fn id_of(&self, person: Surrogate) -> Result<Option<String>, StoreError>;

    /// Every registered person, in no order that means anything.
    ///
    /// # Errors
    /// When the store is closed.
    fn people(&self, each: &mut dyn FnMut(&str, Person)) -> Result<(), StoreError>;

    /// Erases a person, registered or alias; `None` if the vault has no such id. Nobody can be erased half:
    /// what an interrupted erasure left is finished when the folder is next opened.
    ///
    /// Goes: the vault entry with id, key and facts; the events of their log (tombstones without a person
    /// keep the keys, so that a late retry stays a duplicate even for somebody registered afresh); the target
    /// of others' events, and rows mirrored from theirs; their items, receipts, checkpoints and frequency
    /// caps; and `mask` is applied to others' receipts that mention them. The ledger keeps amounts. When it
    /// returns, the files hold neither id nor surrogate.
    ///
    /// # Errors
    /// When a commit fails: the person is then either as before, or known to nobody any more, and the next
    /// opening of the folder removes the rest.
    fn erase(&self, id: &str, mask: &Mask<'_>) -> Result<Option<Erasure>, StoreError>;

    // --- items and campaigns: payloads are opaque ---

    /// Adds items or replaces those with the same id, in one commit.
    ///
    /// # Errors
    /// [`StoreError::UnknownPerson`] if an author is not known to the vault; nothing is written then.
    fn put_items(&self, items: Vec<Item>) -> Result<(), StoreError>;

    /// Removes an item; whether it was there.
    ///
    /// # Errors
    /// When the commit fails.
    fn delete_item(&self, id: &ItemId) -> Result<bool, StoreError>;

    /// Every item, in no order that means anything.
    ///
    /// # Errors
    /// When the database can't be read, or an item does not open with its author's key.
    fn items(&self, each: &mut dyn FnMut(Item)) -> Result<(), StoreError>;

    /// Adds a campaign or replaces the one with the same id, whose totals stay. A budget below what is spent
    /// and held is accepted: nothing more is held, and what is held is billed only as far as the new budget
    /// goes.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] as [`Campaign::check`].
    fn put_campaign(&self, campaign: &Campaign) -> Result<(), StoreError>;

    /// Every campaign, in no order that means anything.
    ///
    /// # Errors
    /// When the database can't be read.
    fn campaigns(&self, each: &mut dyn FnMut(Campaign)) -> Result<(), StoreError>;

    /// Caps what one advertiser may spend over all its campaigns; `None` takes the cap away.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a negative budget.
    fn put_account(&self, advertiser: &str, budget_micros: Option<i64>) -> Result<(), StoreError>;

    // --- the ledger ---
    // INVARIANT: spent + reserved never exceeds the budget that was in force when the last of it was reserved: of the
    // campaign's life, of each UTC day, and of the account. It is checked inside the transaction that
    // reserves.

    /// Holds prices, in order, each if its campaign's, day's and account's budgets have room, and answers for
    /// each at its index. Before each one, expired reservations of its campaign and account (as seen from its
    /// `at`) are released.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] as [`Reservation::check`], [`StoreError::Taken`] for a nonce used before,
    /// [`StoreError::UnknownPerson`] for a person who is not known: nothing is held then.
    fn reserve(&self, wants: Vec<Reservation>) -> Result<Vec<Reserved>, StoreError>;

    /// Uses a token: bills the impression or counts the click, each once.
    ///
    /// # Errors
    /// When the commit fails: then nothing is billed.
    fn settle(&self, nonce: [u8; 16], what: Settle, now: UnixMillis) -> Result<Settled, StoreError>;

    /// What a campaign has come to at `now`; `None` if there is no such campaign.
    ///
    /// # Errors
    /// When the database can't be read.
    fn totals(&self, campaign: &str, now: UnixMillis) -> Result<Option<Totals>, StoreError>;

    /// What every campaign has come to at `now`, by campaign id.
    ///
    /// # Errors
    /// When the database can't be read.
    fn all_totals(&self, now: UnixMillis) -> Result<Vec<(String, Totals)>, StoreError>;

    /// What was chosen for a person at or after `since`, oldest first, for frequency caps.
    ///
    /// # Errors
    /// When the database can't be read.
    fn decisions(&self, person: Surrogate, since: UnixMillis) -> Result<Vec<PastDecision>, StoreError>;

    /// Forgets decisions that expired before `before`, keeping their amounts in the totals; how many. A token
    /// of a forgotten decision is [`Settled::Unknown`].
    ///
    /// # Errors
    /// When the commit fails.
    fn prune_decisions(&self, before: UnixMillis) -> Result<u64, StoreError>;

    // --- receipts ---

    /// Stores receipts, in one commit.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for an id used before, [`StoreError::UnknownPerson`] if the person or somebody
    /// mentioned is not known to the vault (erased since the decision: decide anew); nothing is written then.
    fn put_receipts(&self, receipts: Vec<Receipt>) -> Result<(), StoreError>;

    /// The receipt with this id.
    ///
    /// # Errors
    /// When the database can't be read, or it does not open with its person's key.
    fn receipt(&self, id: [u8; 16]) -> Result<Option<Receipt>, StoreError>;

    /// Every receipt of one person, oldest first, for their export.
    ///
    /// # Errors
    /// As [`Store::receipt`].
    fn receipts_of(&self, person: Surrogate) -> Result<Vec<Receipt>, StoreError>;

    /// Removes receipts from before `before`; how many.
    ///
    /// # Errors
    /// When the commit fails.
    fn prune_receipts(&self, before: UnixMillis) -> Result<u64, StoreError>;

    // --- checkpoints ---

    /// Stores folded profiles, in one commit. Those of people who are not known are ignored, and so are those
    /// that may hold what an undo or erasure has taken out since, see
    /// [`Undone::position`](crate::Undone::position).
    ///
    /// # Errors
    /// When the commit fails.
    fn put_checkpoints(&self, checkpoints: Vec<Checkpoint>) -> Result<(), StoreError>;

    /// The latest checkpoint of a person, as offset and payload.
    ///
    /// # Errors
    /// When the database can't be read, or it does not open with the person's key.
    fn checkpoint(&self, person: Surrogate) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// Every checkpoint, for a quick start.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    fn checkpoints(&self, each: &mut dyn FnMut(Checkpoint)) -> Result<(), StoreError>;

    /// Drops every checkpoint, for a fold under new terms.
    ///
    /// # Errors
    /// When the commit fails.
    fn clear_checkpoints(&self) -> Result<(), StoreError>;

    // --- the rest ---

    /// A secret of this data folder for signing tokens, made once and kept in the vault. Never the key of
    /// anything that the store itself writes.
    ///
    /// # Errors
    /// When the store is closed.
    fn secret(&self) -> Result<[u8; 32], StoreError>;

    /// A small named value of the server's own (for example which policy is in force), kept in the open: no
    /// personal data. `None` removes it.
    ///
    /// # Errors
    /// When the commit fails.
    fn put_setting(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError>;

    /// The value last put under this name.
    ///
    /// # Errors
    /// When the database can't be read.
    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Waits for what is under way, merges the journal into the files and stops. Later calls answer
    /// [`StoreError::Closed`]. Dropping the store does the same, without telling whether it worked.
    ///
    /// # Errors
    /// When the last commit or the merge fails; what was acknowledged is durable all the same.
    fn close(&self) -> Result<(), StoreError>;
}
