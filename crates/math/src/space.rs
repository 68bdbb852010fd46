//! Vectors, rotations and poses in three dimensions.
//!
//! A quaternion is (w, x, y, z), unit length, and turns vectors of the child frame into the parent frame: in the names of
//! poses, `world_from_tool.apply(point_in_tool)` is that point in the world.

use crate::real;
use core::ops::{Add, AddAssign, Div, Index, IndexMut, Mul, Neg, Sub, SubAssign};

/// A vector of three numbers; what it measures and in which frame its name says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Vec3 {
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
    /// Third component.
    pub z: f64,
}

impl Vec3 {
    /// (0, 0, 0).
    pub const ZERO: Self = Self::new(0.0, 0.0, 0.0);
    /// (1, 0, 0).
    pub const X: Self = Self::new(1.0, 0.0, 0.0);
    /// (0, 1, 0).
    pub const Y: Self = Self::new(0.0, 1.0, 0.0);
    /// (0, 0, 1).
    pub const Z: Self = Self::new(0.0, 0.0, 1.0);

    /// The vector (`x`, `y`, `z`).
    #[inline]
    #[must_use]
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }
    /// From the first three numbers of a slice.
    ///
    /// # Panics
    /// If the slice is shorter than three.
    #[inline]
    #[must_use]
    pub fn from_slice(s: &[f64]) -> Self {
        Self::new(s[0], s[1], s[2])
    }
    /// As an array.
    #[inline]
    #[must_use]
    pub const fn to_array(self) -> [f64; 3] {
        [self.x, self.y, self.z]
    }
    /// Scalar product.
    #[inline]
    #[must_use]
    pub fn dot(self, o: Self) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    /// Vector product.
    #[inline]
    #[must_use]
    pub fn cross(self, o: Self) -> Self {
        Self::new(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }
    /// Length.
    #[inline]
    #[must_use]
    pub fn norm(self) -> f64 {
        real::sqrt(self.dot(self))
    }
    /// Squared length.
    #[inline]
    #[must_use]
    pub fn norm_squared(self) -> f64 {
        self.dot(self)
    }
    /// Unit vector along this one, or `fallback` if this one is shorter than 1e-15.
    #[inline]
    #[must_use]
    pub fn normalized_or(self, fallback: Self) -> Self {
        let n = self.norm();
        if n < 1e-15 { fallback } else { self * (1.0 / n) }
    }
    /// Component by component product.
    #[inline]
    #[must_use]
    pub fn scaled(self, o: Self) -> Self {
        Self::new(self.x * o.x, self.y * o.y, self.z * o.z)
    }
    /// Component by component absolute value.
    #[inline]
    #[must_use]
    pub fn abs(self) -> Self {
        Self::new(real::abs(self.x), real::abs(self.y), real::abs(self.z))
    }
    /// Component by component smaller value.
    #[inline]
    #[must_use]
    pub fn min(self, o: Self) -> Self {
        Self::new(real::min(self.x, o.x), real::min(self.y, o.y), real::min(self.z, o.z))
    }
    /// Component by component larger value.
    #[inline]
    #[must_use]
    pub fn max(self, o: Self) -> Self {
        Self::new(real::max(self.x, o.x), real::max(self.y, o.y), real::max(self.z, o.z))
    }
    /// Largest component.
    #[inline]
    #[must_use]
    pub fn max_component(self) -> f64 {
        real::max(self.x, real::max(self.y, self.z))
    }
    /// True if no component is NaN or infinite.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite() && self.z.is_finite()
    }
    /// Two unit vectors that complete this unit vector to a right-handed frame (`self`, `y`, `z`).
    #[must_use]
    pub fn complete_frame(self) -> (Self, Self) {
        // The rule of MuJoCo's contact frame: start from the y axis unless the normal is near it.
        let seed = if self.y < 0.5 && self.y > -0.5 { Self::Y } else { Self::Z };
        let y = (seed - self * self.dot(seed)).normalized_or(Self::Y);
        (y, self.cross(y))
    }
}

impl Add for Vec3 {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        Self::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}
impl Sub for Vec3 {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        Self::new(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}
impl Neg for Vec3 {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y, -self.z)
    }
}
impl Mul<f64> for Vec3 {
    type Output = Self;
    #[inline]
    fn mul(self, s: f64) -> Self {
        Self::new(self.x * s, self.y * s, self.z * s)
    }
}
impl Div<f64> for Vec3 {
    type Output = Self;
    #[inline]
    fn div(self, s: f64) -> Self {
        Self::new(self.x / s, self.y / s, self.z / s)
    }
}
impl AddAssign for Vec3 {
    #[inline]
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}
impl SubAssign for Vec3 {
    #[inline]
    fn sub_assign(&mut self, o: Self) {
        *self = *self - o;
    }
}
impl Index<usize> for Vec3 {
    type Output = f64;
    #[inline]
    fn index(&self, i: usize) -> &f64 {
        match i {
            0 => &self.x,
            1 => &self.y,
            2 => &self.z,
            _ => panic!("a Vec3 has components 0, 1 and 2, not {i}"),
        }
    }
}
impl IndexMut<usize> for Vec3 {
    #[inline]
    fn index_mut(&mut self, i: usize) -> &mut f64 {
        match i {
            0 => &mut self.x,
            1 => &mut self.y,
            2 => &mut self.z,
            _ => panic!("a Vec3 has components 0, 1 and 2, not {i}"),
        }
    }
}

/// A rotation as a unit quaternion.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Quat {
    /// Scalar part.
    pub w: f64,
    /// First vector component.
    pub x: f64,
    /// Second vector component.
    pub y: f64,
    /// Third vector component.
    pub z: f64,
}

impl Default for Quat {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Quat {
    /// No rotation.
    pub const IDENTITY: Self = Self::new(1.0, 0.0, 0.0, 0.0);

    /// From components; the caller keeps the length at one.
    #[inline]
    #[must_use]
    pub const fn new(w: f64, x: f64, y: f64, z: f64) -> Self {
        Self { w, x, y, z }
    }
    /// From the first four numbers of a slice, order (w, x, y, z).
    #[inline]
    #[must_use]
    pub fn from_slice(s: &[f64]) -> Self {
        Self::new(s[0], s[1], s[2], s[3])
    }
    /// As an array (w, x, y, z).
    #[inline]
    #[must_use]
    pub const fn to_array(self) -> [f64; 4] {
        [self.w, self.x, self.y, self.z]
    }
    /// Rotation by `angle` [rad] about the unit vector `axis`.
    #[inline]
    #[must_use]
    pub fn from_axis_angle(axis: Vec3, angle: f64) -> Self {
        let (s, c) = real::sin_cos(0.5 * angle);
        Self::new(c, axis.x * s, axis.y * s, axis.z * s)
    }
    /// Rotation by the rotation vector `r` [rad].
    #[must_use]
    pub fn from_rotation_vector(r: Vec3) -> Self {
        let angle = r.norm();
        if angle < 1e-15 { Self::IDENTITY } else { Self::from_axis_angle(r * (1.0 / angle), angle) }
    }
    /// The rotation vector [rad] with length in [0, π].
    #[must_use]
    pub fn to_rotation_vector(self) -> Vec3 {
        // Of the two quaternions of a rotation, the one that turns by π at most.
        let sign = if self.w < 0.0 { -1.0 } else { 1.0 };
        let (w, v) = (self.w * sign, Vec3::new(self.x, self.y, self.z) * sign);
        let s = v.norm();
        if s < 1e-3 {
            // 2·asin(s)/s to rounding.
            return v * (2.0 + s * s * (1.0 / 3.0 + s * s * 0.15));
        }
        v * (2.0 * real::atan2(s, w) / s)
    }
    /// The rotation that turns the unit vector `from` into the unit vector `to` by the shortest way.
    #[must_use]
    pub fn between(from: Vec3, to: Vec3) -> Self {
        let axis = from.cross(to);
        let s = axis.norm();
        let c = from.dot(to);
        if s < 1e-12 {
            if c > 0.0 {
                return Self::IDENTITY;
            }
            let (perpendicular, _) = from.complete_frame();
            return Self::from_axis_angle(perpendicular, real::PI);
        }
        Self::from_axis_angle(axis * (1.0 / s), real::atan2(s, c))
    }
    /// Inverse rotation.
    #[inline]
    #[must_use]
    pub fn conjugate(self) -> Self {
        Self::new(self.w, -self.x, -self.y, -self.z)
    }
    /// Unit quaternion along this one; identity if this one is shorter than 1e-15.
    #[inline]
    #[must_use]
    pub fn normalized(self) -> Self {
        let n = real::sqrt(self.w * self.w + self.x * self.x + self.y * self.y + self.z * self.z);
        if n < 1e-15 {
            return Self::IDENTITY;
        }
        let k = 1.0 / n;
        Self::new(self.w * k, self.x * k, self.y * k, self.z * k)
    }
    /// The vector `v` turned by this rotation.
    #[inline]
    #[must_use]
    pub fn rotate(self, v: Vec3) -> Vec3 {
        let u = Vec3::new(self.x, self.y, self.z);
        let t = u.cross(v) + v * self.w;
        v + u.cross(t) * 2.0
    }
    /// This rotation followed by the body-frame rotation vector `r` [rad].
    #[must_use]
    pub fn integrated(self, r: Vec3) -> Self {
        (self * Self::from_rotation_vector(r)).normalized()
    }
    /// As a matrix.
    #[inline]
    #[must_use]
    pub fn to_mat(self) -> Mat3 {
        let Self { w, x, y, z } = self;
        let (ww, xx, yy, zz) = (w * w, x * x, y * y, z * z);
        Mat3([
            [ww + xx - yy - zz, 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), ww - xx + yy - zz, 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), ww - xx - yy + zz],
        ])
    }
}

impl Mul for Quat {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        Self::new(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )
    }
}

/// A 3×3 matrix, row by row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Mat3(pub [[f64; 3]; 3]);

impl Default for Mat3 {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Mat3 {
    /// The unit matrix.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    /// The zero matrix.
    pub const ZERO: Self = Self([[0.0; 3]; 3]);

    /// Diagonal matrix.
    #[must_use]
    pub const fn diagonal(d: Vec3) -> Self {
        Self([[d.x, 0.0, 0.0], [0.0, d.y, 0.0], [0.0, 0.0, d.z]])
    }
    /// Symmetric matrix from (xx, yy, zz, xy, xz, yz).
    #[must_use]
    pub const fn symmetric(xx: f64, yy: f64, zz: f64, xy: f64, xz: f64, yz: f64) -> Self {
        Self([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    }
    /// From three columns.
    #[inline]
    #[must_use]
    pub const fn from_columns(a: Vec3, b: Vec3, c: Vec3) -> Self {
        Self([[a.x, b.x, c.x], [a.y, b.y, c.y], [a.z, b.z, c.z]])
    }
    /// From three rows.
    #[inline]
    #[must_use]
    pub const fn from_rows(a: Vec3, b: Vec3, c: Vec3) -> Self {
        Self([a.to_array(), b.to_array(), c.to_array()])
    }
    /// Column `j`.
    #[inline]
    #[must_use]
    pub fn column(&self, j: usize) -> Vec3 {
        Vec3::new(self.0[0][j], self.0[1][j], self.0[2][j])
    }
    /// Row `i`.
    #[inline]
    #[must_use]
    pub fn row(&self, i: usize) -> Vec3 {
        Vec3::new(self.0[i][0], self.0[i][1], self.0[i][2])
    }
    /// Transpose.
    #[inline]
    #[must_use]
    pub fn transpose(&self) -> Self {
        Self::from_columns(self.row(0), self.row(1), self.row(2))
    }
    /// Transpose times vector, without forming the transpose.
    #[inline]
    #[must_use]
    pub fn transpose_mul(&self, v: Vec3) -> Vec3 {
        self.row(0) * v.x + self.row(1) * v.y + self.row(2) * v.z
    }
    /// Sum of the diagonal.
    #[must_use]
    pub fn trace(&self) -> f64 {
        self.0[0][0] + self.0[1][1] + self.0[2][2]
    }
    /// The matrix with `v × ·` as its action.
    #[must_use]
    pub const fn skew(v: Vec3) -> Self {
        Self([[0.0, -v.z, v.y], [v.z, 0.0, -v.x], [-v.y, v.x, 0.0]])
    }
    /// The rotation this orthonormal, right-handed matrix stands for (Shepperd's method).
    #[must_use]
    pub fn to_quat(&self) -> Quat {
        let m = &self.0;
        let t = self.trace();
        let q = if t > 0.0 {
            let s = 2.0 * real::sqrt(1.0 + t);
            Quat::new(0.25 * s, (m[2][1] - m[1][2]) / s, (m[0][2] - m[2][0]) / s, (m[1][0] - m[0][1]) / s)
        } else if m[0][0] > m[1][1] && m[0][0] > m[2][2] {
            let s = 2.0 * real::sqrt(1.0 + m[0][0] - m[1][1] - m[2][2]);
            Quat::new((m[2][1] - m[1][2]) / s, 0.25 * s, (m[0][1] + m[1][0]) / s, (m[0][2] + m[2][0]) / s)
        } else if m[1][1] > m[2][2] {
            let s = 2.0 * real::sqrt(1.0 - m[0][0] + m[1][1] - m[2][2]);
            Quat::new((m[0][2] - m[2][0]) / s, (m[0][1] + m[1][0]) / s, 0.25 * s, (m[1][2] + m[2][1]) / s)
        } else {
            let s = 2.0 * real::sqrt(1.0 - m[0][0] - m[1][1] + m[2][2]);
            Quat::new((m[1][0] - m[0][1]) / s, (m[0][2] + m[2][0]) / s, (m[1][2] + m[2][1]) / s, 0.25 * s)
        };
        q.normalized()
    }
}

impl Mul<Vec3> for Mat3 {
    type Output = Vec3;
    #[inline]
    fn mul(self, v: Vec3) -> Vec3 {
        Vec3::new(self.row(0).dot(v), self.row(1).dot(v), self.row(2).dot(v))
    }
}
impl Mul for Mat3 {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        let mut out = Self::ZERO;
        for i in 0..3 {
            for j in 0..3 {
                out.0[i][j] = self.0[i][0] * o.0[0][j] + self.0[i][1] * o.0[1][j] + self.0[i][2] * o.0[2][j];
            }
        }
        out
    }
}
impl Add for Mat3 {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        let mut out = self;
        for i in 0..3 {
            for j in 0..3 {
                out.0[i][j] += o.0[i][j];
            }
        }
        out
    }
}
impl Mul<f64> for Mat3 {
    type Output = Self;
    #[inline]
    fn mul(self, s: f64) -> Self {
        let mut out = self;
        for row in &mut out.0 {
            for x in row {
                *x *= s;
            }
        }
        out
    }
}

/// A rigid placement: `parent_from_child.apply(point_in_child)` is the point in the parent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// Origin of the child frame in the parent [m].
    pub position: Vec3,
    /// Rotation of the child frame in the parent.
    pub rotation: Quat,
}

impl Pose {
    /// Parent and child coincide.
    pub const IDENTITY: Self = Self { position: Vec3::ZERO, rotation: Quat::IDENTITY };

    /// From position [m] and rotation.
    #[inline]
    #[must_use]
    pub const fn new(position: Vec3, rotation: Quat) -> Self {
        Self { position, rotation }
    }
    /// A point of the child frame, in the parent frame.
    #[inline]
    #[must_use]
    pub fn apply(self, point: Vec3) -> Vec3 {
        self.position + self.rotation.rotate(point)
    }
    /// `child_from_parent`.
    #[inline]
    #[must_use]
    pub fn inverse(self) -> Self {
        let r = self.rotation.conjugate();
        Self::new(-r.rotate(self.position), r)
    }
}

impl Mul for Pose {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        Self::new(self.apply(o.position), self.rotation * o.rotation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form: a quarter turn about z takes x to y.
    #[test]
    fn a_quarter_turn_takes_x_to_y() {
        let q = Quat::from_axis_angle(Vec3::Z, real::PI / 2.0);
        assert!((q.rotate(Vec3::X) - Vec3::Y).norm() < 1e-15);
        assert!((q.to_mat() * Vec3::X - Vec3::Y).norm() < 1e-15);
    }

    /// Law: matrix, quaternion and rotation vector say the same rotation.
    #[test]
    fn rotation_forms_agree() {
        for i in 0..100 {
            let a = f64::from(i) * 0.37;
            let r = Vec3::new(real::sin(a), real::cos(2.0 * a), real::sin(3.0 * a)) * 1.2;
            let q = Quat::from_rotation_vector(r);
            assert!((q.to_rotation_vector() - r).norm() < 1e-13);
            let back = q.to_mat().to_quat();
            let same = back.w * q.w + back.x * q.x + back.y * q.y + back.z * q.z;
            assert!((real::abs(same) - 1.0).abs() < 1e-14);
        }
    }

    /// Law: small turns keep all their digits, on both sides of where the series ends, whichever sign the quaternion has.
    #[test]
    fn small_rotation_vectors_are_exact() {
        let axis = Vec3::new(0.48, -0.6, 0.64);
        for angle in [1e-13, 1e-9, 1e-4, 1.999e-3, 2.001e-3, 1e-2] {
            let q = Quat::from_axis_angle(axis, angle);
            for q in [q, Quat::new(-q.w, -q.x, -q.y, -q.z)] {
                assert!((q.to_rotation_vector() - axis * angle).norm() < 4e-16 * angle, "{angle} rad");
            }
        }
    }

    /// Law: a pose times its inverse is the identity.
    #[test]
    fn a_pose_undoes_itself() {
        let p = Pose::new(Vec3::new(1.0, -2.0, 0.5), Quat::from_rotation_vector(Vec3::new(0.3, 0.1, -2.0)));
        let e = p * p.inverse();
        assert!(e.position.norm() < 1e-15 && e.rotation.to_rotation_vector().norm() < 1e-15);
    }
}
