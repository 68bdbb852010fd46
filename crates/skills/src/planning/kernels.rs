//! A ball in each lane against an obstacle, and balls against balls.
//!
//! For each lane, a number is computed that is negative where the two overlap: a difference of squares, so that no root is needed.
//! Functions are out of line, so that the compiler knows what does not overlap in memory and loads whole vectors.

use super::lanes::{Lanes, WIDTH, any_negative, negative};
use super::scene::Solid;
use leitai_math::real;

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
/// How far `x` lies outside ±`half`.
#[inline(always)]
fn beyond(x: f32, half: f32) -> f32 {
    larger(larger(x - half, -half - x), 0.0)
}

/// True if a ball of radius `r` about `c` meets a solid in any lane.
#[inline(never)]
pub fn meets(solid: &Solid, c: &[Lanes; 3], r: f32) -> bool {
    let mut slack = [0.0; WIDTH];
    against(solid, c, r, &mut slack);
    any_negative(&slack)
}

/// A bit for each lane in which a ball of radius `r` about `c` meets a solid.
#[inline(never)]
pub fn met(solid: &Solid, c: &[Lanes; 3], r: f32) -> u8 {
    let mut slack = [0.0; WIDTH];
    against(solid, c, r, &mut slack);
    negative(&slack)
}

/// True if balls of summed radius `sum` about `a` and `b` overlap in any lane.
#[inline(never)]
pub fn overlap(a: &[Lanes; 3], b: &[Lanes; 3], sum: f32) -> bool {
    let mut slack = [0.0; WIDTH];
    between(a, b, sum, &mut slack);
    any_negative(&slack)
}

/// A bit for each lane in which balls of summed radius `sum` about `a` and `b` overlap.
#[inline(never)]
pub fn overlapping(a: &[Lanes; 3], b: &[Lanes; 3], sum: f32) -> u8 {
    let mut slack = [0.0; WIDTH];
    between(a, b, sum, &mut slack);
    negative(&slack)
}

/// Balls of radius `r` about `c` against a solid.
#[inline(always)]
fn against(solid: &Solid, c: &[Lanes; 3], r: f32, out: &mut Lanes) {
    match solid {
        Solid::Sphere(m, radius) => {
            let sum = (radius + r) * (radius + r);
            for l in 0..WIDTH {
                let (x, y, z) = (c[0][l] - m[0], c[1][l] - m[1], c[2][l] - m[2]);
                out[l] = x * x + y * y + z * z - sum;
            }
        }
        Solid::Capsule(m, h, over, radius) => {
            let sum = (radius + r) * (radius + r);
            for l in 0..WIDTH {
                let (x, y, z) = (c[0][l] - m[0], c[1][l] - m[1], c[2][l] - m[2]);
                let t = smaller(larger((x * h[0] + y * h[1] + z * h[2]) * over, -1.0), 1.0);
                let (x, y, z) = (x - h[0] * t, y - h[1] * t, z - h[2] * t);
                out[l] = x * x + y * y + z * z - sum;
            }
        }
        Solid::Upright(m, h) => {
            let square = r * r;
            for l in 0..WIDTH {
                let (x, y, z) = (beyond(c[0][l] - m[0], h[0]), beyond(c[1][l] - m[1], h[1]), beyond(c[2][l] - m[2], h[2]));
                out[l] = x * x + y * y + z * z - square;
            }
        }
        Solid::Turned(m, h, [cos, sin]) => {
            let square = r * r;
            for l in 0..WIDTH {
                let (x, y) = (c[0][l] - m[0], c[1][l] - m[1]);
                let (u, v) = (beyond(cos * x + sin * y, h[0]), beyond(cos * y - sin * x, h[1]));
                let z = beyond(c[2][l] - m[2], h[2]);
                out[l] = u * u + v * v + z * z - square;
            }
        }
        Solid::Tilted(m, h, a) => {
            let square = r * r;
            for l in 0..WIDTH {
                let (x, y, z) = (c[0][l] - m[0], c[1][l] - m[1], c[2][l] - m[2]);
                let u = beyond(a[0][0] * x + a[0][1] * y + a[0][2] * z, h[0]);
                let v = beyond(a[1][0] * x + a[1][1] * y + a[1][2] * z, h[1]);
                let w = beyond(a[2][0] * x + a[2][1] * y + a[2][2] * z, h[2]);
                out[l] = u * u + v * v + w * w - square;
            }
        }
        Solid::Plane(n, height) => {
            for l in 0..WIDTH {
                out[l] = c[0][l] * n[0] + c[1][l] * n[1] + c[2][l] * n[2] - height - r;
            }
        }
        Solid::Cylinder(m, a, half, radius) => cylinder(m, a, *half, *radius, c, r, out),
    }
}

/// A cylinder's rim needs a root, which is taken only where the ball is inside the cylinder grown by its radius.
#[inline(always)]
fn cylinder(m: &[f32; 3], a: &[f32; 3], half: f32, radius: f32, c: &[Lanes; 3], r: f32, out: &mut Lanes) {
    let (sum, square) = ((radius + r) * (radius + r), r * r);
    let (mut over, mut across) = ([0.0; WIDTH], [0.0; WIDTH]);
    for l in 0..WIDTH {
        let (x, y, z) = (c[0][l] - m[0], c[1][l] - m[1], c[2][l] - m[2]);
        let t = x * a[0] + y * a[1] + z * a[2];
        let (x, y, z) = (x - a[0] * t, y - a[1] * t, z - a[2] * t);
        across[l] = x * x + y * y + z * z;
        over[l] = beyond(t, half);
        out[l] = larger(across[l] - sum, over[l] * over[l] - square);
    }
    if any_negative(out) {
        for l in 0..WIDTH {
            // The root of a single, rounded twice, is the rounded root.
            let off = larger(real::sqrt(f64::from(across[l])) as f32 - radius, 0.0);
            out[l] = off * off + over[l] * over[l] - square;
        }
    }
}

/// Balls of summed radius `sum`.
#[inline(always)]
fn between(a: &[Lanes; 3], b: &[Lanes; 3], sum: f32, out: &mut Lanes) {
    let square = sum * sum;
    for l in 0..WIDTH {
        let (x, y, z) = (a[0][l] - b[0][l], a[1][l] - b[1][l], a[2][l] - b[2][l]);
        out[l] = x * x + y * y + z * z - square;
    }
}
