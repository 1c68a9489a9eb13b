//! What there is to show, in memory: items, what is popular among them, campaigns.

mod boards;
mod campaigns;
mod items;

pub use boards::{Boards, Popular, Sources};
pub use campaigns::Campaigns;
pub use items::Items;
