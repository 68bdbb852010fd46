//! Collision-free planning, eight configurations at a time.
//!
//! Any loaded model becomes a [`CollisionModel`]: moving frames, and links made of balls with the exact shapes behind them. A
//! [`Scene`] is what stands around it. A [`Checker`] says whether configurations and the lines between them are free, and what
//! touches first where they are not. [`Search`] finds short free paths with it.

/// Eight configurations side by side.
pub mod lanes;

/// Balls that cover a shape.
pub mod cover;

/// A mesh in convex parts.
pub mod parts;

/// A robot as planning sees it.
pub mod model;

/// Evenly spread points.
pub mod halton;

/// A robot laid out for lanes.
mod laned;

/// Pairs of links that are watched.
mod pairs;

/// What stands around.
pub mod scene;

/// Balls against obstacles.
mod kernels;

/// Two things that touch.
mod touch;

/// Whether configurations and lines are free.
pub mod check;

/// A tree that finds its nearest node.
mod tree;

/// Two trees that grow towards each other.
pub mod connect;

/// Trees that look for a shorter path than one known.
mod improve;

/// From a jagged path to a short one.
pub mod shorten;

/// From two configurations to a path.
pub mod search;

pub use check::{Checker, Config, Precision};
pub use cover::Fit;
pub use model::{CollisionModel, ModelError, Options, Watch};
pub use scene::{Obstacle, Scene, SceneError};
pub use search::{Found, NoPath, Search, Settings};
pub use touch::Touch;
