//! The report over a small data folder and a gate that is a table.

use rapport_core::topic::Categories;
use rapport_core::understanding::{Subject, Understanding};

use super::*;

/// Flags health where a text says "ill" on the slow path, and "very ill" on the fast one; "insulin" is explicit.
struct Table(Option<Thresholds>);

impl Gate for Table {
    fn understand_by(&self, path: Path, texts: &[&str]) -> Vec<Understanding> {
        let asks = match path {
            Path::Fast => "very ill",
            Path::Slow | Path::Cascade => "ill",
        };
        texts.iter().map(|text| understood(self.named(text), text.contains(asks))).collect()
    }

    fn named(&self, text: &str) -> Categories {
        if text.contains("insulin") { Categories::only(Category::Health) } else { Categories::NONE }
    }

    fn least_score(&self, _: &str) -> f32 {
        0.0
    }

    fn slow_share(&self, texts: &[&str]) -> f64 {
        texts.iter().filter(|text| text.contains("very")).count() as f64 / texts.len() as f64
    }

    fn thresholds(&self) -> Option<&Thresholds> {
        self.0.as_ref()
    }
}

fn understood(named: Categories, flagged: bool) -> Understanding {
    let mut scores = [0.0; 7];
    scores[Category::Health as usize] = if flagged { 0.9 } else { 0.01 };
    Understanding {
        language: "en",
        topics: Vec::new(),
        sensitive_scores: scores,
        sensitive: if flagged { named | Categories::only(Category::Health) } else { named },
        subject: Subject::None,
        about_child: false,
        stance: 0.0,
        intent: None,
        pii: Vec::new(),
        low_confidence: false,
        vector: None,
    }
}

/// A folder with every data set, each holding these rows eight times over, all of them held out.
fn folder(requests: &[(&str, &str)], sensitive: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |set: &str, rows: &[serde_json::Value]| {
        let variants = (0..).map(|at| rows.iter().map(|row| variant(row, at)).collect::<Vec<_>>());
        let held_out = variants.filter(|rows| rows.iter().all(|row| is_held_out(set, row))).take(8);
        let lines: String = held_out.flatten().map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.path().join(format!("{set}.jsonl")), lines).unwrap();
    };
    let labelled = sensitive.iter().map(|text| serde_json::json!({"text": text, "sensitive": ["health"]}));
    let labelled: Vec<_> = labelled.collect();
    for set in WRITTEN.into_iter().chain(OTHERS) {
        write(set, &labelled);
    }
    let rows: Vec<_> =
        requests.iter().map(|(text, label)| serde_json::json!({"text": text, "label": label})).collect();
    for set in ORDINARY.into_iter().chain([SIB]) {
        write(set, &rows);
    }
    std::fs::create_dir(folder.path().join("taxonomy")).unwrap();
    let table =
        "dataset\tlabel\tiab_id\tiab_path\taccept_ids\tclarity\nclinc150\tvaccines\t322\t-\t322;286\tclear\n";
    std::fs::write(folder.path().join("taxonomy/label_to_iab31.tsv"), table).unwrap();
    folder
}

/// The row with a number behind its text and in whatever groups rows.
fn variant(row: &serde_json::Value, at: u32) -> serde_json::Value {
    let mut row = row.clone();
    row["text"] = format!("{} {at}", row["text"].as_str().unwrap()).into();
    row["id"] = format!("r-{at}").into();
    row["group"] = at.into();
    for key in ["focus", "descriptor", "template", "functionality"] {
        row[key] = at.to_string().into();
    }
    row
}

fn is_held_out(set: &str, row: &serde_json::Value) -> bool {
    serde_json::from_value::<Row>(row.clone()).unwrap().is_held_out(set)
}

fn cell(report: &Report, table: &str, row: &str, column: &str) -> Option<f64> {
    let table = report.tables.iter().find(|found| found.title.starts_with(table)).unwrap();
    let (_, values) = table.rows.iter().find(|(name, _)| name == row).unwrap();
    values[table.columns.iter().position(|name| name == column).unwrap()]
}

#[test]
fn misses_are_counted_on_each_path_with_a_bound_above_what_was_seen() {
    let data = folder(&[("play jazz", "music")], &["I am ill", "I am very ill", "my insulin", "I feel odd"]);
    let report = sensitive(&Table(None), data.path(), None).unwrap();
    assert_eq!(cell(&report, "path", "slow", "missed (hand-written)"), Some(0.25));
    assert_eq!(cell(&report, "path", "fast", "missed (hand-written)"), Some(0.5));
    assert_eq!(cell(&report, "sensitive messages (hand-written)", "health", "missed"), Some(0.25));
    let lexicon = cell(&report, "sensitive messages (hand-written)", "all", "lexicon alone missed");
    assert_eq!(lexicon, Some(0.75));
    let bound = cell(&report, "sensitive messages (hand-written)", "all", "at most").unwrap();
    assert!(bound > 0.25 && bound < 0.5, "{bound}");
}

#[test]
fn health_intents_are_no_ordinary_requests_and_are_shown_apart() {
    let data = folder(&[("play jazz", "music"), ("am I ill", "vaccines")], &["I am ill"]);
    let report = sensitive(&Table(None), data.path(), None).unwrap();
    let alarms = |row| cell(&report, "ordinary requests", row, "false alarms");
    assert_eq!(alarms("a_clinc150"), Some(0.0));
    assert_eq!(alarms("left out: vaccines"), Some(1.0));
    assert_eq!(alarms("a_hwu64"), Some(0.5), "only where the label says so");
}

#[test]
fn what_is_promised_is_printed_and_for_whom() {
    let thresholds = r#"{"alpha":0.02,"delta":0.1,"population":"rows of a test","rows":900,
        "thresholds":{"religion":0.5,"philosophy":0.5,"sexuality":0.5,"politics":0.5,"health":0.5,"ethnicity":0.5,"union":0.5},
        "doubt":{"religion":0.1,"philosophy":0.1,"sexuality":0.1,"politics":0.1,"health":0.1,"ethnicity":0.1,"union":0.1},
        "bounds":{"overall":{"n":300,"missed":2,"at_most":0.02,"confidence":0.9,"method":"learn-then-test"}}}"#;
    let thresholds = Thresholds::parse(thresholds.as_bytes()).unwrap();
    let data = folder(&[("play jazz", "music"), ("am I very ill", "music")], &["I am ill"]);
    let report = sensitive(&Table(Some(thresholds)), data.path(), None).unwrap();
    assert!(
        report.title.contains("With confidence 90 %, at most 2 % of sensitive messages pass"),
        "{}",
        report.title
    );
    assert!(report.title.contains("drawn the same way (rows of a test)"), "{}", report.title);
    assert_eq!(cell(&report, "path", "cascade", "requests that go slow"), Some(0.5));
    assert_eq!(cell(&report, "promised", "all", "at most"), Some(0.02));
}

#[test]
fn an_operator_s_own_rows_get_tables_of_their_own() {
    let data = folder(&[("play jazz", "music")], &["I am ill"]);
    let rows = crate::calibrate::read_rows(
        "{\"text\":\"so odd\",\"sensitive\":[\"health\"]}\n{\"text\":\"I will\",\"sensitive\":[]}",
    );
    let report = sensitive(&Table(None), data.path(), Some(&rows.unwrap())).unwrap();
    assert_eq!(cell(&report, "sensitive messages (your rows)", "all", "missed"), Some(1.0));
    assert_eq!(cell(&report, "harmless messages (your rows)", "all", "false alarms"), Some(1.0));
}
