//! Token ids and the text that they stand for: GPT-2's byte-level pieces, one a line.

use std::collections::HashMap;
use std::path::Path;

use crate::weights::{ModelError, ModelFiles};

/// The tokens with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Special {
    /// Starts a transcript; its successor's distribution tells whether there is speech.
    pub start: u32,
    /// Ends it.
    pub end: u32,
    /// Says that no timestamps are wanted.
    pub no_timestamps: u32,
    /// Says that nobody speaks.
    pub no_speech: u32,
}

/// The tokens of a model.
#[derive(Debug)]
pub struct Vocabulary {
    /// The bytes of each token; none for special ones.
    pieces: Vec<Vec<u8>>,
    special: Special,
    never: Vec<u32>,
    not_first: Vec<u32>,
}

/// What of the model's own configuration is used.
#[derive(serde::Deserialize)]
struct Settings {
    /// Never said: marks that a transcriber writes and nobody says.
    suppress_ids: Vec<u32>,
    /// Not said at the very beginning.
    suppress_ids_begin: Vec<u32>,
}

impl Vocabulary {
    /// Reads the pieces, `size` of them, and the model's settings.
    ///
    /// # Errors
    /// When a file can't be read, there is another number of pieces, or a special token is missing.
    pub fn read(files: &ModelFiles, size: usize) -> Result<Self, ModelError> {
        let (pieces, settings) = (files.vocabulary(), files.settings());
        let damaged = |path: &Path| {
            let path = path.to_owned();
            move |problem| ModelError::Damaged { path, problem }
        };
        let parsed = serde_json::from_str(&text_of(&settings)?).map_err(|error| error.to_string());
        let parsed = parsed.map_err(damaged(&settings))?;
        Self::parse(&text_of(&pieces)?, parsed, size).map_err(damaged(&pieces))
    }

    fn parse(text: &str, settings: Settings, size: usize) -> Result<Self, String> {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() != size {
            return Err(format!("it has {} lines, and should have {size}", lines.len()));
        }
        let ids: HashMap<&str, u32> = lines.iter().zip(0..).map(|(line, id)| (*line, id)).collect();
        let id = |token: &str| ids.get(token).copied().ok_or_else(|| format!("`{token}` is missing"));
        let special = Special {
            start: id("<|startoftranscript|>")?,
            end: id("<|endoftext|>")?,
            no_timestamps: id("<|notimestamps|>")?,
            no_speech: id("<|nospeech|>").or_else(|_| id("<|nocaptions|>"))?,
        };
        let bytes = byte_of_letter();
        let piece = |line: &&str| line.chars().filter_map(|letter| bytes.get(&letter).copied()).collect();
        let pieces = lines.iter().take(special.end as usize).map(piece).collect();
        // Past the end come languages, tasks and times: a transcript of words holds none of them.
        let never = settings.suppress_ids.into_iter().chain(special.end + 1..size as u32).collect();
        Ok(Self { pieces, special, never, not_first: settings.suppress_ids_begin })
    }

    /// The tokens with a meaning of their own.
    pub fn special(&self) -> Special {
        self.special
    }

    /// Takes the probability of what is never said from `logits`, and at the beginning that of saying nothing.
    pub fn suppress(&self, logits: &mut [f32], first: bool) {
        let not_first: &[u32] = if first { &self.not_first } else { &[] };
        for id in self.never.iter().chain(not_first) {
            if let Some(logit) = logits.get_mut(*id as usize) {
                *logit = f32::NEG_INFINITY;
            }
        }
    }

    /// The text that tokens stand for, trimmed.
    pub fn text(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> =
            tokens.iter().filter_map(|id| self.pieces.get(*id as usize)).flatten().copied().collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }
}

/// GPT-2 writes bytes as letters: printable ones as themselves, the others from U+0100 on.
fn byte_of_letter() -> HashMap<char, u8> {
    let mut next = 0x100;
    (0..=u8::MAX)
        .map(|byte| {
            let letter = match byte {
                b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => char::from(byte),
                _ => {
                    next += 1;
                    char::from_u32(next - 1).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            };
            (letter, byte)
        })
        .collect()
}

fn text_of(path: &Path) -> Result<String, ModelError> {
    std::fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ModelError::Missing(path.parent().unwrap_or(path).to_owned()),
        _ => ModelError::Unreadable { path: path.to_owned(), source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str =
        "a\nĠb\nÃ©\n.\n<|endoftext|>\n<|startoftranscript|>\n<|nocaptions|>\n<|notimestamps|>\n<|0.00|>";

    fn small() -> Vocabulary {
        let settings = Settings { suppress_ids: vec![3, 5], suppress_ids_begin: vec![1, 4] };
        Vocabulary::parse(LINES, settings, 9).unwrap()
    }

    #[test]
    fn pieces_become_text_byte_by_byte_and_special_tokens_none() {
        assert_eq!(small().text(&[1, 0, 2, 1, 4, 8]), "baé b");
        assert_eq!(small().text(&[]), "");
    }

    #[test]
    fn what_is_no_word_is_never_said_and_the_end_not_first() {
        let said = |first| {
            let mut logits = [0.0; 9];
            small().suppress(&mut logits, first);
            (0..9).filter(|id| logits[*id] == 0.0).collect::<Vec<_>>()
        };
        assert_eq!(said(true), [0, 2]);
        assert_eq!(said(false), [0, 1, 2, 4]);
    }

    #[test]
    fn a_vocabulary_that_lacks_something_is_refused_by_name() {
        let settings = || Settings { suppress_ids: vec![], suppress_ids_begin: vec![] };
        assert!(Vocabulary::parse(LINES, settings(), 10).unwrap_err().contains("9 lines"));
        let without = LINES.replace("<|endoftext|>", "x");
        assert!(Vocabulary::parse(&without, settings(), 9).unwrap_err().contains("<|endoftext|>"));
    }
}
