//! Box against box: the separating axis of least overlap, then the clipped faces or the crossing edges.
//!
//! The fifteen axes are those of Gottschalk, Lin & Manocha, *OBBTree* (1996). A face gives the corners of the other box's
//! nearest face, clipped to it; an edge pair gives one point.

use super::clip::Polygon;
use super::{Manifold, Placement};
use leitai_math::{Mat3, Vec3, real};

/// Which axis separates the boxes best.
#[derive(Clone, Copy)]
enum Axis {
    /// A face of the first (`false`) or second (`true`) box, across axis `.1`.
    Face(bool, usize),
    /// Edge `.0` of the first box crossed with edge `.1` of the second.
    Edge(usize, usize),
}

/// Contacts of two boxes given by their half sizes.
pub fn boxes(a: &Placement, half_a: Vec3, b: &Placement, half_b: Vec3, margin: f64, out: &mut Manifold) {
    let a_from_b = a.rotation.transpose() * b.rotation;
    let offset = a.local(b.position);
    let size = real::min(half_a.max_component(), half_b.max_component());
    let Some((axis, normal)) = best_axis(&a_from_b, offset, half_a, half_b, size, margin, out.steady) else { return };
    let normal = a.rotation * normal;
    match axis {
        Axis::Face(false, i) => faces(a, half_a, i, normal, b, half_b, 1.0, margin, out),
        Axis::Face(true, i) => faces(b, half_b, i, -normal, a, half_a, -1.0, margin, out),
        Axis::Edge(i, j) => edges(a, half_a, i, b, half_b, j, normal, margin, out),
    }
}

/// The axis with the largest gap and the unit normal along it from the first box to the second, in the first box's frame;
/// nothing if the gap reaches `margin` on some axis.
fn best_axis(
    a_from_b: &Mat3,
    offset: Vec3,
    half_a: Vec3,
    half_b: Vec3,
    size: f64,
    margin: f64,
    steady: bool,
) -> Option<(Axis, Vec3)> {
    let m = &a_from_b.0;
    let mut best = (f64::NEG_INFINITY, Axis::Face(false, 0), Vec3::X);
    for i in 0..3 {
        let reach = real::abs(m[i][0]) * half_b.x + real::abs(m[i][1]) * half_b.y + real::abs(m[i][2]) * half_b.z;
        let gap = real::abs(offset[i]) - half_a[i] - reach;
        if gap > best.0 {
            best = (gap, Axis::Face(false, i), [Vec3::X, Vec3::Y, Vec3::Z][i] * sign(offset[i]));
        }
    }
    // What comes later must be better by more than rounding, or boxes at rest would change their mind from step to step.
    let tie = TIE * size;
    for i in 0..3 {
        let axis = a_from_b.column(i);
        let along = axis.dot(offset);
        let gap = real::abs(along) - half_b[i] - axis.abs().dot(half_a);
        if gap > best.0 + tie {
            best = (gap, Axis::Face(true, i), axis * sign(along));
        }
    }
    if best.0.is_nan() || best.0 >= margin {
        return None;
    }
    let mut edge = (f64::NEG_INFINITY, Axis::Edge(0, 0), Vec3::X);
    for i in 0..3 {
        for j in 0..3 {
            let across = [Vec3::X, Vec3::Y, Vec3::Z][i].cross(a_from_b.column(j));
            let length = across.norm();
            if length < NEARLY_PARALLEL {
                continue;
            }
            let axis = across * (1.0 / length);
            let along = axis.dot(offset);
            let in_b = a_from_b.transpose_mul(axis);
            let gap = real::abs(along) - axis.abs().dot(half_a) - in_b.abs().dot(half_b);
            if gap >= margin {
                return None;
            }
            if gap > edge.0 + tie {
                edge = (gap, Axis::Edge(i, j), axis * sign(along));
            }
        }
    }
    // An edge axis near a face's is that face's, blurred by the tilt: it must be better by a good part, or boxes lying flat
    // would lose three of their four corners. MuJoCo 4.0.0 switches at the same place (found by trial: 0.99 and 5 %).
    let blurred = real::abs(edge.2.dot(best.2)) > SAME_AXIS;
    let needed = if blurred { best.0 + EDGE_HANDICAP * real::abs(best.0) } else { best.0 };
    if edge.0 > needed + tie && !(blurred && steady) {
        best = edge;
    }
    Some((best.1, best.2))
}

/// Clips the face of `other` that looks most against `outward` to the face of `own` across axis `i`.
///
/// `outward` is the face's normal away from `own`; `direction` is 1 if `own` is the first box, −1 if it is the second.
fn faces(
    own: &Placement,
    half: Vec3,
    i: usize,
    outward: Vec3,
    other: &Placement,
    half_other: Vec3,
    direction: f64,
    margin: f64,
    out: &mut Manifold,
) {
    let against = other.rotation.transpose_mul(outward);
    let mut k = 0;
    for axis in 1..3 {
        // The same slack as between axes: of two equally inclined faces, the earlier one.
        if real::abs(against[axis]) > real::abs(against[k]) + TIE {
            k = axis;
        }
    }
    let side = if against[k] > 0.0 { -1.0 } else { 1.0 };
    let (p, q) = ((k + 1) % 3, (k + 2) % 3);
    let center = other.position + other.rotation.column(k) * (side * half_other[k]) - own.position;
    let (u, v) = (other.rotation.column(p) * half_other[p], other.rotation.column(q) * half_other[q]);
    // Four corners, and each of four cuts adds at most one.
    let mut polygon = Polygon::<8>::new();
    for corner in [center + u + v, center - u + v, center - u - v, center + u - v] {
        polygon.push(corner);
    }
    for j in [(i + 1) % 3, (i + 2) % 3] {
        let across = own.rotation.column(j);
        polygon = polygon.cut(across, half[j], SLACK * half[j]);
        polygon = polygon.cut(-across, half[j], SLACK * half[j]);
    }
    for &corner in polygon.corners() {
        let gap = outward.dot(corner) - half[i];
        if gap < margin {
            out.push(super::ContactPoint {
                position: own.position + corner - outward * (0.5 * gap),
                normal: outward * direction,
                distance: gap,
            });
        }
    }
}

/// The nearest points of the two crossing edges.
fn edges(
    a: &Placement,
    half_a: Vec3,
    i: usize,
    b: &Placement,
    half_b: Vec3,
    j: usize,
    normal: Vec3,
    margin: f64,
    out: &mut Manifold,
) {
    let middle = |at: &Placement, half: Vec3, along: usize, toward: Vec3| {
        let mut point = at.position;
        for k in 0..3 {
            if k != along {
                let axis = at.rotation.column(k);
                point += axis * (half[k] * sign(axis.dot(toward)));
            }
        }
        point
    };
    let (on_a, on_b) = (middle(a, half_a, i, normal), middle(b, half_b, j, -normal));
    let (u, v) = (a.rotation.column(i), b.rotation.column(j));
    let between = on_b - on_a;
    let cos = u.dot(v);
    let s = (u.dot(between) - cos * v.dot(between)) / (1.0 - cos * cos);
    out.add(on_a + u * s, normal, between.dot(normal), margin);
}

fn sign(x: f64) -> f64 {
    if x < 0.0 { -1.0 } else { 1.0 }
}

/// Part of the smaller box's size within which two overlaps count as equal.
const TIE: f64 = 1e-9;
/// Cosine above which an edge axis counts as a face's axis blurred by a tilt.
const SAME_AXIS: f64 = 0.99;
/// Part of the face's gap by which such an edge axis must be better.
const EDGE_HANDICAP: f64 = 0.05;
/// Edges with a smaller sine between them make no axis of their own: the faces cover it.
const NEARLY_PARALLEL: f64 = 1e-6;
/// Part of a face's half size by which a corner may stand beyond its rim and still be kept as it is.
const SLACK: f64 = 1e-7;
