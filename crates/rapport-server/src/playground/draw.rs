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
                "erased": self.profile.is_none(),
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
                "erased": self.profile.is_none(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        serde_json::from_value(json!({
            "now": "2025-12-20T10:00:00Z",
            "said": {"e1": "boots <b>now</b>"},
            "feed": {"receipt": "r1", "personalised": true, "items": [
                {"item": "theo-larch-hollow", "kind": "friend_update", "reasons": [
                    {"kind": "said", "topic": "542", "source": "assistant", "event": "e1", "share": 0.7},
                    {"kind": "friend", "source": "social", "event": "w-0025", "share": 0.3},
                    {"kind": "viewed", "topic": "542", "share": -0.001}]}]},
            "ads": {"receipt": "r2", "ads": [{"ad": "a", "advertiser": "Fellrock", "price_micros": 4100, "reasons": [
                {"kind": "bid", "share": 0.8}, {"kind": "said", "topic": "542", "event": "e1", "share": 0.2}]}]},
            "profile": {
                "topics": [{"id": "542", "name": "Walking", "weight": 1.0, "sources": ["assistant"], "evidence": ["e1"],
                            "choice": "less", "purposes": {"ads": {"allowed": false, "rule": "some-rule"}}}],
                "classes": [{"evidence": ["e1"], "purposes": {"ads": {"allowed": false, "rule": "some-rule"}}}]},
            "policy": {"rules": [{"id": "some-rule", "says": "No ads today."}]},
            "twin": {"feed": {"items": []}, "ads": {"ads": []}},
        }))
        .unwrap()
    }

    #[test]
    fn a_card_shows_why_it_is_there() {
        let feed = scene().draw().unwrap().feed;
        for part in [
            "Larch Hollow",
            "data-reason=\"said\"",
            "You are friends with Theo",
            "/v1/receipts/r1",
            "70 %",
            "&lt;1 %",
        ] {
            assert!(feed.contains(part), "{part} in {feed}");
        }
        assert!(
            feed.contains("data-equal=\"false\"") && feed.contains("The twin does not see this."),
            "{feed}"
        );
    }

    #[test]
    fn an_ad_says_that_it_is_one_who_pays_and_what_besides_the_bid_won() {
        let ads = scene().draw().unwrap().ads;
        assert!(ads.contains("class=\"ad-label\">Ad<") && ads.contains("$0.0041"), "{ads}");
        let top = ads.split("why-top").nth(1).unwrap();
        assert!(top.starts_with("\">You said"), "{ads}");
    }

    #[test]
    fn a_refusal_names_what_was_said_the_rule_and_its_sentence() {
        let drawing = scene().draw().unwrap();
        let heard = &drawing.heard["e1"];
        assert!(
            heard.contains("said, but not used for ads: <code>some-rule</code> — No ads today."),
            "{heard}"
        );
        assert!(
            drawing.ads.contains("data-rule=\"some-rule\"") && drawing.ads.contains("is <b>not used for ads")
        );
        assert!(
            drawing.known.contains("data-allowed=\"false\"")
                && drawing.known.contains("value=\"less\" selected")
        );
    }

    #[test]
    fn what_was_said_is_never_markup() {
        let drawing = scene().draw().unwrap();
        let all = format!("{}{}{}{}", drawing.feed, drawing.ads, drawing.known, drawing.heard["e1"]);
        assert!(!all.contains("<b>now"), "{all}");
    }

    #[test]
    fn an_empty_answer_is_said_in_words() {
        let drawing = Scene::default().draw().unwrap();
        assert!(drawing.feed.contains("Nothing to show") && drawing.ads.contains("No ad here"));
        assert!(drawing.known.contains("There is no profile"));
    }
}
