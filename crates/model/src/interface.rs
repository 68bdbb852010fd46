//! What a controller sees and what it may ask for.
//!
//! A scenario declares one joint-level interface: readings in, torques out. Nothing here holds the simulation's truth; the
//! poses of work pieces are measured, so they may be noisy, late or missing. A reading of `step` n was taken after n steps
//! of the world, and every time below is such a count times the period.

use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, Vec3};

/// The pose of one work piece or site as a sensor measured it.
///
/// The sensor is calibrated to the robot, so the pose is in the frame of the robot's base, wherever that truly stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoseReading {
    /// `base_from_object`.
    pub base_from_object: Pose,
    /// When the measurement was made [s]; two readings with one time are the same reading seen twice.
    pub measured_at_s: f64,
    /// False until a first measurement arrived, and when the last one is missing.
    pub valid: bool,
}

/// What the tool reports.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolReading {
    /// Opening between the jaws [m]; zero for a tool without jaws.
    pub opening_m: f64,
    /// Rate of the opening [m/s]; negative while closing.
    pub opening_speed_m_s: f64,
    /// A vacuum switch: true while the cup holds a vacuum. Always false for jaws, which tell by their opening.
    pub sealed: bool,
}

/// What the six-axis force sensor between flange and tool shows: what the tool, its weight included, puts on the flange, in the frame
/// of the robot's tool mount. Zero where the scenario has no such sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WristReading {
    /// Force [N].
    pub force: Vec3,
    /// Moment about the origin of the tool mount [N·m].
    pub torque: Vec3,
}

/// Everything a controller sees in one control step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Steps of the world until this reading.
    pub step: u64,
    /// Time of this reading [s].
    pub time_s: f64,
    /// Joint positions [rad or m], in the order of the interface.
    pub q: Vec<f64>,
    /// Joint velocities [rad/s or m/s].
    pub v: Vec<f64>,
    /// Joint torques the drives report [N·m or N].
    pub tau: Vec<f64>,
    /// The tool.
    pub tool: ToolReading,
    /// The force sensor at the wrist.
    pub wrist: WristReading,
    /// The work pieces, in the order of the task.
    pub pieces: Vec<PoseReading>,
    /// The sites the scenario measures, in the order it lists them.
    pub sites: Vec<PoseReading>,
}

impl Observation {
    /// Room for `joints` joints, `pieces` work pieces and `sites` sites; all readings zero or invalid.
    #[must_use]
    pub fn new(joints: usize, pieces: usize, sites: usize) -> Self {
        Self {
            q: vec![0.0; joints],
            v: vec![0.0; joints],
            tau: vec![0.0; joints],
            pieces: vec![PoseReading::default(); pieces],
            sites: vec![PoseReading::default(); sites],
            ..Self::default()
        }
    }
}

/// What a controller asks of the drives until its next step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// Joint torques [N·m or N], in the order of the interface.
    pub tau: Vec<f64>,
    /// Controls of the tool's actuators, in the order of the tool's interface.
    pub tool: Vec<f64>,
}

impl Command {
    /// Room for `joints` joints and `tool_actuators` actuators of the tool; all zero.
    #[must_use]
    pub fn new(joints: usize, tool_actuators: usize) -> Self {
        Self { tau: vec![0.0; joints], tool: vec![0.0; tool_actuators] }
    }
}
