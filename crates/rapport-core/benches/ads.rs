//! How long does it take to match, score and price one ad among 100,000 campaigns? Beside it: walking every tree.
//!
//! `cargo bench -p rapport-core --bench ads [-- CAMPAIGNS]`
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "bench")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use rapport_core::auction::targeting::{Audience, Language, TopicSet};
use rapport_core::auction::{AdFacts, Beside, Campaign, Left, Listing, Request, Snapshot, run};
use rapport_core::country::Country;
use rapport_core::event::{Deed, Modality, Record};
use rapport_core::gate::{Ads, Asking, Decider, Decision, Gate, GateKey, Person, PolicyFacts, RuleId, Terms};
use rapport_core::ids::Name;
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_core::signal::{Marks, Source, TopicStrength};
use rapport_core::time::{DAY, UnixMillis};
use rapport_core::topic::{Categories, TopicId};
use rapport_core::understanding::{ScoredTopic, VECTOR_DIM, Vector};
use serde_json::json;

const NOW: UnixMillis = UnixMillis(1_766_200_000_000);
const SEED: u64 = 7;
const REQUESTS: usize = 1_000;
const COUNTRIES: &str = "US IN BR ID GB MX JP PH VN TR FR DE TH IT ES PL CO AR CA EG NG PK BD KR MY AU ZA PE CL NL \
RO MA DZ IQ SA EC VE BE SE PT GR CZ HU KE GH BO DO AT CH IL UA TN GT NP LK JO HN SV PY NI DK FI NO IE NZ";
const LANGUAGES: &str = "en es hi pt id fr de ja ar bn vi tr ko th it pl nl ro el cs hu sv da fi no he uk";

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Some values often and most rarely: 1/rank^s.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(n: usize, s: f64) -> Self {
        let weights: Vec<f64> = (1..=n).map(|rank| (rank as f64).powf(-s)).collect();
        let sum: f64 = weights.iter().sum();
        let mut run = 0.0;
        Self(
            weights
                .iter()
                .map(|w| {
                    run += w / sum;
                    run
                })
                .collect(),
        )
    }
    fn get(&self, random: &mut Random) -> usize {
        let at = random.unit();
        self.0.partition_point(|upto| *upto < at).min(self.0.len() - 1)
    }
    fn some(&self, n: usize, random: &mut Random) -> Vec<usize> {
        let mut some: Vec<usize> = Vec::new();
        while some.len() < n {
            let next = self.get(random);
            if !some.contains(&next) {
                some.push(next);
            }
        }
        some
    }
}

struct World {
    random: Random,
    countries: Vec<&'static str>,
    languages: Vec<&'static str>,
    topics: Vec<TopicId>,
    of_country: Zipf,
    of_language: Zipf,
    of_topic: Zipf,
    meanings: Vec<[f32; VECTOR_DIM]>,
}

impl World {
    fn new() -> Self {
        let mut random = Random(SEED);
        let topics: Vec<TopicId> = TopicId::all().filter(|t| t.sensitive().is_empty()).collect();
        let countries: Vec<_> = COUNTRIES.split(' ').collect();
        let languages: Vec<_> = LANGUAGES.split(' ').collect();
        let meanings = topics.iter().map(|_| std::array::from_fn(|_| random.normal() as f32)).collect();
        Self {
            of_country: Zipf::new(countries.len(), 1.0),
            of_language: Zipf::new(languages.len(), 1.0),
            of_topic: Zipf::new(topics.len(), 0.8),
            random,
            countries,
            languages,
            topics,
            meanings,
        }
    }

    /// The meaning of a topic, and something of one's own.
    fn vector(&mut self, topic: usize) -> Vector {
        let own: [f32; VECTOR_DIM] = std::array::from_fn(|_| self.random.normal() as f32);
        let meaning = self.meanings[topic];
        Vector::quantize(&std::array::from_fn(|i| meaning[i] + own[i])).unwrap()
    }

    /// The mix of `research/ads.md`: nearly all name countries, most ages, languages and topics.
    fn alternative(&mut self) -> (String, usize) {
        let mut tests = Vec::new();
        let quoted = |of: Vec<&str>| of.iter().map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(",");
        if self.random.chance(0.95) {
            let n = 1 + self.random.below(5);
            let some = self.of_country.some(n, &mut self.random);
            tests.push(format!("country in [{}]", quoted(some.iter().map(|&c| self.countries[c]).collect())));
        }
        if self.random.chance(0.6) {
            tests.push(format!("age >= {}", [18, 21, 25, 35, 45, 55][self.random.below(6)]));
        }
        if self.random.chance(0.7) {
            let n = 1 + self.random.below(2);
            let some = self.of_language.some(n, &mut self.random);
            tests
                .push(format!("language in [{}]", quoted(some.iter().map(|&l| self.languages[l]).collect())));
        }
        let mut topic = self.of_topic.get(&mut self.random);
        if self.random.chance(0.8) {
            let n = 1 + self.random.below(10);
            let some = self.of_topic.some(n, &mut self.random);
            topic = some[0];
            let any: Vec<String> =
                some.iter().map(|&t| format!("topics has \"{}\"", self.topics[t].code())).collect();
            tests.push(format!("({})", any.join(" or ")));
        }
        if self.random.chance(0.4) {
            let t = self.of_topic.get(&mut self.random);
            tests.push(format!("not topics has \"{}\"", self.topics[t].code()));
        }
        (tests.join(" and "), topic)
    }

    fn campaign(&mut self, at: usize, spread: f64) -> Arc<Listing> {
        let (mut targeting, topic) = self.alternative();
        if !targeting.is_empty() && self.random.chance(0.2) {
            let (other, _) = self.alternative();
            if !other.is_empty() {
                targeting = format!("({targeting}) or ({other})");
            }
        }
        let bid = (2_000.0 * (spread * self.random.normal()).exp()) as i64 + 1;
        let body = json!({
            "advertiser": format!("adv{}", at % 5_000), "status": "active", "start": "2025-01-01",
            "end": "2026-12-31", "budget_micros": 1_000_000_000, "currency": "USD", "bid_micros": bid,
            "targeting": targeting,
            "ads": [{"id": "a", "title": "t", "body": "b", "url": "https://example.org/"}],
        });
        let facts = AdFacts {
            topics: vec![ScoredTopic::new(self.topics[topic], 0.7)],
            sensitive: Categories::NONE,
            vector: Some(self.vector(topic)),
            language: None,
        };
        let campaign = Campaign::parse(&format!("c{at}"), &body).unwrap();
        Arc::new(Listing::new(campaign, vec![facts]).unwrap())
    }

    /// Somebody with `topics` interests, told and shown over two months.
    fn person(&mut self, topics: usize) -> (Person, Profile) {
        let person = Person {
            country: Country::from_code(self.countries[self.of_country.get(&mut self.random)]),
            birth_year: Some(1940 + self.random.below(65) as i16),
            languages: vec![self.languages[self.of_language.get(&mut self.random)].to_owned()],
            ..Person::default()
        };
        let log: Vec<Record> = (0..topics).map(|at| self.record(at)).collect();
        let (terms, limits) = (Terms::default(), Limits::default());
        let profile = Folder { terms: &terms, notices: &[], limits: &limits }.fold(&log);
        (person, profile)
    }

    fn record(&mut self, at: usize) -> Record {
        let topic = self.of_topic.get(&mut self.random);
        let said = self.random.chance(0.3);
        Record {
            event: Name::new(&format!("e{at}")).unwrap(),
            product: Name::new("main").unwrap(),
            at: NOW.plus(-(self.random.below(60) as i64) * DAY),
            country: Country::from_code("US"),
            epoch: 0,
            deed: if said { Deed::Said } else { Deed::Commented },
            source: if said { Source::Assistant } else { Source::Social },
            modality: if said { Modality::Text } else { Modality::None },
            conversation: None,
            object: None,
            dwell_ms: 0,
            signals: vec![TopicStrength { topic: self.topics[topic], strength: 0.6 }],
            marks: Marks::default(),
            vector: Some(self.vector(topic)),
            named: Vec::new(),
        }
    }
}

struct AllowAll(PolicyFacts);

impl Decider for AllowAll {
    fn decide(&self, _: &GateKey) -> Decision {
        Decision { allowed: true, rule: RuleId(0) }
    }
    fn facts(&self) -> &PolicyFacts {
        &self.0
    }
}

fn allow_all() -> AllowAll {
    AllowAll(PolicyFacts {
        name: "bench".into(),
        version: "bench-1".into(),
        epoch: 0,
        notice: 0,
        terms: Terms::default(),
        rules: vec![],
        honours_objection: vec![],
    })
}

/// Milliseconds that this thread has had a core, where Linux tells: other work on the machine does not count.
fn core_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).map_or(f64::NAN, |ns| ns / 1e6)
}

fn report(what: &str, mut micros: Vec<f64>, more: &str) {
    micros.sort_by(f64::total_cmp);
    let mean = micros.iter().sum::<f64>() / micros.len() as f64;
    println!(
        "{what:<44} mean {mean:>9.1} us  p50 {:>9.1}  p99 {:>9.1}  {more}",
        micros[micros.len() / 2],
        micros[micros.len() * 99 / 100]
    );
}

fn main() {
    let campaigns = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    for spread in [0.3, 1.0] {
        measure(campaigns, spread);
    }
}

fn measure(campaigns: usize, spread: f64) {
    let mut world = World::new();
    let listings: Vec<_> = (0..campaigns).map(|at| world.campaign(at, spread)).collect();
    let started = Instant::now();
    let snapshot = Snapshot::new(listings);
    let built = started.elapsed();
    let changed = snapshot.listings().next().cloned().unwrap();
    let before = core_ms();
    let snapshot = snapshot.with(changed);
    let rebuilt = core_ms() - before;
    let alternatives: usize = snapshot.listings().map(|l| l.campaign.targeting.conjunctions().len()).sum();
    println!(
        "n {campaigns}  alternatives {alternatives}  bids log-normal {spread}  seed {SEED}  build {:.0} ms  rebuild on a change {:.0} ms of a core  index {:.1} MB",
        built.as_secs_f64() * 1e3,
        rebuilt,
        snapshot.index_bytes() as f64 / 1e6
    );
    let people: Vec<_> = (0..REQUESTS).map(|_| world.person(20)).collect();
    naive(&snapshot, &people);
    sell(&snapshot, &people, Known::Everything, "match + auction, 20 interests, 4 meanings");
    sell(&snapshot, &people, Known::Nothing, "match + auction, facts only");
    sell(&snapshot, &people, Known::Context, "match + auction, facts and an item beside");
}

#[derive(Clone, Copy, PartialEq)]
enum Known {
    Everything,
    Nothing,
    Context,
}

fn sell(snapshot: &Snapshot, people: &[(Person, Profile)], known: Known, what: &str) {
    let policy = allow_all();
    let gate = Gate::new(&policy);
    let product = Name::new("main").unwrap();
    let nobody = Profile::default();
    let item = [ScoredTopic::new(TopicId::from_code("542").unwrap(), 0.9)];
    let left = |_: &Campaign| Left::default();
    let (mut taken, mut considered) = (Vec::new(), 0);
    let before = core_ms();
    for (person, profile) in people {
        let asking = Asking { product: &product, now: NOW, gpc: false };
        let profile = if known == Known::Everything { profile } else { &nobody };
        let view = gate.view::<Ads>(profile, person, &asking);
        let beside = (known == Known::Context).then_some(Beside {
            topics: &item,
            sensitive: Categories::NONE,
            vector: None,
        });
        let request =
            Request { product: &product, now: NOW, seed: SEED, limit: 1, view: Some(&view), beside };
        let started = Instant::now();
        let outcome = black_box(run(snapshot, &request, &[], &left));
        taken.push(started.elapsed().as_nanos() as f64 / 1e3);
        considered += outcome.considered;
    }
    let of_core = core_ms() - before;
    // The system counts in ticks of some milliseconds: a short loop says nothing.
    let of_core = if of_core < 40.0 {
        "-".to_owned()
    } else {
        format!("{:.1} us", of_core * 1e3 / people.len() as f64)
    };
    report(
        what,
        taken,
        &format!("of a core, view included {of_core}  considered {}", considered / people.len()),
    );
}

fn naive(snapshot: &Snapshot, people: &[(Person, Profile)]) {
    let product = Name::new("main").unwrap();
    let (mut taken, mut matched) = (Vec::new(), 0);
    let few = &people[..people.len().min(50)];
    for (person, profile) in few {
        let languages: Vec<Language> =
            person.languages.iter().filter_map(|l| Language::from_code(l)).collect();
        let mut topics = TopicSet::default();
        profile.classes.iter().flat_map(|c| &c.topics).for_each(|t| topics.insert_lineage(t.topic));
        let audience = Audience {
            country: person.country,
            languages: &languages,
            years: person.years(NOW),
            product: &product,
            topics: &topics,
        };
        let started = Instant::now();
        let found = snapshot.listings().filter(|l| l.campaign.targeting.matches(&audience)).count();
        taken.push(started.elapsed().as_nanos() as f64 / 1e3);
        matched += black_box(found);
    }
    report("walking every tree, matching only", taken, &format!("matched {}", matched / few.len()));
}
