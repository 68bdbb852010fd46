//! Reads MuJoCo's answers (`oracle/mujoco/oracle.py`) and measures how far ours are from them.

use leitai_math::Quat;
use leitai_package::disk::Folder;
use leitai_sim::{Scene, World};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

/// One file of answers.
#[derive(Deserialize)]
pub struct Answers {
    pub engine: String,
    pub states: Vec<StateAnswer>,
    pub rollout: Option<Rollout>,
}

/// MuJoCo's answers at one state; matrices row by row.
#[derive(Deserialize)]
#[allow(non_snake_case)]
pub struct StateAnswer {
    pub qpos: Vec<f64>,
    pub qvel: Vec<f64>,
    pub ctrl: Vec<f64>,
    pub act: Vec<f64>,
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
    pub nefc: usize,
    pub contacts: Vec<ContactAnswer>,
    pub sensordata: Vec<f64>,
}

/// One contact.
#[derive(Deserialize)]
pub struct ContactAnswer {
    pub geom: [i64; 2],
    pub dist: f64,
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
    pub pose: f64,
    pub mass: f64,
    pub bias: f64,
    pub passive: f64,
    pub actuation: f64,
    pub smooth: f64,
    pub sensor: f64,
    pub contact_sets: usize,
    pub contact_sets_equal: usize,
    pub distance: f64,
    pub a: f64,
    pub rollout: f64,
}

pub fn answers(path: &Path) -> Answers {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn scene(path: &Path) -> Arc<Scene> {
    let files = Folder::anywhere(path.parent().unwrap());
    let name = path.file_name().unwrap().to_str().unwrap();
    let loaded = leitai_package::mjcf::read(name, &files).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let model = loaded.spec.build().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Scene::new(Arc::new(model))
}

/// Largest difference, in parts of the largest entry (at least one).
fn relative(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len(), "lengths differ");
    let size = wanted.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    absolute(found, wanted) / size
}

fn absolute(found: &[f64], wanted: &[f64]) -> f64 {
    found.iter().zip(wanted).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()))
}

pub fn compare(scene: &Arc<Scene>, answers: &Answers) -> Gaps {
    let mut gaps = Gaps::default();
    let mut world = World::new(scene);
    for state in &answers.states {
        compare_state(&mut world, state, &mut gaps);
    }
    if let Some(rollout) = &answers.rollout {
        gaps.rollout = compare_rollout(scene, rollout);
    }
    gaps
}

fn compare_state(world: &mut World, wanted: &StateAnswer, gaps: &mut Gaps) {
    let model = Arc::clone(&world.scene().model);
    let reference = leitai_sim::State::reference(world.scene());
    world.change(|s| {
        *s = reference;
        s.q.copy_from_slice(&wanted.qpos);
        s.v.copy_from_slice(&wanted.qvel);
        s.ctrl.copy_from_slice(&wanted.ctrl);
        s.act.copy_from_slice(&wanted.act);
    });
    world.forward().unwrap();
    let data = world.data();
    let flat = |v: Vec<[f64; 3]>| v.concat();
    let bodies = flat(data.body_pose.iter().map(|p| p.position.to_array()).collect());
    let coms = flat(data.com.iter().map(|p| p.to_array()).collect());
    let geoms = flat(data.geom.iter().map(|p| p.position.to_array()).collect());
    let sites = (0..model.sites.len() as u32)
        .map(|s| leitai_dynamics::site_pose(&model, data, leitai_model::SiteId(s)).position.to_array());
    for (found, wanted) in [
        (&bodies, &wanted.xpos),
        (&coms, &wanted.xipos),
        (&geoms, &wanted.geom_xpos),
        (&flat(sites.collect()), &wanted.site_xpos),
    ] {
        assert_eq!(found.len(), wanted.len());
        gaps.pose = gaps.pose.max(absolute(found, wanted));
    }
    for (pose, q) in data.body_pose.iter().zip(wanted.xquat.chunks(4)) {
        let turn = (pose.rotation.conjugate() * Quat::from_slice(q)).to_rotation_vector();
        gaps.pose = gaps.pose.max(turn.norm());
    }
    let mut dense = vec![0.0; model.nv * model.nv];
    for (d, dof) in model.dofs.iter().enumerate() {
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        for (at, &c) in row.clone().zip(&model.mass_columns[row]) {
            dense[d * model.nv + c as usize] = data.mass[at];
            dense[c as usize * model.nv + d] = data.mass[at];
        }
    }
    gaps.mass = gaps.mass.max(relative(&dense, &wanted.M));
    gaps.bias = gaps.bias.max(relative(&data.bias, &wanted.qfrc_bias));
    let forces = world.forces();
    gaps.passive = gaps.passive.max(relative(&forces.passive, &wanted.qfrc_passive));
    gaps.actuation = gaps.actuation.max(relative(&forces.actuation, &wanted.qfrc_actuator));
    gaps.smooth = gaps.smooth.max(relative(&forces.smooth_a, &wanted.qacc_smooth));
    compare_contacts(world, &wanted.contact, gaps);
}

fn compare_contacts(world: &World, wanted: &InContact, gaps: &mut Gaps) {
    let clear = 1e-6;
    let key = |a: i64, b: i64| (a.min(b), a.max(b));
    let mut ours: Vec<_> = world.contacts().iter().map(|c| (key(c.geoms[0].0.into(), c.geoms[1].0.into()), c.distance)).collect();
    let mut theirs: Vec<_> = wanted.contacts.iter().map(|c| (key(c.geom[0], c.geom[1]), c.dist)).collect();
    ours.retain(|c| c.1.abs() > clear);
    theirs.retain(|c| c.1.abs() > clear);
    let order = |a: &((i64, i64), f64), b: &((i64, i64), f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    ours.sort_by(order);
    theirs.sort_by(order);
    gaps.contact_sets += 1;
    let same_pairs = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a.0 == b.0);
    if !same_pairs {
        return;
    }
    gaps.contact_sets_equal += 1;
    for (a, b) in ours.iter().zip(&theirs) {
        gaps.distance = gaps.distance.max((a.1 - b.1).abs());
    }
    gaps.a = gaps.a.max(relative(&world.forces().a, &wanted.qacc));
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
            gap = gap.max(absolute(&world.state().q, records.next().unwrap()));
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
