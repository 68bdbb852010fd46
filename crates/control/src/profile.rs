//! Jerk-limited motion of one coordinate: the double-S velocity profile.
//!
//! A ramp changes the speed with a trapezoid of acceleration (jerk +j, 0, −j), and a motion is a ramp, a cruise and a ramp
//! (Biagiotti & Melchiorri, *Trajectory Planning for Automatic Machines and Robots*, 2008, §3.4). A ramp between two speeds
//! is symmetric, so it covers its mean speed times its duration; this makes the distance of a motion a function of its peak
//! speed alone, and the peak that covers the wanted distance is found by counted bisection where the cruise vanishes.

use leitai_math::real;

/// Greatest speed, acceleration and jerk of one coordinate; all positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Speed.
    pub speed: f64,
    /// Acceleration.
    pub acceleration: f64,
    /// Jerk.
    pub jerk: f64,
}

/// One coordinate at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    /// Position.
    pub position: f64,
    /// Speed.
    pub speed: f64,
    /// Acceleration.
    pub acceleration: f64,
    /// Jerk.
    pub jerk: f64,
}

/// At most seven stretches of constant jerk, from one position to another.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    starts_s: [f64; 8],
    states: [Moment; 8],
}

/// Halvings of the interval that holds the peak speed: enough to reach the last bit.
const HALVINGS: usize = 64;

/// Duration of one jerk stretch and of the whole ramp between speeds that differ by `change`.
fn ramp(change: f64, bounds: &Bounds) -> (f64, f64) {
    let change = real::abs(change);
    let (a, j) = (bounds.acceleration, bounds.jerk);
    if change * j < a * a {
        let t = real::sqrt(change / j);
        (t, 2.0 * t)
    } else {
        (a / j, a / j + change / a)
    }
}

/// Distance of the ramp from speed `from` to speed `to`.
fn ramp_distance(from: f64, to: f64, bounds: &Bounds) -> f64 {
    0.5 * (from + to) * ramp(to - from, bounds).1
}

impl Profile {
    /// The quickest motion over `distance` from rest to rest.
    #[must_use]
    pub fn rest_to_rest(distance: f64, bounds: Bounds) -> Self {
        Self::between(0.0, 0.0, distance, 0.0, bounds)
    }

    /// A motion from `from` at speed `from_speed` to `to` at speed `to_speed`, accelerations zero at both ends.
    ///
    /// Its acceleration returns to zero between the two ramps, which costs nothing from rest to rest and little otherwise. A
    /// start too fast to stop in time overshoots and comes back.
    ///
    /// # Panics
    /// If a bound is not positive.
    #[must_use]
    pub fn between(from: f64, from_speed: f64, to: f64, to_speed: f64, bounds: Bounds) -> Self {
        assert!(bounds.speed > 0.0 && bounds.acceleration > 0.0 && bounds.jerk > 0.0, "bounds must be positive: {bounds:?}");
        // The mirror image of a motion is a motion: from here on the peak is not below the end speeds.
        let mirror = if to - from < ramp_distance(from_speed, to_speed, &bounds) { -1.0 } else { 1.0 };
        let (distance, v0, v1) = (mirror * (to - from), mirror * from_speed, mirror * to_speed);
        let covered = |peak: f64| ramp_distance(v0, peak, &bounds) + ramp_distance(peak, v1, &bounds);
        let mut peak = real::max(bounds.speed, real::max(v0, v1));
        if covered(peak) > distance {
            let (mut low, mut high) = (real::max(v0, v1), peak);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if covered(middle) > distance {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            peak = low;
        }
        let rest = distance - covered(peak);
        let cruise = if peak > 0.0 { rest / peak } else { 0.0 };
        let mut profile = Self { starts_s: [0.0; 8], states: [Moment::default(); 8] };
        let mut now = Moment { position: from, speed: from_speed, acceleration: 0.0, jerk: 0.0 };
        let mut at = 0.0;
        let mut k = 0;
        let mut stretch = |now: &mut Moment, jerk: f64, duration: f64| {
            now.jerk = jerk;
            profile.starts_s[k] = at;
            profile.states[k] = *now;
            *now = after(now, duration);
            at += duration;
            k += 1;
        };
        for (first, second, hold) in [(v0, peak, cruise), (peak, v1, 0.0)] {
            let (t_jerk, t_ramp) = ramp(second - first, &bounds);
            let jerk = mirror * if second < first { -bounds.jerk } else { bounds.jerk };
            stretch(&mut now, jerk, t_jerk);
            stretch(&mut now, 0.0, t_ramp - 2.0 * t_jerk);
            stretch(&mut now, -jerk, t_jerk);
            // What rounding left of the acceleration must not grow over the cruise.
            now.acceleration = 0.0;
            now.speed = mirror * second;
            if hold > 0.0 {
                stretch(&mut now, 0.0, hold);
            }
        }
        let end = Moment { position: to, speed: to_speed, acceleration: 0.0, jerk: 0.0 };
        for k in k..8 {
            profile.starts_s[k] = at;
            profile.states[k] = end;
        }
        profile
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.starts_s[7]
    }

    /// When each stretch of constant jerk starts, and the end [s].
    #[must_use]
    pub fn stretches_s(&self) -> [f64; 8] {
        self.starts_s
    }

    /// The state at `t_s`, held at the ends outside the motion.
    #[must_use]
    pub fn at(&self, t_s: f64) -> Moment {
        if t_s >= self.starts_s[7] {
            return self.states[7];
        }
        let t = real::max(t_s, 0.0);
        let mut k = 6;
        while k > 0 && self.starts_s[k] > t {
            k -= 1;
        }
        after(&self.states[k], t - self.starts_s[k])
    }
}

/// The state `t` after `from` under its constant jerk.
fn after(from: &Moment, t: f64) -> Moment {
    let Moment { position, speed, acceleration, jerk } = *from;
    Moment {
        position: position + t * (speed + t * (acceleration / 2.0 + t * jerk / 6.0)),
        speed: speed + t * (acceleration + t * jerk / 2.0),
        acceleration: acceleration + t * jerk,
        jerk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    const BOUNDS: Bounds = Bounds { speed: 2.0, acceleration: 5.0, jerk: 50.0 };

    /// Biagiotti & Melchiorri (2008), §3.4.3: with all limits reached T = D/v + v/a + a/j; without the speed limit
    /// T = a/j + √((a/j)² + 4D/a); with neither speed nor acceleration limit T = 4·∛(D/2j).
    #[test]
    fn durations_are_the_textbook_ones() {
        let Bounds { speed: v, acceleration: a, jerk: j } = BOUNDS;
        let cases = [
            (3.0, 3.0 / v + v / a + a / j),
            (0.5, a / j + ((a / j) * (a / j) + 4.0 * 0.5 / a).sqrt()),
            (0.005, 4.0 * (0.005 / (2.0 * j)).cbrt()),
        ];
        for (distance, duration) in cases {
            for sign in [1.0, -1.0] {
                let profile = Profile::rest_to_rest(sign * distance, BOUNDS);
                assert!((profile.duration_s() - duration).abs() < 1e-9, "{distance}: {} {duration}", profile.duration_s());
                assert!((profile.at(0.5 * duration).position - 0.5 * sign * distance).abs() < 1e-9, "symmetric");
            }
        }
    }

    /// A motion over nothing takes no time.
    #[test]
    fn standing_still_takes_no_time() {
        let profile = Profile::rest_to_rest(0.0, BOUNDS);
        assert!(profile.duration_s() < 1e-6);
        assert_eq!(profile.at(1.0).position, 0.0);
    }

    /// Laws of every profile: bounds hold, position is the integral of speed, the end is reached, also from a moving start.
    #[test]
    fn bounds_hold_and_states_are_continuous_from_any_start() {
        let mut draw = Seed::from_number(1).stream("profile");
        for case in 0..400 {
            let (v0, v1) = (draw.uniform(-2.0, 2.0), draw.uniform(-2.0, 2.0));
            let to = draw.uniform(-3.0, 3.0);
            let profile = Profile::between(0.3, v0, to, v1, BOUNDS);
            let n = 4000;
            let dt = profile.duration_s() / f64::from(n);
            let mut last = profile.at(0.0);
            assert!((last.position - 0.3).abs() < 1e-12 && (last.speed - v0).abs() < 1e-12);
            for i in 1..=n {
                let now = profile.at(f64::from(i) * dt);
                assert!(now.speed.abs() <= BOUNDS.speed + 1e-9, "{case}: speed {}", now.speed);
                assert!(now.acceleration.abs() <= BOUNDS.acceleration + 1e-9, "{case}: acceleration {}", now.acceleration);
                let step = 0.5 * dt * (last.speed + now.speed);
                assert!((now.position - last.position - step).abs() < BOUNDS.jerk * dt * dt * dt + 1e-9, "{case}: jump at {i}");
                assert!((now.acceleration - last.acceleration).abs() <= BOUNDS.jerk * dt + 1e-7, "{case}: jerk at {i}");
                last = now;
            }
            let end = profile.at(profile.duration_s());
            assert!((end.position - to).abs() < 1e-9 && (end.speed - v1).abs() < 1e-9, "{case}");
        }
    }
}
