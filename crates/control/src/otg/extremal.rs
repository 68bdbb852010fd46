//! The motions that come farthest forward in a given time: acceleration up, then down.
//!
//! With the jerk limit at 1, an extremal motion raises its acceleration from a0 to a peak u ≤ `up`, lets it fall to −r ≥ −`down` and
//! raises it to zero, with a hold where a limit is met and a cruise at the greatest velocity. u may stay below zero when a0 does
//! (a *knee*: the velocity then has no peak). A first ramp that starts at (v0, a0) is the rest of one from (w, 0),
//! w = v0 − a0²/2, so the whole family is one curve over its peak velocity w + u² = vf + r². With c = w − vf, m = (w + vf)/2 and no
//! limit met, k = u + r is half the duration (of the completed ramps) and the distance is k³/4 + 2mk − c²/4k.
//!
//! Farthest distance D grows with the duration T at the rate H, which first falls (only within a knee) and then rises. So D(T) = d
//! has one solution, or, where H changes its sign, up to three, and durations between two of them are impossible.

use super::task::{Task, ramp};
use leitai_math::real;

/// Durations of an extremal motion's parts, and of one that takes its time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Acceleration at the peak; below zero in a knee.
    pub peak: f64,
    /// Time at the greatest acceleration.
    pub hold: f64,
    /// Time at the greatest velocity, acceleration zero.
    pub cruise: f64,
    /// That velocity, if there is a cruise.
    pub velocity: f64,
    /// Deceleration at the dip.
    pub dip: f64,
    /// Time at the greatest deceleration.
    pub dip_hold: f64,
    /// Time at the final velocity.
    pub wait: f64,
}

impl Shape {
    /// Duration, the first ramp completed.
    pub fn duration(&self) -> f64 {
        2.0 * self.peak + self.hold + self.cruise + 2.0 * self.dip + self.dip_hold + self.wait
    }
}

/// The family of a task: its numbers that do not depend on distance and duration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// Velocity from which the completed first ramp starts.
    pub w: f64,
    pub vf: f64,
    pub a0: f64,
    /// Velocity after the acceleration has been brought to zero.
    pub v1: f64,
    /// Greatest peak velocity.
    pub top: f64,
    pub up: f64,
    pub down: f64,
    /// Distance to cover, the first ramp completed.
    pub d: f64,
}

/// Bisections and Newton steps of one root.
const STEPS: usize = 100;

/// The root of a function that is not above zero at `low` and not below at `high`; Newton's method kept inside by bisection.
///
/// `f` gives value and slope.
#[inline]
pub(super) fn root(mut low: f64, mut high: f64, guess: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut x = guess;
    for _ in 0..STEPS {
        let (value, slope) = f(x);
        if value > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let mut next = x - value / slope;
        let close = 4.0 * f64::EPSILON * real::abs(x);
        if real::abs(next - x) <= close {
            return real::clamp(next, low, high);
        }
        // Also where the slope is zero and the step no number.
        if !(next > low && next < high) {
            next = 0.5 * (low + high);
            if high - low <= close {
                return next;
            }
        }
        x = next;
    }
    x
}

impl Family {
    pub fn of(task: &Task) -> Self {
        let Task { v0, a0, vf, d, .. } = *task;
        let w = v0 - 0.5 * a0 * a0;
        let v1 = task.settled();
        let top = real::max(task.fast, real::max(v1, vf));
        Self { w, vf, a0, v1, top, up: task.up, down: task.down, d: d + a0 * (w + a0 * a0 / 6.0) }
    }

    /// Whether motions without a peak of the velocity exist.
    #[inline]
    pub fn has_knee(&self) -> bool {
        self.a0 < 0.0 && self.v1 > self.vf
    }

    /// Distance of the motion with peak velocity `vp`, no cruise.
    #[inline]
    fn distance(&self, vp: f64) -> f64 {
        let (x, y) = (real::max(vp - self.w, 0.0), real::max(vp - self.vf, 0.0));
        0.5 * ((vp + self.w) * ramp(x, self.up) + (vp + self.vf) * ramp(y, self.down))
    }

    /// Where the ramps reach their limits of acceleration: peak velocities of the first and the second ramp.
    #[inline]
    fn thresholds(&self) -> (f64, f64) {
        (self.w + self.up * self.up, self.vf + self.down * self.down)
    }

    /// The motion with peak velocity `vp`; `cruise` at the peak.
    #[inline]
    pub fn over(&self, vp: f64, cruise: f64) -> Shape {
        let (x, y) = (real::max(vp - self.w, 0.0), real::max(vp - self.vf, 0.0));
        let (peak, hold) = trapezoid(x, self.up);
        let (dip, dip_hold) = trapezoid(y, self.down);
        Shape { peak, hold, cruise, velocity: vp, dip, dip_hold, wait: 0.0 }
    }

    /// The motion whose acceleration peaks at `u`, not above zero.
    pub fn knee(&self, u: f64) -> Shape {
        let (dip, dip_hold) = trapezoid(real::max(u * u + self.w - self.vf, 0.0), self.down);
        Shape { peak: u, dip, dip_hold, ..Shape::default() }
    }

    /// Distance of [`Self::knee`], duration, and their derivatives in `u`.
    pub fn knee_reach(&self, u: f64) -> [f64; 4] {
        let Self { w, vf, down, .. } = *self;
        let y = real::max(u * u + w - vf, 0.0);
        let t = ramp(y, down);
        let slope = 2.0 * u * if y <= down * down { 1.0 / real::sqrt(y) } else { 1.0 / down };
        let d = (2.0 * w + u * u) * u + (vf + 0.5 * y) * t;
        [d, 2.0 * u + t, 2.0 * w + 3.0 * u * u + u * t + (vf + 0.5 * y) * slope, 2.0 + slope]
    }

    /// The quickest motion over the distance, which is not less than the direct change of velocity covers.
    pub fn fastest(&self) -> Shape {
        if self.has_knee() {
            let first = self.knee_maximum().unwrap_or(self.a0);
            if first > self.a0 && self.knee_reach(first)[0] >= self.d {
                return self.knee(self.knee_root(self.a0, first));
            }
            if self.knee_reach(0.0)[0] >= self.d {
                return self.knee(self.knee_root(first, 0.0));
            }
        }
        self.beyond(real::max(self.v1, self.vf))
    }

    fn knee_root(&self, low: f64, high: f64) -> f64 {
        root(low, high, 0.5 * (low + high), |u| {
            let [d, _, slope, _] = self.knee_reach(u);
            (d - self.d, slope)
        })
    }

    /// Where within the knee the distance has a maximum, if it has one.
    fn knee_maximum(&self) -> Option<f64> {
        // While it waits at vf ≥ 0, a motion only gains.
        if self.vf >= 0.0 {
            return None;
        }
        let Self { w, vf, a0, down, .. } = *self;
        let (c, m) = (w - vf, 0.5 * (w + vf));
        // The rate H is u² + u·down/2 + w where the second ramp holds its limit, half of 3k²/4 + 2m + c²/4k² where it does not;
        // a maximum is the smaller zero of either, if it lies where that formula holds.
        let tall = |u: f64| u * u + c > down * down;
        let mut found = None;
        let under = down * down - 16.0 * w;
        if under > 0.0 {
            let u = 0.25 * (-down - real::sqrt(under));
            if u > a0 && u < 0.0 && tall(u) {
                found = Some(u);
            }
        }
        let under = 16.0 * m * m - 3.0 * c * c;
        if under > 0.0 && m < 0.0 {
            let k = real::sqrt((-4.0 * m - real::sqrt(under)) / 3.0);
            let u = 0.5 * (k - c / k);
            if u > a0 && u < 0.0 && !tall(u) {
                found = Some(found.map_or(u, |other| real::min(other, u)));
            }
        }
        found
    }

    /// The motion over the distance among those that peak above `from`, whose own distance is not greater.
    pub fn beyond(&self, from: f64) -> Shape {
        let (a, b) = self.thresholds();
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let top = self.top;
        let at_top = self.distance(top);
        if self.d >= at_top {
            return self.over(top, (self.d - at_top) / top);
        }
        if high < top && (high <= from || self.distance(high) <= self.d) {
            return self.over(real::clamp(self.both_hold(), real::max(high, from), top), 0.0);
        }
        let high = real::min(high, top);
        if low >= high || (low > from && self.distance(low) > self.d) {
            return self.no_hold(from, real::min(low, high));
        }
        let low = real::max(low, from);
        if a < b {
            let r = hold_and_peak(self.vf, self.w, self.up, self.d, low, high);
            let x = real::max(r * r + self.vf - self.w, 0.0);
            Shape { peak: self.up, hold: real::max(x / self.up - self.up, 0.0), dip: r, ..Shape::default() }
        } else {
            let u = hold_and_peak(self.w, self.vf, self.down, self.d, low, high);
            let y = real::max(u * u + self.w - self.vf, 0.0);
            Shape { peak: u, dip: self.down, dip_hold: real::max(y / self.down - self.down, 0.0), ..Shape::default() }
        }
    }

    /// Peak velocity where both ramps hold their limits: the larger root of a quadratic.
    fn both_hold(&self) -> f64 {
        let Self { w, vf, up, down, .. } = *self;
        let p = 1.0 / up + 1.0 / down;
        let q = up + down;
        let r = up * w + down * vf - w * w / up - vf * vf / down - 2.0 * self.d;
        let s = real::sqrt(real::max(0.25 * q * q - p * r, 0.0));
        (s - 0.5 * q) / p
    }

    /// Where neither ramp does, for peak velocities in [`low`, `high`]: k⁴ + 8mk² − 4dk − c² = 0.
    fn no_hold(&self, low: f64, high: f64) -> Shape {
        let (c, m8, d4) = (self.w - self.vf, 4.0 * (self.w + self.vf), 4.0 * self.d);
        let k_of = |vp: f64| real::sqrt(real::max(vp - self.w, 0.0)) + real::sqrt(real::max(vp - self.vf, 0.0));
        let high = k_of(high);
        let k = root(k_of(low), high, high, |k| {
            let kk = k * k;
            (kk * (kk + m8) - d4 * k - c * c, k * (4.0 * kk + 2.0 * m8) - d4)
        });
        let q = if k > 0.0 { c / k } else { 0.0 };
        Shape { peak: 0.5 * (k - q), dip: real::max(0.5 * (k + q), 0.0), ..Shape::default() }
    }

    /// The motion that comes farthest in time `t` (first ramp completed), and its distance.
    pub fn farthest(&self, t: f64) -> (Shape, f64) {
        let Self { w, vf, up, down, top, .. } = *self;
        let shape = self.over(top, 0.0);
        let spare = t - shape.duration();
        if spare >= 0.0 {
            return (Shape { cruise: spare, ..shape }, self.distance(top) + spare * top);
        }
        let c = w - vf;
        let k = 0.5 * t;
        let q = if k > 0.0 { c / k } else { 0.0 };
        let (mut u, mut r) = (0.5 * (k - q), 0.5 * (k + q));
        // A hold takes longer than going on would, so limits that this motion keeps are kept.
        if u > up || r > down {
            let (a, b) = self.thresholds();
            // Within a knee only the second ramp can hold.
            if a < b && u >= 0.0 {
                r = real::sqrt(real::max(up * t + c, 0.0)) - up;
                u = real::sqrt(real::max(r * r - c, 0.0));
            } else {
                u = real::sqrt(real::max(down * t - c, 0.0)) - down;
                r = real::sqrt(real::max(u * u + c, 0.0));
            }
            if u > up && r > down {
                let vp = (t - up - down + w / up + vf / down) / (1.0 / up + 1.0 / down);
                return (self.over(vp, 0.0), self.distance(vp));
            }
        }
        r = real::max(r, 0.0);
        let (x, y) = (u * u, r * r);
        let (dip, dip_hold) = trapezoid(y, down);
        let shape = if u > up {
            let (peak, hold) = trapezoid(x, up);
            Shape { peak, hold, dip, dip_hold, ..Shape::default() }
        } else {
            Shape { peak: u, dip, dip_hold, ..Shape::default() }
        };
        let t1 = if u > up { up + x / up } else { 2.0 * u };
        (shape, (w + 0.5 * x) * t1 + (vf + 0.5 * y) * ramp(y, down))
    }

    /// The least duration from `t` on (first ramp completed) at which the distance is within reach, given that it was too far at `t`.
    pub fn next_reach(&self, shape: &Shape) -> f64 {
        if shape.peak < 0.0 {
            if self.knee_reach(0.0)[0] > self.d {
                return self.knee(self.knee_root(shape.peak, 0.0)).duration();
            }
            return self.beyond(self.w).duration();
        }
        let x = shape.peak * (shape.peak + shape.hold);
        self.beyond(real::max(self.w + x, real::max(self.v1, self.vf))).duration()
    }
}

/// Peak of the acceleration and time at the limit of a ramp over velocity `x`.
#[inline]
fn trapezoid(x: f64, limit: f64) -> (f64, f64) {
    if x <= limit * limit { (real::sqrt(x), 0.0) } else { (limit, x / limit - limit) }
}

/// Peak acceleration u of the ramp that starts at `v`, where the other ramp (from or to `other`) holds `limit`, for peak velocities in
/// [`low`, `high`]: (2v + u²)u + (u² + v + other)(u² + v − other + limit²)/(2·limit) = d.
fn hold_and_peak(v: f64, other: f64, limit: f64, d: f64, low: f64, high: f64) -> f64 {
    let of = |vp: f64| real::sqrt(real::max(vp - v, 0.0));
    let (sum, difference) = (v + other, v - other + limit * limit);
    let high = of(high);
    root(of(low), high, high, |u| {
        let x = u * u;
        let value = 2.0 * limit * (u * (2.0 * v + x) - d) + (x + sum) * (x + difference);
        (value, 2.0 * (u + limit) * (2.0 * x + limit * u + 2.0 * v))
    })
}
