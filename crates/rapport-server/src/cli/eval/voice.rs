//! `rapport eval voice`: the speech model against transcripts, on one thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use rapport_speech::wer::WordErrors;
use rapport_speech::{AudioLimits, Search, Speech};
use serde_json::json;

use crate::cli::lines::lines;
use crate::cli::{open, output};

/// Measures speech to text on `e_voice/manifest.jsonl`: word error rate, and seconds a second of audio on one thread.
///
/// Digits and number words count as the same; case, punctuation and hyphens don't count.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of the data.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// The models folder.
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Texts that are followed at once where there is doubt, in place of the default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    beams: Option<u8>,
    /// Also print what was heard in each clip that has an error.
    #[arg(long)]
    errors: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// A clip of the manifest.
#[derive(serde::Deserialize)]
struct Clip {
    file: String,
    transcript: String,
    kind: String,
    #[serde(default = "english")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// What came of the clips of one kind.
#[derive(Default)]
struct Tally {
    clips: usize,
    words: WordErrors,
    seconds_audio: f64,
    seconds_taken: f64,
}

impl Tally {
    fn seconds_a_second(&self) -> f64 {
        self.seconds_taken / self.seconds_audio
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut speech = Speech::open(&open::models_folder(args.models.as_deref(), None)?)?;
    if let Some(beams) = args.beams {
        speech = speech.with_search(Search { beams: beams.into(), ..Search::default() });
    }
    let folder = args.data.join("e_voice");
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    for clip in manifest(&folder.join("manifest.jsonl"))? {
        // The model knows English alone: what it makes of other languages is shown apart, and is no goal.
        let kind = if clip.language == "en" {
            clip.kind.clone()
        } else {
            format!("{} ({})", clip.kind, clip.language)
        };
        measure(&speech, &folder, &clip, kinds.entry(kind).or_default(), args.errors)?;
    }
    if args.json {
        print_json(&kinds)?
    } else {
        print_table(&kinds)?
    }
    Ok(ExitCode::SUCCESS)
}

fn manifest(path: &Path) -> Result<Vec<Clip>> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("`{name}` can't be read"))?;
    let mut clips = Vec::new();
    for line in lines(std::io::BufReader::new(file)) {
        let line = line.with_context(|| format!("`{name}` can't be read"))?;
        let place = || format!("`{name}`, line {}", line.number);
        clips.push(serde_json::from_value(line.value.with_context(place)?).with_context(place)?);
    }
    if clips.is_empty() {
        bail!("`{name}` names no clip");
    }
    Ok(clips)
}

fn measure(speech: &Speech, folder: &Path, clip: &Clip, tally: &mut Tally, show: bool) -> Result<()> {
    let bytes =
        std::fs::read(folder.join(&clip.file)).with_context(|| format!("`{}` can't be read", clip.file))?;
    let start = Instant::now();
    let heard =
        speech.transcribe(&bytes, AudioLimits::default()).with_context(|| format!("`{}`", clip.file))?;
    tally.seconds_taken += start.elapsed().as_secs_f64();
    tally.seconds_audio += f64::from(heard.seconds_audio);
    tally.clips += 1;
    let words = WordErrors::between(&clip.transcript, &heard.text);
    tally.words += words;
    if show && words.errors > 0 {
        output::note(format!("{}: {} of {} words: `{}`", clip.file, words.errors, words.words, heard.text));
    }
    Ok(())
}

fn print_json(kinds: &BTreeMap<String, Tally>) -> Result<()> {
    let kinds: serde_json::Map<_, _> = kinds
        .iter()
        .map(|(kind, tally)| {
            let measured = json!({
                "clips": tally.clips,
                "words": tally.words.words,
                "errors": tally.words.errors,
                "word_error_rate": tally.words.rate(),
                "seconds_audio": tally.seconds_audio,
                "seconds_a_second": tally.seconds_a_second(),
            });
            (kind.clone(), measured)
        })
        .collect();
    Ok(output::json(&kinds)?)
}

fn print_table(kinds: &BTreeMap<String, Tally>) -> Result<()> {
    output::line(
        "Word errors and time on one thread. Digits and number words count as the same; case, punctuation and hyphens don't \
         count. The goal is for `human`: at most 5 % at 1 s a second of audio; `tts` are synthetic voices.\n\n\
         | clips | n | words | errors | word error rate | seconds a second of audio |\n|---|---:|---:|---:|---:|---:|",
    )?;
    for (kind, tally) in kinds {
        let WordErrors { errors, words } = tally.words;
        let (rate, pace) = (tally.words.rate(), tally.seconds_a_second());
        output::line(format!("| {kind} | {} | {words} | {errors} | {rate:.3} | {pace:.2} |", tally.clips))?;
    }
    Ok(())
}
