//! What texts mean, by whatever understands them.

use std::num::NonZero;
use std::ops::Range;
use std::thread;

use rapport_core::understanding::Understanding;
use rapport_understand::{Path, Understander};

/// Texts that are worth a thread of their own.
const PER_THREAD: usize = 32;

/// Something that understands texts: the models in production, a word list in tests.
pub trait Understand: Send + Sync {
    /// What each text means, in order; `None` where it could not be judged, which fails closed.
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>>;

    /// The same of what is read once and shown to many, items and ads: with more care, and more slowly.
    fn study(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        self.understand(texts)
    }

    /// How `text`, which means `words`, feels about what stands at each of `places`, ranges of bytes: -1 to 1.
    fn stances(&self, _text: &str, words: &Understanding, places: &[Range<usize>]) -> Vec<f32> {
        vec![words.stance; places.len()]
    }
}

/// The models, with a large batch split over the machine's cores.
impl Understand for Understander {
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        on_all_cores(self, Path::Cascade, texts)
    }

    fn study(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        on_all_cores(self, Path::Slow, texts)
    }

    fn stances(&self, text: &str, _words: &Understanding, places: &[Range<usize>]) -> Vec<f32> {
        let cues = self.cues(text);
        places.iter().map(|place| cues.stance_at(place.clone())).collect()
    }
}

fn on_all_cores(models: &Understander, path: Path, texts: &[&str]) -> Vec<Option<Understanding>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let each = texts.len().div_ceil(cores).max(PER_THREAD);
    if texts.len() <= each {
        return models.understand_batch_by(path, texts).into_iter().map(Some).collect();
    }
    thread::scope(|scope| {
        let parts: Vec<_> = texts
            .chunks(each)
            .map(|part| (part.len(), scope.spawn(move || models.understand_batch_by(path, part))))
            .collect();
        let joined = parts.into_iter().map(|(len, part)| match part.join() {
            Ok(meanings) => meanings.into_iter().map(Some).collect(),
            // A text that a model fails on takes its neighbours of the batch along: none is judged, none is used.
            Err(_) => vec![None; len],
        });
        joined.collect::<Vec<Vec<_>>>().concat()
    })
}
