//! Three hinges that bring a point to a place: rot₁·rot₂·rot₃·p = w, up to four ways.
//!
//! Turned back by the first hinge, w must lie on the circle that the second draws with the point turned by the third. A point's
//! height along the second axis and its distance from any point on that axis do not change in that turn, which gives two
//! equations in θ₁ and θ₃. Which two are taken follows from the lines: from a point where the first two axes meet, the distance
//! knows nothing of θ₁; where they are parallel, the height does not; and likewise for θ₃.

use super::lines::Line;
use super::pair::{Order, Pair, Row, pair};
use super::subproblem::{Fit, Turn, turn_about};
use leitai_math::Vec3;

/// A number of a point that the second hinge leaves as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// Height along the second axis.
    Height,
    /// Half the squared distance from this point on the second axis.
    Distance(Vec3),
}

/// One equation with what does not depend on the target worked out.
#[derive(Clone, Copy, Debug)]
struct Prepared {
    /// Multiplied with the point turned back by the first hinge.
    factor: Vec3,
    factor_along: f64,
    squares: bool,
    right: [f64; 2],
    /// Right-hand constants less left-hand ones.
    constant: f64,
}

/// The decomposition of three hinges and the point behind them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    lines: [Line; 3],
    carried: Vec3,
    rows: [Prepared; 2],
    order: Order,
}

/// One way to bring the point there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub turns: [Turn; 3],
    pub fit: Fit,
}

impl Position {
    /// For three lines and the point that the third carries; nothing if the structure leaves an angle without effect.
    pub fn new(lines: [Line; 3], point: Vec3) -> Option<Self> {
        let [first, second, third] = &lines;
        if third.distance_to(point) < 1e-4 {
            return None;
        }
        let without = |a: &Line| {
            if a.parallel_to(second) { Some(Measure::Height) } else { a.meets(second).map(Measure::Distance) }
        };
        let (no_alpha, no_beta) = (without(first), without(third));
        let other = |m: Measure| if m == Measure::Height { Measure::Distance(second.point) } else { Measure::Height };
        let (order, measures) = match (no_beta, no_alpha) {
            (Some(b), Some(a)) => {
                let same = match (a, b) {
                    (Measure::Height, Measure::Height) => true,
                    (Measure::Distance(p), Measure::Distance(q)) => (p - q).norm() < 1e-4,
                    _ => false,
                };
                if same {
                    return None;
                }
                (Order::Apart, [b, a])
            }
            (Some(b), None) => (Order::FirstLeft, [b, other(b)]),
            (None, Some(a)) => (Order::FirstRight, [a, other(a)]),
            (None, None) => (Order::Together, [Measure::Distance(second.point), Measure::Height]),
        };
        let rows = measures.map(|m| {
            let (factor, far) = match m {
                Measure::Height => (second.axis, second.axis),
                Measure::Distance(q) => (first.point - q, third.point - q),
            };
            let arm = point - third.point;
            let k = third.axis;
            let far_along = far.dot(k) * k.dot(arm);
            let constant = match m {
                Measure::Height => second.axis.dot(third.point - first.point),
                Measure::Distance(_) => 0.5 * (arm.norm_squared() + far.norm_squared() - factor.norm_squared()),
            };
            Prepared {
                factor: factor - first.axis * factor.dot(first.axis),
                factor_along: factor.dot(first.axis),
                squares: m != Measure::Height,
                right: [-(far.dot(arm) - far_along), -far.dot(k.cross(arm))],
                constant: constant + far_along,
            }
        });
        Some(Self { lines, carried: point, rows, order })
    }

    /// Calls `visit` for each way to bring the point to `place`.
    #[inline]
    pub fn solve(&self, place: Vec3, posture: &[f64; 3], mut visit: impl FnMut(Placed)) {
        let [first, second, third] = &self.lines;
        let arm = place - first.point;
        let (along, across) = (first.axis.dot(arm), first.axis.cross(arm));
        let half_square = 0.5 * arm.norm_squared();
        let rows = [0, 1].map(|i| {
            let row = &self.rows[i];
            let left = [row.factor.dot(arm), -row.factor.dot(across)];
            let mut level = row.constant - row.factor_along * along;
            if row.squares {
                level -= half_square;
            }
            Row { left, right: row.right, level }
        });
        let found: Pair = pair(&rows, self.order, [posture[0], posture[2]]);
        let carried = self.carried - third.point;
        for &(alpha, beta) in found.as_slice() {
            let seen = first.point - second.point + alpha.back().apply(first.axis, arm);
            let swept = third.point - second.point + beta.apply(third.axis, carried);
            let (turn, fit) = match turn_about(second.axis, swept, seen, 1e-11) {
                Some(turn) => (turn, found.fit),
                None => (Turn::by(posture[1]), found.fit.and(Fit::Free)),
            };
            visit(Placed { turns: [alpha, turn, beta], fit });
        }
    }
}
