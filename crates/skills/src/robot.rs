//! An arm with its tool, as its controller knows it: the package's figures, not the simulation's.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_control::{Chain, ChainError, MotionLimits};
use leitai_model::{JointId, Model, SiteId};

/// What the arm holds pieces with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tool {
    /// Two jaws on one screw, closing along the x axis of the grip site, pieces between them.
    Clamp {
        /// Opening when fully open [m].
        opening_max_m: f64,
        /// Opening when fully closed [m].
        opening_min_m: f64,
        /// Greatest closing force of each jaw [N].
        force_n: f64,
        /// Greatest speed of each jaw [m/s].
        speed_m_s: f64,
        /// Moving mass of each jaw [kg].
        jaw_mass_kg: f64,
    },
    /// Cups whose lips lie in the plane of the grip site, z away from the arm.
    Suction {
        /// Time from valve to vacuum [s].
        evacuate_s: f64,
        /// Half of the area that the lips cover, along x and y of the grip site [m].
        half_m: [f64; 2],
    },
}

/// An arm that stands in its own base frame and carries its tool.
#[derive(Clone, Debug)]
pub struct Robot {
    /// Arm and tool, the base at the origin.
    pub model: Model,
    /// Joints of the arm, from base to tool, in the order of the interface.
    pub joints: Vec<JointId>,
    /// The frame between the jaws or at the lips.
    pub grip: SiteId,
    /// From the base to the grip site.
    pub chain: Chain,
    /// The home posture.
    pub home: Vec<f64>,
    /// Limits of the data sheet and accelerations.
    pub limits: MotionLimits,
    /// Tool.
    pub tool: Tool,
    /// Number of the tool's controls; all get the same value.
    pub tool_actuators: usize,
    /// Coordinates of the whole model: whatever is not this arm stands there.
    pub rest: Vec<f64>,
}

/// Why a model cannot be run as an arm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RobotError {
    /// No such joint.
    #[error("the interface names the joint `{0}`, which the model does not have")]
    NoSuchJoint(String),
    /// No such site.
    #[error("the tool's grip site `{0}` is not in the model")]
    NoSuchSite(String),
    /// The chain to the tool cannot be used.
    #[error("{0}")]
    Chain(#[from] ChainError),
    /// The interface's joints are not the chain's.
    #[error("the interface must name the joints that carry the tool, from base to tool: {0}")]
    JointOrder(String),
    /// A list of another length.
    #[error("`{list}` has {found} values; the arm has {joints} joints")]
    Length {
        /// Which list.
        list: &'static str,
        /// Its length.
        found: usize,
        /// Joints.
        joints: usize,
    },
}

impl Robot {
    /// The arm in `model` whose joints are called `joints` and whose tool grips at the site `grip`.
    ///
    /// # Errors
    /// If a name is unknown, the joints are not those between base and tool in that order, or a list has another length.
    pub fn new(
        model: Model,
        joints: &[&str],
        grip: &str,
        home: &[f64],
        limits: MotionLimits,
        tool: Tool,
        tool_actuators: usize,
    ) -> Result<Self, RobotError> {
        let grip = model.site_named(grip).ok_or_else(|| RobotError::NoSuchSite(grip.to_string()))?;
        let named: Result<Vec<JointId>, RobotError> = joints
            .iter()
            .map(|name| model.joint_named(name).ok_or_else(|| RobotError::NoSuchJoint((*name).to_string())))
            .collect();
        let joints = named?;
        let chain = Chain::new(&model, grip)?;
        if chain.joints() != joints {
            let names: Vec<&str> = chain.joints().iter().map(|j| model.joints[j.index()].name.as_str()).collect();
            return Err(RobotError::JointOrder(names.join(", ")));
        }
        let lists = [
            ("home", home.len()),
            ("speed", limits.speed.len()),
            ("acceleration", limits.acceleration.len()),
            ("torque", limits.torque.len()),
        ];
        for (list, found) in lists {
            if found != joints.len() {
                return Err(RobotError::Length { list, found, joints: joints.len() });
            }
        }
        let rest = model.q0.clone();
        Ok(Self { model, joints, grip, chain, home: home.to_vec(), limits, tool, tool_actuators, rest })
    }
}
