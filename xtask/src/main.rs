//! The project's own chores: `cargo xtask tidy`.
fn main() {}
