//! Manifests: the TOML file that stands beside a model and says what a package is, what it claims, and where each number comes from.
//!
//! | file | type | beside it |
//! |---|---|---|
//! | `robot.toml` | [`RobotManifest`] | MJCF of the robot |
//! | `part.toml` | [`PartManifest`] | MJCF of a tool; nothing beside the figures of reducer, motor, drive or sensor |
//! | `scenario.toml` | [`ScenarioManifest`] | MJCF of the world without robot and pieces |
//! | `solution.toml` | [`SolutionManifest`] | nothing, or the module of a controller |
//! | `plan.toml` | [`PlanManifest`] | a catalog's packages, which it sorts |
//! | `need.toml` | [`NeedManifest`] | nothing |
//! | `acceptance.toml` | [`AcceptanceManifest`] | nothing: it names packages by their digests |
//!
//! Each type has `parse(file, text)`: `file` is only used in messages, nothing is read from a disk. A manifest that parses has been
//! checked: lengths agree with the degrees of freedom, numbers are finite and of a sane size, names refer to something, and every
//! figure carries its [`Standing`] and a source that exists. Whether joints and sites named here exist in the MJCF file is checked by
//! whoever loads both.
//!
//! Unknown fields are errors, so a misspelled limit can never be ignored.

mod acceptance;
mod common;
mod controller;
mod document;
mod drive_train;
mod grid;
mod motion;
mod need;
mod part;
mod plan;
mod robot;
mod scatter;
mod scenario;
mod solution;
mod stated;
mod terms;
mod unit;
mod vary;
mod work;

pub use acceptance::{Acceptance, AcceptanceManifest, AcceptanceTrial, Content, Revealed, Threshold};
pub use common::{Assumption, Claim, Figure, Series, Source, Standing, Text};
pub use controller::{Controller, Fuel};
pub use document::{ManifestError, decode};
pub use drive_train::{Drive, DriveTrain, ForceSensor, Named, Reducer, ReducerKind, ServoMotor};
pub use grid::{Grid, Place};
pub use motion::{Motion, Wave};
pub use need::{Need, NeedLimits, NeedManifest};
pub use part::{Blade, Clamp, Part, PartClass, PartInterface, PartManifest, Suction};
pub use plan::{Classed, PlanClass, PlanManifest};
pub use robot::{DynamicsGrade, Grade, Limits, Ranges, Robot, RobotClass, RobotInterface, RobotManifest, SecondArm};
pub use scatter::stream_name as scatter_stream;
pub use scenario::{
    Comparison, Contact, Credibility, Generate, Goal, GridKind, Measure, Measured, Metric, Mount, Parameter, Piece, PieceMass,
    PieceShape, Protection, Requirement, Safety, Scatter, Scenario, ScenarioManifest, Stability, StabilityMethod, Trial,
};
pub use solution::{Carry, Destination, Order, Press, Program, Skill, Solution, SolutionKind, SolutionManifest, Work};
pub use stated::{Stated, stated};
pub use terms::{Per, Terms, TermsKind};
pub use vary::{Bell, Draw, Each, Ends, Quantity, Vary, WholeEnds};
pub use work::{Bore, Clearance, Feeding, Patch, Removal, TipWork, WorkKind, Wrist};
