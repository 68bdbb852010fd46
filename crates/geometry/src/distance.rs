//! How far apart two shapes are, and where they come closest: what a motion planner asks of every pair.

use crate::contact::Placement;
use crate::gjk;
use crate::shape::Shape;
use crate::support::Convex;
use leitai_math::Vec3;

/// The nearest points of two shapes, or the deepest where they overlap; in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closest {
    /// Gap [m]; where the shapes overlap, minus the shortest shift that separates them.
    pub distance: f64,
    /// Unit normal from the first shape to the second.
    pub normal: Vec3,
    /// Point of the first surface [m].
    pub on_first: Vec3,
    /// Point of the second surface [m]: `on_first` + `normal` · `distance`.
    pub on_second: Vec3,
}

/// Signed distance [m] of two shapes: the gap between them, or minus how deep they overlap. Meshes count as their hulls, and a
/// [`Shape::Bore`] as a box without its hole.
///
/// Infinite for two planes, and for placements that are not numbers: neither ever touches.
#[must_use]
pub fn distance(first: &Shape, at_first: &Placement, second: &Shape, at_second: &Placement) -> f64 {
    closest(first, at_first, second, at_second).map_or(f64::INFINITY, |c| c.distance)
}

/// Nearest points and signed distance; nothing for two planes and for placements that are not numbers.
#[must_use]
pub fn closest(first: &Shape, at_first: &Placement, second: &Shape, at_second: &Placement) -> Option<Closest> {
    if !(at_first.is_finite() && at_second.is_finite()) {
        return None;
    }
    // Relative to the first shape, so that far from the world's origin nothing is lost.
    let origin = at_first.position;
    match (Convex::new(first, at_first, origin), Convex::new(second, at_second, origin)) {
        (Some(a), Some(b)) => {
            let near = gjk::nearest(&a, &b, f64::INFINITY)?;
            let on_first = origin + near.on_first;
            Some(Closest { distance: near.gap, normal: near.normal, on_first, on_second: on_first + near.normal * near.gap })
        }
        (None, Some(b)) => above(at_first, &b, origin),
        (Some(a), None) => {
            let found = above(at_second, &a, origin)?;
            Some(Closest {
                distance: found.distance,
                normal: -found.normal,
                on_first: found.on_second,
                on_second: found.on_first,
            })
        }
        (None, None) => None,
    }
}

/// A plane and a bounded shape whose frame is relative to `origin`.
fn above(plane: &Placement, shape: &Convex, origin: Vec3) -> Option<Closest> {
    let normal = plane.axis();
    let lowest = origin + shape.support(-normal) - normal * shape.radius;
    let distance = normal.dot(lowest - plane.position);
    Some(Closest { distance, normal, on_first: lowest - normal * distance, on_second: lowest })
}
