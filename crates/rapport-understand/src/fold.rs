//! Undoes what hides a word from a reader that compares bytes: invisible characters, look-alike letters, leetspeak.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// So many letters in a row are an abbreviation or a spelled word; either way it reads better joined.
const SPELLED: usize = 3;

/// `text` without invisible characters, and with look-alike letters in Latin words replaced by the Latin ones. What an
/// honest text says doesn't change: a word wholly in another script stays as it is, unless all that the text has of other
/// scripts are look-alikes, as in a text whose every letter was swapped.
pub(crate) fn reveal(text: &str) -> Cow<'_, str> {
    let suspicious = |c: char| is_invisible(c) || look_alike(c).is_some();
    if text.is_ascii() || !text.contains(suspicious) {
        return Cow::Borrowed(text);
    }
    let visible: String = text.chars().filter(|&c| !is_invisible(c)).collect();
    let disguise = visible.chars().all(|c| !may_look_alike(c) || look_alike(c).is_some());
    let word = |word| latinise(word, disguise);
    Cow::Owned(visible.split_inclusive(|c: char| !c.is_alphanumeric()).map(word).collect())
}

fn latinise(word: &str, wholly: bool) -> Cow<'_, str> {
    let strange = word.contains(|c| look_alike(c).is_some());
    if strange && (wholly || word.contains(|c: char| c.is_ascii_alphabetic())) {
        return Cow::Owned(word.chars().map(|c| look_alike(c).unwrap_or(c)).collect());
    }
    Cow::Borrowed(word)
}

/// A text in the forms in which the lexicon compares.
pub(crate) struct Keys {
    /// Revealed, compatibility-composed (NFKC), lower case, words separated by one space, with a space at both ends.
    pub plain: String,
    /// The same with figures and signs that stand for letters inside a word read as those letters (`m0sque`, `ch€mo`), and
    /// letters spelled out one by one joined (`m o s q u e`); `None` if that changes nothing.
    pub undisguised: Option<String>,
}

impl Keys {
    pub fn of(text: &str) -> Self {
        let text = reveal(text);
        let plain = revealed_key(&text);
        let undisguised = if text.split(char::is_whitespace).any(is_leet) {
            let letters: Vec<String> =
                text.nfkc().collect::<String>().split(char::is_whitespace).map(unleeted).collect();
            Some(join_spelled(&revealed_key(&letters.join(" "))))
        } else if spells(&plain) {
            Some(join_spelled(&plain))
        } else {
            None
        };
        Self { undisguised: undisguised.filter(|key| *key != plain), plain }
    }
}

/// [`Keys::plain`] alone.
pub(crate) fn key(text: &str) -> String {
    revealed_key(&reveal(text))
}

fn revealed_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    if text.is_ascii() {
        text.chars().for_each(|c| push_folded(&mut out, c.to_ascii_lowercase()));
    } else {
        text.nfkc().flat_map(char::to_lowercase).for_each(|c| push_folded(&mut out, c));
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

fn push_folded(out: &mut String, c: char) {
    if is_word(c) {
        out.push(c);
    } else if c != '\'' && c != '’' && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn unleeted(word: &str) -> String {
    if is_leet(word) { word.chars().map(unleet).collect() } else { word.to_owned() }
}

/// Whether a key may hold a word spelled letter by letter.
fn spells(key: &str) -> bool {
    let single = |word: &str| word.chars().nth(1).is_none();
    let mut run = 0;
    key.split_ascii_whitespace().any(|word| {
        run = if single(word) { run + 1 } else { 0 };
        run >= SPELLED
    })
}

fn is_leet(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let figures = word.chars().filter(|&c| !c.is_alphabetic() && unleet(c) != c).count();
    letters >= 2 && figures > 0 && figures <= letters
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        _ => c,
    }
}

fn join_spelled(key: &str) -> String {
    let words: Vec<&str> = key.split_ascii_whitespace().collect();
    let single = |word: &&str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let mut out = String::from(" ");
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().take_while(|word| single(word)).count();
        let take = if run >= SPELLED { run } else { 1 };
        out.extend(words[at..at + take].iter().copied());
        out.push(' ');
        at += take;
    }
    out
}

/// Letters, figures, and the combining marks that Indic scripts write vowels with.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{0900}'..='\u{0DFF}' | '\u{0300}'..='\u{036F}')
}

pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E007F}')
}

/// Whether `c` is of a script with letters that look like Latin ones.
fn may_look_alike(c: char) -> bool {
    matches!(c,
        '\u{100}'..='\u{2ff}' | '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{1d00}'..='\u{1dbf}'
        | '\u{2100}'..='\u{214f}' | '\u{2c80}'..='\u{2cff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{ab70}'..='\u{abbf}')
}

/// The Latin letter that `c`, of another alphabet, looks like: by this list, which goes further for what is common, or by the
/// confusable characters of Unicode's Technical Standard 39.
fn look_alike(c: char) -> Option<char> {
    const PAIRS: &str = "аaеeоoрpсcуyхxіiјjѕsԁdԛqһhкkмmтtвbнnгrАAВBЕEКKМMНHОOРPСCТTУYХXІIЅSЈJ\
                         αaοoνvρpιiκkτtυuχxεeηnγyωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXɑaɡgıiℓl";
    if !may_look_alike(c) {
        return None;
    }
    let mut pairs = PAIRS.chars();
    while let (Some(strange), Some(latin)) = (pairs.next(), pairs.next()) {
        if strange == c {
            return Some(latin);
        }
    }
    let mut text = [0; 4];
    let mut shape = skeleton(c.encode_utf8(&mut text));
    let (first, rest) = (shape.next()?, shape.next());
    (rest.is_none() && first.is_ascii_alphabetic()).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_and_look_alikes_are_undone() {
        assert_eq!(reveal("mos\u{200B}que"), "mosque");
        assert_eq!(reveal("mоsquе"), "mosque", "the o and e were Cyrillic");
        assert_eq!(reveal("моsquе"), "mosque", "three were Cyrillic");
        assert_eq!(reveal("ѕех сор"), "sex cop", "all were Cyrillic");
        assert_eq!(
            reveal("привет мир сорок"),
            "привет мир сорок",
            "honest Russian, its last word all look-alikes"
        );
        assert_eq!(reveal("Zażółć gęślą jaźń, Iğdır'ın ılık kışı"), "Zażółć gęślą jaźń, Iğdir'in ilik kişi");
    }

    #[test]
    fn figures_read_as_letters_only_within_words() {
        let undisguised = |text| Keys::of(text).undisguised;
        assert_eq!(undisguised("my m0squ3").as_deref(), Some(" my mosque "));
        assert_eq!(undisguised("the m o s q u e").as_deref(), Some(" the mosque "));
        assert_eq!(undisguised("a 2014 car, 15 km"), None);
    }
}
