//! The use cases: one file each, no HTTP. Everything here blocks; the edge runs it off the async threads.

mod ads;
mod call;
mod campaigns;
mod choices;
mod export;
mod feed;
mod forget;
mod ingest;
mod items;
mod named;
mod notices;
mod people;
mod person;
mod policies;
mod policy;
mod problem;
mod profile;
mod receipts;
mod record;
mod tokens;
mod understand;
mod upkeep;
mod voice;
mod world;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rapport_core::gate::Asking;
use rapport_core::ids::{Name, Product, Surrogate};
use rapport_core::understanding::Understanding;
use rapport_policy::CedarPolicy;
use rapport_store::{Store, StoreError};

pub use ads::{AdsAnswer, AdsRequest, Context, SoldAd, TokenPair};
pub use call::{Call, Clock, SystemClock};
pub use choices::ChoicesBody;
pub use feed::{FeedAnswer, FeedItem, FeedQuestion, ReasonAnswer};
pub use forget::{ErasureAnswer, UndoneAnswer, What};
pub use ingest::{IngestAnswer, Line, Refused, split};
pub use named::mentions;
pub use people::{People, Ready};
pub use person::{AccountBody, PersonBody};
pub use policies::{Policies, PoliciesError};
pub use problem::Problem;
pub use receipts::StoredReceipt;
pub use record::{About, record};
pub use tokens::Counted;
pub use understand::Understand;
pub use world::{Boards, Campaigns, Items};

use crate::config::Config;

/// People whose facts can be changed at the same time.
const STRIPES: usize = 64;

/// How the server was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// `--dev`: loopback only, no keys; requests may bring their own clock, seed and policy.
    pub dev: bool,
    /// The demo: the playground is served.
    pub demo: bool,
}

/// Everything that the use cases share.
pub struct App {
    config: Config,
    mode: Mode,
    store: Arc<dyn Store>,
    words: Arc<dyn Understand>,
    voice: voice::Voice,
    clock: Arc<dyn Clock>,
    policies: Policies,
    people: Arc<People>,
    items: Items,
    boards: Boards,
    campaigns: Campaigns,
    token_key: [u8; 32],
    /// Facts are read, changed and written under one of these, chosen by the person's id. The store's writing thread
    /// never takes one.
    editing: [Mutex<()>; STRIPES],
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The policy.
    #[error(transparent)]
    Policies(#[from] PoliciesError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something in the store that does not read; the log says what.
    #[error("the stored world can't be read ({}); restore the data folder from a backup", .0.detail)]
    World(Problem),
}

impl App {
    /// Opens everything over `store`.
    ///
    /// # Errors
    /// When the policy is refused or the store can't be read.
    pub fn open(
        config: Config,
        mode: Mode,
        store: Arc<dyn Store>,
        words: Arc<dyn Understand>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, StartError> {
        let policies = Policies::open(&config.policy.name, mode.dev, store.as_ref())?;
        let terms = policies.current_facts().terms.clone();
        let people = Arc::new(People::new(config.people.cached, terms, config.profile));
        store.observe(Arc::clone(&people) as Arc<dyn rapport_store::Observer>);
        let app = Self {
            items: Items::read(store.as_ref()).map_err(StartError::World)?,
            campaigns: Campaigns::read(store.as_ref()).map_err(StartError::World)?,
            boards: Boards::default(),
            token_key: store.secret()?,
            voice: voice::Voice::new(&config.speech),
            config,
            mode,
            store,
            words,
            clock,
            policies,
            people,
            editing: std::array::from_fn(|_| Mutex::default()),
        };
        Ok(Arc::new(app))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How the server was started.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The server's clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The catalogue as of now.
    pub fn catalog(&self) -> Arc<rapport_core::catalog::Catalog> {
        self.items.snapshot()
    }

    /// The campaigns as of now.
    pub fn campaign_index(&self) -> Arc<rapport_core::auction::Snapshot> {
        self.campaigns.index()
    }

    /// The policies at hand.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// What `text` means; `None` where it could not be judged.
    pub fn understand(&self, text: &str) -> Option<Understanding> {
        self.words.understand(&[text]).pop().flatten()
    }

    /// How many profiles are in memory.
    pub fn people_cached(&self) -> usize {
        self.people.len()
    }

    /// The stand-in of a registered person.
    fn surrogate(&self, id: &str) -> Result<Surrogate, Problem> {
        Ok(self.store.person(id)?.ok_or_else(Problem::unknown_person)?.surrogate)
    }

    /// Held while a person's facts are read, changed and written, or erased: two changes at once must both stay.
    fn edit(&self, id: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let stripe = &self.editing[hasher.finish() as usize % STRIPES];
        stripe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A registered person, up to date with the log, under the policy that `call` is judged by.
    fn person(&self, id: &str, policy: &CedarPolicy) -> Result<(Surrogate, Arc<Ready>), Problem> {
        use rapport_core::gate::Decider;
        let who = self.surrogate(id)?;
        Ok((who, self.people.get_under(self.store.as_ref(), who, &policy.facts().terms)?))
    }
}

/// Who asks, where and when, as the gate wants to know it.
fn asking<'a>(product: &'a Product, call: &Call) -> Asking<'a> {
    Asking { product, now: call.now, gpc: call.gpc }
}

/// An id in a request.
fn name(field: &str, text: &str) -> Result<Name, Problem> {
    Name::new(text).map_err(|problem| Problem::invalid(format!("`{field}` {problem}")))
}

/// Rows wanted: what the request says, within 1 and `most`.
fn limit(wanted: Option<i64>, default: usize, most: usize) -> Result<usize, Problem> {
    match wanted {
        None => Ok(default),
        Some(wanted) => usize::try_from(wanted).ok().filter(|n| (1..=most).contains(n)).ok_or_else(|| {
            Problem::invalid(format!("`limit` is {wanted}, and should be a whole number from 1 to {most}"))
        }),
    }
}
