//! A text as scalar values, with the questions that scanners ask of it.

/// The scalar values of one text; every position and length counts them.
pub(super) type Text = [char];

/// Whether a word may begin at `at`.
pub(super) fn starts_word(text: &Text, at: usize) -> bool {
    at == 0 || !is_word(text[at - 1])
}

/// Whether a word may end before `end`.
pub(super) fn ends_word(text: &Text, end: usize) -> bool {
    text.get(end).is_none_or(|c| !is_word(*c))
}

/// Whether a number may end before `end`: Korean particles follow without a space.
pub(super) fn ends_number(text: &Text, end: usize) -> bool {
    ends_word(text, end)
        || text
            .get(end)
            .is_some_and(|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{9fff}' | '가'..='힣'))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The end of the run of accepted scalar values from `at` on, at most `most` long, so that no scan is quadratic.
pub(super) fn run(text: &Text, at: usize, most: usize, accept: impl Fn(char) -> bool) -> usize {
    at + text[at..].iter().take(most).take_while(|c| accept(**c)).count()
}

/// The value of a decimal digit of the scripts that people here write: ASCII, full width, Devanagari, Arabic.
pub(super) fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        '०'..='९' => '०',
        '０'..='９' => '０',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

/// Characters that show nothing: they neither end a number nor begin a word.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Up to `most` words that end before `at`, nearest first, in lower case; the search stops 64 scalar values back.
pub(super) fn words_before(text: &Text, at: usize, most: usize) -> Vec<String> {
    let from = at.saturating_sub(64);
    let mut words = words(&text[from..at]);
    // The first one may be the tail of a word that begins before the window.
    if from > 0 && is_word(text[from - 1]) && !words.is_empty() {
        words.remove(0);
    }
    words.reverse();
    words.truncate(most);
    words
}

/// Up to `most` words from `end` on, nearest first, in lower case; the search stops 32 scalar values on.
pub(super) fn words_after(text: &Text, end: usize, most: usize) -> Vec<String> {
    let mut words = words(&text[end..text.len().min(end + 32)]);
    words.truncate(most);
    words
}

fn words(text: &Text) -> Vec<String> {
    // Marks of Devanagari belong to words, though they aren't alphanumeric.
    text.split(|c| !(is_word(*c) || matches!(c, '\u{900}'..='\u{97f}')))
        .filter(|word| !word.is_empty())
        .map(|word| word.iter().flat_map(|c| c.to_lowercase()).collect())
        .collect()
}
