//! Four numbers side by side, so that the compiler fills its vector registers.
//!
//! Each lane is computed exactly as it would be alone: no sum crosses lanes, so the bits do not depend on the register's width.

use core::ops::{Add, Mul, Sub};
use leitai_math::Vec3;

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
