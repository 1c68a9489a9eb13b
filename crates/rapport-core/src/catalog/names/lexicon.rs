//! The words of titles, and which of them a misspelt word may be (symmetric deletes, W. Garbe 2012).

use crate::catalog::names::sorted::SortedMap;
use crate::catalog::names::spelling::Trail;

/// Shorter words are not corrected: too much else is an edit away.
const SHORTEST: usize = 4;
/// From this many letters on, two edits are forgiven.
const TWO_EDITS: usize = 8;
/// Deletes are taken from the first letters only; the rest is compared.
const HEAD: usize = 8;
/// Words compared for one delete.
const LOOKED_AT: usize = 24;
/// Corrections tried for one word.
const CORRECTIONS: usize = 4;

/// A sorted list of words with their deletes.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    /// All words, one behind the other.
    letters: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// From a word with a letter left out, or without its vowels, to the word.
    deletes: SortedMap,
}

/// A word that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Correction {
    pub word: String,
    pub edits: u32,
}

impl Lexicon {
    /// Sorts and dedups `words`; those too short to be corrected are left out.
    pub fn new(mut words: Vec<String>) -> Self {
        words.retain(|word| is_correctable(word));
        words.sort_unstable();
        words.dedup();
        let mut lexicon = Self::default();
        let mut entries = Vec::with_capacity(words.len() * (HEAD + 2));
        for (index, word) in words.iter().enumerate() {
            lexicon.letters.push_str(word);
            lexicon.ends.push(lexicon.letters.len() as u32);
            clues(word, |key| entries.push((key, index as u32)));
        }
        lexicon.letters.shrink_to_fit();
        lexicon.ends.shrink_to_fit();
        lexicon.deletes = SortedMap::new(entries);
        lexicon
    }

    /// Every word, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|index| self.word(index))
    }

    pub fn bytes(&self) -> usize {
        self.letters.len() + self.ends.len() * 4 + self.deletes.bytes()
    }

    /// Adds to `found` the words that `said` may be a misspelling of, the nearest first. Whether `said` is itself one
    /// of the words: then there is nothing to correct.
    pub fn correct(&self, said: &str, found: &mut Vec<Correction>) -> bool {
        if !is_correctable(said) {
            return false;
        }
        let mut candidates: Vec<u32> = Vec::new();
        clues(said, |key| candidates.extend(self.deletes.get(key).iter().take(LOOKED_AT)));
        candidates.sort_unstable();
        candidates.dedup();
        let length = said.chars().count();
        let most = if length >= TWO_EDITS { 2 } else { 1 };
        let mut known = false;
        for index in candidates {
            let word = self.word(index as usize);
            if word == said {
                known = true;
            } else if let Some(edits) = distance(said, word, most) {
                found.push(Correction { word: word.to_owned(), edits });
            }
        }
        found.sort_by(|a, b| (a.edits, &a.word).cmp(&(b.edits, &b.word)));
        found.dedup();
        found.truncate(CORRECTIONS);
        known
    }

    fn word(&self, index: usize) -> &str {
        let from = index.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        &self.letters[from..self.ends[index] as usize]
    }
}

/// Whether misspellings of `word` are looked for at all.
pub(super) fn is_correctable(word: &str) -> bool {
    word.len() >= SHORTEST
        && word.chars().nth(SHORTEST - 1).is_some()
        && !word.bytes().any(|b| b.is_ascii_digit())
}

/// What a word and its misspellings have in common: its head, each of that with a letter left out, and for long words
/// their consonants.
fn clues(word: &str, mut clue: impl FnMut(u64)) {
    let letters: Vec<char> = word.chars().take(HEAD).collect();
    let without = |left_out: usize| {
        let mut trail = Trail::default();
        letters.iter().enumerate().filter(|(i, _)| *i != left_out).for_each(|(_, c)| trail.step(*c));
        trail.key()
    };
    clue(without(HEAD));
    for index in 0..letters.len() {
        // Leaving out either of two equal letters is the same.
        if index == 0 || letters[index] != letters[index - 1] {
            clue(without(index));
        }
    }
    if word.chars().nth(TWO_EDITS - 2).is_some() {
        let mut trail = Trail::default();
        trail.step('~');
        let mut last = ' ';
        for c in word.chars().filter(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h')) {
            if c != last {
                trail.step(c);
            }
            last = c;
        }
        clue(trail.key());
    }
}

/// Edits between two words if they are at most `most`: letters left out, put in, replaced, or swapped with their
/// neighbour (Damerau 1964, each letter edited once).
fn distance(a: &str, b: &str, most: u32) -> Option<u32> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most as usize {
        return None;
    }
    let mut rows = [vec![0u32; b.len() + 1], (0..=b.len() as u32).collect(), vec![0u32; b.len() + 1]];
    for i in 1..=a.len() {
        let [before, last, row] = &mut rows;
        row[0] = i as u32;
        let mut least = row[0];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + u32::from(a[i - 1] != b[j - 1]);
            let mut edits = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                edits = edits.min(before[j - 2] + 1);
            }
            row[j] = edits;
            least = least.min(edits);
        }
        if least > most {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(said: &str) -> Vec<String> {
        let words = ["inception", "redemption", "ratatouille", "alien", "aliens", "saw", "schwarzenegger"];
        let lexicon = Lexicon::new(words.map(str::to_owned).to_vec());
        let mut found = Vec::new();
        lexicon.correct(said, &mut found);
        found.into_iter().map(|c| c.word).collect()
    }

    #[test]
    fn misspelt_words_are_corrected_and_short_ones_are_not() {
        assert_eq!(meant("incpetion"), ["inception"]);
        assert_eq!(meant("ratatoulie"), ["ratatouille"]);
        assert_eq!(meant("schwarzeneger"), ["schwarzenegger"]);
        assert_eq!(meant("redemtion"), ["redemption"]);
        assert_eq!(meant("alein"), ["alien"]);
        assert!(meant("sew").is_empty() && meant("exemption").is_empty());
    }

    #[test]
    fn edits_are_counted_as_by_hand() {
        assert_eq!(distance("abcd", "abdc", 2), Some(1));
        assert_eq!(distance("abcd", "bcde", 2), Some(2));
        assert_eq!(distance("abcd", "dcba", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
    }
}
