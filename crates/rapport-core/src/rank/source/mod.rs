//! Where candidates come from, one source a file.

pub mod fresh;
pub mod friends;
pub mod groups;
pub mod nearest;
pub mod popular;
pub mod topics;
