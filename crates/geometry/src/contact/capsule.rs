//! Capsule against capsule and box: one point, or two where the capsule lies along the other.

use super::sphere::{self, TINY};
use super::{Manifold, Placement, capsule_box};
use leitai_math::{Vec3, real};

/// Two capsules, each given by [radius, half length].
pub fn capsules(a: &Placement, [ra, ha]: [f64; 2], b: &Placement, [rb, hb]: [f64; 2], margin: f64, out: &mut Manifold) {
    let (u, v) = (a.axis(), b.axis());
    // Where the axes cross, they part along what is square to both.
    let across = u.cross(v).normalized_or(Vec3::X);
    let between = a.position - b.position;
    let cos = u.dot(v);
    let (along_u, along_v) = (u.dot(between), v.dot(between));
    let sin_squared = 1.0 - cos * cos;
    if sin_squared > PARALLEL {
        // Unconstrained nearest points of the two lines, then each clamped in turn (Ericson, Real-Time Collision
        // Detection, 2005, §5.1.9).
        let s = real::clamp((cos * along_v - along_u) / sin_squared, -ha, ha);
        let t = along_v + cos * s;
        let clamped = real::clamp(t, -hb, hb);
        let s = if t == clamped { s } else { real::clamp(cos * clamped - along_u, -ha, ha) };
        sphere::balls_or(across, a.position + u * s, ra, b.position + v * clamped, rb, margin, out);
        return;
    }
    // Nearly parallel: both ends of the stretch they share, each met by the nearest point of the other axis.
    let sign = if cos < 0.0 { -1.0 } else { 1.0 };
    let center = -along_u;
    let low = real::max(-ha, center - hb);
    let high = real::min(ha, center + hb);
    if low >= high {
        let s = real::clamp(center, -ha, ha);
        let t = real::clamp(along_v + cos * s, -hb, hb);
        let s = real::clamp(cos * t - along_u, -ha, ha);
        sphere::balls_or(across, a.position + u * s, ra, b.position + v * t, rb, margin, out);
        return;
    }
    for (end, own) in [(low, -ha), (high, ha)] {
        if end == own {
            let t = real::clamp(along_v + cos * end, -hb, hb);
            sphere::balls_or(across, a.position + u * end, ra, b.position + v * t, rb, margin, out);
        } else {
            let t = if (end == low) == (sign > 0.0) { -hb } else { hb };
            let s = real::clamp(cos * t - along_u, -ha, ha);
            sphere::balls_or(across, a.position + u * s, ra, b.position + v * t, rb, margin, out);
        }
    }
}

/// Squared sine below which two capsules count as parallel.
const PARALLEL: f64 = 1e-9;

/// Capsule and box: the deepest point, and the far end of the stretch of the capsule that faces the same part of the box. Unless
/// the manifold is steady, MuJoCo's points: the same two where the axis stays outside of the box but for some far ends.
pub fn against_box(a: &Placement, radius: f64, half_length: f64, b: &Placement, half: Vec3, margin: f64, out: &mut Manifold) {
    // Everything in the box's frame.
    let segment = Segment { center: b.local(a.position), axis: b.rotation.transpose_mul(a.axis()), half_length };
    let nearest = segment.nearest_to_box(half);
    let point = segment.at(nearest);
    let on_box = point.max(-half).min(half);
    let apart = (on_box - point).norm();
    if apart - radius >= margin {
        return;
    }
    if !out.steady {
        capsule_box::points(segment.center, segment.axis, half_length, radius, b, &half, margin, out);
        return;
    }
    if apart <= TINY {
        inside_box(&segment, radius, b, half, margin, out);
        return;
    }
    sphere::against_box(b.apply(point), radius, b, half, margin, out);
    // The face over which the nearest point lies bounds the stretch; beside an edge along the capsule, only its ends do.
    let (_, face) = deepest_axis(point, half);
    let (mut low, mut high) = (-half_length, half_length);
    for i in (0..3).filter(|&i| i != face) {
        (low, high) = segment.clip(i, half[i], low, high);
    }
    if low > high {
        (low, high) = (-half_length, half_length);
        for i in (0..3).filter(|&i| real::abs(point[i]) <= half[i]) {
            (low, high) = segment.clip(i, half[i], low, high);
        }
        if low > high {
            return;
        }
    }
    let far = if high - nearest > nearest - low { high } else { low };
    if real::abs(far - nearest) > SAME_POINT * (half_length + radius) {
        sphere::against_box(b.apply(segment.at(far)), radius, b, half, margin, out);
    }
}

/// The capsule's axis enters the box: out along the direction of least overlap.
fn inside_box(segment: &Segment, radius: f64, b: &Placement, half: Vec3, margin: f64, out: &mut Manifold) {
    // Candidates: the box's faces, and the edges crossed with the axis.
    let mut depth = f64::INFINITY;
    let mut normal = Vec3::X;
    let mut face = None;
    for i in 0..3 {
        let reach = half_extent(segment, i);
        let sign = if segment.center[i] < 0.0 { -1.0 } else { 1.0 };
        let overlap = half[i] + reach - sign * segment.center[i];
        if overlap < depth {
            (depth, face) = (overlap, Some(i));
            normal = unit(i) * sign;
        }
    }
    for i in 0..3 {
        let Some(direction) = crossed(segment.axis, unit(i)) else { continue };
        let sign = if direction.dot(segment.center) < 0.0 { -1.0 } else { 1.0 };
        let overlap = direction.abs().dot(half) - sign * direction.dot(segment.center);
        // A face gives two points and holds still; an edge must be clearly better.
        if overlap < depth * 0.999 - 1e-9 {
            (depth, face, normal) = (overlap, None, direction * sign);
        }
    }
    let outward = b.rotation * normal;
    let mut add = |s: f64, depth: f64| {
        let on_capsule = b.apply(segment.at(s)) - outward * radius;
        out.add(on_capsule, -outward, -depth - radius, margin);
    };
    let Some(face) = face else {
        // The axis and a box edge cross: the point of the axis nearest to that edge.
        let edge_axis = (0..3).find(|&i| real::abs(normal[i]) < 1e-12).unwrap_or(0);
        let corner = Vec3::new(side(normal.x, half.x), side(normal.y, half.y), side(normal.z, half.z));
        let e = unit(edge_axis);
        let away = segment.axis - e * segment.axis.dot(e);
        let to = corner - segment.center;
        let s = (to - e * to.dot(e)).dot(away) / away.norm_squared();
        add(real::clamp(s, -segment.half_length, segment.half_length), depth);
        return;
    };
    let sign = normal[face];
    let (mut low, mut high) = (-segment.half_length, segment.half_length);
    for i in 0..3 {
        if i != face {
            (low, high) = segment.clip(i, half[i], low, high);
        }
    }
    // Deepest end first; both ends of the stretch over the face if they are distinct.
    let depth_at = |s: f64| half[face] - sign * segment.at(s)[face];
    let (deep, other) = if depth_at(low) >= depth_at(high) { (low, high) } else { (high, low) };
    add(deep, depth_at(deep));
    if high - low > SAME_POINT * segment.half_length {
        add(other, depth_at(other));
    }
}

/// Two points of one contact nearer than this part of the size are one.
const SAME_POINT: f64 = 1e-6;

struct Segment {
    center: Vec3,
    axis: Vec3,
    half_length: f64,
}

impl Segment {
    fn at(&self, s: f64) -> Vec3 {
        self.center + self.axis * s
    }

    /// Narrows [`low`, `high`] to where the segment's coordinate `i` stays within ±`half`.
    fn clip(&self, i: usize, half: f64, low: f64, high: f64) -> (f64, f64) {
        let (c, a) = (self.center[i], self.axis[i]);
        if real::abs(a) < 1e-12 {
            return if real::abs(c) <= half * (1.0 + 1e-9) { (low, high) } else { (high, low) };
        }
        let (x, y) = ((-half - c) / a, (half - c) / a);
        (real::max(low, real::min(x, y)), real::min(high, real::max(x, y)))
    }

    /// Where on the segment the squared distance to the box is least. That distance is convex and quadratic between the
    /// places where the segment crosses a face's plane, so its slope, continuous and rising, has its zero in one stretch.
    fn nearest_to_box(&self, half: Vec3) -> f64 {
        let slope = |s: f64| {
            let p = self.at(s);
            (p - p.max(-half).min(half)).dot(self.axis)
        };
        let (mut low, mut high) = (-self.half_length, self.half_length);
        let (mut slope_low, mut slope_high) = (slope(low), slope(high));
        if slope_low >= 0.0 && slope_high > 0.0 {
            // Rising all along, or flat at first: the flat stretch is handled below.
            if slope_low > 0.0 {
                return low;
            }
        }
        if slope_high < 0.0 {
            return high;
        }
        for i in 0..3 {
            for face in [-half[i], half[i]] {
                if real::abs(self.axis[i]) < 1e-12 {
                    continue;
                }
                let s = (face - self.center[i]) / self.axis[i];
                if s > low && s < high {
                    let here = slope(s);
                    if here < 0.0 {
                        (low, slope_low) = (s, here);
                    } else if here > 0.0 {
                        (high, slope_high) = (s, here);
                    } else if slope_low < 0.0 {
                        // On the flat stretch: its lower end lies between here and `low`.
                        (high, slope_high) = (s, here);
                    }
                }
            }
        }
        // The slope is linear on what remains.
        if slope_high - slope_low > 1e-300 { low - slope_low * (high - low) / (slope_high - slope_low) } else { low }
    }
}

/// Coordinate along which `point` lies farthest outside the box (least inside), with that overshoot [m].
fn deepest_axis(point: Vec3, half: Vec3) -> (f64, usize) {
    let mut best = (f64::NEG_INFINITY, 0);
    for i in 0..3 {
        let over = real::abs(point[i]) - half[i];
        if over > best.0 {
            best = (over, i);
        }
    }
    best
}

/// Half the size of the segment along axis `i`.
fn half_extent(segment: &Segment, i: usize) -> f64 {
    real::abs(segment.axis[i]) * segment.half_length
}

fn unit(i: usize) -> Vec3 {
    [Vec3::X, Vec3::Y, Vec3::Z][i]
}

fn side(normal: f64, half: f64) -> f64 {
    if normal < 0.0 { -half } else { half }
}

/// Unit vector across both, unless they are nearly parallel.
fn crossed(a: Vec3, b: Vec3) -> Option<Vec3> {
    let c = a.cross(b);
    let n = c.norm();
    (n > 1e-6).then(|| c * (1.0 / n))
}
