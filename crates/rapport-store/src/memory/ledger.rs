//! The ledger, by adding everything up each time.

use std::collections::{BTreeMap, HashMap};

use rapport_core::ids::Surrogate;
use rapport_core::time::UnixMillis;

use crate::{Campaign, PastDecision, Reservation, Reserved, Settle, Settled, StoreError, Totals};

#[derive(Default)]
pub struct Ledger {
    campaigns: BTreeMap<String, Campaign>,
    caps: HashMap<String, i64>,
    /// In order of decision.
    held: Vec<Entry>,
    /// Amounts of decisions that were pruned.
    past: Vec<Booking>,
}

struct Entry {
    want: Reservation,
    advertiser: String,
    state: State,
    clicked: bool,
    /// The budgets in force when it was reserved, for the proof.
    limits: [Option<i64>; 3],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    Released,
    Billed,
}

/// What a pruned decision leaves behind.
struct Booking {
    campaign: String,
    advertiser: String,
    day: i64,
    spent: i64,
    clicks: u64,
    impressions: u64,
}

/// The three budgets that a reservation draws on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Pot<'a> {
    Life(&'a str),
    Day(&'a str, i64),
    Account(&'a str),
}

impl Pot<'_> {
    fn holds(&self, campaign: &str, advertiser: &str, day: i64) -> bool {
        match self {
            Self::Life(name) => *name == campaign,
            Self::Day(name, of) => *name == campaign && *of == day,
            Self::Account(name) => *name == advertiser,
        }
    }
}

impl Ledger {
    pub fn put_campaign(&mut self, campaign: &Campaign) {
        self.campaigns.insert(campaign.id.clone(), campaign.clone());
    }

    pub fn campaigns(&self) -> Vec<Campaign> {
        self.campaigns.values().cloned().collect()
    }

    pub fn put_account(&mut self, advertiser: &str, budget: Option<i64>) {
        match budget {
            Some(budget) => drop(self.caps.insert(advertiser.to_owned(), budget)),
            None => drop(self.caps.remove(advertiser)),
        }
    }

    /// Spent and reserved out of one pot.
    fn in_pot(&self, pot: Pot<'_>) -> (i64, i64) {
        let (mut spent, mut reserved) = (0, 0);
        for entry in &self.held {
            if pot.holds(&entry.want.campaign, &entry.advertiser, entry.want.at.day()) {
                match entry.state {
                    State::Held => reserved += entry.want.price_micros,
                    State::Billed => spent += entry.want.price_micros,
                    State::Released => (),
                }
            }
        }
        let past = self.past.iter().filter(|past| pot.holds(&past.campaign, &past.advertiser, past.day));
        (spent + past.map(|past| past.spent).sum::<i64>(), reserved)
    }

    fn limits(&self, campaign: &str, advertiser: &str) -> [Option<i64>; 3] {
        let campaign = self.campaigns.get(campaign);
        [
            campaign.map(|c| c.budget_micros),
            campaign.and_then(|c| c.daily_budget_micros),
            self.caps.get(advertiser).copied(),
        ]
    }

    pub fn reserve(&mut self, wants: Vec<Reservation>) -> Result<Vec<Reserved>, StoreError> {
        if wants.iter().any(|want| self.held.iter().any(|entry| entry.want.nonce == want.nonce)) {
            return Err(StoreError::Taken("a nonce"));
        }
        Ok(wants.into_iter().map(|want| self.reserve_one(want)).collect())
    }

    fn reserve_one(&mut self, want: Reservation) -> Reserved {
        let Some(campaign) = self.campaigns.get(&want.campaign) else { return Reserved::UnknownCampaign };
        let advertiser = campaign.advertiser.clone();
        for entry in &mut self.held {
            let related = entry.want.campaign == want.campaign || entry.advertiser == advertiser;
            if related && entry.state == State::Held && entry.want.expires < want.at {
                entry.state = State::Released;
            }
        }
        let limits = self.limits(&want.campaign, &advertiser);
        let pots =
            [Pot::Life(&want.campaign), Pot::Day(&want.campaign, want.at.day()), Pot::Account(&advertiser)];
        let refusals = [Reserved::BudgetSpent, Reserved::DailySpent, Reserved::AccountSpent];
        for ((limit, pot), refusal) in limits.into_iter().zip(pots).zip(refusals) {
            let (spent, reserved) = self.in_pot(pot);
            if limit.is_some_and(|limit| (spent + reserved).saturating_add(want.price_micros) > limit) {
                return refusal;
            }
        }
        self.held.push(Entry { want, advertiser, state: State::Held, clicked: false, limits });
        Reserved::Held
    }

    pub fn settle(&mut self, nonce: [u8; 16], what: Settle, now: UnixMillis) -> Settled {
        let Some(at) = self.held.iter().position(|entry| entry.want.nonce == nonce) else {
            return Settled::Unknown;
        };
        match what {
            Settle::Impression => self.bill(at, now),
            Settle::Click => self.click(at, now),
        }
    }

    fn click(&mut self, at: usize, now: UnixMillis) -> Settled {
        let entry = &mut self.held[at];
        if entry.clicked {
            return Settled::AlreadyUsed;
        }
        if entry.state != State::Billed && now > entry.want.expires {
            return Settled::Expired;
        }
        entry.clicked = true;
        Settled::Counted
    }

    fn bill(&mut self, at: usize, now: UnixMillis) -> Settled {
        let before = self.held[at].state;
        if before == State::Billed {
            return Settled::AlreadyUsed;
        }
        self.held[at].state = State::Released;
        if now > self.held[at].want.expires {
            return Settled::Expired;
        }
        let Entry { want, advertiser, .. } = &self.held[at];
        let pots =
            [Pot::Life(&want.campaign), Pot::Day(&want.campaign, want.at.day()), Pot::Account(advertiser)];
        let limits = self.limits(&want.campaign, advertiser);
        let room = limits.into_iter().zip(pots).all(|(limit, pot)| {
            let (spent, reserved) = self.in_pot(pot);
            // What was held may take its own place even where others' holds have outgrown a lowered budget.
            let taken = if before == State::Held { spent } else { spent + reserved };
            limit.is_none_or(|limit| taken.saturating_add(want.price_micros) <= limit)
        });
        match (room, before) {
            (true, _) => {
                self.held[at].limits = limits;
                self.held[at].state = State::Billed;
                Settled::Billed
            }
            (false, State::Held) => Settled::Withdrawn,
            (false, _) => Settled::Expired,
        }
    }

    pub fn totals(&self, campaign: &str, now: UnixMillis) -> Option<Totals> {
        self.campaigns.get(campaign)?;
        let own = || self.held.iter().filter(|entry| entry.want.campaign == campaign);
        let held = || own().filter(|entry| entry.state == State::Held && entry.want.expires >= now);
        let past = || self.past.iter().filter(|past| past.campaign == campaign);
        let billed = own().filter(|entry| entry.state == State::Billed).count() as u64;
        Some(Totals {
            spent_micros: self.in_pot(Pot::Life(campaign)).0,
            reserved_micros: held().map(|entry| entry.want.price_micros).sum(),
            impressions: billed + past().map(|past| past.impressions).sum::<u64>(),
            clicks: own().filter(|entry| entry.clicked).count() as u64
                + past().map(|past| past.clicks).sum::<u64>(),
            spent_today_micros: self.in_pot(Pot::Day(campaign, now.day())).0,
            reserved_today_micros: held()
                .filter(|entry| entry.want.at.day() == now.day())
                .map(|entry| entry.want.price_micros)
                .sum(),
        })
    }

    pub fn all_totals(&self, now: UnixMillis) -> Vec<(String, Totals)> {
        self.campaigns.keys().filter_map(|id| Some((id.clone(), self.totals(id, now)?))).collect()
    }

    pub fn decisions(&self, person: Surrogate, since: UnixMillis) -> Vec<PastDecision> {
        let own = self.held.iter().filter(|e| e.want.person == Some(person) && e.want.at >= since);
        let mut decisions: Vec<_> = own
            .map(|entry| PastDecision {
                campaign: entry.want.campaign.clone(),
                advertiser: entry.advertiser.clone(),
                ad: entry.want.ad.clone(),
                at: entry.want.at,
                expires: entry.want.expires,
                impression: entry.state == State::Billed,
                clicked: entry.clicked,
            })
            .collect();
        decisions.sort_by_key(|decision| decision.at);
        decisions
    }

    pub fn prune(&mut self, before: UnixMillis) -> u64 {
        let (gone, kept) = self.held.drain(..).partition(|entry| entry.want.expires < before);
        self.held = kept;
        let gone: Vec<Entry> = gone;
        let count = gone.len() as u64;
        self.past.extend(gone.into_iter().map(|entry| {
            let billed = entry.state == State::Billed;
            Booking {
                day: entry.want.at.day(),
                campaign: entry.want.campaign,
                advertiser: entry.advertiser,
                spent: if billed { entry.want.price_micros } else { 0 },
                clicks: u64::from(entry.clicked),
                impressions: u64::from(billed),
            }
        }));
        count
    }

    pub fn erase(&mut self, person: Surrogate) -> u64 {
        let own = self.held.iter_mut().filter(|entry| entry.want.person == Some(person));
        own.map(|entry| {
            entry.want.person = None;
            entry.want.ad.clear();
        })
        .count() as u64
    }

    /// What the ledger promises, added up: no pot holds more than the largest budget under which any of it
    /// was taken.
    ///
    /// # Errors
    /// When it is broken: a defect of this double.
    pub fn prove(&self) -> Result<(), StoreError> {
        let mut pots: HashMap<Pot<'_>, (i64, Option<i64>)> = HashMap::new();
        for entry in self.held.iter().filter(|entry| entry.state != State::Released) {
            let Entry { want, advertiser, .. } = entry;
            let own = [
                Pot::Life(&want.campaign),
                Pot::Day(&want.campaign, want.at.day()),
                Pot::Account(advertiser),
            ];
            for (pot, limit) in own.into_iter().zip(entry.limits) {
                let (sum, most) = pots.entry(pot).or_insert((0, Some(0)));
                *sum += want.price_micros;
                // No limit at one of them is no limit for all.
                *most = most.zip(limit).map(|(most, limit)| most.max(limit));
            }
        }
        match pots.values().find(|(sum, most)| most.is_some_and(|most| *sum > most)) {
            None => Ok(()),
            Some((sum, most)) => Err(StoreError::Invalid {
                what: "ledger",
                problem: format!("holds {sum} micros under a budget of {most:?}"),
            }),
        }
    }
}
