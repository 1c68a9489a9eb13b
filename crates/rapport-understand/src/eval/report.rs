//! Results as tables: Markdown for people, JSON for programs.

use std::fmt;

/// Everything that one evaluation found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    /// What was measured, on what, and how to read it.
    pub title: String,
    /// The results.
    pub tables: Vec<Table>,
}

/// One table; every row has a value for every column, or none where it does not apply.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Table {
    /// What the rows are.
    pub title: String,
    /// Names of the value columns.
    pub columns: Vec<String>,
    /// A name and its values.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        Self { title: title.into(), columns: columns.iter().map(|c| (*c).into()).collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: impl Into<String>, values: Vec<Option<f64>>) {
        self.rows.push((name.into(), values));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        for table in &self.tables {
            writeln!(f, "{table}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} | {} |", self.title, self.columns.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(self.columns.len()))?;
        for (name, values) in &self.rows {
            write!(f, "| {name} |")?;
            for value in values {
                match value {
                    Some(value) if value.fract() == 0.0 && *value > 1.0 => write!(f, " {value} |")?,
                    Some(value) => write!(f, " {value:.3} |")?,
                    None => write!(f, " – |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
