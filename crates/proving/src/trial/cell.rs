//! The cell of a claim: the scenario's world with the robot, its tool and the pieces in it.
//!
//! One [`Cell`] serves all trials of a claim; [`Cell::build`] makes the world of one trial from its draws. What the
//! controller is told of the cell ([`Cell::robot`], [`Cell::task`]) is the nominal cell, whatever was drawn.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use leitai_control::MotionLimits;
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::model::{ActuatorId, BodyId, JointId, SiteId, SuctionId};
use leitai_model::spec::{BodySpec, GeomMass, GeomSpec, JointKind, JointSpec, Surface};
use leitai_model::{BuildError, Model, SolImp, SolRef, Spec};
use leitai_package::manifest::{Destination as To, Order, Piece, Place, Program as Written, Skill as Word, Standing, Suction};
use leitai_sim::Scene;
use leitai_skills::{Destination, Job, Obstacle, Press, Program, Robot, RobotError, Skill, Task};

use super::draws::Draws;
use crate::packages::Packages;

/// Share of a data sheet's speed and torque that motions are planned for; the rest is for the servo.
const PLANNED_SHARE: f64 = 0.9;
/// Greatest joint acceleration [rad/s²] where none is published: assumed, the usual order of collaborative arms.
const ASSUMED_ACCELERATION: f64 = 5.0;
/// Time [s] from no to full acceleration: assumed.
const RISE_S: f64 = 0.08;
/// Bodies slower than this [m/s, rad/s] for a while freeze until touched.
const REST_SPEED: f64 = 5e-4;

/// Why a cell cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The robot cannot do jobs of this kind at all.
    #[error("robot `{robot}` has {what}; this job needs it")]
    Missing {
        /// Robot.
        robot: String,
        /// What is missing.
        what: String,
    },
    /// A name in a manifest is not in the model.
    #[error("{file}: the model has no {kind} `{name}`, which the manifest names")]
    NoSuchName {
        /// Manifest.
        file: String,
        /// Kind of element.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The joined model is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The robot's model cannot be controlled as an arm.
    #[error(transparent)]
    Robot(#[from] RobotError),
    /// The program names a goal the scenario lacks.
    #[error("solution `{solution}` works towards the goal `{goal}`, which scenario `{scenario}` does not have")]
    NoSuchGoal {
        /// Solution.
        solution: String,
        /// Goal.
        goal: String,
        /// Scenario.
        scenario: String,
    },
}

/// One generated piece.
#[derive(Clone, Debug)]
pub struct CellPiece {
    /// Generator it comes from.
    pub from: String,
    /// Kind of piece.
    pub kind: String,
    /// Number of its site in [`Cell::sites`].
    pub site: usize,
    /// Where it nominally stands.
    pub place: Place,
}

/// What all trials of a claim share.
#[derive(Clone, Debug)]
pub struct Cell {
    packages: Arc<Packages>,
    parameters: BTreeMap<String, f64>,
    dt_s: f64,
    /// Sites that carry pieces or are measured, in order.
    pub sites: Vec<String>,
    /// Pieces, generator by generator in the order of their names.
    pub pieces: Vec<CellPiece>,
    /// The arm as its controller knows it.
    pub robot: Robot,
    /// The task as its controller knows it.
    pub task: Task,
    /// What it does, if the solution is a list of skills.
    pub program: Option<Program>,
}

/// The world of one trial, with the numbers of what matters in it.
#[derive(Clone, Debug)]
pub struct Built {
    /// Ready to be stepped.
    pub scene: Arc<Scene>,
    /// The robot's joints.
    pub joints: Vec<JointId>,
    /// Their motors.
    pub motors: Vec<ActuatorId>,
    /// The tool's joints.
    pub tool_joints: Vec<JointId>,
    /// The tool's motors.
    pub tool_motors: Vec<ActuatorId>,
    /// Suction cups of the tool.
    pub cups: Vec<SuctionId>,
    /// Bodies of the tool.
    pub tool_bodies: Vec<BodyId>,
    /// Bodies of the pieces.
    pub pieces: Vec<BodyId>,
    /// Half edges [m] of each piece.
    pub halves: Vec<Vec3>,
    /// Sites of [`Cell::sites`].
    pub sites: Vec<SiteId>,
    /// `world_from_base` of the robot.
    pub base: Pose,
    /// The frame between the jaws.
    pub grip: SiteId,
}

impl Cell {
    /// Puts the claim's packages together.
    ///
    /// # Errors
    /// If names do not match, a model is wrong, or the robot lacks what the job needs.
    pub fn new(packages: &Arc<Packages>, parameters: &BTreeMap<String, f64>, dt_s: f64) -> Result<Self, CellError> {
        let scenario = &packages.scenario;
        let mut sites: Vec<String> = Vec::new();
        let mut add = |name: &String| {
            if !sites.contains(name) {
                sites.push(name.clone());
            }
        };
        scenario.measure.values().flat_map(|m| &m.sites).for_each(&mut add);
        scenario.generate.values().for_each(|g| add(&g.at));
        scenario.goal.iter().for_each(|g| add(&g.at));
        let mut pieces = Vec::new();
        for (from, generate) in &scenario.generate {
            let height = scenario.piece[&generate.piece].size_m.value[2];
            let site = sites.iter().position(|s| *s == generate.at).expect("just added");
            for place in generate.grid().places(height) {
                pieces.push(CellPiece { from: from.clone(), kind: generate.piece.clone(), site, place });
            }
        }
        let robot = controlled_robot(packages)?;
        let program = packages.solution.program().map(program);
        let task = task(packages, parameters, &sites, &pieces)?;
        Ok(Self { packages: Arc::clone(packages), parameters: parameters.clone(), dt_s, sites, pieces, robot, task, program })
    }

    /// The packages.
    #[must_use]
    pub fn packages(&self) -> &Packages {
        &self.packages
    }

    /// Claim parameters.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, f64> {
        &self.parameters
    }

    /// Step of the physics [s].
    #[must_use]
    pub fn dt_s(&self) -> f64 {
        self.dt_s
    }

    /// Draws of the trial with `seed`.
    #[must_use]
    pub fn draws(&self, seed: leitai_math::Seed) -> Draws {
        Draws::new(&self.packages.scenario, seed, self.pieces.len(), &self.sites, self.robot.joints.len())
    }

    /// No variation at all.
    #[must_use]
    pub fn nominal_draws(&self) -> Draws {
        Draws::nominal(self.pieces.len(), self.sites.len(), self.robot.joints.len())
    }

    /// The world of one trial.
    ///
    /// # Errors
    /// If the joined model is wrong or a name is missing.
    pub fn build(&self, draws: &Draws) -> Result<Built, CellError> {
        let scenario = &self.packages.scenario;
        let mut spec = self.packages.world.clone();
        spec.option.timestep_s = self.dt_s;
        spec.option.stick = true;
        spec.option.sleep = true;
        spec.option.sleep_tolerance = REST_SPEED;
        for (site, &(tilt, azimuth)) in self.sites.iter().zip(&draws.site_tilt_rad) {
            tilt_site(&mut spec, site, tilt, azimuth);
        }
        let offset = Pose::new(draws.base_position_m, Quat::from_rotation_vector(draws.base_rotation_rad));
        let mut robot = self.packages.robot_model.clone();
        scale_friction(&mut robot.world, &self.packages.robot.interface.joints, &draws.joint_friction_scale);
        attach_robot(&self.packages, &mut spec, &robot, offset)?;
        let mut halves = Vec::new();
        for (i, piece) in self.pieces.iter().enumerate() {
            let site_pose =
                site_in_world(&spec, &self.sites[piece.site]).ok_or_else(|| no_site(scenario, &self.sites[piece.site]))?;
            let kind = &scenario.piece[&piece.kind];
            let (body, half) = piece_body(kind, piece, &self.parameters, draws, i, site_pose);
            halves.push(half);
            spec.world.bodies.push(body);
        }
        let model = Arc::new(spec.build()?);
        self.number(&model, halves)
    }

    /// Finds everything by name.
    fn number(&self, model: &Arc<Model>, halves: Vec<Vec3>) -> Result<Built, CellError> {
        let packages = &self.packages;
        let interface = &packages.robot.interface;
        let file = "robot.toml".to_string();
        let missing = |kind, name: &str| CellError::NoSuchName { file: file.clone(), kind, name: name.to_string() };
        let joint =
            |prefix: &str, name: &String| model.joint_named(&format!("{prefix}{name}")).ok_or_else(|| missing("joint", name));
        let motor = |prefix: &str, name: &String| {
            model.actuator_named(&format!("{prefix}{name}")).ok_or_else(|| missing("actuator", name))
        };
        let site = |name: &str| model.site_named(name).ok_or_else(|| missing("site", name));
        let (tool_joints, tool_motors, grip) = match &packages.tool {
            None => (Vec::new(), Vec::new(), site(&format!("robot/{}", interface.tool_mount))?),
            Some(tool) => {
                let t = &tool.manifest.interface;
                let joints = t.joints.iter().map(|n| joint("tool/", n)).collect::<Result<_, _>>()?;
                let motors = t.actuators.iter().map(|n| motor("tool/", n)).collect::<Result<_, _>>()?;
                (joints, motors, site(&format!("tool/{}", t.grip_center))?)
            }
        };
        let tool_bodies =
            (0..model.bodies.len() as u32).map(BodyId).filter(|b| model.bodies[b.index()].name.starts_with("tool/"));
        let mut data = leitai_dynamics::Data::new(model);
        leitai_dynamics::kinematics(model, &mut data, &model.q0);
        let base = leitai_dynamics::site_pose(model, &data, site(&format!("robot/{}", interface.base))?);
        Ok(Built {
            joints: interface.joints.iter().map(|n| joint("robot/", n)).collect::<Result<_, _>>()?,
            motors: interface.actuators.iter().map(|n| motor("robot/", n)).collect::<Result<_, _>>()?,
            tool_joints,
            tool_motors,
            cups: (0..model.suctions.len() as u32).map(SuctionId).collect(),
            tool_bodies: tool_bodies.collect(),
            pieces: (0..self.pieces.len())
                .map(|i| model.body_named(&piece_name(i)).expect("pieces are named by number"))
                .collect(),
            halves,
            sites: self.sites.iter().map(|s| site(s)).collect::<Result<_, _>>()?,
            base,
            grip,
            scene: Scene::new(Arc::clone(model)),
        })
    }
}

fn no_site(scenario: &leitai_package::manifest::ScenarioManifest, name: &str) -> CellError {
    CellError::NoSuchName { file: format!("{}/scenario.toml", scenario.scenario.id), kind: "site", name: name.to_string() }
}

fn piece_name(i: usize) -> String {
    format!("piece/{i}")
}

/// Turns the body that carries `site` about its own origin, so that its z falls towards `azimuth`.
fn tilt_site(spec: &mut Spec, site: &str, tilt: f64, azimuth: f64) {
    let (s, c) = leitai_math::real::sin_cos(azimuth);
    let turn = Quat::from_axis_angle(Vec3::new(-s, c, 0.0), tilt);
    if let Some(body) = spec.world.find_mut(&|b| b.sites.iter().any(|m| m.name == site))
        && body.name != "world"
    {
        body.pose.rotation = turn * body.pose.rotation;
    }
}

/// `world_from_site` with every joint at its reference.
pub(super) fn site_in_world(spec: &Spec, name: &str) -> Option<Pose> {
    let mut found = None;
    spec.world.visit(Pose::IDENTITY, &mut |body, world_from_body| {
        if let Some(site) = body.sites.iter().find(|s| s.name == name) {
            found = Some(world_from_body * site.pose);
        }
    });
    found
}

fn scale_friction(body: &mut BodySpec, joints: &[String], scale: &[f64]) {
    for joint in &mut body.joints {
        if let Some(i) = joints.iter().position(|name| *name == joint.name) {
            joint.frictionloss *= scale[i];
            joint.damping *= scale[i];
        }
    }
    body.bodies.iter_mut().for_each(|b| scale_friction(b, joints, scale));
}

/// Robot on its place, tool on its flange. Names get the prefixes `robot/` and `tool/`.
fn attach_robot(packages: &Packages, spec: &mut Spec, robot: &Spec, offset: Pose) -> Result<(), CellError> {
    let interface = &packages.robot.interface;
    let missing = |file: &str, name: &str| CellError::NoSuchName { file: file.to_string(), kind: "site", name: name.to_string() };
    let base = site_in_world(robot, &interface.base).ok_or_else(|| missing("robot.toml", &interface.base))?;
    let at = &packages.scenario.mount.robot_at;
    spec.attach(at, robot, offset * base.inverse(), "robot/").map_err(|_| missing("scenario.toml", at))?;
    if let Some(tool) = &packages.tool {
        let t = &tool.manifest.interface;
        let mount = site_in_world(&tool.model, &t.mount).ok_or_else(|| missing("part.toml", &t.mount))?;
        let flange = format!("robot/{}", interface.tool_mount);
        let mut model = tool.model.clone();
        if let Some(suction) = &tool.manifest.suction {
            model.suctions = suction.cups("part.toml");
        }
        let attached = spec.attach(&flange, &model, mount.inverse(), "tool/");
        attached.map_err(|_| CellError::Missing {
            robot: packages.robot.robot.id.clone(),
            what: format!("no tool mount `{}`", interface.tool_mount),
        })?;
    }
    Ok(())
}

fn piece_body(
    kind: &Piece,
    piece: &CellPiece,
    parameters: &BTreeMap<String, f64>,
    draws: &Draws,
    i: usize,
    site: Pose,
) -> (BodySpec, Vec3) {
    let half = (Vec3::from_slice(&kind.size_m.value) + draws.piece_size_m[i]) * 0.5;
    let mut position = Vec3::from_slice(&piece.place.position_m) + draws.piece_position_m[i];
    // A piece of another height still lies on what is below it.
    position.z += half.z - 0.5 * kind.size_m.value[2];
    let turn = Quat::from_axis_angle(Vec3::Z, piece.place.yaw_rad + draws.piece_yaw_rad[i]);
    let mut body = BodySpec::new(piece_name(i), site * Pose::new(position, turn));
    body.joints.push(JointSpec { name: format!("{}/free", body.name), kind: JointKind::Free, ..JointSpec::default() });
    let friction = kind.friction.value;
    let contact = &kind.contact;
    let [low, high, width] = contact.impedance;
    let surface = Surface {
        friction: [friction, 0.005, 0.0001],
        solref: SolRef([contact.time_constant_s, contact.damping_ratio]),
        solimp: SolImp([low, high, width, 0.5, 2.0]),
        ..Surface::default()
    };
    let mass = parameters[&kind.mass.parameter] * draws.piece_mass_scale[i];
    let mut geom = GeomSpec { surface, mass: GeomMass::Mass(mass), ..GeomSpec::new(Shape::Box { half }) };
    geom.name = body.name.clone();
    geom.rgba = kind.rgba.map(|c| c as f32);
    body.geoms.push(geom);
    (body, half)
}

/// The arm with its tool, alone, its base at the origin.
fn controlled_robot(packages: &Packages) -> Result<Robot, CellError> {
    let interface = &packages.robot.interface;
    let mut spec = Spec::default();
    spec.option.gravity = packages.world.option.gravity;
    let origin = leitai_model::spec::SiteSpec { name: packages.scenario.mount.robot_at.clone(), ..Default::default() };
    spec.world.sites.push(origin);
    spec.world.name = "world".to_string();
    attach_robot(packages, &mut spec, &packages.robot_model, Pose::IDENTITY)?;
    let model = spec.build()?;
    let limits = &packages.robot.limits;
    let n = interface.joints.len();
    let limits = MotionLimits {
        speed: limits.speed_rad_s.value.clone(),
        acceleration: limits
            .acceleration_rad_s2
            .as_ref()
            .map_or_else(|| alloc::vec![ASSUMED_ACCELERATION; n], |a| a.value.clone()),
        torque: limits.torque_nm.value.clone(),
        share: PLANNED_SHARE,
        rise_s: RISE_S,
    };
    let names: Vec<String> = interface.joints.iter().map(|j| format!("robot/{j}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(tool) = &packages.tool else {
        return Err(CellError::Missing { robot: packages.robot.robot.id.clone(), what: "no tool".to_string() });
    };
    let t = &tool.manifest.interface;
    let held = match (&tool.manifest.clamp, &tool.manifest.suction) {
        (Some(clamp), _) => {
            let jaw = t.joints.first().and_then(|j| model.joint_named(&format!("tool/{j}")));
            let jaw_mass_kg = jaw.map_or(0.0, |j| model.bodies[model.joints[j.index()].body.index()].subtree_mass);
            leitai_skills::Tool::Clamp {
                opening_max_m: clamp.opening_max_m.value,
                opening_min_m: clamp.opening_min_m.value,
                force_n: clamp.grip_force_n.value,
                speed_m_s: clamp.jaw_speed_m_s.value,
                jaw_mass_kg,
            }
        }
        (None, Some(suction)) => leitai_skills::Tool::Suction {
            evacuate_s: suction.evacuate_s.value,
            half_m: covered(&model, &t.grip_center, suction)?,
        },
        (None, None) => {
            let what = format!("the tool `{}`, which can hold nothing", tool.manifest.part.id);
            return Err(CellError::Missing { robot: packages.robot.robot.id.clone(), what });
        }
    };
    let grip = format!("tool/{}", t.grip_center);
    Ok(Robot::new(model, &names, &grip, &interface.home_rad, limits, held, t.actuators.len())?)
}

/// Half of the area [m] that the lips of the cups cover, along x and y of the grip site.
fn covered(model: &Model, grip: &str, suction: &Suction) -> Result<[f64; 2], CellError> {
    let mut data = leitai_dynamics::Data::new(model);
    leitai_dynamics::kinematics(model, &mut data, &model.q0);
    let pose = |name: &str| {
        let site = model.site_named(&format!("tool/{name}"));
        let missing = || CellError::NoSuchName { file: "part.toml".to_string(), kind: "site", name: name.to_string() };
        Ok::<_, CellError>(leitai_dynamics::site_pose(model, &data, site.ok_or_else(missing)?))
    };
    let grip_from_world = pose(grip)?.inverse();
    let mut half = [0.0; 2];
    for cup in &suction.cups {
        let lip = grip_from_world.apply(pose(cup)?.position);
        for (half, at) in half.iter_mut().zip([lip.x, lip.y]) {
            *half = real::max(*half, real::abs(at) + suction.cup_radius_m.value);
        }
    }
    Ok(half)
}

/// What the controller is told of the task: nominal sizes, masses and obstacles.
fn task(
    packages: &Packages,
    parameters: &BTreeMap<String, f64>,
    sites: &[String],
    pieces: &[CellPiece],
) -> Result<Task, CellError> {
    let scenario = &packages.scenario;
    let goal_id = packages.solution.goal();
    let goal = scenario.goal.iter().find(|g| g.id == goal_id).ok_or_else(|| CellError::NoSuchGoal {
        solution: packages.solution.solution.id.clone(),
        goal: goal_id.to_string(),
        scenario: scenario.scenario.id.clone(),
    })?;
    let known: Vec<leitai_skills::Piece> = pieces
        .iter()
        .map(|p| {
            let kind = &scenario.piece[&p.kind];
            leitai_skills::Piece {
                half: Vec3::from_slice(&kind.size_m.value) * 0.5,
                mass_kg: parameters[&kind.mass.parameter],
                half_turn_symmetry: true,
            }
        })
        .collect();
    let movable: Vec<usize> = (0..pieces.len()).filter(|&i| pieces[i].from == goal.from).collect();
    let site = sites.iter().position(|s| *s == goal.at);
    let height = movable.first().map_or(0.0, |&i| 2.0 * known[i].half.z);
    let jobs = movable.iter().zip(goal.grid().places(height)).map(|(&piece, place)| Job {
        piece,
        site,
        site_from_target: pose_of(&place),
    });
    let base =
        site_in_world(&packages.world, &scenario.mount.robot_at).ok_or_else(|| no_site(scenario, &scenario.mount.robot_at))?;
    Ok(Task { jobs: jobs.collect(), pieces: known, sites: sites.len(), obstacles: obstacles(&packages.world, base, sites) })
}

/// The pose of a place in its site.
pub(super) fn pose_of(place: &Place) -> Pose {
    Pose::new(Vec3::from_slice(&place.position_m), Quat::from_axis_angle(Vec3::Z, place.yaw_rad))
}

/// Shapes of the world that can be touched, in the frame of the base or of the measured site whose body they belong to.
fn obstacles(world: &Spec, base: Pose, sites: &[String]) -> Vec<Obstacle> {
    let mut out = Vec::new();
    world.world.visit(Pose::IDENTITY, &mut |body, world_from_body| {
        let carried = sites.iter().enumerate().find_map(|(i, name)| Some((i, body.sites.iter().find(|s| s.name == *name)?.pose)));
        for geom in body.geoms.iter().filter(|g| g.contype != 0 || g.conaffinity != 0) {
            let (site, pose) = match carried {
                Some((i, body_from_site)) => (Some(i), body_from_site.inverse() * geom.pose),
                None => (None, base.inverse() * world_from_body * geom.pose),
            };
            out.push(Obstacle { name: geom.name.clone(), shape: geom.shape.clone(), site, pose });
        }
    });
    out
}

fn program(from: &Written) -> Program {
    Program {
        order: match from.order {
            Order::FarToNear => leitai_skills::Order::FarToNear,
            Order::AsListed => leitai_skills::Order::AsListed,
        },
        each: from.each.iter().map(skill).collect(),
        finish: from.finish.iter().map(skill).collect(),
        go_on_after_failure: false,
    }
}

fn skill(word: &Word) -> Skill {
    let to = |to: To| match to {
        To::Home => Destination::Home,
        To::Piece => Destination::Piece,
        To::Target => Destination::Target,
    };
    match *word {
        Word::Move { to: there, above_m } => Skill::Move { to: to(there), above_m },
        Word::Approach { to: there, speed_m_s, press } => {
            let press = press.map(|p| Press { force_n: p.force_n, slack_m: p.slack_m });
            Skill::Approach { to: to(there), speed_m_s, press }
        }
        Word::Retreat { above_m, speed_m_s } => Skill::Retreat { above_m, speed_m_s },
        Word::Grip { force_n, settle_s } => Skill::Grip { force_n, settle_s },
        Word::Release { open_m, settle_s } => Skill::Release { open_m, settle_s },
    }
}

/// Figures that the trial itself assumes, beyond the packages': name, value, unit.
#[must_use]
pub fn assumptions() -> [(&'static str, f64, &'static str, Standing); 4] {
    [
        ("joint_acceleration", ASSUMED_ACCELERATION, "rad/s^2", Standing::Assumed),
        ("planned_share", PLANNED_SHARE, "1", Standing::Assumed),
        ("acceleration_rise", RISE_S, "s", Standing::Assumed),
        ("rest_speed", REST_SPEED, "m/s", Standing::Assumed),
    ]
}
