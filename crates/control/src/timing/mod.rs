//! When to be where on a path: the whole path timed at once, within limits of velocity, acceleration, jerk and torque.
//!
//! 1. Along the path, velocity squared x = ṡ² and acceleration u = s̈ enter every limit of velocity, acceleration and torque linearly,
//!    so the fastest timing without a limit of jerk takes two passes over a grid (Pham & Pham, *A New Approach to Time-Optimal Path
//!    Parameterization Based on Reachability Analysis*, 2018): backward the greatest x from which the end can be reached, forward the
//!    greatest u that stays below.
//! 2. Its acceleration jumps. The mean over a sliding window of time has a jerk of at most the jump over the window, keeps to the path,
//!    ends at rest where the first one did, one window later. What is allowed at each point is convex in (x, u), so a mean of allowed
//!    motions is allowed but for what the limits change over the window; this much they are tightened beforehand, at each point for itself.
//! 3. The result is swept once. What still passes a limit (little, if anything) is slowed down evenly until nothing does.
//!
//! The window is at most about twice the rise time a/j of the slowest joint: the price of the jerk limit is about one window for the whole path.

/// The two passes.
mod pass;
/// A path's derivatives and torques on a grid.
mod sampled;
/// Greatest shares of the limits that a timing uses.
mod sweep;

pub use sampled::Sampled;

use crate::profile::Moment;
use alloc::vec::Vec;
use leitai_math::real;
use pass::Pass;
use sweep::Shares;

/// What each joint may do; one value for each joint.
#[derive(Clone, Debug, PartialEq)]
pub struct JointLimits {
    /// Greatest velocity [rad/s or m/s].
    pub velocity: Vec<f64>,
    /// Greatest acceleration [rad/s² or m/s²].
    pub acceleration: Vec<f64>,
    /// Greatest jerk [rad/s³ or m/s³].
    pub jerk: Vec<f64>,
    /// Greatest torque [N·m or N]; empty where torques do not matter. Otherwise the path must have been sampled with them.
    pub torque: Vec<f64>,
}

/// Why a path cannot be timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimingError {
    /// A number of the path or of the limits is not finite.
    NotFinite,
    /// A limit of this joint is not above zero.
    NoRoom(usize),
    /// Holding still at this share of the path needs all of this joint's torque, or more.
    TooWeak {
        /// Joint, counted from zero.
        joint: usize,
        /// Share of the path, 0 to 1.
        at: f64,
    },
    /// There is no way past this share of the path: limits leave no velocity there.
    Stuck {
        /// Share of the path, 0 to 1.
        at: f64,
    },
}

impl core::fmt::Display for TimingError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotFinite => write!(f, "a number of the path or of the limits is not finite"),
            Self::NoRoom(joint) => write!(f, "joint {}: limits must be above zero", joint + 1),
            Self::TooWeak { joint, at } => {
                write!(
                    f,
                    "joint {} cannot hold still after {:.0} % of the path; choose another posture or a smaller load",
                    joint + 1,
                    at * 100.0
                )
            }
            Self::Stuck { at } => write!(f, "the limits leave no velocity after {:.0} % of the path", at * 100.0),
        }
    }
}

impl core::error::Error for TimingError {}

/// Share of the limits of velocity, acceleration and torque that the passes use; the sweep looks at points only.
const USED: f64 = 0.999;
/// The shortest window, as a share of twice the longest rise time a/j.
const SHORTEST: f64 = 0.4;
/// Cells that are enough to learn what a window meets: the first two passes may skip points down to this.
const FEW: usize = 200;
/// Longer windows that are tried where that is not enough.
const WIDER: usize = 2;
/// Share of the limit of jerk up to which slowing down a little is better than another window.
const SLIGHTLY: f64 = 1.06;

/// The path's parameter over time.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// Grid spacing of the parameter.
    step: f64,
    /// At each point of the grid, before the mean is taken: time [s], velocity, integral of the parameter over time.
    times: Vec<f64>,
    speeds: Vec<f64>,
    areas: Vec<f64>,
    /// Acceleration from each point to the next, and none after the last.
    pushes: Vec<f64>,
    /// Window of the mean [s].
    window: f64,
    /// Factor by which all times are stretched.
    slowness: f64,
    /// Duration without a limit of jerk [s].
    unsmoothed_s: f64,
}

impl Timing {
    /// Times a path from rest to rest.
    ///
    /// # Errors
    /// If numbers are not finite, a limit is not above zero, a joint cannot hold its posture, or the limits leave no way.
    ///
    /// # Panics
    /// If the limits are not one for each joint, or there are limits of torque and the path was sampled without torques.
    pub fn new(path: &Sampled, limits: &JointLimits) -> Result<Self, TimingError> {
        let mut timing = Self::default();
        timing.plan(&mut Work::default(), path, limits)?;
        Ok(timing)
    }

    /// As [`Self::new`], in place of an older timing: allocates nothing if neither it nor `work` have to grow.
    ///
    /// # Errors
    /// As [`Self::new`]. What the timing was is then lost.
    ///
    /// # Panics
    /// As [`Self::new`].
    pub fn plan(&mut self, work: &mut Work, path: &Sampled, limits: &JointLimits) -> Result<(), TimingError> {
        path.check(limits)?;
        self.step = path.step;
        let rise = limits.acceleration.iter().zip(&limits.jerk).fold(0.0, |most, (a, j)| real::max(most, a / j));
        self.window = 2.0 * rise;
        self.slowness = 1.0;
        let pass = &mut work.pass;
        let cells = path.points() - 1;
        let skip = [4, 3, 2].into_iter().find(|skip| cells.is_multiple_of(*skip) && cells / skip >= FEW).unwrap_or(1);
        pass.prepare(path, limits, skip);
        pass.run(path, skip)?;
        self.unsmoothed_s = pass.duration();
        // Often no joint goes from its greatest acceleration to its greatest deceleration at once.
        self.window = real::clamp(pass.near(self.window), SHORTEST * self.window, self.window);
        let mut shares = self.smooth(pass, path, limits)?;
        for _ in 0..WIDER {
            if shares.jerk <= SLIGHTLY {
                break;
            }
            self.window *= real::min(shares.jerk, 1.5);
            shares = self.smooth(pass, path, limits)?;
        }
        self.slowness = shares.slowness();
        // A grid of one cell leaves no point to move through.
        if self.duration_s().is_finite() { Ok(()) } else { Err(TimingError::Stuck { at: 0.0 }) }
    }

    /// The passes within limits tightened for the window, and what their mean uses.
    fn smooth(&mut self, pass: &mut Pass, path: &Sampled, limits: &JointLimits) -> Result<Shares, TimingError> {
        pass.tighten(path, self.window);
        pass.run(path, 1)?;
        self.lay(&pass.x);
        Ok(Shares::of(self, path, pass, limits))
    }

    /// Times and areas from the velocity squared at each point.
    fn lay(&mut self, x: &[f64]) {
        let n = x.len();
        self.times.resize(n, 0.0);
        self.speeds.resize(n, 0.0);
        self.areas.resize(n, 0.0);
        self.pushes.resize(n, 0.0);
        self.pushes[n - 1] = 0.0;
        let (mut t, mut area) = (0.0, 0.0);
        for i in 0..n {
            let v = real::sqrt(x[i]);
            self.speeds[i] = v;
            if i > 0 {
                let before = self.speeds[i - 1];
                let dt = 2.0 * self.step / (before + v);
                // ∫ s dt = s₀·t + v₀·t²/2 + u·t³/6, u·t = v − v₀.
                self.pushes[i - 1] = 0.5 * (x[i] - x[i - 1]) / self.step;
                area += dt * (self.step * (i - 1) as f64 + dt * (before / 2.0 + (v - before) / 6.0));
                t += dt;
            }
            self.times[i] = t;
            self.areas[i] = area;
        }
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.slowness * (self.times.last().copied().unwrap_or(0.0) + self.window)
    }

    /// Duration of the fastest timing without a limit of jerk [s], on a grid that may be coarser.
    #[must_use]
    pub fn unsmoothed_s(&self) -> f64 {
        self.unsmoothed_s
    }

    /// The window of the mean that limits jerk [s]: a velocity or acceleration of the path's parameter holds over at least this long.
    #[must_use]
    pub fn window_s(&self) -> f64 {
        self.window
    }

    /// Factor by which the timing was slowed down in the end; 1 where the sweep found all limits kept.
    #[must_use]
    pub fn slowness(&self) -> f64 {
        self.slowness
    }

    /// The path's parameter and its derivatives at `t_s`, held at the ends outside the motion; at the start if nothing was planned.
    #[must_use]
    pub fn at(&self, t_s: f64) -> Moment {
        let Some(last) = self.times.last() else { return Moment::default() };
        let t = real::clamp(t_s / self.slowness, 0.0, last + self.window);
        let after = |t: f64| self.times.partition_point(|&start| start <= t);
        let (late, early) = (self.raw(after(t), t), self.raw(after(t - self.window), t - self.window));
        let per = 1.0 / self.window;
        let k = 1.0 / self.slowness;
        Moment {
            position: (late[0] - early[0]) * per,
            speed: (late[1] - early[1]) * per * k,
            acceleration: (late[2] - early[2]) * per * k * k,
            jerk: (late[3] - early[3]) * per * k * k * k,
        }
    }

    /// Integral of the parameter, parameter, velocity and acceleration before the mean is taken, at time `t` in the cell before point
    /// `next`; `next` 0 is before the start, and beyond the last point all stands.
    #[inline]
    fn raw(&self, next: usize, t: f64) -> [f64; 4] {
        if next == 0 {
            return [0.0; 4];
        }
        let i = next - 1;
        let dt = t - self.times[i];
        let s = self.step * i as f64;
        let (v, u) = if i < self.times.len() - 1 { (self.speeds[i], self.pushes[i]) } else { (0.0, 0.0) };
        [self.areas[i] + dt * (s + dt * (v / 2.0 + dt * u / 6.0)), s + dt * (v + dt * u / 2.0), v + dt * u, u]
    }
}

/// Work space of [`Timing::plan`].
#[derive(Clone, Debug, Default)]
pub struct Work {
    pass: Pass,
}
