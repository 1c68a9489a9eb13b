//! The answers of `/v1` as the page reads them: only what it shows, and nothing is required that it can do without.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `POST /feed`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FeedAnswer {
    /// Names the stored record of this answer.
    pub receipt: String,
    /// Whether anything about the person could shape it.
    pub personalised: bool,
    /// Best first.
    pub items: Vec<FeedRow>,
}

/// One item of a feed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FeedRow {
    /// The item's id.
    pub item: String,
    /// For example `"group"`.
    pub kind: String,
    /// The largest share first.
    pub reasons: Vec<Reason>,
}

/// `POST /ads`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AdsAnswer {
    /// Names the stored record of this answer.
    pub receipt: String,
    /// Whether anything about the person could shape it.
    pub personalised: bool,
    /// One a slot.
    pub ads: Vec<AdRow>,
}

/// One ad.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AdRow {
    /// The ad's id.
    pub ad: String,
    /// Its campaign's id.
    pub campaign: String,
    /// Who pays.
    pub advertiser: String,
    /// The headline.
    pub title: String,
    /// The words below it.
    pub body: String,
    /// Where a click leads.
    pub url: String,
    /// What one showing costs the advertiser.
    pub price_micros: i64,
    /// The largest share first.
    pub reasons: Vec<Reason>,
}

/// Why a row counted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// The contract's word, for example `"said"`.
    pub kind: String,
    /// A published topic id.
    pub topic: Option<String>,
    /// Where the evidence comes from.
    pub source: Option<String>,
    /// The person's own event.
    pub event: Option<String>,
    /// Part of the sum of the positive contributions; negative is a drawback.
    pub share: f64,
}

/// `GET /people/{id}/profile`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileAnswer {
    /// What is known, the strongest first.
    pub topics: Vec<ProfileTopic>,
    /// The same by class, as the policy sees it.
    pub classes: Vec<ProfileClass>,
}

/// Signals that the policy can't tell apart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileClass {
    /// Event ids.
    pub evidence: Vec<String>,
    /// By purpose: allowed or refused, and by which rule.
    pub purposes: BTreeMap<String, Verdict>,
}

/// A topic of a profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileTopic {
    /// The published id.
    pub id: String,
    /// The published name.
    pub name: String,
    /// Its decayed weight; negative is dislike.
    pub weight: f64,
    /// Where the evidence comes from.
    pub sources: Vec<String>,
    /// What the person wants of it: `more`, `less` or `never`.
    pub choice: Option<String>,
    /// Event ids.
    pub evidence: Vec<String>,
    /// By purpose: allowed if any class of it is, and by which rule.
    pub purposes: BTreeMap<String, Verdict>,
}

/// What the policy says about one use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Verdict {
    /// Whether it may be used.
    pub allowed: bool,
    /// The rule that says so.
    pub rule: String,
}

/// `GET /policy`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PolicyAnswer {
    /// For example `"careful"`.
    pub name: String,
    /// Name and content.
    pub version: String,
    /// The notice in force.
    pub notice: Notice,
    /// The countries that are rolled out, and since when.
    pub regions: Vec<Region>,
    /// Each with its sentence.
    pub rules: Vec<Rule>,
}

/// What people are told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Notice {
    /// For example `"2025-12"`.
    pub id: String,
    /// When use may begin, RFC 3339.
    pub effective_at: String,
}

/// A country that is rolled out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Region {
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// One rule, for people.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Its stable name.
    pub id: String,
    /// Its sentence.
    pub says: String,
}

impl PolicyAnswer {
    /// The sentence of a rule; the name itself where the policy has no such rule.
    pub fn says<'a>(&'a self, rule: &'a str) -> &'a str {
        self.rules.iter().find(|known| known.id == rule).map_or(rule, |known| &known.says)
    }

    /// Whether the country is on the list.
    pub fn rolled_out(&self, country: &str) -> bool {
        self.regions.iter().any(|region| region.country == country)
    }
}
