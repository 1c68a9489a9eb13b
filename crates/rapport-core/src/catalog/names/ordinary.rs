//! How rare words are in ordinary language.

use std::sync::LazyLock;

use crate::catalog::names::spelling::Trail;
use crate::catalog::names::words::is_glued;

/// Words by how rare they are; the file says where they come from.
const WORDS: &str = include_str!("ordinary.txt");
/// Bits of a word that is not in the file.
const UNKNOWN: u32 = 19;
/// Bits of a number: there are few short ones.
const NUMBER: u32 = 10;
/// Bits of a character where a word is several: Chinese, Japanese, Korean.
const CHARACTER: u32 = 8;

/// Endings of English words that leave them ordinary, and what must be left.
const ENDINGS: [&str; 7] = ["s", "es", "ed", "d", "ing", "er", "ly"];
const SHORTEST_STEM: usize = 3;

/// By the key of their letters.
static BITS: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let mut all: Vec<(u64, u8)> = WORDS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| {
            let mut fields = line.split(' ');
            let bits: u8 = fields.next().and_then(|bits| bits.parse().ok()).unwrap_or(0);
            fields.map(move |word| (key(word), bits))
        })
        .collect();
    all.sort_unstable();
    all
});

/// How rare `word` is in ordinary language: -log2 of its probability. `word` is folded as [`super::words`] does.
pub(super) fn bits(word: &str) -> u32 {
    let Some(first) = word.chars().next() else { return 0 };
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return NUMBER;
    }
    if is_glued(first) {
        return CHARACTER;
    }
    let inflected = ENDINGS.iter().filter_map(|ending| word.strip_suffix(ending));
    let stem = || inflected.filter(|stem| stem.len() >= SHORTEST_STEM).find_map(known).map(|bits| bits + 1);
    known(word).or_else(stem).map_or(UNKNOWN, |bits| bits.min(UNKNOWN - 1))
}

fn known(word: &str) -> Option<u32> {
    let key = key(word);
    BITS.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| u32::from(BITS[at].1))
}

/// Whether people say `word` without naming anything.
pub(super) fn is_ordinary(word: &str) -> bool {
    bits(word) < UNKNOWN
}

fn key(word: &str) -> u64 {
    let mut trail = Trail::default();
    word.chars().for_each(|c| trail.step(c));
    trail.key()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_are_told_from_names() {
        assert!(bits("the") < bits("her") && bits("her") < bits("heat") && bits("heat") < bits("shawshank"));
        assert!(is_ordinary("friends") && !is_ordinary("inception"));
    }
}
