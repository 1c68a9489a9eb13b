//! What happened before, as the caller's ledger knows it.

use crate::auction::{Campaign, FrequencyCap, Micros};
use crate::ids::Name;
use crate::time::{SECOND, UnixMillis};

/// Clocks may differ by so much; a decision further ahead belongs to another day of a test.
const MAX_SKEW: i64 = 300 * SECOND;

/// An earlier decision for the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDecision {
    /// The campaign that won.
    pub campaign: Name,
    /// Its ad.
    pub ad: Name,
    /// When.
    pub at: UnixMillis,
    /// Whether its token can still be used, or was. A decision that expired unseen was no impression.
    pub unexpired_or_billed: bool,
}

/// What a campaign has spent, counting what is reserved for decisions that are still open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// In its life.
    pub spent: Micros,
    /// On the request's day in UTC.
    pub spent_today: Micros,
    /// What the advertiser's account can still pay, if there is such a limit.
    pub account: Option<Micros>,
}

/// Knows what campaigns have spent. The answer may be out of date by the time of the reservation, which therefore
/// checks again: the ledger, not the auction, keeps a budget from being overspent.
pub trait Budgets {
    /// What `campaign` has spent.
    fn left(&self, campaign: &Campaign) -> Left;
}

impl<F: Fn(&Campaign) -> Left> Budgets for F {
    fn left(&self, campaign: &Campaign) -> Left {
        self(campaign)
    }
}

/// Decisions that count towards caps, by campaign.
pub(super) struct History<'a> {
    decisions: Vec<(&'a str, UnixMillis)>,
}

impl<'a> History<'a> {
    pub fn new(past: &'a [PastDecision]) -> Self {
        let counted = past.iter().filter(|d| d.unexpired_or_billed);
        let mut decisions: Vec<_> = counted.map(|d| (d.campaign.as_str(), d.at)).collect();
        decisions.sort_unstable();
        Self { decisions }
    }

    /// Whether `campaign` was shown as often as `cap` allows in the time before `now`.
    pub fn reached(&self, campaign: &Name, cap: FrequencyCap, now: UnixMillis) -> bool {
        let from = self.decisions.partition_point(|(id, _)| *id < campaign.as_str());
        let of_campaign = self.decisions[from..].iter().take_while(|(id, _)| *id == campaign.as_str());
        let recent = of_campaign.filter(|(_, at)| (-MAX_SKEW..cap.window()).contains(&now.since(*at)));
        recent.count() >= cap.impressions as usize
    }
}
