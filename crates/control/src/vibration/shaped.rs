//! Profiles that are shaped, along a path.

use super::shaper::Shaper;
use crate::path::Path;
use crate::profile::{Moment, Profile};

/// A profile's delayed copies, weighted and summed.
///
/// From the same start to the same end as the profile, by the shaper's length later. Speed, acceleration and jerk stay within what
/// bounds the profile.
#[derive(Clone, Copy, Debug)]
pub struct Shaped {
    profile: Profile,
    shaper: Shaper,
}

impl Shaped {
    /// `profile` after `shaper`.
    #[must_use]
    pub fn new(profile: Profile, shaper: Shaper) -> Self {
        Self { profile, shaper }
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.profile.duration_s() + self.shaper.length_s()
    }

    /// The state at `t_s`, held at the ends outside the motion. Before an impulse's time its copy stands at the start, so a motion that
    /// begins at rest begins smoothly; one that does not begins with a share of its speed.
    #[must_use]
    pub fn at(&self, t_s: f64) -> Moment {
        let mut sum = Moment::default();
        for (weight, delay_s) in self.shaper.impulses() {
            let t = t_s - delay_s;
            let now = if t < 0.0 {
                Moment { position: self.profile.at(0.0).position, ..Moment::default() }
            } else {
                self.profile.at(t)
            };
            sum.position += weight * now.position;
            sum.speed += weight * now.speed;
            sum.acceleration += weight * now.acceleration;
            sum.jerk += weight * now.jerk;
        }
        sum
    }
}

/// A path that is followed by a shaped profile: the joints move on the path they would move on unshaped.
#[derive(Clone, Debug)]
pub struct ShapedTrajectory {
    /// Where.
    pub path: Path,
    /// When: the path's parameter over time.
    pub profile: Shaped,
}

impl ShapedTrajectory {
    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.profile.duration_s()
    }

    /// Writes joint positions, velocities and accelerations at `t_s`; after the end the arm stands at the path's end.
    pub fn at(&self, t_s: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        self.path.moving(&self.profile.at(t_s), q, v, a);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Bounds;
    use crate::vibration::Mode;

    const BOUNDS: Bounds = Bounds { speed: 2.0, acceleration: 8.0, jerk: 400.0 };

    /// An undamped oscillator of frequency w that hangs on a moving support, x'' = −w²(x − s(t)), stepped by the exact solution of
    /// each short stretch on which s is a parabola; its amplitude once the support stands.
    fn ringing(shaped: &Shaped, w: f64) -> f64 {
        let n = 20_000_u32;
        let h = shaped.duration_s() / f64::from(n);
        // e = x − s obeys e'' = −w²e − s'': with s'' constant over a stretch, e + s''/w² turns by the angle w·h.
        let (mut e, mut de) = (0.0_f64, 0.0_f64);
        let (sin, cos) = (w * h).sin_cos();
        for k in 0..n {
            let offset = shaped.at((f64::from(k) + 0.5) * h).acceleration / (w * w);
            let (y, dy) = (e + offset, de);
            (e, de) = (y * cos + dy / w * sin - offset, -y * w * sin + dy * cos);
        }
        (e * e + de * de / (w * w)).sqrt()
    }

    /// The law behind shapers: what is left of the vibration is what the impulses leave, whatever the motion.
    #[test]
    fn a_motion_leaves_what_its_shaper_leaves() {
        let w = 52.0;
        for distance in [0.3, 0.6, 1.2] {
            let profile = Profile::rest_to_rest(distance, BOUNDS);
            let plain = Shaped::new(profile, Shaper::NONE);
            for by in [0.9, 1.0, 1.1] {
                let unshaped = ringing(&plain, w * by);
                let mode = Mode { frequency_rad_s: w, damping_ratio: 0.0 };
                for shaper in [Shaper::zv(mode), Shaper::zvd(mode), Shaper::ei(mode, 0.1)].map(Result::unwrap) {
                    let left = ringing(&Shaped::new(profile, shaper), w * by);
                    let told = shaper.left(Mode { frequency_rad_s: w * by, damping_ratio: 0.0 });
                    assert!((left - told * unshaped).abs() < 2e-4 * 8.0 / (w * w), "{distance} {by}: {left} {}", told * unshaped);
                }
            }
        }
    }

    /// Laws of the sum: from start to end, within the bounds, position the integral of speed.
    #[test]
    fn bounds_hold_and_the_end_is_reached() {
        let mode = Mode { frequency_rad_s: 40.0, damping_ratio: 0.03 };
        let shaped = Shaped::new(Profile::rest_to_rest(1.2, BOUNDS), Shaper::ei(mode, 0.1).unwrap());
        let n = 10_000;
        let h = shaped.duration_s() / f64::from(n);
        let mut last = shaped.at(0.0);
        assert_eq!((last.position, last.speed), (0.0, 0.0));
        for k in 1..=n {
            let now = shaped.at(f64::from(k) * h);
            assert!(now.speed <= BOUNDS.speed + 1e-9 && now.acceleration.abs() <= BOUNDS.acceleration + 1e-9);
            assert!((now.position - last.position - 0.5 * h * (now.speed + last.speed)).abs() < BOUNDS.jerk * h * h * h + 1e-12);
            last = now;
        }
        assert!((last.position - 1.2).abs() < 1e-12 && last.speed.abs() < 1e-12);
        assert_eq!(shaped.at(1e9).position, last.position);
    }
}
