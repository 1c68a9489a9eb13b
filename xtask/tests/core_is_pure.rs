//! The core takes time, randomness and bytes from its caller: its sources name nothing that would fetch them.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the standard library that reach outside the process or start threads.
const CLOSED_MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];
/// Names that mean the machine's clock or its randomness, whatever path they are imported by.
const CLOSED_NAMES: [&str; 8] = [
    "Instant",
    "OsRng",
    "RandomState",
    "SystemTime",
    "ThreadRng",
    "from_entropy",
    "from_os_rng",
    "thread_rng",
];
/// Calls that mean the same in crates for dates and chance.
const CLOSED_CALLS: [&str; 4] = ["Timestamp::now", "Zoned::now", "Utc::now", "rand::rng"];

#[test]
fn the_core_names_no_clock_no_files_no_network_and_no_chance() {
    let sources = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rapport-core/src"));
    assert!(
        sources.iter().any(|path| path.ends_with("lib.rs")),
        "the sources of the core are not where they were"
    );
    let found: Vec<String> = sources
        .iter()
        .flat_map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            impurities(&fs::read_to_string(path).unwrap())
                .into_iter()
                .map(move |what| format!("{name}: {what}"))
        })
        .collect();
    assert!(found.is_empty(), "pass these in from outside the core: {found:#?}");
}

#[test]
fn every_way_to_name_them_is_found() {
    for (source, expected) in [
        ("use std::time::SystemTime;", "SystemTime"),
        ("let start = std::time::Instant::now();", "Instant"),
        ("use std::{collections::{BTreeMap, BTreeSet}, fs};", "std::fs"),
        ("std::fs::read(path)", "std::fs"),
        ("use std::{net::TcpStream, io};", "std::net"),
        ("rand::thread_rng().random()", "thread_rng"),
        ("let now = jiff::Timestamp::now();", "Timestamp::now"),
        ("let mut rng = rand::rng();", "rand::rng"),
    ] {
        assert_eq!(impurities(source), [expected], "{source}");
    }
}

#[test]
fn comments_and_longer_names_are_left_alone() {
    for source in [
        "//! No `std::fs`, no SystemTime.",
        "/// An Instant in words.",
        "let instants = 3; // Instant",
        "use std::{collections::BTreeMap, time::Duration};",
        "fn fsync() {}",
        "let address = \"https://example.org\";",
    ] {
        assert_eq!(impurities(source), Vec::<String>::new(), "{source}");
    }
}

/// What a source names that the core may not, each once a line.
fn impurities(source: &str) -> Vec<String> {
    let code: String = source.lines().map(without_comment).collect::<Vec<_>>().join("\n");
    let mut found: Vec<String> = Vec::new();
    found.extend(
        std_modules(&code)
            .into_iter()
            .filter(|module| CLOSED_MODULES.contains(&module.as_str()))
            .map(|module| format!("std::{module}")),
    );
    found.extend(words(&code).filter(|word| CLOSED_NAMES.contains(word)).map(str::to_owned));
    found.extend(
        CLOSED_CALLS.iter().filter(|call| code.contains(&format!("{call}("))).map(|call| (*call).to_owned()),
    );
    found
}

// A `//` inside a string cuts that string: it could hide only what stands behind it on the same line.
fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The modules that a source takes from the standard library, as `std::fs` or as one of `std::{fs, io}`.
fn std_modules(code: &str) -> Vec<String> {
    code.match_indices("std::")
        .flat_map(|(at, path)| {
            let rest = &code[at + path.len()..];
            if rest.starts_with('{') { group(rest) } else { words(rest).take(1).map(str::to_owned).collect() }
        })
        .collect()
}

/// The first word of each member of `{a::b, c::{d, e}}`.
fn group(from: &str) -> Vec<String> {
    let (mut depth, mut members, mut fresh) = (0, Vec::new(), String::new());
    for letter in from.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => members.push(std::mem::take(&mut fresh)),
            _ if depth == 1 => fresh.push(letter),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    members.push(fresh);
    members.iter().filter_map(|member| words(member).next().map(str::to_owned)).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
