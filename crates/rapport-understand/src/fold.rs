//! Undoes what hides a word from a reader that compares bytes: invisible characters, look-alike letters, leetspeak.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// `text` without invisible characters, and with look-alike letters in Latin words replaced by the Latin ones. What an
/// honest text says doesn't change: words wholly in Cyrillic or Greek stay as they are.
pub(crate) fn reveal(text: &str) -> Cow<'_, str> {
    let suspicious = |c: char| is_invisible(c) || (!c.is_ascii() && look_alike(c).is_some());
    if !text.contains(suspicious) {
        return Cow::Borrowed(text);
    }
    let visible: String = text.chars().filter(|&c| !is_invisible(c)).collect();
    Cow::Owned(visible.split_inclusive(|c: char| !c.is_alphanumeric()).map(latinise).collect())
}

fn latinise(word: &str) -> Cow<'_, str> {
    let mixed =
        word.contains(|c: char| c.is_ascii_alphabetic()) && word.contains(|c| look_alike(c).is_some());
    if !mixed {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.chars().map(|c| look_alike(c).unwrap_or(c)).collect())
}

/// The form in which the lexicon compares: revealed, compatibility-composed (NFKC), lower case, words separated by one
/// space, with a space at both ends.
pub(crate) fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in reveal(text).nfkc().flat_map(char::to_lowercase) {
        if is_word(c) {
            out.push(c);
        } else if c != '\'' && c != '’' && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// [`key`] with figures and signs that stand for letters inside a word read as those letters (`m0sque`, `ch€mo`), and
/// letters spelled out one by one joined (`m o s q u e`).
pub(crate) fn leet_key(text: &str) -> Option<String> {
    let letters: String = reveal(text)
        .nfkc()
        .collect::<String>()
        .split(char::is_whitespace)
        .map(|word| if is_leet(word) { word.chars().map(unleet).collect() } else { word.to_owned() })
        .collect::<Vec<String>>()
        .join(" ");
    let joined = join_spelled(&key(&letters));
    (joined != key(text)).then_some(joined)
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
        // Three letters in a row are an abbreviation or a spelled word; either way it reads better joined.
        let take = if run >= 3 { run } else { 1 };
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

/// The Latin letter that `c`, of another alphabet, looks like.
fn look_alike(c: char) -> Option<char> {
    const PAIRS: &str = "аaеeоoрpсcуyхxіiјjѕsԁdԛqһhкkмmтtвbнnгrАAВBЕEКKМMНHОOРPСCТTУYХXІIЅSЈJ\
                         αaοoνvρpιiκkτtυuχxεeηnγyωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXɑaɡgıiℓl";
    if c.is_ascii() {
        return None;
    }
    let mut pairs = PAIRS.chars();
    while let (Some(strange), Some(latin)) = (pairs.next(), pairs.next()) {
        if strange == c {
            return Some(latin);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_and_look_alikes_are_undone() {
        assert_eq!(reveal("mos\u{200B}que"), "mosque");
        assert_eq!(reveal("mоsquе"), "mosque", "the o and e were Cyrillic");
        assert_eq!(reveal("привет мир"), "привет мир");
    }

    #[test]
    fn figures_read_as_letters_only_within_words() {
        assert_eq!(leet_key("my m0squ3").as_deref(), Some(" my mosque "));
        assert_eq!(leet_key("the m o s q u e").as_deref(), Some(" the mosque "));
        assert_eq!(leet_key("a 2014 car, 15 km"), None);
    }
}
