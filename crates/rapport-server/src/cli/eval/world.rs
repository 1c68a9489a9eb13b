//! A small server in memory: events become records, profiles and feeds by the same functions as in the real one,
//! without HTTP or disk.

mod replay;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use rapport_core::catalog::{Catalog, Change, Item, Popularity, RowId, votes};
use rapport_core::event::Record;
use rapport_core::gate::{Asking, Feed, Gate, Person};
use rapport_core::ids::{Name, Product, Surrogate};
use rapport_core::pipeline::{FeedRequest, FeedSettings, FeedWorld, feed};
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::time::{SECOND, UnixMillis};
use rapport_policy::CedarPolicy;
use serde_json::Value;

use crate::cli::eval::query::Query;
use crate::cli::models::Models;
use crate::cli::output;

/// Decides ties; an evaluation is the same each time.
const SEED: u64 = 0;

/// Everything that a feed is made from.
pub struct World<'a> {
    policy: &'a CedarPolicy,
    models: &'a Models,
    product: Product,
    catalog: Catalog,
    people: HashMap<Name, Member>,
    authors: HashMap<Name, Surrogate>,
    popularity: Popularity,
    popular: Vec<RowId>,
    /// One second after the last event.
    end: UnixMillis,
    settings: FeedSettings,
    limits: Limits,
}

/// Somebody of the evaluation.
struct Member {
    surrogate: Surrogate,
    facts: Person,
    log: Vec<Record>,
    profile: Profile,
}

impl<'a> World<'a> {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never in practice: the product has a name.
    pub fn new(policy: &'a CedarPolicy, models: &'a Models, settings: FeedSettings) -> Result<Self> {
        Ok(Self {
            policy,
            models,
            product: Name::new("main").context("the product's name")?,
            catalog: Catalog::default(),
            people: HashMap::new(),
            authors: HashMap::new(),
            popularity: Popularity::default(),
            popular: Vec::new(),
            end: UnixMillis::default(),
            settings,
            limits: Limits::default(),
        })
    }

    /// The same catalogue, and nobody in it yet.
    pub fn emptied(&self) -> Self {
        Self {
            policy: self.policy,
            models: self.models,
            product: self.product.clone(),
            catalog: self.catalog.clone(),
            people: HashMap::new(),
            authors: self.authors.clone(),
            popularity: Popularity::default(),
            popular: Vec::new(),
            end: UnixMillis::default(),
            settings: self.settings.clone(),
            limits: self.limits,
        }
    }

    /// Adds items, each with its place for messages; a bad one is named and left out.
    pub fn add_items(&mut self, lines: Vec<(String, Value)>) {
        let parsed: Vec<Item> = lines.iter().filter_map(|(at, value)| noted(at, item(value))).collect();
        let words: Vec<String> = parsed.iter().map(Item::words).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let understood = self.models.study_all(&words);
        let mut changes = Vec::with_capacity(parsed.len());
        for (item, understood) in parsed.into_iter().zip(&understood) {
            let mut item = item.understood(understood);
            item.author_surrogate = item.author.take().map(|author| self.surrogate(&author));
            changes.push(Change::Put(Arc::new(item)));
        }
        self.catalog = self.catalog.with(changes);
    }

    /// Ranks for every query, `depth` items each after what it excludes, on all cores.
    ///
    /// # Errors
    /// When an event of a context is refused: a figure without it would mislead.
    pub fn rank_all(&self, queries: &[Query], depth: usize) -> Result<Vec<Vec<String>>> {
        let meanings = self.meanings_of(queries.iter().flat_map(|query| &query.context));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = queries.len().div_ceil(threads).max(1);
        let part = |queries: &[Query]| -> Result<Vec<Vec<String>>> {
            queries.iter().map(|query| self.rank(query, &meanings, depth)).collect()
        };
        let part = &part;
        let parts: Vec<Result<Vec<Vec<String>>>> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                queries.chunks(share).map(|queries| scope.spawn(move || part(queries))).collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The most popular items, most popular first; what nobody voted for is not among them.
    pub fn popular(&self) -> Vec<String> {
        let items = self.popular.iter().filter_map(|row| self.catalog.item(*row));
        items.map(|item| item.id.as_str().to_owned()).collect()
    }

    /// The feed of somebody at a moment, by id.
    fn feed(&self, who: &Member, profile: &Profile, now: UnixMillis, limit: usize) -> Vec<String> {
        let asking = Asking { product: &self.product, now, gpc: false };
        let view = Gate::new(self.policy).view::<Feed>(profile, &who.facts, &asking);
        let world =
            FeedWorld { catalog: &self.catalog, popularity: &self.popularity, popular: &self.popular };
        let request = FeedRequest { view: &view, viewer: Some(who.surrogate), limit, seed: SEED };
        let ranked = feed(&world, &request, &self.settings);
        ranked.rows.into_iter().map(|row| row.item.id.as_str().to_owned()).collect()
    }

    /// Counts the votes of everybody's view after the last event.
    fn count_votes(&mut self) {
        let asking = Asking { product: &self.product, now: self.end, gpc: false };
        let gate = Gate::new(self.policy);
        let mut popularity = Popularity::default();
        for who in self.people.values() {
            popularity.add(&votes(&gate.view::<Feed>(&who.profile, &who.facts, &asking)));
        }
        self.popular = popularity.top(&self.catalog);
        self.popularity = popularity;
    }

    /// Somebody's stand-in; whoever writes or is named gets one, the same each time.
    fn surrogate(&mut self, id: &Name) -> Surrogate {
        let next = Surrogate((self.authors.len() as u128 + 1).to_be_bytes());
        *self.authors.entry(id.clone()).or_insert(next)
    }

    fn fold(&self, facts: &Person, log: &[Record]) -> Profile {
        let folder = self.folder(facts);
        folder.fold(log)
    }

    fn folder<'f>(&'f self, facts: &'f Person) -> Folder<'f> {
        use rapport_core::gate::Decider;
        Folder { terms: &self.policy.facts().terms, notices: &facts.notices, limits: &self.limits }
    }
}

/// Reads the frame of a `load` line and the item in it.
fn item(value: &Value) -> Result<Item, String> {
    let id = value.get("id").and_then(Value::as_str).ok_or("`id` is missing, or is no text")?;
    let id = Name::new(id).map_err(|problem| format!("`id` {problem}"))?;
    Item::parse(id, value).map_err(|problem| problem.to_string())
}

/// What came out well; the rest is named on standard error.
fn noted<T>(at: &str, result: Result<T, String>) -> Option<T> {
    result.map_err(|why| output::note(format!("{at}: left out, {why}"))).ok()
}

/// One second after `at`: when a query is asked.
fn just_after(at: UnixMillis) -> UnixMillis {
    at.plus(SECOND)
}
