//! The fastest timing on a grid within limits that are linear in x = ṡ² and u = s̈.
//!
//! Each limit is a pair of lines −down − k·x ≤ u ≤ up − k·x. At a point, the room between the highest lower and the lowest upper line is
//! concave in x, so the greatest x that leaves room is found by Newton's method from above, which steps from line to line.

use super::sampled::LANES;
use super::{JointLimits, Sampled, TimingError, USED};
use alloc::vec::Vec;
use leitai_math::real;

/// Lines from which Newton's method steps at one point, at most.
const STEPS: usize = 24;
/// Share of a limit that remains when it is tightened for the window.
const KEPT: f64 = 0.25;
/// Share of the limit of jerk that the third derivative of the path alone may use.
const TWISTED: f64 = 0.8;
/// Share of x that a cell may take away.
const BRAKING: f64 = 0.75;
/// Points that are looked at on either side for what happens within the window.
const AROUND: usize = 64;

/// Work space and result of the passes.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    /// Lines of a point, padded to whole lanes.
    rows: usize,
    step: f64,
    /// Where the lines meet x = 0.
    up: Vec<f64>,
    down: Vec<f64>,
    /// Greatest x by velocity.
    cap: Vec<f64>,
    /// Greatest x from which the end can be reached.
    reach: Vec<f64>,
    /// The timing: x at each point, and near it the greatest |u| and the span of u.
    pub x: Vec<f64>,
    near: Vec<[f64; 2]>,
    /// Greatest slope over jerk limit at each point.
    lean: Vec<f64>,
    /// Limits and 1/limits of each joint, padded with what never binds.
    acceleration: Vec<f64>,
    torque: Vec<f64>,
    pub per_velocity: Vec<f64>,
    pub per_acceleration: Vec<f64>,
    pub per_jerk: Vec<f64>,
    /// The whole of each limit of torque, padded.
    pub whole_torque: Vec<f64>,
}

impl Pass {
    /// Lines of a path's limits, not tightened at every `skip`th point.
    pub fn prepare(&mut self, path: &Sampled, limits: &JointLimits, skip: usize) {
        let (stride, points) = (path.stride, path.points());
        let torques = !limits.torque.is_empty();
        self.rows = if torques { 2 * stride } else { stride };
        self.step = path.step;
        for list in [&mut self.up, &mut self.down] {
            list.resize(self.rows * points, 0.0);
        }
        for list in [&mut self.cap, &mut self.reach, &mut self.x, &mut self.lean] {
            list.clear();
            list.resize(points, 0.0);
        }
        self.near.clear();
        self.near.resize(points, [0.0; 2]);
        for (list, limits) in [
            (&mut self.per_velocity, &limits.velocity),
            (&mut self.per_acceleration, &limits.acceleration),
            (&mut self.per_jerk, &limits.jerk),
        ] {
            list.clear();
            list.extend(limits.iter().map(|limit| 1.0 / limit));
            list.resize(stride, 0.0);
        }
        self.acceleration.clear();
        self.acceleration.extend_from_slice(&limits.acceleration);
        self.acceleration.resize(stride, 1.0);
        self.torque.clear();
        self.torque.extend(limits.torque.iter().map(|limit| USED * limit));
        self.torque.resize(stride, 1.0);
        self.whole_torque.clear();
        self.whole_torque.extend_from_slice(&limits.torque);
        self.whole_torque.resize(stride, 1.0);
        self.limit(path, 0.0, skip);
    }

    /// The window in which jerk could take the acceleration through what it spans near each point, for the timing found last.
    pub fn near(&mut self, window: f64) -> f64 {
        self.look_around(window);
        self.near.iter().zip(&self.lean).fold(0.0, |most, ([_, span], lean)| real::max(most, span * lean))
    }

    /// Limits tightened for a mean over `window` of the timing found last.
    pub fn tighten(&mut self, path: &Sampled, window: f64) {
        self.look_around(window);
        self.limit(path, window, 1);
    }

    /// Greatest |u| and span of u within half a window of each point.
    fn look_around(&mut self, window: f64) {
        let half = 0.5 / self.step;
        let last = self.x.len() - 1;
        for i in 0..=last {
            let away = real::min(0.5 * window * real::sqrt(self.x[i]) / self.step, AROUND as f64) as usize + 1;
            let (mut least, mut most) = (f64::INFINITY, -f64::INFINITY);
            let end = if i + away < last { i + away } else { last };
            let x = &self.x[i.saturating_sub(away)..=end];
            for (before, after) in x.iter().zip(&x[1..]) {
                let rise = after - before;
                least = if rise < least { rise } else { least };
                most = if rise > most { rise } else { most };
            }
            self.near[i] = [half * real::max(-least, most), half * (most - least)];
        }
    }

    /// Sets what depends on limits and window; without a window, nothing is known of the timing.
    ///
    /// Over a window of duration T that passes a point at velocity v, the mean of a limited quantity a·u + b·x, taken at the point, differs
    /// from the mean of what it was on the way by b times the variance of the velocity, u²·T²/12, by b′ times the covariance of s with x,
    /// x·u·T²/6, and by the curvature of a: first-order terms cancel, since the window lies evenly about its mean. (The covariance of s
    /// with u counts only where u jumps, and there the mean is far from its limit.)
    fn limit(&mut self, path: &Sampled, window: f64, skip: usize) {
        let (stride, last) = (path.stride, path.points() - 1);
        let t2 = window * window / 24.0;
        // Limits hold at points; between two of them a first-order change remains.
        let grid = if window > 0.0 { 0.5 * self.step } else { 0.0 };
        for i in (0..=last).step_by(skip) {
            let (x, [u, _]) = (self.x[i], self.near[i]);
            let (by_bend, by_twist) = (2.0 * t2 * u * u + grid * u, 5.0 * t2 * x * u + grid * x);
            let (bend_speed, twist_speed) = (2.0 * t2 * u, t2 * x);
            let (mut slowest, mut twisted, mut lean) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for c in (0..stride).step_by(LANES) {
                let (at, line, of_path) = (i * stride + c, i * self.rows + c, i * path.rows + c);
                let (slope, bend, twist) = (lanes(&path.slope, at), lanes(&path.bend, at), lanes(&path.twist, at));
                let (per_velocity, per_jerk) = (lanes(&self.per_velocity, c), lanes(&self.per_jerk, c));
                let (acceleration, inverse) = (lanes(&self.acceleration, c), lanes(&path.inverse, of_path));
                let mut left = [0.0; LANES];
                for l in 0..LANES {
                    let (a, b, t) = (f64::abs(slope[l]), f64::abs(bend[l]), twist[l]);
                    slowest[l] = real::max(slowest[l], (a + bend_speed * b + twist_speed * t) * per_velocity[l]);
                    twisted[l] = real::max(twisted[l], t * per_jerk[l]);
                    lean[l] = real::max(lean[l], a * per_jerk[l]);
                    let most = acceleration[l];
                    left[l] = real::max(USED * most - by_bend * b - by_twist * t, KEPT * most) * inverse[l];
                }
                self.up[line..line + LANES].copy_from_slice(&left);
                self.down[line..line + LANES].copy_from_slice(&left);
            }
            let (slowest, twisted) = (greatest(slowest), greatest(twisted));
            self.lean[i] = greatest(lean);
            // A path that stands still (no slope at all) is passed at any speed; something finite is enough.
            let mut most = USED / real::max(slowest, 1e-15);
            if twisted * most * most * most > TWISTED {
                most = real::cbrt(TWISTED / twisted);
            }
            self.cap[i] = most * most;
            if self.rows > stride {
                self.limit_torques(path, i, if window > 0.0 { real::sqrt(x) } else { most }, t2, grid);
            }
        }
    }

    /// The part of [`Self::limit`] for torques at point `i`, friction taken at velocity `fast`.
    fn limit_torques(&mut self, path: &Sampled, i: usize, fast: f64, t2: f64, grid: f64) {
        let (x, [u, _]) = (self.x[i], self.near[i]);
        let (by_inertia, by_pull) = (grid * u, 4.0 * t2 * x * u + grid * x);
        let bent = 2.0 * t2 * u * u;
        for c in (0..path.stride).step_by(LANES) {
            // Two lines for each joint: those of acceleration come first.
            let (k, line) = (i * path.stride + c, (2 * i + 1) * path.stride + c);
            let (inertia, pull, drag) = (lanes(&path.inertia, k), lanes(&path.pull, k), lanes(&path.drag, k));
            let (hold, hold_change) = (lanes(&path.hold, k), lanes(&path.hold_change, k));
            let (inertia_change, pull_change) = (lanes(&path.inertia_change, k), lanes(&path.pull_change, k));
            let (torque, inverse) = (lanes(&self.torque, c), lanes(&path.inverse, line));
            let (mut up, mut down) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let change =
                    by_inertia * inertia_change[l] + by_pull * pull_change[l] + bent * f64::abs(pull[l]) + grid * hold_change[l];
                let (above, below) = (torque[l] - hold[l], torque[l] + hold[l]);
                let above = real::max(above - drag[l] * fast - change, KEPT * above) * inverse[l];
                let below = real::max(below + drag[l] * fast - change, KEPT * below) * inverse[l];
                let turned = inertia[l] < 0.0;
                up[l] = if turned { below } else { above };
                down[l] = if turned { above } else { below };
            }
            self.up[line..line + LANES].copy_from_slice(&up);
            self.down[line..line + LANES].copy_from_slice(&down);
        }
    }

    /// Slopes k of the lines of a point.
    #[inline]
    fn slopes<'a>(&self, path: &'a Sampled, point: usize) -> &'a [f64] {
        &path.k[point * path.rows..point * path.rows + self.rows]
    }

    /// Lowest upper and highest lower line at `x`: values and slopes (u, k, u, k).
    #[inline]
    fn room(&self, path: &Sampled, point: usize, x: f64) -> (f64, f64, f64, f64) {
        let at = point * self.rows..(point + 1) * self.rows;
        let lanes = self.up[at.clone()].chunks_exact(LANES).zip(self.down[at].chunks_exact(LANES));
        let (mut high, mut high_k) = ([f64::INFINITY; LANES], [0.0; LANES]);
        let (mut low, mut low_k) = ([f64::INFINITY; LANES], [0.0; LANES]);
        for ((up, down), k) in lanes.zip(self.slopes(path, point).chunks_exact(LANES)) {
            for l in 0..LANES {
                let (above, below) = (up[l] - k[l] * x, down[l] + k[l] * x);
                (high[l], high_k[l]) = if above < high[l] { (above, k[l]) } else { (high[l], high_k[l]) };
                (low[l], low_k[l]) = if below < low[l] { (below, k[l]) } else { (low[l], low_k[l]) };
            }
        }
        let (mut a, mut b) = (0, 0);
        for l in 1..LANES {
            a = if high[l] < high[a] { l } else { a };
            b = if low[l] < low[b] { l } else { b };
        }
        (high[a], high_k[a], -low[b], low_k[b])
    }

    /// Both passes over every `skip`th point; between them x is even.
    pub fn run(&mut self, path: &Sampled, skip: usize) -> Result<(), TimingError> {
        let last = self.x.len() - 1;
        let step = skip as f64 * self.step;
        let per = 0.5 / step;
        self.reach[last] = 0.0;
        for i in (0..last).step_by(skip).rev() {
            let next = self.reach[i + skip];
            // No harder braking than this, and no further back than to a stand at the end: who must brake harder is almost at a stand at the
            // next point, and passes it faster if it is slower here.
            let hardest = if i + skip < last { BRAKING * per } else { per };
            let mut x = self.cap[i];
            for _ in 0..STEPS {
                let (mut high, mut high_k, mut low, mut low_k) = self.room(path, i, x);
                if low < -x * hardest {
                    (low, low_k) = (-x * hardest, hardest);
                }
                let to_next = (next - x) * per;
                if to_next < high {
                    (high, high_k) = (to_next, per);
                }
                let room = high - low;
                if room >= 0.0 {
                    break;
                }
                x += room / (high_k - low_k);
            }
            // What rounding leaves short of room is far below what the limits were tightened by. A NaN is no way either.
            if i > 0 && (x <= 0.0 || x.is_nan()) {
                return Err(TimingError::Stuck { at: i as f64 / last as f64 });
            }
            self.reach[i] = x;
        }
        self.x[0] = 0.0;
        for i in (0..last).step_by(skip) {
            let before = self.x[i];
            let x = real::min(before + 2.0 * step * self.ceiling(path, i, before), self.reach[i + skip]);
            if i + skip < last && (x <= 0.0 || x.is_nan()) {
                return Err(TimingError::Stuck { at: (i + skip) as f64 / last as f64 });
            }
            for k in 1..=skip {
                self.x[i + k] = before + (x - before) * (k as f64 / skip as f64);
            }
        }
        Ok(())
    }

    /// Lowest upper line at `x`.
    #[inline]
    fn ceiling(&self, path: &Sampled, point: usize, x: f64) -> f64 {
        let at = point * self.rows..(point + 1) * self.rows;
        let mut high = [f64::INFINITY; LANES];
        for (up, k) in self.up[at].chunks_exact(LANES).zip(self.slopes(path, point).chunks_exact(LANES)) {
            for l in 0..LANES {
                high[l] = real::min(high[l], up[l] - k[l] * x);
            }
        }
        real::min(real::min(high[0], high[1]), real::min(high[2], high[3]))
    }

    /// Duration of the timing.
    pub fn duration(&self) -> f64 {
        let mut before = 0.0;
        let mut t = 0.0;
        for x in &self.x[1..] {
            let v = real::sqrt(*x);
            t += 2.0 * self.step / (before + v);
            before = v;
        }
        t
    }
}

/// `LANES` values from `at` on.
#[inline]
pub(super) fn lanes(list: &[f64], at: usize) -> [f64; LANES] {
    let mut out = [0.0; LANES];
    out.copy_from_slice(&list[at..at + LANES]);
    out
}

/// The greatest of some values, none below zero.
#[inline]
pub(super) fn greatest(values: [f64; LANES]) -> f64 {
    values.into_iter().fold(0.0, real::max)
}
