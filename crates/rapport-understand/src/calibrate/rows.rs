//! Labelled rows: JSON lines `{"text", "sensitive": [category…], "uncertain": [category…]?}`.

use rapport_core::topic::{Categories, Category};
use serde_json::Value;

/// A text and the categories that it is labelled with.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRow {
    /// What was said.
    pub text: String,
    /// What it discloses; empty is harmless.
    pub sensitive: Categories,
    /// What may be counted neither way.
    pub uncertain: Categories,
}

/// What is wrong with a line. Says where, and never what the text was.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RowsError {
    /// Counted from 1.
    pub line: usize,
    /// What was expected.
    pub reason: String,
}

/// Reads every line of `text` that is not blank. Further fields are passed over.
///
/// # Errors
/// At the first line that is no such row.
pub fn read_rows(text: &str) -> Result<Vec<LabelledRow>, RowsError> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| row(line).map_err(|reason| RowsError { line: at + 1, reason }))
        .collect()
}

fn row(line: &str) -> Result<LabelledRow, String> {
    // serde's own message may quote a value, and so a person's words.
    let value: Value =
        serde_json::from_str(line).map_err(|problem| format!("no JSON (column {})", problem.column()))?;
    let text = match value.get("text") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
        _ => return Err("`text` is missing, empty, or no text".into()),
    };
    let sensitive = categories(&value, "sensitive")?
        .ok_or("`sensitive` is missing; write `[]` if the text is harmless")?;
    let uncertain = categories(&value, "uncertain")?.unwrap_or(Categories::NONE);
    Ok(LabelledRow { text, sensitive, uncertain })
}

fn categories(of: &Value, key: &str) -> Result<Option<Categories>, String> {
    let Some(value) = of.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
    let list = value.as_array().ok_or_else(|| format!("`{key}` is no list of categories"))?;
    let named = |entry: &Value| {
        let name = entry.as_str().ok_or_else(|| format!("`{key}` holds something that is no text"))?;
        Category::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = Category::ALL.into_iter().map(Category::name).collect();
            format!("`{key}` names `{name}`; expected one of {}", known.join(", "))
        })
    };
    list.iter().map(named).collect::<Result<Categories, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_further_fields_passed_over() {
        let text = "\u{feff}{\"text\":\"a\",\"sensitive\":[\"health\",\"union\"],\"id\":7}\n\n{\"text\":\"b\",\"sensitive\":[],\"uncertain\":[\"politics\"]}\n";
        let rows = read_rows(text).unwrap();
        assert_eq!(rows[0].sensitive, [Category::Health, Category::Union].into_iter().collect());
        assert_eq!(rows[1].uncertain, Categories::only(Category::Politics));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_its_words_are_not_repeated() {
        let bad = [
            (r#"{"text":"my secret","sensitive":["sports"]}"#, "`sports`"),
            (r#"{"text":"my secret"}"#, "`sensitive` is missing"),
            (r#"{"text":"my secret","sensitive":"health"}"#, "no list"),
            (r#"{"text":" ","sensitive":[]}"#, "`text`"),
            (r#"{"sensitive":[]}"#, "`text`"),
            (r#""my secret"#, "no JSON"),
            (r#""my secret""#, "`text`"),
        ];
        for (line, expected) in bad {
            let error = read_rows(&format!("{{\"text\":\"a\",\"sensitive\":[]}}\n\n{line}")).unwrap_err();
            assert_eq!(error.line, 3);
            assert!(error.reason.contains(expected), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
