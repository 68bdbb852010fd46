//! Collisions felt by the arm itself: a momentum observer, its thresholds, and what the arm does then.
//!
//! No sensor outside the drives is needed: what the torques of the drives do not explain of the arm's change of momentum came from outside
//! ([`MomentumObserver`]). Where it exceeds what a motion without contact leaves unexplained ([`Thresholds`]), something has been hit: the last joint
//! that feels it tells the link, and a known place tells the force ([`force_at`]). A [`Reflex`] then stops, floats or retreats.

/// What came from outside.
mod observer;

/// What comes of the motion itself.
mod threshold;

/// What the arm does then.
mod reflex;

pub use observer::{MomentumObserver, force_along, force_at};
pub use reflex::{Reaction, Reflex, stopping_way};
pub use threshold::{CleanRuns, Hit, NoThresholds, Thresholds};
