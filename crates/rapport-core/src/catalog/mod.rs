//! The catalogue: everything that can be recommended, as immutable snapshots that readers share.

mod item;
mod popularity;
mod segment;
mod snapshot;

pub use item::{Item, ItemError, Visibility};
pub use popularity::{Popularity, Vote, votes};
pub use snapshot::{Catalog, Change, RowId};
