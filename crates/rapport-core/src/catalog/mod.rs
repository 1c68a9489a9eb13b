//! The catalogue: everything that can be recommended, as immutable snapshots that readers share.

mod item;
pub mod names;
mod popularity;
mod segment;
mod snapshot;

pub use item::{Item, ItemError, Visibility};
pub use names::{Mention, Rules};
pub use popularity::{Popularity, Vote, votes};
pub use snapshot::{Catalog, Change, RowId};
