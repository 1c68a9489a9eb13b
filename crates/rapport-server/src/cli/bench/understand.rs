//! `rapport bench understand`: how many messages a core understands.

use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rapport_understand::Path as By;

use crate::cli::bench::messages::{ENGLISH, OTHERS};
use crate::cli::bench::random::Random;
use crate::cli::bench::stats::per_second;
use crate::cli::bench::{Common, Report};
use crate::cli::models::{self, Models};

/// Measures the understanding of messages on one thread.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Messages of each kind.
    #[arg(long, default_value_t = 2_000)]
    messages: usize,
    /// Draws real messages instead of the built-in ones: the sets `a_*` and `b_*` of this folder of evaluation data; the
    /// English ones are CLINC's and HWU64's.
    #[arg(long)]
    data: Option<PathBuf>,
    /// A program to measure on the same texts: it reads them from standard input, one a line, and prints how many it read a
    /// second, as `training/minilm.py` does.
    #[arg(long, value_name = "PROGRAM")]
    rival: Option<PathBuf>,
}

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    if args.messages == 0 {
        bail!("`--messages` is at least 1");
    }
    let models = models::open()?;
    let mut random = Random::new(args.common.seed);
    let (mix, english) = match &args.data {
        Some(data) => (read(data, &["a_", "b_"])?, read(data, &["a_clinc150", "a_hwu64"])?),
        None => built_in(),
    };
    let mix = draw(&mix, args.messages, &mut random);
    let english = draw(&english, args.messages, &mut random);
    understand(&models, By::Cascade, &english[..english.len().min(64)]);

    let n = args.messages;
    let mut report = Report::new(n, args.common.seed);
    let speed = |path: By, texts: &[String]| per_second(n, || understand(&models, path, texts));
    report.figure("messages_per_s_core", speed(By::Cascade, &mix));
    report.figure("short_english_per_s_core", speed(By::Cascade, &english));
    report.figure("fast_path_per_s_core", speed(By::Fast, &english));
    let texts: Vec<&str> = english.iter().map(String::as_str).collect();
    report.figure("fast_path_share", 1.0 - models.understander().slow_share(&texts));
    report.figure("slow_path_per_s_core", speed(By::Slow, &english));
    report.figure(
        "teacher_per_s_core",
        per_second(n, || mix.iter().for_each(|text| drop(black_box(models.encode(text))))),
    );
    report.figure("tokenizer_per_s_core", per_second(n, || tokenize(&models, &mix)));
    if let Some(program) = &args.rival {
        report.figure("rival_short_english_per_s_core", rival(program, &english)?);
        report.figure("rival_per_s_core", rival(program, &mix)?);
        report.note("rival: the program given, on the same texts");
    }
    report.note("one thread, in batches as the server forms them, all outputs; the mix holds several languages, the others don't");
    report.note(
        "slow path: no message by the fast one; teacher: the encoder alone, one text of the mix at a time",
    );
    report.note("tokenizer: the floor, on the mix");
    Ok(report)
}

/// How many of `texts` the program reads a second, by its own count, which leaves out its start.
fn rival(program: &Path, texts: &[String]) -> Result<f64> {
    let name = program.display();
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("can't run `{name}`"))?;
    let mut input = child.stdin.take().context("the program takes no input")?;
    for text in texts {
        writeln!(input, "{}", text.replace('\n', " "))
            .with_context(|| format!("`{name}` stopped reading"))?;
    }
    drop(input);
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().with_context(|| format!("expected a number of messages a second from `{name}`"))
}

/// Messages that this program brings along: a mix half of short English requests, half of others; and the English ones.
fn built_in() -> (Vec<String>, Vec<String>) {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    ([owned(&ENGLISH), owned(&OTHERS)].concat(), owned(&ENGLISH))
}

/// The texts of the sets whose file names begin with one of `names`.
fn read(data: &Path, names: &[&str]) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Row {
        text: String,
    }
    let folder =
        std::fs::read_dir(data).with_context(|| format!("can't read the folder `{}`", data.display()))?;
    let mut files: Vec<PathBuf> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|ext| ext == "jsonl")
            && names.iter().any(|start| name.starts_with(start))
    });
    files.sort();
    let mut texts = Vec::new();
    for path in files {
        let lines =
            std::fs::read_to_string(&path).with_context(|| format!("can't read `{}`", path.display()))?;
        for line in lines.lines() {
            texts.push(
                serde_json::from_str::<Row>(line).with_context(|| format!("`{}`", path.display()))?.text,
            );
        }
    }
    if texts.is_empty() {
        bail!("`{}` has no sets `{}*.jsonl`", data.display(), names.join("*.jsonl`, `"));
    }
    Ok(texts)
}

/// `n` of `messages`, each made different so that nothing can be remembered from the last time.
fn draw(messages: &[String], n: usize, random: &mut Random) -> Vec<String> {
    (0..n).map(|_| format!("{} {}", messages[random.below(messages.len())], random.below(1_000))).collect()
}

fn tokenize(models: &Models, texts: &[String]) {
    for text in texts {
        black_box(models.tokenize_len(text));
    }
}

fn understand(models: &Models, path: By, texts: &[String]) {
    for batch in texts.chunks(32) {
        let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
        black_box(models.understander().understand_batch_by(path, &batch));
    }
}
