//! A box with a round hole against a cylinder and a ball: peg and hole.
//!
//! Everything happens in the bore's frame, where the hole is x² + y² ≤ R². Four features touch: the cylinder's end circles
//! reach the wall where they are farthest from the hole's axis, the bottom where they are lowest, and the face around the
//! hole in the crescent that lies outside of it; the hole's rim reaches the cylinder's side where it is nearest to the
//! cylinder's axis. Where a circle is from an axis is a wave of two harmonics in its angle, with at most two peaks: samples
//! find them, a fixed number of Newton steps refines them, so that distances are exact up to rounding. Of two ways out of the
//! solid, up or to the hole's axis, the shorter counts. A peg that leans touches at two opposite sides, as in Whitney,
//! *Quasi-static assembly of compliantly supported rigid parts* (1982).

use super::{ContactPoint, Manifold, Placement, convex, sphere};
use crate::shape::Shape;
use leitai_math::{Vec3, real};

mod circle;
mod touch;

use circle::across;
use touch::Touch;

/// A box of half edges `half` with a hole about its z axis, open at the +z face.
#[derive(Clone, Copy)]
pub struct Bore {
    pub half: Vec3,
    pub radius: f64,
    pub depth: f64,
}

/// Contacts of a cylinder, standing at `a`, with the bore at `b`.
pub fn cylinder(a: &Placement, radius: f64, half_length: f64, b: &Placement, bore: &Bore, margin: f64, out: &mut Manifold) {
    let rotation = b.rotation.transpose() * a.rotation;
    let center = b.local(a.position);
    let shape = Shape::Cylinder { radius, half_length };
    let reach = shape.bounds(&rotation).0;
    let through = bore.is_through();
    let beyond = |x: f64, reach: f64, half: f64| real::abs(x) - reach - half;
    let mut outside = real::max(beyond(center.x, reach.x, bore.half.x), beyond(center.y, reach.y, bore.half.y));
    let above = if through { beyond(center.z, reach.z, bore.half.z) } else { center.z - reach.z - bore.half.z };
    if !through {
        outside = real::max(outside, -center.z - reach.z - bore.half.z);
    }
    if real::max(outside, above) >= margin {
        return;
    }
    let solid = Shape::Box { half: bore.half };
    let small = real::min(radius, half_length);
    let axis = rotation.column(2);
    // Touched from another side, or beside the hole.
    if outside > -small || from_axis(center, axis, half_length) >= bore.radius + radius {
        convex::pair(&shape, a, &solid, b, margin, out);
        return;
    }
    // A peg that leans over an edge of the box dips below the face beside the box.
    let overhangs = real::abs(center.x) + reach.x > bore.half.x || real::abs(center.y) + reach.y > bore.half.y;
    if overhangs || above > -0.25 * small {
        convex::pair(&shape, a, &solid, b, margin, out);
        let beside = |p: &ContactPoint| across(b.local(p.position)) - bore.radius >= real::max(0.0, -p.distance);
        // What touches not even the whole box, or only outside of the hole.
        if out.points().iter().all(beside) {
            return;
        }
    }
    let mut touch = Touch::new(bore, center, rotation, [radius, half_length], margin);
    touch.find();
    if touch.overhangs {
        for p in out.points() {
            let at = b.local(p.position);
            if across(at) >= bore.radius {
                touch.push(at, b.rotation.transpose_mul(-p.normal), p.distance);
            }
        }
    }
    out.clear();
    touch.write(b, out);
}

/// Contacts of a ball with the bore at `b`: wall and bottom, three points of the rim, or the outside of the box.
pub fn ball(a: &Placement, radius: f64, b: &Placement, bore: &Bore, margin: f64, out: &mut Manifold) {
    let at = b.local(a.position);
    let from_axis = across(at);
    let side = if from_axis < sphere::TINY { Vec3::X } else { Vec3::new(at.x / from_axis, at.y / from_axis, 0.0) };
    let mut add = |outward: Vec3, apart: f64| {
        let normal = b.rotation * -outward;
        out.add(a.position + normal * radius, normal, apart - radius, margin);
    };
    let floor = bore.floor();
    // Above the mouth that is nearer.
    let up = if bore.is_through() && at.z < 0.0 { -1.0 } else { 1.0 };
    let height = up * at.z - bore.half.z;
    if from_axis < bore.radius && height > 0.0 {
        // A ball that sits in the mouth touches all around: the nearest point and two more keep it there.
        let (sin, cos) = (0.5 * SQRT_3, -0.5);
        for (c, s) in [(1.0, 0.0), (cos, sin), (cos, -sin)] {
            let way = Vec3::new(c * side.x - s * side.y, s * side.x + c * side.y, 0.0);
            let between = at - way * bore.radius - Vec3::Z * (up * bore.half.z);
            let apart = between.norm();
            if apart > sphere::TINY {
                add(between * (1.0 / apart), apart);
            }
        }
        return;
    }
    if from_axis < bore.radius && at.z > floor {
        add(-side, bore.radius - from_axis);
        if !bore.is_through() {
            add(Vec3::Z, at.z - floor);
        }
        return;
    }
    let inside = at.abs().max(bore.half) == bore.half;
    let shallow = sphere::nearest_face(at, bore.half).2;
    if inside && at.z > floor && from_axis - bore.radius < shallow {
        add(-side, bore.radius - from_axis);
    } else if inside && !bore.is_through() && from_axis < bore.radius && floor - at.z < shallow {
        add(Vec3::Z, at.z - floor);
    } else {
        sphere::against_box(a.position, radius, b, bore.half, margin, out);
    }
}

const SQRT_3: f64 = 1.732_050_807_568_877_2;

/// Least distance of a segment from the z axis.
fn from_axis(center: Vec3, axis: Vec3, half_length: f64) -> f64 {
    let flat = axis.x * axis.x + axis.y * axis.y;
    let nearest = if flat > 1e-18 { -(center.x * axis.x + center.y * axis.y) / flat } else { 0.0 };
    across(center + axis * real::clamp(nearest, -half_length, half_length))
}

impl Bore {
    fn is_through(&self) -> bool {
        self.depth >= 2.0 * self.half.z
    }
    /// Height of the bottom [m].
    fn floor(&self) -> f64 {
        self.half.z - self.depth
    }
    /// Sides of the box where the hole opens.
    fn mouths(&self) -> &'static [f64] {
        if self.is_through() { &[1.0, -1.0] } else { &[1.0] }
    }
}
