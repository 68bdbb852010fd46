//! Three hinges whose axes meet: the turns that make a given rotation, two ways.
//!
//! The angle between first and last axis gives the middle turn (subproblem 4), the place of the last axis the first turn, and
//! a vector across the last axis the last turn. Where first and last axis fall together only the sum of their turns matters:
//! the first keeps the posture's angle, the last follows, and the rotation is still exact.

use super::subproblem::{Fit, Turn, level, level_beside, turn_about};
use leitai_math::{Vec3, real};

/// Sine of the angle between first and last axis below which the wrist counts as singular: their common turn is then known to
/// rounding, and how it divides to six digits only.
pub(super) const SINGULAR: f64 = 1e-10;

/// Three axes, none parallel to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orientation {
    axes: [Vec3; 3],
    /// A unit vector across the last axis.
    pub across: Vec3,
    middle: [f64; 2],
    constant: f64,
    /// Both neighbors stand at right angles, as in nearly every wrist.
    square: bool,
}

impl Orientation {
    pub fn new(axes: [Vec3; 3]) -> Self {
        let [a, b, c] = axes;
        let constant = a.dot(b) * b.dot(c);
        let square = real::abs(a.dot(b)) < 1e-15 && real::abs(b.dot(c)) < 1e-15;
        Self { square, axes, across: c.complete_frame().0, middle: [a.dot(c) - constant, a.dot(b.cross(c))], constant }
    }

    /// The last axis, which the rotation wanted is described by, with [`Orientation::across`].
    pub fn last(&self) -> Vec3 {
        self.axes[2]
    }

    /// Calls `visit` with the turns, for a rotation that takes the last axis to `last` and [`Orientation::across`] to `across`.
    #[inline]
    pub fn solve(&self, last: Vec3, across: Vec3, first_angle: f64, mut visit: impl FnMut([Turn; 3], Fit)) {
        let [a, b, c] = self.axes;
        let lever = a.cross(last).norm();
        let along = a.dot(last);
        let [x, y] = self.middle;
        let middle = if self.square { level_beside(x, y, along, lever) } else { level(x, y, along - self.constant) };
        for &m in middle.as_slice() {
            let mut fit = middle.fit;
            let first = match turn_about(a, m.apply(b, c), last, 0.0) {
                Some(turn) if lever > SINGULAR => turn,
                _ => {
                    fit = fit.and(Fit::Free);
                    Turn::by(first_angle)
                }
            };
            let seen = m.back().apply(b, first.back().apply(a, across));
            let turn = turn_about(c, self.across, seen, 1e-11).unwrap_or(Turn::NONE);
            visit([first, m, turn], fit);
        }
    }
}
