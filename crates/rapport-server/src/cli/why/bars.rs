//! A receipt in eighty columns: rules as lists, contributions as bars.

use std::fmt::Write;

use rapport_core::topic::TopicId;
use serde_json::Value;

/// Columns of the longest bar.
const BAR: usize = 16;
/// Columns of the page.
const PAGE: usize = 80;

/// The page for one receipt.
pub fn explain(id: &str, receipt: &Value) -> String {
    let mut page = String::new();
    let personal = if receipt["personalised"] == true { "personalised" } else { "not personalised" };
    let _ = writeln!(page, "receipt {id}");
    let (purpose, product, at) = (text(receipt, "purpose"), text(receipt, "product"), text(receipt, "at"));
    let _ = writeln!(page, "{purpose} for `{product}` at {at}, {personal}");
    let _ = writeln!(page, "policy {}, seed {}", text(receipt, "policy"), receipt["seed"]);
    classes(&mut page, receipt);
    stages(&mut page, receipt);
    for (place, row) in list(receipt, "rows").iter().enumerate() {
        explain_row(&mut page, place + 1, row);
    }
    lost(&mut page, receipt);
    page
}

fn classes(page: &mut String, receipt: &Value) {
    for (title, allowed) in [("used", true), ("refused", false)] {
        let of_kind: Vec<_> =
            list(receipt, "classes").iter().filter(|use_| use_["allowed"] == allowed).collect();
        if of_kind.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n{title}, and by which rule");
        for class in of_kind {
            let _ = writeln!(page, "  {:<46} {}", class_words(&class["class"]), text(class, "rule"));
        }
    }
}

/// What a class is, in words: `assistant, text, main, US, health`.
fn class_words(class: &Value) -> String {
    let mut words: Vec<String> = ["source", "modality", "product", "country"]
        .into_iter()
        .map(|field| text(class, field))
        .filter(|word| word != "none" && word != "?")
        .collect();
    let named = |flag: &str, word: &str| (class[flag] == true).then(|| word.to_owned());
    words.extend(list(class, "sensitive").iter().filter_map(Value::as_str).map(str::to_owned));
    words.extend(named("about_other", "about somebody else"));
    words.extend(named("about_child", "about a child"));
    words.extend(named("low_confidence", "unsure"));
    words.join(", ")
}

fn stages(page: &mut String, receipt: &Value) {
    let stages = list(receipt, "stages");
    if stages.is_empty() {
        return;
    }
    let words: Vec<String> =
        stages.iter().map(|stage| format!("{} {}", text(stage, "stage"), stage["count"])).collect();
    let _ = writeln!(page, "\nfound by sources, taken away by filters, left by the selector");
    for line in crate::cli::policy::wrap(&words.join(", "), PAGE - 2) {
        let _ = writeln!(page, "  {line}");
    }
}

fn explain_row(page: &mut String, place: usize, row: &Value) {
    let score = row["score"].as_f64().unwrap_or(0.0);
    let id = if row["ad"].is_string() { text(row, "ad") } else { text(row, "item") };
    let price = match row["price_micros"].as_i64() {
        Some(price) => format!(", price {price} micros"),
        None => String::new(),
    };
    let _ = writeln!(page, "\n{place:>2}  {}  (score {score:.3}{price})", id);
    let parts = list(row, "contributions");
    let values: Vec<f64> = parts.iter().map(|part| part["value"].as_f64().unwrap_or(0.0)).collect();
    let positive: f64 = values.iter().filter(|value| **value > 0.0).sum();
    let scale = if positive > 0.0 { positive } else { 1.0 };
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    for index in order {
        let share = values[index] / scale;
        let _ = writeln!(page, "    {} {:>4.0} %  {}", bar(share), share * 100.0, reason(&parts[index]));
    }
    if row["moved"].is_object() {
        let place = |field: &str| row["moved"][field].as_u64().unwrap_or(0) + 1;
        let (from, to) = (place("from"), place("to"));
        let _ = writeln!(page, "    moved from place {from} to {to}: {}", text(&row["moved"], "because"));
    }
}

/// Campaigns that fitted and were not shown.
fn lost(page: &mut String, receipt: &Value) {
    let lost = list(receipt, "lost");
    if !lost.is_empty() {
        let _ = writeln!(page, "\nfitted and not shown, and why");
    }
    for loser in lost {
        let _ = writeln!(page, "  {:<46} {}", text(loser, "campaign"), text(loser, "stage"));
    }
}

/// A bar of [`BAR`] columns; a drawback is drawn light.
fn bar(share: f64) -> String {
    let cells = (share.abs().min(1.0) * BAR as f64).round().max(1.0) as usize;
    let mark = if share < 0.0 { "░" } else { "█" };
    format!("{}{}", mark.repeat(cells), " ".repeat(BAR - cells))
}

/// `said, Hiking (542), assistant, event e-1`, cut to the page.
fn reason(part: &Value) -> String {
    let mut words = vec![text(part, "kind")];
    if let Some(code) = part["topic"].as_str() {
        let name = TopicId::from_code(code).map_or("?", TopicId::name);
        words.push(format!("{name} ({code})"));
    }
    words.extend(part["source"].as_str().map(str::to_owned));
    words.extend(part["event"].as_str().map(|event| format!("event {event}")));
    let line = words.join(", ");
    let room = PAGE - BAR - 4 - 9;
    if line.chars().count() <= room {
        return line;
    }
    line.chars().take(room - 1).chain(['…']).collect()
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// A field as text, `?` where it is missing.
fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        Value::Null => "?".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn receipt() -> Value {
        json!({
            "at": "2026-01-03T09:00:00Z", "purpose": "feed", "product": "main", "policy": "careful-1",
            "seed": 7, "personalised": true,
            "classes": [
                {"class": {"source": "assistant", "modality": "text", "product": "main", "country": "US",
                           "sensitive": []}, "allowed": true, "rule": "assistant-feed"},
                {"class": {"source": "assistant", "modality": "text", "product": "main", "country": "US",
                           "sensitive": ["health"]}, "allowed": false, "rule": "sensitive-only-if-asked"},
            ],
            "stages": [{"stage": "source:topics", "count": 12}],
            "rows": [{"item": "trail", "score": 0.75, "contributions": [
                {"kind": "viewed", "value": -0.25},
                {"kind": "said", "topic": "542", "source": "assistant", "event": "e-1", "value": 0.8},
                {"kind": "popular", "value": 0.2},
            ], "moved": {"from": 2, "to": 0, "because": "others-held-back"}}],
        })
    }

    #[test]
    fn a_receipt_is_a_page_for_people() {
        let page = explain("r-1", &receipt());
        let expected = "\
receipt r-1
feed for `main` at 2026-01-03T09:00:00Z, personalised
policy careful-1, seed 7

used, and by which rule
  assistant, text, main, US                      assistant-feed

refused, and by which rule
  assistant, text, main, US, health              sensitive-only-if-asked

found by sources, taken away by filters, left by the selector
  source:topics 12

 1  trail  (score 0.750)
    █████████████      80 %  said, Walking (542), assistant, event e-1
    ███                20 %  popular
    ░░░░              -25 %  viewed
    moved from place 3 to 1: others-held-back
";
        assert_eq!(page, expected);
    }

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        let mut long = receipt();
        long["rows"][0]["contributions"][1]["event"] = "x".repeat(200).into();
        assert!(explain("r", &long).lines().all(|line| line.chars().count() <= PAGE));
    }
}
