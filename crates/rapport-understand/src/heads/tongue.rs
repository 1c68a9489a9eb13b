//! Which of five languages in Latin letters a text's pieces speak for (`training/languages.py`).

use crate::error::ModelError;
use crate::tensors::Tensors;

const LANGUAGES: [&str; 5] = ["en", "es", "de", "fr", "pt"];
/// By how much, in units of log odds, the best must lead the second.
const LEAD: f32 = 2.0;

/// A number for each piece and language.
pub(super) struct Tongue {
    /// `[pieces, LANGUAGES]`.
    steps: Vec<i8>,
    step: f32,
}

impl Tongue {
    pub fn load(tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        let (steps, step) = tensors.all_steps("language/pieces", LANGUAGES.len())?;
        Ok(Self { steps, step })
    }

    /// The language, if the pieces tell.
    pub fn of(&self, ids: &[u32]) -> Option<&'static str> {
        let (rows, _) = self.steps.as_chunks::<5>();
        let mut sums = [0i32; LANGUAGES.len()];
        for row in ids.iter().filter_map(|&id| rows.get(id as usize)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += i32::from(*value));
        }
        let best = (0..LANGUAGES.len()).max_by_key(|&at| sums[at])?;
        let second = (0..LANGUAGES.len()).filter(|&at| at != best).map(|at| sums[at]).max()?;
        ((sums[best] - second) as f32 * self.step >= LEAD).then_some(LANGUAGES[best])
    }
}
