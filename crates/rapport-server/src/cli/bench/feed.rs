//! `rapport bench feed`: what a feed costs, from profile to reasons.

use std::hint::black_box;

use anyhow::{Context, Result, bail};
use rapport_core::catalog::{Catalog, Popularity, RowId};
use rapport_core::gate::{Asking, Decider, Feed, Gate, Person};
use rapport_core::ids::{Name, Product};
use rapport_core::pipeline::{FeedRequest, FeedSettings, FeedWorld, RankedFeed, feed};
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::understanding::{VECTOR_DIM, Vector, dot};
use rapport_policy::CedarPolicy;

use crate::cli::bench::random::Random;
use crate::cli::bench::stats::Times;
use crate::cli::bench::world::{self, Topics};
use crate::cli::bench::{Common, Report, served};
use crate::cli::policy;

/// Measures feed requests over a synthetic catalogue.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Items; `retrieve_1m_*` are measured from a million on.
    #[arg(long, default_value_t = 100_000)]
    items: usize,
    /// People, each with a profile of her own.
    #[arg(long, default_value_t = 500)]
    people: usize,
    /// Requests.
    #[arg(long, default_value_t = 2_000)]
    requests: usize,
}

/// Rows of an answer.
const ROWS: usize = 20;
/// Items that a retrieval finds.
const NEAREST: usize = 100;
/// From here on a retrieval is one over a million.
const MILLION: usize = 1_000_000;

/// Somebody, and what their log comes to.
struct Member {
    person: Person,
    profile: Profile,
}

/// What feeds are made from.
struct Bench {
    policy: CedarPolicy,
    product: Product,
    catalog: Catalog,
    popularity: Popularity,
    popular: Vec<RowId>,
    members: Vec<Member>,
}

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    if args.items == 0 || args.people == 0 || args.requests == 0 {
        bail!("`--items`, `--people` and `--requests` are at least 1");
    }
    let mut random = Random::new(args.common.seed);
    let topics = Topics::new(&mut random);
    let all = Bench::new(args.items, args.people, &topics, &mut random)?;
    let times = Times::of(args.requests, 50, |index| drop(black_box(all.feed(index, ROWS))));
    // With 500 items each source finds what it can of all of them: 500 candidates are scored.
    let small = Bench::new(500, args.people, &topics, &mut random)?;
    let ranked = Times::of(args.requests, 50, |index| drop(black_box(small.feed(index, ROWS))));

    let mut report = Report::new(args.requests, args.common.seed);
    report.count("items", args.items);
    report.count("people", args.people);
    report.figure("p50_us", times.percentile_us(0.5));
    report.figure("p99_us", times.percentile_us(0.99));
    report.figure("per_core_s", 1e6 / times.mean_us());
    report.figure("changed_ranking_p99_us", served::changed_ranking(args.common.seed)?.percentile_us(0.99));
    report.figure("rank_500_us", ranked.percentile_us(0.5));
    report.figure("scan_floor_us", all.scan_floor().percentile_us(0.5));
    let retrieval = if args.items >= MILLION { Some(all.retrieval()) } else { None };
    report.figure("retrieve_1m_us", retrieval.map(|(us, _)| us));
    report.figure("retrieve_1m_recall", retrieval.map(|(_, recall)| recall));
    report.note(
        "p50, p99, per_core_s: gate, view, feed and reasons on one thread; no HTTP and no stored receipt",
    );
    report.note("rank_500_us: the same over a catalogue of 500, every item a candidate");
    report.note(
        "changed_ranking_p99_us: an event posted, made durable and folded, and the feed after it, in process",
    );
    report.note(
        "scan_floor_us: one pass over the bytes of all meaning vectors, the floor of an exact nearest search",
    );
    if retrieval.is_none() {
        report.note("retrieve_1m_*: measured with `--items 1000000` or more only");
    }
    Ok(report)
}

impl Bench {
    fn new(items: usize, people: usize, topics: &Topics, random: &mut Random) -> Result<Self> {
        let policy = policy::open("announced")?;
        let (catalog, popularity, popular) = world::catalog(items, topics, random)?;
        let limits = Limits::default();
        let mut members = Vec::with_capacity(people);
        for number in 0..people {
            let person = world::person();
            let log = world::log(number, 3 + random.below(30), &catalog, topics, random)?;
            let terms = &policy.facts().terms;
            let profile = Folder { terms, notices: &person.notices, limits: &limits }.fold(&log);
            members.push(Member { person, profile });
        }
        let product = Name::new("main").context("a product's name")?;
        Ok(Self { policy, product, catalog, popularity, popular, members })
    }

    fn feed(&self, index: usize, limit: usize) -> RankedFeed {
        let member = &self.members[index % self.members.len()];
        let asking = Asking { product: &self.product, now: world::NOW, gpc: false };
        let view = Gate::new(&self.policy).view::<Feed>(&member.profile, &member.person, &asking);
        let world =
            FeedWorld { catalog: &self.catalog, popularity: &self.popularity, popular: &self.popular };
        let request = FeedRequest { view: &view, viewer: None, limit, seed: index as u64 };
        feed(&world, &request, &FeedSettings::default())
    }

    /// One pass over as many bytes as the meaning vectors have, eight at a time.
    fn scan_floor(&self) -> Times {
        let words = vec![1u64; self.catalog.len() * VECTOR_DIM / 8];
        Times::of(20, 2, |_| {
            black_box(black_box(&words).iter().fold(0, |mixed, word| mixed ^ word));
        })
    }

    /// The time to the nearest 100, in microseconds, and the share of the true nearest among them.
    fn retrieval(&self) -> (f64, f64) {
        let interests = self.members.iter().flat_map(|m| &m.profile.classes).flat_map(|c| &c.vectors);
        let queries: Vec<&Vector> = interests.map(|interest| &interest.vector).take(30).collect();
        let nearest = |index: usize| self.catalog.nearest(queries[index % queries.len()], NEAREST);
        let times = Times::of(queries.len() * 2, 3, |index| drop(black_box(nearest(index))));
        let recalls = (0..queries.len().min(5)).map(|index| self.recall(queries[index], &nearest(index)));
        let recalls: Vec<f64> = recalls.collect();
        (times.percentile_us(0.5), recalls.iter().sum::<f64>() / recalls.len().max(1) as f64)
    }

    /// How many of the true nearest, found by sorting everything, are in `found`; equal ones are as good.
    fn recall(&self, query: &Vector, found: &[(i32, RowId)]) -> f64 {
        let vectors = self.catalog.items().filter_map(|(_, item)| item.vector.as_ref());
        let mut all: Vec<i32> = vectors.map(|vector| dot(&query.0, &vector.0)).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let Some(last) = all.get(NEAREST - 1) else { return 0.0 };
        found.iter().filter(|(score, _)| score >= last).count() as f64 / NEAREST as f64
    }
}
