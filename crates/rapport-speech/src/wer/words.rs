//! Texts into lower-case words and figures.

/// The words of a text: letters and apostrophes, or figures with what belongs to them (`2.5`, `21st`).
pub fn split(text: &str) -> Vec<String> {
    let text: Vec<char> =
        text.to_lowercase().chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | '`')).collect();
    let mut words: Vec<String> = Vec::new();
    let mut owed = None;
    let mut at = 0;
    while at < text.len() {
        let length = match text[at] {
            c if c.is_ascii_digit() => figures(&text[at..]),
            c if c.is_alphanumeric() => letters(&text[at..]),
            c => {
                owed = currency(c).or(owed);
                words.extend(sign(c).map(str::to_owned));
                at += 1;
                continue;
            }
        };
        let word: String = text[at..at + length].iter().filter(|c| !matches!(c, ',' | ' ')).collect();
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        words.push(spelled_out(word));
        // A currency is written before its number and said after it.
        words.extend(owed.take_if(|_| is_number).map(str::to_owned));
        at += length;
    }
    words
}

/// How many characters a number has: digits, thousands in threes, a decimal part, an ending as in `21st` or `1960s`.
fn figures(text: &[char]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    let mut length = digits(0);
    while text.get(length) == Some(&',') && digits(length + 1) == 3 {
        length += 4;
    }
    if text.get(length) == Some(&'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    let ending: String = text[length..].iter().take_while(|c| c.is_alphabetic()).collect();
    if matches!(ending.as_str(), "st" | "nd" | "rd" | "th" | "s") {
        length + ending.chars().count()
    } else {
        length
    }
}

/// How many characters a word has, the full stops of an abbreviation such as `p.m.` included.
fn letters(text: &[char]) -> usize {
    let word = |from: usize| text[from..].iter().take_while(|c| c.is_alphabetic()).count();
    let mut length = word(0).max(1);
    while length >= 1 && is_abbreviated(text, length) && word(length + 1) == 1 {
        length += 2;
    }
    length
}

/// Whether a single letter and a full stop end at `length`.
fn is_abbreviated(text: &[char], length: usize) -> bool {
    text.get(length) == Some(&'.') && (length == 1 || text.get(length.wrapping_sub(2)) == Some(&'.'))
}

fn spelled_out(word: String) -> String {
    match word.as_str() {
        "mr" => "mister".to_owned(),
        "mrs" => "missus".to_owned(),
        "dr" => "doctor".to_owned(),
        _ => word.replace(|c: char| c == '.' && !word.starts_with(|c: char| c.is_ascii_digit()), ""),
    }
}

fn sign(c: char) -> Option<&'static str> {
    match c {
        '%' => Some("percent"),
        '&' => Some("and"),
        '+' => Some("plus"),
        _ => None,
    }
}

fn currency(c: char) -> Option<&'static str> {
    match c {
        '$' => Some("dollars"),
        '€' => Some("euros"),
        '£' => Some("pounds"),
        _ => None,
    }
}
