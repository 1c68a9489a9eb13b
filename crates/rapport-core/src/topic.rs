//! Topics: the IAB Content Taxonomy 3.1, and which of its nodes are sensitive.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// The taxonomy as published by IAB Tech Lab (CC BY 3.0), tab separated, two header lines.
const SOURCE: &str = include_str!("../data/content_taxonomy_3.1.tsv");

/// Our own list of sensitive nodes, `category<TAB>id`; descendants inherit. The taxonomy's own flag is not
/// used: it marks "Theater" and misses politics.
const SENSITIVE: &str = include_str!("../data/sensitive_topics.tsv");

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(|| Taxonomy::parse(SOURCE, SENSITIVE));

/// A row of the taxonomy, by position: small enough to sit in every signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(u16);

impl TopicId {
    /// The topic with the published id `code`, for example `"483"`.
    pub fn from_code(code: &str) -> Option<Self> {
        TAXONOMY.by_code.get(code).copied()
    }

    /// The topic at `row`, or `None` past the end of the taxonomy.
    pub fn from_index(row: u16) -> Option<Self> {
        (usize::from(row) < TAXONOMY.rows.len()).then_some(Self(row))
    }

    /// Position in the taxonomy, `0..Taxonomy::len()`.
    pub fn index(self) -> u16 {
        self.0
    }

    /// The published id, for example `"483"`.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The published name, for example `"Sports"`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The node above, if this is not a tier 1 topic.
    pub fn parent(self) -> Option<Self> {
        self.row().parent
    }

    /// This topic and every node above it, nearest first.
    pub fn lineage(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |topic| topic.parent())
    }

    /// The tier 1 topic above this one, or itself.
    pub fn tier1(self) -> Self {
        self.lineage().last().unwrap_or(self)
    }

    /// Whether this topic is `ancestor` or below it.
    pub fn is_within(self, ancestor: Self) -> bool {
        self.lineage().any(|topic| topic == ancestor)
    }

    /// Every topic below this one, at any depth.
    pub fn below(self) -> impl Iterator<Item = Self> {
        TAXONOMY.below[usize::from(self.0)].iter().copied()
    }

    /// The sensitive categories that this topic or a node above it belongs to.
    pub fn sensitive(self) -> Categories {
        self.lineage().fold(Categories::NONE, |all, topic| all | topic.row().sensitive)
    }

    /// Every topic, in the taxonomy's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TAXONOMY.rows.len() as u16).map(Self)
    }

    fn row(self) -> &'static Row {
        &TAXONOMY.rows[usize::from(self.0)]
    }
}

/// Written as the published id, so that a stored topic outlives a reordering of the table.
impl serde::Serialize for TopicId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for TopicId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        Self::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown topic `{code}`")))
    }
}

/// A sensitive category of the policy (DESIGN §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Category {
    /// Religious beliefs.
    Religion,
    /// Philosophical beliefs.
    Philosophy,
    /// Sexual orientation and sex life.
    Sexuality,
    /// Political views.
    Politics,
    /// Health, physical or mental.
    Health,
    /// Racial or ethnic origin.
    Ethnicity,
    /// Trade-union membership.
    Union,
}

impl Category {
    /// All seven, in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::Religion,
        Self::Philosophy,
        Self::Sexuality,
        Self::Politics,
        Self::Health,
        Self::Ethnicity,
        Self::Union,
    ];

    /// The contract's word, for example `"religion"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Religion => "religion",
            Self::Philosophy => "philosophy",
            Self::Sexuality => "sexuality",
            Self::Politics => "politics",
            Self::Health => "health",
            Self::Ethnicity => "ethnicity",
            Self::Union => "union",
        }
    }

    /// The category of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
}

/// A set of sensitive categories, one bit each.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Categories(u8);

impl Categories {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// All seven.
    pub const ALL: Self = Self(0x7f);

    /// The set with one member.
    pub fn only(category: Category) -> Self {
        Self(1 << category as u8)
    }

    /// The set of the bits of `bits`; the eighth is ignored.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// One bit a category, in the order of [`Category::ALL`].
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Adds one category.
    pub fn insert(&mut self, category: Category) {
        *self = *self | Self::only(category);
    }

    /// Whether `category` is a member.
    pub fn contains(self, category: Category) -> bool {
        self.0 & (1 << category as u8) != 0
    }

    /// Whether every member is also in `other`.
    pub fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is no member.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the order of [`Category::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.into_iter().filter(move |category| self.contains(*category))
    }
}

impl std::ops::BitOr for Categories {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(members: I) -> Self {
        members.into_iter().fold(Self::NONE, |set, category| set | Self::only(category))
    }
}

impl fmt::Debug for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Category::name)).finish()
    }
}

struct Row {
    code: &'static str,
    name: &'static str,
    parent: Option<TopicId>,
    sensitive: Categories,
}

struct Taxonomy {
    rows: Vec<Row>,
    below: Vec<Vec<TopicId>>,
    by_code: HashMap<&'static str, TopicId>,
}

impl Taxonomy {
    fn parse(source: &'static str, sensitive: &'static str) -> Self {
        let fields: Vec<[&str; 3]> = source.lines().skip(2).filter_map(first_three).collect();
        let by_code: HashMap<_, _> =
            fields.iter().zip(0..).map(|([code, _, _], row)| (*code, TopicId(row))).collect();
        let mut rows: Vec<Row> = fields
            .iter()
            .map(|[code, parent, name]| Row {
                code,
                name,
                parent: by_code.get(parent).copied(),
                sensitive: Categories::NONE,
            })
            .collect();
        for (category, code) in sensitive.lines().filter_map(|line| line.split_once('\t')) {
            let code = code.split('\t').next().unwrap_or(code);
            if let (Some(category), Some(topic)) = (Category::from_name(category), by_code.get(code)) {
                rows[usize::from(topic.0)].sensitive.insert(category);
            }
        }
        let below = below(&rows);
        Self { rows, below, by_code }
    }
}

/// For each row, every row beneath it.
fn below(rows: &[Row]) -> Vec<Vec<TopicId>> {
    let mut below = vec![Vec::new(); rows.len()];
    for (row, topic) in rows.iter().zip((0..).map(TopicId)) {
        let above = std::iter::successors(row.parent, |t| rows[usize::from(t.0)].parent);
        above.for_each(|ancestor| below[usize::from(ancestor.0)].push(topic));
    }
    below
}

fn first_three(line: &'static str) -> Option<[&'static str; 3]> {
    let mut fields = line.split('\t').map(str::trim);
    let row = [fields.next()?, fields.next()?, fields.next()?];
    (!row[0].is_empty()).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_row_is_a_topic() {
        assert_eq!(TopicId::all().count(), 704);
        assert!(TopicId::all().all(|topic| TopicId::from_code(topic.code()) == Some(topic)));
    }

    #[test]
    fn lineage_climbs_to_tier_one() {
        let walking = TopicId::from_code("542").unwrap();
        assert_eq!(walking.tier1().name(), "Sports");
        assert!(walking.is_within(TopicId::from_code("483").unwrap()));
    }

    #[test]
    fn descendants_inherit_what_is_sensitive() {
        let sensitive = |code| TopicId::from_code(code).unwrap().sensitive();
        assert!(sensitive("317").contains(Category::Health), "diabetes");
        assert!(sensitive("461").contains(Category::Religion), "islam");
        assert!(sensitive("387").contains(Category::Politics), "elections, which the published flag misses");
        assert!(sensitive("225").is_empty(), "fitness is not health");
        assert!(sensitive("209").is_empty(), "theater, which the published flag marks");
    }

    #[test]
    fn every_line_of_the_sensitive_list_names_a_topic_and_a_category() {
        for line in SENSITIVE.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            assert!(Category::from_name(fields[0]).is_some(), "{line}");
            assert_eq!(TopicId::from_code(fields[1]).unwrap().name(), fields[2], "{line}");
        }
    }
}
