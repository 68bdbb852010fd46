//! Offline programming: a motion program for any arm, checked before it runs, written in makers' languages and read back.
//!
//! A [`MotionProgram`] names places (poses or postures) and lists steps: joint moves, lines, circles, outputs, waits. [`file`](mod@file)
//! reads and writes it as plain TOML. [`plan`](mod@plan) turns it into timed motions of one [`Arm`] and says everything that speaks
//! against it, each fault with its line and what to change. [`urscript`] and [`rapid`] write a planned program in two makers' languages;
//! [`read_urscript`] and [`read_rapid`] interpret a declared subset of them, written from the manuals, and share no code with the writers.
//!
//! ```
//! use leitai_skills::offline::{Action, file, read_urscript};
//! // A text that somebody else wrote, interpreted, and written as a file of our own.
//! let script = "def approach():\n  q_home = [0, -1.57, 1.57, -1.57, -1.57, 0]\n  movej(q_home)\n  movel(p[-0.4, 0.1, 0.3, 3.14, 0, 0], v=0.1)\nend\n";
//! let program = read_urscript::read(script)?;
//! assert_eq!(program.steps.len(), 2);
//! assert!(matches!(program.steps[1].action, Action::Line { pace, .. } if pace.speed_m_s == 0.1));
//! let again = file::read(&file::write(&program))?;
//! assert_eq!((again.steps.len(), again.places.len()), (2, 2));
//! // What is not in the subset has its line and column.
//! let error = read_urscript::read("def a():\n  movep(1)\nend\n").unwrap_err();
//! assert_eq!((error.line, error.column), (2, 3));
//! # Ok::<(), leitai_skills::offline::TextError>(())
//! ```
//! With a robot's package, [`Arm::new`] and [`plan`](plan()) follow; `docs/offline-programming.md` shows them.
//!
//! It is not a [`Program`](crate::Program), which is the trial's list of skills without a single pose.

/// The arm that a program is planned for.
pub mod arm;
/// Programs as files.
pub mod file;
/// From a program to timed motions, and what speaks against it.
pub mod plan;
/// ABB's RAPID, written.
pub mod rapid;
/// ABB's RAPID, read.
pub mod read_rapid;
/// Universal Robots' URScript, read.
pub mod read_urscript;
/// Universal Robots' URScript, written.
pub mod urscript;

mod collide;
mod finding;

pub use arm::{Arm, ArmError};
pub use finding::{Finding, Severity};
pub use plan::{Leg, LegKind, Plan, StepReport, plan};

use alloc::string::String;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_math::{Pose, Vec3, real};

/// Most steps, places or obstacles of one program.
pub const MOST: usize = 2000;
/// Longest text of a program, in any language [bytes].
pub const MOST_BYTES: usize = 1 << 20;
/// Longest name: RAPID's identifiers have 32 characters at most, and a prefix is put before ours.
pub const LONGEST_NAME: usize = 24;

/// Largest length [m], angle [rad] and speed or acceleration of the tool that a program may write.
const LARGEST: f64 = 100.0;
/// Largest speed [rad/s] and acceleration [rad/s²] of a joint that a program may ask for.
const FASTEST: f64 = 1000.0;

/// What the arm carries at its flange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolData {
    /// `flange_from_tcp`.
    pub tcp: Pose,
    /// Mass [kg].
    pub mass_kg: f64,
    /// Its center, in the flange's frame [m].
    pub center_m: Vec3,
}

impl Default for ToolData {
    fn default() -> Self {
        Self { tcp: Pose::IDENTITY, mass_kg: 0.0, center_m: Vec3::ZERO }
    }
}

/// Where a place is.
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// Joint positions [rad or m].
    Posture(Vec<f64>),
    /// `base_from_tcp`.
    Pose(Pose),
}

/// A named place.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Name: a-z, 0-9 and _, a letter first.
    pub name: String,
    /// Where.
    pub at: At,
    /// Line in the text that it was read from; 0 if none.
    pub line: usize,
}

/// How fast a joint move goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Shares of each joint's greatest speed and acceleration, 0 to 1, as most makers have it.
    Share {
        /// Speed.
        speed: f64,
        /// Acceleration.
        acceleration: f64,
    },
    /// Of the joint that has farthest to go, as URScript has it.
    Leading {
        /// Speed [rad/s].
        speed_rad_s: f64,
        /// Acceleration [rad/s²].
        acceleration_rad_s2: f64,
    },
}

/// How fast the tool goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolPace {
    /// Speed [m/s].
    pub speed_m_s: f64,
    /// Acceleration along the way [m/s²].
    pub acceleration_m_s2: f64,
    /// Radius of the blend at the end [m]; 0 stops there.
    pub blend_m: f64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// All joints together, straight in joint space, to a place.
    Joint {
        /// Index of the place.
        to: usize,
        /// How fast.
        pace: Pace,
    },
    /// The tool straight to a place.
    Line {
        /// Index of the place.
        to: usize,
        /// How fast.
        pace: ToolPace,
    },
    /// The tool on a circle over a place to another.
    Circle {
        /// Index of the place on the way; its position counts.
        via: usize,
        /// Index of the place at the end.
        to: usize,
        /// How fast.
        pace: ToolPace,
    },
    /// A digital output, set while the arm stands.
    Output {
        /// Number.
        number: u32,
        /// On or off.
        on: bool,
    },
    /// Standing still.
    Wait {
        /// Time [s].
        seconds: f64,
    },
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Line in the text that it was read from; 0 if none.
    pub line: usize,
}

/// Something that stands around, in the frame of the arm's base.
#[derive(Clone, Debug)]
pub struct Solid {
    /// Name.
    pub name: String,
    /// Shape.
    pub shape: Shape,
    /// `base_from_solid`.
    pub pose: Pose,
}

/// A motion program.
#[derive(Clone, Debug, Default)]
pub struct MotionProgram {
    /// Name: as a place's.
    pub name: String,
    /// Catalog id of the robot that it is written for, if any.
    pub robot: Option<String>,
    /// Place where it begins; the robot's home posture if none.
    pub start: Option<usize>,
    /// What the arm carries.
    pub tool: ToolData,
    /// Places, by name.
    pub places: Vec<Place>,
    /// What stands around.
    pub solids: Vec<Solid>,
    /// Steps, in order.
    pub steps: Vec<Step>,
}

impl MotionProgram {
    /// The place of this name.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.iter().position(|place| place.name == name)
    }
}

impl MotionProgram {
    /// What every reader asks at the end: the numbers are such as [`file`](mod@file) takes.
    fn bounded(&self) -> Result<(), TextError> {
        let wrong = |line: usize, what: &str| Err(TextError { line: usize::max(line, 1), column: 1, what: String::from(what) });
        let small = |x: f64| real::abs(x) <= LARGEST;
        let near = |v: Vec3| small(v.x) && small(v.y) && small(v.z);
        for place in &self.places {
            let fits = match &place.at {
                At::Posture(q) => q.iter().all(|q| small(*q)),
                At::Pose(pose) => near(pose.position),
            };
            if !fits {
                return wrong(place.line, "a place must lie within 100 m, and angles within 100 rad");
            }
        }
        for step in &self.steps {
            let fits = match step.action {
                Action::Joint { pace: Pace::Leading { speed_rad_s, acceleration_rad_s2 }, .. } => {
                    speed_rad_s <= FASTEST && acceleration_rad_s2 <= FASTEST
                }
                Action::Line { pace, .. } | Action::Circle { pace, .. } => small(pace.speed_m_s) && small(pace.acceleration_m_s2),
                Action::Joint { .. } | Action::Output { .. } | Action::Wait { .. } => true,
            };
            if !fits {
                return wrong(step.line, "speeds and accelerations go up to 100 m/s and m/s², 1000 rad/s and rad/s²");
            }
        }
        let ToolData { tcp, mass_kg, center_m } = &self.tool;
        if near(tcp.position) && near(*center_m) && (0.0..=1000.0).contains(mass_kg) {
            Ok(())
        } else {
            wrong(1, "the tool must lie within 100 m and weigh 0 to 1000 kg")
        }
    }
}

/// Why a text is no program: where, what, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct TextError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// The fault, and what to write instead.
    pub what: String,
}

/// True of names that stand in every language here: a-z, 0-9 and _, a letter first, not too long.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let fits = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    fits && name.len() <= LONGEST_NAME && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
}
