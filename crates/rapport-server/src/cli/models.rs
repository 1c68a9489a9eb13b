//! The models that are compiled in, on as many threads as there are cores.

use anyhow::{Context, Result};
use rapport_core::understanding::Understanding;
use rapport_server::app::Understand;
use rapport_server::config::Config;
use rapport_understand::calibrate::Thresholds;
use rapport_understand::{Path, Understander};

/// Texts of one call to the encoder: enough to fill it, few enough to stay in the cache.
const BATCH: usize = 32;

/// What understands texts.
pub struct Models(Understander);

/// The models.
///
/// # Errors
/// When they are of another version than this program.
pub fn open() -> Result<Models> {
    Ok(Models(Understander::embedded().context("the models can't be used")?))
}

/// The models, with the thresholds that the configuration names.
///
/// # Errors
/// As [`open`], and when that file can't be read or is no file of thresholds.
pub fn of(config: &Config) -> Result<Models> {
    let file = &config.understanding.thresholds;
    let models = open()?;
    if file.as_os_str().is_empty() {
        return Ok(models);
    }
    let name = file.display();
    let thresholds =
        Thresholds::read(file).with_context(|| format!("`understanding.thresholds` is `{name}`"))?;
    Ok(Models(models.0.with_thresholds(thresholds)))
}

impl Models {
    /// What each text means, in order, worked out on all cores.
    pub fn understand_all(&self, texts: &[&str]) -> Vec<Understanding> {
        self.on_all_cores(Path::Cascade, texts)
    }

    /// What each item's words mean, in order, worked out on all cores with the care that items get.
    pub fn study_all(&self, texts: &[&str]) -> Vec<Understanding> {
        self.on_all_cores(Path::Slow, texts)
    }

    fn on_all_cores(&self, path: Path, texts: &[&str]) -> Vec<Understanding> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = texts.len().div_ceil(threads).max(1);
        let part = |texts: &[&str]| -> Vec<Understanding> {
            texts.chunks(BATCH).flat_map(|batch| self.0.understand_batch_by(path, batch)).collect()
        };
        std::thread::scope(|scope| {
            let parts: Vec<_> = texts.chunks(share).map(|texts| scope.spawn(move || part(texts))).collect();
            parts.into_iter().flat_map(joined).collect()
        })
    }

    /// What each text means, in order, on this thread.
    pub fn understand_batch(&self, texts: &[&str]) -> Vec<Understanding> {
        self.0.understand_batch(texts)
    }

    /// The models themselves.
    pub fn understander(&self) -> &Understander {
        &self.0
    }

    /// The sentence encoder alone.
    pub fn encode(&self, text: &str) -> Option<Vec<f32>> {
        self.0.encode(text).map(|vector| vector.to_vec())
    }

    /// The tokenizer alone.
    pub fn tokenize_len(&self, text: &str) -> usize {
        self.0.tokenize_len(text)
    }
}

/// How the server reaches the models: on the calling thread, so that requests share the cores and not each request.
impl Understand for Models {
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        texts.chunks(BATCH).flat_map(|batch| self.understand_batch(batch)).map(Some).collect()
    }

    fn study(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        texts
            .chunks(BATCH)
            .flat_map(|batch| self.0.understand_batch_by(Path::Slow, batch))
            .map(Some)
            .collect()
    }

    fn stances(&self, text: &str, words: &Understanding, places: &[std::ops::Range<usize>]) -> Vec<f32> {
        self.0.stances(text, words, places)
    }
}

/// A panic in a thread goes on in this one, as it would without threads.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
