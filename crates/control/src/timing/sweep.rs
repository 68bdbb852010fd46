//! How much of its limits a timing uses, at points where its jerk jumps.

use super::pass::{Pass, greatest, lanes};
use super::sampled::LANES;
use super::{JointLimits, Sampled, Timing};
use leitai_math::real;

/// Room for what happens between the points of the sweep.
const BETWEEN: f64 = 1.001;
const JERK_BETWEEN: f64 = 1.003;

/// Greatest shares; 1 is all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shares {
    pub velocity: f64,
    pub acceleration: f64,
    pub jerk: f64,
    pub torque: f64,
}

/// Shares of the joints that share a lane.
#[derive(Clone, Copy, Default)]
struct Lanes {
    velocity: [f64; LANES],
    acceleration: [f64; LANES],
    jerk: [f64; LANES],
}

impl Shares {
    /// Sweeps a timing that is not slowed down: whenever an end of the window passes a point of its grid, just before and just after it. What
    /// has no jumps is looked at for one of the two ends in turn.
    pub fn of(timing: &Timing, path: &Sampled, pass: &Pass, limits: &JointLimits) -> Self {
        let mut most = Lanes::default();
        let mut torque = 0.0;
        let last = timing.times.len() - 1;
        let per = 1.0 / timing.window;
        let (mut early, mut late) = (0, 0);
        for i in 0..=last {
            let t = timing.times[i];
            let (from, to) = (t - timing.window, t + timing.window);
            while early <= last && timing.times[early] <= from {
                early += 1;
            }
            while late <= last && timing.times[late] <= to {
                late += 1;
            }
            let here = timing.raw(i + 1, t);
            // Just before this point the acceleration was another one.
            let before = if i > 0 { timing.pushes[i - 1] } else { 0.0 };
            for (a, b, ends) in [(here, timing.raw(early, from), true), (timing.raw(late, to), here, false)] {
                let mean = [(a[0] - b[0]) * per, (a[1] - b[1]) * per, (a[2] - b[2]) * per, (a[3] - b[3]) * per];
                let jerk_before = if ends { (before - b[3]) * per } else { (a[3] - before) * per };
                let place = Place::of(path, mean[0]);
                if ends == (i % 2 == 0) {
                    most.take::<true>(path, pass, place, mean, jerk_before);
                    if !limits.torque.is_empty() && i % 4 < 2 {
                        torque = real::max(torque, torque_share(path, pass, place, mean));
                    }
                } else {
                    most.take::<false>(path, pass, place, mean, jerk_before);
                }
            }
        }
        Self { velocity: greatest(most.velocity), acceleration: greatest(most.acceleration), jerk: greatest(most.jerk), torque }
    }

    /// The factor on all times that brings every share to 1 at most.
    pub fn slowness(&self) -> f64 {
        let by_torque = self.torque; // Friction falls only as the velocity does.
        let by_jerk = real::cbrt(JERK_BETWEEN * self.jerk);
        [BETWEEN * self.velocity, real::sqrt(BETWEEN * self.acceleration), by_jerk, by_torque].into_iter().fold(1.0, real::max)
    }
}

/// A place between two points of the grid.
#[derive(Clone, Copy)]
struct Place {
    /// Where the rows of the two points start.
    here: usize,
    next: usize,
    share: f64,
    /// Where the row of the nearer one starts.
    near: usize,
}

impl Place {
    #[inline]
    fn of(path: &Sampled, s: f64) -> Self {
        let last = path.points() - 1;
        let place = real::clamp(s / path.step, 0.0, last as f64);
        let cell = if place < last as f64 { place as usize } else { last - 1 };
        let share = place - cell as f64;
        let (here, next) = (cell * path.stride, (cell + 1) * path.stride);
        Self { here, next, share, near: if share < 0.5 { here } else { next } }
    }
}

impl Lanes {
    /// Takes in the jerk, and with `ALL` velocity and acceleration.
    #[inline]
    fn take<const ALL: bool>(&mut self, path: &Sampled, pass: &Pass, place: Place, mean: [f64; 4], jerk_before: f64) {
        let [_, v, u, w] = mean;
        let (x, vu, vx) = (v * v, 3.0 * v * u, v * v * v);
        // Where the third derivative jumps between two points, the second one is not even between them.
        let kink = 0.25 * path.step * x;
        for c in (0..path.stride).step_by(LANES) {
            let (here, next, near) = (place.here + c, place.next + c, place.near + c);
            let (slope0, slope1) = (lanes(&path.slope, here), lanes(&path.slope, next));
            let (bend0, bend1) = (lanes(&path.bend, here), lanes(&path.bend, next));
            let (low, high) = (lanes(&path.twist_low, near), lanes(&path.twist_high, near));
            let (per_velocity, per_acceleration) = (lanes(&pass.per_velocity, c), lanes(&pass.per_acceleration, c));
            let per_jerk = lanes(&pass.per_jerk, c);
            for l in 0..LANES {
                let slope = slope0[l] + place.share * (slope1[l] - slope0[l]);
                let bend = bend0[l] + place.share * (bend1[l] - bend0[l]);
                let (j0, j1) = (slope * w, slope * jerk_before);
                let (least, most) = (if j0 < j1 { j0 } else { j1 }, if j0 < j1 { j1 } else { j0 });
                let bent = bend * vu;
                let jerk = real::max(most + bent + vx * high[l], -(least + bent + vx * low[l]));
                if ALL {
                    self.velocity[l] = real::max(self.velocity[l], f64::abs(slope * v) * per_velocity[l]);
                    let acceleration = f64::abs(slope * u + bend * x) + kink * (high[l] - low[l]);
                    self.acceleration[l] = real::max(self.acceleration[l], acceleration * per_acceleration[l]);
                }
                self.jerk[l] = real::max(self.jerk[l], jerk * per_jerk[l]);
            }
        }
    }
}

fn torque_share(path: &Sampled, pass: &Pass, place: Place, mean: [f64; 4]) -> f64 {
    let [_, v, u, _] = mean;
    let mut most = [0.0; LANES];
    for c in (0..path.stride).step_by(LANES) {
        let between = |list: &[f64]| {
            let (mut a, b) = (lanes(list, place.here + c), lanes(list, place.next + c));
            (0..LANES).for_each(|l| a[l] += place.share * (b[l] - a[l]));
            a
        };
        let (inertia, pull, drag, hold) = (between(&path.inertia), between(&path.pull), between(&path.drag), between(&path.hold));
        let limit = lanes(&pass.whole_torque, c);
        for l in 0..LANES {
            let moving = inertia[l] * u + pull[l] * v * v + drag[l] * v;
            let left = if moving > 0.0 { limit[l] - hold[l] } else { limit[l] + hold[l] };
            most[l] = real::max(most[l], f64::abs(moving) / left);
        }
    }
    greatest(most)
}
