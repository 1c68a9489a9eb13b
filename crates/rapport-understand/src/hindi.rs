//! Hindi for an encoder that never learnt it: content words are replaced by their English gloss before encoding.
//!
//! The encoder's sixteen languages don't include Hindi, and its vectors for Devanagari say next to nothing. A short
//! word list turns the words that carry the topic into English ones; everything else stays and adds little. The word
//! order is wrong, which an encoder of short windows forgives. See `docs/models/encoder.md` for what that buys.

use std::collections::HashMap;

use crate::error::ModelError;
use crate::files;

/// Longest expression in the list, in words.
const LONGEST: usize = 3;

/// Devanagari words or expressions → English.
pub(crate) struct HindiGloss {
    words: HashMap<String, String>,
}

impl HindiGloss {
    /// Reads lines of `Hindi<TAB>English`; `#` begins a comment.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| ModelError::layout(files::HINDI, format!("not UTF-8: {error}")))?;
        let words = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .map(|(hindi, english)| (hindi.trim().to_owned(), english.trim().to_owned()))
            .collect();
        Ok(Self { words })
    }

    /// `text` with what is known in English, or `None` if it is not in Devanagari. Also the share of Devanagari words
    /// that were known, 0..=1.
    pub fn gloss(&self, text: &str) -> Option<(String, f32)> {
        if !text.contains(is_devanagari) {
            return None;
        }
        let words: Vec<&str> =
            text.split(|c: char| !crate::fold::is_word(c)).filter(|w| !w.is_empty()).collect();
        let (mut out, mut at, mut known, mut hindi) = (Vec::new(), 0, 0usize, 0usize);
        while at < words.len() {
            let (english, taken) = self.longest(&words[at..]);
            if words[at].contains(is_devanagari) {
                hindi += taken;
                known += if english.is_some() { taken } else { 0 };
            }
            out.push(english.unwrap_or_else(|| words[at].to_owned()));
            at += taken;
        }
        let share = known as f32 / hindi.max(1) as f32;
        Some((out.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "), share))
    }

    fn longest(&self, words: &[&str]) -> (Option<String>, usize) {
        for count in (1..=LONGEST.min(words.len())).rev() {
            if let Some(english) = self.words.get(&words[..count].join(" ")) {
                return (Some(english.clone()), count);
            }
        }
        (self.inflected(words[0]), 1)
    }

    /// Tries the word without its usual endings (plural, oblique, gender).
    fn inflected(&self, word: &str) -> Option<String> {
        const ENDINGS: [(&str, &str); 12] = [
            ("ियों", "ी"),
            ("ियाँ", "ी"),
            ("ियां", "ी"),
            ("ों", ""),
            ("ों", "ा"),
            ("ें", ""),
            ("े", "ा"),
            ("ी", "ा"),
            ("ाओं", "ा"),
            ("ुओं", "ू"),
            ("ो", ""),
            ("एं", ""),
        ];
        ENDINGS.iter().find_map(|(ending, base)| {
            let stem = word.strip_suffix(ending)?;
            self.words.get(&format!("{stem}{base}")).cloned()
        })
    }
}

pub(crate) fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{097F}')
}
