//! A cell for tests: an arm of the catalog with a clamp, a supply of concrete blocks and a part-built stack, in the simulation.
//!
//! The simulation's world and the controller's model are built apart: the controller sees only noisy, late readings.

#![allow(dead_code, reason = "each test file uses a part of it")]

use leitai_control::{Controller, MotionLimits};
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Seed, Stream, Vec3};
use leitai_model::spec::{BodySpec, GeomMass, GeomSpec, JointKind, JointSpec, SiteSpec, Spec};
use leitai_model::{Command, Observation, PoseReading, ToolReading};
use leitai_package::disk::Folder;
use leitai_package::manifest::RobotManifest;
use leitai_sim::scene::Scene;
use leitai_sim::world::World;
use leitai_skills::{Destination, Job, Obstacle, Order, Piece, Press, Program, Robot, Skill, Task, Tool};
use std::sync::Arc;

const CATALOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
const BASE: Vec3 = Vec3::new(0.0, 0.0, 0.5);
const HALF: Vec3 = Vec3::new(0.195, 0.095, 0.095);

fn spec(folder: &str, file: &str) -> Spec {
    leitai_package::mjcf::read(file, &Folder::inside(format!("{CATALOG}/{folder}"))).expect("a catalog file").spec
}

pub fn clamp() -> Tool {
    Tool::Clamp { opening_max_m: 0.44, opening_min_m: 0.35, force_n: 650.0, speed_m_s: 0.15, jaw_mass_kg: 1.3 }
}

/// An arm of the catalog with the block clamp, as its controller knows it.
pub fn robot(id: &str) -> Robot {
    let text = std::fs::read_to_string(format!("{CATALOG}/robots/{id}/robot.toml")).unwrap();
    let manifest = RobotManifest::parse("robot.toml", &text).unwrap();
    let mut arm = spec(&format!("robots/{id}"), "robot.xml");
    arm.attach("tool_mount", &spec("parts/block-clamp", "part.xml"), Pose::IDENTITY, "tool/").unwrap();
    let n = manifest.interface.joints.len();
    let limits = MotionLimits {
        speed: manifest.limits.speed_rad_s.value.clone(),
        acceleration: vec![10.0; n],
        torque: manifest.limits.torque_nm.value.clone(),
        share: 0.9,
        rise_s: 0.08,
    };
    let joints: Vec<&str> = manifest.interface.joints.iter().map(String::as_str).collect();
    Robot::new(arm.build().unwrap(), &joints, "tool/grip_center", &manifest.interface.home_rad, limits, clamp(), 2).unwrap()
}

/// Block centers of one layer in its site's frame: two columns, four rows, every odd layer turned by a quarter.
pub fn layer(number: usize) -> Vec<Pose> {
    let turn = Quat::from_axis_angle(Vec3::Z, if number % 2 == 1 { std::f64::consts::FRAC_PI_2 } else { 0.0 });
    let mut poses = Vec::new();
    for row in 0..4 {
        for column in 0..2 {
            let (x, y) = ((f64::from(column) - 0.5) * 0.47, (f64::from(row) - 1.5) * 0.20);
            let center = turn.rotate(Vec3::new(x, y, 0.0)) + Vec3::new(0.0, 0.0, 0.095 + 0.19 * number as f64);
            poses.push(Pose::new(center, turn));
        }
    }
    poses
}

/// Supply and stack sites in the world, each tilted by `tilt` [rad].
pub fn sites(tilt: f64) -> [Pose; 2] {
    [(0.72, 0.6), (-0.72, 2.5)].map(|(y, azimuth)| {
        let axis = Vec3::new(f64::cos(azimuth), f64::sin(azimuth), 0.0);
        let pallet = Pose::new(Vec3::new(0.0, y, 0.045), Quat::from_axis_angle(axis, tilt));
        pallet * Pose::new(Vec3::new(0.0, 0.0, 0.15), Quat::IDENTITY)
    })
}

pub fn steps() -> Program {
    Program {
        order: Order::FarToNear,
        carry: None,
        each: vec![
            Skill::Move { to: Destination::Piece, above_m: 0.23 },
            Skill::Approach { to: Destination::Piece, speed_m_s: 0.5, press: None },
            Skill::Grip { force_n: Some(650.0), settle_s: 0.1 },
            Skill::Retreat { above_m: 0.23, speed_m_s: 0.6 },
            Skill::Move { to: Destination::Target, above_m: 0.23 },
            Skill::Approach { to: Destination::Target, speed_m_s: 0.4, press: Some(Press { force_n: 30.0, slack_m: 0.008 }) },
            Skill::Release { open_m: Some(0.020), settle_s: 0.1 },
            Skill::Retreat { above_m: 0.23, speed_m_s: 0.6 },
        ],
        finish: vec![Skill::Move { to: Destination::Home, above_m: 0.0 }],
        go_on_after_failure: false,
    }
}

/// The job as its controller knows it.
pub fn task(block_kg: f64) -> Task {
    let block = Piece { half: HALF, round: false, mass_kg: block_kg, half_turn_symmetry: true };
    let solid = |name: &str, shape: Shape, site: Option<usize>, pose: Pose| Obstacle { name: name.into(), shape, site, pose };
    let deck = || Shape::Box { half: Vec3::new(0.6, 0.5, 0.075) };
    let below = Pose::new(Vec3::new(0.0, 0.0, -0.075), Quat::IDENTITY);
    let mut obstacles = vec![
        solid("the floor", Shape::Plane { half: [0.0; 2] }, None, Pose::new(-BASE, Quat::IDENTITY)),
        solid(
            "the pedestal",
            Shape::Box { half: Vec3::new(0.15, 0.15, 0.24) },
            None,
            Pose::new(Vec3::new(0.0, 0.0, -0.26), Quat::IDENTITY),
        ),
        solid("the supply pallet", deck(), Some(0), below),
        solid("the stack pallet", deck(), Some(1), below),
    ];
    for pose in layer(0) {
        obstacles.push(solid("the stack", Shape::Box { half: HALF }, Some(1), pose));
    }
    let jobs = layer(1).into_iter().enumerate();
    Task {
        pieces: vec![block; 8],
        work: None,
        path: Vec::new(),
        bowl: None,
        sites: 2,
        jobs: jobs.map(|(piece, site_from_target)| Job { piece, site: Some(1), site_from_target }).collect(),
        obstacles,
    }
}

fn block(name: &str, pose: Pose, kg: f64) -> BodySpec {
    let mut body = BodySpec::new(name, pose);
    body.joints.push(JointSpec { kind: JointKind::Free, name: format!("{name}_free"), ..JointSpec::default() });
    let mut geom = GeomSpec { name: name.into(), mass: GeomMass::Mass(kg), ..GeomSpec::new(Shape::Box { half: HALF }) };
    geom.surface.friction = [0.7, 0.005, 0.0001];
    body.geoms.push(geom);
    body
}

/// The simulated cell and what its sensors report.
pub struct Cell {
    pub world: World,
    pub seen: Observation,
    pub command: Command,
    pub sites: [Pose; 2],
    joints: Vec<(usize, usize)>,
    actuators: Vec<usize>,
    tool_actuators: Vec<usize>,
    jaw: (usize, usize),
    blocks: Vec<usize>,
    noise: Stream,
    readings: Vec<PoseReading>,
    /// Commands on their way to the drives.
    late: std::collections::VecDeque<Command>,
    latency: usize,
}

impl Cell {
    pub fn new(robot_id: &str, robot: &Robot, block_kg: f64, tilt: f64, latency: usize, seed: u64) -> Self {
        let mut spec_world = Spec { name: "cell".into(), ..Spec::default() };
        spec_world.option = spec("scenarios/con-block-palletizing", "world.xml").option;
        spec_world.option.stick = true;
        spec_world.world.name = "world".into();
        let sites = sites(tilt);
        let fixed = |name: &str, shape: Shape, pose: Pose| {
            let mut geom = GeomSpec { name: name.into(), pose, ..GeomSpec::new(shape) };
            geom.surface.friction = [0.5, 0.005, 0.0001];
            geom
        };
        let world = &mut spec_world.world;
        world.geoms.push(fixed("floor", Shape::Plane { half: [0.0; 2] }, Pose::IDENTITY));
        let below = Pose::new(Vec3::new(0.0, 0.0, -0.075), Quat::IDENTITY);
        for (name, site) in [("supply_deck", sites[0]), ("stack_deck", sites[1])] {
            world.geoms.push(fixed(name, Shape::Box { half: Vec3::new(0.6, 0.5, 0.075) }, site * below));
        }
        world.sites.push(SiteSpec { name: "robot_base".into(), pose: Pose::new(BASE, Quat::IDENTITY), ..SiteSpec::default() });
        let mut draw = Seed::from_number(seed).stream("blocks");
        for (k, pose) in layer(0).into_iter().enumerate() {
            let moved = Pose::new(Vec3::new(draw.uniform(-0.002, 0.002), draw.uniform(-0.002, 0.002), 0.0), Quat::IDENTITY);
            world.bodies.push(block(&format!("block_{k}"), sites[0] * pose * moved, block_kg * draw.uniform(0.95, 1.05)));
            world.bodies.push(block(&format!("below_{k}"), sites[1] * pose, block_kg));
        }
        spec_world.attach("robot_base", &spec(&format!("robots/{robot_id}"), "robot.xml"), Pose::IDENTITY, "r/").unwrap();
        spec_world.attach("r/tool_mount", &spec("parts/block-clamp", "part.xml"), Pose::IDENTITY, "t/").unwrap();
        let model = Arc::new(spec_world.build().unwrap());
        let name = |j: &leitai_model::JointId| format!("r/{}", robot.model.joints[j.index()].name);
        let joint = |name: &str| {
            let j = &model.joints[model.joint_named(name).unwrap().index()];
            (j.q_start as usize, j.v_start as usize)
        };
        let joints: Vec<(usize, usize)> = robot.joints.iter().map(|j| joint(&name(j))).collect();
        let drives = |joint: (usize, usize)| {
            model
                .actuators
                .iter()
                .position(|a| match a.transmission {
                    leitai_model::model::Transmission::Joint(j) => model.joints[j.index()].q_start as usize == joint.0,
                    _ => false,
                })
                .unwrap()
        };
        let actuators = joints.iter().map(|&j| drives(j)).collect();
        let tool_actuators = vec![drives(joint("t/jaw_left")), drives(joint("t/jaw_right"))];
        let blocks = (0..8).map(|k| model.body_named(&format!("block_{k}")).unwrap().index()).collect();
        let n = joints.len();
        let jaw = joint("t/jaw_left");
        let scene = Scene::new(model);
        let mut world = World::new(&scene);
        world.change(|state| {
            for (&(q, _), home) in joints.iter().zip(&robot.home) {
                state.q[q] = *home;
            }
        });
        world.forward().unwrap();
        Self {
            world,
            seen: Observation::new(n, 8, 2),
            command: Command::new(n, 2),
            sites,
            joints,
            actuators,
            tool_actuators,
            jaw,
            blocks,
            noise: Seed::from_number(seed).stream("readings"),
            readings: vec![PoseReading::default(); 10],
            late: std::collections::VecDeque::new(),
            latency,
        }
    }

    /// `world_from_block`.
    pub fn block(&self, k: usize) -> Pose {
        self.world.data().body_pose[self.blocks[k]]
    }

    fn look(&mut self, step: u64) {
        let state = self.world.state();
        for (i, &(q, v)) in self.joints.iter().enumerate() {
            (self.seen.q[i], self.seen.v[i]) = (state.q[q], state.v[v]);
        }
        self.seen.tool = ToolReading {
            opening_m: 0.44 - 2.0 * state.q[self.jaw.0],
            opening_speed_m_s: -2.0 * state.v[self.jaw.1],
            sealed: false,
        };
        self.seen.step = step;
        self.seen.time_s = step as f64 * 0.002;
        // Ten readings a second, each shown a tenth of a second after it was made.
        if step.is_multiple_of(50) {
            self.seen.pieces.copy_from_slice(&self.readings[..8]);
            self.seen.sites.copy_from_slice(&self.readings[8..]);
            let base = Pose::new(-BASE, Quat::IDENTITY);
            for k in 0..10 {
                let truth = base * if k < 8 { self.block(k) } else { self.sites[k - 8] };
                let d = &mut self.noise;
                let mut three = |sd: f64| Vec3::new(d.normal(0.0, sd), d.normal(0.0, sd), d.normal(0.0, sd));
                let (shift, turn) = (three(0.001), three(if k < 8 { 0.002 } else { 0.001 }));
                let pose = Pose::new(truth.position + shift, truth.rotation.integrated(turn));
                let valid = d.unit() > 0.02;
                self.readings[k] = PoseReading { base_from_object: pose, measured_at_s: self.seen.time_s, valid };
            }
        }
    }

    /// One control step.
    pub fn step(&mut self, controller: &mut dyn Controller, step: u64) {
        self.look(step);
        controller.step(&self.seen, &mut self.command);
        self.late.push_back(self.command.clone());
        let command = if self.late.len() > self.latency { self.late.pop_front().unwrap() } else { self.late[0].clone() };
        for (i, &a) in self.actuators.iter().enumerate() {
            self.world.ctrl_mut()[a] = command.tau[i];
        }
        for &a in &self.tool_actuators {
            self.world.ctrl_mut()[a] = command.tool[0];
        }
        self.world.step().unwrap();
    }

    /// For each block: distance [m] in the stack's plane and turn [rad] from its nearest place in the layer, and height error.
    pub fn errors(&self, places: &[Pose]) -> Vec<(f64, f64, f64)> {
        (0..8)
            .map(|k| {
                let site_from_block = self.sites[1].inverse() * self.block(k);
                let error = places[k].inverse() * site_from_block;
                let p = error.position;
                let mut turn = error.rotation.to_rotation_vector().z;
                turn -= (turn / std::f64::consts::PI).round() * std::f64::consts::PI;
                (p.x.hypot(p.y), turn.abs(), p.z)
            })
            .collect()
    }
}
