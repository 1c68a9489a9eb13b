//! `rapport bench ads`: what an auction costs, from profile to price.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rapport_core::auction::targeting::Targeting;
use rapport_core::auction::{
    Ad, AdFacts, Campaign, Left, Listing, Micros, Outcome, Pacing, Request, Snapshot, Status, run,
};
use rapport_core::gate::{Ads, Asking, Decider, Gate};
use rapport_core::ids::{Name, Product};
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::time::DAY;
use rapport_core::topic::{Categories, TopicId};
use rapport_core::understanding::ScoredTopic;

use crate::cli::bench::random::Random;
use crate::cli::bench::stats::Times;
use crate::cli::bench::world::{self, NOW, Topics};
use crate::cli::bench::{Common, Report};
use crate::cli::policy;

/// Measures match and auction over synthetic campaigns.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Campaigns.
    #[arg(long, default_value_t = 100_000)]
    campaigns: usize,
    /// Requests.
    #[arg(long, default_value_t = 5_000)]
    requests: usize,
}

/// People who ask in turn.
const PEOPLE: usize = 200;

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    if args.campaigns == 0 || args.requests == 0 {
        bail!("`--campaigns` and `--requests` are at least 1");
    }
    let mut random = Random::new(args.common.seed);
    let topics = Topics::new(&mut random);
    let bids = |random: &mut Random| 1_000 + random.below(9_000) as i64;
    let even = snapshot(args.campaigns, bids, &mut random)?;
    let people = People::new(&topics, &mut random)?;
    let times = people.times(&even, args.requests);
    // Log-normal bids: what a click is worth varies more than anything else that an auction sees.
    let tailed = |random: &mut Random| ((random.normal() * 1.1 + 8.0).exp() as i64).clamp(100, 10_000_000);
    let heavy = people.times(&snapshot(args.campaigns, tailed, &mut random)?, args.requests);
    let floor = Times::of(args.requests, 50, |index| {
        black_box(people.view_only(index));
    });

    let mut report = Report::new(args.requests, args.common.seed);
    report.figure("mean_us", times.mean_us());
    report.figure("p99_us", times.percentile_us(0.99));
    report.count("index_bytes", even.index_bytes());
    report.count("campaigns", even.len());
    report.figure("heavy_tail_mean_us", heavy.mean_us());
    report.figure("heavy_tail_p99_us", heavy.percentile_us(0.99));
    report.figure("view_floor_us", floor.mean_us());
    report.note(
        "gate, view, match, auction and price on one thread; no HTTP, no reservation, no stored receipt",
    );
    report.note("heavy_tail: log-normal bids; the click model is the auction's own and not drawn");
    report.note("view_floor_us: the gate and the view alone, without any campaign");
    Ok(report)
}

/// Campaigns for countries, ages and topics as advertisers mix them.
fn snapshot(campaigns: usize, bid: impl Fn(&mut Random) -> i64, random: &mut Random) -> Result<Snapshot> {
    let topics: Vec<TopicId> = TopicId::all().filter(|topic| topic.sensitive().is_empty()).collect();
    let mut listings = Vec::with_capacity(campaigns);
    for number in 0..campaigns {
        let topic = topics[random.below(topics.len())];
        let campaign = campaign(number, bid(random), &targeting(topic, random), random)?;
        let facts = AdFacts {
            topics: vec![ScoredTopic::new(topic, 0.9)],
            sensitive: Categories::NONE,
            vector: None,
            language: Some("en".to_owned()),
        };
        listings.push(Arc::new(Listing::new(campaign, vec![facts])?));
    }
    Ok(Snapshot::new(listings))
}

/// One in five asks for everybody of a country; the rest for a topic, half of them also for an age.
fn targeting(topic: TopicId, random: &mut Random) -> String {
    let country = ["US", "CA", "AU", "IN", "BR"][random.below(5)];
    let code = topic.code();
    match random.below(10) {
        0 | 1 => format!("country in [\"{country}\"]"),
        2..=5 => format!("topics has \"{code}\" and country in [\"{country}\"]"),
        _ => format!(
            "topics has \"{code}\" and age >= {} and country in [\"{country}\"]",
            18 + random.below(40)
        ),
    }
}

fn campaign(number: usize, bid: i64, targeting: &str, random: &mut Random) -> Result<Campaign> {
    let name = |text: String| Name::new(&text).context("a campaign's id");
    Ok(Campaign {
        id: name(format!("campaign-{number}"))?,
        advertiser: name(format!("advertiser-{}", number % 5_000))?,
        status: Status::Active,
        start: NOW.plus(-30 * DAY),
        end: NOW.plus(30 * DAY),
        budget: Micros(1_000_000_000),
        daily_budget: None,
        currency: "USD".to_owned(),
        bid: Micros(bid),
        pacing: Pacing::Asap,
        reserve: Micros(random.below(500) as i64),
        targeting: Targeting::parse(targeting)?,
        frequency_cap: None,
        ads: vec![Ad {
            id: name(format!("ad-{number}"))?,
            title: "An ad".to_owned(),
            body: String::new(),
            url: "https://example.org/".to_owned(),
            image: None,
        }],
        category: None,
    })
}

/// Those who ask.
struct People {
    policy: rapport_policy::CedarPolicy,
    product: Product,
    person: rapport_core::gate::Person,
    profiles: Vec<Profile>,
}

impl People {
    fn new(topics: &Topics, random: &mut Random) -> Result<Self> {
        let policy = policy::open("announced")?;
        let person = world::person();
        let (catalog, ..) = world::catalog(1_000, topics, random)?;
        let (terms, limits) = (&policy.facts().terms, Limits::default());
        let folder = Folder { terms, notices: &person.notices, limits: &limits };
        let profiles = (0..PEOPLE)
            .map(|number| {
                Ok(folder.fold(&world::log(number, 3 + random.below(30), &catalog, topics, random)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let product = Name::new("main").context("a product's name")?;
        Ok(Self { policy, product, person, profiles })
    }

    fn times(&self, snapshot: &Snapshot, requests: usize) -> Times {
        Times::of(requests, 50, |index| drop(black_box(self.auction(snapshot, index))))
    }

    fn auction(&self, snapshot: &Snapshot, index: usize) -> Outcome {
        let asking = Asking { product: &self.product, now: NOW, gpc: false };
        let profile = &self.profiles[index % self.profiles.len()];
        let view = Gate::new(&self.policy).view::<Ads>(profile, &self.person, &asking);
        let request = Request {
            product: &self.product,
            now: NOW,
            seed: index as u64,
            limit: 1,
            view: Some(&view),
            beside: None,
        };
        run(snapshot, &request, &[], &|_: &Campaign| Left::default())
    }

    fn view_only(&self, index: usize) -> usize {
        let asking = Asking { product: &self.product, now: NOW, gpc: false };
        let profile = &self.profiles[index % self.profiles.len()];
        Gate::new(&self.policy).view::<Ads>(profile, &self.person, &asking).classes().len()
    }
}
