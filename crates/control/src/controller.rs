//! What runs in the loop.

use leitai_model::{Command, Observation};

/// A program that answers every observation with a command.
///
/// It is called once per control period. What it knows of the world is what it has seen; time is the number of calls.
pub trait Controller {
    /// Reads `seen` and writes all of `command`.
    fn step(&mut self, seen: &Observation, command: &mut Command);
}
