//! Number words into figures, so that both ways of writing a number are one.

/// A word as the grammar of English numbers sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    /// 0 to 19, by itself.
    Small(u64),
    /// 20 to 90: one of 1 to 9 may follow.
    Tens(u64),
    Hundred,
    /// A thousand and up.
    Scale(u64),
    /// Figures already.
    Figures(f64),
}

/// How a number ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Cardinal,
    /// `21st`.
    Ordinal,
    /// `1960s`.
    Plural,
}

/// Replaces every run of number words by one number in figures; the other words stay.
pub fn join(words: Vec<String>) -> Vec<String> {
    let mut joined = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        match run(&words[at..]) {
            Some((number, length)) => {
                joined.push(number);
                at += length;
            }
            None => {
                joined.push(words[at].clone());
                at += 1;
            }
        }
    }
    joined
}

/// The number that `words` start with, and how many of them it takes.
fn run(words: &[String]) -> Option<(String, usize)> {
    let word = |at: usize| words.get(at).and_then(|word| number(word));
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word == text);
    let mut at = 0;
    // "a hundred" is a number, "a" is none.
    if is(0, "a") && matches!(word(1), Some((Word::Hundred | Word::Scale(_), _))) {
        at = 1;
    }
    word(at)?;
    let mut number = Number::default();
    loop {
        match word(at) {
            Some((word, ending)) => {
                number.add(word);
                at += 1;
                if ending != Ending::Cardinal {
                    return Some((number.written(ending), at));
                }
            }
            None if is(at, "and") && number.is_open() && word(at + 1).is_some() => at += 1,
            None if (is(at, "oh") || is(at, "o")) && word(at + 1).is_some() => {
                number.add(Word::Small(0));
                at += 1;
            }
            None if is(at, "point") && matches!(word(at + 1), Some((Word::Small(0..=9), _))) => {
                at += 1;
                let mut decimals = String::new();
                while let Some((Word::Small(digit @ 0..=9), Ending::Cardinal)) = word(at) {
                    decimals.push_str(&digit.to_string());
                    at += 1;
                }
                number.add_decimals(&decimals);
            }
            None => return Some((number.written(Ending::Cardinal), at)),
        }
    }
}

/// A number that is being read, word by word. Numbers side by side become one: "eighteen thirteen" is a year.
#[derive(Default)]
struct Number {
    /// Figures of the numbers before this one.
    before: String,
    /// What larger scales have added up to.
    total: f64,
    /// The smallest scale so far.
    scale: Option<u64>,
    /// The part below the next scale.
    part: Option<f64>,
    /// The last word.
    last: Option<Word>,
}

impl Number {
    fn add(&mut self, word: Word) {
        match word {
            Word::Hundred if self.part.is_none_or(|part| part < 100.0) => {
                self.part = Some(self.part.unwrap_or(1.0) * 100.0);
            }
            Word::Scale(scale) if self.scale.is_none_or(|last| scale < last) => {
                self.total += self.part.take().unwrap_or(1.0) * scale as f64;
                self.scale = Some(scale);
            }
            word if self.has_room_for(word) => {
                self.part = Some(self.part.unwrap_or(0.0) + value(word));
            }
            word => {
                self.close();
                self.part = Some(value(word));
            }
        }
        self.last = Some(word);
    }

    fn has_room_for(&self, word: Word) -> bool {
        match (self.last, word) {
            (None, _) => true,
            (Some(Word::Hundred), Word::Small(1..) | Word::Tens(_)) => true,
            (Some(Word::Tens(_)), Word::Small(1..=9)) => true,
            (Some(Word::Scale(scale)), Word::Small(1..) | Word::Tens(_) | Word::Figures(_)) => {
                value(word) < scale as f64
            }
            _ => false,
        }
    }

    /// Whether "and" may go on: after a hundred or a thousand.
    fn is_open(&self) -> bool {
        matches!(self.last, Some(Word::Hundred | Word::Scale(_)))
    }

    fn add_decimals(&mut self, decimals: &str) {
        let whole = self.part.unwrap_or(0.0);
        self.part = format!("{whole}.{decimals}").parse().ok().or(self.part);
        self.last = Some(Word::Figures(whole));
    }

    fn close(&mut self) {
        self.before += &(self.total + self.part.take().unwrap_or(0.0)).to_string();
        (self.total, self.scale) = (0.0, None);
    }

    fn written(mut self, ending: Ending) -> String {
        self.close();
        let ending = match ending {
            Ending::Cardinal => "",
            Ending::Ordinal => "th",
            Ending::Plural => "s",
        };
        self.before + ending
    }
}

fn value(word: Word) -> f64 {
    match word {
        Word::Small(value) | Word::Tens(value) | Word::Scale(value) => value as f64,
        Word::Hundred => 100.0,
        Word::Figures(value) => value,
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, u64); 4] = [
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
];
/// Ordinals that are not their number and "th".
const IRREGULAR: [(&str, &str); 8] = [
    ("first", "one"),
    ("second", "two"),
    ("third", "three"),
    ("fifth", "five"),
    ("eighth", "eight"),
    ("ninth", "nine"),
    ("twelfth", "twelve"),
    ("fortieth", "forty"),
];

/// The number word that a word is, and how it ends.
fn number(word: &str) -> Option<(Word, Ending)> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return figures(word);
    }
    if let Some(word) = cardinal(word) {
        return Some((word, Ending::Cardinal));
    }
    if let Some((_, of)) = IRREGULAR.iter().find(|(ordinal, _)| *ordinal == word) {
        return Some((cardinal(of)?, Ending::Ordinal));
    }
    let (stem, ending) = match word {
        _ if word.ends_with("ieth") => (word.strip_suffix("ieth")?.to_owned() + "y", Ending::Ordinal),
        _ if word.ends_with("ies") => (word.strip_suffix("ies")?.to_owned() + "y", Ending::Plural),
        _ => (word.strip_suffix("th")?.to_owned(), Ending::Ordinal),
    };
    let word = cardinal(&stem)?;
    (ending == Ending::Ordinal || matches!(word, Word::Tens(_))).then_some((word, ending))
}

fn figures(word: &str) -> Option<(Word, Ending)> {
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    let ending = match &word[digits.len()..] {
        "" => Ending::Cardinal,
        "s" => Ending::Plural,
        _ => Ending::Ordinal,
    };
    Some((Word::Figures(digits.parse().ok()?), ending))
}

fn cardinal(word: &str) -> Option<Word> {
    let place = |list: &[&str]| list.iter().position(|other| *other == word).map(|at| at as u64);
    if let Some(value) = place(&SMALL) {
        return Some(Word::Small(value));
    }
    if let Some(at) = place(&TENS) {
        return Some(Word::Tens((at + 2) * 10));
    }
    if word == "hundred" {
        return Some(Word::Hundred);
    }
    SCALES.iter().find(|(scale, _)| *scale == word).map(|(_, scale)| Word::Scale(*scale))
}
