//! The data folder's rows and the split.

use std::collections::HashMap;
use std::path::Path;

use rapport_core::topic::Categories;
use sha2::{Digest, Sha256};

use super::EvalError;
use crate::calibrate::LabelledRow;

/// First byte of the hash below which a row is held out: a quarter.
const HELD_OUT: u8 = 64;

/// The fields of all data sets that evaluation reads.
#[derive(Default, serde::Deserialize)]
pub(super) struct Row {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub iab: String,
    #[serde(default)]
    pub iab_clarity: String,
    #[serde(default)]
    pub sensitive: Vec<String>,
    #[serde(default)]
    pub uncertain: Vec<String>,
    #[serde(default)]
    pub hard: bool,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    group: Option<u32>,
    #[serde(default)]
    focus: String,
    #[serde(default)]
    descriptor: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    template: String,
    #[serde(default)]
    template_id: Option<u32>,
    /// Labelled personal data.
    #[serde(default)]
    pub spans: Vec<Labelled>,
    #[serde(default)]
    functionality: String,
    #[serde(default)]
    target: String,
}

/// A labelled part of a text.
#[derive(serde::Deserialize)]
pub(super) struct Labelled {
    #[serde(rename = "type")]
    pub kind: String,
    /// In scalar values.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

impl Row {
    /// A row of somebody's own.
    pub fn from_labelled(row: &LabelledRow) -> Self {
        let names = |of: Categories| of.iter().map(|category| category.name().to_owned()).collect();
        Self {
            text: row.text.clone(),
            sensitive: names(row.sensitive),
            uncertain: names(row.uncertain),
            lang: Some("und".into()),
            ..Self::default()
        }
    }

    /// ISO 639-1.
    pub fn language(&self) -> &str {
        match self.lang.as_deref().unwrap_or("en") {
            "eng_Latn" => "en",
            "spa_Latn" => "es",
            "deu_Latn" => "de",
            "fra_Latn" => "fr",
            "por_Latn" => "pt",
            "hin_Deva" => "hi",
            "kor_Hang" => "ko",
            other => other,
        }
    }

    fn group(&self, dataset: &str) -> String {
        match dataset {
            "a_sib200_multilingual" => self.id.rsplit('-').next().unwrap_or_default().to_owned(),
            "b_handwritten_multilingual" => self.group.unwrap_or_default().to_string(),
            "b_medquad_questions" => self.focus.clone(),
            "b_holisticbias" => self.descriptor.clone(),
            "b_bbq_contexts" => format!("{}/{}", self.category, self.template),
            "b_mhc_nonhateful_multilingual" => format!("{}/{}", self.functionality, self.target),
            "f_pii_presidio" => self.template_id.unwrap_or_default().to_string(),
            _ => self.text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Whether training leaves it out.
    pub fn is_held_out(&self, dataset: &str) -> bool {
        is_held_out(dataset, &self.group(dataset))
    }
}

/// Whether the rows of `group` are left out of training.
pub(super) fn is_held_out(dataset: &str, group: &str) -> bool {
    Sha256::digest(format!("{dataset}/{group}"))[0] < HELD_OUT
}

/// All rows of `<data>/<dataset>.jsonl`.
pub(super) fn read_lines<T: serde::de::DeserializeOwned>(
    data: &Path,
    dataset: &str,
) -> Result<Vec<T>, EvalError> {
    let path = data.join(format!("{dataset}.jsonl"));
    let text = read(&path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
    let parsed = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|source| EvalError::Malformed {
            path: path.clone(),
            line: number + 1,
            source,
        })
    });
    parsed.collect()
}

/// The held-out rows of `<data>/<dataset>.jsonl`.
pub(super) fn held_out(data: &Path, dataset: &str) -> Result<Vec<Row>, EvalError> {
    let rows = read_lines::<Row>(data, dataset)?;
    Ok(rows.into_iter().filter(|row| row.is_held_out(dataset)).collect())
}

/// Dataset and label → the topic ids that count as right.
pub(super) fn accepted_topics(data: &Path) -> Result<HashMap<(String, String), Vec<String>>, EvalError> {
    let table = read(&data.join("taxonomy").join("label_to_iab31.tsv"))?;
    let entries = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let accepted = fields.get(4)?.split(';').map(str::to_owned).collect();
        Some(((fields[0].to_owned(), fields[1].to_owned()), accepted))
    });
    Ok(entries.collect())
}

pub(super) fn read(path: &Path) -> Result<String, EvalError> {
    std::fs::read_to_string(path).map_err(|source| EvalError::Unreadable { path: path.to_owned(), source })
}
