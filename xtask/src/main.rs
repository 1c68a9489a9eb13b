//! Chores of the project: `cargo xtask test`, `cargo xtask models`, `cargo xtask eval`.
fn main() {}
