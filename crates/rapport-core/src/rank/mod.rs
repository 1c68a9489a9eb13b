//! Ranking: one trait a stage, one component a file. [`pipeline`](crate::pipeline) puts them in order.
//!
//! Scale: a score is `1 × engage − 1 × regret`, two heads with linear predictors in nats; the scorers `topics`,
//! `meaning`, `social`, `popular` and `fresh` feed the first, `dislikes` the second. A contribution is one term
//! of a predictor times its head's weight.

mod affinity;
pub mod filter;
mod query;
pub mod scorer;
pub mod select;
mod settings;
pub mod source;
mod stage;

pub use affinity::{Affinities, Part};
pub use query::Query;
pub use settings::FeedSettings;
pub use stage::{Candidate, Collect, Filter, Scorer, Selector, Sink, Source, Sum, Term};
