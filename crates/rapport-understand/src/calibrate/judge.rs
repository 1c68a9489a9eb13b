//! What the gate's parts say of labelled rows.

use rapport_core::topic::Categories;
use rapport_core::understanding::Understanding;
use sha2::{Digest, Sha256};

use super::{Gate, Judged, LabelledRow, Path};

/// Texts of one call: the encoder works in batches.
const BATCH: usize = 32;
/// First byte of the hash of a text below which a row is set aside: a quarter.
const SET_ASIDE: u8 = 64;
/// From which probability on a sensitive topic marks its category, as in the understander.
const SENSITIVE_TOPIC: f32 = 0.5;

/// Runs the gate over `rows`, on as many threads as there are cores.
pub fn judge(gate: &impl Gate, rows: &[LabelledRow]) -> Vec<Judged> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(threads).max(1);
    let part = |rows: &[LabelledRow]| -> Vec<Judged> {
        rows.chunks(BATCH).flat_map(|batch| judge_batch(gate, batch)).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(move || part(rows))).collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn judge_batch(gate: &impl Gate, rows: &[LabelledRow]) -> Vec<Judged> {
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let slow = gate.understand_by(Path::Slow, &texts);
    let fast = gate.understand_by(Path::Fast, &texts);
    rows.iter()
        .zip(slow.iter().zip(&fast))
        .map(|(row, (slow, fast))| Judged {
            truth: row.sensitive,
            uncertain: row.uncertain,
            named: gate.named(&row.text),
            topical: topical(slow),
            slow: at_least(gate.least_score(&row.text), slow.sensitive_scores),
            fast: fast.sensitive_scores,
            set_aside: Sha256::digest(&row.text)[0] < SET_ASIDE,
        })
        .collect()
}

/// Scores that flag nothing, whatever the threshold, count as none.
fn at_least(least: f32, scores: [f32; 7]) -> [f32; 7] {
    scores.map(|score| if score < least { 0.0 } else { score })
}

/// What the topics found are about.
fn topical(found: &Understanding) -> Categories {
    let likely = found.topics.iter().filter(|topic| topic.score >= SENSITIVE_TOPIC);
    likely.fold(Categories::NONE, |sum, topic| sum | topic.topic.sensitive())
}
