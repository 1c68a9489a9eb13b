//! The house of `DESIGN.md` §1 as a test: which crate may use which, and what the core never reaches.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What each crate may use of the workspace. `None` is everything. A crate that isn't here belongs nowhere yet.
const HOUSE: [(&str, Option<&[&str]>); 8] = [
    ("rapport-core", Some(&[])),
    ("rapport-understand", Some(&["rapport-core"])),
    ("rapport-policy", Some(&["rapport-core"])),
    ("rapport-speech", Some(&[])),
    ("rapport-store", Some(&["rapport-core"])),
    (
        "rapport-server",
        Some(&["rapport-core", "rapport-policy", "rapport-speech", "rapport-store", "rapport-understand"]),
    ),
    ("rapport-sim", None),
    ("xtask", Some(&[])),
];

/// Crates that do I/O, run tasks, or draw on the operating system's clock or randomness: nothing that the core uses,
/// near or far, may be one of them.
const IMPURE: [&str; 34] = [
    "async-std",
    "axum",
    "cap-std",
    "chrono",
    "console",
    "crossbeam-channel",
    "fastrand",
    "futures-executor",
    "getrandom",
    "h2",
    "heed",
    "hyper",
    "iana-time-zone",
    "indicatif",
    "instant",
    "libsqlite3-sys",
    "log",
    "memmap2",
    "mio",
    "notify",
    "postgres",
    "quanta",
    "rayon",
    "redb",
    "reqwest",
    "rocksdb",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tower",
    "tracing",
    "ureq",
];

type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn crates_use_only_what_the_house_allows() {
    assert_eq!(trespasses(&workspace()), Vec::<String>::new());
}

#[test]
fn only_the_simulation_may_use_the_server_and_nothing_uses_the_simulation() {
    let users = |of: &str| {
        let graph = workspace();
        graph.into_iter().filter(|(_, uses)| uses.contains(of)).map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert!(
        users("rapport-server").iter().all(|user| user == "rapport-sim"),
        "{:?}",
        users("rapport-server")
    );
    assert_eq!(users("rapport-sim"), Vec::<String>::new());
}

#[test]
fn nothing_that_the_core_uses_does_io_or_draws_on_clock_or_chance() {
    let reached = reached_by("rapport-core");
    assert!(reached.contains("serde"), "`cargo tree` was not understood: {reached:?}");
    let impure: Vec<_> = IMPURE.iter().filter(|name| reached.contains(**name)).collect();
    assert!(impure.is_empty(), "rapport-core reaches {impure:?}: move what needs them out of the core");
}

#[test]
fn a_wrong_edge_and_an_unknown_crate_are_found() {
    let edge = |from: &str, to: &str| Graph::from([(from.to_owned(), BTreeSet::from([to.to_owned()]))]);
    assert_eq!(trespasses(&edge("rapport-store", "rapport-policy")), ["rapport-store uses rapport-policy"]);
    assert_eq!(
        trespasses(&edge("rapport-core", "rapport-understand")),
        ["rapport-core uses rapport-understand"]
    );
    assert_eq!(
        trespasses(&edge("rapport-attic", "rapport-core")),
        ["rapport-attic has no place in the house"]
    );
    assert!(trespasses(&edge("rapport-sim", "rapport-server")).is_empty());
}

fn trespasses(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, uses) in graph {
        match HOUSE.iter().find(|(room, _)| room == name) {
            None => found.push(format!("{name} has no place in the house")),
            Some((_, None)) => {}
            Some((_, Some(may_use))) => {
                let wrong = uses.iter().filter(|used| !may_use.contains(&used.as_str()));
                found.extend(wrong.map(|used| format!("{name} uses {used}")));
            }
        }
    }
    found
}

/// The workspace's crates and what each uses of the workspace when it ships (tests may use more).
fn workspace() -> Graph {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version=1", "--no-deps"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let graph: Graph =
        packages.iter().map(|package| (text(&package["name"]), shipped_uses(package, &names))).collect();
    assert!(graph.len() >= HOUSE.len(), "`cargo metadata` was not understood: {graph:?}");
    graph
}

fn shipped_uses(package: &Value, workspace: &BTreeSet<&str>) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]))
        .filter(|name| workspace.contains(name.as_str()))
        .collect()
}

/// Every crate that this one uses when it ships, near or far, on this machine, with all of its features.
fn reached_by(package: &str) -> BTreeSet<String> {
    let tree =
        cargo(&["tree", "--all-features", "--edges=normal,build", "--prefix=none", "--package", package]);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // What these tests read is on the disk once they are built: the network has no say in them.
    let output =
        Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
