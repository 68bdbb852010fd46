//! The cell of a claim: the scenario's world with the robot, its tool and the pieces in it.
//!
//! One [`Cell`] serves all trials of a claim; [`Cell::build`] makes the world of one trial from its draws. What the
//! controller is told of the cell ([`Cell::robot`], [`Cell::task`]) is the nominal cell, whatever was drawn.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::model::{ActuatorId, BodyId, JointId, SiteId, SuctionId};
use leitai_model::spec::{BodySpec, GeomMass, GeomSpec, JointKind, JointSpec, SensorKind, SensorSpec, Source, Surface};
use leitai_model::{Model, SolImp, SolRef, Spec};
use leitai_package::manifest::{Bore, Contact, Piece, PieceShape, Standing, scatter_stream};
use leitai_sim::Scene;
use leitai_skills::nominal::{ASSUMED_ACCELERATION, Nominal, PLANNED_SHARE, RISE_S, attach_robot, no_site, program};
use leitai_skills::{Program, Robot, Task};

pub use leitai_skills::nominal::{CellError, CellPiece, pose_of, site_in_world};

use super::draws::Draws;
use super::motion::{self, Moved};
use crate::packages::Packages;

/// Bodies slower than this [m/s, rad/s] for a while freeze until touched.
const REST_SPEED: f64 = 5e-4;

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
    /// Joints and motors of a second arm.
    pub second: Vec<(JointId, ActuatorId)>,
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
    /// Joints of the world that move of themselves.
    pub moved: Vec<Moved>,
}

impl Cell {
    /// Puts the claim's packages together.
    ///
    /// # Errors
    /// If names do not match, a model is wrong, or the robot lacks what the job needs.
    pub fn new(packages: &Arc<Packages>, parameters: &BTreeMap<String, f64>, dt_s: f64) -> Result<Self, CellError> {
        let solution = &packages.solution;
        let Nominal { sites, pieces, robot, task } =
            Nominal::new(&packages.described(), parameters, &solution.solution.id, solution.goal())?;
        let program = solution.program().map(program);
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
        let scenario = &self.packages.scenario;
        let mut draws = Draws::new(scenario, seed, self.pieces.len(), &self.sites, self.robot.joints.len());
        for (name, scatter) in &scenario.scatter {
            // Without room in any layout that was tried, pieces lie as in the nominal cell.
            let drawn = scatter.places(scenario, &mut seed.stream(&scatter_stream(name))).unwrap_or_default();
            let numbers = (0..self.pieces.len()).filter(|&i| self.pieces[i].from == *name);
            numbers.zip(drawn).for_each(|(i, place)| draws.piece_place[i] = Some(place));
        }
        draws
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
        for (i, site) in self.sites.iter().enumerate() {
            place_site(&mut spec, site, draws.site_position_m[i], draws.site_friction[i]);
            scale_site(&mut spec, site, draws.site_size_scale[i])?;
        }
        motion::spring(scenario, &mut spec.world, draws)?;
        for (name, bore) in &scenario.bore {
            let at = self.sites.iter().position(|s| *s == bore.at).ok_or_else(|| no_site(scenario, &bore.at))?;
            let friction = draws.site_friction[at].unwrap_or(bore.friction.value);
            let geom = bore_geom(name, bore, self.parameters[&bore.clearance.parameter], friction);
            add_at_site(&mut spec, &bore.at, geom);
        }
        let offset = Pose::new(draws.base_position_m, Quat::from_rotation_vector(draws.base_rotation_rad));
        let mut robot = self.packages.robot_model.clone();
        scale_friction(&mut robot.world, &self.packages.robot.interface.joints, &draws.joint_friction_scale);
        super::drives::place(&mut robot, &self.packages, self.dt_s);
        attach_robot(&self.packages.described(), &mut spec, &robot, offset)?;
        if let Some(friction) = draws.tool_friction {
            rub(&mut spec.world, friction);
        }
        if let (Some(_), Some(tool)) = (&scenario.force_sensor, &self.packages.tool) {
            sense_wrist(&mut spec, &format!("tool/{}", tool.manifest.interface.mount));
        }
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
        let moved = motion::moved(scenario, &model, draws)?;
        self.number(&model, halves, moved)
    }

    /// Finds everything by name.
    fn number(&self, model: &Arc<Model>, halves: Vec<Vec3>, moved: Vec<Moved>) -> Result<Built, CellError> {
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
            second: packages
                .robot
                .second_arm
                .iter()
                .flat_map(|arm| arm.joints.iter().zip(&arm.actuators))
                .map(|(j, a)| Ok((joint("robot/", j)?, motor("robot/", a)?)))
                .collect::<Result<_, CellError>>()?,
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
            moved,
            scene: Scene::new(Arc::clone(model)),
        })
    }
}

fn piece_name(i: usize) -> String {
    format!("piece/{i}")
}

/// Moves the body that carries `site`, and gives what is on it another sliding friction.
fn place_site(spec: &mut Spec, site: &str, shift: Vec3, friction: Option<f64>) {
    if let Some(body) = spec.world.find_mut(&|b| b.sites.iter().any(|m| m.name == site))
        && body.name != "world"
    {
        body.pose.position += shift;
        for geom in &mut body.geoms {
            geom.surface.friction[0] = friction.unwrap_or(geom.surface.friction[0]);
        }
    }
}

/// Makes everything on the body that carries `site` so many times larger, about the site, which stays where it is.
fn scale_site(spec: &mut Spec, site: &str, factor: f64) -> Result<(), CellError> {
    if factor == 1.0 {
        return Ok(());
    }
    let Some(body) = spec.world.find_mut(&|b| b.sites.iter().any(|m| m.name == site)).filter(|b| b.name != "world") else {
        return Ok(());
    };
    let still = body.sites.iter().find(|m| m.name == site).map_or(Vec3::ZERO, |m| m.pose.position);
    for geom in &mut body.geoms {
        geom.shape = scaled(&geom.shape, factor).ok_or_else(|| CellError::NotScaled { geom: geom.name.clone() })?;
        geom.pose.position = still + (geom.pose.position - still) * factor;
    }
    Ok(())
}

/// A shape so many times larger, if it is one of few numbers.
fn scaled(shape: &Shape, factor: f64) -> Option<Shape> {
    Some(match *shape {
        Shape::Sphere { radius } => Shape::Sphere { radius: radius * factor },
        Shape::Ellipsoid { radii } => Shape::Ellipsoid { radii: radii * factor },
        Shape::Capsule { radius, half_length } => Shape::Capsule { radius: radius * factor, half_length: half_length * factor },
        Shape::Cylinder { radius, half_length } => Shape::Cylinder { radius: radius * factor, half_length: half_length * factor },
        Shape::Box { half } => Shape::Box { half: half * factor },
        Shape::Plane { .. } | Shape::Bore { .. } | Shape::Mesh(_) | Shape::HeightField(_) => return None,
    })
}

/// Puts a geom, placed in the frame of `site`, on the body that carries it.
fn add_at_site(spec: &mut Spec, site: &str, mut geom: GeomSpec) {
    if let Some(body) = spec.world.find_mut(&|b| b.sites.iter().any(|m| m.name == site)) {
        let at = body.sites.iter().find(|m| m.name == site).map_or(Pose::IDENTITY, |m| m.pose);
        geom.pose = at * geom.pose;
        body.geoms.push(geom);
    }
}

fn bore_geom(name: &str, bore: &Bore, clearance_m: f64, friction: f64) -> GeomSpec {
    let half = Vec3::from_slice(&bore.block_m.value) * 0.5;
    let shape = Shape::Bore { half, radius: 0.5 * (bore.peg_diameter_m.value + clearance_m), depth: bore.depth_m.value };
    let mut geom = GeomSpec { surface: surface(&bore.contact, friction), ..GeomSpec::new(shape) };
    geom.name = name.to_string();
    geom.pose.position.z = -half.z;
    geom.rgba = bore.rgba.map(|c| c as f32);
    geom
}

/// Sensors of what passes between the tool, at its site `mount`, and the flange: force, then moment.
fn sense_wrist(spec: &mut Spec, mount: &str) {
    for kind in [SensorKind::Force(mount.to_string()), SensorKind::Torque(mount.to_string())] {
        spec.sensors.push(SensorSpec { name: String::new(), kind, cutoff: 0.0, noise: 0.0, source: Source::default() });
    }
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

/// Gives the tool's surfaces that decide a pair this sliding friction.
fn rub(body: &mut BodySpec, friction: f64) {
    if body.name.starts_with("tool/") {
        body.geoms.iter_mut().filter(|g| g.priority > 0).for_each(|g| g.surface.friction[0] = friction);
    }
    body.bodies.iter_mut().for_each(|b| rub(b, friction));
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

fn surface(contact: &Contact, friction: f64) -> Surface {
    let [low, high, width] = contact.impedance;
    Surface {
        friction: [friction, 0.005, 0.0001],
        solref: SolRef([contact.time_constant_s, contact.damping_ratio]),
        solimp: SolImp([low, high, width, 0.5, 2.0]),
        ..Surface::default()
    }
}

fn piece_body(
    kind: &Piece,
    piece: &CellPiece,
    parameters: &BTreeMap<String, f64>,
    draws: &Draws,
    i: usize,
    site: Pose,
) -> (BodySpec, Vec3) {
    let mut half = (Vec3::from_slice(&kind.size_m.value) + draws.piece_size_m[i]) * 0.5;
    if kind.shape == PieceShape::Sphere {
        half = Vec3::new(half.x, half.x, half.x);
    }
    let place = draws.piece_place[i].as_ref().unwrap_or(&piece.place);
    let mut position = Vec3::from_slice(&place.position_m) + draws.piece_position_m[i];
    // A piece of another height still lies on what is below it.
    position.z += half.z - 0.5 * kind.size_m.value[2];
    let turn = Quat::from_axis_angle(Vec3::Z, place.yaw_rad + draws.piece_yaw_rad[i]);
    let mut body = BodySpec::new(piece_name(i), site * Pose::new(position, turn));
    body.joints.push(JointSpec { name: format!("{}/free", body.name), kind: JointKind::Free, ..JointSpec::default() });
    let surface = surface(&kind.contact, kind.friction.value);
    let mass = parameters[&kind.mass.parameter] * draws.piece_mass_scale[i];
    let shape = match kind.shape {
        PieceShape::Box => Shape::Box { half },
        PieceShape::Cylinder => Shape::Cylinder { radius: half.x, half_length: half.z },
        PieceShape::Sphere => Shape::Sphere { radius: half.x },
    };
    let mut geom = GeomSpec { surface, mass: GeomMass::Mass(mass), ..GeomSpec::new(shape) };
    geom.name = body.name.clone();
    geom.rgba = kind.rgba.map(|c| c as f32);
    body.geoms.push(geom);
    (body, half)
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
