//! Items: posts, reels, groups, pages, friends' updates, products.

use serde_json::Value;

use crate::ids::{ItemId, Name, Surrogate};
use crate::signal::Marks;
use crate::time::UnixMillis;
use crate::topic::TopicId;
use crate::understanding::{ScoredTopic, Understanding, Vector};

/// Longest title and text, in bytes.
const MAX_TITLE: usize = 1_000;
const MAX_TEXT: usize = 20_000;

/// Bytes from which on the language of an item is believed: a wrong guess would hide it from its readers.
const LANGUAGE_FROM: usize = 60;

/// Who may see an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The author's friends.
    Friends,
    /// Members of its group.
    Group,
}

/// Something that can be recommended.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The caller's id.
    pub id: ItemId,
    /// For example `"post"`, `"reel"`, `"group"`, `"friend_update"`.
    pub kind: String,
    /// The author in clear, for showing; `None` once read from the store, which knows authors by surrogate.
    #[serde(skip)]
    pub author: Option<Name>,
    /// The author's stand-in.
    #[serde(skip)]
    pub author_surrogate: Option<Surrogate>,
    /// The group it belongs to, where visibility is `group`.
    pub group: Option<ItemId>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// What it is about, best first: the caller's topics, then the model's.
    pub topics: Vec<ScoredTopic>,
    /// What a policy must know about it.
    pub marks: Marks,
    /// ISO 639-1 code, `"und"` if unknown.
    pub language: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its meaning.
    pub vector: Option<Vector>,
}

/// Why an item is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct ItemError {
    /// The field.
    pub field: &'static str,
    /// What is wrong, and what is right.
    pub problem: String,
}

impl Item {
    /// Reads the body of `PUT /items/{id}`. Meaning is added by [`Item::understood`].
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    pub fn parse(id: ItemId, body: &Value) -> Result<Self, ItemError> {
        if !body.is_object() {
            return Err(refuse("body", "is no JSON object"));
        }
        let kind = text(body, "kind", 40)?
            .filter(|k| !k.is_empty())
            .ok_or_else(|| refuse("kind", "is missing; for example `post`"))?;
        let title = text(body, "title", MAX_TITLE)?.unwrap_or_default();
        let words = text(body, "text", MAX_TEXT)?.unwrap_or_default();
        if title.is_empty() && words.is_empty() {
            return Err(refuse("title", "is missing, and so is `text`; an item has at least one of them"));
        }
        let author = name(body, "author")?;
        let visibility = visibility(body)?;
        // A group's own posts name the group as their author; `group` says it where a member wrote them.
        let group =
            name(body, "group")?.or_else(|| author.clone().filter(|_| visibility == Visibility::Group));
        Ok(Self {
            id,
            kind,
            author,
            author_surrogate: None,
            group,
            title,
            text: words,
            topics: topics(body)?,
            marks: Marks::default(),
            language: "und".to_owned(),
            created_at: created_at(body)?,
            visibility,
            vector: None,
        })
    }

    /// The words that its meaning comes from.
    pub fn words(&self) -> String {
        format!("{}. {}", self.title, self.text)
    }

    /// Adds what the models found: topics that the caller did not give, marks, language and meaning.
    #[must_use]
    pub fn understood(mut self, words: &Understanding) -> Self {
        // The caller knows its own item; the model only fills in where it said nothing.
        if self.topics.is_empty() {
            self.topics.clone_from(&words.topics);
        }
        let of_topics =
            self.topics.iter().fold(words.sensitive, |all, scored| all | scored.topic.sensitive());
        self.marks = Marks { sensitive: of_topics, ..Marks::default() };
        let long_enough = self.title.len() + self.text.len() >= LANGUAGE_FROM;
        self.language = if long_enough { words.language } else { "und" }.to_owned();
        self.vector.clone_from(&words.vector);
        self
    }

    /// The topic that it is most about.
    pub fn main_topic(&self) -> Option<TopicId> {
        self.topics.first().map(|scored| scored.topic)
    }
}

fn refuse(field: &'static str, problem: &str) -> ItemError {
    ItemError { field, problem: problem.to_owned() }
}

fn text(body: &Value, field: &'static str, limit: usize) -> Result<Option<String>, ItemError> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= limit => Ok(Some(text.clone())),
        Some(Value::String(text)) => {
            Err(refuse(field, &format!("has {} bytes (limit: {limit})", text.len())))
        }
        Some(_) => Err(refuse(field, "is no string")),
    }
}

fn name(body: &Value, field: &'static str) -> Result<Option<Name>, ItemError> {
    text(body, field, Name::MAX)?
        .map(|text| Name::new(&text).map_err(|problem| refuse(field, &problem.to_string())))
        .transpose()
}

fn topics(body: &Value) -> Result<Vec<ScoredTopic>, ItemError> {
    let list = match body.get("topics") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= 16 => list,
        Some(_) => return Err(refuse("topics", "is no array of at most 16 IAB 3.1 topic ids")),
    };
    list.iter()
        .map(|topic| topic.as_str().and_then(TopicId::from_code).map(|topic| ScoredTopic::new(topic, 1.0)))
        .collect::<Option<_>>()
        .ok_or_else(|| refuse("topics", "holds an id that is not in the IAB Content Taxonomy 3.1"))
}

fn created_at(body: &Value) -> Result<UnixMillis, ItemError> {
    let time = text(body, "created_at", 64)?.ok_or_else(|| refuse("created_at", "is missing; RFC 3339"))?;
    UnixMillis::parse(&time)
        .map_err(|_| refuse("created_at", "is no RFC 3339 time, for example `2025-12-20T09:30:00Z`"))
}

fn visibility(body: &Value) -> Result<Visibility, ItemError> {
    match text(body, "visibility", 16)?.as_deref() {
        None | Some("public") => Ok(Visibility::Public),
        Some("friends") => Ok(Visibility::Friends),
        Some("group") => Ok(Visibility::Group),
        Some(_) => Err(refuse("visibility", "is none of `public`, `friends`, `group`")),
    }
}
