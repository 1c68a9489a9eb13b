//! Explicit terms of the sensitive categories: what must never be missed, however the heads judge the sentence.

use std::borrow::Cow;
use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use rapport_core::topic::{Categories, Category};

use crate::error::ModelError;
use crate::files::LEXICON;
use crate::fold::{self, Keys};

/// Longest term, in words.
const LONGEST: usize = 6;

/// The terms by their first word, or by the beginning of their first word.
pub(crate) struct Lexicon {
    terms: Vec<Term>,
    /// First word of a term (its beginning, for a term of one word with an open end) → positions in `terms`.
    by_first: HashMap<String, Vec<u32>>,
    /// Lengths, in characters, that open-ended first words have: few, so that a look-up tries few prefixes.
    open_lengths: Vec<usize>,
    /// Phrases whose words don't count, and what finds whether a text has any.
    harmless: Vec<String>,
    finder: AhoCorasick,
}

struct Term {
    category: Category,
    language: String,
    words: Vec<String>,
    open: bool,
}

impl Lexicon {
    /// Reads `category<TAB>language<TAB>term;term*;…`; see the head of the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::layout(LEXICON, reason);
        let text = std::str::from_utf8(bytes).map_err(|error| wrong(format!("not UTF-8: {error}")))?;
        let of_harmless = text.lines().filter_map(|line| line.strip_prefix("!\t")?.split_once('\t'));
        let harmless: Vec<String> =
            of_harmless.flat_map(|(_, terms)| terms.split(';')).map(fold::key).collect();
        let finder = AhoCorasick::new(&harmless).map_err(|error| wrong(error.to_string()))?;
        let (terms, by_first, open_lengths) = (Vec::new(), HashMap::new(), Vec::new());
        let mut lexicon = Self { terms, by_first, open_lengths, harmless, finder };
        for line in text.lines().filter(|line| !line.starts_with(['#', '!']) && !line.is_empty()) {
            let mut fields = line.splitn(3, '\t');
            let (Some(label), Some(language), Some(terms)) = (fields.next(), fields.next(), fields.next())
            else {
                return Err(wrong(format!("expected three fields in `{line}`")));
            };
            let category =
                Category::from_name(label).ok_or_else(|| wrong(format!("unknown category `{label}`")))?;
            for term in terms.split(';') {
                lexicon.insert(category, language, term);
            }
        }
        lexicon.open_lengths.sort_unstable();
        lexicon.open_lengths.dedup();
        Ok(lexicon)
    }

    fn insert(&mut self, category: Category, language: &str, term: &str) {
        let open = term.ends_with('*');
        let words: Vec<String> =
            fold::key(term.trim_end_matches('*')).split_ascii_whitespace().map(str::to_owned).collect();
        let Some(first) = words.first().cloned() else { return };
        if open && words.len() == 1 {
            self.open_lengths.push(first.chars().count());
        }
        self.by_first.entry(first).or_default().push(self.terms.len() as u32);
        self.terms.push(Term { category, language: language.to_owned(), words, open });
    }

    /// The categories that a text names. Terms of a language count where `language` is that language or unknown; English
    /// ones and those in other scripts count everywhere.
    pub fn scan(&self, text: &Keys, language: &str) -> Categories {
        let plain = self.scan_key(&text.plain, language);
        text.undisguised.as_ref().map_or(plain, |key| plain | self.scan_key(key, language))
    }

    /// Whether a text holds a phrase that looks like a category and is none: a weak suspicion is then explained away.
    pub fn names_a_look_alike(&self, text: &Keys) -> bool {
        self.finder.is_match(&text.plain)
    }

    fn scan_key(&self, key: &str, language: &str) -> Categories {
        let key = self.without_harmless(key);
        let words: Vec<&str> = key.split_ascii_whitespace().collect();
        let mut found = Categories::NONE;
        for at in 0..words.len() {
            let rest = &words[at..words.len().min(at + LONGEST)];
            let mut check = |first: &str| {
                for &index in self.by_first.get(first).into_iter().flatten() {
                    let term = &self.terms[index as usize];
                    if term.applies(language) && term.matches(rest) {
                        found.insert(term.category);
                    }
                }
            };
            check(words[at]);
            for &length in &self.open_lengths {
                match words[at].char_indices().nth(length) {
                    Some((end, _)) => check(&words[at][..end]),
                    None => break,
                }
            }
        }
        found
    }

    fn without_harmless<'a>(&self, key: &'a str) -> Cow<'a, str> {
        if !self.finder.is_match(key) {
            return Cow::Borrowed(key);
        }
        let mut key = key.to_owned();
        for phrase in &self.harmless {
            if key.contains(phrase.as_str()) {
                key = key.replace(phrase.as_str(), " | ");
            }
        }
        Cow::Owned(key)
    }
}

impl Term {
    fn applies(&self, language: &str) -> bool {
        matches!(self.language.as_str(), "en" | "hi" | "ko") || language == "und" || self.language == language
    }

    fn matches(&self, words: &[&str]) -> bool {
        let Some((last, before)) = self.words.split_last() else { return false };
        let Some((found, _)) = words.get(before.len()..).and_then(<[_]>::split_first) else { return false };
        before.iter().zip(words).all(|(term, word)| term == word)
            && if self.open { found.starts_with(last.as_str()) } else { found == last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::parse(
            "union\ten\ttrade union*;my union\nunion\tde\tgewerkschaft*\n!\ten\tunion jack\n".as_bytes(),
        )
        .unwrap()
    }

    #[test]
    fn terms_match_whole_words_and_open_ends() {
        let found = |text, language| !lexicon().scan(&Keys::of(text), language).is_empty();
        assert!(found("My Union is strong", "en"));
        assert!(found("two trade unions", "en"));
        assert!(found("Der Gewerkschaftsbeitrag", "de"));
        assert!(!found("gewerkschaft", "en"), "a German term doesn't count in English");
        assert!(!found("a union of sets", "en"));
    }

    #[test]
    fn a_harmless_phrase_hides_its_words() {
        assert!(lexicon().scan(&Keys::of("my Union Jack"), "en").is_empty());
    }

    #[test]
    fn disguises_are_seen_through() {
        assert!(!lexicon().scan(&Keys::of("my un\u{200B}ion"), "en").is_empty());
        assert!(!lexicon().scan(&Keys::of("my uniоn"), "en").is_empty(), "Cyrillic o");
        assert!(!lexicon().scan(&Keys::of("trade un1on"), "en").is_empty());
    }
}
