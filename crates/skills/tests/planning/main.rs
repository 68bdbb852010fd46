//! Collision-free planning: the collision core, and the paths that rest on it.

mod collision;
mod paths;
mod problems;
