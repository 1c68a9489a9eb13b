//! The words of the ad ledger. All money is integer micros of the campaign's currency.

use rapport_core::ids::Surrogate;
use rapport_core::time::UnixMillis;

use crate::StoreError;

/// A campaign as the store keeps it: what the ledger must know in the open, the rest opaque.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// The caller's id; not empty.
    pub id: String,
    /// The account that pays; its cap, if it has one, is set by
    /// [`Store::put_account`](crate::Store::put_account).
    pub advertiser: String,
    /// What the store doesn't look into.
    pub payload: Vec<u8>,
    /// For the campaign's life, at least 0.
    pub budget_micros: i64,
    /// For one UTC day, at least 0; `None` is no daily limit.
    pub daily_budget_micros: Option<i64>,
}

/// A price to hold for an ad that is about to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Random; names the reservation in the tokens.
    pub nonce: [u8; 16],
    /// The campaign that pays.
    pub campaign: String,
    /// The ad shown.
    pub ad: String,
    /// To whom, if they are known to the vault; for frequency caps only.
    pub person: Option<Surrogate>,
    /// The price of the impression, at least 1.
    pub price_micros: i64,
    /// When it was decided. Its UTC day is the day whose budget it counts against, also if it is billed after
    /// midnight.
    pub at: UnixMillis,
    /// Until when it can be billed, inclusive; later than `at`.
    pub expires: UnixMillis,
}

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The price is held.
    Held,
    /// The campaign's budget has no room for it.
    BudgetSpent,
    /// The day's budget has no room for it.
    DailySpent,
    /// The advertiser's budget over all campaigns has no room for it.
    AccountSpent,
    /// No such campaign.
    UnknownCampaign,
}

/// What a token says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// The ad was seen: it is billed.
    Impression,
    /// The ad was clicked: it is counted.
    Click,
}

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The impression is billed: the price moved from reserved to spent.
    Billed,
    /// The click is counted.
    Counted,
    /// This token did its work before.
    AlreadyUsed,
    /// Too late: the price was not billed before the reservation expired. (A click is in time as long as its
    /// reservation is, and at any time once its impression is billed.)
    Expired,
    /// The budget was lowered below what was held; nothing is billed.
    Withdrawn,
    /// No such reservation.
    Unknown,
}

/// What a campaign has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Billed so far.
    pub spent_micros: i64,
    /// Held and not expired.
    pub reserved_micros: i64,
    /// Impressions billed.
    pub impressions: u64,
    /// Clicks counted.
    pub clicks: u64,
    /// Billed out of the budget of the UTC day asked about.
    pub spent_today_micros: i64,
    /// Held out of the budget of the UTC day asked about, not expired.
    pub reserved_today_micros: i64,
}

/// An ad that was chosen for somebody earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDecision {
    /// The campaign.
    pub campaign: String,
    /// Its advertiser.
    pub advertiser: String,
    /// The ad.
    pub ad: String,
    /// When it was decided.
    pub at: UnixMillis,
    /// Until when it can be billed.
    pub expires: UnixMillis,
    /// Whether it was seen.
    pub impression: bool,
    /// Whether it was clicked.
    pub clicked: bool,
}

impl Campaign {
    /// Checks the documented ranges.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an empty id or a negative budget.
    pub fn check(&self) -> Result<(), StoreError> {
        let invalid = |what, problem: String| Err(StoreError::Invalid { what, problem });
        match self {
            Self { id, .. } if id.is_empty() => invalid("campaign id", "is empty".to_owned()),
            Self { budget_micros, .. } if *budget_micros < 0 => {
                invalid("budget", format!("is {budget_micros} micros; it is at least 0"))
            }
            Self { daily_budget_micros: Some(daily), .. } if *daily < 0 => {
                invalid("daily budget", format!("is {daily} micros; it is at least 0"))
            }
            _ => Ok(()),
        }
    }
}

impl Reservation {
    /// Checks the documented ranges.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a price below 1 micro or an expiry that is not after `at`.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.price_micros < 1 {
            let problem = format!("is {} micros; it is at least 1", self.price_micros);
            return Err(StoreError::Invalid { what: "price", problem });
        }
        if self.expires <= self.at {
            let problem = "is not after the time of the decision".to_owned();
            return Err(StoreError::Invalid { what: "expiry", problem });
        }
        Ok(())
    }
}
