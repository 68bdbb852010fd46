//! A finished motion of one joint: stretches of constant jerk.

use super::State;
use super::extremal::Shape;
use super::task::Brake;

/// Most stretches of a motion: two to brake, seven and a wait.
const MOST: usize = 10;

/// From `from_s` on, a joint in `state` moves under constant `jerk`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stretch {
    /// Start [s].
    pub from_s: f64,
    /// State at the start.
    pub state: State,
    /// Jerk [rad/s³ or m/s³].
    pub jerk: f64,
}

/// The motion of one joint from its start to its target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Course {
    count: usize,
    stretches: [Stretch; MOST],
    target: State,
    duration_s: f64,
}

/// The state `t` after `from` under constant jerk.
#[inline]
fn after(from: &State, jerk: f64, t: f64) -> State {
    let State { position, velocity, acceleration } = *from;
    State {
        position: position + t * (velocity + t * (acceleration / 2.0 + t * jerk / 6.0)),
        velocity: velocity + t * (acceleration + t * jerk / 2.0),
        acceleration: acceleration + t * jerk,
    }
}

impl Course {
    /// Lays the parts of a motion end to end. `sign` mirrors `shape`; the times in it are in seconds times `scale`, where jerk is 1.
    /// Gives the state in which the last stretch ends.
    pub(super) fn lay(
        &mut self,
        start: State,
        target: State,
        jerk: f64,
        scale: f64,
        brake: &Brake,
        sign: f64,
        a0: f64,
        shape: &Shape,
        duration_s: f64,
    ) -> State {
        let seconds = 1.0 / scale;
        self.count = 0;
        let (mut at, mut now) = (0.0, start);
        // What rounding left of an acceleration or a velocity must not grow over a long stretch: `reached` and `velocity` are what they
        // are meant to be at its end.
        let mut add = |t: f64, jerk: f64, reached: f64, velocity: Option<f64>| {
            // A NaN passes on to the end, where it is found.
            if t <= 0.0 {
                return;
            }
            let t = t * seconds;
            self.stretches[self.count] = Stretch { from_s: at, state: now, jerk };
            self.count += 1;
            now = after(&now, jerk, t);
            now.acceleration = reached;
            now.velocity = velocity.unwrap_or(now.velocity);
            at += t;
        };
        let unit = sign * scale;
        let braked = a0 * unit;
        let [(t1, jerk1), (t2, jerk2)] = *brake;
        add(t1, jerk1 * jerk, braked, None);
        add(t2, jerk2 * jerk, braked, None);
        let jerk = sign * jerk;
        let cruise = Some(sign * shape.velocity);
        let (peak, dip) = (shape.peak * unit, -shape.dip * unit);
        add(shape.peak - a0, jerk, peak, None);
        add(shape.hold, 0.0, peak, None);
        if shape.cruise > 0.0 {
            add(shape.peak, -jerk, 0.0, cruise);
            add(shape.cruise, 0.0, 0.0, cruise);
            add(shape.dip, -jerk, dip, None);
        } else {
            add(shape.peak + shape.dip, -jerk, dip, None);
        }
        add(shape.dip_hold, 0.0, dip, None);
        add(shape.dip, jerk, 0.0, (shape.wait > 0.0).then_some(target.velocity));
        add(shape.wait, 0.0, 0.0, None);
        self.target = target;
        self.duration_s = duration_s;
        now
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// The stretches of constant jerk, in order; the last ends with the motion.
    #[must_use]
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches[..self.count]
    }

    /// The state at `t_s`: the start before the motion; after it, on from the target at its velocity.
    #[must_use]
    pub fn at(&self, t_s: f64) -> State {
        if t_s >= self.duration_s || self.count == 0 {
            let past = if t_s > self.duration_s { t_s - self.duration_s } else { 0.0 };
            return after(&self.target, 0.0, past);
        }
        let t = if t_s > 0.0 { t_s } else { 0.0 };
        let mut k = self.count - 1;
        while k > 0 && self.stretches[k].from_s > t {
            k -= 1;
        }
        let stretch = &self.stretches[k];
        after(&stretch.state, stretch.jerk, t - stretch.from_s)
    }
}
