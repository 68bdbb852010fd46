//! What passes between host and controller: five functions and two arrays.
//!
//! | export | type | called |
//! |---|---|---|
//! | `memory` | memory | – |
//! | `leitai_1_brief` | `(bytes: i32) -> i32` | once: gives the address at which so many bytes can be written; the brief is written there |
//! | `leitai_1_begin` | `(observation: i32, command: i32) -> ()` | once, then: how many numbers the two arrays have |
//! | `leitai_1_observation` | `() -> i32` | once, then: address of the observation array |
//! | `leitai_1_command` | `() -> i32` | once, then: address of the command array |
//! | `leitai_1_step` | `() -> i32` | in every control period: the observation has been written, the command will be read |
//!
//! Numbers are `f64`, little-endian, at any alignment. `step` answers 0 to go on, 1 when the task is finished and 2 to give up. The 1 in the names
//! is the version of this table. The channels of the two arrays stand one after another in the order of the manifest.

use alloc::vec::Vec;

use leitai_model::channel::{Asked, Seen};
use leitai_model::{Command, Observation};

/// Interpreter and interface. Fuel counts differ between interpreters, so digests of solutions name it.
pub const SANDBOX: &str = "wasmi 2.0.0, leitai_1";

/// Name of the exported memory.
pub const MEMORY: &str = "memory";
/// Where the brief goes.
pub const BRIEF: &str = "leitai_1_brief";
/// Told once how long the arrays are.
pub const BEGIN: &str = "leitai_1_begin";
/// Where the observation goes.
pub const OBSERVATION: &str = "leitai_1_observation";
/// Where the command comes from.
pub const COMMAND: &str = "leitai_1_command";
/// Called in every control period.
pub const STEP: &str = "leitai_1_step";

/// What a controller's manifest declares: which channels it sees and which it commands, in the order of its arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// What it sees.
    pub observes: Vec<Seen>,
    /// What it commands; what is not among them stays zero.
    pub commands: Vec<Asked>,
}

impl Interface {
    /// Puts `seen` into the observation array; nothing else ever reaches a controller once it runs.
    ///
    /// Every NaN has the same bits: a sensor has none, but a controller may look at bits.
    pub fn write(&self, seen: &Observation, array: &mut Vec<f64>) {
        array.clear();
        self.observes.iter().for_each(|channel| channel.write(seen, array));
        array.iter_mut().filter(|number| number.is_nan()).for_each(|number| *number = CANONICAL_NAN);
    }

    /// Takes the command out of its array.
    ///
    /// # Panics
    /// If `array` is shorter than the channels.
    pub fn read(&self, array: &[f64], command: &mut Command) {
        self.commands.iter().fold(0, |at, channel| at + channel.read(&array[at..], command));
    }
}

/// The one NaN of WebAssembly's deterministic profile.
const CANONICAL_NAN: f64 = f64::from_bits(0x7FF8_0000_0000_0000);
