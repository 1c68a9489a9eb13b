//! `data.json`: a policy's name, notices and regions.

use std::collections::BTreeMap;

use rapport_core::country::Country;
use rapport_core::gate::{NoticeTerms, Terms};
use rapport_core::time::UnixMillis;
use serde::Deserialize;

use crate::{Place, PolicyError, PolicyFile};

/// A class has one bit for each notice.
const MAX_NOTICES: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    name: String,
    notice: Notice,
    /// Notices of earlier versions, oldest first: what a class remembers of notices is bits in this order.
    #[serde(default)]
    earlier_notices: Vec<Notice>,
    regions: Vec<Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    id: String,
    notice_from: String,
    effective_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    country: String,
    from: String,
}

/// A policy's name and terms; the notice in force is the last one.
pub(crate) fn parse(file: &PolicyFile) -> Result<(String, Terms), PolicyError> {
    let data: Data = serde_json::from_str(&file.text).map_err(|e| PolicyError::Text {
        file: file.path.clone(),
        place: Place { line: e.line(), column: e.column() },
        problem: without_place(&e.to_string()),
    })?;
    let reader = Reader { file };
    let name = reader.name(data.name)?;
    let notices = reader.notices(data.earlier_notices, data.notice)?;
    let regions = reader.regions(data.regions)?;
    Ok((name, Terms { notices, regions }))
}

/// The place is told apart.
fn without_place(problem: &str) -> String {
    problem.rsplit_once(" at line ").map_or(problem, |(problem, _)| problem).to_owned()
}

struct Reader<'f> {
    file: &'f PolicyFile,
}

impl Reader<'_> {
    fn name(&self, name: String) -> Result<String, PolicyError> {
        let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if plain && !name.is_empty() {
            return Ok(name);
        }
        Err(self.bad("name".to_owned(), name, "lower-case words and digits joined by `-`"))
    }

    fn notices(&self, earlier: Vec<Notice>, last: Notice) -> Result<Vec<NoticeTerms>, PolicyError> {
        if earlier.len() >= MAX_NOTICES {
            let count = earlier.len().to_string();
            return Err(self.bad("earlier_notices".to_owned(), count, "at most 15 notices"));
        }
        let fields = (0..earlier.len()).map(|i| format!("earlier_notices[{i}]")).chain(["notice".to_owned()]);
        let mut notices: Vec<NoticeTerms> = Vec::new();
        for (field, notice) in fields.zip(earlier.into_iter().chain([last])) {
            if notice.id.is_empty() || notices.iter().any(|n| n.id == notice.id) {
                return Err(self.bad(format!("{field}.id"), notice.id, "an id that no other notice has"));
            }
            notices.push(self.notice(&field, notice)?);
        }
        Ok(notices)
    }

    fn notice(&self, field: &str, notice: Notice) -> Result<NoticeTerms, PolicyError> {
        let notice_from = self.time(format!("{field}.notice_from"), &notice.notice_from)?;
        let effective_at = self.time(format!("{field}.effective_at"), &notice.effective_at)?;
        if effective_at < notice_from {
            let expected = "a time that is not before `notice_from`";
            return Err(self.bad(format!("{field}.effective_at"), notice.effective_at, expected));
        }
        Ok(NoticeTerms { id: notice.id, notice_from, effective_at })
    }

    fn regions(&self, regions: Vec<Region>) -> Result<BTreeMap<Country, UnixMillis>, PolicyError> {
        let mut open = BTreeMap::new();
        for (i, region) in regions.into_iter().enumerate() {
            let field = format!("regions[{i}]");
            let country = Country::from_code(&region.country);
            if country.is_unknown() || country.code() != region.country {
                let expected = "an ISO 3166-1 alpha-2 code in capitals, for example `US`";
                return Err(self.bad(format!("{field}.country"), region.country, expected));
            }
            let from = self.time(format!("{field}.from"), &region.from)?;
            if open.insert(country, from).is_some() {
                return Err(self.bad(format!("{field}.country"), region.country, "each country once"));
            }
        }
        Ok(open)
    }

    fn time(&self, field: String, text: &str) -> Result<UnixMillis, PolicyError> {
        let expected = "an RFC 3339 time, for example `2025-12-16T00:00:00Z`";
        UnixMillis::parse(text).map_err(|_| self.bad(field, text.to_owned(), expected))
    }

    fn bad(&self, field: String, value: String, expected: &'static str) -> PolicyError {
        PolicyError::BadValue { file: self.file.path.clone(), field, value, expected }
    }
}
