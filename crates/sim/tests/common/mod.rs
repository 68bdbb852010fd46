//! Reads MuJoCo's answers (`oracle/mujoco/oracle.py`) and measures how far ours are from them.
#![allow(dead_code)]

use leitai_math::{Mat3, Pose, Quat, Vec3};
use leitai_model::model::GeomId;
use leitai_model::{Model, SiteId, SolImp, SolRef};
use leitai_package::disk::Folder;
use leitai_sim::{Contact, Scene, World};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file of answers.
#[derive(Deserialize)]
pub struct Answers {
    pub engine: String,
    pub model_const: Constants,
    pub states: Vec<StateAnswer>,
    pub rollout: Option<Rollout>,
}

/// What MuJoCo derives from the model, on which the softness of constraints rests.
#[derive(Deserialize)]
pub struct Constants {
    pub body_mass: Vec<f64>,
    pub body_invweight0: Vec<f64>,
    pub dof_invweight0: Vec<f64>,
    pub tendon_invweight0: Vec<f64>,
}

/// MuJoCo's answers at one state; matrices row by row.
#[derive(Deserialize)]
#[allow(non_snake_case)]
pub struct StateAnswer {
    pub qpos: Vec<f64>,
    pub qvel: Vec<f64>,
    pub ctrl: Vec<f64>,
    pub act: Vec<f64>,
    pub mocap_pos: Vec<f64>,
    pub mocap_quat: Vec<f64>,
    pub xpos: Vec<f64>,
    pub xquat: Vec<f64>,
    pub xipos: Vec<f64>,
    pub geom_xpos: Vec<f64>,
    pub site_xpos: Vec<f64>,
    pub M: Vec<f64>,
    pub qfrc_bias: Vec<f64>,
    pub qfrc_passive: Vec<f64>,
    pub qfrc_actuator: Vec<f64>,
    pub qacc_smooth: Vec<f64>,
    pub free: Free,
    pub contact: InContact,
}

/// Without constraints.
#[derive(Deserialize)]
pub struct Free {
    pub sensordata: Vec<f64>,
}

/// With everything.
#[derive(Deserialize)]
pub struct InContact {
    pub qacc: Vec<f64>,
    pub qfrc_constraint: Vec<f64>,
    pub contacts: Vec<ContactAnswer>,
    pub sensordata: Vec<f64>,
}

/// One contact.
#[derive(Deserialize)]
pub struct ContactAnswer {
    pub geom: [i64; 2],
    pub dist: f64,
    pub pos: Vec<f64>,
    pub frame: Vec<f64>,
    pub dim: u8,
    pub includemargin: f64,
    pub friction: [f64; 5],
    pub solref: [f64; 2],
    pub solreffriction: [f64; 2],
    pub solimp: [f64; 5],
}

impl ContactAnswer {
    fn contact(&self) -> Contact {
        let row = |i: usize| Vec3::from_slice(&self.frame[3 * i..]);
        Contact {
            geoms: self.geom.map(|g| GeomId(g as u32)),
            position: Vec3::from_slice(&self.pos),
            frame: Mat3::from_rows(row(0), row(1), row(2)),
            distance: self.dist,
            active_below: self.includemargin,
            condim: self.dim,
            friction: self.friction,
            solref: SolRef(self.solref),
            solref_friction: SolRef(self.solreffriction),
            solimp: SolImp(self.solimp),
            slip: [0.0; 3],
            adhesion_n: 0.0,
            row: u32::MAX,
        }
    }
}

/// A short motion under sinusoidal controls.
#[derive(Deserialize)]
pub struct Rollout {
    pub ctrl_home: Vec<f64>,
    pub ctrl_amp: Vec<f64>,
    pub ctrl_phase: Vec<f64>,
    pub nstep: usize,
    pub every: usize,
    pub qpos: Vec<Vec<f64>>,
}

/// Largest differences over all states of one model.
#[derive(Debug, Default, Clone)]
pub struct Gaps {
    /// Positions [m] and orientations [rad] of bodies, centers of mass, geoms and sites.
    pub pose: f64,
    /// Inverse weights of bodies, degrees of freedom and tendons at the reference, in parts of each.
    pub weight: f64,
    /// From here on parts of the largest entry, or of one if that is less.
    pub mass: f64,
    pub bias: f64,
    pub passive: f64,
    pub actuation: f64,
    /// Accelerations without constraints.
    pub smooth: f64,
    /// Readings without constraints, and with MuJoCo's contacts.
    pub sensor: f64,
    pub states: usize,
    /// States in which the same pairs of geoms touch at as many points.
    pub same_contacts: usize,
    /// Distances [m] of contacts where they are the same.
    pub distance: f64,
    /// Accelerations where contacts are the same.
    pub own: f64,
    /// Accelerations and constraint forces from MuJoCo's contacts.
    pub given: f64,
    /// Coordinates during the rollout.
    pub rollout: f64,
}

impl Gaps {
    /// The cells of a table's row, from poses to rollout.
    pub fn row(&self) -> String {
        let cell = |x: f64| if x == 0.0 { "| 0 ".to_string() } else { format!("| {x:.0e} ") };
        let first = [self.pose, self.mass, self.bias, self.passive, self.actuation, self.smooth, self.sensor].map(cell);
        let last = [self.distance, self.given, self.own, self.rollout].map(cell);
        format!("{}| {} of {} {}|", first.concat(), self.same_contacts, self.states, last.concat())
    }
}

/// `oracle/mujoco`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco")
}

pub fn answers(path: &Path) -> Answers {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The model of a file, and what the reader left out of it.
pub fn model(path: &Path) -> (Model, Vec<String>) {
    let files = Folder::anywhere(path.parent().unwrap());
    let name = path.file_name().unwrap().to_str().unwrap();
    let loaded = leitai_package::mjcf::read(name, &files).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let reports = loaded.reports.iter().map(|r| r.what.to_string()).collect();
    (loaded.spec.build().unwrap_or_else(|e| panic!("{}: {e}", path.display())), reports)
}

/// Largest difference, in parts of the largest entry (at least one).
fn relative(found: &[f64], wanted: &[f64]) -> f64 {
    let size = wanted.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    absolute(found, wanted) / size
}

fn absolute(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len(), "lengths differ");
    found.iter().zip(wanted).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()))
}

pub fn compare(model: Model, answers: &Answers) -> Gaps {
    let mut gaps = Gaps::default();
    let mut unconstrained = model.clone();
    unconstrained.option.disable.constraint = true;
    let scene = Scene::new(Arc::new(model));
    compare_weights(&scene, &answers.model_const, &mut gaps);
    let mut world = World::new(&scene);
    let mut free = World::new(&Scene::new(Arc::new(unconstrained)));
    for state in &answers.states {
        put(&mut free, state);
        free.forward().unwrap();
        compare_sensors(&free, &state.free.sensordata, &mut gaps);
        compare_free(&free, state, &mut gaps);
        put(&mut world, state);
        compare_contacts(&mut world, &state.contact, &mut gaps);
    }
    if let Some(rollout) = &answers.rollout {
        gaps.rollout = compare_rollout(&scene, rollout);
    }
    gaps
}

fn compare_weights(scene: &Scene, wanted: &Constants, gaps: &mut Gaps) {
    let each = |found: f64, wanted: f64, gaps: &mut Gaps| {
        raise(&mut gaps.weight, (found - wanted).abs() / wanted.abs().max(1e-9));
    };
    for (b, found) in scene.body_weight.iter().enumerate() {
        // A body without mass has no center to weigh it at: ours is its origin, MuJoCo's may lie anywhere.
        if wanted.body_mass[b] > 0.0 {
            each(found[0], wanted.body_invweight0[2 * b], gaps);
        }
        each(found[1], wanted.body_invweight0[2 * b + 1], gaps);
    }
    for (found, wanted) in [(&scene.dof_weight, &wanted.dof_invweight0), (&scene.tendon_weight, &wanted.tendon_invweight0)] {
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).for_each(|(f, w)| each(*f, *w, gaps));
    }
}

fn raise(worst: &mut f64, gap: f64) {
    *worst = if gap > *worst || gap.is_nan() { gap } else { *worst };
}

pub fn put(world: &mut World, wanted: &StateAnswer) {
    let reference = leitai_sim::State::reference(world.scene());
    world.change(|s| {
        *s = reference;
        s.q.copy_from_slice(&wanted.qpos);
        s.v.copy_from_slice(&wanted.qvel);
        s.ctrl.copy_from_slice(&wanted.ctrl);
        s.act.copy_from_slice(&wanted.act);
        for (i, pose) in s.mocap.iter_mut().enumerate() {
            *pose = Pose::new(Vec3::from_slice(&wanted.mocap_pos[3 * i..]), Quat::from_slice(&wanted.mocap_quat[4 * i..]));
        }
    });
}

fn compare_free(world: &World, wanted: &StateAnswer, gaps: &mut Gaps) {
    let (model, data) = (world.model(), world.data());
    let flat = |v: Vec<[f64; 3]>| v.concat();
    let bodies = flat(data.body_pose.iter().map(|p| p.position.to_array()).collect());
    let with_mass = |xyz: &[f64], b: usize| if model.bodies[b].mass > 0.0 { [xyz[0], xyz[1], xyz[2]] } else { [0.0; 3] };
    let coms = flat(data.com.iter().enumerate().map(|(b, p)| with_mass(&p.to_array(), b)).collect());
    let wanted_coms = flat(wanted.xipos.chunks(3).enumerate().map(|(b, xyz)| with_mass(xyz, b)).collect());
    let geoms = flat(data.geom.iter().map(|p| p.position.to_array()).collect());
    let sites = (0..model.sites.len() as u32).map(|s| leitai_dynamics::site_pose(model, data, SiteId(s)).position.to_array());
    for (found, wanted) in
        [(&bodies, &wanted.xpos), (&coms, &wanted_coms), (&geoms, &wanted.geom_xpos), (&flat(sites.collect()), &wanted.site_xpos)]
    {
        raise(&mut gaps.pose, absolute(found, wanted));
    }
    for (pose, q) in data.body_pose.iter().zip(wanted.xquat.chunks(4)) {
        raise(&mut gaps.pose, (pose.rotation.conjugate() * Quat::from_slice(q)).to_rotation_vector().norm());
    }
    let mut dense = vec![0.0; model.nv * model.nv];
    for (d, dof) in model.dofs.iter().enumerate() {
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        for (at, &c) in row.clone().zip(&model.mass_columns[row]) {
            dense[d * model.nv + c as usize] = data.mass[at];
            dense[c as usize * model.nv + d] = data.mass[at];
        }
    }
    let forces = world.forces();
    raise(&mut gaps.mass, relative(&dense, &wanted.M));
    raise(&mut gaps.bias, relative(&data.bias, &wanted.qfrc_bias));
    raise(&mut gaps.passive, relative(&forces.passive, &wanted.qfrc_passive));
    raise(&mut gaps.actuation, relative(&forces.actuation, &wanted.qfrc_actuator));
    raise(&mut gaps.smooth, relative(&forces.smooth_a, &wanted.qacc_smooth));
}

fn compare_contacts(world: &mut World, wanted: &InContact, gaps: &mut Gaps) {
    gaps.states += 1;
    world.forward().unwrap();
    // Points that just touch may count or not by rounding.
    let clear = 1e-6;
    let key = |a: i64, b: i64| (a.min(b), a.max(b));
    let ours = world.contacts().iter().map(|c| (key(c.geoms[0].0.into(), c.geoms[1].0.into()), c.distance));
    let theirs = wanted.contacts.iter().map(|c| (key(c.geom[0], c.geom[1]), c.dist));
    let sorted = |list: &mut Vec<((i64, i64), f64)>| {
        list.retain(|c| c.1.abs() > clear);
        list.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    };
    let (mut ours, mut theirs) = (ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
    sorted(&mut ours);
    sorted(&mut theirs);
    if ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a.0 == b.0) {
        gaps.same_contacts += 1;
        for (a, b) in ours.iter().zip(&theirs) {
            raise(&mut gaps.distance, (a.1 - b.1).abs());
        }
        raise(&mut gaps.own, relative(&world.forces().a, &wanted.qacc));
    }
    let given: Vec<Contact> = wanted.contacts.iter().map(ContactAnswer::contact).collect();
    world.forward_with_contacts(&given).unwrap();
    raise(&mut gaps.given, relative(&world.forces().a, &wanted.qacc));
    raise(&mut gaps.given, relative(&world.forces().constraint, &wanted.qfrc_constraint));
    compare_sensors(world, &wanted.sensordata, gaps);
}

fn compare_sensors(world: &World, wanted: &[f64], gaps: &mut Gaps) {
    raise(&mut gaps.sensor, relative(world.readings(), wanted));
}

fn compare_rollout(scene: &Arc<Scene>, rollout: &Rollout) -> f64 {
    let mut world = World::new(scene);
    if let Some(key) = scene.model.keyframes.first().cloned() {
        world.reset_to(&key);
    }
    let mut gap = 0.0_f64;
    let mut records = rollout.qpos.iter();
    for i in 0..=rollout.nstep {
        if i % rollout.every == 0 || i == rollout.nstep {
            raise(&mut gap, absolute(&world.state().q, records.next().unwrap()));
        }
        if i < rollout.nstep {
            let t = world.time_s();
            for (k, u) in world.ctrl_mut().iter_mut().enumerate() {
                let phase = 2.0 * std::f64::consts::PI * t + rollout.ctrl_phase[k];
                *u = rollout.ctrl_home[k] + rollout.ctrl_amp[k] * leitai_math::real::sin(phase);
            }
            world.step().unwrap();
        }
    }
    gap
}
