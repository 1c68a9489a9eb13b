//! `rapport bench understand`: how many messages a core understands.

use std::hint::black_box;

use anyhow::{Result, bail};

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
}

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    if args.messages == 0 {
        bail!("`--messages` is at least 1");
    }
    let models = models::open()?;
    let mut random = Random::new(args.common.seed);
    let mix: Vec<&str> = ENGLISH.into_iter().chain(OTHERS).collect();
    let mix = draw(&mix, args.messages, &mut random);
    let english = draw(&ENGLISH, args.messages, &mut random);
    understand(&models, &english[..english.len().min(64)]);

    let n = args.messages;
    let mut report = Report::new(n, args.common.seed);
    report.figure("messages_per_s_core", per_second(n, || understand(&models, &mix)));
    report.figure("short_english_per_s_core", per_second(n, || understand(&models, &english)));
    report.figure("fast_path_per_s_core", None);
    report.figure("fast_path_share", None);
    report.figure(
        "teacher_per_s_core",
        per_second(n, || mix.iter().for_each(|text| drop(black_box(models.encode(text))))),
    );
    report.figure("tokenizer_per_s_core", per_second(n, || tokenize(&models, &mix)));
    report.note("one thread, in batches as the server forms them; the mix is half short English requests, half others");
    report.note(
        "fast_path_*: not built yet; teacher: the encoder alone, one text at a time; tokenizer: the floor",
    );
    Ok(report)
}

/// `n` of `messages`, each made different so that nothing can be remembered from the last time.
fn draw(messages: &[&str], n: usize, random: &mut Random) -> Vec<String> {
    (0..n).map(|_| format!("{} {}", messages[random.below(messages.len())], random.below(1_000))).collect()
}

fn tokenize(models: &Models, texts: &[String]) {
    for text in texts {
        black_box(models.tokenize_len(text));
    }
}

fn understand(models: &Models, texts: &[String]) {
    for batch in texts.chunks(32) {
        let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
        black_box(models.understand_batch(&batch));
    }
}
