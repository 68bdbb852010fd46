//! The cell as a controller knows it: robot, tool and task out of the packages' own figures, before anything is drawn.
//!
//! Whoever runs a task program builds its [`Robot`] and [`Task`] here: the engine for a trial, and a module in its sandbox from the
//! files in its brief. Both get the same bits, because there is one way to compute them.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_control::force_sensor::ToolLoad;
use leitai_control::{MotionLimits, TipLimits};
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::{BuildError, Model, Spec};
use leitai_package::manifest::{
    Destination as To, Feeding, Order, PartClass, PartManifest, Patch, PieceShape, Place, Program as Written, RobotManifest,
    ScenarioManifest, Skill as Word, Suction,
};

use leitai_geometry::Shape;

use crate::robot::{Robot, RobotError, Tool, Wrist};
use crate::surface::{self, Face, Spot};
use crate::task::{self, Destination, Job, Obstacle, Piece, Press, Program, Skill, Task};

/// Share of a data sheet's speed and torque that motions are planned for; the rest is for the servo.
pub const PLANNED_SHARE: f64 = 0.9;
/// Greatest joint acceleration [rad/s²] where none is published: assumed, the usual order of collaborative arms.
pub const ASSUMED_ACCELERATION: f64 = 5.0;
/// Time [s] from no to full acceleration: assumed.
pub const RISE_S: f64 = 0.08;
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
    /// Pieces to scatter find no room, which a checked manifest rules out.
    #[error("scenario `{scenario}`: the pieces of `{scatter}` do not find room")]
    Crowded {
        /// Scenario.
        scenario: String,
        /// What is scattered.
        scatter: String,
    },
    /// The size of what is on a site's body varies, and one of its shapes has no size to scale.
    #[error("the geom `{geom}` cannot be made larger or smaller; use a sphere, ellipsoid, capsule, cylinder or box")]
    NotScaled {
        /// Geom.
        geom: String,
    },
    /// A patch reaches beyond the surface that it is on.
    #[error("scenario `{scenario}`: the patch at `{site}` reaches beyond its geoms at x = {x} m, y = {y} m of the site")]
    OffSurface {
        /// Scenario.
        scenario: String,
        /// Site of the patch.
        site: String,
        /// Place in the site's plane [m].
        x: f64,
        /// The same.
        y: f64,
    },
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

/// What the packages say, as far as a controller is told.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// The robot.
    pub robot: &'a RobotManifest,
    /// Its model.
    pub robot_model: &'a Spec,
    /// The tool that the scenario asks for, with its model.
    pub tool: Option<(&'a PartManifest, &'a Spec)>,
    /// The job.
    pub scenario: &'a ScenarioManifest,
    /// Its world.
    pub world: &'a Spec,
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

/// The nominal cell.
#[derive(Clone, Debug)]
pub struct Nominal {
    /// Sites that carry pieces or are measured, in order.
    pub sites: Vec<String>,
    /// Pieces, generator by generator in the order of their names.
    pub pieces: Vec<CellPiece>,
    /// The arm.
    pub robot: Robot,
    /// The task.
    pub task: Task,
}

impl Nominal {
    /// Puts packages together, for `goal` and with the claim's parameters; `solution` is who names the goal.
    ///
    /// # Errors
    /// If names do not match, a model is wrong, or the robot lacks what the job needs.
    ///
    /// # Panics
    /// If a parameter of the scenario is not among `parameters`.
    pub fn new(described: &Described, parameters: &BTreeMap<String, f64>, solution: &str, goal: &str) -> Result<Self, CellError> {
        let scenario = described.scenario;
        let mut sites: Vec<String> = Vec::new();
        let mut add = |name: &String| {
            if !sites.contains(name) {
                sites.push(name.clone());
            }
        };
        scenario.measure.values().flat_map(|m| &m.sites).for_each(&mut add);
        scenario.generate.values().for_each(|g| add(&g.at));
        scenario.scatter.values().for_each(|s| add(&s.at));
        scenario.goal.iter().for_each(|g| add(&g.at));
        scenario.work.iter().for_each(|w| add(&w.at));
        scenario.work.iter().filter_map(|w| w.feeding.as_ref()).for_each(|f| add(&f.bowl));
        let mut pieces = Vec::new();
        for (from, generate) in &scenario.generate {
            let height = scenario.piece[&generate.piece].size_m.value[2];
            let site = sites.iter().position(|s| *s == generate.at).expect("just added");
            for place in generate.grid().places(height) {
                pieces.push(CellPiece { from: from.clone(), kind: generate.piece.clone(), site, place });
            }
        }
        for (from, scatter) in &scenario.scatter {
            let crowded = || CellError::Crowded { scenario: scenario.scenario.id.clone(), scatter: from.clone() };
            let site = sites.iter().position(|s| *s == scatter.at).expect("just added");
            let places = scatter.nominal(scenario, from).ok_or_else(crowded)?;
            for (kind, place) in scatter.pieces.iter().zip(places) {
                pieces.push(CellPiece { from: from.clone(), kind: kind.clone(), site, place });
            }
        }
        let robot = controlled_robot(described)?;
        let task = task(described, parameters, (solution, goal), &sites, &pieces)?;
        Ok(Self { sites, pieces, robot, task })
    }
}

/// `world_from_site` with every joint at its reference.
#[must_use]
pub fn site_in_world(spec: &Spec, name: &str) -> Option<Pose> {
    let mut found = None;
    spec.world.visit(Pose::IDENTITY, &mut |body, world_from_body| {
        if let Some(site) = body.sites.iter().find(|s| s.name == name) {
            found = Some(world_from_body * site.pose);
        }
    });
    found
}

/// Robot on its place, tool on its flange. Names get the prefixes `robot/` and `tool/`.
///
/// # Errors
/// If a site that they meet at is missing.
pub fn attach_robot(packages: &Described, spec: &mut Spec, robot: &Spec, offset: Pose) -> Result<(), CellError> {
    let interface = &packages.robot.interface;
    let missing = |file: &str, name: &str| CellError::NoSuchName { file: file.to_string(), kind: "site", name: name.to_string() };
    let base = site_in_world(robot, &interface.base).ok_or_else(|| missing("robot.toml", &interface.base))?;
    let at = &packages.scenario.mount.robot_at;
    spec.attach(at, robot, offset * base.inverse(), "robot/").map_err(|_| missing("scenario.toml", at))?;
    if let Some((tool, tool_model)) = packages.tool {
        let t = &tool.interface;
        let mount = site_in_world(tool_model, &t.mount).ok_or_else(|| missing("part.toml", &t.mount))?;
        let flange = format!("robot/{}", interface.tool_mount);
        let mut model = tool_model.clone();
        if let Some(suction) = &tool.suction {
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

/// The arm with its tool, alone, its base at the origin.
fn controlled_robot(packages: &Described) -> Result<Robot, CellError> {
    let interface = &packages.robot.interface;
    let mut spec = Spec::default();
    spec.option.gravity = packages.world.option.gravity;
    let origin = leitai_model::spec::SiteSpec { name: packages.scenario.mount.robot_at.clone(), ..Default::default() };
    spec.world.sites.push(origin);
    spec.world.name = "world".to_string();
    attach_robot(packages, &mut spec, packages.robot_model, Pose::IDENTITY)?;
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
    let Some((tool, _)) = packages.tool else {
        return Err(CellError::Missing { robot: packages.robot.robot.id.clone(), what: "no tool".to_string() });
    };
    let t = &tool.interface;
    let held = match (&tool.clamp, &tool.suction) {
        (Some(clamp), _) => {
            let jaw = t.joints.first().and_then(|j| model.joint_named(&format!("tool/{j}")));
            let jaw_mass_kg = jaw.map_or(0.0, |j| model.bodies[model.joints[j.index()].body.index()].subtree_mass);
            Tool::Clamp {
                opening_max_m: clamp.opening_max_m.value,
                opening_min_m: clamp.opening_min_m.value,
                force_n: clamp.grip_force_n.value,
                speed_m_s: clamp.jaw_speed_m_s.value,
                jaw_mass_kg,
            }
        }
        (None, Some(suction)) if let Some(blade) = &tool.blade => {
            Tool::Blade { evacuate_s: suction.evacuate_s.value, clearance_m: blade.clearance_m.value, lift_m: blade.lift_m.value }
        }
        (None, Some(suction)) => {
            Tool::Suction { evacuate_s: suction.evacuate_s.value, half_m: covered(&model, &t.grip_center, suction)? }
        }
        (None, None) if tool.part.class == PartClass::Process => Tool::Process,
        (None, None) => {
            let what = format!("the tool `{}`, which can hold nothing", tool.part.id);
            return Err(CellError::Missing { robot: packages.robot.robot.id.clone(), what });
        }
    };
    let grip = format!("tool/{}", t.grip_center);
    let mut robot = Robot::new(model, &names, &grip, &interface.home_rad, limits, held, t.actuators.len())?;
    for (name, angle) in packages.robot.second_arm.iter().flat_map(|arm| arm.joints.iter().zip(&arm.home_rad)) {
        if let Some(joint) = robot.model.joint_named(&format!("robot/{name}")) {
            robot.rest[robot.model.joints[joint.index()].q_start as usize] = *angle;
        }
    }
    if packages.scenario.force_sensor.is_some() {
        robot.wrist = Some(wrist(&robot, &format!("robot/{}", interface.tool_mount)).ok_or_else(|| CellError::Missing {
            robot: packages.robot.robot.id.clone(),
            what: format!("no tool mount `{}`", interface.tool_mount),
        })?);
    }
    Ok(robot)
}

/// The sensor at the site `mount` and the tool beyond it.
fn wrist(robot: &Robot, mount: &str) -> Option<Wrist> {
    let model = &robot.model;
    let mut data = leitai_dynamics::Data::new(model);
    leitai_dynamics::kinematics(model, &mut data, &model.q0);
    let world_from_sensor = leitai_dynamics::site_pose(model, &data, model.site_named(mount)?);
    let sensor_from_world = world_from_sensor.inverse();
    let (mut mass_kg, mut moment) = (0.0, Vec3::ZERO);
    for (body, pose) in model.bodies.iter().zip(&data.body_pose).filter(|(body, _)| body.name.starts_with("tool/")) {
        mass_kg += body.mass;
        moment += sensor_from_world.apply(pose.apply(body.com)) * body.mass;
    }
    let center = if mass_kg > 0.0 { moment * (1.0 / mass_kg) } else { Vec3::ZERO };
    let tip_from_sensor = leitai_dynamics::site_pose(model, &data, robot.grip).inverse() * world_from_sensor;
    let load = ToolLoad { mass_kg, center, offset: [0.0; 6] };
    Some(Wrist { tip_from_sensor, load, gravity: model.option.gravity })
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
    packages: &Described,
    parameters: &BTreeMap<String, f64>,
    (solution, goal_id): (&str, &str),
    sites: &[String],
    pieces: &[CellPiece],
) -> Result<Task, CellError> {
    let scenario = packages.scenario;
    let base =
        site_in_world(packages.world, &scenario.mount.robot_at).ok_or_else(|| no_site(scenario, &scenario.mount.robot_at))?;
    if let Some(work) = scenario.work.iter().find(|w| w.id == goal_id) {
        let site = sites.iter().position(|s| *s == work.at).ok_or_else(|| no_site(scenario, &work.at))?;
        let mut obstacles = obstacles(packages.world, base, sites);
        for (name, bore) in &scenario.bore {
            let at = sites.iter().position(|s| *s == bore.at).ok_or_else(|| no_site(scenario, &bore.at))?;
            let half = Vec3::from_slice(&bore.block_m.value) * 0.5;
            let pose = Pose::new(Vec3::new(0.0, 0.0, -half.z), Quat::IDENTITY);
            obstacles.push(Obstacle { name: name.clone(), shape: Shape::Box { half }, site: Some(at), pose });
        }
        let peg = scenario.bore.values().find(|bore| bore.at == work.at);
        let mut radius_m = peg.map_or(0.0, |bore| 0.5 * bore.peg_diameter_m.value);
        let mut path = Vec::new();
        if let Some(patch) = &work.patch {
            let model = packages.world.build()?;
            let mut data = leitai_dynamics::Data::new(&model);
            leitai_dynamics::kinematics(&model, &mut data, &model.q0);
            let faces = patch_faces(scenario, &model, &data, &work.at, patch)?;
            path = spots(scenario, &work.at, &faces, &surface::lanes(patch))?;
            radius_m = patch.contact_radius_m;
        }
        let bowl = |fed: &Feeding| {
            let site = sites.iter().position(|s| *s == fed.bowl).ok_or_else(|| no_site(scenario, &fed.bowl))?;
            Ok::<_, CellError>(task::Bowl { site, inner_m: fed.inner_m, rim_m: fed.rim_m })
        };
        let bowl = work.feeding.as_ref().map(bowl).transpose()?;
        let work = task::TipWork { site, depth_m: work.depth_m.unwrap_or(0.0), radius_m };
        return Ok(Task { pieces: Vec::new(), sites: sites.len(), jobs: Vec::new(), work: Some(work), path, bowl, obstacles });
    }
    let goal = scenario.goal.iter().find(|g| g.id == goal_id).ok_or_else(|| CellError::NoSuchGoal {
        solution: solution.to_string(),
        goal: goal_id.to_string(),
        scenario: scenario.scenario.id.clone(),
    })?;
    let known: Vec<Piece> = pieces
        .iter()
        .map(|p| {
            let kind = &scenario.piece[&p.kind];
            Piece {
                half: Vec3::from_slice(&kind.size_m.value) * 0.5,
                round: kind.shape == PieceShape::Cylinder,
                mass_kg: parameters[&kind.mass.parameter],
                half_turn_symmetry: true,
            }
        })
        .collect();
    let movable: Vec<usize> = (0..pieces.len()).filter(|&i| pieces[i].from == goal.from).collect();
    let site = sites.iter().position(|s| *s == goal.at);
    let count = goal.grid().count() as usize;
    let jobs = movable.iter().take(count).enumerate().map(|(k, &piece)| Job {
        piece,
        site,
        site_from_target: pose_of(&goal.grid().places(2.0 * known[piece].half.z)[k]),
    });
    Ok(Task {
        jobs: jobs.collect(),
        pieces: known,
        sites: sites.len(),
        work: None,
        path: Vec::new(),
        bowl: None,
        obstacles: obstacles(packages.world, base, sites),
    })
}

/// The faces of a patch at the site `at` of a model that was placed.
///
/// # Errors
/// If the model lacks the site or a geom.
pub fn patch_faces(
    scenario: &ScenarioManifest,
    model: &Model,
    data: &leitai_dynamics::Data,
    at: &str,
    patch: &Patch,
) -> Result<Vec<Face>, CellError> {
    let site = model.site_named(at).ok_or_else(|| no_site(scenario, at))?;
    surface::faces(model, data, site, &patch.on).map_err(|name| CellError::NoSuchName {
        file: format!("{}/scenario.toml", scenario.scenario.id),
        kind: "geom",
        name: name.to_string(),
    })
}

/// Places of the faces over `points` of the plane of the site `at`.
///
/// # Errors
/// If there is none over a point.
pub fn spots(scenario: &ScenarioManifest, at: &str, faces: &[Face], points: &[[f64; 2]]) -> Result<Vec<Spot>, CellError> {
    let spot = |&[x, y]: &[f64; 2]| {
        surface::spot(faces, x, y).ok_or_else(|| CellError::OffSurface {
            scenario: scenario.scenario.id.clone(),
            site: at.to_string(),
            x,
            y,
        })
    };
    points.iter().map(spot).collect()
}

/// The pose of a place in its site.
#[must_use]
pub fn pose_of(place: &Place) -> Pose {
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

/// The program that a manifest's list of skills means.
#[must_use]
pub fn program(from: &Written) -> Program {
    Program {
        order: match from.order {
            Order::FarToNear => task::Order::FarToNear,
            Order::AsListed => task::Order::AsListed,
        },
        carry: from.carry.map(|carry| TipLimits { speed_m_s: carry.speed_m_s, acceleration_m_s2: carry.acceleration_m_s2 }),
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
        To::Source => Destination::Source,
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
        Word::Insert { force_n, speed_m_s, beside_m, lean_rad } => {
            Skill::Insert(task::Insert { force_n, speed_m_s, beside_m, lean_rad })
        }
        Word::Trace { force_n, speed_m_s, watch_s } => Skill::Trace(task::Trace { force_n, speed_m_s, watch_s }),
        Word::Scoop { force_n, speed_m_s, tilt_rad, flat_rad } => {
            Skill::Scoop(task::Scoop { force_n, speed_m_s, tilt_rad, flat_rad })
        }
        Word::Offer { force_n, speed_m_s, wait_s, above_m } => {
            Skill::Offer(task::Offer { force_n, speed_m_s, wait_s, leave_m: above_m })
        }
    }
}

/// The scenario names a site that its world lacks.
#[must_use]
pub fn no_site(scenario: &ScenarioManifest, name: &str) -> CellError {
    CellError::NoSuchName { file: format!("{}/scenario.toml", scenario.scenario.id), kind: "site", name: name.to_string() }
}
