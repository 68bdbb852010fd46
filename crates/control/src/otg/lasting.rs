//! A transfer that takes exactly a given time.
//!
//! Where time allows, the joint ramps to a velocity, cruises and ramps on. The distance then grows with the velocity of the cruise: it is
//! what that velocity would cover in all the time, less what the two ramps stay behind, ½x·(duration of a ramp over x) each. Between
//! the velocity at which the acceleration can be brought to zero at once and the final one a cruise may take too long; there the
//! spare time is shared between these two.

use super::extremal::{Family, Shape, root};
use super::task::ramp;
use leitai_math::real;

impl Family {
    /// The motion over the distance in time `t` (first ramp completed), for distances from that of the direct change of velocity with
    /// the rest of the time at the final velocity to the farthest.
    pub fn lasting(&self, t: f64) -> Shape {
        let Self { w, vf, a0, v1, up, down, d, .. } = *self;
        let lowest = real::max(v1, vf);
        let (x, y) = (lowest - w, lowest - vf);
        let (tx, ty) = (ramp(x, up), ramp(y, down));
        let spare = t - tx - ty;
        if spare >= 0.0 {
            let covered = lowest * t - 0.5 * (x * tx + y * ty);
            if d >= covered || vf >= v1 {
                return self.cruising(t, lowest);
            }
            // All the spare time at vf instead of v1:
            let least = covered - (v1 - vf) * spare;
            if d >= least || a0 >= 0.0 {
                let cruise = real::clamp((d - least) / (v1 - vf), 0.0, spare);
                let shape = self.over(v1, cruise);
                return Shape { peak: real::max(a0, 0.0), hold: 0.0, wait: spare - cruise, ..shape };
            }
        }
        let deepest = real::clamp(self.farthest(t).0.peak, a0, 0.0);
        let u = root(a0, deepest, 0.5 * (a0 + deepest), |u| {
            let [reach, duration, slope, lengthens] = self.knee_reach(u);
            (reach + vf * (t - duration) - d, slope - vf * lengthens)
        });
        let shape = self.knee(u);
        Shape { wait: real::max(t - shape.duration(), 0.0), ..shape }
    }

    /// With a cruise above `lowest`, the greater of v1 and vf.
    fn cruising(&self, t: f64, lowest: f64) -> Shape {
        let Self { w, vf, up, down, d, top, .. } = *self;
        let (a, b) = (w + up * up, vf + down * down);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let behind = |vp: f64| {
            let (x, y) = (real::max(vp - w, 0.0), real::max(vp - vf, 0.0));
            let (tx, ty) = (ramp(x, up), ramp(y, down));
            (t - tx - ty, vp * t - 0.5 * (x * tx + y * ty))
        };
        // The root lies above a velocity that leaves time to cruise and covers too little.
        let above = |vp: f64| {
            if vp >= top {
                return false;
            }
            let (spare, covered) = behind(vp);
            spare >= 0.0 && covered <= d
        };
        let vp = if above(high) {
            let p = 1.0 / up + 1.0 / down;
            let q = 2.0 * t - up - down + 2.0 * (w / up + vf / down);
            let r = up * w + down * vf - w * w / up - vf * vf / down - 2.0 * d;
            // p·vp² − q·vp − r = 0, the smaller root.
            let s = real::sqrt(real::max(q * q + 4.0 * p * r, 0.0));
            if q > 0.0 { -2.0 * r / (q + s) } else { 0.5 * (q - s) / p }
        } else {
            let (first, second) = if above(low) { (a < b, b <= a) } else { (false, false) };
            let from = if first || second { real::max(low, lowest) } else { lowest };
            let to = real::min(top, if first || second { high } else { real::max(low, lowest) });
            // Concave in vp, so that Newton's method from the left does not pass the root.
            root(from, to, from, |vp| {
                let (x, y) = (real::max(vp - w, 0.0), real::max(vp - vf, 0.0));
                let (x_lag, x_slope) = lag(x, up, first);
                let (y_lag, y_slope) = lag(y, down, second);
                (vp * t - x_lag - y_lag - d, t - x_slope - y_slope)
            })
        };
        let mut shape = self.over(real::clamp(vp, lowest, top), 0.0);
        if shape.hold == 0.0 {
            shape.peak = real::max(shape.peak, self.a0);
        }
        Shape { cruise: real::max(t - shape.duration(), 0.0), ..shape }
    }
}

/// What a ramp over `x` stays behind its final velocity, and its derivative.
#[inline]
fn lag(x: f64, limit: f64, holds: bool) -> (f64, f64) {
    if holds {
        (0.5 * x * (limit + x / limit), 0.5 * limit + x / limit)
    } else {
        let s = real::sqrt(x);
        (x * s, 1.5 * s)
    }
}
