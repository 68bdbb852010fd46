//! Paths with a clock, and joints that arrive together.

use crate::path::Path;
use crate::profile::{Bounds, Profile};
use alloc::vec::Vec;
use leitai_math::real;

/// A path and how fast it is followed. The time is counted by the caller and handed in.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// Where.
    pub path: Path,
    /// When: the path's parameter over time.
    pub profile: Profile,
}

impl Trajectory {
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

/// Each joint moves by its own profile, from any velocity to rest.
///
/// All arrive together where a joint can slow down to do so; one that starts with more speed than its way needs cannot, ends
/// early and stands.
#[derive(Clone, Debug)]
pub struct JointMove {
    joints: Vec<Profile>,
    duration_s: f64,
}

impl JointMove {
    /// From `from` at velocity `from_speed` (accelerations zero) to rest at `to`.
    ///
    /// # Panics
    /// If the lengths differ or a bound is not positive.
    #[must_use]
    pub fn new(from: &[f64], from_speed: &[f64], to: &[f64], bounds: &[Bounds]) -> Self {
        let n = from.len();
        assert!(from_speed.len() == n && to.len() == n && bounds.len() == n, "one value for each joint");
        let quickest: Vec<Profile> = (0..n).map(|i| Profile::between(from[i], from_speed[i], to[i], 0.0, bounds[i])).collect();
        let duration_s = quickest.iter().fold(0.0, |most, p| real::max(most, p.duration_s()));
        let joints = (0..n).map(|i| slowed(quickest[i], duration_s, from[i], from_speed[i], to[i], bounds[i])).collect();
        Self { joints, duration_s }
    }
    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }
    /// Writes joint positions, velocities and accelerations at `t_s`.
    pub fn at(&self, t_s: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        for (i, profile) in self.joints.iter().enumerate() {
            let now = profile.at(t_s);
            (q[i], v[i], a[i]) = (now.position, now.speed, now.acceleration);
        }
    }
}

/// The profile slowed until it lasts `duration_s`, by counted bisection on a common slow-down of its bounds.
fn slowed(quickest: Profile, duration_s: f64, from: f64, from_speed: f64, to: f64, bounds: Bounds) -> Profile {
    if quickest.duration_s() >= duration_s || (from == to && from_speed == 0.0) {
        return quickest;
    }
    let at_slowness = |slowness: f64| {
        let slower = Bounds {
            speed: bounds.speed / slowness,
            acceleration: bounds.acceleration / (slowness * slowness),
            jerk: bounds.jerk / (slowness * slowness * slowness),
        };
        // Bounds below the starting speed would be broken by the start itself; braking keeps its own.
        let moving = from_speed != 0.0;
        let kept = Bounds { acceleration: bounds.acceleration, jerk: bounds.jerk, ..slower };
        Profile::between(from, from_speed, to, 0.0, if moving { kept } else { slower })
    };
    if from_speed == 0.0 {
        // Stretching time by k divides speed by k, acceleration by k² and jerk by k³: the same shape, k times as long.
        return at_slowness(duration_s / quickest.duration_s());
    }
    let (mut low, mut high) = (1.0, 1e3);
    let mut best = quickest;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let trial = at_slowness(middle);
        if trial.duration_s() > duration_s {
            high = middle;
        } else {
            low = middle;
            best = trial;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    const BOUNDS: Bounds = Bounds { speed: 2.0, acceleration: 5.0, jerk: 50.0 };

    /// Joints with different ways to go start and stop together.
    #[test]
    fn joints_from_rest_arrive_together_in_proportion() {
        let (from, to) = ([0.0, 1.0, -1.0], [2.0, 0.5, -1.0]);
        let motion = JointMove::new(&from, &[0.0; 3], &to, &[BOUNDS; 3]);
        let (mut q, mut v, mut a) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        motion.at(0.5 * motion.duration_s(), &mut q, &mut v, &mut a);
        assert!((q[0] - 1.0).abs() < 1e-9 && (q[1] - 0.75).abs() < 1e-9 && (q[2] + 1.0).abs() < 1e-12, "{q:?}");
        motion.at(motion.duration_s(), &mut q, &mut v, &mut a);
        assert!(q.iter().zip(&to).all(|(q, to)| (q - to).abs() < 1e-9), "{q:?}");
    }

    /// A moving start is taken up as it is, within the bounds, and ends at rest at the target.
    #[test]
    fn a_moving_start_is_taken_up() {
        let (from, to) = ([0.0, 1.0], [2.0, 0.5]);
        let motion = JointMove::new(&from, &[1.5, -0.4], &to, &[BOUNDS; 2]);
        let (mut q, mut v, mut a) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        motion.at(0.0, &mut q, &mut v, &mut a);
        assert_eq!((q, v), ([0.0, 1.0], [1.5, -0.4]));
        for k in 0..=1000 {
            motion.at(motion.duration_s() * f64::from(k) / 1000.0, &mut q, &mut v, &mut a);
            assert!(v.iter().all(|v| v.abs() <= 2.0 + 1e-9) && a.iter().all(|a| a.abs() <= 5.0 + 1e-9), "{v:?} {a:?}");
        }
        assert!(q.iter().zip(&to).all(|(q, to)| (q - to).abs() < 1e-9) && v == [0.0; 2], "{q:?} {v:?}");
    }

    /// Law: velocity and acceleration are the derivatives of position, also on a bent path.
    #[test]
    fn a_trajectory_gives_true_derivatives() {
        let points: Vec<Vec<f64>> = vec![vec![0.0, 0.0], vec![1.0, 0.2], vec![1.5, 1.0], vec![1.0, 2.0]];
        let path = Path::through(&points);
        let length = path.length();
        let trajectory = Trajectory { path, profile: Profile::rest_to_rest(length, BOUNDS) };
        let state = |t: f64| {
            let (mut q, mut v, mut a) = ([0.0; 2], [0.0; 2], [0.0; 2]);
            trajectory.at(t, &mut q, &mut v, &mut a);
            (q, v, a)
        };
        let h = 1e-5;
        for k in 1..100 {
            let t = trajectory.duration_s() * f64::from(k) / 100.0;
            let (before, now, after) = (state(t - h), state(t), state(t + h));
            for i in 0..2 {
                assert!(((after.0[i] - before.0[i]) / (2.0 * h) - now.1[i]).abs() < 1e-6);
                assert!(((after.1[i] - before.1[i]) / (2.0 * h) - now.2[i]).abs() < 1e-3);
            }
        }
        assert!(state(1e9).0.iter().zip(&points[3]).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
