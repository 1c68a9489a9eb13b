//! A message as folded words, with the pauses between them.
//!
//! Folding makes spellings meet: lower case, no accents (they are often left out in typing), no apostrophes. Words are
//! kept as hashes only, since everything after this compares and never prints.

/// Words read of one text; what comes after says no more about whose interest it is.
pub(super) const MAX_TOKENS: usize = 512;
/// Longest word beginning that is told apart, in letters.
pub(super) const MAX_PREFIX: usize = 12;

/// How a script builds words: particles and endings cling to Korean and Hindi words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Latin and everything else.
    Spaced,
    /// Hangul.
    Hangul,
    /// Devanagari.
    Devanagari,
}

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Gap {
    /// A space, or nothing.
    None,
    /// A comma, a dash, a bracket.
    Soft,
    /// The end of a sentence.
    Hard,
}

/// One word, or one emoji.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Hash of the folded word.
    pub hash: u32,
    /// Hashes of its first 1, 2, … letters; `letters` of them are valid.
    pub prefixes: [u32; MAX_PREFIX],
    /// Letters, as far as prefixes go.
    pub letters: usize,
    /// The last letters, the very last first.
    pub tail: [u32; 3],
    /// How its script builds words.
    pub script: Script,
    /// What stands before it.
    pub gap: Gap,
}

/// The words of a text and what its punctuation says.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// In reading order, at most [`MAX_TOKENS`].
    pub words: Vec<Token>,
    /// Whether a question mark was seen.
    pub asks: bool,
}

pub(super) const SEED: u32 = 0x811c_9dc5;

/// One step of the hash over letters (FNV-1a over scalar values).
pub(super) fn step(hash: u32, letter: u32) -> u32 {
    (hash ^ letter).wrapping_mul(0x0100_0193)
}

/// Hash of two things in order.
pub(super) fn join(a: u32, b: u32) -> u32 {
    (a.rotate_left(7) ^ b).wrapping_mul(0x9e37_79b1)
}

/// Cuts `text` into folded words. Cost: about 10 ns a letter.
pub(super) fn tokenize(text: &str) -> Tokens {
    let mut out = Tokens { words: Vec::with_capacity(32.min(text.len() / 4 + 1)), asks: false };
    let mut open: Option<Token> = None;
    let mut gap = Gap::None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let end = at + c.len_utf8();
        if is_skipped(c) {
            continue;
        }
        if is_word(c) {
            let token = open.get_or_insert_with(|| Token::new(at, gap, c));
            token.push(fold(c), end);
            gap = Gap::None;
            continue;
        }
        if is_apostrophe(c) && !open.as_ref().is_some_and(Token::is_elided) {
            continue;
        }
        // A point within a number or an address is no pause, nor is the bracket around a year.
        let next = letters.peek().map(|(_, next)| *next);
        let within = open.is_some() && next.is_some_and(is_word);
        let year = (c == '(' && next.is_some_and(|next| next.is_ascii_digit()))
            || (c == ')' && open.as_ref().is_some_and(Token::ends_in_figure));
        out.close(&mut open);
        if out.words.len() >= MAX_TOKENS {
            return out;
        }
        if is_emoji(c) {
            let mut token = Token::new(at, gap, c);
            token.push(u32::from(c), end);
            out.words.push(token);
            gap = Gap::None;
        } else if !(year || within && matches!(c, '.' | '-' | '/' | ':')) {
            out.asks |= matches!(c, '?' | '？');
            gap = wider(gap, pause(c));
        }
    }
    out.close(&mut open);
    out
}

impl Tokens {
    fn close(&mut self, open: &mut Option<Token>) {
        if let Some(token) = open.take()
            && self.words.len() < MAX_TOKENS
        {
            self.words.push(token);
        }
    }
}

impl Token {
    fn new(start: usize, gap: Gap, first: char) -> Self {
        let script = match first {
            '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}' => Script::Hangul,
            '\u{0900}'..='\u{097F}' => Script::Devanagari,
            _ => Script::Spaced,
        };
        Self {
            start,
            end: start,
            hash: SEED,
            prefixes: [0; MAX_PREFIX],
            letters: 0,
            tail: [0; 3],
            script,
            gap,
        }
    }

    fn push(&mut self, letter: u32, end: usize) {
        self.hash = step(self.hash, letter);
        if self.letters < MAX_PREFIX {
            self.prefixes[self.letters] = self.hash;
            self.letters += 1;
        }
        self.tail = [letter, self.tail[0], self.tail[1]];
        self.end = end;
    }

    /// French `j'`, `l'`, `qu'`: a word of its own, unlike the `don` of `don't`.
    fn is_elided(&self) -> bool {
        const ELIDED: &[u8] = b"jldnsmct";
        match self.letters {
            1 => u8::try_from(self.tail[0]).is_ok_and(|letter| ELIDED.contains(&letter)),
            2 => self.tail[0] == u32::from('u') && self.tail[1] == u32::from('q'),
            _ => false,
        }
    }

    /// Hash of the first `letters` letters, or of the whole word if it is shorter.
    pub fn prefix(&self, letters: usize) -> u32 {
        self.prefixes[letters.min(self.letters).max(1) - 1]
    }

    /// Hash of the last `letters` (1 to 3) letters.
    pub fn suffix(&self, letters: usize) -> u32 {
        self.tail[..letters].iter().fold(SEED, |hash, letter| step(hash, *letter))
    }

    fn ends_in_figure(&self) -> bool {
        (u32::from('0')..=u32::from('9')).contains(&self.tail[0])
    }

    /// Whether this is its last letter.
    pub fn ends_with_letter(&self, last: char) -> bool {
        self.tail[0] == u32::from(last)
    }

    /// Whether it ends with these two letters.
    pub fn ends_with(&self, last_two: [char; 2]) -> bool {
        self.tail[1] == u32::from(last_two[0]) && self.tail[0] == u32::from(last_two[1])
    }
}

/// Whether `token` is the word `word`, given in its folded form.
pub(super) fn is(token: &Token, word: &str) -> bool {
    token.hash == word.chars().fold(SEED, |hash, c| step(hash, u32::from(c)))
}

fn wider(a: Gap, b: Gap) -> Gap {
    if a < b { b } else { a }
}

fn pause(c: char) -> Gap {
    match c {
        '.' | '!' | '?' | '…' | '\n' | '।' | '。' | '！' | '？' => Gap::Hard,
        ',' | ';' | ':' | '(' | ')' | '"' | '–' | '—' | '-' | '，' | '、' | '“' | '”' | '«' | '»' => {
            Gap::Soft
        }
        _ => Gap::None,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && crate::fold::is_word(c))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '`' | '´')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}')
}

/// Invisible characters, combining accents, and the dot of Hindi letters, which is often left out.
fn is_skipped(c: char) -> bool {
    !c.is_ascii() && (matches!(c, '\u{0300}'..='\u{036F}' | '\u{093C}') || crate::fold::is_invisible(c))
}

/// The letter as it is compared.
fn fold(c: char) -> u32 {
    if c.is_ascii() {
        return u32::from(c.to_ascii_lowercase());
    }
    let folded = match c {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => 'a',
        'Ç' | 'ç' | 'Ć'..='č' => 'c',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => 'e',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => 'i',
        'Ñ' | 'ñ' | 'Ń'..='ň' => 'n',
        'Ò'..='Ö' | 'ò'..='ö' | 'Ø' | 'ø' | 'Ō'..='ő' => 'o',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => 'u',
        'Ý' | 'ý' | 'ÿ' => 'y',
        'ß' | 'Ś'..='š' => 's',
        'Œ' | 'œ' => 'o',
        'ँ' => 'ं',
        '\u{0958}' => 'क',
        '\u{0959}' => 'ख',
        '\u{095A}' => 'ग',
        '\u{095B}' => 'ज',
        '\u{095C}' => 'ड',
        '\u{095D}' => 'ढ',
        '\u{095E}' => 'फ',
        '\u{FF01}'..='\u{FF5E}' => return fold(char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)),
        _ => c.to_lowercase().next().unwrap_or(c),
    };
    u32::from(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(word: &str) -> u32 {
        tokenize(word).words[0].hash
    }

    #[test]
    fn spellings_of_a_word_meet() {
        for (a, b) in
            [("Café", "cafe"), ("don’t", "dont"), ("ज़रूरी", "जरूरी"), ("STRASSE", "strasse"), ("ＯＫ", "ok")]
        {
            assert_eq!(hash_of(a), hash_of(b), "{a} {b}");
        }
        assert_eq!(tokenize("j'adore l’été").words.len(), 4);
        assert_eq!(tokenize("I can't").words.len(), 2);
    }

    #[test]
    fn pauses_are_kept_and_points_within_words_are_none() {
        let gaps: Vec<Gap> = tokenize("yes, v3.5 works. Great!").words.iter().map(|word| word.gap).collect();
        assert_eq!(gaps, [Gap::None, Gap::Soft, Gap::None, Gap::None, Gap::Hard]);
    }
}
