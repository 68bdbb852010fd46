//! The arm that a program is planned for: a robot's package and a program's tool.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_control::timing::JointLimits;
use leitai_control::{ArmDynamics, Chain, ChainError};
use leitai_math::{Mat3, Pose, Quat};
use leitai_model::spec::{BodySpec, InertialSpec, Spec};
use leitai_model::{BuildError, JointId, Model, SiteId};
use leitai_package::manifest::RobotManifest;

use super::ToolData;
use crate::nominal::{ASSUMED_ACCELERATION, PLANNED_SHARE, RISE_S, site_in_world};

/// Radius of gyration that a carried mass is given [m]: a body without one has no inverse.
const GYRATION_M: f64 = 0.02;

/// Why an arm cannot be programmed.
#[derive(Debug, thiserror::Error)]
pub enum ArmError {
    /// A name in the manifest is not in the model.
    #[error("the model has no {kind} `{name}`, which the manifest names")]
    NoSuchName {
        /// Kind of element.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The model is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The joints between base and flange cannot be used.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The manifest's joints are not those that carry the flange, or a list has another length.
    #[error("the manifest's joints, home posture and limits must be those of the joints that carry the flange, in order")]
    Joints,
    /// The tool is none.
    #[error("the tool needs a finite pose of its point and a mass of 0 to 1000 kg")]
    Tool,
}

/// An arm with a program's tool.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The robot alone, with what it carries as a body of its own at the flange.
    pub model: Model,
    /// Joints, from base to flange.
    pub joints: Vec<JointId>,
    /// Numbers of the drives in the model, in the order of the joints.
    pub drives: Vec<usize>,
    /// The flange.
    pub flange: SiteId,
    /// From the world to the tool's point.
    pub chain: Chain,
    /// `world_from_base`.
    pub base: Pose,
    /// Home posture.
    pub home: Vec<f64>,
    /// Greatest torque of each joint [N·m].
    pub torque: Vec<f64>,
    /// What motions are planned for: nine tenths of the data sheet's speed and torque, accelerations where declared or assumed.
    pub limits: JointLimits,
    /// What is carried.
    pub tool: ToolData,
}

impl Arm {
    /// Robot and tool.
    ///
    /// # Errors
    /// If names do not match, the model is wrong, or the tool is none.
    pub fn new(robot: &RobotManifest, spec: &Spec, tool: &ToolData) -> Result<Self, ArmError> {
        let interface = &robot.interface;
        let missing = |kind, name: &str| ArmError::NoSuchName { kind, name: name.to_string() };
        let base = site_in_world(spec, &interface.base).ok_or_else(|| missing("site", &interface.base))?;
        let ToolData { tcp, mass_kg, center_m } = tool;
        let fits = tcp.position.is_finite() && tcp.position.norm() < 1e3 && tcp.rotation.to_array().iter().all(|x| x.is_finite());
        if !(fits && center_m.is_finite() && center_m.norm() < 1e3 && (0.0..=1000.0).contains(mass_kg)) {
            return Err(ArmError::Tool);
        }
        let mut spec = spec.clone();
        if *mass_kg > 0.0 {
            let mut load = Spec::default();
            load.world.name = "world".to_string();
            let mut body = BodySpec::new("program_tool", Pose::IDENTITY);
            let moment = mass_kg * GYRATION_M * GYRATION_M;
            let inertia = Mat3([[moment, 0.0, 0.0], [0.0, moment, 0.0], [0.0, 0.0, moment]]);
            body.inertial = Some(InertialSpec { mass: *mass_kg, pose: Pose::new(*center_m, Quat::IDENTITY), inertia });
            load.world.bodies.push(body);
            spec.attach(&interface.tool_mount, &load, Pose::IDENTITY, "program/")
                .map_err(|_| missing("site", &interface.tool_mount))?;
        }
        let model = spec.build()?;
        let flange = model.site_named(&interface.tool_mount).ok_or_else(|| missing("site", &interface.tool_mount))?;
        let named = interface.joints.iter().map(|name| model.joint_named(name).ok_or_else(|| missing("joint", name)));
        let joints: Vec<JointId> = named.collect::<Result<_, _>>()?;
        let find = |name: &String| model.actuators.iter().position(|a| a.name == *name).ok_or_else(|| missing("actuator", name));
        let drives: Vec<usize> = interface.actuators.iter().map(find).collect::<Result<_, _>>()?;
        let chain = Chain::new(&model, flange)?.extended(*tcp);
        let n = joints.len();
        let limits = &robot.limits;
        let acceleration =
            limits.acceleration_rad_s2.as_ref().map_or_else(|| alloc::vec![ASSUMED_ACCELERATION; n], |a| a.value.clone());
        let lists = [&limits.speed_rad_s.value, &limits.torque_nm.value, &acceleration, &interface.home_rad];
        if chain.joints() != joints || drives.len() != n || lists.iter().any(|list| list.len() != n) {
            return Err(ArmError::Joints);
        }
        let used = |list: &[f64]| list.iter().map(|x| PLANNED_SHARE * x).collect();
        let jerk = acceleration.iter().map(|a| a / RISE_S).collect();
        let torque = limits.torque_nm.value.clone();
        let limits =
            JointLimits { velocity: used(&limits.speed_rad_s.value), acceleration, jerk, torque: used(&limits.torque_nm.value) };
        Ok(Self { model, joints, drives, flange, chain, base, home: interface.home_rad.clone(), torque, limits, tool: *tool })
    }

    /// What its joints must give for a motion. What it carries is part of the model.
    #[must_use]
    pub fn dynamics(&self) -> ArmDynamics {
        ArmDynamics::new(&self.model, &self.joints, self.flange)
    }
}
