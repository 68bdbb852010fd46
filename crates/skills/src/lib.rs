//! From task to motion.
//!
//! A [`Program`] is a list of skills without joint values; a [`Task`] says which pieces go where; a [`Robot`] is an arm with its
//! tool. [`TaskProgram`] runs the first on the second with the third: a controller that sees observations only and answers with
//! torques. Planning happens inside its steps and is limited by counts, so a run is the same on every machine.
#![no_std]

extern crate alloc;

/// What is to be done: pieces, places, what stands around, and the list of skills.
pub mod task;

/// An arm with its tool, as its controller knows it.
pub mod robot;

/// From readings to poses.
pub mod sight;

/// What must not touch what.
pub mod guard;

/// What the arm can hold up.
pub mod load;

/// Ways around obstacles.
pub mod plan;

/// Collision-free planning, eight configurations at a time.
pub mod planning;

/// From a goal to a timed motion.
mod motion;

/// How a tool takes a piece.
pub mod grasp;

/// What the tip feels.
pub mod touch;

/// Putting the tip into a hole by feel.
mod insert;

/// A patch of a surface and the way over it.
pub mod surface;

/// How a place sways.
mod sway;

/// Going over a surface with a force.
mod trace;

/// Taking food from a bowl.
mod scoop;

/// Offering a bite.
mod offer;

/// Jaws and cups.
pub mod hand;

/// The controller that runs a program.
pub mod run;

/// The cell as its controller knows it, out of packages.
pub mod nominal;

/// Motion programs for any arm: checked, written in makers' languages, read back.
pub mod offline;

pub use nominal::{Described, Nominal};
pub use robot::{Robot, RobotError, Tool, Wrist};
pub use run::{Failure, ProgramStatus, Settings, TaskProgram};
pub use task::{
    Bowl, Destination, Insert, Job, Obstacle, Offer, Order, Piece, Press, Program, Scoop, Skill, Task, TipWork, Trace,
};
