//! A text as words without case, accents and punctuation, and where each stands in it.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What lies between a word and the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    /// A quotation mark.
    pub quote: bool,
    /// An opening bracket.
    pub bracket: bool,
    /// The end of a sentence, or the beginning of the text.
    pub stop: bool,
    /// A colon or a dash: the title goes on with its second part.
    pub part: bool,
    /// A comma.
    pub comma: bool,
    /// Anything at all: without it, the word goes on from the one before.
    pub any: bool,
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// First scalar in the text.
    pub start: u32,
    /// One past its last scalar.
    pub end: u32,
    /// Its letters in [`Words::letters`].
    letters: (u32, u32),
    /// What stands before it.
    pub gap: Gap,
    /// Begins with a capital.
    pub capital: bool,
    /// Has a letter that could be a capital and is not.
    pub lower: bool,
    /// One character of a script that is written without spaces, or of one that hangs particles on its words.
    pub glued: bool,
}

/// A text taken apart. Numerals are digits (`II`, `two`), `&` is `and`, and `part 2` is `2`.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    letters: String,
    list: Vec<Word>,
    /// What follows the last word.
    pub end: Gap,
}

/// Words of a text that are looked at; nobody names anything later than that.
const MAX_WORDS: usize = 2_000;

impl Words {
    /// Takes `text` apart.
    pub fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        for (scalar, c) in text.chars().enumerate() {
            if reader.words.list.len() >= MAX_WORDS {
                break;
            }
            reader.read(c, scalar as u32);
        }
        reader.finish()
    }

    /// All words.
    pub fn list(&self) -> &[Word] {
        &self.list
    }

    /// The letters of one word; none where it says nothing (the `part` of `part 2`).
    pub fn letters(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |w| &self.letters[w.letters.0 as usize..w.letters.1 as usize])
    }

    /// Drops the word at `index` from what is said.
    fn hush(&mut self, index: usize) {
        let word = &mut self.list[index];
        word.letters.1 = word.letters.0;
    }

    /// The year that stands there as four digits.
    pub fn year(&self, index: usize) -> Option<u16> {
        let digits = self.letters(index);
        let year: u16 = digits.parse().ok().filter(|_| digits.len() == 4)?;
        (1880..2100).contains(&year).then_some(year)
    }
}

#[derive(Default)]
struct Reader {
    words: Words,
    gap: Gap,
    begun: bool,
    /// In a word: its first scalar, first letter, whether it began with a capital, and has small letters.
    open: Option<(u32, u32, bool, bool)>,
    glued: bool,
    /// Letters since the last dot inside of a word.
    run: u32,
    /// A dot or an apostrophe inside of a word, which only goes on if a letter follows.
    held: Option<(char, u32)>,
    last: u32,
}

impl Reader {
    fn read(&mut self, c: char, at: u32) {
        if is_ignored(c) {
            return;
        }
        if c.is_alphanumeric() || is_combining_mark(c) {
            self.letter(c, at);
        } else if self.open.is_some() && self.held.is_none() && joins(c, self.run) {
            self.held = Some((c, at));
        } else {
            self.close();
            self.mark(c);
        }
    }

    fn letter(&mut self, c: char, at: u32) {
        if self.held.take().is_some_and(|(held, _)| held == '.') {
            self.run = 0;
        }
        let glued = is_glued(c);
        if self.open.is_some() && (glued && !is_continuation(c) || glued != self.glued) {
            self.close();
        }
        if self.open.is_none() {
            self.open = Some((at, self.words.letters.len() as u32, c.is_uppercase(), false));
            self.glued = glued;
            self.run = 0;
        }
        if let Some((.., lower)) = &mut self.open {
            *lower |= c.is_lowercase();
        }
        self.run += 1;
        self.last = at + 1;
        self.push(c);
    }

    fn push(&mut self, c: char) {
        let letters = &mut self.words.letters;
        if c.is_ascii() {
            letters.push(c.to_ascii_lowercase());
            return;
        }
        for small in c.to_lowercase() {
            decompose_compatible(small, |part| match part {
                '\u{300}'..='\u{36f}' => {}
                'ß' => letters.push_str("ss"),
                'æ' => letters.push_str("ae"),
                'œ' => letters.push_str("oe"),
                'ø' => letters.push('o'),
                'ı' => letters.push('i'),
                'ł' => letters.push('l'),
                part if part.is_alphanumeric() || is_combining_mark(part) => letters.push(part),
                _ => {}
            });
        }
    }

    fn close(&mut self) {
        if let Some((start, from, capital, lower)) = self.open.take() {
            let to = self.words.letters.len() as u32;
            let gap = std::mem::take(&mut self.gap);
            let gap = Gap { stop: gap.stop || !self.begun, ..gap };
            self.begun = true;
            self.words.list.push(Word {
                start,
                end: self.last,
                letters: (from, to),
                gap,
                capital,
                lower,
                glued: self.glued,
            });
        }
        if let Some((held, _)) = self.held.take() {
            self.mark(held);
        }
    }

    fn mark(&mut self, c: char) {
        self.gap.any = true;
        match c {
            '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '\'' | '`' | '「' | '」' | '『' | '』' | '《'
            | '》' | '*' | '_' => self.gap.quote = true,
            '(' | '[' | '（' => self.gap.bracket = true,
            '.' | '!' | '?' | '\n' | '。' | '！' | '？' | '।' => self.gap.stop = true,
            ':' | '–' | '—' | '-' | '/' | '|' | '：' => self.gap.part = true,
            ',' | ';' | '、' => self.gap.comma = true,
            '&' => self.and(),
            _ => {}
        }
    }

    /// `&` says `and`, at the place of the last letter: it is never the end of a match.
    fn and(&mut self) {
        let from = self.words.letters.len() as u32;
        self.words.letters.push_str("and");
        let gap = std::mem::take(&mut self.gap);
        self.words.list.push(Word {
            start: self.last,
            end: self.last,
            letters: (from, from + 3),
            gap: Gap { any: true, ..gap },
            capital: false,
            lower: true,
            glued: false,
        });
        self.begun = true;
        self.gap.any = true;
    }

    fn finish(mut self) -> Words {
        self.close();
        let mut words = self.words;
        words.end = self.gap;
        words.numerals();
        words
    }
}

impl Words {
    /// Writes numerals as digits, and drops the `part` before one. The letters stay where they were in the buffer;
    /// digits are put behind it.
    fn numerals(&mut self) {
        for index in 0..self.list.len() {
            if let Some(digits) = numeral(self.letters(index)) {
                let from = self.letters.len() as u32;
                self.letters.push_str(digits);
                self.list[index].letters = (from, self.letters.len() as u32);
            }
            let number = self.letters(index).bytes().all(|b| b.is_ascii_digit());
            if index > 1 && number && matches!(self.letters(index - 1), "part" | "vol" | "volume") {
                self.hush(index - 1);
            }
        }
    }
}

fn numeral(word: &str) -> Option<&'static str> {
    Some(match word {
        "one" => "1",
        "ii" | "two" => "2",
        "iii" | "three" => "3",
        "iv" | "four" => "4",
        "v" | "five" => "5",
        "vi" | "six" => "6",
        "vii" | "seven" => "7",
        "viii" | "eight" => "8",
        "ix" | "nine" => "9",
        "ten" => "10",
        "xi" | "eleven" => "11",
        "xii" | "twelve" => "12",
        "xiii" | "thirteen" => "13",
        _ => return None,
    })
}

/// Characters that nobody sees.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}')
}

/// Whether `c` holds a word together if a letter follows: an apostrophe, and the dots of `A.I.`
fn joins(c: char, run: u32) -> bool {
    matches!(c, '\'' | '’') || (c == '.' && run == 1)
}

/// Whether a script is written without spaces, or hangs particles on its words.
pub(super) fn is_glued(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{e7f}')
}

/// Goes on within a syllable: vowels and final consonants of Korean written letter by letter, voicing marks.
fn is_continuation(c: char) -> bool {
    matches!(c, '\u{1160}'..='\u{11ff}' | '\u{3099}' | '\u{309a}') || is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let words = Words::of(text);
        (0..words.list().len()).map(|i| words.letters(i).to_owned()).collect()
    }

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        assert_eq!(said("Amélie’s “A.I.” & WALL·E"), ["amelies", "ai", "and", "wall", "e"]);
        assert_eq!(said("Straße, Łódź"), ["strasse", "lodz"]);
    }

    #[test]
    fn numerals_are_digits_and_a_part_is_its_number() {
        assert_eq!(said("The Godfather Part II"), ["the", "godfather", "", "2"]);
        assert_eq!(said("Ocean's Eleven"), ["oceans", "11"]);
    }

    #[test]
    fn offsets_count_scalars() {
        let words = Words::of("ça: «Her»");
        let place: Vec<(u32, u32)> = words.list().iter().map(|w| (w.start, w.end)).collect();
        assert_eq!(place, [(0, 2), (5, 8)]);
        assert!(words.list()[1].gap.quote && words.list()[1].gap.part && words.end.quote);
    }

    #[test]
    fn scripts_without_spaces_are_read_character_by_character() {
        assert_eq!(Words::of("기생충을 봤어").list().len(), 6);
        assert_eq!(Words::of("千と千尋の神隠し").list().len(), 8);
        let (whole, parts) = (
            Words::of("기생충"),
            Words::of("\u{1100}\u{1175}\u{1109}\u{1162}\u{11bc}\u{110e}\u{116e}\u{11bc}"),
        );
        assert_eq!(whole.letters, parts.letters, "composed or not, it is one title");
    }
}
