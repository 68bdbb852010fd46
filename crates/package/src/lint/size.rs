//! Lengths that look like another unit, and bodies that nothing can touch.

use super::inertia::bounds;
use super::{Finding, Findings, Level, Visited, named};
use alloc::format;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_model::Spec;
use leitai_model::spec::BodySpec;

/// Longer than this [m], a link or the way to it is hardly a robot's.
const LONG: f64 = 20.0;
/// Shorter than this [m], a mesh was probably scaled twice.
const SHORT: f64 = 5e-4;

pub fn check(body: &Visited, findings: &mut Findings) {
    if body.is_world {
        return;
    }
    let name = named(&body.spec.name);
    let far = body.spec.pose.position.norm();
    if far > LONG && body.moves {
        findings.push(Finding::new(
            Level::Warning,
            "units",
            &body.spec.source,
            format!("连杆 `{name}` 距其父连杆 {far:.1} m；单位应为 m，是否写成了 mm？"),
            format!("body `{name}` stands {far:.1} m from its parent; lengths are in m; were millimeters written?"),
        ));
    }
    for geom in &body.spec.geoms {
        let Shape::Mesh(mesh) = &geom.shape else { continue };
        let (low, high) = mesh.bounds();
        let size = (high - low).max_component();
        let (zh, en) = if size > LONG {
            ("单位应为 m，是否是 mm？请设 scale=\"0.001 0.001 0.001\"", "is the file in mm? set scale=\"0.001 0.001 0.001\"")
        } else if size < SHORT {
            ("是否缩放了两次？", "was it scaled twice?")
        } else {
            continue;
        };
        findings.push(Finding::new(
            Level::Warning,
            "units",
            &geom.source,
            format!("连杆 `{name}` 的网格尺寸为 {size:.3e} m；{zh}"),
            format!("a mesh of body `{name}` is {size:.3e} m long; {en}"),
        ));
    }
    if let Some((low, high)) = bounds(body.spec) {
        let size = (high - low).max_component();
        let is_mesh = body.spec.geoms.iter().any(|geom| matches!(geom.shape, Shape::Mesh(_)));
        if size > LONG && body.moves && !is_mesh {
            findings.push(Finding::new(
                Level::Warning,
                "units",
                &body.spec.source,
                format!("连杆 `{name}` 的形状长达 {size:.1} m；单位应为 m，是否写成了 mm？"),
                format!("the shapes of body `{name}` are {size:.1} m long; lengths are in m; were millimeters written?"),
            ));
        }
    }
}

/// One note for all moving bodies that have shapes of which none touches.
pub fn check_contact_shapes(spec: &Spec, findings: &mut Findings) {
    let mut bare = Vec::new();
    collect_bare(&spec.world, false, &mut bare);
    let Some(first) = bare.first() else { return };
    let (count, name) = (bare.len(), named(&first.name));
    findings.push(Finding::new(
        Level::Note,
        "no-contact-shape",
        &first.source,
        format!("{count} 个有质量的运动连杆没有可碰撞的形状，它们会穿过一切；第一个是 `{name}`"),
        format!(
            "{count} moving bodies with mass have no shape that touches, so they pass through everything; the first is `{name}`"
        ),
    ));
}

fn collect_bare<'a>(body: &'a BodySpec, moves: bool, bare: &mut Vec<&'a BodySpec>) {
    let moves = moves || !body.joints.is_empty();
    let touches = body.geoms.iter().any(|geom| geom.contype != 0 || geom.conaffinity != 0);
    let weighs = body.inertial.as_ref().is_some_and(|inertial| inertial.mass > 0.0);
    if moves && weighs && !touches {
        bare.push(body);
    }
    body.bodies.iter().for_each(|child| collect_bare(child, moves, bare));
}
