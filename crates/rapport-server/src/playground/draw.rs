//! Answers of `/v1` → HTML. The server draws the first paint and the script asks for the same drawings later, so
//! there is one set of templates.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use rapport_core::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answers::{AdsAnswer, FeedAnswer, PolicyAnswer, ProfileAnswer};
use super::card::{AdCard, Card};
use super::known::Known;

static TEMPLATES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, source) in [
        ("page.html", include_str!("page/page.html")),
        ("symbols.html", include_str!("page/symbols.html")),
        ("why.html", include_str!("page/why.html")),
        ("feed.html", include_str!("page/feed.html")),
        ("ads.html", include_str!("page/ads.html")),
        ("known.html", include_str!("page/known.html")),
        ("heard.html", include_str!("page/heard.html")),
        ("reply.html", include_str!("page/reply.html")),
    ] {
        templates.add_template(name, source)?;
    }
    Ok(templates)
});

/// Fills a template.
///
/// # Errors
/// When the template does not parse or asks for what isn't there; a test fills each of them.
pub fn fill(template: &str, with: &Value) -> Result<String, minijinja::Error> {
    let templates = TEMPLATES
        .as_ref()
        .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::SyntaxError, error.to_string()))?;
    templates.get_template(template)?.render(Serde(with))
}

/// What is to be drawn: answers of `/v1`, and what only the page knows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scene {
    /// The clock of the requests, RFC 3339.
    pub now: String,
    /// What was said, by event.
    pub said: BTreeMap<String, String>,
    /// The feed.
    pub feed: FeedAnswer,
    /// The ad slot.
    pub ads: AdsAnswer,
    /// The profile; none for a person who is not known.
    pub profile: Option<ProfileAnswer>,
    /// The policy in force.
    pub policy: PolicyAnswer,
    /// What a twin who said nothing sees, where the page asked.
    pub twin: Option<Twin>,
}

/// The answers to somebody with the same facts and history who said nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Twin {
    /// Their feed.
    pub feed: FeedAnswer,
    /// Their ad slot.
    pub ads: AdsAnswer,
}

/// The parts of the page that change.
#[derive(Clone, Debug, Serialize)]
pub struct Drawing {
    /// The feed.
    pub feed: String,
    /// The ad slot.
    pub ads: String,
    /// The profile.
    pub known: String,
    /// What became of each thing that was said, by event.
    pub heard: BTreeMap<String, String>,
}

impl Scene {
    /// Draws every part.
    ///
    /// # Errors
    /// As [`fill`].
    pub fn draw(&self) -> Result<Drawing, minijinja::Error> {
        let nothing = ProfileAnswer::default();
        let known = Known {
            profile: self.profile.as_ref().unwrap_or(&nothing),
            policy: &self.policy,
            said: &self.said,
        };
        Ok(Drawing {
            feed: self.draw_feed(&known)?,
            ads: self.draw_ads(&known)?,
            known: fill("known.html", &json!({"topics": known.topics(), "erased": self.profile.is_none()}))?,
            heard: known
                .heard()
                .into_iter()
                .map(|(event, heard)| Ok((event, fill("heard.html", &json!({"heard": heard}))?)))
                .collect::<Result<_, minijinja::Error>>()?,
        })
    }

    fn draw_feed(&self, known: &Known<'_>) -> Result<String, minijinja::Error> {
        let now = UnixMillis::parse(&self.now).unwrap_or(UnixMillis(0));
        let cards: Vec<Card> = self.feed.items.iter().map(|row| Card::new(row, &self.said, now)).collect();
        fill(
            "feed.html",
            &json!({
                "cards": cards,
                "receipt": self.feed.receipt,
                "personalised": self.feed.personalised,
                "refusals": known.refusals("feed"),
                "twin": self.twin.as_ref().map(|twin| self.beside(twin)),
            }),
        )
    }

    fn draw_ads(&self, known: &Known<'_>) -> Result<String, minijinja::Error> {
        let ads: Vec<AdCard> = self.ads.ads.iter().map(|row| AdCard::new(row, &self.said)).collect();
        let twin_ad = self.twin.as_ref().map(|twin| AdCard::first(&twin.ads));
        fill(
            "ads.html",
            &json!({
                "ads": ads,
                "receipt": self.ads.receipt,
                "personalised": self.ads.personalised,
                "refusals": known.refusals("ads"),
                "twin": twin_ad,
            }),
        )
    }

    fn beside(&self, twin: &Twin) -> Beside {
        let theirs: Vec<&str> = twin.feed.items.iter().map(|row| row.item.as_str()).collect();
        let own: Vec<&str> = self.feed.items.iter().map(|row| row.item.as_str()).collect();
        Beside {
            equal: own == theirs,
            only_here: own.iter().filter(|id| !theirs.contains(id)).map(|id| (*id).to_owned()).collect(),
        }
    }
}

/// The feed beside the twin's.
#[derive(Clone, Debug, Serialize)]
struct Beside {
    /// Item for item the same, in the same order.
    equal: bool,
    /// What the twin does not see.
    only_here: Vec<String>,
}

impl AdCard {
    fn first(answer: &AdsAnswer) -> String {
        answer
            .ads
            .first()
            .map_or_else(|| "no ad".to_owned(), |ad| format!("“{}” by {}", ad.title, ad.advertiser))
    }
}
