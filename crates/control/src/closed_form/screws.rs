//! A chain of hinges as lines in space: the product of exponentials.
//!
//! With all joints at zero, joint i turns about the line through `point[i]` along `axis[i]`, and the tip stands at `tip`. Then
//! tip(q) = E₁(q₁)·E₂(q₂)·…·tip, where Eᵢ turns about that line (Brockett 1984; Lynch & Park, *Modern Robotics*, 2017, §4.1).

use super::subproblem::Turn;
use crate::chain::Chain;
use alloc::vec;
use leitai_math::{Mat3, Pose, Vec3, real};

/// Why a chain cannot be written as `N` lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrewError {
    /// The chain has this many joints, and another number was asked for.
    Joints {
        /// The chain's.
        found: usize,
        /// Asked for.
        wanted: usize,
    },
    /// This joint (counted from zero) slides; only hinges turn about a line.
    Slide(usize),
    /// A number of this joint (counted from zero), or of the tip, is not finite or beyond 1000 km, or an axis has no length.
    NotFinite(usize),
}

impl core::fmt::Display for ScrewError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Joints { found, wanted } => write!(f, "the chain has {found} joints, not {wanted}"),
            Self::Slide(i) => write!(f, "joint {} of the chain slides; a closed form needs hinges", i + 1),
            Self::NotFinite(i) => write!(f, "joint {} of the chain, or the tip behind it, has no finite axis and place", i + 1),
        }
    }
}

impl core::error::Error for ScrewError {}

/// Coordinates [m] beyond this mean a mistake: the square of a difference would keep no digit of a millimeter.
const FARTHEST: f64 = 1e6;

/// `N` hinges in a row, all at zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screws<const N: usize> {
    /// Unit direction of each joint's axis, in the world.
    pub axis: [Vec3; N],
    /// A point [m] on each joint's axis, in the world.
    pub point: [Vec3; N],
    /// `world_from_tip`.
    pub tip: Pose,
    /// Lowest joint positions [rad]; −∞ where there is no limit.
    pub low: [f64; N],
    /// Highest joint positions [rad].
    pub high: [f64; N],
}

/// A rigid motion as a matrix and a shift: x ↦ `turn`·x + `shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub turn: Mat3,
    pub shift: Vec3,
}

impl Motion {
    #[inline]
    pub fn apply(&self, x: Vec3) -> Vec3 {
        self.turn * x + self.shift
    }
    /// This motion without the turn about a line that comes last in it (seen from the world): E⁻¹·this.
    pub fn after_undoing(&self, k: Vec3, o: Vec3, turn: Turn) -> Self {
        let undo = |v: Vec3| turn.back().apply(k, v);
        let column = |j: usize| undo(self.turn.column(j));
        Self { turn: Mat3::from_columns(column(0), column(1), column(2)), shift: o + undo(self.shift - o) }
    }
    /// This motion without the turn about a line that comes first in it: this·E⁻¹.
    pub fn before(&self, k: Vec3, o: Vec3, turn: Turn) -> Self {
        let undo = |v: Vec3| turn.back().apply(k, v);
        // Rows of R·E⁻¹ are E applied to the rows of R.
        let row = |i: usize| turn.apply(k, self.turn.row(i));
        let rotation = Mat3::from_rows(row(0), row(1), row(2));
        Self { turn: rotation, shift: self.shift + self.turn * (o - undo(o)) }
    }
    #[inline]
    pub fn inverse(&self) -> Self {
        let turn = self.turn.transpose();
        Self { turn, shift: -(turn * self.shift) }
    }
}

impl<const N: usize> Screws<N> {
    /// From lines, a tip and limits; axes of any length.
    ///
    /// # Errors
    /// If a number is not finite (limits may be infinite but not NaN), or an axis has no length.
    pub fn new(axis: [Vec3; N], point: [Vec3; N], tip: Pose, low: [f64; N], high: [f64; N]) -> Result<Self, ScrewError> {
        let mut axis = axis;
        for i in 0..N {
            let n = axis[i].norm();
            let place = point[i].norm();
            let sound = n > 1e-12 && n < 1e100 && place < FARTHEST && !low[i].is_nan() && !high[i].is_nan();
            if !sound {
                return Err(ScrewError::NotFinite(i));
            }
            axis[i] = axis[i] * (1.0 / n);
        }
        if !is_pose(&tip) {
            return Err(ScrewError::NotFinite(N.saturating_sub(1)));
        }
        let tip = Pose::new(tip.position, tip.rotation.normalized());
        Ok(Self { axis, point, tip, low, high })
    }

    /// The lines of a chain of `N` hinges.
    ///
    /// # Errors
    /// If the chain has another number of joints, or one of them slides.
    pub fn of(chain: &Chain) -> Result<Self, ScrewError> {
        if chain.len() != N {
            return Err(ScrewError::Joints { found: chain.len(), wanted: N });
        }
        let mut jacobian = vec![[0.0; 6]; N];
        let tip = chain.tip_and_jacobian(&[0.0; N], &mut jacobian);
        let (mut axis, mut point) = ([Vec3::ZERO; N], [Vec3::ZERO; N]);
        for i in 0..N {
            let (linear, angular) = (Vec3::from_slice(&jacobian[i][..3]), Vec3::from_slice(&jacobian[i][3..]));
            if angular.norm_squared() < 0.5 {
                return Err(ScrewError::Slide(i));
            }
            axis[i] = angular;
            // The tip moves with linear = axis × (tip − point); of the points that say so, the one nearest to the tip.
            point[i] = tip.position - linear.cross(angular);
        }
        let (mut low, mut high) = ([0.0; N], [0.0; N]);
        low.copy_from_slice(&chain.low);
        high.copy_from_slice(&chain.high);
        Self::new(axis, point, tip, low, high)
    }

    /// `world_from_tip` at joint positions `q` [rad].
    #[must_use]
    pub fn tip_at(&self, q: &[f64; N]) -> Pose {
        let mut pose = self.tip;
        for i in (0..N).rev() {
            let turn = leitai_math::Quat::from_axis_angle(self.axis[i], q[i]);
            pose = Pose::new(self.point[i] + turn.rotate(pose.position - self.point[i]), turn * pose.rotation);
        }
        pose
    }

    /// The motion that takes the tip from its place at zero to `target`.
    pub(super) fn motion_to(&self, target: &Pose) -> Motion {
        let turn = (target.rotation.normalized() * self.tip.rotation.conjugate()).to_mat();
        Motion { turn, shift: target.position - turn * self.tip.position }
    }

    /// The lines at joint positions given as turns, the tip's position and what is left to turn and move to reach `target`.
    pub(super) fn placed(&self, turns: &[Turn; N]) -> ([Vec3; N], [Vec3; N], Motion) {
        let (mut axis, mut point) = (self.axis, self.point);
        let mut columns = [Vec3::X, Vec3::Y];
        let mut shift = Vec3::ZERO;
        for i in (0..N).rev() {
            let (k, o) = (self.axis[i], self.point[i]);
            for j in i + 1..N {
                axis[j] = turns[i].apply(k, axis[j]);
                point[j] = o + turns[i].apply(k, point[j] - o);
            }
            columns = [turns[i].apply(k, columns[0]), turns[i].apply(k, columns[1])];
            shift = o + turns[i].apply(k, shift - o);
        }
        let turn = Mat3::from_columns(columns[0], columns[1], columns[0].cross(columns[1]));
        (axis, point, Motion { turn, shift })
    }

    /// The same arm seen from its tip: lines in reverse order, turning the other way. A motion of this arm is the inverse of that
    /// arm's motion at the same joint positions, read backwards.
    pub(super) fn reversed(&self) -> Self {
        let mut out = *self;
        for i in 0..N {
            let j = N - 1 - i;
            out.axis[i] = -self.axis[j];
            out.point[i] = self.point[j];
            out.low[i] = self.low[j];
            out.high[i] = self.high[j];
        }
        out
    }
}

/// True of finite numbers within what a robot can mean, with a rotation of unit length.
pub(crate) fn is_pose(pose: &Pose) -> bool {
    let q = pose.rotation;
    let n = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
    pose.position.is_finite() && pose.position.norm() < FARTHEST && real::abs(n - 1.0) < 1e-6
}
