//! `rapport understand`: what texts mean, line by line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rapport_core::catalog::{Catalog, Mention};
use rapport_core::event::Deed;
use rapport_core::topic::Category;
use rapport_core::understanding::Understanding;
use rapport_server::app::mentions;
use serde_json::{Value, json};

use crate::cli::lines::{Line, lines};
use crate::cli::{catalog, models, open, output};

/// Reads JSON lines `{"id","text"}` and answers, line by line, what each text means.
///
/// A line that can't be read is named on standard error, the others go on, and the exit code is 1.
#[derive(clap::Args)]
pub struct Args {
    /// Items, as lines of `rapport load`'s format: what a text names of them is found as well.
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// A configuration file: its `[understanding]` names the thresholds.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Texts understood at once: the encoder works in batches.
const BATCH: usize = 64;

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let models = models::of(&open::config(args.config.as_deref())?)?;
    let catalog = args.catalog.as_deref().map(catalog::read).transpose()?;
    let reader = Reader { models: &models, catalog: catalog.as_ref() };
    let mut out = output::bulk();
    let mut batch: Vec<(Value, String)> = Vec::with_capacity(BATCH);
    let mut bad = 0;
    let mut input = lines(std::io::BufReader::with_capacity(1 << 16, std::io::stdin().lock()));
    while let Some(line) = input.next() {
        match message(line.context("standard input can't be read")?) {
            Ok(message) => batch.push(message),
            Err(problem) => {
                bad += 1;
                output::note(problem);
            }
        }
        if batch.len() == BATCH || !input.has_next_at_hand() {
            reader.answer(&mut batch, &mut out)?;
        }
    }
    reader.answer(&mut batch, &mut out)?;
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The id and text of a line. An id may be anything: it is only handed back.
fn message(line: Line) -> Result<(Value, String), String> {
    let number = line.number;
    let mut value = line.value.map_err(|problem| format!("line {number}: no JSON: {problem}"))?;
    let id = value.get_mut("id").map(Value::take).filter(|id| !id.is_null());
    let id = id.ok_or_else(|| format!("line {number}: `id` is missing"))?;
    match value.get_mut("text").map(Value::take) {
        Some(Value::String(text)) => Ok((id, text)),
        _ => Err(format!("line {number}: `text` is missing, or is no text")),
    }
}

struct Reader<'a> {
    models: &'a models::Models,
    catalog: Option<&'a Catalog>,
}

impl Reader<'_> {
    fn answer(&self, batch: &mut Vec<(Value, String)>, out: &mut impl Write) -> Result<()> {
        let texts: Vec<&str> = batch.iter().map(|(_, text)| text.as_str()).collect();
        for (understood, (id, text)) in self.models.understand_all(&texts).iter().zip(batch.iter()) {
            let mut answer = as_json(id, understood);
            if let Some(catalog) = self.catalog {
                answer["mentions"] = named(&mentions(catalog, self.models, Deed::Said, text, understood));
            }
            serde_json::to_writer(&mut *out, &answer)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        batch.clear();
        Ok(())
    }
}

fn named(mentions: &[Mention]) -> Value {
    let one = |mention: &Mention| {
        json!({
            "item": mention.item.id, "start": mention.start, "end": mention.end,
            "confidence": rounded(mention.confidence), "stance": rounded(mention.stance),
        })
    };
    mentions.iter().map(one).collect()
}

/// The contract's shape.
fn as_json(id: &Value, understood: &Understanding) -> Value {
    let topics = understood.topics.iter();
    let topics = topics.map(|t| {
        let (score, stance) = (rounded(t.score), rounded(t.stance));
        json!({"id": t.topic.code(), "name": t.topic.name(), "score": score, "stance": stance})
    });
    let sensitive = Category::ALL.into_iter().map(|category| {
        let flagged = understood.sensitive.contains(category);
        json!({"category": category.name(), "score": rounded(understood.score(category)), "flagged": flagged})
    });
    let pii = understood.pii.iter();
    let pii = pii.map(|span| json!({"type": span.kind, "start": span.start, "end": span.end}));
    json!({
        "id": id,
        "language": understood.language,
        "topics": topics.collect::<Vec<_>>(),
        "sensitive": sensitive.collect::<Vec<_>>(),
        "ads_safe": understood.ads_safe(),
        "subject": understood.subject.name(),
        "stance": rounded(understood.stance),
        "intent": understood.intent.map(rapport_core::understanding::Intent::name),
        "pii": pii.collect::<Vec<_>>(),
    })
}

/// Four digits: more would be noise.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}
