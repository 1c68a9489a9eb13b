//! `understand [MODELS] < lines`: prints what each line of standard input means.
#![allow(clippy::print_stdout, reason = "an example prints")]

use rapport_understand::Understander;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let models = std::env::args()
        .nth(1)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../models").into());
    let u = Understander::from_dir(std::path::Path::new(&models))?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let found = u.understand(&line);
        let topics: Vec<String> = found
            .topics
            .iter()
            .map(|t| format!("{} {} {:.2}", t.topic.code(), t.topic.name(), t.score))
            .collect();
        println!(
            "{line}\n    {} | {} | {:?} {:.2?} | {:?} child {} stance {} intent {:?} low {} pii {:?}",
            found.language,
            topics.join("; "),
            found.sensitive,
            found.sensitive_scores,
            found.subject,
            found.about_child,
            found.stance,
            found.intent,
            found.low_confidence,
            found.pii,
        );
    }
    Ok(())
}
