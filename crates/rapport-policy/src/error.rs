//! Why a policy was not loaded.

use std::fmt;
use std::path::PathBuf;

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in Unicode scalar values.
    pub column: usize,
}

impl Place {
    /// The place of the byte at `offset` of `text`.
    pub(crate) fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        }
    }

    /// The place that Cedar points at in `text`; its beginning if it points nowhere.
    pub(crate) fn of(text: &str, problem: &dyn miette::Diagnostic) -> Self {
        let label = problem.labels().and_then(|mut labels| labels.next());
        Self::at(text, label.map_or(0, |label| label.offset()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a policy was not loaded; names the file, the place and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Neither a preset nor a folder.
    #[error(
        "no policy `{name}`: expected one of the presets `{}`, or a folder with `data.json`, \
         `schema.cedarschema`, `policy/*.cedar` and `laws/*.cedar`",
        crate::PRESETS.join("`, `")
    )]
    NoSuchPolicy {
        /// What was asked for.
        name: String,
    },
    /// A file of the folder is missing or can't be read.
    #[error("policy file `{}`: {source}; copy it from a preset folder and adapt it", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder of the folder holds no Cedar file.
    #[error("policy folder `{}`: no file ends in `.cedar`; expected at least one", .folder.display())]
    NoCedarFile {
        /// The folder.
        folder: PathBuf,
    },
    /// A file does not parse, or a rule does not fit the schema.
    #[error("policy file `{file}`, {place}: {problem}")]
    Text {
        /// The file, from the policy's folder.
        file: String,
        /// Where in it.
        place: Place,
        /// What its parser or type checker said.
        problem: String,
    },
    /// A rule has no name or no sentence.
    #[error(
        "policy file `{file}`, {place}: this rule has no `@{annotation}(\"…\")`; every rule needs `@id` and `@says`"
    )]
    NoAnnotation {
        /// The file.
        file: String,
        /// Where the rule begins.
        place: Place,
        /// What is missing.
        annotation: &'static str,
    },
    /// A rule's name is no kebab-case word.
    #[error(
        "policy file `{file}`: `@id(\"{id}\")` must be lower-case words and digits joined by `-`, and not a reserved name"
    )]
    BadId {
        /// The file.
        file: String,
        /// The name.
        id: String,
    },
    /// Two rules bear the same name.
    #[error("policy file `{file}`: a second rule bears `@id(\"{id}\")`; rename one of them")]
    DuplicateId {
        /// The file of the second.
        file: String,
        /// The name.
        id: String,
    },
    /// A template, which nothing would ever fill in.
    #[error(
        "policy file `{file}`: `{id}` is a template (`?principal` or `?resource`); write a rule without slots"
    )]
    Template {
        /// The file.
        file: String,
        /// Its name, or Cedar's number for it.
        id: String,
    },
    /// A law that is not written as what must never be allowed.
    #[error(
        "policy file `{file}`: the law `{id}` is a `forbid`; write laws as `permit` of what must never be allowed"
    )]
    LawForbids {
        /// The file.
        file: String,
        /// The law.
        id: String,
    },
    /// The rules allow what a law says must never be.
    #[error(
        "the policy breaks its law `{law}` ({}): its rule `{rule}` allows {question}; add a `forbid`",
        .says.trim_end_matches('.')
    )]
    LawBroken {
        /// The law.
        law: String,
        /// What it says.
        says: String,
        /// The rule that allows it.
        rule: String,
        /// An example.
        question: String,
    },
    /// More rules than the memo can name.
    #[error("the policy has {count} rules (limit: {limit}); join some")]
    TooManyRules {
        /// How many it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The schema asks for something that Rapport does not know.
    #[error("policy file `{file}`: unknown attribute `{attribute}` of `Signal`; Rapport fills {}", quoted(.known))]
    UnknownAttribute {
        /// The file.
        file: String,
        /// The attribute.
        attribute: String,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// The schema leaves something out.
    #[error("policy file `{file}`: `Signal` lacks the required attribute `{attribute}`; add it, without `?`")]
    MissingAttribute {
        /// The file.
        file: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// The schema's types are not those of the questions that Rapport asks.
    #[error(
        "policy file `{file}`: a question of Rapport's does not fit: {problem}; copy the declaration from a preset"
    )]
    SchemaMisfit {
        /// The file.
        file: String,
        /// What Cedar said.
        problem: String,
    },
    /// A value of `data.json` makes no sense.
    #[error("policy file `{file}`: `{field}` is `{value}`; expected {expected}")]
    BadValue {
        /// The file.
        file: String,
        /// Where in it, for example `regions[3].country`.
        field: String,
        /// What it says.
        value: String,
        /// What it should say.
        expected: &'static str,
    },
}

fn quoted(attributes: &[&str]) -> String {
    attributes.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "über\nso";
        assert_eq!(Place::at(text, 0), Place { line: 1, column: 1 });
        assert_eq!(Place::at(text, 2), Place { line: 1, column: 2 });
        assert_eq!(Place::at(text, 7), Place { line: 2, column: 2 });
        assert_eq!(Place::at(text, 99), Place { line: 2, column: 3 });
    }
}
