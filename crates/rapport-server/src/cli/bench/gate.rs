//! `rapport bench gate`: what one decision costs, from the memo and from Cedar.

use std::hint::black_box;

use anyhow::Result;
use rapport_core::country::Country;
use rapport_core::event::Modality;
use rapport_core::gate::{Age, Decider, GateKey, Purpose};
use rapport_core::signal::{Marks, Source};
use rapport_core::topic::Categories;

use crate::cli::bench::random::Random;
use crate::cli::bench::stats::Times;
use crate::cli::bench::{Common, Report};
use crate::cli::policy;

/// Measures a policy's decisions: from the memo, and by Cedar itself.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// A preset or a policy's folder.
    #[arg(long, value_name = "NAME|DIR", default_value = "careful")]
    policy: String,
    /// Different questions.
    #[arg(long, default_value_t = 200)]
    questions: usize,
}

/// Times over the questions a run of the memo; one look-up alone is shorter than the clock's tick.
const ROUNDS: usize = 500;

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    let policy = policy::open(&args.policy)?;
    let mut random = Random::new(args.common.seed);
    let keys: Vec<GateKey> = (0..args.questions.max(1)).map(|_| question(&mut random)).collect();
    let all = |_| {
        for key in &keys {
            black_box(policy.decide(black_box(key)));
        }
    };
    let hits = Times::of(ROUNDS, 2, all);
    let cedar = Times::of(keys.len() * 5, keys.len(), |index| {
        black_box(policy.decide_uncached(black_box(&keys[index % keys.len()])));
    });
    let mut report = Report::new(keys.len(), args.common.seed);
    report.figure("memo_hit_ns", hits.percentile_us(0.5) * 1e3 / keys.len() as f64);
    report.figure("cedar_us", cedar.percentile_us(0.5));
    report.note("medians; memo_hit_ns is the gate with every question asked before, cedar_us its floor without a memo");
    Ok(report)
}

/// A question as a request might bring it.
fn question(random: &mut Random) -> GateKey {
    let country = |random: &mut Random| Country::from_code(["US", "CA", "DE", "GB", "KR"][random.below(5)]);
    let mut flip = || random.below(2) == 0;
    let (region_then, region_now, same_product, linked) = (flip(), flip(), flip(), flip());
    let (after_notice, after_effective, effective_now) = (flip(), flip(), flip());
    let (objected, consented, gpc, sensitive_asked) = (flip(), flip(), flip(), flip());
    GateKey {
        purpose: Purpose::ALL[random.below(Purpose::ALL.len())],
        source: Source::ALL[random.below(Source::ALL.len())],
        modality: [Modality::None, Modality::Text, Modality::Voice][random.below(3)],
        marks: Marks {
            sensitive: Categories::from_bits(random.next() as u8),
            about_other: random.below(4) == 0,
            about_child: random.below(8) == 0,
            low_confidence: random.below(8) == 0,
        },
        country_then: country(random),
        country_now: country(random),
        region_then,
        region_now,
        same_product,
        linked,
        after_notice,
        after_effective,
        effective_now,
        objected,
        consented,
        gpc,
        age: [Age::Adult, Age::Minor, Age::Unknown][random.below(3)],
        sensitive_asked,
    }
}
