//! Ads: which of the campaigns whose targeting fits, if any, is shown, and what it pays.
//!
//! [`run`] orders the stages: match → refusals → frequency cap → budget → pacing → rank → price. It reads a
//! [`View<Ads>`](crate::gate::View) and nothing else of a person; an ad that is itself sensitive is scored without
//! one. See `docs/ads.md`.

mod affinity;
mod campaign;
mod features;
mod history;
mod index;
mod money;
mod price;
mod request;
mod sale;
mod score;
pub mod targeting;

pub use campaign::{Ad, AdFacts, Campaign, CampaignError, FrequencyCap, Listing, Pacing, Status};
pub use history::{Budgets, Left, PastDecision};
pub use index::Snapshot;
pub use money::Micros;
pub use request::{Beside, Request};
pub use sale::{Loser, MAX_LOSERS, Outcome, Stage, Winner, ad_key, run, verdict};
pub use score::MAX_LOG_ODDS;
