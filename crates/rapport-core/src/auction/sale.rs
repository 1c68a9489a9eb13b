//! The auction itself: the stages in their order, and what became of each campaign.

use std::cmp::Reverse;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::auction::features::Features;
use crate::auction::history::History;
use crate::auction::index::{Entry, IndexedAd};
use crate::auction::price::{Standing, clearing};
use crate::auction::score::{Quality, bid_part, contributions, in_context, quality};
use crate::auction::{
    Ad, Budgets, Campaign, Left, Listing, Micros, Pacing, PastDecision, Request, Snapshot, Status,
};
use crate::event::{Deed, Object};
use crate::explain::{Contribution, Micronats};
use crate::gate::TopicChoice;
use crate::time::{DAY, UnixMillis};

/// Losers that an outcome names, those with the highest bids first.
pub const MAX_LOSERS: usize = 32;

/// What became of a request for ads.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Best first, at most the request's limit, one ad a campaign.
    pub winners: Vec<Winner>,
    /// Campaigns whose targeting fitted and that are not shown, at most [`MAX_LOSERS`].
    pub losers: Vec<Loser>,
    /// How many campaigns were looked at whose targeting fitted; those that no score could have brought up were not.
    pub considered: usize,
}

/// An ad that is shown.
#[derive(Clone, Debug)]
pub struct Winner {
    /// Its campaign.
    pub listing: Arc<Listing>,
    /// Its place among the campaign's ads.
    pub ad: usize,
    /// What its impression costs.
    pub price: Micros,
    /// What it bid: the campaign's bid, or what is left to spend if that is less.
    pub bid: Micros,
    /// What its contributions add up to.
    pub score: Micronats,
    /// Every summand of the score.
    pub contributions: Vec<Contribution>,
}

/// A campaign that is not shown, and the first stage that it failed.
#[derive(Clone, Debug)]
pub struct Loser {
    /// The campaign.
    pub listing: Arc<Listing>,
    /// Where it ended.
    pub stage: Stage,
}

/// Where a campaign's way to an impression can end, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its status is not active.
    Inactive,
    /// The request is before its start.
    NotStarted,
    /// The request is at or after its end.
    Ended,
    /// Its targeting does not ask for this request.
    Targeting,
    /// The person never wants to see its advertiser.
    AdvertiserRefused,
    /// The person hid every ad of it that could be shown.
    AdHidden,
    /// It is about a topic that the person never wants.
    TopicRefused,
    /// It is about a sensitive topic, and not shown beside the like of it.
    OutOfContext,
    /// The person saw it as often as its cap allows.
    FrequencyCap,
    /// What is left of its budget does not reach its reserve.
    Budget,
    /// It has spent more than its time that has passed.
    Pacing,
    /// Others scored higher.
    Outranked,
}

impl Stage {
    /// The stage's name, for receipts and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::NotStarted => "not-started",
            Self::Ended => "ended",
            Self::Targeting => "targeting",
            Self::AdvertiserRefused => "advertiser-refused",
            Self::AdHidden => "ad-hidden",
            Self::TopicRefused => "topic-refused",
            Self::OutOfContext => "out-of-context",
            Self::FrequencyCap => "frequency-cap",
            Self::Budget => "budget",
            Self::Pacing => "pacing",
            Self::Outranked => "outranked",
        }
    }
}

impl Winner {
    /// The ad itself.
    pub fn ad(&self) -> &Ad {
        &self.listing.campaign.ads[self.ad]
    }
}

/// The name of an ad beyond its campaign, `campaign/ad`: what `ad.hide` and receipts call it.
pub fn ad_key(campaign: &str, ad: &str) -> String {
    format!("{campaign}/{ad}")
}

/// Sells the places of `request`.
pub fn run(
    snapshot: &Snapshot,
    request: &Request<'_>,
    past: &[PastDecision],
    budgets: &dyn Budgets,
) -> Outcome {
    let features = Features::new(request);
    let sale = Sale { snapshot, features: &features, history: History::new(past), budgets };
    let ceiling = features.ceiling();
    let mut table = Table { places: request.limit.saturating_add(1), ..Table::default() };
    snapshot.scan(&features.audience(), |at| {
        let entry = snapshot.entry(at);
        // Bids descend: from here on nothing can reach the last place that matters.
        if table.least().is_some_and(|least| entry.bid_part + ceiling < least) {
            return ControlFlow::Break(());
        }
        table.considered += 1;
        // Once the losers' list is full, nobody asks at which stage the rest would have ended.
        if table.lost.len() >= MAX_LOSERS && sale.is_beaten(entry, table.enough()) {
            return ControlFlow::Continue(());
        }
        match sale.candidate(at, table.enough()) {
            Ok(candidate) => table.seat(candidate),
            Err(stage) => table.lose(at, stage),
        }
        ControlFlow::Continue(())
    });
    sale.settle(table)
}

/// Where `campaign` ended for `request`; `None` if it is shown or does not exist. For support and statements: it
/// holds the whole auction for one campaign.
pub fn verdict(
    snapshot: &Snapshot,
    request: &Request<'_>,
    past: &[PastDecision],
    budgets: &dyn Budgets,
    campaign: &str,
) -> Option<Stage> {
    let at = snapshot.position(campaign)?;
    let features = Features::new(request);
    let sale = Sale { snapshot, features: &features, history: History::new(past), budgets };
    let order = &snapshot.entry(at).listing.campaign;
    if order.status != Status::Active {
        return Some(Stage::Inactive);
    }
    if let Err(stage) = in_time(order, request.now) {
        return Some(stage);
    }
    if !order.targeting.matches(&features.audience()) {
        return Some(Stage::Targeting);
    }
    if let Err(stage) = sale.candidate(at, i64::MIN) {
        return Some(stage);
    }
    let winners = run(snapshot, request, past, budgets).winners;
    (!winners.iter().any(|w| w.listing.campaign.id == order.id)).then_some(Stage::Outranked)
}

struct Sale<'s> {
    snapshot: &'s Snapshot,
    features: &'s Features<'s>,
    history: History<'s>,
    budgets: &'s dyn Budgets,
}

/// A campaign that could be shown, with the best of its ads.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: usize,
    ad: usize,
    bid: Micros,
    quality: Quality,
    score: i64,
    tie: u64,
}

impl Candidate {
    /// Best first; equal scores stand by the seed.
    fn rank(&self) -> (Reverse<i64>, u64, usize) {
        (Reverse(self.score), self.tie, self.at)
    }
}

impl Sale<'_> {
    /// The campaign at `at` with its best ad, or the first stage that it fails. `enough` is the score that could
    /// still take a place.
    fn candidate(&self, at: usize, enough: i64) -> Result<Candidate, Stage> {
        let entry = self.snapshot.entry(at);
        let campaign = &entry.listing.campaign;
        let now = self.features.request.now;
        in_time(campaign, now)?;
        let refuses = |view: &crate::gate::View<'_, _>| view.refuses_advertiser(campaign.advertiser.as_str());
        if self.features.request.view.is_some_and(refuses) {
            return Err(Stage::AdvertiserRefused);
        }
        let (ad, quality) = self.best_ad(entry, enough.saturating_sub(entry.bid_part))?;
        if campaign.frequency_cap.is_some_and(|cap| self.history.reached(&campaign.id, cap, now)) {
            return Err(Stage::FrequencyCap);
        }
        let bid = affordable(campaign, self.budgets.left(campaign), now)?;
        let Some(quality) = quality else { return Err(Stage::Outranked) };
        let bid_part = if bid == campaign.bid { entry.bid_part } else { bid_part(bid) };
        let tie = mix(entry.tie ^ self.features.request.seed);
        Ok(Candidate { at, ad, bid, quality, score: bid_part + quality.total(), tie })
    }

    /// Whether every ad of the campaign comes to less than `enough`. Reads the index only, which is what makes it
    /// cheap: the campaigns themselves lie scattered in memory.
    fn is_beaten(&self, entry: &Entry, enough: i64) -> bool {
        let enough = enough.saturating_sub(entry.bid_part);
        let reaches = |ad: IndexedAd<'_>| {
            quality(self.features, &ad, enough).is_some_and(|quality| quality.total() >= enough)
        };
        !self.snapshot.ads(entry).any(reaches)
    }

    /// The best of the ads that may be shown, and what speaks for it unless that is surely not enough; else why the
    /// first of them may not.
    fn best_ad(&self, entry: &Entry, enough: i64) -> Result<(usize, Option<Quality>), Stage> {
        let mut best: Option<(usize, Option<Quality>)> = None;
        let mut refusal = None;
        for (at, ad) in self.snapshot.ads(entry).enumerate() {
            if let Err(stage) = self.may_show(&entry.listing, at, &ad) {
                refusal = refusal.or(Some(stage));
                continue;
            }
            let quality = quality(self.features, &ad, enough);
            let total = |of: Option<Quality>| of.map_or(i64::MIN, Quality::total);
            if best.is_none_or(|(_, known)| total(quality) > total(known)) {
                best = Some((at, quality));
            }
        }
        best.ok_or(refusal.unwrap_or(Stage::Inactive))
    }

    fn may_show(&self, listing: &Listing, at: usize, ad: &IndexedAd<'_>) -> Result<(), Stage> {
        if !ad.sensitive.is_empty() {
            // Listing::new refuses such targeting; a stored one from before that must not slip through.
            let impersonal = listing.campaign.targeting.is_impersonal();
            if !impersonal || !in_context(self.features, ad) {
                return Err(Stage::OutOfContext);
            }
        }
        let Some(view) = self.features.request.view else { return Ok(()) };
        let order = &listing.campaign;
        if view.limits().any(|limit| limit.deed == Deed::AdHid && hides(&limit.object, order, at)) {
            return Err(Stage::AdHidden);
        }
        let never = |topic| view.choice(topic) == Some(TopicChoice::Never);
        let own = listing.facts.get(at).map_or(&[][..], |facts| &facts.topics);
        if own.iter().any(|t| never(t.topic)) { Err(Stage::TopicRefused) } else { Ok(()) }
    }

    /// Prices the seats.
    fn settle(&self, table: Table) -> Outcome {
        let limit = self.features.request.limit;
        let standing = |c: &Candidate| Standing { bid: c.bid, quality: c.quality.total() };
        let winners = table.seats.iter().enumerate().take(limit).map(|(place, won)| {
            let listing = self.snapshot.entry(won.at).listing.clone();
            let next = table.seats.get(place + 1).map(standing);
            Winner {
                price: clearing(standing(won), listing.campaign.reserve, next),
                ad: won.ad,
                bid: won.bid,
                score: Micronats(won.score),
                contributions: contributions(self.features, won.bid, won.quality),
                listing,
            }
        });
        let outranked = table.seats.iter().skip(limit).map(|seat| (seat.at, Stage::Outranked));
        let mut lost: Vec<(usize, Stage)> = table.lost.iter().copied().chain(outranked).collect();
        lost.sort_unstable();
        let losers = lost
            .into_iter()
            .take(MAX_LOSERS)
            .map(|(at, stage)| Loser { listing: self.snapshot.entry(at).listing.clone(), stage });
        Outcome { winners: winners.collect(), losers: losers.collect(), considered: table.considered }
    }
}

/// The best so far, one more than can win: the first who loses sets the last price.
#[derive(Default)]
struct Table {
    places: usize,
    seats: Vec<Candidate>,
    lost: Vec<(usize, Stage)>,
    considered: usize,
}

impl Table {
    /// The score of the last seat, once all are taken.
    fn least(&self) -> Option<i64> {
        self.seats.get(self.places - 1).map(|seat| seat.score)
    }

    /// The score that could still take a seat.
    fn enough(&self) -> i64 {
        self.least().unwrap_or(i64::MIN)
    }

    fn seat(&mut self, candidate: Candidate) {
        let place = self.seats.partition_point(|seat| seat.rank() < candidate.rank());
        self.seats.insert(place, candidate);
        if self.seats.len() > self.places
            && let Some(last) = self.seats.pop()
        {
            self.lose(last.at, Stage::Outranked);
        }
    }

    fn lose(&mut self, at: usize, stage: Stage) {
        if self.lost.len() < MAX_LOSERS {
            self.lost.push((at, stage));
        }
    }
}

fn in_time(campaign: &Campaign, now: UnixMillis) -> Result<(), Stage> {
    if now < campaign.start {
        Err(Stage::NotStarted)
    } else if now >= campaign.end {
        Err(Stage::Ended)
    } else {
        Ok(())
    }
}

/// What the campaign can bid: no more than is left of its life, its day and its account, so that no price can exceed
/// them.
fn affordable(campaign: &Campaign, left: Left, now: UnixMillis) -> Result<Micros, Stage> {
    let of_life = campaign.budget.less(left.spent);
    let of_day = campaign.daily_budget.map(|budget| budget.less(left.spent_today));
    let bid = [Some(of_life), of_day, left.account].into_iter().flatten().fold(campaign.bid, Micros::min);
    if bid < campaign.reserve.max(Micros(1)) {
        return Err(Stage::Budget);
    }
    if campaign.pacing == Pacing::Even && ahead(campaign, left, now) {
        return Err(Stage::Pacing);
    }
    Ok(bid)
}

/// Even pacing: a campaign may buy while what it has spent is no more than the share of its budget that its time has
/// passed, and likewise of its daily budget and the day in UTC.
fn ahead(campaign: &Campaign, left: Left, now: UnixMillis) -> bool {
    let more_than_share = |spent: Micros, budget: Micros, passed: i64, of: i64| {
        i128::from(spent.0) * i128::from(of) > i128::from(budget.0) * i128::from(passed)
    };
    let of_day = |budget| more_than_share(left.spent_today, budget, now.0.rem_euclid(DAY), DAY);
    more_than_share(
        left.spent,
        campaign.budget,
        now.since(campaign.start),
        campaign.end.since(campaign.start),
    ) || campaign.daily_budget.is_some_and(of_day)
}

/// Whether a person's `ad.hide` names this ad, as `campaign/ad` or by the ad's own id, or its whole campaign.
fn hides(object: &Object, campaign: &Campaign, at: usize) -> bool {
    let Object::Ad(name) = object else { return false };
    let (name, id, ad) = (name.as_str(), campaign.id.as_str(), campaign.ads[at].id.as_str());
    name == ad || name == id || name.strip_prefix(id).and_then(|rest| rest.strip_prefix('/')) == Some(ad)
}

/// Spreads bits (the finalizer of SplitMix64, Steele, Lea and Flood 2014).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
