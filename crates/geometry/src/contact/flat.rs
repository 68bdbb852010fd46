//! Flat parts of shapes facing each other: several points instead of one, so that things rest without rocking.
//!
//! Along the contact normal, the supporting polygons (or edges) of both shapes are projected onto each other and cut; the
//! corners of what they share, with the gap between the two planes there, are the points.

use super::clip::Polygon;
use super::{ContactPoint, Manifold};
use crate::gjk::Nearest;
use crate::shape::Shape;
use crate::support::{Convex, Solid};
use leitai_math::{Vec3, real};

/// Cosine of the angle (about 6°) up to which a face counts as facing the contact normal.
pub const FACING: f64 = 0.995;
/// Its sine: a cylinder's or capsule's side lies along the contact plane up to this slope.
const ALONG: f64 = 0.1;
/// Corners of the polygon that stands for a cylinder's cap.
const CAP: usize = 16;
/// Part of an edge's length within which corners are kept beyond it.
const SLACK: f64 = 1e-7;
/// Part of the size within which two points are one.
const SAME: f64 = 1e-6;
/// The most corners of a side or of what two sides share.
const CORNERS: usize = 64;
/// The most points one flat contact gives, as in MuJoCo.
const MOST: usize = 4;

/// The part of a shape that faces a direction.
struct Side {
    /// Corners, counter-clockwise about `normal`; two for an edge.
    corners: Polygon<CORNERS>,
    /// The plane's unit normal, near the direction asked for.
    normal: Vec3,
}

/// Writes the shared corners of the two supporting sides into `out`, at least two, in the frame of the query moved by
/// `origin`; leaves `out` empty if the shapes do not lie flat on each other there.
pub fn points(first: &Convex, second: &Convex, near: &Nearest, origin: Vec3, margin: f64, out: &mut Manifold) {
    let n = near.normal;
    let (Some(p), Some(q)) = (side(first, n), side(second, -n)) else { return };
    let same = SAME * real::min(first.bounding_radius(), second.bounding_radius());
    let mut shared = Shared { normal: n, origin, margin, same, points: [ContactPoint::default(); CORNERS], len: 0 };
    match (p.corners.corners(), q.corners.corners()) {
        (&[a, b], &[c, d]) => shared.edges([a, b], [c, d]),
        (p_corners, [_, _, _, ..]) if p_corners.len() == 2 => {
            for &x in cut(p.corners, &q, n).corners() {
                let gap = -(x - q.corners.corners()[0]).dot(q.normal) / n.dot(q.normal);
                shared.push(x + n * (0.5 * gap), gap);
            }
        }
        (p_corners, _) => {
            for &x in cut(q.corners, &p, n).corners() {
                let gap = (x - p_corners[0]).dot(p.normal) / n.dot(p.normal);
                shared.push(x - n * (0.5 * gap), gap);
            }
        }
    }
    if shared.len < 2 {
        return;
    }
    let size = shared.size();
    shared.write(out);
    // The points stand for a whole rim or side, and the deepest part of it may lie between them.
    let deepest = out.points().iter().fold(f64::INFINITY, |d, p| real::min(d, p.distance));
    if near.gap < deepest - 1e-6 * size {
        out.add(origin + near.on_first, n, near.gap, margin);
    }
}

/// The part of `polygon` over `base`, seen along `direction`.
fn cut(polygon: Polygon<CORNERS>, base: &Side, direction: Vec3) -> Polygon<CORNERS> {
    let corners = base.corners.corners();
    // The base runs counter-clockwise about its own normal, which may look against `direction`.
    let about = if base.normal.dot(direction) < 0.0 { -direction } else { direction };
    let mut left = polygon;
    for (i, &from) in corners.iter().enumerate() {
        let edge = corners[(i + 1) % corners.len()] - from;
        let length = edge.norm();
        if length > 0.0 {
            let outward = edge.cross(about) * (1.0 / length);
            left = left.cut(outward, outward.dot(from), SLACK * length);
        }
    }
    left
}

/// The face or edge of a shape that faces `direction` (unit, in the query's frame).
fn side(of: &Convex, direction: Vec3) -> Option<Side> {
    let mut corners = Polygon::new();
    let local = of.at.rotation.transpose_mul(direction);
    let Solid::Shape(shape) = of.solid else { return None };
    match shape {
        Shape::Plane { .. } | Shape::HeightField(_) | Shape::Sphere { .. } | Shape::Ellipsoid { .. } => None,
        Shape::Capsule { radius, half_length } => edge_along(of, direction, local.z, *half_length, *radius),
        Shape::Cylinder { radius, half_length } => {
            if real::abs(local.z) < FACING {
                return edge_along(of, direction, local.z, *half_length, *radius);
            }
            let up = if local.z < 0.0 { -1.0 } else { 1.0 };
            for k in 0..CAP {
                let (sin, cos) = real::sin_cos(up * k as f64 * (real::TAU / CAP as f64));
                corners.push(of.at.apply(Vec3::new(radius * cos, radius * sin, up * half_length)));
            }
            Some(Side { corners, normal: of.at.axis() * up })
        }
        Shape::Box { half } | Shape::Bore { half, .. } => {
            let Some(k) = (0..3).find(|&k| real::abs(local[k]) > FACING) else {
                let along = (0..3).find(|&k| real::abs(local[k]) < ALONG)?;
                let mut end = of.at.rotation.transpose_mul(of.support(direction) - of.at.position);
                let near = of.at.apply(end);
                end[along] = -end[along];
                return Some(edge(near, of.at.apply(end), direction));
            };
            let up = if local[k] < 0.0 { -1.0 } else { 1.0 };
            let (i, j) = ((k + 1) % 3, (k + 2) % 3);
            for (x, y) in [(1.0, 1.0), (-up, up), (-1.0, -1.0), (up, -up)] {
                let mut corner = Vec3::ZERO;
                (corner[i], corner[j], corner[k]) = (x * half[i], y * half[j], up * half[k]);
                corners.push(of.at.apply(corner));
            }
            Some(Side { corners, normal: of.at.rotation.column(k) * up })
        }
        Shape::Mesh(mesh) => {
            let hull = mesh.hull();
            let lowest = hull.farthest(local);
            let face = hull.face_at(lowest, local);
            if hull.normal(face).dot(local) < FACING {
                // No face, but perhaps an edge: the flattest one at the farthest corner.
                let near = hull.corners[lowest];
                let mut flattest = (ALONG, None);
                for &i in hull.neighbors(lowest) {
                    let along = hull.corners[i as usize] - near;
                    let slope = -along.dot(local) / along.norm();
                    if slope < flattest.0 {
                        flattest = (slope, Some(hull.corners[i as usize]));
                    }
                }
                return flattest.1.map(|far| edge(of.at.apply(near), of.at.apply(far), direction));
            }
            let rim = hull.rim(face);
            // A rim too long for the buffer is thinned; what it leaves out is a chord's sagitta.
            let step = rim.len().div_ceil(CORNERS / 2);
            for &i in rim.iter().step_by(step) {
                corners.push(of.at.apply(hull.corners[i as usize]));
            }
            Some(Side { corners, normal: of.at.rotation * hull.normal(face) })
        }
    }
}

/// The line of a capsule's or cylinder's side that faces `direction`, if it lies across it.
fn edge_along(of: &Convex, direction: Vec3, slope: f64, half_length: f64, radius: f64) -> Option<Side> {
    if real::abs(slope) > ALONG {
        return None;
    }
    let axis = of.at.axis();
    let outward = (direction - axis * slope).normalized_or(direction);
    let middle = of.at.position + outward * radius;
    let mut corners = Polygon::new();
    corners.push(middle - axis * half_length);
    corners.push(middle + axis * half_length);
    Some(Side { corners, normal: outward })
}

/// The edge between two corners as a side; its plane holds the edge and looks along `direction` as far as it can.
fn edge(from: Vec3, to: Vec3, direction: Vec3) -> Side {
    let along = (to - from).normalized_or(Vec3::X);
    let mut corners = Polygon::new();
    corners.push(from);
    corners.push(to);
    Side { corners, normal: (direction - along * along.dot(direction)).normalized_or(direction) }
}

struct Shared {
    normal: Vec3,
    origin: Vec3,
    margin: f64,
    /// Points nearer to each other than this are one [m].
    same: f64,
    points: [ContactPoint; CORNERS],
    len: usize,
}

impl Shared {
    /// Adds a point unless its gap is too wide or it is there already (an edge cut by a polygon comes back twice).
    fn push(&mut self, position: Vec3, gap: f64) {
        let position = self.origin + position;
        let again = |p: &ContactPoint| (p.position - position).norm() < self.same;
        if gap < self.margin && self.len < self.points.len() && !self.points[..self.len].iter().any(again) {
            self.points[self.len] = ContactPoint { position, normal: self.normal, distance: gap };
            self.len += 1;
        }
    }

    /// Two edges that run along each other: both ends of what they share.
    fn edges(&mut self, [a, b]: [Vec3; 2], [c, d]: [Vec3; 2]) {
        let length = (b - a).norm();
        let along = (b - a) * (1.0 / length);
        let other = (d - c).normalized_or(Vec3::X);
        if along.cross(other).norm() > ALONG {
            return;
        }
        let (from, to) = (along.dot(c - a), along.dot(d - a));
        let (low, high) = (real::max(0.0, real::min(from, to)), real::min(length, real::max(from, to)));
        if high - low < SLACK * length {
            return;
        }
        for s in [low, high] {
            let on_first = a + along * s;
            let on_second = c + (d - c) * ((s - from) / (to - from));
            let gap = (on_second - on_first).dot(self.normal);
            self.push((on_first + on_second) * 0.5, gap);
        }
    }

    fn size(&self) -> f64 {
        let first = self.points[0].position;
        self.points[..self.len].iter().fold(0.0, |s, p| real::max(s, (p.position - first).norm()))
    }

    /// All points if they are few; otherwise four that span the same ground, chosen by place and not by depth, so that the
    /// choice does not jump while a thing rests.
    fn write(&self, out: &mut Manifold) {
        let points = &self.points[..self.len];
        if points.len() <= MOST {
            points.iter().for_each(|&p| out.push(p));
        } else {
            spread(points, self.normal).into_iter().for_each(|i| out.push(points[i]));
        }
    }
}

/// Four of many points in a plane: the first, the one farthest from it, and the farthest to either side of their line.
pub fn spread(points: &[ContactPoint], normal: Vec3) -> [usize; 4] {
    let most = |value: &dyn Fn(Vec3) -> f64| {
        let mut best = (0, f64::NEG_INFINITY);
        for (i, p) in points.iter().enumerate() {
            let v = value(p.position);
            // Equal up to rounding: the earlier one stays.
            if v > best.1 + 1e-9 * real::abs(best.1) || best.1 == f64::NEG_INFINITY {
                best = (i, v);
            }
        }
        best.0
    };
    let a = points[0].position;
    let second = most(&|p| (p - a).norm_squared());
    let across = normal.cross(points[second].position - a);
    [0, most(&|p| across.dot(p - a)), second, most(&|p| -across.dot(p - a))]
}
