//! An arm with its tool, as its controller knows it: the package's figures, not the simulation's.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_control::force_sensor::ToolLoad;
use leitai_control::{Chain, ChainError, MotionLimits};
use leitai_dynamics::{Data, kinematics, site_pose};
use leitai_math::{Pose, Quat, Vec3, real};
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
    /// A blade that goes in under a piece along its z axis and rises along its x axis, with pads that hold by vacuum.
    Blade {
        /// Time from valve to vacuum [s].
        evacuate_s: f64,
        /// How far below a piece the pads go in and come out [m].
        clearance_m: f64,
        /// How far it lifts a piece off its support [m].
        lift_m: f64,
    },
    /// Nothing: it works with its tip, which is the grip site.
    Process,
}

/// What an arm on parallel axes cannot turn: this direction of its tool always lies along this one of its base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upright {
    /// The common axis, in the base frame.
    pub in_base: Vec3,
    /// The same direction, in the grip's frame.
    pub in_grip: Vec3,
}

/// The force sensor between flange and tool, and what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrist {
    /// The frame of the sensor, in that of the grip site.
    pub tip_from_sensor: Pose,
    /// The tool beyond the sensor, as its package declares it.
    pub load: ToolLoad,
    /// Gravity in the base [m/s²].
    pub gravity: Vec3,
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
    /// What the arm cannot turn, if all its axes are parallel.
    pub upright: Option<Upright>,
    /// The sensor at the wrist, if the arm has one.
    pub wrist: Option<Wrist>,
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
        let (rest, upright) = (model.q0.clone(), upright(&model, &joints, grip));
        Ok(Self { model, joints, grip, chain, home: home.to_vec(), limits, tool, tool_actuators, rest, upright, wrist: None })
    }

    /// The pose nearest to `grip` that the arm can turn its tool to: itself, unless all axes are parallel.
    #[must_use]
    pub fn turned(&self, grip: Pose) -> Pose {
        let Some(Upright { in_base, in_grip }) = self.upright else { return grip };
        let now = grip.rotation.rotate(in_grip);
        let axis = now.cross(in_base);
        let turn = Quat::from_rotation_vector(axis.normalized_or(Vec3::X) * real::atan2(axis.norm(), now.dot(in_base)));
        Pose::new(grip.position, (turn * grip.rotation).normalized())
    }
}

/// The direction that no joint can turn.
fn upright(model: &Model, joints: &[JointId], grip: SiteId) -> Option<Upright> {
    let mut data = Data::new(model);
    kinematics(model, &mut data, &model.q0);
    let axes = || joints.iter().map(|j| data.joint_axis[j.index()]);
    let in_base = axes().next()?;
    let parallel = axes().all(|axis| axis.cross(in_base).norm() < 1e-9);
    let in_grip = site_pose(model, &data, grip).rotation.conjugate().rotate(in_base);
    parallel.then_some(Upright { in_base, in_grip })
}
