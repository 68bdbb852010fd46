//! Balls that cover a shape.
//!
//! A convex shape is cut again and again: always the piece with the largest ball around it, across the longest direction of its
//! bounding box. What lies in a piece lies in its ball, so the balls together cover the shape; with every cut they fit closer.
//! Smooth shapes are cut as polyhedra drawn around them. The order of cuts is fixed, so a shape always gets the same balls.

use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::{Hull, Shape};
use leitai_math::{Vec3, real};

/// A ball in the frame of what it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball {
    /// Center [m].
    pub center: Vec3,
    /// Radius [m].
    pub radius: f64,
}

/// How closely balls follow a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Most balls for one shape.
    pub most: usize,
    /// Pieces whose ball is this small [m] are not cut further.
    pub finest_m: f64,
}

impl Default for Fit {
    fn default() -> Self {
        Self { most: 16, finest_m: 0.03 }
    }
}

/// What single-precision coordinates may miss [m]; balls are larger by this.
pub const ROUNDING_M: f64 = 4e-6;
/// Corners of the polygon drawn around a cylinder.
const SIDES: usize = 12;
/// Circles of latitude of the polyhedron drawn around an ellipsoid, poles included.
const CIRCLES: usize = 7;
/// Steps towards the farthest point in search of the smallest ball.
const BALL_ROUNDS: usize = 128;

/// Balls that together cover `shape`, in its own frame; nothing for shapes without end (a plane, terrain).
#[must_use]
pub fn cover(shape: &Shape, fit: &Fit) -> Option<Vec<Ball>> {
    let points = match shape {
        Shape::Plane { .. } | Shape::HeightField(_) => return None,
        // Given as a ball, kept as it is: a description made of balls means exactly these.
        Shape::Sphere { radius } => return Some(vec![Ball { center: Vec3::ZERO, radius: *radius }]),
        Shape::Capsule { radius, half_length } => return Some(along(*radius, *half_length, fit)),
        Shape::Box { half } | Shape::Bore { half, .. } => corners(*half),
        Shape::Cylinder { radius, half_length } => prism(*radius, *half_length),
        Shape::Ellipsoid { radii } => round(*radii),
        Shape::Mesh(mesh) => mesh.hull().corners.clone(),
    };
    Some(cut(points, fit))
}

fn corners(half: Vec3) -> Vec<Vec3> {
    let sign = |bit: usize| if bit == 0 { -1.0 } else { 1.0 };
    (0..8).map(|k| Vec3::new(sign(k & 1), sign(k & 2), sign(k & 4)).scaled(half)).collect()
}

fn prism(radius: f64, half_length: f64) -> Vec<Vec3> {
    let outer = radius / real::cos(real::PI / SIDES as f64);
    (0..2 * SIDES)
        .map(|k| {
            let (s, c) = real::sin_cos(real::TAU * (k / 2) as f64 / SIDES as f64);
            Vec3::new(outer * c, outer * s, if k % 2 == 0 { -half_length } else { half_length })
        })
        .collect()
}

/// Corners on the unit ball, moved out until their faces enclose it, then stretched.
fn round(radii: Vec3) -> Vec<Vec3> {
    let mut points = vec![Vec3::new(0.0, 0.0, 1.0), Vec3::new(0.0, 0.0, -1.0)];
    for k in 1..CIRCLES - 1 {
        let (across, z) = real::sin_cos(real::PI * k as f64 / (CIRCLES - 1) as f64);
        points.extend((0..SIDES).map(|i| {
            let (s, c) = real::sin_cos(real::TAU * i as f64 / SIDES as f64);
            Vec3::new(across * c, across * s, z)
        }));
    }
    let inside = Hull::new(&points).map_or(0.5, |hull| {
        (0..hull.face_count()).fold(1.0, |least, f| real::min(least, hull.normal(f).dot(hull.corners[hull.rim(f)[0] as usize])))
    });
    points.iter().map(|p| p.scaled(radii) * (1.0 / inside)).collect()
}

/// A row of equal balls along a capsule.
fn along(radius: f64, half_length: f64, fit: &Fit) -> Vec<Ball> {
    // Balls a tenth wider than the capsule reach this far from their centers along its side.
    let wanted = real::ceil(half_length / (radius * 0.45)) + 1.0;
    let count = if wanted < fit.most as f64 { wanted as usize } else { fit.most.max(1) };
    if half_length <= 0.0 || count == 1 {
        return vec![Ball { center: Vec3::ZERO, radius: radius + half_length }];
    }
    let step = 2.0 * half_length / (count - 1) as f64;
    let wide = real::sqrt(radius * radius + 0.25 * step * step) + ROUNDING_M;
    let at = |k: usize| Ball { center: Vec3::new(0.0, 0.0, -half_length + step * k as f64), radius: wide };
    (0..count).map(at).collect()
}

/// A convex piece by points whose hull it is, and the ball around them.
struct Piece {
    points: Vec<Vec3>,
    ball: Ball,
}

impl Piece {
    fn new(points: Vec<Vec3>) -> Self {
        // Points inside the hull cost time at the next cut and change nothing.
        let points = match Hull::new(&points) {
            Some(hull) => hull.corners,
            None => points,
        };
        let ball = around(&points);
        Self { points, ball }
    }

    /// Both halves of a cut across the longest side of the bounding box.
    fn halves(&self) -> Option<[Self; 2]> {
        let low = self.points.iter().fold(self.points[0], |a, p| a.min(*p));
        let high = self.points.iter().fold(self.points[0], |a, p| a.max(*p));
        let size = high - low;
        let axis = if size.x >= size.y && size.x >= size.z {
            Vec3::X
        } else if size.y >= size.z {
            Vec3::Y
        } else {
            Vec3::Z
        };
        let middle = 0.5 * (low + high).dot(axis);
        let height = |p: Vec3| p.dot(axis) - middle;
        let mut sides = [Vec::new(), Vec::new()];
        for &p in &self.points {
            sides[usize::from(height(p) > 0.0)].push(p);
        }
        // The segment between any two points lies in the piece, so where it crosses the cut belongs to both halves.
        let mut crossings = Vec::new();
        for &p in &sides[0] {
            for &o in &sides[1] {
                let (a, b) = (height(p), height(o));
                crossings.push(p + (o - p) * (a / (a - b)));
            }
        }
        if sides[1].is_empty() || sides[0].len() + sides[1].len() < 4 {
            return None;
        }
        for side in &mut sides {
            side.extend(&crossings);
        }
        Some(sides.map(Self::new))
    }
}

fn cut(points: Vec<Vec3>, fit: &Fit) -> Vec<Ball> {
    let mut pieces = vec![Piece::new(points)];
    while pieces.len() < fit.most {
        let mut largest = 0;
        for k in 1..pieces.len() {
            if pieces[k].ball.radius > pieces[largest].ball.radius {
                largest = k;
            }
        }
        if pieces[largest].ball.radius <= fit.finest_m {
            break;
        }
        let Some(halves) = pieces[largest].halves() else { break };
        let [one, two] = halves;
        pieces[largest] = one;
        pieces.push(two);
    }
    pieces.iter().map(|p| Ball { center: p.ball.center, radius: p.ball.radius + ROUNDING_M }).collect()
}

/// A ball around points, little larger than the smallest (Bădoiu & Clarkson, SODA 2003).
#[must_use]
pub fn around(points: &[Vec3]) -> Ball {
    let balls: Vec<Ball> = points.iter().map(|&center| Ball { center, radius: 0.0 }).collect();
    around_balls(&balls)
}

/// A ball around balls, little larger than the smallest.
#[must_use]
pub fn around_balls(balls: &[Ball]) -> Ball {
    let low = balls.iter().fold(balls[0].center, |a, b| a.min(b.center));
    let high = balls.iter().fold(balls[0].center, |a, b| a.max(b.center));
    let mut center = (low + high) * 0.5;
    let farthest = |c: Vec3| {
        balls.iter().fold((-1.0, c), |most, b| {
            let reach = (b.center - c).norm() + b.radius;
            if reach > most.0 { (reach, b.center) } else { most }
        })
    };
    let mut best = Ball { center, radius: farthest(center).0 };
    for k in 0..BALL_ROUNDS {
        let (reach, to) = farthest(center);
        if reach < best.radius {
            best = Ball { center, radius: reach };
        }
        center += (to - center) * (1.0 / (k + 2) as f64);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;
    use leitai_geometry::Mesh;
    use leitai_math::Seed;

    fn shapes() -> Vec<Shape> {
        let bar = [(0.05, 0.04), (0.06, -0.05), (-0.05, 0.05), (-0.04, -0.06), (0.0, 0.07)];
        let bar = bar.iter().flat_map(|&(x, y)| [Vec3::new(x, y, -0.2), Vec3::new(0.8 * x, y, 0.25)]).collect();
        vec![
            Shape::Sphere { radius: 0.1 },
            Shape::Capsule { radius: 0.06, half_length: 0.2 },
            Shape::Box { half: Vec3::new(0.05, 0.1, 0.3) },
            Shape::Cylinder { radius: 0.08, half_length: 0.15 },
            Shape::Cylinder { radius: 0.2, half_length: 0.01 },
            Shape::Ellipsoid { radii: Vec3::new(0.05, 0.1, 0.2) },
            Shape::Mesh(Arc::new(Mesh::convex(bar).expect("a solid"))),
        ]
    }

    /// By definition of the support function: what lies in a shape is a mixture of its farthest points.
    #[test]
    fn balls_cover_every_point_of_a_shape() {
        let mut draw = Seed::from_number(7).stream("points");
        for shape in shapes() {
            let balls = cover(&shape, &Fit::default()).expect("bounded");
            for _ in 0..20_000 {
                let p = inside(&shape, &mut draw);
                let deepest = balls.iter().map(|b| (p - b.center).norm() - b.radius).fold(f64::INFINITY, real::min);
                assert!(deepest <= 1e-12, "{shape:?}: {p:?} is {deepest} m out of {balls:?}");
            }
        }
    }

    fn inside(shape: &Shape, draw: &mut leitai_math::Stream) -> Vec3 {
        loop {
            let p = Vec3::new(draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0), draw.uniform(-1.0, 1.0));
            match shape {
                Shape::Sphere { radius } if p.norm() <= 1.0 => return p * *radius,
                Shape::Box { half } => return p.scaled(*half),
                Shape::Ellipsoid { radii } if p.norm() <= 1.0 => return p.scaled(*radii),
                Shape::Cylinder { radius, half_length } if p.x * p.x + p.y * p.y <= 1.0 => {
                    return p.scaled(Vec3::new(*radius, *radius, *half_length));
                }
                Shape::Capsule { radius, half_length } => {
                    let p = p.scaled(Vec3::new(*radius, *radius, radius + half_length));
                    let core = Vec3::new(0.0, 0.0, real::clamp(p.z, -half_length, *half_length));
                    if (p - core).norm() <= *radius {
                        return p;
                    }
                }
                Shape::Mesh(mesh) => {
                    let corners = &mesh.hull().corners;
                    let mut weights: Vec<f64> = corners.iter().map(|_| -real::ln(draw.uniform(1e-12, 1.0))).collect();
                    let sum: f64 = weights.iter().sum();
                    weights.iter_mut().for_each(|w| *w /= sum);
                    return corners.iter().zip(&weights).fold(Vec3::ZERO, |a, (c, w)| a + *c * *w);
                }
                _ => {}
            }
        }
    }

    /// A cut makes balls closer to the shape: their sum of volumes falls.
    #[test]
    fn more_balls_fit_closer() {
        let volume = |balls: &[Ball]| balls.iter().fold(0.0, |v, b| real::max(v, b.radius));
        for shape in shapes().iter().skip(1) {
            let fits = [1, 4, 16].map(|most| cover(shape, &Fit { most, finest_m: 0.005 }).expect("bounded"));
            assert!(fits[0].len() == 1 && fits[2].len() <= 16);
            assert!(volume(&fits[0]) > volume(&fits[1]) && volume(&fits[1]) > volume(&fits[2]), "{shape:?}");
        }
    }
}
