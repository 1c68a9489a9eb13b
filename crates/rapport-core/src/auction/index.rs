//! The index over all campaigns: an immutable snapshot, built anew when a campaign changes.
//!
//! Every alternative of every campaign's targeting is one bit. For each value of country, age, language and product
//! there is a row of bits: whom that value suits, those who do not ask included. The AND of four rows leaves few
//! alternatives, whose topics are then looked up. Bits stand in descending order of bid, so that a reader who knows
//! what is the most that anything can add to a bid may stop exactly.

mod rows;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::ControlFlow;
use std::sync::Arc;

use rows::{AgeRows, Bits, Rows, RowsBuilder};

use crate::auction::affinity::{AdTopic, Meaning, norm};
use crate::auction::score::bid_part;
use crate::auction::targeting::{Ages, Audience, Conjunction, Language, OneOf};
use crate::auction::{AdFacts, Listing, Status};
use crate::country::Country;
use crate::ids::Product;
use crate::profile::seen_hash;
use crate::topic::{Categories, TopicId};

/// Products that get a row of their own.
const MAX_PRODUCT_ROWS: usize = 256;

/// Every campaign, ready to be matched. Cost: about 70 bytes an alternative, besides the campaigns themselves.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By descending bid, then id.
    entries: Vec<Entry>,
    /// Positions in `entries`, by the hash of the id.
    by_id: Vec<u32>,
    ads: Vec<AdRow>,
    ad_topics: Vec<AdTopic>,
    /// Once more beside those of the listings: here they stand in the order that they are read in.
    vectors: Vec<Meaning>,
    bits: Vec<Alternative>,
    topics: Vec<TopicId>,
    countries: Rows<Country>,
    languages: Rows<Language>,
    products: Rows<Product>,
    ages: AgeRows,
    /// Alternatives that ask for some topic.
    topical: Bits,
}

/// A campaign in the index.
#[derive(Debug)]
pub(super) struct Entry {
    pub listing: Arc<Listing>,
    /// What its bid adds to a score.
    pub bid_part: i64,
    /// A hash of its id, for ties.
    pub tie: u64,
    ads: (u32, u32),
}

/// An ad in the index; its topics are those targeted and its own.
#[derive(Debug)]
struct AdRow {
    topics: (u32, u32),
    /// Position in `vectors`; past its end if the ad has no meaning.
    vector: u32,
    norm: f32,
    language: Option<Language>,
    sensitive: Categories,
}

/// An ad as the scorer reads it.
pub(super) struct IndexedAd<'s> {
    pub topics: &'s [AdTopic],
    pub vector: Option<&'s Meaning>,
    pub norm: f32,
    pub language: Option<Language>,
    pub sensitive: Categories,
}

/// One alternative of a campaign's targeting.
#[derive(Debug)]
struct Alternative {
    entry: u32,
    /// Where its topics begin: first those of which one is asked for, then those that are excluded.
    topics: u32,
    any: u16,
    none: u16,
    /// Its place among the campaign's alternatives.
    place: u8,
    /// The rows and lists say less than the alternative does: ask itself.
    ask: bool,
}

impl Snapshot {
    /// Builds the index. Cost: measured in `benches/ads.rs`.
    pub fn new(listings: impl IntoIterator<Item = Arc<Listing>>) -> Self {
        let mut sorted: Vec<Arc<Listing>> = listings.into_iter().collect();
        sorted.sort_by_cached_key(|listing| (Reverse(listing.campaign.bid), listing.campaign.id.clone()));
        let (mut index, mut tests) = (Self::default(), Tests::default());
        sorted.into_iter().for_each(|listing| index.push(listing, &mut tests));
        index.fill_rows(tests);
        let mut by_id: Vec<u32> = (0..index.entries.len() as u32).collect();
        by_id.sort_by_key(|at| index.entry(*at as usize).tie);
        Self { by_id, ..index }
    }

    /// How many campaigns there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no campaign.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The campaign of that id.
    pub fn get(&self, id: &str) -> Option<&Arc<Listing>> {
        self.position(id).map(|at| &self.entries[at].listing)
    }

    /// Every campaign, by descending bid.
    pub fn listings(&self) -> impl Iterator<Item = &Arc<Listing>> {
        self.entries.iter().map(|entry| &entry.listing)
    }

    /// The snapshot with one campaign put in place of its former self, or added.
    #[must_use]
    pub fn with(&self, listing: Arc<Listing>) -> Self {
        let others = self.listings().filter(|l| l.campaign.id != listing.campaign.id).cloned();
        Self::new(others.chain([listing.clone()]))
    }

    /// The active campaigns that ask for `audience`, by descending bid, whatever their time and budget.
    pub fn matching(&self, audience: &Audience<'_>) -> Vec<&Arc<Listing>> {
        let mut found = Vec::new();
        self.scan(audience, |at| {
            found.push(&self.entries[at].listing);
            ControlFlow::Continue(())
        });
        found
    }

    /// Bytes of rows and lists, not counting the campaigns themselves nor 256 bytes for the meaning of each ad.
    pub fn index_bytes(&self) -> usize {
        fn of<T>(list: &[T]) -> usize {
            std::mem::size_of_val(list)
        }
        of(&self.entries)
            + of(&self.by_id)
            + of(&self.ads)
            + of(&self.ad_topics)
            + of(&self.bits)
            + of(&self.topics)
            + self.countries.bytes()
            + self.languages.bytes()
            + self.products.bytes()
            + self.ages.bytes()
            + of(&self.topical)
    }

    /// Calls `visit` with each active campaign that asks for `audience`, by descending bid, until it breaks.
    pub(super) fn scan(&self, audience: &Audience<'_>, mut visit: impl FnMut(usize) -> ControlFlow<()>) {
        let country = self.countries.of((!audience.country.is_unknown()).then_some(&audience.country));
        let product = self.products.of(Some(audience.product));
        let ages = self.ages.of(audience.years);
        let languages: Vec<&[u64]> = if audience.languages.is_empty() {
            vec![self.languages.of(None)]
        } else {
            audience.languages.iter().map(|l| self.languages.of(Some(l))).collect()
        };
        let no_topics = audience.topics.is_empty();
        let mut last = usize::MAX;
        for word in 0..self.topical.len() {
            let reads = languages.iter().fold(0, |any, row| any | row[word]);
            let mut left = country[word] & product[word] & ages[word] & reads;
            if no_topics {
                left &= !self.topical[word];
            }
            while left != 0 {
                let bit = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let alternative = &self.bits[bit];
                let entry = alternative.entry as usize;
                if entry == last || !self.holds(alternative, audience) {
                    continue;
                }
                last = entry;
                if visit(entry).is_break() {
                    return;
                }
            }
        }
    }

    pub(super) fn entry(&self, at: usize) -> &Entry {
        &self.entries[at]
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        let hash = seen_hash(id);
        let tie = |at: &u32| self.entries[*at as usize].tie;
        let from = self.by_id.partition_point(|at| tie(at) < hash);
        let mut same = self.by_id[from..].iter().take_while(|at| tie(at) == hash).map(|at| *at as usize);
        same.find(|at| self.entries[*at].listing.campaign.id.as_str() == id)
    }

    /// The ads of an entry, in the campaign's order.
    pub(super) fn ads<'s>(&'s self, entry: &'s Entry) -> impl Iterator<Item = IndexedAd<'s>> {
        let rows = &self.ads[entry.ads.0 as usize..entry.ads.1 as usize];
        rows.iter().map(|row| IndexedAd {
            topics: &self.ad_topics[row.topics.0 as usize..row.topics.1 as usize],
            vector: self.vectors.get(row.vector as usize),
            norm: row.norm,
            language: row.language,
            sensitive: row.sensitive,
        })
    }

    fn holds(&self, alternative: &Alternative, audience: &Audience<'_>) -> bool {
        if alternative.ask {
            let listing = &self.entries[alternative.entry as usize].listing;
            let all = listing.campaign.targeting.conjunctions();
            return all.get(usize::from(alternative.place)).is_some_and(|c| c.matches(audience));
        }
        let from = alternative.topics as usize;
        let (any, none) = (usize::from(alternative.any), usize::from(alternative.none));
        let has = |topic: &TopicId| audience.topics.contains(*topic);
        (any == 0 || self.topics[from..from + any].iter().any(has))
            && !self.topics[from + any..from + any + none].iter().any(has)
    }

    fn push(&mut self, listing: Arc<Listing>, tests: &mut Tests) {
        let position = self.entries.len() as u32;
        let campaign = &listing.campaign;
        // What is not active cannot match, and takes no room.
        if campaign.status == Status::Active {
            for (place, conjunction) in campaign.targeting.conjunctions().iter().enumerate() {
                tests.add(self.bits.len() as u32, conjunction);
                self.push_alternative(position, place as u8, conjunction);
            }
        }
        let targeted = campaign.targeting.topics();
        let first = self.ads.len() as u32;
        for at in 0..campaign.ads.len() {
            self.push_ad(listing.facts.get(at).unwrap_or(&AdFacts::default()), &targeted);
        }
        self.entries.push(Entry {
            bid_part: bid_part(campaign.bid),
            tie: seen_hash(campaign.id.as_str()),
            ads: (first, self.ads.len() as u32),
            listing,
        });
    }

    fn push_alternative(&mut self, entry: u32, place: u8, conjunction: &Conjunction) {
        let from = self.topics.len();
        let any = conjunction.topics.first().map_or(&[][..], |group| group);
        self.topics.extend(any);
        self.topics.extend(&conjunction.not_topics);
        let plain_language = matches!(conjunction.languages[..], [] | [OneOf::Only(_)]);
        self.bits.push(Alternative {
            entry,
            topics: from as u32,
            any: any.len() as u16,
            none: conjunction.not_topics.len() as u16,
            place,
            ask: conjunction.topics.len() > 1 || !plain_language,
        });
    }

    fn push_ad(&mut self, facts: &AdFacts, targeted: &[TopicId]) {
        let from = self.ad_topics.len();
        self.ad_topics.extend(targeted.iter().map(|&topic| AdTopic { topic, score: u16::MAX }));
        // Only a sensitive ad's own sensitive topics are ever compared, and only with the item beside it.
        let sensitive = facts.categories();
        let own = facts.topics.iter().filter(|t| !sensitive.is_empty() || t.topic.sensitive().is_empty());
        let own = own.filter(|t| !targeted.contains(&t.topic));
        let scored = |score: f32| (score.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16;
        self.ad_topics.extend(own.map(|t| AdTopic { topic: t.topic, score: scored(t.score) }));
        self.ads.push(AdRow {
            topics: (from as u32, self.ad_topics.len() as u32),
            vector: facts.vector.as_ref().map_or(u32::MAX, |_| self.vectors.len() as u32),
            norm: facts.vector.as_ref().map_or(0.0, norm),
            language: facts.language(),
            sensitive,
        });
        self.vectors.extend(facts.vector.iter().map(|vector| *vector.0));
    }

    fn fill_rows(&mut self, tests: Tests) {
        let bits = self.bits.len();
        let asked;
        (self.products, asked) = tests.products.build(bits, MAX_PRODUCT_ROWS);
        asked.into_iter().for_each(|bit| self.bits[bit as usize].ask = true);
        (self.countries, _) = tests.countries.build(bits, usize::MAX);
        (self.languages, _) = tests.languages.build(bits, usize::MAX);
        self.ages = AgeRows::new(bits, &tests.ages);
        self.topical = rows::empty(bits);
        tests.topical.into_iter().for_each(|bit| rows::set(&mut self.topical, bit as usize));
    }
}

/// What all alternatives ask for, collected in one pass: the campaigns lie scattered in memory.
#[derive(Default)]
struct Tests {
    countries: RowsBuilder<Country>,
    languages: RowsBuilder<Language>,
    products: RowsBuilder<Product>,
    ages: Vec<(u32, Ages)>,
    topical: Vec<u32>,
}

impl Tests {
    fn add(&mut self, bit: u32, of: &Conjunction) {
        of.country.iter().for_each(|test| self.countries.add(bit, test));
        of.product.iter().for_each(|test| self.products.add(bit, test));
        self.ages.extend(of.age.map(|ages| (bit, ages)));
        language_row(of).iter().for_each(|test| self.languages.add(bit, test));
        if !of.topics.is_empty() {
            self.topical.push(bit);
        }
    }
}

/// A row can hold one positive test; what else is asked of languages only needs somebody who reads anything, and is
/// asked of the alternative itself.
fn language_row(conjunction: &Conjunction) -> Option<Cow<'_, OneOf<Language>>> {
    let positive = conjunction.languages.iter().find(|test| matches!(test, OneOf::Only(_)));
    let any_known = || (!conjunction.languages.is_empty()).then(|| Cow::Owned(OneOf::Except(Vec::new())));
    positive.map(Cow::Borrowed).or_else(any_known)
}
