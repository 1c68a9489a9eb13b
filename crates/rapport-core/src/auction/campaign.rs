//! A campaign as the contract tells it, parsed strictly, one field at a time, so that a refusal can name the field.

use serde_json::{Map, Value, json};

use crate::auction::Micros;
use crate::auction::targeting::{Language, Targeting, TargetingError};
use crate::ids::{Name, NameError};
use crate::time::{HOUR, UnixMillis};
use crate::topic::Categories;
use crate::understanding::{ScoredTopic, Vector};

/// Most that any amount may be: a million million of the currency, far from the end of the integer.
const MAX_MICROS: i64 = 1_000_000_000_000_000_000;
/// Ads a campaign.
const MAX_ADS: usize = 100;
/// Longest title, in bytes.
const MAX_TITLE: usize = 300;
/// Longest body, in bytes.
const MAX_BODY: usize = 5_000;
/// Longest URL, in bytes.
const MAX_URL: usize = 2_048;

/// An advertiser's order.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Campaign {
    /// The caller's id.
    pub id: Name,
    /// Who pays.
    pub advertiser: Name,
    /// Whether it may be shown at all.
    pub status: Status,
    /// The first moment.
    pub start: UnixMillis,
    /// One past the last moment.
    pub end: UnixMillis,
    /// The most for its whole life.
    pub budget: Micros,
    /// The most for one day in UTC.
    pub daily_budget: Option<Micros>,
    /// ISO 4217 code; the house keeps amounts and converts nothing.
    pub currency: String,
    /// The most for one impression.
    pub bid: Micros,
    /// How fast it may spend.
    pub pacing: Pacing,
    /// The least for one impression.
    pub reserve: Micros,
    /// Whom it asks for.
    pub targeting: Targeting,
    /// How often one person may see it.
    pub frequency_cap: Option<FrequencyCap>,
    /// What it may show, at least one.
    pub ads: Vec<Ad>,
    /// The advertiser's own word for what it sells.
    pub category: Option<String>,
}

/// Whether a campaign may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    Active,
    /// Not now.
    Paused,
    /// Not any more.
    Ended,
}

/// How fast a campaign may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pacing {
    /// As soon as possible.
    #[default]
    Asap,
    /// No faster than its time passes.
    Even,
}

/// How often one person may see a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FrequencyCap {
    /// At most so many impressions …
    pub impressions: u32,
    /// … in any so many hours.
    pub per_hours: u32,
}

/// One ad of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ad {
    /// The caller's id, its own within the campaign.
    pub id: Name,
    /// The headline.
    pub title: String,
    /// The words.
    pub body: String,
    /// Where a click leads, `http` or `https`.
    pub url: String,
    /// A picture's address, if there is one.
    pub image: Option<String>,
}

/// What an ad is about, as the understanding stage judged it when the campaign was put.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AdFacts {
    /// Its topics, best first.
    pub topics: Vec<ScoredTopic>,
    /// The sensitive categories that its words were judged to have; see [`AdFacts::categories`].
    pub sensitive: Categories,
    /// Its meaning.
    pub vector: Option<Vector>,
    /// ISO 639-1 code of its words, if that is known.
    pub language: Option<String>,
}

/// A campaign with what its ads are about: what the index holds.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Listing {
    /// The order.
    pub campaign: Campaign,
    /// One for each of the campaign's ads, in their order; a missing one is about nothing.
    pub facts: Vec<AdFacts>,
}

/// Why a campaign is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CampaignError {
    /// Not a JSON object.
    #[error("a campaign is a JSON object, this is {0}")]
    NotAnObject(&'static str),
    /// A field that is needed is not there.
    #[error("`{field}` is missing; {expected}")]
    Missing {
        /// The field.
        field: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A field holds something else than it should.
    #[error("`{field}` {problem}")]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong, and what is right.
        problem: String,
    },
    /// The targeting is not in the language, or asks for what nobody may ask for.
    #[error("`targeting` {0}")]
    Targeting(#[from] TargetingError),
    /// A sensitive ad that is targeted at more than country, language and product.
    #[error(
        "ad `{ad}` is about a sensitive topic, so `targeting` may read only country, language and product; it is chosen by what it is shown beside"
    )]
    SensitiveAd {
        /// The ad's id.
        ad: String,
    },
}

impl Campaign {
    /// Reads the body of `PUT /campaigns/{id}`. What the contract does not name is left aside; `targeting` left out
    /// means everybody; a date without a time is its first moment in UTC.
    ///
    /// # Errors
    /// The first thing that is wrong with it; see [`CampaignError`].
    pub fn parse(id: &str, json: &Value) -> Result<Self, CampaignError> {
        let Value::Object(map) = json else { return Err(CampaignError::NotAnObject(kind_of(json))) };
        let fields = Fields { map, within: String::new() };
        let id = Name::new(id).map_err(|problem| invalid("id", problem.to_string()))?;
        let campaign = Self {
            id,
            advertiser: fields.name("advertiser", "who pays")?,
            status: fields.status()?,
            start: fields.time("start")?,
            end: fields.time("end")?,
            budget: fields.amount("budget_micros", 0)?,
            daily_budget: fields.optional("daily_budget_micros", |f, name| f.amount(name, 0))?,
            currency: fields.currency()?,
            bid: fields.amount("bid_micros", 1)?,
            pacing: fields.pacing()?,
            reserve: fields.optional("reserve_micros", |f, name| f.amount(name, 0))?.unwrap_or_default(),
            targeting: fields.targeting()?,
            frequency_cap: fields.frequency_cap()?,
            ads: fields.ads()?,
            category: fields.optional("category", |f, name| Ok(f.text(name, "", MAX_TITLE)?.to_owned()))?,
        };
        campaign.check()
    }

    fn check(self) -> Result<Self, CampaignError> {
        if self.end <= self.start {
            return Err(invalid(
                "end",
                format!("is {}, and should be after `start`, {}", self.end, self.start),
            ));
        }
        if self.reserve > self.bid {
            let problem =
                format!("is {}, more than the bid of {}: it could never be shown", self.reserve, self.bid);
            return Err(invalid("reserve_micros", problem));
        }
        let mut ids: Vec<&Name> = self.ads.iter().map(|ad| &ad.id).collect();
        ids.sort();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => Err(invalid("ads", format!("has two ads with the id `{}`", twice[0].as_str()))),
            None => Ok(self),
        }
    }

    /// The campaign as the contract answers it, without the counts that the ledger keeps.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "advertiser": self.advertiser, "status": self.status,
            "start": self.start.to_string(), "end": self.end.to_string(),
            "budget_micros": self.budget, "daily_budget_micros": self.daily_budget,
            "currency": self.currency, "bid_micros": self.bid, "pacing": self.pacing,
            "reserve_micros": self.reserve, "targeting": self.targeting,
            "frequency_cap": self.frequency_cap, "ads": self.ads, "category": self.category,
        })
    }

    /// Whether it may be shown at `now`: active, and `start <= now < end`.
    pub fn runs(&self, now: UnixMillis) -> bool {
        self.status == Status::Active && self.start <= now && now < self.end
    }
}

impl Listing {
    /// Puts a campaign together with what its ads are about.
    ///
    /// # Errors
    /// When a sensitive ad is targeted at more than country, language and product.
    pub fn new(campaign: Campaign, facts: Vec<AdFacts>) -> Result<Self, CampaignError> {
        let sensitive = campaign.ads.iter().zip(&facts).find(|(_, facts)| !facts.categories().is_empty());
        match sensitive {
            Some((ad, _)) if !campaign.targeting.is_impersonal() => {
                Err(CampaignError::SensitiveAd { ad: ad.id.as_str().to_owned() })
            }
            _ => Ok(Self { campaign, facts }),
        }
    }
}

impl AdFacts {
    /// Its sensitive categories, by its words and by its topics; if there are any, it is chosen by context only.
    pub fn categories(&self) -> Categories {
        self.topics.iter().fold(self.sensitive, |all, t| all | t.topic.sensitive())
    }

    /// Its language, if that is known.
    pub fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::from_code)
    }
}

impl FrequencyCap {
    /// The cap's stretch of time in milliseconds.
    pub fn window(self) -> i64 {
        i64::from(self.per_hours) * HOUR
    }
}

struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Path of the object that is read, for example `ads[0].`.
    within: String,
}

impl<'a> Fields<'a> {
    fn status(&self) -> Result<Status, CampaignError> {
        match self.text("status", "`active` or `paused`", 32)? {
            "active" => Ok(Status::Active),
            "paused" => Ok(Status::Paused),
            "ended" => Ok(Status::Ended),
            _ => Err(self.invalid("status", "is none of `active`, `paused`, `ended`")),
        }
    }

    fn pacing(&self) -> Result<Pacing, CampaignError> {
        let word = self.optional("pacing", |f, name| f.text(name, "", 32))?;
        match word.unwrap_or("asap") {
            "asap" => Ok(Pacing::Asap),
            "even" => Ok(Pacing::Even),
            _ => Err(self.invalid("pacing", "is neither `asap` nor `even`")),
        }
    }

    fn targeting(&self) -> Result<Targeting, CampaignError> {
        let text = self.optional("targeting", |f, name| f.text(name, "", usize::MAX))?;
        Ok(Targeting::parse(text.unwrap_or(""))?)
    }

    fn currency(&self) -> Result<String, CampaignError> {
        let code = self.text("currency", "an ISO 4217 code, for example `USD`", 32)?;
        if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(code.to_owned());
        }
        Err(self.invalid("currency", "is no ISO 4217 code, for example `USD`"))
    }

    fn frequency_cap(&self) -> Result<Option<FrequencyCap>, CampaignError> {
        self.optional("frequency_cap", |fields, name| {
            let inner = fields.object(name)?;
            let impressions = inner.count("impressions", 1_000_000)?;
            Ok(FrequencyCap { impressions, per_hours: inner.count("per_hours", 8_784)? })
        })
    }

    fn ads(&self) -> Result<Vec<Ad>, CampaignError> {
        let value = self.get("ads").ok_or_else(|| self.missing("ads", "a list of at least one ad"))?;
        let list = value.as_array().ok_or_else(|| self.invalid("ads", "is no array of ads"))?;
        if list.is_empty() || list.len() > MAX_ADS {
            return Err(self.invalid("ads", &format!("has {} entries (limit: 1 to {MAX_ADS})", list.len())));
        }
        list.iter().enumerate().map(|(at, ad)| Ad::parse(at, ad)).collect()
    }

    fn time(&self, name: &'static str) -> Result<UnixMillis, CampaignError> {
        const EXPECTED: &str = "RFC 3339 or a date, for example `2026-01-01T00:00:00Z` or `2026-01-01`";
        let text = self.text(name, EXPECTED, 64)?;
        let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        UnixMillis::parse(text)
            .ok()
            .or_else(|| Some(UnixMillis(day()?.timestamp().as_millisecond())))
            .ok_or_else(|| self.invalid(name, &format!("is no time; {EXPECTED}")))
    }

    fn amount(&self, name: &'static str, least: i64) -> Result<Micros, CampaignError> {
        let value = self
            .get(name)
            .ok_or_else(|| self.missing(name, "a whole number of millionths of the currency"))?;
        value
            .as_i64()
            .filter(|micros| (least..=MAX_MICROS).contains(micros))
            .map(Micros)
            .ok_or_else(|| self.invalid(name, &format!("is no whole number from {least} to {MAX_MICROS}")))
    }

    fn count(&self, name: &'static str, most: u32) -> Result<u32, CampaignError> {
        let value = self.get(name).ok_or_else(|| self.missing(name, "a whole number"))?;
        value
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (1..=most).contains(n))
            .ok_or_else(|| self.invalid(name, &format!("is no whole number from 1 to {most}")))
    }

    fn name(&self, name: &'static str, expected: &'static str) -> Result<Name, CampaignError> {
        let text = self.text(name, expected, usize::MAX)?;
        Name::new(text).map_err(|problem: NameError| self.invalid(name, &problem.to_string()))
    }

    fn text(
        &self,
        name: &'static str,
        expected: &'static str,
        most: usize,
    ) -> Result<&'a str, CampaignError> {
        match self.get(name) {
            None => Err(self.missing(name, expected)),
            Some(Value::String(text)) if text.len() <= most => Ok(text),
            Some(Value::String(text)) => {
                Err(self.invalid(name, &format!("has {} bytes (limit: {most})", text.len())))
            }
            Some(other) => Err(self.invalid(name, &format!("is {}, and should be a string", kind_of(other)))),
        }
    }

    fn object(&self, name: &'static str) -> Result<Fields<'a>, CampaignError> {
        match self.get(name) {
            Some(Value::Object(map)) => Ok(Fields { map, within: format!("{}{name}.", self.within) }),
            _ => Err(self.invalid(name, "is no JSON object")),
        }
    }

    fn optional<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Self, &'static str) -> Result<T, CampaignError>,
    ) -> Result<Option<T>, CampaignError> {
        self.get(name).map(|_| read(self, name)).transpose()
    }

    /// JSON's null means the same as leaving the field out.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn missing(&self, name: &str, expected: &'static str) -> CampaignError {
        CampaignError::Missing { field: format!("{}{name}", self.within), expected }
    }

    fn invalid(&self, name: &str, problem: &str) -> CampaignError {
        invalid(&format!("{}{name}", self.within), problem.to_owned())
    }
}

impl Ad {
    fn parse(at: usize, json: &Value) -> Result<Self, CampaignError> {
        let Value::Object(map) = json else {
            return Err(invalid(
                &format!("ads[{at}]"),
                format!("is {}, and should be an object", kind_of(json)),
            ));
        };
        let fields = Fields { map, within: format!("ads[{at}].") };
        Ok(Self {
            id: fields.name("id", "every ad has an id of its own")?,
            title: fields.text("title", "the headline", MAX_TITLE)?.to_owned(),
            body: fields.text("body", "the words", MAX_BODY)?.to_owned(),
            url: fields.url("url")?,
            image: fields.optional("image", Fields::url)?,
        })
    }
}

impl Fields<'_> {
    fn url(&self, name: &'static str) -> Result<String, CampaignError> {
        let url = self.text(name, "where a click leads, `http` or `https`", MAX_URL)?;
        let lower = url.to_ascii_lowercase();
        let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
        let host = rest.map_or("", |rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
        let plain = !url.chars().any(|c| c.is_whitespace() || c.is_control());
        if host.is_empty() || !plain {
            return Err(self.invalid(name, "is no `http` or `https` address"));
        }
        Ok(url.to_owned())
    }
}

fn invalid(field: &str, problem: String) -> CampaignError {
    CampaignError::Invalid { field: field.to_owned(), problem }
}

fn kind_of(json: &Value) -> &'static str {
    match json {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
