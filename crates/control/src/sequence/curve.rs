//! The shapes that a tool's path is made of: lines, arcs, splines, and the quintics that replace corners.
//!
//! A pose along a path is a point of seven numbers, position and quaternion. Every shape gives it with its first and second derivative
//! by the parameter, so a corner is cut out and filled by the one quintic that meets both sides in value, slope and bend, for position
//! and rotation alike; the quaternion is brought back to unit length afterwards, which changes none of the three at the ends.

use crate::ik::pose_error;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3, real};

/// Position [m], then quaternion (w, x, y, z).
pub(super) type Seven = [f64; 7];

/// A point of a shape with its derivatives by the parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub at: Seven,
    pub slope: Seven,
    pub bend: Seven,
}

fn seven(p: Vec3, q: Quat) -> Seven {
    [p.x, p.y, p.z, q.w, q.x, q.y, q.z]
}

fn position(x: &Seven) -> Vec3 {
    Vec3::new(x[0], x[1], x[2])
}

fn rotation(x: &Seven) -> Quat {
    Quat::new(x[3], x[4], x[5], x[6])
}

impl Spot {
    pub fn pose(&self) -> Pose {
        Pose::new(position(&self.at), rotation(&self.at).normalized())
    }
    /// Velocity of the tool's point and its angular velocity, both in the world, by the parameter.
    pub fn twist(&self) -> (Vec3, Vec3) {
        let (q, slope) = (rotation(&self.at), rotation(&self.slope));
        let square = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
        let turn = slope * q.conjugate();
        (position(&self.slope), Vec3::new(turn.x, turn.y, turn.z) * (2.0 / square))
    }
    /// How fast the tool goes by the parameter: its point, or its rotation where that is more, a radian counting as `turn_length_m`.
    pub fn rate(&self, turn_length_m: f64) -> f64 {
        let (linear, angular) = self.twist();
        real::max(linear.norm(), turn_length_m * angular.norm())
    }
}

/// A rotation at constant rate: the quaternion and its derivatives.
fn turned(from: Quat, turn: Vec3, s: f64) -> [Quat; 3] {
    let q = Quat::from_rotation_vector(turn * s) * from;
    let half = Quat::new(0.0, 0.5 * turn.x, 0.5 * turn.y, 0.5 * turn.z);
    let first = half * q;
    [q, first, half * first]
}

/// One shape, its parameter in meters of the tool's way.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Line {
        from: Vec3,
        /// Way and turn for each meter.
        way: Vec3,
        rotation: Quat,
        turn: Vec3,
    },
    Arc {
        center: Vec3,
        /// From the center to the start, and square to it: both as long as the radius.
        x: Vec3,
        y: Vec3,
        /// Angle for each meter.
        angle: f64,
        rotation: Quat,
        turn: Vec3,
    },
    Spline {
        knots: Vec<f64>,
        points: Vec<Seven>,
        bends: Vec<Seven>,
    },
    /// Coefficients from the constant one up.
    Quintic([Seven; 6]),
}

/// Sine of the angle between via and end below which three points make no circle.
const STRAIGHT: f64 = 1e-6;

impl Shape {
    /// From `from` (a quaternion whose sign is kept) straight to `to`, and its length; nothing if that is no way at all.
    pub fn line(from: &Pose, to: &Pose, turn_length_m: f64) -> Option<(Self, f64)> {
        let (shift, turn) = pose_error(to, from);
        let length = real::max(shift.norm(), turn.norm() * turn_length_m);
        let per = 1.0 / length;
        let line = Self::Line { from: from.position, way: shift * per, rotation: from.rotation, turn: turn * per };
        (length > NOTHING).then_some((line, length))
    }

    /// The arc from `from` over `via` to `to`, the rotation changing evenly, and its length; nothing if the three points make no circle.
    pub fn arc(from: &Pose, via: Vec3, to: &Pose, turn_length_m: f64) -> Option<(Self, f64)> {
        let (a, b) = (via - from.position, to.position - from.position);
        let normal = a.cross(b);
        if normal.norm() <= STRAIGHT * a.norm() * b.norm()
            || a.norm() <= NOTHING
            || b.norm() <= NOTHING
            || (a - b).norm() <= NOTHING
        {
            return None;
        }
        // The circle's center: equally far from all three.
        let to_center = (normal.cross(a) * b.norm_squared() + b.cross(normal) * a.norm_squared()) * (0.5 / normal.norm_squared());
        let center = from.position + to_center;
        let x = -to_center;
        let y = normal.normalized_or(Vec3::Z).cross(x);
        let end = to.position - center;
        let mut sweep = real::atan2(end.dot(y), end.dot(x));
        if sweep <= 0.0 {
            sweep += real::TAU;
        }
        let (_, turn) = pose_error(to, from);
        let length = real::max(sweep * x.norm(), turn.norm() * turn_length_m);
        let arc = Self::Arc { center, x, y, angle: sweep / length, rotation: from.rotation, turn: turn / length };
        (length.is_finite()).then_some((arc, length))
    }

    /// The cubic spline from `from` through `points`, unbent at its ends, and its length by chords; nothing if two neighbors coincide.
    pub fn spline(from: &Pose, points: &[Pose], turn_length_m: f64) -> Option<(Self, f64)> {
        let mut knots = vec![0.0];
        let mut values = vec![seven(from.position, from.rotation)];
        let mut before = *from;
        for point in points {
            let (shift, turn) = pose_error(point, &before);
            let chord = real::max(shift.norm(), turn.norm() * turn_length_m);
            if chord.is_nan() || chord <= NOTHING {
                return None;
            }
            // Of the two quaternions of a rotation, the one on the side of the last.
            let (q, p) = (point.rotation, before.rotation);
            let same = q.w * p.w + q.x * p.x + q.y * p.y + q.z * p.z >= 0.0;
            let q = if same { q } else { Quat::new(-q.w, -q.x, -q.y, -q.z) };
            before = Pose::new(point.position, q);
            knots.push(knots[knots.len() - 1] + chord);
            values.push(seven(point.position, q));
        }
        let length = knots[knots.len() - 1];
        let bends = natural(&knots, &values);
        Some((Self::Spline { knots, points: values, bends }, length))
    }

    /// The quintic of parameter length `length` from one spot to the other.
    pub fn quintic(from: &Spot, to: &Spot, length: f64) -> Self {
        let t = length;
        let (t2, t3) = (t * t, t * t * t);
        let mut c = [[0.0; 7]; 6];
        for i in 0..7 {
            let (p, v, a) = (from.at[i], from.slope[i], from.bend[i]);
            let (w, b) = (to.slope[i], to.bend[i]);
            let way = to.at[i] - p;
            c[0][i] = p;
            c[1][i] = v;
            c[2][i] = 0.5 * a;
            c[3][i] = (20.0 * way - (8.0 * w + 12.0 * v) * t - (3.0 * a - b) * t2) / (2.0 * t3);
            c[4][i] = (-30.0 * way + (14.0 * w + 16.0 * v) * t + (3.0 * a - 2.0 * b) * t2) / (2.0 * t3 * t);
            c[5][i] = (12.0 * way - 6.0 * (w + v) * t - (a - b) * t2) / (2.0 * t3 * t2);
        }
        Self::Quintic(c)
    }

    pub fn at(&self, s: f64) -> Spot {
        match self {
            Self::Line { from, way, rotation, turn } => {
                let [q, q1, q2] = turned(*rotation, *turn, s);
                Spot { at: seven(*from + *way * s, q), slope: seven(*way, q1), bend: seven(Vec3::ZERO, q2) }
            }
            Self::Arc { center, x, y, angle, rotation, turn } => {
                let [q, q1, q2] = turned(*rotation, *turn, s);
                let (sin, cos) = real::sin_cos(angle * s);
                let out = *x * cos + *y * sin;
                let along = (*y * cos - *x * sin) * *angle;
                let inward = out * (-angle * angle);
                Spot { at: seven(*center + out, q), slope: seven(along, q1), bend: seven(inward, q2) }
            }
            Self::Spline { knots, points, bends } => {
                let last = knots.len() - 1;
                let k = knots[1..last].partition_point(|&knot| knot <= s);
                let h = knots[k + 1] - knots[k];
                let (a, b) = ((knots[k + 1] - s) / h, (s - knots[k]) / h);
                let mut spot = Spot { at: [0.0; 7], slope: [0.0; 7], bend: [0.0; 7] };
                for i in 0..7 {
                    let (q0, q1, m0, m1) = (points[k][i], points[k + 1][i], bends[k][i], bends[k + 1][i]);
                    spot.at[i] = a * q0 + b * q1 + h * h / 6.0 * ((a * a * a - a) * m0 + (b * b * b - b) * m1);
                    spot.slope[i] = (q1 - q0) / h + h / 6.0 * ((3.0 * b * b - 1.0) * m1 - (3.0 * a * a - 1.0) * m0);
                    spot.bend[i] = a * m0 + b * m1;
                }
                spot
            }
            Self::Quintic(c) => {
                let mut spot = Spot { at: [0.0; 7], slope: [0.0; 7], bend: [0.0; 7] };
                for i in 0..7 {
                    let c = |k: usize| c[k][i];
                    spot.at[i] = c(0) + s * (c(1) + s * (c(2) + s * (c(3) + s * (c(4) + s * c(5)))));
                    spot.slope[i] = c(1) + s * (2.0 * c(2) + s * (3.0 * c(3) + s * (4.0 * c(4) + s * 5.0 * c(5))));
                    spot.bend[i] = 2.0 * c(2) + s * (6.0 * c(3) + s * (12.0 * c(4) + s * 20.0 * c(5)));
                }
                spot
            }
        }
    }
}

/// Ways shorter than this [m] are none.
pub(super) const NOTHING: f64 = 1e-9;

/// Second derivatives of the cubic spline that is unbent at its ends.
fn natural(knots: &[f64], points: &[Seven]) -> Vec<Seven> {
    let last = knots.len() - 1;
    let h = |k: usize| knots[k + 1] - knots[k];
    let mut bends = vec![[0.0; 7]; last + 1];
    let mut above = vec![0.0; last + 1];
    for k in 1..last {
        let pivot = 2.0 * (h(k - 1) + h(k)) - h(k - 1) * above[k - 1];
        above[k] = h(k) / pivot;
        for i in 0..7 {
            let rise = |k: usize| (points[k + 1][i] - points[k][i]) / h(k);
            bends[k][i] = (6.0 * (rise(k) - rise(k - 1)) - h(k - 1) * bends[k - 1][i]) / pivot;
        }
    }
    for k in (1..last).rev() {
        for i in 0..7 {
            bends[k][i] -= above[k] * bends[k + 1][i];
        }
    }
    bends
}
