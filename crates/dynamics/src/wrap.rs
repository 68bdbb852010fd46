//! How a string goes around a ball or a can, or through it.
//!
//! The way is found in a plane: for a ball the one through both ends and its center, for a cylinder the one across its axis
//! (along the axis the string then climbs evenly). There it runs straight to where it touches the circle, along the circle, and
//! straight on. Which way around the circle it goes is an angle swept as seen from the center, from end to end: the smaller
//! one, or with a side site the one that a detour over that site sweeps, which can exceed half a turn.

use leitai_geometry::Placement;
use leitai_math::{Vec3, real};

/// Where a string touches an obstacle, in the world, and how long it is between these points [m].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrap {
    /// First and last point on the obstacle.
    pub points: [Vec3; 2],
    /// Length along the surface.
    pub length: f64,
}

/// A round obstacle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Round {
    /// A ball of this radius [m].
    Sphere(f64),
    /// A cylinder without end, along z, of this radius [m].
    Cylinder(f64),
}

/// Smallest length that has a direction.
const LEAST: f64 = 1e-15;

type Point = [f64; 2];

/// The way of a string between two `ends` around `round`, which stands at `at`; none if the straight way is free. A `side`
/// outside tells on which side to pass, one inside that the string runs through the obstacle and only touches it.
#[must_use]
pub fn wrap(ends: [Vec3; 2], round: Round, at: &Placement, side: Option<Vec3>) -> Option<Wrap> {
    let (Round::Sphere(radius) | Round::Cylinder(radius)) = round;
    let local = |p: Vec3| at.rotation.transpose_mul(p - at.position);
    let p = ends.map(local);
    if radius < LEAST || p.iter().any(|p| p.norm() < LEAST) {
        return None;
    }
    let axes = match round {
        Round::Sphere(_) => plane(p),
        Round::Cylinder(_) => [Vec3::X, Vec3::Y],
    };
    let flat = |v: Vec3| [v.dot(axes[0]), v.dot(axes[1])];
    let d = p.map(flat);
    let (points, length) = match side.map(local) {
        Some(side) if side.norm() < radius => through(d, radius)?,
        side => around(d, side.map(flat), radius)?,
    };
    let [mut first, mut last] = points.map(|p| axes[0] * p[0] + axes[1] * p[1]);
    let mut whole = length;
    if matches!(round, Round::Cylinder(_)) {
        let [before, after] = [0, 1].map(|i| distance(d[i], points[i]));
        let climb = (p[1].z - p[0].z) / (before + length + after);
        first.z = p[0].z + climb * before;
        last.z = p[0].z + climb * (before + length);
        whole = real::sqrt(length * length + (last.z - first.z) * (last.z - first.z));
    }
    Some(Wrap { points: [first, last].map(|p| at.position + at.rotation * p), length: whole })
}

/// Axes of a plane through both points and the origin; the first points to the first.
fn plane(p: [Vec3; 2]) -> [Vec3; 2] {
    let first = p[0].normalized_or(Vec3::X);
    let mut normal = p[0].cross(p[1]);
    if normal.norm() < LEAST {
        // In line with the center any plane serves.
        let a = first.abs();
        let across = if a.x >= a.y && a.x >= a.z {
            Vec3::new(0.0, 1.0, 1.0)
        } else if a.y >= a.z {
            Vec3::new(1.0, 0.0, 1.0)
        } else {
            Vec3::new(1.0, 1.0, 0.0)
        };
        normal = first.cross(across);
    }
    [first, normal.normalized_or(Vec3::Z).cross(first).normalized_or(Vec3::Y)]
}

/// The way around a circle about the origin: points of contact and the arc between them.
fn around(d: [Point; 2], side: Option<Point>, radius: f64) -> Option<([Point; 2], f64)> {
    let squares = d.map(|p| dot(p, p));
    if squares.iter().any(|s| *s < radius * radius) || distance(d[0], d[1]) < LEAST {
        return None;
    }
    let swept = match side {
        Some(side) => angle(d[0], side) + angle(side, d[1]),
        None => angle(d[0], d[1]),
    };
    let [first, last] = squares.map(|s| real::acos(radius / real::sqrt(s)));
    let arc = real::abs(swept) - first - last;
    if arc <= 0.0 {
        return None;
    }
    let sign = if swept < 0.0 { -1.0 } else { 1.0 };
    Some(([turned(d[0], radius, sign * first), turned(d[1], radius, -sign * last)], radius * arc))
}

/// A string kept inside a circle touches it in one point, where both halves meet the radius at the same angle; none if the
/// straight way passes through the circle anyway.
///
/// With z the sine of that angle and A, B the radius in parts of the ends' distances, the angles of both triangles add up:
/// asin(A·z) + asin(B·z) − 2·asin(z) + G = 0, G being the angle between the ends. Newton from z near one.
fn through(d: [Point; 2], radius: f64) -> Option<([Point; 2], f64)> {
    const MOST_ITERATIONS: usize = 20;
    const TOLERANCE: f64 = 1e-12;
    let lengths = d.map(|p| real::sqrt(dot(p, p)));
    if lengths.iter().any(|l| *l <= radius) {
        return None;
    }
    let apart = [d[1][0] - d[0][0], d[1][1] - d[0][1]];
    let square = dot(apart, apart);
    if square > LEAST {
        let nearest = -dot(d[0], apart) / square;
        let point = [d[0][0] + nearest * apart[0], d[0][1] + nearest * apart[1]];
        if nearest > 0.0 && nearest < 1.0 && dot(point, point) <= radius * radius {
            return None;
        }
    }
    let middle = [0.5 * (d[0][0] + d[1][0]), 0.5 * (d[0][1] + d[1][1])];
    let halfway = scaled(middle, radius / real::max(LEAST, real::sqrt(dot(middle, middle))));
    let [a, b] = lengths.map(|l| radius / l);
    let cosine = (dot(d[0], d[0]) + dot(d[1], d[1]) - square) / (2.0 * lengths[0] * lengths[1]);
    if cosine < -1.0 + LEAST {
        return None;
    }
    if cosine > 1.0 - LEAST {
        return Some(([halfway; 2], 0.0));
    }
    let gap = real::acos(cosine);
    let excess = |z: f64| real::asin(a * z) + real::asin(b * z) - 2.0 * real::asin(z) + gap;
    let slope_of = |share: f64, z: f64| share / real::max(LEAST, real::sqrt(1.0 - z * z * share * share));
    let mut z = 1.0 - 1e-7;
    let mut f = excess(z);
    let mut iterations = 0;
    while real::abs(f) > TOLERANCE {
        let slope = slope_of(a, z) + slope_of(b, z) - 2.0 * slope_of(1.0, z);
        let next = z - f / slope;
        iterations += 1;
        if f > 0.0 || slope > -LEAST || next > z || iterations > MOST_ITERATIONS {
            return Some(([halfway; 2], 0.0));
        }
        z = next;
        f = excess(z);
    }
    let (end, share) = if cross(d[0], d[1]) > 0.0 { (d[0], a) } else { (d[1], b) };
    let point = turned(end, radius, real::asin(z) - real::asin(share * z));
    Some(([point; 2], 0.0))
}

/// The point at `radius` whose direction is that of `p` turned by `angle`.
fn turned(p: Point, radius: f64, angle: f64) -> Point {
    let (s, c) = real::sin_cos(angle);
    let scale = radius / real::sqrt(dot(p, p));
    [scale * (c * p[0] - s * p[1]), scale * (s * p[0] + c * p[1])]
}

/// Angle from `a` to `b`, in (−π, π].
fn angle(a: Point, b: Point) -> f64 {
    real::atan2(cross(a, b), dot(a, b))
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

fn cross(a: Point, b: Point) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn scaled(a: Point, by: f64) -> Point {
    [a[0] * by, a[1] * by]
}

fn distance(a: Point, b: Point) -> f64 {
    let apart = [a[0] - b[0], a[1] - b[1]];
    real::sqrt(dot(apart, apart))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Mat3;

    const HERE: Placement = Placement { position: Vec3::ZERO, rotation: Mat3::IDENTITY };

    /// A rope over a ball: two tangents of √3 and a third of a turn less their angles.
    #[test]
    fn a_rope_over_a_ball_has_a_closed_form() {
        let ends = [Vec3::new(-2.0, 0.0, 0.0), Vec3::new(2.0, 0.0, 0.0)];
        let way = wrap(ends, Round::Sphere(1.0), &HERE, Some(Vec3::new(0.0, 1.5, 0.0))).unwrap();
        assert!((way.length - real::PI / 3.0).abs() < 1e-15, "{way:?}");
        for (end, point) in ends.iter().zip(way.points) {
            assert!(((*end - point).norm() - real::sqrt(3.0)).abs() < 1e-15 && point.y > 0.0, "{way:?}");
        }
    }

    /// A side site beyond the far end of the can's other flank makes the string go the long way round.
    #[test]
    fn a_side_site_can_ask_for_more_than_half_a_turn() {
        let ends = [Vec3::new(-2.0, -0.5, 0.0), Vec3::new(2.0, -0.5, 1.0)];
        assert!(wrap(ends, Round::Cylinder(0.4), &HERE, Some(Vec3::new(0.0, -1.0, 0.0))).is_none());
        let way = wrap(ends, Round::Cylinder(0.4), &HERE, Some(Vec3::new(0.0, 1.0, 0.0))).unwrap();
        assert!(way.length > 0.0 && way.points.iter().all(|p| p.y > 0.0), "{way:?}");
    }

    /// Inside a ring the string is reflected: both halves meet the radius at the same angle.
    #[test]
    fn a_string_through_a_ring_is_reflected() {
        let ends = [Vec3::new(3.0, 0.5, 0.0), Vec3::new(2.0, 3.0, 0.0)];
        let way = wrap(ends, Round::Sphere(1.0), &HERE, Some(Vec3::new(0.1, 0.0, 0.0))).unwrap();
        let point = way.points[0];
        let cosine = |end: Vec3| (end - point).normalized_or(Vec3::X).dot(point);
        assert_eq!(way.length, 0.0);
        assert!((cosine(ends[0]) - cosine(ends[1])).abs() < 1e-7, "{way:?}");
    }
}
