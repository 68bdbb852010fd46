//! What several tests share: the definition of each shape, and random ones.
#![allow(dead_code)]

use leitai_geometry::{Mesh, Placement, Shape};
use leitai_math::{Quat, Stream, Vec3};
use std::sync::Arc;

/// How far a bounded shape reaches along `n`, from its definition; independent of the collision code.
pub fn reach(shape: &Shape, at: &Placement, n: Vec3) -> f64 {
    let l = at.rotation.transpose_mul(n);
    let own = match shape {
        Shape::Plane { .. } => panic!("a plane reaches everywhere"),
        Shape::Sphere { radius } => *radius,
        Shape::Capsule { radius, half_length } => radius + l.z.abs() * half_length,
        Shape::Ellipsoid { radii } => l.scaled(*radii).norm(),
        Shape::Cylinder { radius, half_length } => radius * l.x.hypot(l.y) + l.z.abs() * half_length,
        Shape::Box { half } | Shape::Bore { half, .. } => l.abs().dot(*half),
        Shape::Mesh(mesh) => mesh.vertices.iter().map(|v| v.dot(l)).fold(f64::NEG_INFINITY, f64::max),
        Shape::HeightField(field) => {
            let grid = (0..field.rows()).flat_map(|r| (0..field.columns()).map(move |c| (r, c)));
            let points = grid.flat_map(|(r, c)| {
                let top = field.point(r, c);
                [top, Vec3::new(top.x, top.y, field.bounds().0.z)]
            });
            points.map(|p| p.dot(l)).fold(f64::NEG_INFINITY, f64::max)
        }
    };
    n.dot(at.position) + own
}

pub fn vector(draw: &mut Stream, half: f64) -> Vec3 {
    Vec3::new(draw.uniform(-half, half), draw.uniform(-half, half), draw.uniform(-half, half))
}

pub fn direction(draw: &mut Stream) -> Vec3 {
    Vec3::new(draw.normal(0.0, 1.0), draw.normal(0.0, 1.0), draw.normal(0.0, 1.0)).normalized_or(Vec3::X)
}

pub fn rotation(draw: &mut Stream) -> Quat {
    Quat::new(draw.normal(0.0, 1.0), draw.normal(0.0, 1.0), draw.normal(0.0, 1.0), draw.normal(0.0, 1.0)).normalized()
}

pub fn placement(draw: &mut Stream, half: f64) -> Placement {
    Placement { position: vector(draw, half), rotation: rotation(draw).to_mat() }
}

pub fn at(x: f64, y: f64, z: f64) -> Placement {
    Placement { position: Vec3::new(x, y, z), ..Placement::default() }
}

/// A box as a mesh: the worst case for coplanar facets.
pub fn box_mesh(half: Vec3) -> Mesh {
    let corners = (0..8).map(|i| {
        let pick = |bit: usize, h: f64| if i & bit == 0 { -h } else { h };
        Vec3::new(pick(1, half.x), pick(2, half.y), pick(4, half.z))
    });
    Mesh::convex(corners.collect()).expect("a box is a solid")
}

/// One of each bounded shape, between thin and round.
pub fn shapes(draw: &mut Stream) -> Vec<Shape> {
    let mut length = || draw.uniform(0.05, 0.4);
    let mut all = vec![
        Shape::Sphere { radius: length() },
        Shape::Capsule { radius: length(), half_length: length() },
        Shape::Ellipsoid { radii: Vec3::new(length(), length(), length()) },
        Shape::Cylinder { radius: length(), half_length: length() },
        Shape::Box { half: Vec3::new(length(), length(), length()) },
        Shape::Mesh(Arc::new(box_mesh(Vec3::new(length(), length(), length())))),
    ];
    let points = (0..60).map(|_| direction(draw) * 0.3).collect();
    all.push(Shape::Mesh(Arc::new(Mesh::convex(points).expect("a solid"))));
    all
}
