//! An event as the caller tells it: parsed strictly, one field at a time, so that a refusal can name the field.

use serde_json::{Map, Value};

use crate::event::Deed;
use crate::ids::{EventId, ItemId, Name, NameError, Product};
use crate::time::{SECOND, UnixMillis};
use crate::topic::TopicId;

/// How far ahead of the server's clock an event may be.
pub const MAX_AHEAD: i64 = 300 * SECOND;

/// How something was said.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Not said at all.
    #[default]
    None,
    /// Typed.
    Text,
    /// Spoken.
    Voice,
    /// Shown in a picture.
    Image,
    /// Shown in a video.
    Video,
}

impl Modality {
    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Text => "text",
            Self::Voice => "voice",
            Self::Image => "image",
            Self::Video => "video",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Text, Self::Voice, Self::Image, Self::Video].into_iter().find(|m| m.name() == name)
    }
}

/// What a deed is done to, as the caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An item of the catalogue.
    Item(ItemId),
    /// A person, by id in clear.
    Person(Name),
    /// An ad.
    Ad(Name),
}

/// What happened, without the frame that every event has.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Words of, to or about the assistant: prompt, response or action.
    Words {
        /// Who said them: `Said`, `Answered` or `Acted`.
        deed: Deed,
        /// The words; they do not outlive the understanding stage.
        text: String,
        /// How they were said.
        modality: Modality,
        /// The conversation that they belong to.
        conversation: Option<Name>,
    },
    /// A judgement of an earlier event of the assistant.
    Feedback {
        /// The event judged.
        about: EventId,
        /// -1 (bad) to 1 (good).
        value: f32,
    },
    /// Something done to an item, a person or an ad.
    Social {
        /// What was done.
        deed: Deed,
        /// To what.
        target: Target,
        /// For how long, in milliseconds, if it was a view.
        dwell_ms: u32,
    },
    /// Activity at a partner.
    Partner {
        /// The partner.
        provider: Name,
        /// Its words, if it sent any.
        text: Option<String>,
        /// Its topics, if it sent any.
        topics: Vec<TopicId>,
    },
}

/// An event: immutable, named by its caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The caller's id; the same id again is a duplicate.
    pub id: EventId,
    /// The person, by id in clear.
    pub person: Name,
    /// The product it happened in.
    pub product: Product,
    /// When it happened.
    pub at: UnixMillis,
    /// What happened.
    pub body: Body,
}

/// Why an event is refused. The text names the field and the limit, and never repeats personal data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EventError {
    /// Not a JSON object.
    #[error("an event is a JSON object, this is {0}")]
    NotAnObject(&'static str),
    /// A field that this type of event needs is not there.
    #[error("`{field}` is missing; {expected}")]
    Missing {
        /// The field.
        field: &'static str,
        /// What should be there.
        expected: &'static str,
    },
    /// A field holds something else than it should.
    #[error("`{field}` {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong, and what is right.
        problem: String,
    },
    /// No such type.
    #[error("`type` is no event type that this server knows; see the event types in the documentation")]
    UnknownType,
    /// Later than the clock allows.
    #[error(
        "`at` is {ahead_seconds} seconds ahead of the server clock (limit: 300 seconds); check the sender's clock"
    )]
    Future {
        /// How far ahead.
        ahead_seconds: i64,
    },
    /// More text than the limit.
    #[error("`{field}` has {bytes} bytes (limit: {limit})")]
    TooLong {
        /// The field.
        field: &'static str,
        /// How many.
        bytes: usize,
        /// The configured limit.
        limit: usize,
    },
    /// A modality that is not built yet.
    #[error("`{0}` is not supported by this server; send `text`")]
    UnsupportedModality(&'static str),
}

impl EventError {
    /// A stable slug for the problem document's `type`.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::NotAnObject(_) => "not-an-object",
            Self::Missing { .. } => "missing-field",
            Self::Invalid { .. } => "invalid-field",
            Self::UnknownType => "unknown-type",
            Self::Future { .. } => "future-time",
            Self::TooLong { .. } => "too-long",
            Self::UnsupportedModality(_) => "unsupported-modality",
        }
    }
}

impl Event {
    /// Reads one event. `now` bounds its time, `max_text` its words in bytes.
    ///
    /// # Errors
    /// The first thing that is wrong with it; see [`EventError`].
    pub fn parse(json: &Value, now: UnixMillis, max_text: usize) -> Result<Self, EventError> {
        let Value::Object(map) = json else { return Err(EventError::NotAnObject(kind_of(json))) };
        let fields = Fields { map, max_text };
        let id = fields.name("id", "every event has an id of its own")?;
        let kind = fields.text("type", "every event says what happened")?;
        let person = fields.name("person", "every event is somebody's")?;
        let product = fields.name("product", "every event happens in a product")?;
        let at = fields.time(now)?;
        let body = fields.body(kind)?;
        if matches!(&body, Body::Social { target: Target::Person(target), .. } if *target == person) {
            return Err(invalid("target", "is the person whose event it is, and should be somebody else"));
        }
        Ok(Self { id, person, product, at, body })
    }
}

/// The id that `json` claims, for answering about an event that could not be read.
pub fn claimed_id(json: &Value) -> Option<&str> {
    json.get("id").and_then(Value::as_str).filter(|id| id.len() <= Name::MAX)
}

struct Fields<'a> {
    map: &'a Map<String, Value>,
    max_text: usize,
}

impl<'a> Fields<'a> {
    fn body(&self, kind: &str) -> Result<Body, EventError> {
        match kind {
            "assistant.prompt" => self.words(Deed::Said),
            "assistant.response" => self.words(Deed::Answered),
            "assistant.action" => self.words(Deed::Acted),
            "assistant.feedback" => Ok(Body::Feedback {
                about: self.name("about", "feedback names the event that it judges")?,
                value: self.verdict()?,
            }),
            "view" => self.social(Deed::Viewed),
            "partner.activity" => self.partner(),
            "ad.impression" => self.ad(Deed::AdSeen),
            "ad.click" => self.ad(Deed::AdClicked),
            "ad.conversion" => self.ad(Deed::AdConverted),
            "ad.hide" => self.ad(Deed::AdHid),
            other => match social_deed(other) {
                Some(deed) => self.social(deed),
                None => Err(EventError::UnknownType),
            },
        }
    }

    fn words(&self, deed: Deed) -> Result<Body, EventError> {
        for unsupported in ["audio", "image", "video"] {
            if self.get(unsupported).is_some() {
                return Err(EventError::UnsupportedModality(unsupported));
            }
        }
        let text = match (self.optional_text("text")?, deed) {
            (Some(text), _) => text,
            // An action may be named by anything; without words it has no meaning to fold, but it happened.
            (None, Deed::Acted) => String::new(),
            (None, _) => return Err(missing("text", "the words that were said")),
        };
        let conversation = match self.get("conversation") {
            None => None,
            Some(_) => Some(self.name("conversation", "")?),
        };
        Ok(Body::Words { deed, text, modality: self.modality()?, conversation })
    }

    fn modality(&self) -> Result<Modality, EventError> {
        match self.get("modality") {
            None => Ok(Modality::Text),
            Some(value) => value
                .as_str()
                .and_then(Modality::from_name)
                .ok_or_else(|| invalid("modality", "is none of `text`, `voice`, `image`, `video`")),
        }
    }

    /// Accepts a number in -1..=1, a boolean, or the words an app is likely to have.
    fn verdict(&self) -> Result<f32, EventError> {
        let value =
            self.get("value").ok_or_else(|| missing("value", "a number from -1 (bad) to 1 (good)"))?;
        let verdict = match value {
            Value::Bool(good) => Some(if *good { 1.0 } else { -1.0 }),
            Value::Number(number) => number.as_f64().map(|v| v as f32),
            Value::String(word) => match word.as_str() {
                "up" | "like" | "good" | "helpful" | "positive" => Some(1.0),
                "down" | "dislike" | "bad" | "unhelpful" | "negative" => Some(-1.0),
                _ => None,
            },
            _ => None,
        };
        verdict
            .filter(|v| (-1.0..=1.0).contains(v))
            .ok_or_else(|| invalid("value", "is no number from -1 to 1, nor `up` or `down`"))
    }

    fn social(&self, deed: Deed) -> Result<Body, EventError> {
        let needs_person = matches!(deed, Deed::Befriended | Deed::Unfriended | Deed::Blocked);
        let either = matches!(deed, Deed::Followed | Deed::Unfollowed | Deed::Reported);
        let target = if needs_person || (either && self.get("target").is_some()) {
            Target::Person(self.name("target", "the person that it was done to")?)
        } else {
            Target::Item(self.name("item", "the item that it was done to")?)
        };
        let dwell_ms = match (deed, self.get("dwell_ms")) {
            (Deed::Viewed, Some(value)) => value
                .as_f64()
                .filter(|ms| (0.0..=86_400_000.0).contains(ms))
                .ok_or_else(|| invalid("dwell_ms", "is no number from 0 to 86400000"))?
                as u32,
            _ => 0,
        };
        Ok(Body::Social { deed, target, dwell_ms })
    }

    fn ad(&self, deed: Deed) -> Result<Body, EventError> {
        let field = ["ad", "item", "target"].into_iter().find(|f| self.get(f).is_some()).unwrap_or("ad");
        let target = Target::Ad(self.name(field, "the ad that it was about")?);
        Ok(Body::Social { deed, target, dwell_ms: 0 })
    }

    fn partner(&self) -> Result<Body, EventError> {
        let provider = self.name("provider", "the partner that sent it")?;
        let text = self.optional_text("text")?;
        let topics = self.topics()?;
        if text.is_none() && topics.is_empty() {
            return Err(missing("topics", "a partner sends `text` or `topics`"));
        }
        Ok(Body::Partner { provider, text, topics })
    }

    fn topics(&self) -> Result<Vec<TopicId>, EventError> {
        let Some(value) = self.get("topics") else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| invalid("topics", "is no array of IAB 3.1 topic ids"))?;
        if list.len() > 64 {
            return Err(invalid("topics", "has more than 64 entries"));
        }
        list.iter()
            .map(|topic| topic.as_str().and_then(TopicId::from_code))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid("topics", "holds an id that is not in the IAB Content Taxonomy 3.1"))
    }

    fn time(&self, now: UnixMillis) -> Result<UnixMillis, EventError> {
        let text = self.text("at", "RFC 3339, for example `2025-12-20T09:30:00Z`")?;
        let at = UnixMillis::parse(text)
            .map_err(|_| invalid("at", "is no RFC 3339 time, for example `2025-12-20T09:30:00Z`"))?;
        let ahead = at.since(now);
        if ahead > MAX_AHEAD {
            return Err(EventError::Future { ahead_seconds: ahead / SECOND });
        }
        Ok(at)
    }

    fn name(&self, field: &'static str, expected: &'static str) -> Result<Name, EventError> {
        Name::new(self.text(field, expected)?)
            .map_err(|problem: NameError| EventError::Invalid { field, problem: problem.to_string() })
    }

    fn text(&self, field: &'static str, expected: &'static str) -> Result<&'a str, EventError> {
        match self.get(field) {
            None => Err(missing(field, expected)),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(EventError::Invalid {
                field,
                problem: format!("is {}, and should be a string", kind_of(other)),
            }),
        }
    }

    fn optional_text(&self, field: &'static str) -> Result<Option<String>, EventError> {
        if self.get(field).is_none() {
            return Ok(None);
        }
        let text = self.text(field, "")?;
        if text.len() > self.max_text {
            return Err(EventError::TooLong { field, bytes: text.len(), limit: self.max_text });
        }
        Ok(Some(text.to_owned()))
    }

    /// JSON's null means the same as leaving the field out.
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field).filter(|value| !value.is_null())
    }
}

fn social_deed(kind: &str) -> Option<Deed> {
    Some(match kind {
        "like" => Deed::Liked,
        "unlike" => Deed::Unliked,
        "follow" => Deed::Followed,
        "unfollow" => Deed::Unfollowed,
        "friend" => Deed::Befriended,
        "unfriend" => Deed::Unfriended,
        "block" => Deed::Blocked,
        "join" => Deed::Joined,
        "leave" => Deed::Left,
        "comment" => Deed::Commented,
        "share" => Deed::Shared,
        "save" => Deed::Saved,
        "unsave" => Deed::Unsaved,
        "hide" => Deed::Hid,
        "unhide" => Deed::Unhid,
        "report" => Deed::Reported,
        "click" => Deed::Clicked,
        "purchase" => Deed::Purchased,
        _ => return None,
    })
}

fn missing(field: &'static str, expected: &'static str) -> EventError {
    EventError::Missing { field, expected }
}

fn invalid(field: &'static str, problem: &str) -> EventError {
    EventError::Invalid { field, problem: problem.to_owned() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: UnixMillis = UnixMillis(1_766_200_000_000);

    fn parse(json: Value) -> Result<Event, EventError> {
        Event::parse(&json, NOW, 100)
    }

    fn with(extra: Value) -> Value {
        let mut event =
            json!({"id":"e1","type":"like","person":"p","product":"main","at":"2025-12-20T00:00:00Z"});
        for (key, value) in extra.as_object().unwrap() {
            event[key] = value.clone();
        }
        event
    }

    #[test]
    fn a_refusal_names_the_field() {
        let cases = [
            (json!([]), "an event is a JSON object, this is an array"),
            (with(json!({"id": null})), "`id` is missing; every event has an id of its own"),
            (with(json!({"id": 7})), "`id` is a number, and should be a string"),
            (
                with(json!({"type": "wave"})),
                "`type` is no event type that this server knows; see the event types in the documentation",
            ),
            (
                with(json!({"at": "yesterday"})),
                "`at` is no RFC 3339 time, for example `2025-12-20T09:30:00Z`",
            ),
            (with(json!({})), "`item` is missing; the item that it was done to"),
            (
                with(json!({"type":"friend","item":"x"})),
                "`target` is missing; the person that it was done to",
            ),
            (
                with(json!({"type":"block","target":"p"})),
                "`target` is the person whose event it is, and should be somebody else",
            ),
            (
                with(json!({"type":"assistant.prompt","text":"x".repeat(101)})),
                "`text` has 101 bytes (limit: 100)",
            ),
            (
                with(json!({"type":"assistant.prompt","audio":"UklG"})),
                "`audio` is not supported by this server; send `text`",
            ),
            (
                with(json!({"type":"assistant.feedback","about":"e0","value":2})),
                "`value` is no number from -1 to 1, nor `up` or `down`",
            ),
            (
                with(json!({"type":"partner.activity","provider":"x","topics":["nope"]})),
                "`topics` holds an id that is not in the IAB Content Taxonomy 3.1",
            ),
        ];
        for (event, says) in cases {
            assert_eq!(parse(event).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn five_minutes_ahead_is_the_limit() {
        let at = |ms: i64| with(json!({"item":"i","at": NOW.plus(ms).to_string()}));
        assert!(parse(at(MAX_AHEAD)).is_ok());
        assert_eq!(parse(at(MAX_AHEAD + 1_000)), Err(EventError::Future { ahead_seconds: 301 }));
        assert!(
            parse(with(json!({"item":"i","at":"1971-01-01T00:00:00Z"}))).is_ok(),
            "never refused for age"
        );
    }
}
