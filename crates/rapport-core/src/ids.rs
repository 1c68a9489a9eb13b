//! Identifiers. People appear in the domain only as surrogates; ids in clear stay in the vault.

use std::fmt;
use std::sync::Arc;

/// The random stand-in for a person. Nothing may be derived from it: two people with equal facts get equal
/// answers, so no score, order or sample may depend on these bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Surrogate(pub [u8; 16]);

/// Surrogates never reach a log line.
impl fmt::Debug for Surrogate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surrogate(..)")
    }
}

/// A text id given by the caller: not empty, at most [`Name::MAX`] bytes, no control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

impl Name {
    /// Longest accepted id, in bytes.
    pub const MAX: usize = 200;

    /// Checks `text`.
    ///
    /// # Errors
    /// When `text` is empty, longer than [`Name::MAX`] bytes, or holds a control character.
    pub fn new(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            Err(NameError::Empty)
        } else if text.len() > Self::MAX {
            Err(NameError::TooLong(text.len()))
        } else if text.chars().any(char::is_control) {
            Err(NameError::Control)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Ids may identify somebody, so they never reach a log line.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(..)")
    }
}

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("is empty; an id has 1 to 200 bytes")]
    Empty,
    /// Too many bytes.
    #[error("has {0} bytes; an id has at most 200")]
    TooLong(usize),
    /// A control character.
    #[error("holds a control character; an id is printable text")]
    Control,
}

/// The caller's id of an event.
pub type EventId = Name;
/// The caller's id of an item.
pub type ItemId = Name;
/// A product of the house, for example `"main"`.
pub type Product = Name;
