//! From motion to torque.
//!
//! A motion is a [`Path`] through joint space and a jerk-limited [`Profile`] that says how fast it is followed; a
//! [`JointServo`] turns each instant of it into torques. Nothing here knows a simulation: controllers see an
//! [`Observation`](leitai_model::Observation) and fill a [`Command`](leitai_model::Command). Every limit on effort is a count.
#![no_std]

extern crate alloc;

/// What runs in the loop.
pub mod controller;

/// The chain of joints between the world and a tool: where the tool is and how it moves.
pub mod chain;

/// Joint positions that bring the tool to a pose.
pub mod ik;

/// Inverse kinematics in closed form: all ways to reach a pose.
pub mod closed_form;

/// Inverse kinematics of any chain, four tries side by side.
pub mod search;

/// Four numbers side by side.
mod lanes;

/// Jerk-limited motion of one coordinate.
pub mod profile;

/// From any state to a target within limits of velocity, acceleration and jerk; several joints arrive together.
pub mod otg;

/// Curves through joint space.
pub mod path;

/// Paths with a clock, and joints that arrive together.
pub mod trajectory;

/// The fastest timing of a path within declared shares of the drives' limits.
pub mod limits;

/// Whole paths timed at once within limits of velocity, acceleration, jerk and torque.
pub mod timing;

/// Lines, circles and splines of the tool, blended, as one timed motion.
pub mod sequence;

/// A timed path followed with a speed override, paused, and stopped without leaving it.
pub mod ride;

/// What the joints must give for a motion, with what the arm carries.
pub mod arm;

/// Torques that make the joints follow.
pub mod servo;

/// An arm as its tool feels it.
pub mod operational;

/// Torques that make the tool give.
pub mod compliance;

/// Motion control in the tool's own coordinates.
pub mod task_servo;

/// A position-controlled arm that gives.
pub mod admittance;

/// A force sensor in the wrist, and what hangs on it.
pub mod force_sensor;

/// Force along some axes, motion along the others.
pub mod hybrid;

/// Collisions felt by the arm itself.
pub mod collision;

/// Robots beside people: speeds at a distance, and where they may touch.
pub mod separation;

/// References that give way to what the tool feels.
pub mod accommodation;

/// Dense quadratic programs at the rate of a control loop.
pub mod qp;

/// Joint speeds that follow tool velocities within every limit.
pub mod differential;
/// What an arm carries, from the torques of a motion.
pub mod payload;

/// Motions that make an arm's parameters show.
pub mod excitation;

/// Vibration of arms whose joints give.
pub mod vibration;

pub use arm::{ArmDynamics, Payload};
pub use chain::{Chain, ChainError};
pub use compliance::{Compliance, Impedance, ToolReference};
pub use controller::Controller;
pub use differential::{Clearance, Differential, DifferentialOptions, JointLimits, Task};
pub use force_sensor::{ForceSensor, ToolLoad, Weighing};
pub use hybrid::{ForceGains, Hybrid, Push};
pub use ik::{IkOptions, Solution, Unreached};
pub use limits::{MotionLimits, TimedBy, TipLimits, time_path};
pub use path::{LineError, Path};
pub use profile::{Bounds, Profile};
pub use servo::{JointServo, Reference, ServoGains};
pub use trajectory::{JointMove, Trajectory};
