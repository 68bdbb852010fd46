//! From candidates to answers: checked by forward kinematics four at a time, polished where they need it.

use super::screws::{Motion, Screws};
use super::subproblem::{Fit, Turn};
use crate::lanes::{Four, V4};
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Vec3, real};

/// Most ways in which the arms solved here reach a pose (at a given redundancy).
pub const MOST: usize = 8;

/// Misses [m and rad] that are rounding: nothing to polish.
const ROUNDING: f64 = 1e-12;
/// Misses [m and rad] from which polishing starts, and up to which a candidate is an answer.
const POLISHABLE: f64 = 2e-3;
pub(super) const REACHED: f64 = 1e-9;

/// One set of joint positions that reaches a pose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch<const N: usize> {
    /// Joint positions [rad], within the limits if whole turns can bring them there, else within [−π, π].
    pub q: [f64; N],
    /// Whether every joint stands within its limits.
    pub within_limits: bool,
    /// Whether some joints turn together without moving the tip (a singular posture); those that were free to choose stand as in
    /// the posture given.
    pub singular: bool,
    /// What forward kinematics says is missing in position [m].
    pub position_error_m: f64,
    /// What it says is missing in rotation [rad], at most √2 too much.
    pub rotation_error_rad: f64,
}

/// The ways to reach a pose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branches<const N: usize> {
    list: [Branch<N>; MOST],
    count: usize,
}

impl<const N: usize> Branches<N> {
    const NOWHERE: Branch<N> = Branch {
        q: [0.0; N],
        within_limits: false,
        singular: false,
        position_error_m: f64::INFINITY,
        rotation_error_rad: f64::INFINITY,
    };
    pub(super) const NONE: Self = Self { list: [Self::NOWHERE; MOST], count: 0 };

    /// All branches, in an order that depends on the arm and the pose alone.
    #[must_use]
    pub fn as_slice(&self) -> &[Branch<N>] {
        &self.list[..self.count]
    }

    /// The branch within the limits nearest to `posture` (sum of squared differences), turned whole turns towards it as far as the
    /// limits allow.
    #[must_use]
    pub fn nearest_to(&self, posture: &[f64; N], low: &[f64; N], high: &[f64; N]) -> Option<[f64; N]> {
        let mut best: Option<([f64; N], f64)> = None;
        for branch in self.as_slice().iter().filter(|b| b.within_limits) {
            let mut q = branch.q;
            for i in 0..N {
                q[i] = wound(q[i], posture[i], low[i], high[i]);
            }
            let far = crate::ik::distance(&q, posture);
            if best.is_none_or(|(_, least)| far < least) {
                best = Some((q, far));
            }
        }
        best.map(|(q, _)| q)
    }
}

impl<const N: usize> Branch<N> {
    /// Calls `visit` with every set of joint positions that differs from this branch by whole turns and stands within the limits:
    /// up to 64 for six joints of ±2π. Joints without limits stay within one turn around zero.
    pub fn windings(&self, low: &[f64; N], high: &[f64; N], mut visit: impl FnMut(&[f64; N])) {
        let (mut first, mut most) = ([0.0; N], [0_u32; N]);
        for i in 0..N {
            let (l, h) = (real::max(low[i], -MOST_TURNS * real::TAU), real::min(high[i], MOST_TURNS * real::TAU));
            let (l, h) = if low[i].is_finite() || high[i].is_finite() { (l, h) } else { (-real::PI, real::PI) };
            let down = real::ceil((l - self.q[i]) / real::TAU);
            let up = real::floor((h - self.q[i]) / real::TAU);
            if up < down {
                return;
            }
            first[i] = self.q[i] + down * real::TAU;
            most[i] = (up - down) as u32;
        }
        let mut at = [0_u32; N];
        loop {
            let q: [f64; N] = core::array::from_fn(|i| first[i] + f64::from(at[i]) * real::TAU);
            visit(&q);
            let Some(i) = (0..N).find(|&i| at[i] < most[i]) else { return };
            at[i] += 1;
            at[..i].fill(0);
        }
    }
}

/// Whole turns either way that limits are taken to allow at most.
const MOST_TURNS: f64 = 8.0;

/// `q` turned whole turns so that it is nearest to `to` within the limits.
fn wound(q: f64, to: f64, low: f64, high: f64) -> f64 {
    let mut best = q;
    let near = q + real::TAU * real::round((to - q) / real::TAU);
    for candidate in [near, near - real::TAU, near + real::TAU] {
        if candidate >= low && candidate <= high && real::abs(candidate - to) < real::abs(best - to) {
            best = candidate;
        }
    }
    best
}

/// What polishing may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polish {
    /// Every joint.
    All,
    /// Every joint but this one, which is the parameter of a redundant arm.
    Holding(usize),
    /// Every joint, but only of candidates that solve the equations: a redundant arm would leave its parameter to reach a pose.
    Solved,
}

/// Sets of turns that may reach a pose, joint by joint.
#[derive(Clone, Debug)]
pub(super) struct Candidates<const N: usize> {
    c: [[f64; MOST]; N],
    s: [[f64; MOST]; N],
    fit: [Fit; MOST],
    pub count: usize,
}

impl<const N: usize> Candidates<N> {
    pub fn new() -> Self {
        Self { c: [[1.0; MOST]; N], s: [[0.0; MOST]; N], fit: [Fit::Exact; MOST], count: 0 }
    }
    #[inline]
    pub fn clear(&mut self) {
        self.count = 0;
    }
    #[inline]
    pub fn push(&mut self, turns: [Turn; N], fit: Fit) {
        let k = self.count;
        if k < MOST {
            for i in 0..N {
                self.c[i][k] = turns[i].c;
                self.s[i][k] = turns[i].s;
            }
            self.fit[k] = fit;
            self.count += 1;
        }
    }
    pub fn reverse(&mut self) {
        self.c.reverse();
        self.s.reverse();
    }
    pub fn turns(&self, k: usize) -> [Turn; N] {
        core::array::from_fn(|i| Turn { c: self.c[i][k], s: self.s[i][k] })
    }
    pub fn fit(&self, k: usize) -> Fit {
        self.fit[k]
    }
    pub fn any_exact(&self) -> bool {
        self.fit[..self.count].iter().any(|&fit| fit != Fit::Nearest)
    }
    /// Keeps the candidates whose angles all lie in their windows (middle, cosine of half the width), without computing an angle.
    /// Gives whether any is left.
    pub fn keep_within(&mut self, windows: &[(Turn, f64); N]) -> bool {
        let mut kept = 0;
        for k in 0..self.count {
            if (0..N).all(|i| self.inside(i, k, windows) >= windows[i].1) {
                for i in 0..N {
                    self.c[i][kept] = self.c[i][k];
                    self.s[i][kept] = self.s[i][k];
                }
                self.fit[kept] = self.fit[k];
                kept += 1;
            }
        }
        self.count = kept;
        kept > 0
    }
    /// The candidate that is least outside its windows.
    pub fn nearest_within(&self, windows: &[(Turn, f64); N]) -> Option<usize> {
        let outside = |k: usize| (0..N).fold(0.0, |most, i| real::max(most, windows[i].1 - self.inside(i, k, windows)));
        (0..self.count).min_by(|&a, &b| outside(a).total_cmp(&outside(b)))
    }
    /// Cosine of the angle from the middle of joint `i`'s window to candidate `k`.
    #[inline]
    fn inside(&self, i: usize, k: usize, windows: &[(Turn, f64); N]) -> f64 {
        self.c[i][k] * windows[i].0.c + self.s[i][k] * windows[i].0.s
    }
    /// Squared misses of the first candidate: position [m²], rotation [rad²].
    pub fn miss(&self, screws: &Screws<N>, motion: &Motion) -> (f64, f64) {
        let (mut p, mut r) = ([0.0; MOST], [0.0; MOST]);
        self.misses(screws, motion, &mut p, &mut r);
        (p[0], r[0])
    }
    pub fn set(&mut self, k: usize, turns: &[Turn; N]) {
        for i in 0..N {
            self.c[i][k] = turns[i].c;
            self.s[i][k] = turns[i].s;
        }
    }

    /// Squared misses of all candidates: position [m²], rotation [rad²].
    pub fn misses(&self, screws: &Screws<N>, motion: &Motion, position: &mut [f64; MOST], rotation: &mut [f64; MOST]) {
        let tip = screws.tip.position;
        let want = [motion.turn.column(0), motion.turn.column(1), motion.apply(tip)];
        for base in (0..self.count).step_by(4) {
            let (mut x, mut y, mut p) = (V4::all(Vec3::X), V4::all(Vec3::Y), V4::all(tip));
            for i in (0..N).rev() {
                let c = Four::of(&self.c[i], base);
                let s = Four::of(&self.s[i], base);
                let k = screws.axis[i];
                x = x.turned(k, c, s);
                y = y.turned(k, c, s);
                p = p.less(screws.point[i]).turned(k, c, s).plus(screws.point[i]);
            }
            let far = p.less(want[2]).norm_squared();
            let turned = x.less(want[0]).norm_squared() + y.less(want[1]).norm_squared();
            position[base..base + 4].copy_from_slice(&far.0);
            rotation[base..base + 4].copy_from_slice(&turned.0);
        }
    }

    /// Checks every candidate, polishes those that miss by more than rounding, and writes those that reach into `out`, each once.
    /// Gives the candidate that misses least (its index and misses) for a caller who finds `out` empty.
    pub fn settle(&mut self, screws: &Screws<N>, motion: &Motion, how: Polish, out: &mut Branches<N>) -> Option<Branch<N>> {
        let (mut position, mut rotation) = ([0.0; MOST], [0.0; MOST]);
        self.misses(screws, motion, &mut position, &mut rotation);
        let mut closest: Option<(usize, f64)> = None;
        out.count = 0;
        let mut kept = [0_usize; MOST];
        let mut angles = [[0.0; MOST]; N];
        self.angles(&mut angles);
        for k in 0..self.count {
            let (mut p, mut r) = (position[k], rotation[k]);
            if p > ROUNDING * ROUNDING || r > ROUNDING * ROUNDING {
                let near = p < POLISHABLE * POLISHABLE && r < POLISHABLE * POLISHABLE;
                if near && (how != Polish::Solved || self.fit[k] != Fit::Nearest) {
                    let mut turns = self.turns(k);
                    (p, r) = polish(screws, motion, how, &mut turns, (p, r));
                    self.set(k, &turns);
                    for i in 0..N {
                        angles[i][k] = turns[i].angle();
                    }
                }
                if !(p <= REACHED * REACHED && r <= REACHED * REACHED) {
                    if closest.is_none_or(|(_, least)| p + r < least) {
                        closest = Some((k, p + r));
                        (position[k], rotation[k]) = (p, r);
                    }
                    continue;
                }
            }
            if kept[..out.count].iter().any(|&other| self.same(k, other)) {
                continue;
            }
            kept[out.count] = k;
            out.list[out.count] = self.branch(k, &angles, screws, p, r);
            out.count += 1;
        }
        closest.map(|(k, _)| self.branch(k, &angles, screws, position[k], rotation[k]))
    }

    fn angles(&self, out: &mut [[f64; MOST]; N]) {
        for i in 0..N {
            for base in (0..self.count).step_by(4) {
                let four = Four::angle(Four::of(&self.c[i], base), Four::of(&self.s[i], base));
                out[i][base..base + 4].copy_from_slice(&four.0);
            }
        }
    }

    /// Two candidates that polishing or a double root has made one.
    fn same(&self, a: usize, b: usize) -> bool {
        (0..N).all(|i| real::abs(self.c[i][a] - self.c[i][b]) < 1e-6 && real::abs(self.s[i][a] - self.s[i][b]) < 1e-6)
    }

    fn branch(&self, k: usize, angles: &[[f64; MOST]; N], screws: &Screws<N>, position: f64, rotation: f64) -> Branch<N> {
        let mut q = [0.0; N];
        let mut within_limits = true;
        for i in 0..N {
            q[i] = angles[i][k];
            within_limits &= within(&mut q[i], screws.low[i], screws.high[i]);
        }
        Branch {
            q,
            within_limits,
            singular: self.fit[k] == Fit::Free,
            position_error_m: real::sqrt(position),
            rotation_error_rad: real::sqrt(rotation),
        }
    }
}

/// Brings an angle within limits by whole turns, or by rounding at the limit itself, if that can be.
#[inline]
pub(super) fn within(q: &mut f64, low: f64, high: f64) -> bool {
    /// An answer this near [rad] outside a limit is the limit.
    const AT: f64 = 1e-12;
    if *q >= low && *q <= high {
        return true;
    }
    for candidate in [*q, *q + real::TAU, *q - real::TAU] {
        if candidate >= low - AT && candidate <= high + AT {
            *q = real::clamp(candidate, low, high);
            return true;
        }
    }
    // Limits that do not touch [−2π, 2π] are legal, if rare.
    if low.is_finite() {
        let up = *q + real::TAU * real::ceil((low - *q) / real::TAU);
        if up <= high {
            *q = up;
            return true;
        }
    }
    false
}

/// Newton's method on the exact lines: a step or two for what a decomposition left by rounding, a few more where the arm is only
/// nearly what the decomposition takes it for. Gives the squared misses.
#[cold]
fn polish<const N: usize>(
    screws: &Screws<N>,
    motion: &Motion,
    how: Polish,
    turns: &mut [Turn; N],
    miss: (f64, f64),
) -> (f64, f64) {
    const STEPS: usize = 6;
    let mut best = miss;
    for _ in 0..STEPS {
        let (axis, point, reached) = screws.placed(turns);
        let tip = reached.apply(screws.tip.position);
        let e = motion.apply(screws.tip.position) - tip;
        let half = |j: usize| reached.turn.column(j).cross(motion.turn.column(j));
        let w = (half(0) + half(1) + half(2)) * 0.5;
        let e = [e.x, e.y, e.z, w.x, w.y, w.z];
        // Least step of the least miss: (J·Jᵀ + λ)·y = e, step = Jᵀ·y.
        let mut j = [[0.0; 6]; N];
        let mut a = [0.0; 36];
        for (i, column) in j.iter_mut().enumerate() {
            if how == Polish::Holding(i) {
                continue;
            }
            let k = axis[i];
            let v = k.cross(tip - point[i]);
            *column = [v.x, v.y, v.z, k.x, k.y, k.z];
            for r in 0..6 {
                for c in 0..6 {
                    a[6 * r + c] += column[r] * column[c];
                }
            }
        }
        for d in 0..6 {
            a[7 * d] += 1e-13;
        }
        if cholesky(&mut a, 6, 0.0).is_err() {
            break;
        }
        let mut y = e;
        cholesky_solve(&a, 6, &mut y);
        let mut next = *turns;
        for i in 0..N {
            let step: f64 = (0..6).map(|r| j[i][r] * y[r]).sum();
            let t = next[i].and(Turn::by(real::clamp(step, -0.3, 0.3)));
            let n = 1.0 / real::sqrt(t.c * t.c + t.s * t.s);
            next[i] = Turn { c: t.c * n, s: t.s * n };
        }
        let mut one = Candidates::<N>::new();
        one.push(next, Fit::Exact);
        let (p, r) = one.miss(screws, motion);
        let better = p + r < best.0 + best.1;
        if !better {
            break;
        }
        *turns = next;
        best = (p, r);
        if best.0 <= ROUNDING * ROUNDING && best.1 <= ROUNDING * ROUNDING {
            break;
        }
    }
    best
}
