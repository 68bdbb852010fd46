//! From a model to the shapes a page draws.

use std::collections::BTreeMap;
use std::sync::Arc;

use leitai_dynamics::Data;
use leitai_geometry::Shape;
use leitai_model::Model;

use crate::report::replay::{BodyRole, GeomKind, Pose, Scene, SceneBody, SceneGeom, SceneMesh};

/// Bodies, geoms and meshes of `model`, standing as `data` says. A body's role follows from its name's prefix, as cells give it.
#[must_use]
pub fn scene(model: &Model, data: &Data) -> Scene {
    let mut scene = Scene::default();
    for (i, (body, at)) in model.bodies.iter().zip(&data.body_pose).enumerate() {
        let role = match body.name.as_str() {
            name if name.starts_with("robot/") => BodyRole::Robot,
            name if name.starts_with("tool/") => BodyRole::Tool,
            name if name.starts_with("piece/") => BodyRole::Work,
            _ => BodyRole::World,
        };
        if role == BodyRole::Tool && scene.tool.is_none() {
            scene.tool = Some(i);
        }
        let Pose { position, rotation } = pose(at);
        scene.bodies.push(SceneBody { name: body.name.clone(), role, position, rotation });
    }
    // Geoms that share a mesh share its triangles on the page.
    let mut meshes = BTreeMap::new();
    for geom in &model.geoms {
        let (kind, size) = form(&geom.shape);
        let mesh = match &geom.shape {
            Shape::Mesh(mesh) => Some(*meshes.entry(Arc::as_ptr(mesh) as usize).or_insert_with(|| {
                let vertices: Vec<_> = mesh.vertices.iter().map(|v| v.to_array()).collect();
                scene.meshes.push(SceneMesh::new(&vertices, &mesh.faces));
                scene.meshes.len() - 1
            })),
            Shape::HeightField(field) => {
                let grid = (0..field.rows()).flat_map(|r| (0..field.columns()).map(move |c| (r, c)));
                let vertices: Vec<_> = grid.map(|(r, c)| field.point(r, c).to_array()).collect();
                scene.meshes.push(SceneMesh::new(&vertices, &surface(field.rows(), field.columns())));
                Some(scene.meshes.len() - 1)
            }
            Shape::Bore { half, radius, depth } => {
                let (vertices, triangles) = bored(half.to_array(), *radius, *depth);
                scene.meshes.push(SceneMesh::new(&vertices, &triangles));
                Some(scene.meshes.len() - 1)
            }
            _ => None,
        };
        let Pose { position, rotation } = pose(&geom.pose);
        scene.geoms.push(SceneGeom {
            body: geom.body.index(),
            kind,
            size,
            position,
            rotation,
            rgba: geom.rgba.map(f64::from),
            group: geom.group.clamp(0, 5) as u8,
            mesh,
        });
    }
    scene
}

/// Triangles of a grid's surface, over its points row by row.
fn surface(rows: usize, columns: usize) -> Vec<[u32; 3]> {
    let at = |r: usize, c: usize| (r * columns + c) as u32;
    let squares = (0..rows - 1).flat_map(|r| (0..columns - 1).map(move |c| (r, c)));
    let cut = |(r, c)| [[at(r, c), at(r + 1, c + 1), at(r + 1, c)], [at(r, c), at(r, c + 1), at(r + 1, c + 1)]];
    squares.flat_map(cut).collect()
}

/// A box whose hole is open at the top, as rings of points joined ring to ring: bottom, sides, top face, wall and bottom of the
/// hole. A hole that goes through ends where the first ring began.
fn bored(half: [f64; 3], radius: f64, depth: f64) -> (Vec<[f64; 3]>, Vec<[u32; 3]>) {
    const AROUND: usize = 64;
    let [x, y, z] = half;
    // On the outline, straight out from the axis; the directions to the corners are among them.
    let ray = |k: usize| {
        let (quarter, part) = (k / (AROUND / 4), (k % (AROUND / 4)) as f64 / (AROUND / 4) as f64);
        let corners = [[x, y], [-x, y], [-x, -y], [x, -y], [x, y]];
        let (from, to) = (corners[quarter], corners[quarter + 1]);
        [0, 1].map(|i| from[i] + (to[i] - from[i]) * part)
    };
    let outline = |height: f64| (0..AROUND).map(ray).map(move |[x, y]| [x, y, height]);
    let circle = |r: f64, height: f64| {
        (0..AROUND).map(ray).map(move |[x, y]| {
            let far = x.hypot(y);
            [r * x / far, r * y / far, height]
        })
    };
    let through = depth >= 2.0 * z;
    let (floor, below, center) = if through { (-z, radius, radius) } else { (z - depth, 0.0, 0.0) };
    let rings: Vec<Vec<[f64; 3]>> = vec![
        circle(below, -z).collect(),
        outline(-z).collect(),
        outline(z).collect(),
        circle(radius, z).collect(),
        circle(radius, floor).collect(),
        circle(center, floor).collect(),
    ];
    let mut triangles = Vec::new();
    for ring in 0..rings.len() - if through { 2 } else { 1 } {
        for k in 0..AROUND {
            let at = |up: usize, k: usize| ((ring + up) * AROUND + k % AROUND) as u32;
            triangles.push([at(0, k), at(0, k + 1), at(1, k)]);
            triangles.push([at(1, k), at(0, k + 1), at(1, k + 1)]);
        }
    }
    (rings.concat(), triangles)
}

fn form(shape: &Shape) -> (GeomKind, Vec<f64>) {
    match shape {
        Shape::Plane { half } => (GeomKind::Plane, half.to_vec()),
        Shape::Sphere { radius } => (GeomKind::Sphere, vec![*radius]),
        Shape::Capsule { radius, half_length } => (GeomKind::Capsule, vec![*radius, *half_length]),
        Shape::Ellipsoid { radii } => (GeomKind::Ellipsoid, radii.to_array().to_vec()),
        Shape::Cylinder { radius, half_length } => (GeomKind::Cylinder, vec![*radius, *half_length]),
        Shape::Box { half } => (GeomKind::Box, half.to_array().to_vec()),
        Shape::Mesh(_) | Shape::HeightField(_) | Shape::Bore { .. } => (GeomKind::Mesh, Vec::new()),
    }
}

pub(crate) fn pose(pose: &leitai_math::Pose) -> Pose {
    Pose { position: pose.position.to_array(), rotation: pose.rotation.to_array() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gauss: what a closed surface that looks outward holds is the sum of the tetrahedra under its triangles. The round parts
    /// are polygons of 64 sides, which hold a little less than the circle.
    #[test]
    fn a_drawn_hole_is_closed_and_looks_outward() {
        let half = [0.04, 0.03, 0.02];
        for depth in [0.01, 0.04, 1.0] {
            let (points, triangles) = bored(half, 0.015, depth);
            let point = |i: u32| leitai_math::Vec3::from_slice(&points[i as usize]);
            let six: f64 = triangles.iter().map(|t| point(t[0]).dot(point(t[1]).cross(point(t[2])))).sum();
            let [x, y, z] = half;
            let hole = std::f64::consts::PI * 0.015 * 0.015 * depth.min(2.0 * z);
            let drilled = 8.0 * x * y * z - six / 6.0;
            assert!((drilled / hole - 1.0).abs() < 3e-3 && drilled < hole, "{depth}: {drilled} and not {hole} m³");
        }
    }
}
