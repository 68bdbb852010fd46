//! A ball against ball, capsule, cylinder and box: one point each.

use super::{Manifold, Placement};
use leitai_math::{Vec3, real};

/// Two balls. Concentric balls have no direction of their own; x stands in.
pub fn balls(a: Vec3, radius_a: f64, b: Vec3, radius_b: f64, margin: f64, out: &mut Manifold) {
    balls_or(Vec3::X, a, radius_a, b, radius_b, margin, out);
}

/// Two balls, with the normal of concentric ones.
pub fn balls_or(concentric: Vec3, a: Vec3, radius_a: f64, b: Vec3, radius_b: f64, margin: f64, out: &mut Manifold) {
    let between = b - a;
    let apart = between.norm();
    let normal = if apart < TINY { concentric } else { between * (1.0 / apart) };
    out.add(a + normal * radius_a, normal, apart - radius_a - radius_b, margin);
}

/// Ball and capsule: the ball against the nearest ball within the capsule.
pub fn capsule(ball: &Placement, radius: f64, at: &Placement, other: f64, half_length: f64, margin: f64, out: &mut Manifold) {
    let along = real::clamp(at.axis().dot(ball.position - at.position), -half_length, half_length);
    balls(ball.position, radius, at.position + at.axis() * along, other, margin, out);
}

/// Ball and cylinder: the nearest of side, cap and rim; from inside, the nearer of side and cap.
pub fn cylinder(ball: &Placement, radius: f64, at: &Placement, other: f64, half_length: f64, margin: f64, out: &mut Manifold) {
    let axis = at.axis();
    let from_center = ball.position - at.position;
    let height = axis.dot(from_center);
    let outward = from_center - axis * height;
    let out_by = outward.norm();
    let cap = if height < 0.0 { -axis } else { axis };
    let over_cap = real::abs(height) - half_length;
    let over_side = out_by - other;
    if over_cap > 0.0 && over_side > 0.0 {
        let rim = at.position + cap * half_length + outward * (other / out_by);
        balls(ball.position, radius, rim, 0.0, margin, out);
    } else if over_cap > over_side {
        out.add(ball.position - cap * radius, -cap, over_cap - radius, margin);
    } else {
        balls(ball.position, radius, at.position + axis * height, other, margin, out);
    }
}

/// Ball and box: the nearest point of the box; from inside, straight out of the nearest face.
pub fn against_box(center: Vec3, radius: f64, at: &Placement, half: Vec3, margin: f64, out: &mut Manifold) {
    let local = at.local(center);
    let nearest = local.max(-half).min(half);
    let between = nearest - local;
    let apart = between.norm();
    if apart > TINY {
        let normal = at.rotation * (between * (1.0 / apart));
        out.add(center + normal * radius, normal, apart - radius, margin);
        return;
    }
    let (axis, sign, depth) = nearest_face(local, half);
    let normal = at.rotation.column(axis) * -sign;
    out.add(center + normal * radius, normal, -depth - radius, margin);
}

/// The face of a box nearest to a point inside it: its axis, its side (±1) and how deep below it the point lies [m].
pub fn nearest_face(local: Vec3, half: Vec3) -> (usize, f64, f64) {
    let mut best = (0, 1.0, f64::INFINITY);
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            let depth = half[axis] - sign * local[axis];
            if depth < best.2 {
                best = (axis, sign, depth);
            }
        }
    }
    best
}

/// Shorter directions than this [m] are rounding and have no meaning.
pub const TINY: f64 = 1e-15;
