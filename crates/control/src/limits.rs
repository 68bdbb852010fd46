//! The fastest timing of a path within declared shares of the drives' limits.
//!
//! A path is first timed by joint speeds and accelerations alone. If inverse dynamics then asks for more torque than the
//! declared share, acceleration and jerk are lowered together by counted bisection, and speed with the fourth root (Coriolis
//! torque grows with its square, and most motions never reach it). Uniform slowing always ends at the static torque: where
//! holding still needs more than the share, the motion may need a little more than that, up to the data sheet's torque; if
//! even that is too little, the slowest timing is used and the drives show what happens. Nothing is refused here.

use crate::chain::Chain;
use crate::path::Path;
use crate::profile::{Bounds, Profile};
use crate::trajectory::Trajectory;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Vec3, real};

/// What each joint may do.
#[derive(Clone, Debug, PartialEq)]
pub struct MotionLimits {
    /// Greatest speed [rad/s or m/s], from the data sheet.
    pub speed: Vec<f64>,
    /// Greatest acceleration [rad/s² or m/s²].
    pub acceleration: Vec<f64>,
    /// Greatest torque [N·m or N], from the data sheet.
    pub torque: Vec<f64>,
    /// Share of speed and torque that a plan uses; the rest is for the servo. In (0, 1].
    pub share: f64,
    /// Time from no to full acceleration [s].
    pub rise_s: f64,
}

/// What the tool may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TipLimits {
    /// Greatest speed [m/s].
    pub speed_m_s: f64,
    /// Greatest acceleration [m/s²].
    pub acceleration_m_s2: f64,
}

/// What decided how fast a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedBy {
    /// Declared speeds and accelerations.
    Declared,
    /// The drives' torque.
    Torque,
    /// Nothing tried was slow enough for the drives' torque.
    SlowestTried,
}

/// Writes the joint torques for (q, v, a).
pub type Torques<'a> = dyn FnMut(&[f64], &[f64], &[f64], &mut [f64]) + 'a;

/// Samples along the path, and over time in each check.
const SAMPLES: usize = 32;
/// Halvings of the (logarithmic) scale of acceleration.
const HALVINGS: usize = 7;
/// The slowest scale of acceleration that is tried.
const SLOWEST: f64 = 0.02;
/// Torque that a motion may need, as a factor on what holding still needs, where that is more than the share.
const OVER_HOLDING: f64 = 1.05;

/// Times `path` from rest to rest.
///
/// `tip` limits the tool on its way; `torques` writes the joint torques for (q, v, a).
pub fn time_path(
    path: Path,
    limits: &MotionLimits,
    tip: Option<(&Chain, TipLimits)>,
    torques: &mut Torques<'_>,
) -> (Trajectory, TimedBy) {
    let (speed, acceleration) = path_limits(&path, limits, tip);
    let length = path.length();
    let timed = |scale: f64| {
        let bounds = Bounds {
            speed: speed * real::sqrt(real::sqrt(scale)),
            acceleration: acceleration * scale,
            jerk: acceleration * scale / limits.rise_s,
        };
        Profile::rest_to_rest(length, bounds)
    };
    let mut trajectory = Trajectory { path, profile: timed(1.0) };
    let mut check = Check::new(&trajectory.path, limits, torques);
    if trajectory.path.is_straight() && at_rest(&trajectory.path) {
        return (trajectory, TimedBy::Declared);
    }
    if check.holds(&trajectory, torques) {
        return (trajectory, TimedBy::Declared);
    }
    let (mut low, mut high) = (real::ln(SLOWEST), 0.0);
    trajectory.profile = timed(SLOWEST);
    if !check.holds(&trajectory, torques) {
        return (trajectory, TimedBy::SlowestTried);
    }
    let mut best = trajectory.profile;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        trajectory.profile = timed(real::exp(middle));
        if check.holds(&trajectory, torques) {
            (low, best) = (middle, trajectory.profile);
        } else {
            high = middle;
        }
    }
    trajectory.profile = best;
    (trajectory, TimedBy::Torque)
}

fn at_rest(path: &Path) -> bool {
    let n = path.joints();
    let (mut q, mut slope, mut bend) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    path.at(0.0, &mut q, &mut slope, &mut bend);
    slope.iter().all(|s| real::abs(*s) < 1e-12)
}

/// Greatest speed and acceleration of the path's parameter for which every joint, and the tip, stays within its limits.
///
/// Acceleration of a joint is q″ṡ² + q′s̈. Where the path bends, a third of the limit is left to the first term.
fn path_limits(path: &Path, limits: &MotionLimits, tip: Option<(&Chain, TipLimits)>) -> (f64, f64) {
    let n = path.joints();
    let (mut q, mut slope, mut bend) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut rows: Vec<(f64, f64, f64, f64)> = Vec::new();
    let mut tips: Vec<Vec3> = Vec::new();
    for k in 0..=SAMPLES {
        path.at(path.length() * k as f64 / SAMPLES as f64, &mut q, &mut slope, &mut bend);
        for i in 0..n {
            rows.push((real::abs(slope[i]), real::abs(bend[i]), limits.speed[i] * limits.share, limits.acceleration[i]));
        }
        if let Some((chain, _)) = tip {
            tips.push(chain.tip(&q).position);
        }
    }
    if let Some((_, tip)) = tip {
        let h = path.length() / SAMPLES as f64;
        for k in 1..SAMPLES {
            let slope = (tips[k + 1] - tips[k - 1]).norm() / (2.0 * h);
            let bend = (tips[k + 1] - tips[k] * 2.0 + tips[k - 1]).norm() / (h * h);
            rows.push((slope, bend, tip.speed_m_s, tip.acceleration_m_s2));
        }
    }
    let (mut speed, mut acceleration) = (f64::INFINITY, f64::INFINITY);
    for &(slope, bend, most_speed, most_acceleration) in &rows {
        speed = real::min(speed, most_speed / real::max(slope, 1e-9));
        speed = real::min(speed, real::sqrt(most_acceleration / 3.0 / real::max(bend, 1e-9)));
    }
    for &(slope, bend, _, most_acceleration) in &rows {
        let left = most_acceleration - bend * speed * speed;
        acceleration = real::min(acceleration, left / real::max(slope, 1e-9));
    }
    (speed, acceleration)
}

struct Check {
    q: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
    tau: Vec<f64>,
    /// Greatest torque of each joint.
    most: Vec<f64>,
}

impl Check {
    fn new(path: &Path, limits: &MotionLimits, torques: &mut Torques<'_>) -> Self {
        let n = path.joints();
        let mut check = Self { q: vec![0.0; n], v: vec![0.0; n], a: vec![0.0; n], tau: vec![0.0; n], most: vec![0.0; n] };
        let (mut slope, mut bend) = (vec![0.0; n], vec![0.0; n]);
        for k in 0..=SAMPLES {
            path.at(path.length() * k as f64 / SAMPLES as f64, &mut check.q, &mut slope, &mut bend);
            torques(&check.q, &check.v, &check.a, &mut check.tau);
            for i in 0..n {
                check.most[i] = real::max(check.most[i], OVER_HOLDING * real::abs(check.tau[i]));
            }
        }
        for (most, limit) in check.most.iter_mut().zip(&limits.torque) {
            *most = real::clamp(*most, limits.share * limit, *limit);
        }
        check
    }
    /// True if torques stay within what is allowed at samples over time, the ends of jerk stretches among them.
    fn holds(&mut self, trajectory: &Trajectory, torques: &mut Torques<'_>) -> bool {
        let even = (0..=SAMPLES).map(|k| trajectory.duration_s() * k as f64 / SAMPLES as f64);
        for t in trajectory.profile.stretches_s().into_iter().chain(even) {
            trajectory.at(t, &mut self.q, &mut self.v, &mut self.a);
            torques(&self.q, &self.v, &self.a, &mut self.tau);
            if self.tau.iter().zip(&self.most).any(|(tau, most)| real::abs(*tau) > *most) {
                return false;
            }
        }
        true
    }
}
