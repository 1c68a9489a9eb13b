//! A reason in words.

use std::collections::BTreeMap;

use rapport_core::time::UnixMillis;
use rapport_core::topic::TopicId;
use serde::Serialize;
use serde_json::Value;

use super::answers::Reason;
use super::world::world;

/// A reason as the page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ShownReason {
    /// The contract's word.
    pub kind: String,
    /// For example `You liked “It was the water”`.
    pub words: String,
    /// The topic's name.
    pub topic: Option<String>,
    /// The event that it rests on.
    pub event: Option<String>,
    /// When that happened, for example `11 Dec`.
    pub when: Option<String>,
    /// Part of the positive sum, for example `12 %`; negative is a drawback.
    pub share: String,
    /// The same in percent and without sign, for the bar.
    pub bar: i64,
    /// Whether it speaks against the row.
    pub against: bool,
}

/// Whom the words are for.
pub struct Telling<'a> {
    /// What the page remembers of what was said, by event: the server keeps no words.
    pub said: &'a BTreeMap<String, String>,
    /// Who wrote the item, or whose ad it is.
    pub author: &'a str,
}

impl Telling<'_> {
    /// All reasons, with their bars.
    pub fn all(&self, reasons: &[Reason]) -> Vec<ShownReason> {
        reasons.iter().map(|reason| self.show(reason)).collect()
    }

    fn show(&self, reason: &Reason) -> ShownReason {
        let percent = (reason.share * 100.0).round() as i64;
        let event = reason.event.as_deref().and_then(|id| world().event(id));
        ShownReason {
            kind: reason.kind.clone(),
            words: self.words(reason, event),
            topic: reason.topic.as_deref().and_then(TopicId::from_code).map(|topic| topic.name().to_owned()),
            event: reason.event.clone(),
            when: event.and_then(|event| day(event["at"].as_str()?)),
            share: in_words(percent),
            bar: percent.abs().min(100),
            against: reason.share < 0.0,
        }
    }

    fn words(&self, reason: &Reason, event: Option<&Value>) -> String {
        if let Some(said) = reason.event.as_deref().and_then(|id| self.said.get(id)) {
            return format!("You said “{}”", shortened(said, 70));
        }
        if let Some(words) = event.and_then(deed) {
            return words;
        }
        let general = match reason.kind.as_str() {
            "said" => "You told the assistant; the words are not kept",
            "liked" => "You liked something like it",
            "followed" => return format!("You follow {}", self.author),
            "friend" => return format!("{} is your friend", self.author),
            "joined" => "You joined its group, or one like it",
            "viewed" => "You looked at something like it",
            "commented" => "You commented on something like it",
            "shared" => "You shared something like it",
            "saved" => "You saved something like it",
            "purchased" => "You bought something like it",
            "popular" => "Popular with many people",
            "fresh" => "New",
            "nearby" => "In your language, or near you",
            "context" => "Fits what is shown beside it",
            "bid" => return format!("{}’s bid", self.author),
            "explore" => "Shown to learn whether people like it",
            "earlier" => "Something earlier; the event is no longer kept",
            other => other,
        };
        general.to_owned()
    }
}

/// A share that rounds to nothing is still there, or it would not be a reason.
fn in_words(percent: i64) -> String {
    match percent {
        0 => "<1 %".to_owned(),
        1.. => format!("{percent} %"),
        ..0 => format!("−{} %", percent.abs()),
    }
}

/// What somebody did, in words.
pub fn deed(event: &Value) -> Option<String> {
    let verb = match event["type"].as_str()? {
        "like" => "You liked",
        "follow" => "You follow",
        "friend" => "You are friends with",
        "join" => "You joined",
        "view" => "You looked at",
        "comment" => "You commented on",
        "share" => "You shared",
        "save" => "You saved",
        "hide" => "You hid",
        "click" => "You opened",
        "purchase" => "You bought",
        _ => return None,
    };
    let object = event["item"].as_str().or(event["target"].as_str())?;
    let name = world().name(object);
    Some(if event["target"].is_string() { format!("{verb} {name}") } else { format!("{verb} “{name}”") })
}

/// For example `11 Dec`.
pub fn day(rfc3339: &str) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(UnixMillis::parse(rfc3339).ok()?.0).ok()?;
    Some(time.strftime("%-d %b").to_string())
}

/// At most `limit` letters, with a mark where something was left off.
pub fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, event: Option<&str>) -> String {
        let said = BTreeMap::from([("e1".to_owned(), "I want to go hiking".to_owned())]);
        let reason =
            Reason { kind: kind.into(), event: event.map(Into::into), share: 0.4, ..Reason::default() };
        Telling { said: &said, author: "Theo" }.all(&[reason])[0].words.clone()
    }

    #[test]
    fn a_reason_names_what_was_said_or_done() {
        assert_eq!(told("said", Some("e1")), "You said “I want to go hiking”");
        assert_eq!(told("said", None), "You told the assistant; the words are not kept");
        assert_eq!(told("friend", Some("w-0025")), "You are friends with Theo");
        assert_eq!(told("liked", Some("w-0670~r2")), "You liked “Footsteps are made of corn flour”");
    }

    #[test]
    fn long_words_are_shortened_at_letters() {
        assert_eq!(shortened("schön", 5), "schön");
        assert_eq!(shortened("schön ist es", 6), "schön…");
    }
}
