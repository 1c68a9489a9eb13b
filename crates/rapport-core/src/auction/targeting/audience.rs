//! What targeting may know of one request.

use crate::country::Country;
use crate::ids::Product;
use crate::topic::TopicId;

/// The facts that a targeting text is tested on.
#[derive(Clone, Copy, Debug)]
pub struct Audience<'a> {
    /// Where the person is; unknown satisfies no test of the country.
    pub country: Country,
    /// What the person reads; none satisfies no test of the language.
    pub languages: &'a [Language],
    /// How old the person is, if that is known and may be used.
    pub years: Option<u8>,
    /// Where the ad is shown.
    pub product: &'a Product,
    /// What the person or the item beside the ad is about, with every topic above it.
    pub topics: &'a TopicSet,
}

/// A language, as its ISO 639-1 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 2]);

impl Language {
    /// The language of a code such as `en`, `EN` or `en-US`; `None` for anything else.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next()?;
        let bytes: [u8; 2] = primary.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|b| b.to_ascii_lowercase())))
    }
}

/// A set of ages in whole years, `0..=Ages::OLDEST`; who is older counts as [`Ages::OLDEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages(u128);

impl Ages {
    /// The highest age that can be written.
    pub const OLDEST: u8 = 120;
    const ALL: u128 = (1 << (Self::OLDEST as u32 + 1)) - 1;

    /// The ages that `test` accepts.
    pub fn of(test: impl Fn(u8) -> bool) -> Self {
        Self((0..=Self::OLDEST).filter(|&years| test(years)).fold(0, |all, years| all | 1 << years))
    }

    /// Whether `years` is among them.
    pub fn contains(self, years: u8) -> bool {
        self.0 >> years.min(Self::OLDEST) & 1 == 1
    }

    /// All other ages.
    #[must_use]
    pub fn others(self) -> Self {
        Self(!self.0 & Self::ALL)
    }

    /// The ages of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The ages of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nobody has such an age.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Ages `1..=OLDEST` that are treated otherwise than the year before, one bit each.
    pub(crate) fn steps(self) -> u128 {
        (self.0 ^ (self.0 << 1)) & Self::ALL & !1
    }
}

/// A set of topics, one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicSet([u64; WORDS]);

/// Room for 1,024 topics; the taxonomy has 704.
const WORDS: usize = 16;

impl TopicSet {
    /// Adds `topic` and every topic above it.
    pub fn insert_lineage(&mut self, topic: TopicId) {
        for topic in topic.lineage() {
            let (word, bit) = place(topic);
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether `topic` is a member.
    pub fn contains(&self, topic: TopicId) -> bool {
        let (word, bit) = place(topic);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }
}

fn place(topic: TopicId) -> (usize, u64) {
    (usize::from(topic.index() / 64), 1 << (topic.index() % 64))
}
