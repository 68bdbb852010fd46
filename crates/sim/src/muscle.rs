//! Muscles: activation that follows control, and force over length, speed and activation.
//!
//! The curves are MuJoCo's published ones. Active force rises in two parabolas from the shortest length to the optimal one, 1,
//! and falls in two to the longest; it vanishes at the greatest speed of shortening and levels off under lengthening. Passive
//! force begins at the optimal length as a parabola and goes on straight.

use crate::scene::LEAST;
use leitai_math::real;
use leitai_model::spec::MuscleCurve;

/// What a muscle's curve is scaled by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Muscle {
    /// Shortest and longest length [m] of its transmission.
    pub length_range: [f64; 2],
    /// Norm of the acceleration [rad/s², m/s²] that unit force gives at the reference configuration.
    pub acceleration: f64,
}

/// Rate of activation [1/s].
pub(crate) fn activation_rate(ctrl: f64, act: f64, [up, down]: [f64; 2], smoothing: f64) -> f64 {
    let (ctrl, share) = (real::clamp(ctrl, 0.0, 1.0), 0.5 + 1.5 * real::clamp(act, 0.0, 1.0));
    let (up, down) = (up * share, down / share);
    let way = ctrl - act;
    let time = if smoothing >= LEAST {
        down + (up - down) * sigmoid(way / smoothing + 0.5)
    } else if way > 0.0 {
        up
    } else {
        down
    };
    way / real::max(LEAST, time)
}

/// From 0 to 1 between 0 and 1, flat to second order at both ends.
fn sigmoid(x: f64) -> f64 {
    let x = real::clamp(x, 0.0, 1.0);
    x * x * x * (3.0 * x * (2.0 * x - 5.0) + 10.0)
}

impl Muscle {
    /// Gain, negative because a muscle pulls, and its derivative with respect to `velocity`.
    pub(crate) fn active(&self, curve: &MuscleCurve, length: f64, velocity: f64) -> (f64, f64) {
        let peak = self.peak(curve);
        let (optimal, at) = self.scaled(curve, length);
        let unit = real::max(LEAST, optimal * curve.fastest);
        let speed = velocity / unit;
        let rise = curve.lengthening - 1.0;
        let (share, slope) = if speed <= -1.0 {
            (0.0, 0.0)
        } else if speed <= 0.0 {
            ((speed + 1.0) * (speed + 1.0), 2.0 * (speed + 1.0))
        } else if speed <= rise {
            let (left, rise) = (rise - speed, real::max(LEAST, rise));
            (curve.lengthening - left * left / rise, 2.0 * left / rise)
        } else {
            (curve.lengthening, 0.0)
        };
        let active = -peak * active_at(curve, at);
        (active * share, active * slope / unit)
    }

    /// Bias, negative because a muscle pulls.
    pub(crate) fn passive(&self, curve: &MuscleCurve, length: f64) -> f64 {
        let (_, at) = self.scaled(curve, length);
        let peak = self.peak(curve) * curve.passive;
        let bend = 0.5 * (1.0 + curve.longest);
        let unit = real::max(LEAST, bend - 1.0);
        if at <= 1.0 {
            0.0
        } else if at <= bend {
            let x = (at - 1.0) / unit;
            -peak * 0.5 * x * x
        } else {
            -peak * (0.5 + (at - bend) / unit)
        }
    }

    fn peak(&self, curve: &MuscleCurve) -> f64 {
        if curve.force < 0.0 { curve.scale / real::max(LEAST, self.acceleration) } else { curve.force }
    }

    /// The optimal length [m], and `length` in parts of it.
    fn scaled(&self, curve: &MuscleCurve, length: f64) -> (f64, f64) {
        let [shortest, longest] = self.length_range;
        let optimal = (longest - shortest) / real::max(LEAST, curve.range[1] - curve.range[0]);
        (optimal, curve.range[0] + (length - shortest) / real::max(LEAST, optimal))
    }
}

fn active_at(curve: &MuscleCurve, length: f64) -> f64 {
    let (low, high) = (curve.shortest, curve.longest);
    let bends = [0.5 * (low + 1.0), 0.5 * (1.0 + high)];
    let part = |way: f64, whole: f64| way / real::max(LEAST, whole);
    if length < low || length > high {
        0.0
    } else if length <= bends[0] {
        let x = part(length - low, bends[0] - low);
        0.5 * x * x
    } else if length <= 1.0 {
        let x = part(1.0 - length, 1.0 - bends[0]);
        1.0 - 0.5 * x * x
    } else if length <= bends[1] {
        let x = part(length - 1.0, bends[1] - 1.0);
        1.0 - 0.5 * x * x
    } else {
        let x = part(high - length, high - bends[1]);
        0.5 * x * x
    }
}
