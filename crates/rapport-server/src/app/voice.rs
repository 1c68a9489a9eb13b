//! What was spoken becomes text before it is an event like any other: by a bounded number of threads, and without the
//! audio being kept anywhere.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use rapport_speech::{AudioError, AudioLimits, ModelError, Speech, SpeechError};
use serde_json::Value;

use crate::app::Problem;
use crate::config;

/// Turns audio into text.
pub(crate) struct Voice {
    folder: Option<PathBuf>,
    limits: AudioLimits,
    /// Opened when it is first needed: who sends no audio pays for no model.
    model: Mutex<Option<Arc<Speech>>>,
    pool: Pool,
}

impl Voice {
    /// By the model in the configured folder, whether it is there yet or not.
    pub fn new(config: &config::Speech) -> Self {
        Self {
            folder: config.folder().ok(),
            limits: config.limits(),
            model: Mutex::default(),
            pool: Pool {
                threads: config.threads.max(1),
                queue: config.queue,
                taken: Mutex::default(),
                free: Condvar::new(),
            },
        }
    }

    /// Waits for a place among those who are transcribed.
    ///
    /// # Errors
    /// `speech-busy` where too many wait already.
    pub fn enter(&self) -> Result<Place<'_>, Problem> {
        self.pool.enter().ok_or_else(|| {
            let detail =
                "more audio waits to be transcribed than `speech.queue` allows; send the request again";
            Problem::new("speech-busy", "too much audio at once", 503, detail)
        })
    }

    /// The words of base64 audio; empty where nobody speaks.
    ///
    /// # Errors
    /// Where the audio can't be decoded or is over a limit, or there is no model.
    pub fn text(&self, audio: &str) -> Result<String, Problem> {
        let audio = decoded(audio, self.limits)?;
        let transcript = self
            .model()
            .map_err(SpeechError::from)
            .and_then(|model| model.transcribe(&audio, self.limits).map_err(SpeechError::from));
        transcript.map(|transcript| transcript.text).map_err(problem)
    }

    fn model(&self) -> Result<Arc<Speech>, ModelError> {
        let mut model = lock(&self.model);
        if let Some(model) = model.as_ref() {
            return Ok(Arc::clone(model));
        }
        let folder = self.folder.clone().unwrap_or_default();
        let opened = Arc::new(Speech::open(&folder)?);
        Ok(Arc::clone(model.insert(opened)))
    }
}

/// Takes the audio out of a spoken prompt, which is left as one whose words are not known yet.
///
/// # Errors
/// `invalid-field` where `audio` is no text, or stands beside a text.
pub(crate) fn take_audio(json: &mut Value) -> Result<Option<String>, Problem> {
    if !is_spoken(json) {
        return Ok(None);
    }
    let Some(event) = json.as_object_mut() else { return Ok(None) };
    if event.get("text").is_some_and(|text| !text.is_null()) {
        return Err(Problem::invalid("`audio` and `text` are both there; send one of them"));
    }
    let Some(Value::String(audio)) = event.remove("audio") else {
        return Err(Problem::invalid("`audio` is no text; send the file in base64"));
    };
    event.insert("text".to_owned(), "".into());
    event.insert("modality".to_owned(), "voice".into());
    Ok(Some(audio))
}

/// Whether an event is a prompt that was spoken.
pub(crate) fn is_spoken(json: &Value) -> bool {
    json.get("type").is_some_and(|kind| kind == "assistant.prompt")
        && json.get("audio").is_some_and(|audio| !audio.is_null())
}

fn decoded(audio: &str, limits: AudioLimits) -> Result<Vec<u8>, Problem> {
    // A browser reads a file as `data:audio/webm;base64,…`.
    let audio = match audio.strip_prefix("data:") {
        Some(url) => url.split_once(";base64,").map_or("", |(_, audio)| audio),
        None => audio,
    };
    let bytes = audio.len() / 4 * 3;
    if bytes > limits.max_bytes + 2 {
        return Err(problem(AudioError::TooLarge { bytes, limit: limits.max_bytes }.into()));
    }
    let detail = "`audio` is no base64; send the file's bytes in base64 with padding (RFC 4648, section 4)";
    BASE64.decode(audio.as_bytes()).map_err(|_| undecodable(detail))
}

fn undecodable(detail: impl Into<String>) -> Problem {
    Problem::new("undecodable-audio", "the audio can't be decoded", 400, detail)
}

fn problem(error: SpeechError) -> Problem {
    match error {
        SpeechError::Audio(error @ (AudioError::TooLarge { .. } | AudioError::TooLong { .. })) => {
            Problem::new("too-long", "the audio is over a limit", 413, error.to_string())
        }
        SpeechError::Audio(error) => undecodable(error.to_string()),
        SpeechError::Model(error) => {
            tracing::error!(%error, "the speech model can't be used");
            // Where the folder lies is the operator's business.
            let detail = "this server has no speech model that it can use; `rapport models pull speech` fetches it, or send `text`";
            Problem::new("no-speech-model", "audio can't be understood here", 501, detail)
        }
    }
}

/// A bounded number of threads, and a bounded number of those who wait for one.
struct Pool {
    threads: usize,
    queue: usize,
    taken: Mutex<Taken>,
    free: Condvar,
}

#[derive(Default)]
struct Taken {
    running: usize,
    waiting: usize,
}

/// A thread's worth of the pool, until it is dropped.
pub(crate) struct Place<'a>(&'a Pool);

impl Pool {
    /// Waits for a place; `None` at once where too many wait already.
    fn enter(&self) -> Option<Place<'_>> {
        let mut taken = lock(&self.taken);
        if taken.running >= self.threads {
            if taken.waiting >= self.queue {
                return None;
            }
            taken.waiting += 1;
            while taken.running >= self.threads {
                taken = self.free.wait(taken).unwrap_or_else(PoisonError::into_inner);
            }
            taken.waiting -= 1;
        }
        taken.running += 1;
        Some(Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.0.taken).running -= 1;
        self.0.free.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn pool(threads: usize, queue: usize) -> Pool {
        Pool { threads, queue, taken: Mutex::default(), free: Condvar::new() }
    }

    #[test]
    fn whoever_finds_the_queue_full_is_sent_away_at_once() {
        let pool = pool(1, 0);
        let place = pool.enter();
        assert!(place.is_some());
        assert!(pool.enter().is_none());
        drop(place);
        assert!(pool.enter().is_some());
    }

    #[test]
    fn no_more_run_at_once_than_there_are_threads_and_all_who_wait_get_their_turn() {
        let (pool, running, most, done) =
            (pool(2, 8), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _place = pool.enter().unwrap();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    running.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(done.into_inner(), 8);
    }

    #[test]
    fn audio_is_taken_out_of_prompts_alone() {
        let mut spoken = json!({"type": "assistant.prompt", "audio": "UklG", "modality": "text"});
        assert_eq!(take_audio(&mut spoken).unwrap().unwrap(), "UklG");
        assert_eq!(spoken, json!({"type": "assistant.prompt", "text": "", "modality": "voice"}));
        for other in [
            json!({"type": "assistant.response", "audio": "UklG"}),
            json!({"type": "assistant.prompt"}),
            json!(7),
        ] {
            let mut same = other.clone();
            assert_eq!(take_audio(&mut same).unwrap(), None);
            assert_eq!(same, other);
        }
        for bad in [
            json!({"type": "assistant.prompt", "audio": 7}),
            json!({"type": "assistant.prompt", "audio": "UklG", "text": "hi"}),
        ] {
            assert_eq!(take_audio(&mut bad.clone()).unwrap_err().slug, "invalid-field");
        }
    }

    #[test]
    fn base64_is_read_with_and_without_a_browsers_prefix_and_within_the_limit() {
        let limits = AudioLimits { max_bytes: 6, ..AudioLimits::default() };
        assert_eq!(decoded("UklGRg==", limits).unwrap(), b"RIFF");
        assert_eq!(decoded("data:audio/wav;base64,UklGRg==", limits).unwrap(), b"RIFF");
        assert_eq!(decoded("not base64!", limits).unwrap_err().slug, "undecodable-audio");
        assert_eq!(decoded(&"A".repeat(40), limits).unwrap_err().slug, "too-long");
    }
}
