//! The robot under test: what its controller knows, and what stands there.
//!
//! The controller knows rigid links, rotors and load, as the package states them. What stands there has reducers that give: each joint is cut in
//! two, the motor's side and, behind the reducer's spring, the link; and each link is a little off where calibration believes it to be.

use std::sync::Arc;

use leitai_control::{ArmDynamics, Chain, ChainError, MotionLimits, Payload};
use leitai_math::{Mat3, Pose, Quat, Seed, Vec3, real};
use leitai_model::model::{Actuator, Transmission};
use leitai_model::spec::{ActuatorSpec, BodySpec, Drive, InertialSpec, JointKind, JointSpec, Law, SiteSpec, TransmissionSpec};
use leitai_model::{BodyId, BuildError, JointId, Model, SiteId, Spec};
use leitai_package::manifest::RobotManifest;
use leitai_sim::Scene;
use leitai_skills::nominal::{ASSUMED_ACCELERATION, PLANNED_SHARE, RISE_S};

use super::figures::{ErrorSources, JointErrors};

/// Step of the physics [s].
pub const STEP_S: f64 = 5e-4;
/// A reducer's spring with what it carries turns at most so far in its phase in one step; where it would turn farther it is given inertia.
const PHASE: f64 = 0.7;
/// The site whose pose is measured: the center of the load's far face.
const MEASURED: &str = "measured";

/// Why a robot cannot be tested.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// The interface names what the model lacks.
    #[error("the interface names `{0}`, which the model does not have; run `leitai robot check` first")]
    Missing(String),
    /// A list of the interface has another length.
    #[error("`{0}` does not have one figure for each joint; run `leitai robot check` first")]
    Length(&'static str),
    /// The chain to the flange cannot be used.
    #[error("{0}")]
    Chain(#[from] ChainError),
    /// The model with its load is wrong.
    #[error("{0}")]
    Build(#[from] BuildError),
    /// A joint that cannot be cut in two.
    #[error("the body of joint `{0}` has further joints; a reducer between motor and link cannot be modeled there")]
    NotAlone(String),
    /// No load is stated and none was given.
    #[error("the package states no `payload_kg`; give the load with --load-kg")]
    NoLoad,
    /// A load that no robot carries.
    #[error("a load of {0} kg; give a number from 0 to 10000")]
    Load(f64),
}

/// A robot with its load.
#[derive(Debug)]
pub struct Machine {
    spec: Spec,
    joint_names: Vec<String>,
    /// What the controller knows.
    pub model: Arc<Model>,
    /// The arm's joints in it.
    pub joints: Vec<JointId>,
    /// From the base to the measured point.
    pub chain: Chain,
    /// What limits its motions.
    pub limits: MotionLimits,
    /// A posture free of collision.
    pub home: Vec<f64>,
    /// `world_from_base`.
    pub base: Pose,
    /// Mass of the load [kg].
    pub load_kg: f64,
    /// Edge of the load's cube [m].
    pub load_edge_m: f64,
    /// What goes wrong.
    pub errors: ErrorSources,
    /// Inertia that the numbers need on each reducer [kg·m²], zero where none is needed.
    pub numerical_inertia: Vec<f64>,
}

/// What stands there: one robot of its kind.
#[derive(Clone, Debug)]
pub struct Plant {
    /// Ready to be stepped.
    pub scene: Arc<Scene>,
    /// Places in `q` of the motors' angles.
    pub motors: Vec<usize>,
    /// Places in `v` of the motors' speeds.
    pub speeds: Vec<usize>,
    /// Places in `q` of the reducers' twists; empty if nothing gives.
    pub twists: Vec<usize>,
    /// Controls of the motors' torques.
    pub drives: Vec<usize>,
    /// Controls of the reducers' torques.
    pub reducers: Vec<usize>,
    /// The measured point.
    pub measured: SiteId,
    /// Body of the load.
    pub load: BodyId,
    /// What the encoders read too much [rad].
    pub zeros: Vec<f64>,
}

impl Machine {
    /// The robot with a load at its flange; without a mass, its rated one.
    ///
    /// # Errors
    /// If the interface does not fit the model or no load is known.
    pub fn new(
        manifest: &RobotManifest,
        robot: &Spec,
        load_kg: Option<f64>,
        density_kg_m3: f64,
        errors: ErrorSources,
    ) -> Result<Self, MachineError> {
        let missing = |name: &str| MachineError::Missing(name.to_string());
        let interface = &manifest.interface;
        let n = interface.joints.len();
        let (limits, lists) = (&manifest.limits, &interface.home_rad);
        for (name, length) in [
            ("home_rad", lists.len()),
            ("actuators", interface.actuators.len()),
            ("torque_nm", limits.torque_nm.value.len()),
            ("speed_rad_s", limits.speed_rad_s.value.len()),
        ] {
            if length != n {
                return Err(MachineError::Length(name));
            }
        }
        let rated = manifest.claim.iter().find(|claim| claim.name == "payload_kg").map(|claim| claim.value);
        let load_kg = load_kg.or(rated).ok_or(MachineError::NoLoad)?;
        if !(0.0..=1e4).contains(&load_kg) {
            return Err(MachineError::Load(load_kg));
        }
        let load_edge_m = real::cbrt(load_kg / density_kg_m3);
        let mut spec = robot.clone();
        (spec.keyframes, spec.sensors) = (Vec::new(), Vec::new());
        spec.option.timestep_s = STEP_S;
        carry(&mut spec, &interface.tool_mount, load_kg, load_edge_m).ok_or_else(|| missing(&interface.tool_mount))?;
        for (joint, errors) in interface.joints.iter().zip(&errors.joints) {
            let body = holder(&mut spec.world, joint).ok_or_else(|| missing(joint))?;
            if body.joints.len() != 1 {
                return Err(MachineError::NotAlone(joint.clone()));
            }
            body.joints[0].armature += errors.rotor_kg_m2;
        }
        let model = Arc::new(spec.build()?);
        let named = |name: &String| model.joint_named(name).ok_or_else(|| missing(name));
        let joints = interface.joints.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let chain = Chain::new(&model, model.site_named(MEASURED).expect("just added"))?;
        if let Some(other) = chain.joints().iter().zip(&joints).position(|(a, b)| a != b) {
            return Err(missing(&interface.joints[other]));
        }
        if chain.len() != n {
            return Err(MachineError::Length("joints"));
        }
        let mut data = leitai_dynamics::Data::new(&model);
        leitai_dynamics::kinematics(&model, &mut data, &model.q0);
        let base = model.site_named(&interface.base).ok_or_else(|| missing(&interface.base))?;
        let base = leitai_dynamics::site_pose(&model, &data, base);
        let limits = MotionLimits {
            speed: limits.speed_rad_s.value.clone(),
            acceleration: limits.acceleration_rad_s2.as_ref().map_or_else(|| vec![ASSUMED_ACCELERATION; n], |a| a.value.clone()),
            torque: limits.torque_nm.value.clone(),
            share: PLANNED_SHARE,
            rise_s: RISE_S,
        };
        let mut machine = Self {
            spec,
            joint_names: interface.joints.clone(),
            model,
            joints,
            chain,
            limits,
            home: interface.home_rad.clone(),
            base,
            load_kg,
            load_edge_m,
            errors,
            numerical_inertia: vec![0.0; n],
        };
        machine.numerical_inertia = machine.needed_inertia();
        Ok(machine)
    }

    /// The arm as its controller knows it, load and rotors included.
    #[must_use]
    pub fn dynamics(&self) -> ArmDynamics {
        let site = self.model.site_named(MEASURED).expect("added when the machine was made");
        let mut arm = ArmDynamics::new(&self.model, &self.joints, site);
        // The load is a body of the model already.
        arm.carry(&Payload { mass_kg: 0.0, pose: Pose::IDENTITY, inertia: Vec3::ZERO }, 0.0);
        arm
    }

    /// `base_from_measured` where the controller believes it to be.
    #[must_use]
    pub fn tip(&self, q: &[f64]) -> Pose {
        self.base.inverse() * self.chain.tip(q)
    }

    /// The joints' mass matrix at `q`, rotors included, row by row.
    fn mass_matrix(&self, q: &[f64]) -> Vec<f64> {
        let n = self.joints.len();
        let mut arm = self.dynamics();
        let (zero, mut bias, mut tau) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        arm.torques(q, &zero, &zero, &mut bias);
        let mut mass = vec![0.0; n * n];
        for c in 0..n {
            let mut a = vec![0.0; n];
            a[c] = 1.0;
            arm.torques(q, &zero, &a, &mut tau);
            (0..n).for_each(|r| mass[r * n + c] = tau[r] - bias[r]);
        }
        mass
    }

    /// Mass [kg] with which the measured point meets something along the unit vector `along` (in the world) at `q`: 1/(nᵀJM⁻¹Jᵀn), joints rigid.
    /// Infinite where it cannot move that way.
    #[must_use]
    pub fn effective_mass(&self, q: &[f64], along: Vec3) -> f64 {
        let n = self.joints.len();
        let mut jacobian = vec![[0.0; 6]; n];
        self.chain.tip_and_jacobian(q, &mut jacobian);
        let force: Vec<f64> = jacobian.iter().map(|c| along.dot(Vec3::new(c[0], c[1], c[2]))).collect();
        let (mut mass, mut x) = (self.mass_matrix(q), force.clone());
        if leitai_math::linear::cholesky(&mut mass, n, 1e-12).is_err() {
            return f64::INFINITY;
        }
        leitai_math::linear::cholesky_solve(&mass, n, &mut x);
        1.0 / force.iter().zip(&x).map(|(f, x)| f * x).sum::<f64>()
    }

    /// The least inertia of the links that each joint feels, with the others free [kg·m²]: 1/(M⁻¹)ᵢᵢ at home, without the rotors.
    fn link_inertias(&self) -> Vec<f64> {
        let n = self.joints.len();
        let mut mass = self.mass_matrix(&self.home);
        for (i, joint) in self.errors.joints.iter().enumerate() {
            mass[i * n + i] -= joint.rotor_kg_m2;
        }
        if leitai_math::linear::cholesky(&mut mass, n, 1e-12).is_err() {
            return vec![0.0; n];
        }
        let inertia = |i: usize| {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            leitai_math::linear::cholesky_solve(&mass, n, &mut unit);
            1.0 / unit[i]
        };
        (0..n).map(inertia).collect()
    }

    fn needed_inertia(&self) -> Vec<f64> {
        if !self.errors.any() {
            return vec![0.0; self.joints.len()];
        }
        let inertias = self.link_inertias();
        let needed = |joint: &JointErrors, inertia: f64| {
            // Friction inside the reducer holds as another spring of the same stiffness.
            real::max(2.0 * joint.stiffness_nm_rad * STEP_S * STEP_S / (PHASE * PHASE) - inertia, 0.0)
        };
        self.errors.joints.iter().zip(inertias).map(|(joint, inertia)| needed(joint, inertia)).collect()
    }

    /// One robot of this kind. Calibration leaves what the streams of `seed` draw.
    ///
    /// # Errors
    /// If the model with its reducers is wrong.
    pub fn plant(&self, seed: &Seed) -> Result<Plant, MachineError> {
        self.plant_among(seed, &|_| {})
    }

    /// As [`Self::plant`], with what `add` puts into its world; nothing of the arm touches that but what `add` gives a shape.
    ///
    /// # Errors
    /// If the model is wrong.
    pub fn plant_among(&self, seed: &Seed, add: &dyn Fn(&mut Spec)) -> Result<Plant, MachineError> {
        let mut spec = self.spec.clone();
        untouchable(&mut spec.world);
        (spec.pairs, spec.excludes) = (Vec::new(), Vec::new());
        add(&mut spec);
        let inertias = if self.errors.any() { self.link_inertias() } else { Vec::new() };
        let mut zeros = vec![0.0; self.joints.len()];
        for (i, joint) in self.errors.joints.iter().enumerate() {
            let name = &self.joint_names[i];
            let mut draw = seed.stream(&format!("calibration/{name}"));
            zeros[i] = draw.normal(0.0, self.errors.joint_zero_rad);
            let mut three = |sd: f64| Vec3::new(draw.normal(0.0, sd), draw.normal(0.0, sd), draw.normal(0.0, sd));
            let shift = three(self.errors.link_position_m);
            let turn = three(self.errors.link_rotation_rad);
            let body = holder(&mut spec.world, name).expect("found when the machine was made");
            body.pose = body.pose * Pose::new(shift, Quat::from_rotation_vector(turn));
            cut(body, joint, inertias[i] + self.numerical_inertia[i], self.numerical_inertia[i]);
            spec.actuators.push(ActuatorSpec {
                name: format!("{name} reducer"),
                transmission: TransmissionSpec::Joint(format!("{name} reducer")),
                drive: Drive { gear: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0], gain: Law::Affine([1.0, 0.0, 0.0]), ..Drive::default() },
                source: leitai_model::spec::Source::default(),
            });
        }
        let model = Arc::new(spec.build()?);
        let joint = |name: &str| &model.joints[model.joint_named(name).expect("just built").index()];
        let place = |name: &str| joint(name).q_start as usize;
        let speed = |name: &str| joint(name).v_start as usize;
        let motor = |joint: &String| {
            let id = model.joint_named(joint).expect("just built");
            let pulls = |a: &&Actuator| match a.transmission {
                Transmission::Joint(joint) | Transmission::JointInParent(joint) => joint == id,
                _ => false,
            };
            model.actuators.iter().find(pulls).map(|a| a.ctrl as usize).ok_or_else(|| MachineError::Missing(joint.clone()))
        };
        let reducer = |joint: &String| {
            let id = model.actuator_named(&format!("{joint} reducer")).expect("just added");
            model.actuators[id.index()].ctrl as usize
        };
        let gives = self.errors.any();
        Ok(Plant {
            motors: self.joint_names.iter().map(|name| place(name)).collect(),
            speeds: self.joint_names.iter().map(|name| speed(name)).collect(),
            twists: self.joint_names.iter().filter(|_| gives).map(|name| place(&format!("{name} reducer"))).collect(),
            drives: self.joint_names.iter().map(motor).collect::<Result<_, _>>()?,
            reducers: self.joint_names.iter().filter(|_| gives).map(reducer).collect(),
            measured: model.site_named(MEASURED).expect("added when the machine was made"),
            load: model.body_named("load").expect("added when the machine was made"),
            zeros,
            scene: Scene::new(model),
        })
    }

    /// The robot with its load, rigid and with its shapes, for looking at collisions.
    #[must_use]
    pub fn shapes(&self) -> Arc<Scene> {
        Scene::new(Arc::clone(&self.model))
    }
}

/// A cube with one face on the flange, and the measured point in the middle of the other.
fn carry(spec: &mut Spec, mount: &str, mass: f64, edge: f64) -> Option<()> {
    let body = spec.world.find_mut(&|body| body.sites.iter().any(|site| site.name == mount))?;
    let at = body.sites.iter().find(|site| site.name == mount)?.pose;
    let tip = SiteSpec { name: MEASURED.to_string(), pose: Pose::new(Vec3::Z * edge, Quat::IDENTITY), ..SiteSpec::default() };
    // A body needs mass: without a load, a thousandth of a gram.
    let (mass, side) = if mass > 0.0 { (mass, edge) } else { (1e-6, 0.01) };
    let inertia = Mat3::diagonal(Vec3::new(1.0, 1.0, 1.0) * (mass * side * side / 6.0));
    let inertial = Some(InertialSpec { mass, pose: Pose::new(Vec3::Z * (0.5 * edge), Quat::IDENTITY), inertia });
    body.bodies.push(BodySpec { name: "load".to_string(), pose: at, inertial, sites: vec![tip], ..BodySpec::default() });
    Some(())
}

fn holder<'a>(body: &'a mut BodySpec, joint: &str) -> Option<&'a mut BodySpec> {
    body.find_mut(&|body| body.joints.iter().any(|own| own.name == joint))
}

/// Nothing of the arm touches anything.
fn untouchable(body: &mut BodySpec) {
    for geom in &mut body.geoms {
        (geom.contype, geom.conaffinity) = (0, 0);
    }
    body.bodies.iter_mut().for_each(untouchable);
}

/// Cuts a link from its motor: between them stands the reducer's spring.
fn cut(body: &mut BodySpec, errors: &JointErrors, inertia: f64, numerical: f64) {
    let link = std::mem::take(body);
    let mut joints = link.joints;
    let motor = joints.remove(0);
    // What stands between the two joints must weigh something.
    let light = InertialSpec { mass: 1e-6, pose: Pose::IDENTITY, inertia: Mat3::diagonal(Vec3::new(1e-9, 1e-9, 1e-9)) };
    let stiffness = errors.stiffness_nm_rad;
    let reducer = JointSpec {
        name: format!("{} reducer", motor.name),
        kind: JointKind::Hinge,
        position: motor.position,
        axis: motor.axis,
        stiffness,
        damping: 2.0 * errors.damping_ratio * real::sqrt(stiffness * inertia),
        armature: numerical,
        ..JointSpec::default()
    };
    let name = format!("{} motor", motor.name);
    let pose = link.pose;
    let behind = BodySpec { pose: Pose::IDENTITY, joints: vec![reducer], ..link };
    *body = BodySpec { name, pose, inertial: Some(light), joints: vec![motor], bodies: vec![behind], ..BodySpec::default() };
}
