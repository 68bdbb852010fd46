//! From next to the limits into them: damped least squares over all joints, those at a limit held there.
//!
//! A redundant arm may reach a pose in so short a stretch of its parameter that no sample falls into it, mostly where some joint
//! stands at its limit. From a candidate nearby, all seven joints find it together.

use super::candidates::{Branch, Candidates, REACHED};
use super::screws::{Motion, Screws};
use super::subproblem::{Fit, Turn};
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::real;

/// Steps of one try, and the largest of a joint [rad].
const STEPS: usize = 24;
const STRIDE: f64 = 0.5;

/// Moves `q` from where it is, brought within the limits, to the pose; nothing if it does not get there.
pub(super) fn into_limits<const N: usize>(screws: &Screws<N>, motion: &Motion, q: &[f64; N]) -> Option<Branch<N>> {
    let mut q: [f64; N] = core::array::from_fn(|i| real::clamp(q[i], screws.low[i], screws.high[i]));
    let wanted = motion.apply(screws.tip.position);
    for _ in 0..STEPS {
        let (axis, point, reached) = screws.placed(&q.map(Turn::by));
        let tip = reached.apply(screws.tip.position);
        let e = wanted - tip;
        let half = |j: usize| reached.turn.column(j).cross(motion.turn.column(j));
        let w = (half(0) + half(1) + half(2)) * 0.5;
        let e = [e.x, e.y, e.z, w.x, w.y, w.z];
        let square: f64 = e.iter().map(|x| x * x).sum();
        if square < 1e-24 {
            break;
        }
        let mut jacobian = [[0.0; 6]; N];
        let mut a = [0.0; 36];
        for i in 0..N {
            let (k, v) = (axis[i], axis[i].cross(tip - point[i]));
            let column = [v.x, v.y, v.z, k.x, k.y, k.z];
            let slope: f64 = column.iter().zip(&e).map(|(x, y)| x * y).sum();
            if (q[i] <= screws.low[i] && slope < 0.0) || (q[i] >= screws.high[i] && slope > 0.0) {
                continue;
            }
            jacobian[i] = column;
            for r in 0..6 {
                for c in 0..6 {
                    a[6 * r + c] += column[r] * column[c];
                }
            }
        }
        for d in 0..6 {
            a[7 * d] += 0.1 * square + 1e-12;
        }
        let mut y = e;
        cholesky(&mut a, 6, 0.0).ok()?;
        cholesky_solve(&a, 6, &mut y);
        for i in 0..N {
            let step: f64 = (0..6).map(|r| jacobian[i][r] * y[r]).sum();
            q[i] = real::clamp(q[i] + real::clamp(step, -STRIDE, STRIDE), screws.low[i], screws.high[i]);
        }
    }
    let mut one = Candidates::new();
    one.push(q.map(Turn::by), Fit::Exact);
    let (position, rotation) = one.miss(screws, motion);
    let (position, rotation) = (real::sqrt(position), real::sqrt(rotation));
    let there = position <= REACHED && rotation <= REACHED;
    let branch = Branch { q, within_limits: true, singular: false, position_error_m: position, rotation_error_rad: rotation };
    there.then_some(branch)
}
