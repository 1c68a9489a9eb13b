//! The targeting language: whom an advertiser may ask for, and nothing sensitive among it.
//!
//! ```text
//! targeting   = [ either ]                                   the empty text is everybody
//! either      = all { "or" all }
//! all         = one { "and" one }
//! one         = "not" one | "(" either ")" | test
//! test        = ("country" | "language" | "product") ("==" text | "in" "[" text { "," text } "]")
//!             | "age" (">=" | ">" | "<=" | "<" | "==") number
//!             | "topics" "has" text
//! ```
//!
//! A fact that is not known satisfies neither a test nor its opposite: nobody becomes an adult by not having said
//! their age. Topics are a set that may be empty, so `not topics has "483"` holds for who has none.

mod audience;
mod conjunction;
mod lexer;
mod parser;

pub use audience::{Ages, Audience, Language, TopicSet};
pub use conjunction::{Conjunction, MAX_CONJUNCTIONS, OneOf};
pub use parser::{MAX_BYTES, MAX_DEPTH, TargetingError};

use crate::country::Country;
use crate::ids::Product;
use crate::topic::TopicId;

/// A parsed targeting text.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Targeting {
    text: String,
    expression: Expression,
    conjunctions: Vec<Conjunction>,
}

/// The tree that a text stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Everybody,
    Country(Vec<Country>),
    Language(Vec<Language>),
    Product(Vec<Product>),
    Age(Ages),
    Topic(TopicId),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

impl Targeting {
    /// Reads `text`; the empty text is everybody.
    ///
    /// # Errors
    /// When it is too long or too deep, is not in the language, names an unknown or a sensitive topic, or comes to
    /// more than [`MAX_CONJUNCTIONS`] alternatives.
    pub fn parse(text: &str) -> Result<Self, TargetingError> {
        let expression = parser::parse(text)?;
        let conjunctions = conjunction::alternatives(&expression)
            .map_err(|found| TargetingError::TooManyAlternatives { found, limit: MAX_CONJUNCTIONS })?;
        Ok(Self { text: text.to_owned(), expression, conjunctions })
    }

    /// The text as the advertiser wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The alternatives, of which one must hold; at most [`MAX_CONJUNCTIONS`], none if nobody can match.
    pub fn conjunctions(&self) -> &[Conjunction] {
        &self.conjunctions
    }

    /// Whether `audience` is asked for, by walking the tree: what the index must agree with.
    pub fn matches(&self, audience: &Audience<'_>) -> bool {
        self.expression.holds(audience, true)
    }

    /// Whether it reads nothing but country, language and product.
    pub fn is_impersonal(&self) -> bool {
        !self.expression.any(&|leaf| matches!(leaf, Expression::Age(_) | Expression::Topic(_)))
    }

    /// The topics that it asks for (not those that it excludes), ascending.
    pub fn topics(&self) -> Vec<TopicId> {
        let mut topics: Vec<TopicId> =
            self.conjunctions.iter().flat_map(|c| c.topics.iter().flatten().copied()).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }
}

impl Expression {
    /// Whether the tree, or its opposite if not `wanted`, holds.
    fn holds(&self, audience: &Audience<'_>, wanted: bool) -> bool {
        match self {
            Self::Everybody => wanted,
            Self::Country(of) => !audience.country.is_unknown() && of.contains(&audience.country) == wanted,
            Self::Language(of) => {
                !audience.languages.is_empty() && of.iter().any(|l| audience.languages.contains(l)) == wanted
            }
            Self::Product(of) => of.contains(audience.product) == wanted,
            Self::Age(of) => audience.years.is_some_and(|years| of.contains(years) == wanted),
            Self::Topic(of) => audience.topics.contains(*of) == wanted,
            Self::Not(inner) => inner.holds(audience, !wanted),
            Self::And(all) if wanted => all.iter().all(|e| e.holds(audience, true)),
            Self::Or(all) if !wanted => all.iter().all(|e| e.holds(audience, false)),
            Self::And(all) | Self::Or(all) => all.iter().any(|e| e.holds(audience, wanted)),
        }
    }

    fn any(&self, test: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::Not(inner) => inner.any(test),
            Self::And(all) | Self::Or(all) => all.iter().any(|e| e.any(test)),
            leaf => test(leaf),
        }
    }
}

impl TryFrom<String> for Targeting {
    type Error = TargetingError;
    fn try_from(text: String) -> Result<Self, TargetingError> {
        Self::parse(&text)
    }
}

impl From<Targeting> for String {
    fn from(targeting: Targeting) -> Self {
        targeting.text
    }
}
