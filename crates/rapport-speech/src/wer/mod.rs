//! Word error rate: how many words of what was said a transcript gets wrong.
//!
//! Both sides are normalised first, so that what counts is the words and not how they are written: case, punctuation
//! and hyphens don't, and "eighteen thirteen" is "1813".

mod numbers;
mod words;

/// The errors among a number of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordErrors {
    /// Words that were put in, left out or changed.
    pub errors: usize,
    /// Words that were said.
    pub words: usize,
}

impl WordErrors {
    /// Compares a transcript with what was said: the least number of edits (Levenshtein 1966) over normalised words.
    pub fn between(said: &str, heard: &str) -> Self {
        let (said, heard) = (normalise(said), normalise(heard));
        Self { errors: distance(&said, &heard), words: said.len() }
    }

    /// Errors a word that was said; 0 where nothing was said and nothing heard, infinite where only that.
    pub fn rate(self) -> f64 {
        match self {
            Self { errors: 0, .. } => 0.0,
            Self { errors, words } => errors as f64 / words as f64,
        }
    }
}

impl std::ops::AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        self.errors += other.errors;
        self.words += other.words;
    }
}

/// The words of a text, written in one way.
pub fn normalise(text: &str) -> Vec<String> {
    numbers::join(words::split(text))
}

fn distance(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in heard.iter().enumerate() {
            let changed = diagonal + usize::from(word != other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[heard.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) {
        assert_eq!(normalise(a), normalise(b), "`{a}` and `{b}`");
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        for (words, digits) in [
            ("in eighteen thirteen", "In 1813."),
            ("eight the press yard", "8. The Press-Yard"),
            ("drop the two when you add the figures", "Drop the 2 when you add the figures."),
            ("nineteen oh five", "1905"),
            ("twenty twenty-four", "2024"),
            ("two thousand and one", "2001"),
            ("one hundred and five", "105"),
            ("a hundred", "100"),
            ("fifteen hundred men", "1,500 men"),
            ("three hundred twenty one thousand six hundred and seven", "321,607"),
            ("two point five million", "2.5 million"),
            ("two million five hundred thousand", "2,500,000"),
            ("five dollars", "$5"),
            ("twelve percent", "12%"),
            ("the twenty-first of may", "the 21st of May"),
            ("the nineteen sixties", "the 1960s"),
            ("three thirty pm", "3:30 p.m."),
            ("one two three", "1, 2, 3"),
            ("zero", "0"),
        ] {
            same(words, digits);
        }
    }

    #[test]
    fn words_that_only_sound_like_numbers_stay() {
        assert_eq!(normalise("five and six"), ["5", "and", "6"]);
        assert_eq!(normalise("oh no, a point"), ["oh", "no", "a", "point"]);
        assert_eq!(normalise("the second"), normalise("the 2nd"));
        assert_ne!(normalise("six"), normalise("sixth"));
        assert_ne!(normalise("1813"), normalise("1830"));
    }

    #[test]
    fn case_punctuation_hyphens_and_quotes_do_not_count() {
        same("That’s TEXT-to-speech…", "thats text to speech");
        same("Mr. Smith & Dr. Jones", "mister smith and doctor jones");
        same("the U.S. army", "the US army");
        assert_eq!(normalise("  ?! "), Vec::<String>::new());
    }

    #[test]
    fn the_rate_counts_what_is_put_in_left_out_and_changed() {
        let errors = |said, heard| WordErrors::between(said, heard);
        assert_eq!(errors("a b c d", "a b c d"), WordErrors { errors: 0, words: 4 });
        assert_eq!(errors("a b c d", "a x c"), WordErrors { errors: 2, words: 4 });
        assert_eq!(errors("thereunder", "there under"), WordErrors { errors: 2, words: 1 });
        assert_eq!(errors("a b", ""), WordErrors { errors: 2, words: 2 });
        assert_eq!(errors("", "").rate(), 0.0);
        assert_eq!(errors("", "you").rate(), f64::INFINITY);
        let mut total = errors("a b c d", "a x c");
        total += errors("a", "a");
        assert!((total.rate() - 0.4).abs() < 1e-12);
    }
}
