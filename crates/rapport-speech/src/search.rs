//! The search for the words: the likeliest text by the decoder, one token after the other.

use crate::model::log_sum_exp;
use crate::model::{Decoder, Heard, Said};
use crate::vocabulary::Vocabulary;

/// How widely to search.
///
/// The likeliest token each time is nearly always right and cheapest. Where it leaves doubt, several texts are followed
/// at once, and the likelier of both results counts: following several alone loses whole clauses of short clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Texts that are followed at once where there is doubt; 1 never follows more than one.
    pub beams: usize,
    /// Confidence below which there is doubt, as [`Transcript::confidence`](crate::Transcript::confidence).
    pub doubt: f32,
}

impl Default for Search {
    fn default() -> Self {
        Self { beams: 5, doubt: -0.25 }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The tokens, without special ones.
    pub tokens: Vec<u32>,
    /// Mean logarithm of the tokens' probabilities, the end's included.
    pub confidence: f32,
    /// Probability that nobody speaks.
    pub no_speech: f32,
}

/// A text that may go on.
#[derive(Clone)]
struct Text {
    said: Said,
    tokens: Vec<u32>,
    /// Logarithm of its probability.
    score: f32,
}

/// A text that has ended.
struct Ended {
    tokens: Vec<u32>,
    score: f32,
}

impl Ended {
    /// Longer texts are less likely: what counts is the mean (Wu et al. 2016, with α = 1).
    fn confidence(&self) -> f32 {
        self.score / (self.tokens.len() + 1) as f32
    }
}

impl Search {
    /// Finds the text of what was heard, of at most `longest` tokens.
    pub fn run(self, decoder: &Decoder, vocabulary: &Vocabulary, heard: &Heard, longest: usize) -> Found {
        let following = |beams| Beams { beams, decoder, vocabulary, heard }.run(longest);
        let found = following(1);
        if self.beams < 2 || found.confidence >= self.doubt {
            return found;
        }
        let other = following(self.beams);
        if other.confidence > found.confidence { other } else { found }
    }
}

/// A search that follows a fixed number of texts.
struct Beams<'a> {
    beams: usize,
    decoder: &'a Decoder,
    vocabulary: &'a Vocabulary,
    heard: &'a Heard,
}

impl Beams<'_> {
    fn run(&self, longest: usize) -> Found {
        let special = self.vocabulary.special();
        let mut said = Said::nothing();
        let first = self.decoder.step(self.heard, &mut [(&mut said, special.start)]);
        let first = first.row(0).to_vec();
        let no_speech = (first[special.no_speech as usize] - log_sum_exp(&first)).exp();

        let mut texts = vec![Text { said, tokens: Vec::new(), score: 0.0 }];
        let mut ended = Vec::new();
        while ended.len() < self.beams && texts.first().is_some_and(|text| text.tokens.len() < longest) {
            texts = self.go_on(texts, &mut ended);
        }
        // Out of room before anything ended: the likeliest unfinished text is the best there is.
        if ended.is_empty() {
            ended.extend(texts.into_iter().map(|text| Ended { tokens: text.tokens, score: text.score }));
        }
        let best = ended.into_iter().max_by(|a, b| a.confidence().total_cmp(&b.confidence()));
        let (tokens, confidence) =
            best.map_or((Vec::new(), 0.0), |best| (without_loop(&best.tokens), best.confidence()));
        Found { tokens, confidence, no_speech }
    }

    /// One more token for each text: the likeliest texts go on, those that end are put aside.
    fn go_on(&self, mut texts: Vec<Text>, ended: &mut Vec<Ended>) -> Vec<Text> {
        let special = self.vocabulary.special();
        let mut steps: Vec<_> = texts
            .iter_mut()
            .map(|text| (&mut text.said, text.tokens.last().copied().unwrap_or(special.no_timestamps)))
            .collect();
        let mut scores = self.decoder.step(self.heard, &mut steps);
        let mut continued = Vec::new();
        for (index, (text, mut row)) in texts.iter().zip(scores.outer_iter_mut()).enumerate() {
            let Some(row) = row.as_slice_mut() else { continue };
            self.vocabulary.suppress(row, text.tokens.is_empty());
            let total = log_sum_exp(row);
            let best = highest(row, self.beams + 1).into_iter();
            continued.extend(best.map(|token| (text.score + row[token] - total, index, token as u32)));
        }
        continued.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut next = Vec::with_capacity(self.beams);
        for (score, index, token) in continued {
            let text = &texts[index];
            if token == special.end {
                ended.push(Ended { tokens: text.tokens.clone(), score });
            } else {
                let tokens = text.tokens.iter().copied().chain([token]).collect();
                next.push(Text { said: text.said.clone(), tokens, score });
            }
            if next.len() == self.beams || ended.len() == self.beams {
                break;
            }
        }
        next
    }
}

/// The places of the highest `count` scores, highest first; never one that is impossible.
fn highest(scores: &[f32], count: usize) -> Vec<usize> {
    let mut best: Vec<usize> = Vec::with_capacity(count + 1);
    for (at, score) in scores.iter().enumerate() {
        let beaten = best.last().is_none_or(|last| *score > scores[*last]);
        if *score == f32::NEG_INFINITY || (best.len() == count && !beaten) {
            continue;
        }
        let place = best.partition_point(|other| scores[*other] >= *score);
        best.insert(place, at);
        best.truncate(count);
    }
    best
}

/// Times that a phrase is said in a row before it counts as the model turning in circles.
const CIRCLES: usize = 4;
/// Longest phrase that is looked for, in tokens.
const PHRASE: usize = 24;
/// People do say "no no no no": a circle is at least this many tokens.
const SHORTEST_CIRCLE: usize = 12;

/// The tokens up to where the model begins to turn in circles, with the phrase said once.
fn without_loop(tokens: &[u32]) -> Vec<u32> {
    for length in 1..=PHRASE {
        let turns = |from: usize| {
            let phrase = &tokens[from..from + length];
            tokens[from..].chunks_exact(length).take_while(|turn| *turn == phrase).count()
        };
        for from in 0..(tokens.len() + 1).saturating_sub(length * CIRCLES) {
            let turns = turns(from);
            if turns >= CIRCLES && turns * length >= SHORTEST_CIRCLE {
                return tokens[..from + length].to_vec();
            }
        }
    }
    tokens.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_scores_come_first_and_impossible_ones_never() {
        let scores = [0.5, f32::NEG_INFINITY, 2.0, 1.0, 2.0];
        assert_eq!(highest(&scores, 3), [2, 4, 3]);
        assert_eq!(highest(&scores, 9), [2, 4, 3, 0]);
        assert!(highest(&[f32::NEG_INFINITY], 2).is_empty());
    }

    #[test]
    fn a_model_that_turns_in_circles_is_cut_and_a_person_who_repeats_is_not() {
        let circle: Vec<u32> = [7, 8].into_iter().chain([1, 2, 3].into_iter().cycle().take(30)).collect();
        assert_eq!(without_loop(&circle), [7, 8, 1, 2, 3]);
        assert_eq!(without_loop(&[5; 40]), [5]);
        let no_no_no = [9, 9, 9, 9, 9, 4, 5, 6];
        assert_eq!(without_loop(&no_no_no), no_no_no);
        assert_eq!(without_loop(&[]), Vec::<u32>::new());
    }
}
