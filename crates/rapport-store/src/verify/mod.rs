//! Checks an erasure from outside: by reading the files.

mod scan;

pub(crate) use scan::holds;
