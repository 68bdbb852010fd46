//! One joint's transfer in units where its jerk limit is 1, and the way back into limits that the start has left.
//!
//! Time is multiplied by √j and positions with it: velocities keep their numbers, accelerations are divided by √j, and every
//! formula loses a letter.

use leitai_math::real;

/// A transfer over distance `d` from (`v0`, `a0`) to (`vf`, 0), jerk between −1 and 1. Limits are magnitudes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Task {
    pub v0: f64,
    pub a0: f64,
    pub vf: f64,
    pub d: f64,
    /// Velocity limit forward.
    pub fast: f64,
    /// Velocity limit backward.
    pub back: f64,
    /// Acceleration limit.
    pub up: f64,
    /// Deceleration limit.
    pub down: f64,
}

/// Duration of a symmetric ramp: acceleration from zero to zero, velocity changed by `x` ≥ 0, acceleration at most `limit`.
#[inline]
pub(super) fn ramp(x: f64, limit: f64) -> f64 {
    if x <= limit * limit { 2.0 * real::sqrt(x) } else { limit + x / limit }
}

impl Task {
    /// The same motion seen in a mirror.
    pub fn mirrored(&self) -> Self {
        Self {
            v0: -self.v0,
            a0: -self.a0,
            vf: -self.vf,
            d: -self.d,
            fast: self.back,
            back: self.fast,
            up: self.down,
            down: self.up,
        }
    }

    /// Velocity after the acceleration has been brought to zero at once.
    #[inline]
    pub fn settled(&self) -> f64 {
        self.v0 + 0.5 * self.a0 * real::abs(self.a0)
    }

    /// Duration and distance of the quickest change of velocity and acceleration to (`vf`, 0), wherever that ends.
    #[inline]
    pub fn direct(&self) -> (f64, f64) {
        let Self { v0, a0, vf, .. } = *self;
        // A ramp that starts with acceleration a0 is the rest of one that started from zero at velocity w.
        if vf >= self.settled() {
            let w = v0 - 0.5 * a0 * a0;
            let t = ramp(vf - w, self.up);
            (t - a0, 0.5 * (w + vf) * t - a0 * (w + a0 * a0 / 6.0))
        } else {
            let w = v0 + 0.5 * a0 * a0;
            let t = ramp(w - vf, self.down);
            (t + a0, 0.5 * (w + vf) * t + a0 * (w - a0 * a0 / 6.0))
        }
    }

    /// Moves the start on by `t` under `jerk`.
    fn advance(&mut self, t: f64, jerk: f64) {
        self.d -= t * (self.v0 + t * (self.a0 / 2.0 + t * jerk / 6.0));
        self.v0 += t * (self.a0 + t * jerk / 2.0);
        self.a0 += t * jerk;
    }
}

/// Up to two stretches, (duration, jerk), before the transfer proper.
pub(super) type Brake = [(f64, f64); 2];

/// Share of a limit by which rounding may pass it.
const SLACK: f64 = 1e-12;

/// Share of the velocity by which an acceleration, brought to zero, may change it and be rounding: such an acceleration is first taken away,
/// because what it adds to the velocity could not be told and its root would be noise.
const ROUNDING: f64 = 1e-15;

/// The quickest way back to where acceleration and velocity are within limits and can stay there; moves the start to its end.
///
/// Acceleration first returns to its limit. A velocity that is beyond its limit, or will be, is driven back as hard as the
/// other limits allow until it is within.
pub(super) fn brake(task: &mut Task) -> Brake {
    let Task { v0, a0, fast, back, up, down, .. } = *task;
    if a0 * a0 < ROUNDING * real::abs(v0) && a0 != 0.0 {
        let (t, jerk) = if a0 > 0.0 { (a0, -1.0) } else { (-a0, 1.0) };
        task.advance(t, jerk);
        task.a0 = 0.0;
        return [(t, jerk), (0.0, 0.0)];
    }
    let (above, below) = (fast * (1.0 + SLACK), -back * (1.0 + SLACK));
    if a0 > up {
        return if v0 + 0.5 * a0 * a0 > above { slow_down(task) } else { release(task) };
    }
    if a0 < -down {
        return in_mirror(task, if v0 - 0.5 * a0 * a0 < below { slow_down } else { release });
    }
    if (v0 > above && v0 - 0.5 * a0 * a0 > -back) || (a0 > 0.0 && v0 + 0.5 * a0 * a0 > above) {
        return slow_down(task);
    }
    if (v0 < below && v0 + 0.5 * a0 * a0 < fast) || (a0 < 0.0 && v0 - 0.5 * a0 * a0 < below) {
        return in_mirror(task, slow_down);
    }
    Brake::default()
}

fn in_mirror(task: &mut Task, way: fn(&mut Task) -> Brake) -> Brake {
    let mut mirrored = task.mirrored();
    let stretches = way(&mut mirrored);
    *task = mirrored.mirrored();
    stretches.map(|(t, jerk)| (t, -jerk))
}

/// Too much acceleration: down to the limit, and on at the limit while the velocity is below its lowest.
fn release(task: &mut Task) -> Brake {
    let t1 = task.a0 - task.up;
    task.advance(t1, -1.0);
    task.a0 = task.up;
    let until = real::min((-task.back - task.v0) / task.up, (task.fast - task.v0) / task.up - 0.5 * task.up);
    let t2 = real::max(until, 0.0);
    task.advance(t2, 0.0);
    [(t1, -1.0), (t2, 0.0)]
}

/// Too fast, now or soon: down until the velocity is within its limit or would fall through the other one.
fn slow_down(task: &mut Task) -> Brake {
    let Task { v0, a0, fast, back, down, .. } = *task;
    let to_fast = a0 + real::sqrt(real::max(a0 * a0 + 2.0 * (v0 - fast), 0.0));
    let to_back = a0 + real::sqrt(real::max(0.5 * a0 * a0 + v0 + back, 0.0));
    let to_limit = a0 + down;
    let within = real::min(to_fast, to_back);
    if to_limit >= within {
        let t = real::max(within, 0.0);
        task.advance(t, -1.0);
        return [(t, -1.0), (0.0, 0.0)];
    }
    let t1 = real::max(to_limit, 0.0);
    task.advance(t1, -1.0);
    task.a0 = -down;
    let until = real::min((task.v0 - fast) / down, (task.v0 + back) / down - 0.5 * down);
    let t2 = real::max(until, 0.0);
    task.advance(t2, 0.0);
    [(t1, -1.0), (t2, 0.0)]
}
