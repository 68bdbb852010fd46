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

/// Coefficients of (sin r/r − 1)/r² and (cos r − 1 + r²/2)/r⁴ in powers of r², minimax for |r| ≤ π/4 to 4e-18 and 5e-20.
const SIN: [f64; 6] = [
    -0.166_666_666_666_666_32,
    0.008_333_333_333_322_413,
    -0.000_198_412_698_298_078_32,
    2.755_731_369_192_520_8e-6,
    -2.505_075_811_622_894_4e-8,
    1.589_679_570_099_422_7e-10,
];
const COS: [f64; 6] = [
    0.041_666_666_666_666_6,
    -0.001_388_888_888_887_412_5,
    2.480_158_728_948_218e-5,
    -2.755_731_435_233_177_5e-7,
    2.087_572_327_308_476_6e-9,
    -1.135_964_779_576_941_9e-11,
];

impl Four {
    /// Each lane by its own choice between two values.
    #[inline(always)]
    fn select(chosen: [bool; 4], yes: Self, no: Self) -> Self {
        Self(core::array::from_fn(|l| if chosen[l] { yes.0[l] } else { no.0[l] }))
    }

    /// Cosines and sines of four angles [rad], each below 10⁶, to one unit in the last place of 1.
    #[inline(always)]
    pub fn cos_sin(self) -> (Self, Self) {
        // π/2 in three parts of 33 bits and the rest, so that the nearest multiple is taken off without rounding.
        const PARTS: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];
        // Adding it rounds to a whole number, which then stands in the lowest bits.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let shifted = Self(self.0.map(|x| x * (2.0 / real::PI) + ROUND));
        let n = shifted - Self::all(ROUND);
        let r = self - n * Self::all(PARTS[0]) - n * Self::all(PARTS[1]) - n * Self::all(PARTS[2]);
        let u = r * r;
        let (mut p, mut q) = (Self::all(SIN[5]), Self::all(COS[5]));
        for k in (0..5).rev() {
            p = p * u + Self::all(SIN[k]);
            q = q * u + Self::all(COS[k]);
        }
        let s = r + r * u * p;
        let c = Self::all(1.0) - Self::all(0.5) * u + u * u * q;
        let quarter = shifted.0.map(f64::to_bits);
        let odd = quarter.map(|k| k & 1 == 1);
        let (x, y) = (Self::select(odd, s, c), Self::select(odd, c, s));
        let x = Self::select(quarter.map(|k| (k + 1) & 2 == 2), Self::all(0.0) - x, x);
        let y = Self::select(quarter.map(|k| k & 2 == 2), Self::all(0.0) - y, y);
        (x, y)
    }

    #[inline(always)]
    pub fn root(self) -> Self {
        Self(self.0.map(real::sqrt))
    }
    #[inline(always)]
    pub fn over(self, o: Self) -> Self {
        Self(core::array::from_fn(|l| self.0[l] / o.0[l]))
    }
    #[inline(always)]
    pub fn abs(self) -> Self {
        Self(self.0.map(real::abs))
    }
    #[inline(always)]
    pub fn max(self, o: Self) -> Self {
        Self(core::array::from_fn(|l| real::max(self.0[l], o.0[l])))
    }
    #[inline(always)]
    pub fn min(self, o: Self) -> Self {
        Self(core::array::from_fn(|l| real::min(self.0[l], o.0[l])))
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
    pub const ZERO: Self = Self { x: Four([0.0; 4]), y: Four([0.0; 4]), z: Four([0.0; 4]) };

    #[inline(always)]
    pub fn add(self, o: Self) -> Self {
        Self { x: self.x + o.x, y: self.y + o.y, z: self.z + o.z }
    }
    #[inline(always)]
    pub fn sub(self, o: Self) -> Self {
        Self { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
    #[inline(always)]
    pub fn scaled(self, s: Four) -> Self {
        Self { x: self.x * s, y: self.y * s, z: self.z * s }
    }
    #[inline(always)]
    pub fn dot(self, o: Self) -> Four {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    #[inline(always)]
    pub fn cross(self, o: Self) -> Self {
        Self { x: self.y * o.z - self.z * o.y, y: self.z * o.x - self.x * o.z, z: self.x * o.y - self.y * o.x }
    }
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

    /// musl's sine and cosine are right to one unit in the last place.
    #[test]
    fn four_sines_agree_with_the_pinned_ones() {
        for n in -400_000..=400_000 {
            let x = f64::from(n) * 1e-4;
            let angles = [x, -0.5 * x, 1e4 + x, 1e-9 * x];
            let (c, s) = Four(angles).cos_sin();
            for l in 0..4 {
                let (sin, cos) = real::sin_cos(angles[l]);
                assert!(real::abs(c.0[l] - cos) <= 2.3e-16 && real::abs(s.0[l] - sin) <= 2.3e-16, "{}", angles[l]);
            }
        }
    }
}
