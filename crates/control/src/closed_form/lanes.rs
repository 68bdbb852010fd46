//! Four numbers side by side, so that the compiler fills its vector registers.
//!
//! Each lane is computed exactly as it would be alone: no sum crosses lanes, so the bits do not depend on the register's width.

use core::ops::{Add, Mul, Sub};
use leitai_math::{Vec3, real};

/// Four numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Four(pub [f64; 4]);

impl Four {
    #[inline(always)]
    pub fn all(x: f64) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    pub fn of(from: &[f64], base: usize) -> Self {
        Self([from[base], from[base + 1], from[base + 2], from[base + 3]])
    }
}

/// Coefficients of (atan(t)/t − 1)/t² in powers of t², minimax for |t| ≤ tan(π/8) to 1.3e-18 (Remez's algorithm in 50 digits).
const ATAN: [f64; 11] = [
    -0.333_333_333_333_332,
    0.199_999_999_999_540_82,
    -0.142_857_142_802_485_35,
    0.111_111_107_861_397_81,
    -0.090_908_978_365_212_99,
    0.076_920_616_386_479_53,
    -0.066_631_204_036_634_07,
    0.058_480_090_747_737_71,
    -0.050_398_462_829_070_37,
    0.038_078_341_820_759_83,
    -0.017_922_303_332_093_166,
];

impl Four {
    /// Each lane by its own choice between two values.
    #[inline(always)]
    fn select(chosen: [bool; 4], yes: Self, no: Self) -> Self {
        Self(core::array::from_fn(|l| if chosen[l] { yes.0[l] } else { no.0[l] }))
    }

    /// Angles [rad] in [−π, π] of four points (`c`, `s`), none of them zero, to two units in the last place.
    ///
    /// One division and one polynomial, nothing chosen by a branch, so that four angles cost little more than one: angles are a
    /// third of the time of a closed form. Only exactly rounded operations, so the bits are the same everywhere.
    #[inline(always)]
    pub fn angle(c: Self, s: Self) -> Self {
        let (x, y) = (Self(c.0.map(real::abs)), Self(s.0.map(real::abs)));
        let steep: [bool; 4] = core::array::from_fn(|l| y.0[l] > x.0[l]);
        let (most, least) = (Self::select(steep, y, x), Self::select(steep, x, y));
        // Above tan(π/8), the tangent of the angle less π/4.
        const EIGHTH: f64 = 0.414_213_562_373_095_03;
        let middle: [bool; 4] = core::array::from_fn(|l| least.0[l] > EIGHTH * most.0[l]);
        let top = Self::select(middle, least - most, least);
        let bottom = Self::select(middle, least + most, most);
        let t = Self(core::array::from_fn(|l| top.0[l] / bottom.0[l]));
        let u = t * t;
        let mut p = Self::all(ATAN[10]);
        for k in (0..10).rev() {
            p = p * u + Self::all(ATAN[k]);
        }
        let a = Self::select(middle, Self::all(0.25 * real::PI), Self::all(0.0)) + (t + t * u * p);
        let a = Self::select(steep, Self::all(0.5 * real::PI) - a, a);
        let left: [bool; 4] = core::array::from_fn(|l| c.0[l] < 0.0);
        let a = Self::select(left, Self::all(real::PI) - a, a);
        let below: [bool; 4] = core::array::from_fn(|l| s.0[l] < 0.0);
        Self::select(below, Self::all(0.0) - a, a)
    }
}

macro_rules! lanewise {
    ($($trait:ident $name:ident $op:tt),+) => {
        $(impl $trait for Four {
            type Output = Self;
            #[inline(always)]
            fn $name(self, o: Self) -> Self {
                Self(core::array::from_fn(|l| self.0[l] $op o.0[l]))
            }
        })+
    };
}
lanewise!(Add add +, Sub sub -, Mul mul *);

/// Four vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct V4 {
    pub x: Four,
    pub y: Four,
    pub z: Four,
}

impl V4 {
    #[inline(always)]
    pub fn all(v: Vec3) -> Self {
        Self { x: Four::all(v.x), y: Four::all(v.y), z: Four::all(v.z) }
    }
    #[inline(always)]
    pub fn plus(self, v: Vec3) -> Self {
        let o = Self::all(v);
        Self { x: self.x + o.x, y: self.y + o.y, z: self.z + o.z }
    }
    #[inline(always)]
    pub fn less(self, v: Vec3) -> Self {
        let o = Self::all(v);
        Self { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
    #[inline(always)]
    pub fn norm_squared(self) -> Four {
        self.x * self.x + self.y * self.y + self.z * self.z
    }
    /// Each vector turned about the same unit axis by its own cosine and sine.
    #[inline(always)]
    pub fn turned(self, k: Vec3, c: Four, s: Four) -> Self {
        let (kx, ky, kz) = (Four::all(k.x), Four::all(k.y), Four::all(k.z));
        let along = (kx * self.x + ky * self.y + kz * self.z) * (Four::all(1.0) - c);
        Self {
            x: self.x * c + (ky * self.z - kz * self.y) * s + kx * along,
            y: self.y * c + (kz * self.x - kx * self.z) * s + ky * along,
            z: self.z * c + (kx * self.y - ky * self.x) * s + kz * along,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// musl's atan2 is right to one unit in the last place; four million points of the circle, octants and axes among them.
    #[test]
    fn four_angles_agree_with_the_pinned_atan2() {
        let count = 1_000_000;
        for n in 0..=count {
            let angle = real::PI * (2.0 * f64::from(n) / f64::from(count) - 1.0);
            let (s, c) = real::sin_cos(angle);
            let (cs, ss) = ([c, s, -c, 3.0 * c], [s, c, 1e-9 * s, 3.0 * s]);
            let four = Four::angle(Four(cs), Four(ss));
            for l in 0..4 {
                let exact = real::atan2(ss[l], cs[l]);
                let off = real::abs(four.0[l] - exact);
                assert!(off <= 4.5e-16 * real::max(real::abs(exact), 0.5), "{} {}: {off:e}", cs[l], ss[l]);
            }
        }
        let four = Four::angle(Four([1.0, -1.0, 0.0, 0.0]), Four([0.0, 0.0, 1.0, -1.0]));
        assert_eq!(four.0, [0.0, real::PI, 0.5 * real::PI, -0.5 * real::PI]);
    }
}
