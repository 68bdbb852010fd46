//! Spatial vectors: rotation and translation in one.
//!
//! A motion vector is (angular, linear) and a force vector (moment, force), both about one common point and in one common
//! orientation, as in Featherstone, *Rigid Body Dynamics Algorithms* (2008), ch. 2.

use crate::space::{Mat3, Vec3};
use core::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// Six numbers: a motion (angular [rad/s], linear [m/s]) or a force (moment [N·m], force [N]).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Motion {
    /// Angular part, or moment.
    pub angular: Vec3,
    /// Linear part at the reference point, or force.
    pub linear: Vec3,
}

impl Motion {
    /// All zero.
    pub const ZERO: Self = Self::new(Vec3::ZERO, Vec3::ZERO);

    /// From its two halves.
    #[inline]
    #[must_use]
    pub const fn new(angular: Vec3, linear: Vec3) -> Self {
        Self { angular, linear }
    }
    /// Power of a force on a motion.
    #[inline]
    #[must_use]
    pub fn dot(self, o: Self) -> f64 {
        self.angular.dot(o.angular) + self.linear.dot(o.linear)
    }
    /// `self ×` for motions: the rate of the motion `m` carried along with `self`.
    #[inline]
    #[must_use]
    pub fn cross_motion(self, m: Self) -> Self {
        Self::new(self.angular.cross(m.angular), self.angular.cross(m.linear) + self.linear.cross(m.angular))
    }
    /// `self ×*` for forces: the rate of the force `f` carried along with `self`.
    #[inline]
    #[must_use]
    pub fn cross_force(self, f: Self) -> Self {
        Self::new(self.angular.cross(f.angular) + self.linear.cross(f.linear), self.angular.cross(f.linear))
    }
}

impl Add for Motion {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        Self::new(self.angular + o.angular, self.linear + o.linear)
    }
}
impl Sub for Motion {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        Self::new(self.angular - o.angular, self.linear - o.linear)
    }
}
impl AddAssign for Motion {
    #[inline]
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}
impl SubAssign for Motion {
    #[inline]
    fn sub_assign(&mut self, o: Self) {
        *self = *self - o;
    }
}
impl Mul<f64> for Motion {
    type Output = Self;
    #[inline]
    fn mul(self, s: f64) -> Self {
        Self::new(self.angular * s, self.linear * s)
    }
}

/// Rigid-body inertia about a reference point, axes parallel to the common orientation.
///
/// Ten numbers: mass m [kg], first moment m·c [kg·m] and rotational inertia about the reference point [kg·m²].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inertia {
    /// Mass [kg].
    pub mass: f64,
    /// Mass times the offset of the center of mass from the reference point [kg·m].
    pub moment: Vec3,
    /// Rotational inertia about the reference point (xx, yy, zz, xy, xz, yz) [kg·m²].
    pub rotational: [f64; 6],
}

impl Inertia {
    /// No mass.
    pub const ZERO: Self = Self { mass: 0.0, moment: Vec3::ZERO, rotational: [0.0; 6] };

    /// A body of `mass` [kg] with principal inertia `principal` [kg·m²] along the columns of `axes`, its center of mass at
    /// `offset` [m] from the reference point.
    #[inline]
    #[must_use]
    pub fn from_principal(mass: f64, principal: Vec3, axes: &Mat3, offset: Vec3) -> Self {
        let a = &axes.0;
        let p = principal.to_array();
        let full = |i: usize, j: usize| a[i][0] * p[0] * a[j][0] + a[i][1] * p[1] * a[j][1] + a[i][2] * p[2] * a[j][2];
        let (x, y, z) = (offset.x, offset.y, offset.z);
        Self {
            mass,
            moment: offset * mass,
            rotational: [
                full(0, 0) + mass * (y * y + z * z),
                full(1, 1) + mass * (x * x + z * z),
                full(2, 2) + mass * (x * x + y * y),
                full(0, 1) - mass * x * y,
                full(0, 2) - mass * x * z,
                full(1, 2) - mass * y * z,
            ],
        }
    }
    /// Momentum of the motion `v`.
    #[inline]
    #[must_use]
    pub fn apply(&self, v: Motion) -> Motion {
        let [xx, yy, zz, xy, xz, yz] = self.rotational;
        let w = v.angular;
        let rotational =
            Vec3::new(xx * w.x + xy * w.y + xz * w.z, xy * w.x + yy * w.y + yz * w.z, xz * w.x + yz * w.y + zz * w.z);
        Motion::new(rotational + self.moment.cross(v.linear), v.linear * self.mass - self.moment.cross(w))
    }
}

impl AddAssign for Inertia {
    #[inline]
    fn add_assign(&mut self, o: Self) {
        self.mass += o.mass;
        self.moment += o.moment;
        for i in 0..6 {
            self.rotational[i] += o.rotational[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form: a point mass off the reference point has momentum m·v and moment of momentum r × m·v.
    #[test]
    fn a_point_mass_has_its_momentum() {
        let r = Vec3::new(0.3, -0.2, 0.5);
        let inertia = Inertia::from_principal(2.0, Vec3::ZERO, &Mat3::IDENTITY, r);
        let motion = Motion::new(Vec3::new(0.1, 0.7, -0.4), Vec3::new(1.0, 0.2, -0.3));
        let v = motion.linear + motion.angular.cross(r);
        let p = inertia.apply(motion);
        assert!((p.linear - v * 2.0).norm() < 1e-15);
        assert!((p.angular - r.cross(v * 2.0)).norm() < 1e-15);
    }

    /// Law: power is invariant, (v × m)·f = −m·(v ×* f).
    #[test]
    fn motion_and_force_products_are_dual() {
        let v = Motion::new(Vec3::new(0.1, 0.2, 0.3), Vec3::new(-0.4, 0.5, 0.6));
        let m = Motion::new(Vec3::new(0.7, -0.8, 0.9), Vec3::new(1.0, 1.1, -1.2));
        let f = Motion::new(Vec3::new(-1.3, 1.4, 1.5), Vec3::new(1.6, -1.7, 1.8));
        assert!((v.cross_motion(m).dot(f) + m.dot(v.cross_force(f))).abs() < 1e-15);
    }
}
