//! Measures how far our answers are from MuJoCo's (`oracle/mujoco/oracle.py`).
#![allow(dead_code)]

use leitai_geometry::Shape;
use leitai_math::Quat;
use leitai_model::Model;
use leitai_oracle::answer::{Worlds, put};
use leitai_oracle::format::{Answers, Constants, ContactAnswer, Rollout, StateAnswer};
use leitai_package::disk::Folder;
use leitai_sim::{Contact, Scene, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Points closer to touching than this [m] may count or not by rounding.
const TOUCHING: f64 = 1e-6;
/// The bar for distances of meshes [m]; others have a tenth of it.
pub const MESH_BAR: f64 = 1e-5;
/// The bar for other distances [m].
pub const BAR: f64 = 1e-6;

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
    /// MuJoCo's contacts that do not just touch, and how many of them stand between geoms that touch for us too.
    pub contacts: usize,
    pub found: usize,
    /// Pairs that touch for us only.
    pub extra_pairs: usize,
    /// Largest difference of distances [m] of pairs that touch at as many points for both: without meshes, with meshes.
    pub distance: f64,
    pub mesh_distance: f64,
    /// Distances compared, and how many of them are within the bar.
    pub distances: usize,
    pub near_distances: usize,
    /// Accelerations where contacts are the same.
    pub own: f64,
    /// Accelerations and constraint forces from MuJoCo's contacts.
    pub given: f64,
    /// Coordinates during the rollout.
    pub rollout: f64,
}

/// A number in a table.
pub fn cell(x: f64) -> String {
    if x == 0.0 { "| 0 ".into() } else { format!("| {x:.0e} ") }
}

/// `oracle/mujoco`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco")
}

pub fn answers(path: &Path) -> Result<Answers, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let answers: Answers = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    assert_eq!(answers.engine, "mujoco 4.0.0");
    Ok(answers)
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

fn raise(worst: &mut f64, gap: f64) {
    *worst = if gap > *worst || gap.is_nan() { gap } else { *worst };
}

/// Why answers cannot be laid side by side: one side has other elements than the other.
pub fn other_sizes(model: &Model, wanted: &Answers) -> Option<String> {
    let (mut found, mut wanted) = (leitai_oracle::compiled::sizes(model), wanted.sizes.clone());
    // Meshes that nothing uses are not loaded.
    (found.nmesh, wanted.nmesh) = (0, 0);
    (found != wanted).then(|| format!("sizes differ: ours {found:?}, MuJoCo's {wanted:?}"))
}

/// Lays our answers beside MuJoCo's.
pub fn compare(model: Model, wanted: &Answers) -> Gaps {
    assert_eq!(other_sizes(&model, wanted), None);
    let mut gaps = Gaps::default();
    let mut worlds = Worlds::new(&model);
    let scene = Scene::new(Arc::new(model));
    compare_weights(&scene, &wanted.model_const, &mut gaps);
    for (k, state) in wanted.states.iter().enumerate() {
        let ours = worlds.answer(k, &state.given).unwrap();
        compare_free(&scene.model, &ours, state, &mut gaps);
        compare_contacts(&scene.model, &ours, state, &mut gaps);
        compare_given(&mut worlds.full, k, state, &mut gaps);
    }
    if let Some(rollout) = &wanted.rollout {
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

fn compare_free(model: &Model, ours: &StateAnswer, wanted: &StateAnswer, gaps: &mut Gaps) {
    // Where a body has no mass, its center of mass may lie anywhere.
    let with_mass = |all: &[f64]| {
        let each = all.chunks(3).enumerate();
        each.flat_map(|(b, xyz)| if model.bodies[b].mass > 0.0 { [xyz[0], xyz[1], xyz[2]] } else { [0.0; 3] }).collect::<Vec<_>>()
    };
    for (found, wanted) in [
        (&ours.xpos, &wanted.xpos),
        (&with_mass(&ours.xipos), &with_mass(&wanted.xipos)),
        (&ours.geom_xpos, &wanted.geom_xpos),
        (&ours.site_xpos, &wanted.site_xpos),
    ] {
        raise(&mut gaps.pose, absolute(found, wanted));
    }
    for (found, wanted) in ours.xquat.chunks(4).zip(wanted.xquat.chunks(4)) {
        let turn = Quat::from_slice(found).conjugate() * Quat::from_slice(wanted);
        raise(&mut gaps.pose, turn.to_rotation_vector().norm());
    }
    raise(&mut gaps.mass, relative(&ours.M, &wanted.M));
    raise(&mut gaps.bias, relative(&ours.qfrc_bias, &wanted.qfrc_bias));
    raise(&mut gaps.passive, relative(&ours.qfrc_passive, &wanted.qfrc_passive));
    raise(&mut gaps.actuation, relative(&ours.qfrc_actuator, &wanted.qfrc_actuator));
    raise(&mut gaps.smooth, relative(&ours.qacc_smooth, &wanted.qacc_smooth));
    raise(&mut gaps.smooth, relative(&ours.free.qacc, &wanted.free.qacc));
    raise(&mut gaps.sensor, relative(&ours.free.sensordata, &wanted.free.sensordata));
}

/// Distances of contacts that do not just touch, ascending, by pair of geoms.
fn by_pair(contacts: &[ContactAnswer]) -> BTreeMap<(i64, i64), Vec<f64>> {
    let mut out = BTreeMap::<_, Vec<f64>>::new();
    for c in contacts.iter().filter(|c| c.dist.abs() > TOUCHING) {
        let [a, b] = c.geom;
        out.entry((a.min(b), a.max(b))).or_default().push(c.dist);
    }
    out.values_mut().for_each(|list| list.sort_by(f64::total_cmp));
    out
}

fn compare_contacts(model: &Model, ours: &StateAnswer, wanted: &StateAnswer, gaps: &mut Gaps) {
    gaps.states += 1;
    let touching: BTreeSet<_> =
        ours.contact.contacts.iter().map(|c| (c.geom[0].min(c.geom[1]), c.geom[0].max(c.geom[1]))).collect();
    let (found, theirs) = (by_pair(&ours.contact.contacts), by_pair(&wanted.contact.contacts));
    let any: BTreeSet<_> = wanted.contact.contacts.iter().map(|c| (c.geom[0].min(c.geom[1]), c.geom[0].max(c.geom[1]))).collect();
    gaps.extra_pairs += found.keys().filter(|pair| !any.contains(pair)).count();
    for (pair, wanted) in &theirs {
        gaps.contacts += wanted.len();
        if touching.contains(pair) {
            gaps.found += wanted.len();
        }
        let mesh = [pair.0, pair.1].iter().any(|g| matches!(model.geoms[*g as usize].shape, Shape::Mesh(_)));
        let (worst, bar) = if mesh { (&mut gaps.mesh_distance, MESH_BAR) } else { (&mut gaps.distance, BAR) };
        if let Some(found) = found.get(pair).filter(|found| found.len() == wanted.len()) {
            for (a, b) in found.iter().zip(wanted) {
                raise(worst, (a - b).abs());
                gaps.distances += 1;
                gaps.near_distances += usize::from((a - b).abs() <= bar);
            }
        }
    }
    let counts = |list: &BTreeMap<(i64, i64), Vec<f64>>| list.iter().map(|(pair, d)| (*pair, d.len())).collect::<Vec<_>>();
    if counts(&found) == counts(&theirs) {
        gaps.same_contacts += 1;
        raise(&mut gaps.own, relative(&ours.contact.qacc, &wanted.contact.qacc));
    }
}

/// Both solve MuJoCo's contacts.
fn compare_given(world: &mut World, k: usize, wanted: &StateAnswer, gaps: &mut Gaps) {
    put(world, k, &wanted.given).unwrap();
    let given: Vec<Contact> = wanted.contact.contacts.iter().map(ContactAnswer::contact).collect();
    world.forward_with_contacts(&given).unwrap();
    raise(&mut gaps.given, relative(&world.forces().a, &wanted.contact.qacc));
    raise(&mut gaps.given, relative(&world.forces().constraint, &wanted.contact.qfrc_constraint));
    raise(&mut gaps.sensor, relative(world.readings(), &wanted.contact.sensordata));
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
