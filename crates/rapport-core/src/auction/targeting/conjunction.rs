//! Alternatives: a tree as a short list of conjunctions, which an index can hold.

use super::{Ages, Audience, Expression, Language};
use crate::country::Country;
use crate::ids::Product;
use crate::topic::TopicId;

/// Alternatives a targeting text may come to.
pub const MAX_CONJUNCTIONS: usize = 16;

/// Tests that must all hold. A field that is `None` or empty tests nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conjunction {
    /// Where.
    pub country: Option<OneOf<Country>>,
    /// In which product.
    pub product: Option<OneOf<Product>>,
    /// How old.
    pub age: Option<Ages>,
    /// Each must hold for the languages that a person reads, which may be several.
    pub languages: Vec<OneOf<Language>>,
    /// Of each group one topic must be there; each group ascending.
    pub topics: Vec<Vec<TopicId>>,
    /// None of these topics may be there; ascending.
    pub not_topics: Vec<TopicId>,
}

/// A finite set or the complement of one; members ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOf<T> {
    /// These.
    Only(Vec<T>),
    /// All but these.
    Except(Vec<T>),
}

/// The alternatives of `expression`, or how many there were when it was given up.
pub(super) fn alternatives(expression: &Expression) -> Result<Vec<Conjunction>, usize> {
    expand(expression, true)
}

fn expand(expression: &Expression, wanted: bool) -> Result<Vec<Conjunction>, usize> {
    match expression {
        Expression::Not(inner) => expand(inner, !wanted),
        Expression::And(all) if wanted => product_of(all, wanted),
        Expression::Or(all) if !wanted => product_of(all, wanted),
        Expression::And(all) | Expression::Or(all) => sum_of(all, wanted),
        leaf => Ok(Conjunction::of(leaf, wanted).into_iter().collect()),
    }
}

fn sum_of(parts: &[Expression], wanted: bool) -> Result<Vec<Conjunction>, usize> {
    let mut all = Vec::new();
    for part in parts {
        for conjunction in expand(part, wanted)? {
            add(&mut all, conjunction);
        }
    }
    bounded(all)
}

fn product_of(parts: &[Expression], wanted: bool) -> Result<Vec<Conjunction>, usize> {
    let mut all = vec![Conjunction::default()];
    for part in parts {
        let next = expand(part, wanted)?;
        let mut product = Vec::new();
        for pair in all.iter().flat_map(|a| next.iter().map(move |b| a.and(b))) {
            pair.into_iter().for_each(|conjunction| add(&mut product, conjunction));
        }
        all = bounded(product)?;
    }
    Ok(all)
}

fn bounded(all: Vec<Conjunction>) -> Result<Vec<Conjunction>, usize> {
    if all.len() > MAX_CONJUNCTIONS { Err(all.len()) } else { Ok(all) }
}

/// Adds an alternative, into one that differs in a single test where that is possible: `topics has "1" or topics
/// has "2"` is one alternative.
fn add(all: &mut Vec<Conjunction>, next: Conjunction) {
    let merged = all.iter().enumerate().find_map(|(at, known)| known.or(&next).map(|both| (at, both)));
    match merged {
        Some((at, both)) => all[at] = both,
        None => all.push(next),
    }
}

impl Conjunction {
    /// Whether every test holds.
    pub fn matches(&self, audience: &Audience<'_>) -> bool {
        self.country.as_ref().is_none_or(|c| !audience.country.is_unknown() && c.contains(&audience.country))
            && self.product.as_ref().is_none_or(|p| p.contains(audience.product))
            && self.age.is_none_or(|ages| audience.years.is_some_and(|years| ages.contains(years)))
            && self.languages.iter().all(|test| reads(test, audience.languages))
            && self.topics.iter().all(|group| group.iter().any(|t| audience.topics.contains(*t)))
            && !self.not_topics.iter().any(|t| audience.topics.contains(*t))
    }

    /// One test; `None` if nobody can pass it.
    fn of(leaf: &Expression, wanted: bool) -> Option<Self> {
        let mut one = Self::default();
        match leaf {
            Expression::Country(of) => one.country = Some(OneOf::new(of, wanted)),
            Expression::Product(of) => one.product = Some(OneOf::new(of, wanted)),
            Expression::Language(of) => one.languages = vec![OneOf::new(of, wanted)],
            Expression::Age(of) => one.age = Some(if wanted { *of } else { of.others() }),
            Expression::Topic(of) if wanted => one.topics = vec![vec![*of]],
            Expression::Topic(of) => one.not_topics = vec![*of],
            _ if !wanted => return None,
            _ => {}
        }
        one.possible()
    }

    fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        both.country = both_of(&self.country, &other.country, OneOf::and);
        both.product = both_of(&self.product, &other.product, OneOf::and);
        both.age = both_of(&self.age, &other.age, |a, b| a.and(*b));
        both.languages.extend(other.languages.iter().filter(|l| !self.languages.contains(l)).cloned());
        both.topics.extend(other.topics.iter().filter(|t| !self.topics.contains(t)).cloned());
        both.not_topics = union(&self.not_topics, &other.not_topics);
        both.possible()
    }

    /// One conjunction for both, if they differ in at most one test that can be widened.
    fn or(&self, other: &Self) -> Option<Self> {
        if self == other {
            return Some(self.clone());
        }
        let mut both = self.clone();
        if let (Some(a), Some(b)) = (&self.country, &other.country) {
            both.country = Some(a.or(b));
            if both == (Self { country: both.country.clone(), ..other.clone() }) {
                return Some(both);
            }
            both.country = self.country.clone();
        }
        if let (Some(a), Some(b)) = (self.age, other.age) {
            both.age = Some(a.or(b));
            if both == (Self { age: both.age, ..other.clone() }) {
                return Some(both);
            }
            both.age = self.age;
        }
        if let ([OneOf::Only(a)], [OneOf::Only(b)]) = (&self.languages[..], &other.languages[..]) {
            both.languages = vec![OneOf::Only(union(a, b))];
            if both == (Self { languages: both.languages.clone(), ..other.clone() }) {
                return Some(both);
            }
            both.languages = self.languages.clone();
        }
        let ([a], [b]) = (&self.topics[..], &other.topics[..]) else { return None };
        both.topics = vec![union(a, b)];
        (both == Self { topics: both.topics.clone(), ..other.clone() }).then_some(both)
    }

    fn possible(self) -> Option<Self> {
        let nobody = self.country.as_ref().is_some_and(OneOf::is_empty)
            || self.product.as_ref().is_some_and(OneOf::is_empty)
            || self.age.is_some_and(Ages::is_empty);
        (!nobody).then_some(self)
    }
}

/// Whether somebody who reads `known` passes; who reads nothing known passes no test.
fn reads(test: &OneOf<Language>, known: &[Language]) -> bool {
    !known.is_empty()
        && match test {
            OneOf::Only(of) => known.iter().any(|l| of.contains(l)),
            OneOf::Except(of) => !known.iter().any(|l| of.contains(l)),
        }
}

fn both_of<T: Clone>(a: &Option<T>, b: &Option<T>, and: impl Fn(&T, &T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(and(a, b)),
        (one, None) | (None, one) => one.clone(),
    }
}

impl<T: Ord + Clone> OneOf<T> {
    fn new(of: &[T], wanted: bool) -> Self {
        let members = union(of, &[]);
        if wanted { Self::Only(members) } else { Self::Except(members) }
    }

    /// Whether `value` is in the set.
    pub fn contains(&self, value: &T) -> bool {
        match self {
            Self::Only(of) => of.binary_search(value).is_ok(),
            Self::Except(of) => of.binary_search(value).is_err(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Only(of) if of.is_empty())
    }

    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Except(a), Self::Except(b)) => Self::Except(union(a, b)),
            (Self::Only(a), b) | (b, Self::Only(a)) => {
                Self::Only(a.iter().filter(|v| b.contains(v)).cloned().collect())
            }
        }
    }

    fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(union(a, b)),
            (Self::Except(a), b) | (b, Self::Except(a)) => {
                Self::Except(a.iter().filter(|v| !b.contains(v)).cloned().collect())
            }
        }
    }
}

fn union<T: Ord + Clone>(a: &[T], b: &[T]) -> Vec<T> {
    let mut all: Vec<T> = a.iter().chain(b).cloned().collect();
    all.sort();
    all.dedup();
    all
}
