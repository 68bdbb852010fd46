//! Our answers at given states, in the format `leitai-oracle-1` that `oracle/mujoco/oracle.py` writes MuJoCo's answers in, so that
//! the two can be laid side by side number by number.
//!
//! Conventions are MuJoCo's, which are ours too: quaternions (w, x, y, z); a free joint's linear velocity in the world and its
//! angular velocity in the body; bodies depth first, geoms, sites, actuators and sensors in the order of the file.

/// The format: what a file of states and a file of answers hold.
pub mod format;

/// What was compiled: sizes, options, names and constants of a model.
pub mod compiled;

/// What the engine says at a state.
pub mod answer;

pub use answer::{AnswerError, answer};
pub use format::{Answers, Given, ReadError, States, read_states};
