//! `rapport eval rank`: replays events, ranks for each query, and measures where the answer is known.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::cli::eval::metrics::Mean;
use crate::cli::eval::query::{self, Query};
use crate::cli::eval::{settings, world::World};
use crate::cli::{models, output, policy};

/// Items written for each query.
const WRITTEN: usize = 100;

/// Replays events through the server's pipeline, then ranks for each query.
///
/// Catalogue and events are lines of `rapport load`'s format (`record` may be left out). A query is
/// `{"id","person","context":[event...],"exclude":[item],"relevant":[item]?}`. Every person is in the US and saw the
/// notice before their first event, there is one product, and nothing is explored. A query's now is one second after
/// its last context event, else after the person's last event; its context serves that query alone. Items excluded
/// are left out after ranking.
#[derive(clap::Args)]
pub struct Args {
    /// Items.
    #[arg(long, value_name = "FILE")]
    catalog: PathBuf,
    /// Events, in the order that they happened.
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// Queries.
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// A preset or a policy's folder.
    #[arg(long, value_name = "NAME|DIR", default_value = "announced")]
    policy: String,
    /// Depths to measure at.
    #[arg(long, value_name = "K,…", value_delimiter = ',', default_value = "10,20,50")]
    k: Vec<usize>,
    /// Writes `{"id","items":[the best 100]}` a line to this file.
    #[arg(long, value_name = "FILE")]
    rankings: Option<PathBuf>,
    /// Weights of the feed to try, as JSON: those of `FeedSettings` that it names.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    if args.k.contains(&0) {
        bail!("`--k` holds 0; a ranking is measured at depths from 1 on");
    }
    let queries = query::read(&args.queries)?;
    let policy = policy::open(&args.policy)?;
    let models = models::open()?;
    let mut world = World::new(&policy, &models, settings(args.settings.as_deref())?)?;
    world.add_items(records(&args.catalog, "item")?);
    world.add_events(records(&args.events, "event")?, &queries);
    let depth = args.k.iter().copied().max().unwrap_or(0).max(WRITTEN);
    let rankings = world.rank_all(&queries, depth)?;
    if let Some(file) = &args.rankings {
        write(file, &queries, &rankings)?;
    }
    let popular = world.popular();
    let measured = Measured::of(&queries, &rankings, &popular, &args.k);
    if args.json {
        output::json(&measured.as_json())?
    } else {
        output::line(measured.as_text())?
    }
    Ok(ExitCode::SUCCESS)
}

/// The good lines of a file that are of `kind` or say no kind; the others are named on standard error and left
/// out, as the server would.
fn records(path: &Path, kind: &str) -> Result<Vec<(String, Value)>> {
    let (good, bad) = query::values(path)?;
    bad.iter().for_each(output::note);
    let of_kind = |(at, value): &(String, Value)| {
        let record = value.get("record").and_then(Value::as_str).unwrap_or(kind);
        if record != kind {
            output::note(format!("{at}: left out, `record` is not `{kind}`"));
        }
        record == kind
    };
    Ok(good.into_iter().filter(of_kind).collect())
}

fn write(file: &Path, queries: &[Query], rankings: &[Vec<String>]) -> Result<()> {
    let unwritable = || format!("`{}` can't be written", file.display());
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).with_context(unwritable)?);
    for (query, ranking) in queries.iter().zip(rankings) {
        let best = &ranking[..ranking.len().min(WRITTEN)];
        writeln!(out, "{}", json!({"id": query.id, "items": best})).with_context(unwritable)?;
    }
    out.flush().with_context(unwritable)
}

/// The pipeline's measures, and popularity's beside them.
pub struct Measured {
    /// The pipeline.
    pub pipeline: Mean,
    /// Popularity alone, over the same queries.
    pub popularity: Mean,
}

impl Measured {
    /// Measures the queries whose relevant items are known; `popular` is the same list for all, best first.
    pub fn of(queries: &[Query], rankings: &[Vec<String>], popular: &[String], depths: &[usize]) -> Self {
        let mut measured = Self { pipeline: Mean::new(depths), popularity: Mean::new(depths) };
        for (query, ranking) in queries.iter().zip(rankings) {
            measured.add(query, ranking, popular);
        }
        measured
    }

    /// Adds one query; of no relevant items there is nothing to find, and the query is left out.
    pub fn add(&mut self, query: &Query, ranking: &[String], popular: &[String]) {
        let Some(relevant) = query.relevant.as_ref().filter(|relevant| !relevant.is_empty()) else { return };
        let relevant = relevant.iter().map(String::as_str).collect();
        let ranked: Vec<&str> = ranking.iter().map(String::as_str).collect();
        self.pipeline.add(&ranked, &relevant);
        let open = popular.iter().filter(|item| !query.exclude.contains(*item));
        self.popularity.add(&open.map(String::as_str).collect::<Vec<_>>(), &relevant);
    }

    /// The contract's keys; those of popularity begin with `popularity_`.
    pub fn as_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("n".to_owned(), self.pipeline.n().into());
        for (prefix, mean) in [("", &self.pipeline), ("popularity_", &self.popularity)] {
            for (k, at) in mean.each() {
                map.insert(format!("{prefix}ndcg@{k}"), at.ndcg.into());
                map.insert(format!("{prefix}recall@{k}"), at.recall.into());
            }
        }
        Value::Object(map)
    }

    /// A Markdown table.
    pub fn as_text(&self) -> String {
        let mut text =
            format!("{} queries\n\n| | pipeline | popularity |\n|---|---|---|\n", self.pipeline.n());
        for ((k, ours), (_, popular)) in self.pipeline.each().zip(self.popularity.each()) {
            text.push_str(&format!("| NDCG@{k} | {:.3} | {:.3} |\n", ours.ndcg, popular.ndcg));
            text.push_str(&format!("| recall@{k} | {:.3} | {:.3} |\n", ours.recall, popular.recall));
        }
        text.trim_end().to_owned()
    }
}
