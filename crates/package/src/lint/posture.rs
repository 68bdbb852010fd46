//! Postures: home and stored states within limits, and no two links in one place at home.

use super::{Finding, Findings, Level, named};
use crate::manifest::RobotManifest;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::{Placement, Shape, distance};
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::model::{BodyId, Geom, Joint};
use leitai_model::spec::{JointKind, Source};
use leitai_model::{Model, Spec};

/// Overlaps up to this [m] are drawing inaccuracy.
const OVERLAP: f64 = 1e-4;
/// Postures may leave a limit by this much [rad or m]: rounding in a file.
const ROUNDING: f64 = 1e-6;
/// The most shapes among which every pair is looked at.
const MOST_SHAPES: usize = 2000;
/// The most overlapping pairs that are told one by one.
const MOST_PAIRS: usize = 20;

pub fn check(spec: &Spec, model: &Model, manifest: Option<&RobotManifest>, findings: &mut Findings) {
    let at = &spec.world.source;
    for (keyframe, key) in model.keyframes.iter().zip(&spec.keyframes) {
        let posture = format!("key `{}`", named(&keyframe.name));
        outside(model, &keyframe.q, &key.source, &posture, findings);
    }
    let (q, label) = home(model, manifest);
    if manifest.is_some() {
        outside(model, &q, at, "home", findings);
    }
    overlaps(model, &q, at, &label, findings);
}

/// The posture to judge: the manifest's home; else the key `home`, else the first key, else the reference.
fn home(model: &Model, manifest: Option<&RobotManifest>) -> (Vec<f64>, String) {
    let key = model.keyframes.iter().find(|key| key.name == "home").or(model.keyframes.first());
    let (mut q, mut label) = match key {
        Some(key) => (key.q.clone(), format!("key `{}`", named(&key.name))),
        None => (model.q0.clone(), "the reference posture".into()),
    };
    if let Some(manifest) = manifest {
        let first = manifest.interface.joints.iter().zip(&manifest.interface.home_rad);
        let second = manifest.second_arm.iter().flat_map(|arm| arm.joints.iter().zip(&arm.home_rad));
        for (name, angle) in first.chain(second) {
            if let Some(joint) = model.joints.iter().find(|joint| joint.name == *name) {
                q[joint.q_start as usize] = *angle;
            }
        }
        label = "home".into();
    }
    (q, label)
}

/// Tells the joints that a posture puts outside their limits.
fn outside(model: &Model, q: &[f64], at: &Source, posture: &str, findings: &mut Findings) {
    for joint in model.joints.iter().filter(|joint| matches!(joint.kind, JointKind::Hinge | JointKind::Slide)) {
        let (Some([low, high]), value) = (joint.range, q[joint.q_start as usize]) else { continue };
        if value < low - ROUNDING || value > high + ROUNDING {
            let name = named(&joint.name);
            findings.push(Finding::new(
                Level::Error,
                "home-outside",
                at,
                format!("姿态 {posture} 把关节 `{name}` 置于 {value:.4}，超出其限位 {low:.4} 到 {high:.4}"),
                format!("{posture} puts joint `{name}` at {value:.4}, outside its limits {low:.4} to {high:.4}"),
            ));
        }
    }
}

/// Tells the pairs of links that overlap and would push each other apart.
fn overlaps(model: &Model, q: &[f64], at: &Source, posture: &str, findings: &mut Findings) {
    let poses = body_poses(model, q);
    let touching = |geom: &Geom| {
        geom.body.0 != 0 && (geom.contype != 0 || geom.conaffinity != 0) && !matches!(geom.shape, Shape::Plane { .. })
    };
    let geoms: Vec<(&Geom, Placement)> = model
        .geoms
        .iter()
        .filter(|geom| touching(geom))
        .map(|geom| {
            let pose = poses[geom.body.index()] * geom.pose;
            (geom, Placement { position: pose.position, rotation: pose.rotation.to_mat() })
        })
        .collect();
    if geoms.len() > MOST_SHAPES {
        let count = geoms.len();
        findings.push(Finding::new(
            Level::Note,
            "self-collision",
            at,
            format!("可碰撞的形状有 {count} 个，多于 {MOST_SHAPES} 个，未检查自碰撞"),
            format!("{count} shapes can touch, more than {MOST_SHAPES}; whether links overlap was not checked"),
        ));
        return;
    }
    // For each pair of bodies, the deepest overlap.
    let mut found: Vec<([BodyId; 2], f64)> = Vec::new();
    for (i, (a, at_a)) in geoms.iter().enumerate() {
        for (b, at_b) in &geoms[i + 1..] {
            if !may_touch(model, a, b) {
                continue;
            }
            let reach = a.shape.bounding_radius() + b.shape.bounding_radius();
            if (at_a.position - at_b.position).norm() > reach {
                continue;
            }
            let depth = -distance(&a.shape, at_a, &b.shape, at_b);
            if depth > OVERLAP {
                let pair = [a.body, b.body];
                match found.iter_mut().find(|(other, _)| *other == pair) {
                    Some((_, deepest)) => *deepest = deepest.max(depth),
                    None => found.push((pair, depth)),
                }
            }
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (pair, depth) in found.iter().take(MOST_PAIRS) {
        let [a, b] = pair.map(|id| named(&model.bodies[id.index()].name));
        let mm = 1e3 * depth;
        findings.push(Finding::new(
            Level::Warning,
            "self-collision",
            at,
            format!("在 {posture}，连杆 `{a}` 与 `{b}` 重叠 {mm:.1} mm，会互相推开；请改形状，或加 <exclude>"),
            format!("at {posture}, bodies `{a}` and `{b}` overlap by {mm:.1} mm and push each other; change a shape, or add an <exclude>"),
        ));
    }
    if found.len() > MOST_PAIRS {
        let more = found.len() - MOST_PAIRS;
        findings.push(Finding::new(
            Level::Warning,
            "self-collision",
            at,
            format!("另有 {more} 对连杆重叠"),
            format!("{more} more pairs of bodies overlap"),
        ));
    }
}

/// Whether contact between two geoms is looked for: MuJoCo's rules for bits, welded bodies, parents and excludes.
fn may_touch(model: &Model, a: &Geom, b: &Geom) -> bool {
    if a.contype & b.conaffinity == 0 && b.contype & a.conaffinity == 0 {
        return false;
    }
    let weld = |geom: &Geom| model.bodies[geom.body.index()].weld;
    let (weld_a, weld_b) = (weld(a), weld(b));
    let above = |body: BodyId| model.bodies[model.bodies[body.index()].parent.index()].weld;
    let neighbors = weld_a.0 != 0 && weld_b.0 != 0 && (above(weld_a) == weld_b || above(weld_b) == weld_a);
    let pair = if a.body <= b.body { [a.body, b.body] } else { [b.body, a.body] };
    weld_a != weld_b && (!neighbors || model.option.disable.filter_parent) && model.excludes.binary_search(&pair).is_err()
}

/// `world_from_body` of every body.
fn body_poses(model: &Model, q: &[f64]) -> Vec<Pose> {
    let mut poses = vec![Pose::IDENTITY; model.bodies.len()];
    for (i, body) in model.bodies.iter().enumerate().skip(1) {
        let start = poses[body.parent.index()] * body.pose;
        let joints = body.joint_start as usize..(body.joint_start + body.joint_count) as usize;
        poses[i] = model.joints[joints].iter().fold(start, |pose, joint| moved(model, joint, q, pose));
    }
    poses
}

/// The pose after a joint has moved the frame that stood at `pose`.
fn moved(model: &Model, joint: &Joint, q: &[f64], pose: Pose) -> Pose {
    let at = joint.q_start as usize;
    let way = q[at] - model.q0[at];
    let turn = match joint.kind {
        JointKind::Free => return Pose::new(Vec3::from_slice(&q[at..]), Quat::from_slice(&q[at + 3..]).normalized()),
        JointKind::Slide => return Pose::new(pose.position + pose.rotation.rotate(joint.axis) * way, pose.rotation),
        JointKind::Hinge => Quat::from_axis_angle(joint.axis, way),
        JointKind::Ball => Quat::from_slice(&q[at..]).normalized(),
    };
    let rotation = (pose.rotation * turn).normalized();
    Pose::new(pose.apply(joint.position) - rotation.rotate(joint.position), rotation)
}
