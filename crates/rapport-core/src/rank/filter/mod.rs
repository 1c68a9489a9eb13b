//! What takes a candidate away, one filter a file.

pub mod blocked;
pub mod hidden;
pub mod language;
pub mod seen;
pub mod unwanted;
pub mod visibility;
