//! What is loaded: files read once a kind, so that no more than a batch is in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cli::lines::{Line, lines};

/// What a line is, in the order of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The body of `PUT /people/{id}`.
    Person,
    /// The body of `PUT /items/{id}`.
    Item,
    /// The body of `PUT /campaigns/{id}`.
    Campaign,
    /// The body of `POST /events`.
    Event,
}

impl Kind {
    /// All of them, in the order of loading.
    pub const ALL: [Self; 4] = [Self::Person, Self::Item, Self::Campaign, Self::Event];

    /// The word in `record`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Item => "item",
            Self::Campaign => "campaign",
            Self::Event => "event",
        }
    }

    /// The word for several.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::Item => "items",
            Self::Campaign => "campaigns",
            Self::Event => "events",
        }
    }

    fn of(value: &Value) -> Result<Self, String> {
        let Some(record) = value.get("record") else {
            return Err("`record` is missing; it is `person`, `item`, `campaign` or `event`".to_owned());
        };
        Self::ALL
            .into_iter()
            .find(|kind| record.as_str() == Some(kind.name()))
            .ok_or_else(|| "`record` is none of `person`, `item`, `campaign`, `event`".to_owned())
    }
}

/// A line that is not taken.
pub struct Rejection {
    /// Where: file and line number.
    pub at: Place,
    /// Why.
    pub why: String,
}

/// A line of a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file's name, `-` for standard input.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A record of one kind.
pub struct Record {
    /// Where it stands.
    pub at: Place,
    /// The whole line.
    pub value: Value,
}

/// How many records there are of each kind.
#[derive(Default)]
pub struct Counts([u64; 4]);

impl Counts {
    /// How many of `kind`.
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// How many in all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Something to load.
pub struct Input {
    name: String,
    content: Content,
}

enum Content {
    File(File),
    Text(Cow<'static, str>),
}

impl Input {
    /// Opens `path`; `-` is standard input, kept in a temporary file because it is read once a kind.
    ///
    /// # Errors
    /// When it can't be opened or, for standard input, kept.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = if name == "-" {
            let mut kept = tempfile::tempfile().context("no temporary file for standard input")?;
            io::copy(&mut io::stdin().lock(), &mut kept).context("standard input can't be read")?;
            kept
        } else {
            File::open(path).with_context(|| format!("`{name}` can't be opened"))?
        };
        Ok(Self { name, content: Content::File(file) })
    }

    /// Text that is compiled in, under a name for messages.
    pub fn text(name: &str, text: &'static str) -> Self {
        Self { name: name.to_owned(), content: Content::Text(Cow::Borrowed(text)) }
    }

    /// Calls `take` with every record of `kind`, in the order of the file.
    ///
    /// # Errors
    /// When the file can't be read, or `take` fails.
    pub fn each(&self, kind: Kind, mut take: impl FnMut(Record) -> Result<()>) -> Result<()> {
        self.lines(|line| match line.value {
            Ok(value) if Kind::of(&value) == Ok(kind) => take(Record { at: self.place(line.number), value }),
            _ => Ok(()),
        })
    }

    fn lines(&self, mut take: impl FnMut(Line) -> Result<()>) -> Result<()> {
        let unreadable = || format!("`{}` can't be read", self.name);
        match &self.content {
            Content::File(file) => {
                let mut file = file;
                file.rewind().with_context(unreadable)?;
                for line in lines(BufReader::with_capacity(1 << 18, file)) {
                    take(line.with_context(unreadable)?)?;
                }
            }
            Content::Text(text) => {
                for line in lines(text.as_bytes()) {
                    take(line.with_context(unreadable)?)?;
                }
            }
        }
        Ok(())
    }

    fn place(&self, line: usize) -> Place {
        Place { file: self.name.clone(), line }
    }
}

/// Counts the records by kind, and rejects the lines that are none.
///
/// # Errors
/// When an input can't be read.
pub fn survey(inputs: &[Input], mut reject: impl FnMut(Rejection)) -> Result<Counts> {
    let mut counts = Counts::default();
    for input in inputs {
        input.lines(|line| {
            let kind = match &line.value {
                Ok(value) => Kind::of(value),
                Err(problem) => Err(format!("no JSON: {problem}")),
            };
            match kind {
                Ok(kind) => counts.0[kind as usize] += 1,
                Err(why) => reject(Rejection { at: input.place(line.number), why }),
            }
            Ok(())
        })?;
    }
    Ok(counts)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = concat!(
        "{\"record\":\"event\",\"id\":\"e\"}\n",
        "nonsense\n",
        "{\"record\":\"person\",\"id\":\"p\"}\n",
        "{\"record\":\"planet\"}\n",
        "{\"id\":\"lost\"}\n",
    );

    #[test]
    fn what_is_no_record_is_rejected_by_line_and_the_rest_is_counted() {
        let mut rejected = Vec::new();
        let counts = survey(&[Input::text("x", MIXED)], |r| rejected.push(r.to_string())).unwrap();
        assert_eq!(counts.0, [1, 0, 0, 1]);
        assert_eq!(rejected.len(), 3);
        assert!(rejected[0].starts_with("x:2: no JSON"), "{}", rejected[0]);
        assert_eq!(rejected[1], "x:4: `record` is none of `person`, `item`, `campaign`, `event`");
        assert!(rejected[2].starts_with("x:5: `record` is missing"));
    }

    #[test]
    fn a_kind_is_read_in_file_order() {
        let mut seen = Vec::new();
        let input = Input::text("x", MIXED);
        input
            .each(Kind::Person, |r| {
                seen.push(r.at.line);
                Ok(())
            })
            .unwrap();
        input
            .each(Kind::Event, |r| {
                seen.push(r.at.line);
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, [3, 1]);
    }
}
