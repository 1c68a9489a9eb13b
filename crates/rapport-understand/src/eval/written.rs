//! The messages written for the cue models, `training/texts/{stance,subject}_<language>[_part].tsv`: the fifth that
//! training leaves out.

use std::ops::Range;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::EvalError;
use super::rows::read;

/// First byte of the hash below which a line is left out; `training/cues.py` has the same number.
const HELD_OUT: u8 = 51;
/// The languages written in.
pub(super) const LANGUAGES: [&str; 7] = ["en", "es", "de", "fr", "pt", "hi", "ko"];

/// A message and how it feels about what it names.
pub(super) struct Felt {
    pub language: &'static str,
    pub text: String,
    /// Bytes of each thing named, and the feeling: 1 like, -1 dislike, 0 neither.
    pub targets: Vec<(Range<usize>, i8)>,
}

/// A message and whose interest it speaks of.
pub(super) struct Owned {
    pub language: &'static str,
    pub text: String,
    pub subject: String,
    pub intent: String,
    pub child: bool,
}

/// The marked messages of the folder `texts`.
pub(super) fn felt(texts: &Path) -> Result<Vec<Felt>, EvalError> {
    let lines = lines(texts, "stance")?;
    Ok(lines.into_iter().map(|(language, line)| unmark(language, &line)).collect())
}

/// The messages labelled with subject, intent and child of the folder `texts`.
pub(super) fn owned(texts: &Path) -> Result<Vec<Owned>, EvalError> {
    let lines = lines(texts, "subject")?;
    let owned = lines.into_iter().filter_map(|(language, line)| {
        let [subject, intent, child, text] = line.splitn(4, '\t').collect::<Vec<_>>().try_into().ok()?;
        let [subject, intent, text] = [subject, intent, text].map(str::to_owned);
        Some(Owned { language, text, subject, intent, child: child == "child" })
    });
    Ok(owned.collect())
}

fn lines(texts: &Path, kind: &str) -> Result<Vec<(&'static str, String)>, EvalError> {
    let names = names(texts)?;
    let mut kept = Vec::new();
    for language in LANGUAGES {
        let first = format!("{kind}_{language}");
        let of_language = |name: &&String| {
            name.strip_prefix(&first).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        for name in names.iter().filter(of_language) {
            let text = read(&texts.join(format!("{name}.tsv")))?;
            let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            let held_out = lines.filter(|line| Sha256::digest(format!("{name}/{line}"))[0] < HELD_OUT);
            kept.extend(held_out.map(|line| (language, line.to_owned())));
        }
    }
    Ok(kept)
}

/// The names of the files in `folder` that end in `.tsv`, without that, in order.
fn names(folder: &Path) -> Result<Vec<String>, EvalError> {
    let unreadable = |source| EvalError::Unreadable { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = file.map_err(unreadable)?.file_name();
        names.extend(name.to_string_lossy().strip_suffix(".tsv").map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// `[+comedies]` is a like of comedies.
fn unmark(language: &'static str, line: &str) -> Felt {
    let mut felt = Felt { language, text: String::with_capacity(line.len()), targets: Vec::new() };
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('[') {
        let (inner, after) = marked.split_once(']').unwrap_or((marked, ""));
        felt.text.push_str(before);
        let begin = felt.text.len();
        felt.text.push_str(inner.get(1..).unwrap_or_default());
        let sign = if inner.starts_with('+') { 1 } else { -i8::from(inner.starts_with('-')) };
        felt.targets.push((begin..felt.text.len(), sign));
        rest = after;
    }
    felt.text.push_str(rest);
    felt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_ranges_of_the_plain_text() {
        let felt = unmark("en", "tired of [-horror], more [+comedies] please");
        assert_eq!(felt.text, "tired of horror, more comedies please");
        let named: Vec<_> = felt.targets.iter().map(|(at, sign)| (&felt.text[at.clone()], *sign)).collect();
        assert_eq!(named, [("horror", -1), ("comedies", 1)]);
    }
}
