//! A card: one row of a feed, or one ad, as the page shows it.

use std::collections::BTreeMap;

use rapport_core::time::UnixMillis;
use rapport_core::topic::TopicId;
use serde::Serialize;
use serde_json::Value;

use super::answers::{AdRow, FeedRow};
use super::art::look;
use super::reason::{ShownReason, Telling};
use super::world::world;

/// An item of the feed.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// The item's id.
    pub id: String,
    /// The contract's word for its kind.
    pub kind: String,
    /// The same for people.
    pub kind_name: &'static str,
    /// Its icon on the page.
    pub icon: &'static str,
    /// Who wrote it.
    pub author: String,
    /// The author's first letter.
    pub initial: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// How long ago it was made.
    pub age: String,
    /// What it is most about.
    pub topic: Option<String>,
    /// Its drawing.
    pub art: &'static str,
    /// Its colour.
    pub hue: u8,
    /// Why it is here.
    pub reasons: Vec<ShownReason>,
    /// Whether something that was said is among them.
    pub said: bool,
}

/// An ad.
#[derive(Clone, Debug, Serialize)]
pub struct AdCard {
    /// The ad's id.
    pub id: String,
    /// Who pays.
    pub advertiser: String,
    /// The headline.
    pub title: String,
    /// The words below it.
    pub body: String,
    /// Where a click leads.
    pub url: String,
    /// What one showing costs, for example `$0.0082`.
    pub price: String,
    /// Its drawing.
    pub art: &'static str,
    /// Its colour.
    pub hue: u8,
    /// Why it won.
    pub reasons: Vec<ShownReason>,
    /// Whether something that was said is among them.
    pub said: bool,
}

impl Card {
    /// The card of a row; an item that came after the sample world is shown by its id.
    pub fn new(row: &FeedRow, said: &BTreeMap<String, String>, now: UnixMillis) -> Self {
        let unknown = Value::Null;
        let item = world().item(&row.item).unwrap_or(&unknown);
        let author = world().name(item["author"].as_str().unwrap_or("somebody"));
        let topics: Vec<&str> =
            item["topics"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (art, hue) = look(topics.iter().copied());
        let reasons = Telling { said, author: &author }.all(&row.reasons);
        let (kind_name, icon) = kind_of(&row.kind);
        Self {
            id: row.item.clone(),
            kind: row.kind.clone(),
            kind_name,
            icon,
            initial: author.chars().take(1).collect(),
            author,
            title: item["title"].as_str().unwrap_or(&row.item).to_owned(),
            text: item["text"].as_str().unwrap_or_default().to_owned(),
            age: item["created_at"].as_str().map(|at| age(at, now)).unwrap_or_default(),
            topic: topics
                .first()
                .and_then(|code| TopicId::from_code(code))
                .map(|topic| topic.name().to_owned()),
            art,
            hue,
            said: reasons.iter().any(|reason| reason.kind == "said"),
            reasons,
        }
    }
}

impl AdCard {
    /// The card of an ad.
    pub fn new(row: &AdRow, said: &BTreeMap<String, String>) -> Self {
        let reasons = Telling { said, author: &row.advertiser }.all(&row.reasons);
        let (art, hue) = look(row.reasons.iter().filter_map(|reason| reason.topic.as_deref()));
        Self {
            id: row.ad.clone(),
            advertiser: row.advertiser.clone(),
            title: row.title.clone(),
            body: row.body.clone(),
            url: row.url.clone(),
            price: dollars(row.price_micros),
            art,
            hue,
            said: reasons.iter().any(|reason| reason.kind == "said"),
            reasons,
        }
    }
}

fn kind_of(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "group" => ("Group", "i-group"),
        "reel" => ("Reel", "i-play"),
        "friend_update" => ("Friend’s update", "i-friend"),
        "page" => ("Page", "i-page"),
        "product" => ("Product", "i-product"),
        _ => ("Post", "i-post"),
    }
}

/// Micros of a dollar as dollars, without trailing noughts beyond the cent.
fn dollars(micros: i64) -> String {
    let text = format!("${}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let shortest = text.len() - 4;
    let kept = text.trim_end_matches('0').len().max(shortest);
    text.get(..kept).unwrap_or(&text).to_owned()
}

/// For example `3 days ago`; the clock of the demo may go back, so an item may be from later.
fn age(created_at: &str, now: UnixMillis) -> String {
    let Ok(then) = UnixMillis::parse(created_at) else { return String::new() };
    let hours = now.since(then) / 3_600_000;
    match hours {
        ..0 => "dated later".to_owned(),
        0 => "just now".to_owned(),
        1..=23 => format!("{hours} h ago"),
        24..=47 => "yesterday".to_owned(),
        48..=335 => format!("{} days ago", hours / 24),
        _ => format!("{} weeks ago", hours / 168),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_their_micros_and_lose_their_noughts() {
        assert_eq!(dollars(8_200), "$0.0082");
        assert_eq!(dollars(1), "$0.000001");
        assert_eq!(dollars(1_500_000), "$1.50");
        assert_eq!(dollars(0), "$0.00");
    }

    #[test]
    fn an_item_shows_who_wrote_it_and_how_long_ago() {
        let row = FeedRow { item: "theo-larch-hollow".into(), kind: "friend_update".into(), reasons: vec![] };
        let now = UnixMillis::parse("2025-12-20T10:00:00Z").unwrap();
        let card = Card::new(&row, &BTreeMap::new(), now);
        assert_eq!((card.author.as_str(), card.kind_name, card.art), ("Theo", "Friend’s update", "mountain"));
        assert!(card.age.ends_with("ago"), "{}", card.age);
    }

    #[test]
    fn an_item_that_the_page_does_not_know_is_shown_by_its_id() {
        let row = FeedRow { item: "put-later".into(), ..FeedRow::default() };
        assert_eq!(Card::new(&row, &BTreeMap::new(), UnixMillis(0)).title, "put-later");
    }
}
