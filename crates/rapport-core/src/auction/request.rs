//! The question that an auction answers.

use crate::gate::{Ads, View};
use crate::ids::Product;
use crate::time::UnixMillis;
use crate::topic::Categories;
use crate::understanding::{ScoredTopic, Vector};

/// Who asks for ads, where, when, and beside what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where the ads are shown.
    pub product: &'a Product,
    /// The request's clock.
    pub now: UnixMillis,
    /// Decides ties, and nothing else.
    pub seed: u64,
    /// Most ads to answer.
    pub limit: usize,
    /// What may be known of the person; without one nothing is known, not even the country.
    pub view: Option<&'a View<'a, Ads>>,
    /// The item that the ads are shown beside.
    pub beside: Option<Beside<'a>>,
}

/// What the item beside an ad is about.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// Its topics, sensitive ones too: those serve only ads that are sensitive themselves.
    pub topics: &'a [ScoredTopic],
    /// Its sensitive categories, by its marks.
    pub sensitive: Categories,
    /// Its meaning.
    pub vector: Option<&'a Vector>,
}

impl Beside<'_> {
    /// Its sensitive categories, by its marks and by its topics.
    pub fn categories(&self) -> Categories {
        self.topics.iter().fold(self.sensitive, |all, t| all | t.topic.sensitive())
    }
}
