//! `rapport transcribe`: what is said in audio files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use rapport_speech::{AudioError, AudioLimits, Speech};
use serde_json::{Value, json};

use crate::cli::{open, output};

/// Prints a JSON line for each audio file: `{"file","text","language","seconds_audio","seconds_taken"}`.
///
/// Reads WAV, FLAC, MP3, AIFF, and Ogg and WebM with Opus or Vorbis; understands English. A file that can't be read is
/// named on standard error, the others go on, and the exit code is 1. `rapport models pull speech` fetches the model.
#[derive(clap::Args)]
pub struct Args {
    /// Audio files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The models folder.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// A configuration file: its `[speech]` names the models folder and the limits.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let limits = open::config(args.config.as_deref())?.speech.limits();
    let speech = Speech::open(&open::models_folder(args.models.as_deref(), args.config.as_deref())?)?;
    let mut failed = false;
    for file in &args.files {
        match transcribe(&speech, file, limits) {
            Ok(line) => output::json(&line)?,
            Err(problem) => {
                failed = true;
                output::note(format!("`{}`: {problem:#}", file.display()));
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn transcribe(speech: &Speech, file: &Path, limits: AudioLimits) -> Result<Value> {
    let start = Instant::now();
    let size = std::fs::metadata(file).context("it can't be read")?.len();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    // A file over the limit is not read into memory only to be refused there.
    if size > limits.max_bytes {
        return Err(AudioError::TooLarge { bytes: size, limit: limits.max_bytes }.into());
    }
    let bytes = std::fs::read(file).context("it can't be read")?;
    let transcript = speech.transcribe(&bytes, limits)?;
    Ok(json!({
        "file": file.to_string_lossy(),
        "text": transcript.text,
        "language": transcript.language,
        "seconds_audio": rounded(f64::from(transcript.seconds_audio)),
        "seconds_taken": rounded(start.elapsed().as_secs_f64()),
    }))
}

/// Milliseconds: more would be noise.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}
