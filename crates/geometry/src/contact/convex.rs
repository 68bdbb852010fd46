//! Every other convex pair: nearest or deepest points, then the clipped supporting faces where both shapes are flat there.

use super::{Manifold, Placement, faces, flat};
use crate::gjk;
use crate::shape::Shape;
use crate::support::Convex;

/// Contacts of two bounded convex shapes.
pub fn pair(first: &Shape, a: &Placement, second: &Shape, b: &Placement, margin: f64, out: &mut Manifold) {
    // Relative to the first shape, so that far from the world's origin nothing is lost.
    let origin = a.position;
    let (Some(p), Some(q)) = (Convex::new(first, a, origin), Convex::new(second, b, origin)) else { return };
    let Some(mut near) = gjk::nearest(&p, &q, margin) else { return };
    if !out.steady {
        near = near.along_kinks(&p, &q);
    }
    // MuJoCo's points may be less deep than the shapes are; a steady manifold keeps the direction of least overlap.
    if !out.steady && faces::has_faces(first) && faces::has_faces(second) {
        if !faces::points([first, second], &p, &q, near.normal, &near.facet, origin, margin, out) {
            out.add(origin + near.on_first, near.normal, near.gap, margin);
        }
        return;
    }
    flat::points(&p, &q, &near, origin, margin, out);
    if out.points().is_empty() {
        out.add(origin + near.on_first, near.normal, near.gap, margin);
    }
}
