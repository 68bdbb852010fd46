//! Curves through joint space.
//!
//! A path is a cubic spline over a parameter s: two points make a straight line, more make a curve with continuous
//! curvature. A straight line of the tool becomes such a spline through inverse kinematics at points along it; with points a
//! centimeter apart the tool leaves its line by micrometers (the error falls with the fourth power of the spacing).

use crate::chain::Chain;
use crate::ik::pose_error;
use crate::profile::Moment;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Pose, Quat, Vec3, real};

/// Why the tool cannot follow a straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineError {
    /// A joint meets its limit at this share of the line.
    JointLimit {
        /// Joint, counted from the world.
        joint: usize,
        /// Share of the line, 0 to 1.
        at: f64,
    },
    /// The line leaves the reach or crosses a singular posture at this share.
    OutOfReach {
        /// Share of the line, 0 to 1.
        at: f64,
        /// Position error there [m].
        missed_by_m: f64,
    },
}

impl core::fmt::Display for LineError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::JointLimit { joint, at } => {
                write!(f, "joint {} meets its limit after {:.0} % of the straight line", joint + 1, at * 100.0)
            }
            Self::OutOfReach { at, missed_by_m } => write!(
                f,
                "the straight line leaves the arm's reach after {:.0} % (missed by {:.1} mm)",
                at * 100.0,
                missed_by_m * 1e3
            ),
        }
    }
}

impl core::error::Error for LineError {}

/// Share of a path over which the tip's twist is taken.
const TWIST_STEP: f64 = 1e-4;

/// A cubic spline through joint space.
#[derive(Clone, Debug)]
pub struct Path {
    joints: usize,
    /// Parameter at each knot, rising from zero.
    knots: Vec<f64>,
    /// Joint positions at each knot, knot by knot.
    q: Vec<f64>,
    /// Second derivatives at each knot.
    bend: Vec<f64>,
}

impl Path {
    /// The straight line from `from` to `to`; s runs from 0 to 1.
    #[must_use]
    pub fn straight(from: &[f64], to: &[f64]) -> Self {
        let mut q = from.to_vec();
        q.extend_from_slice(to);
        Self { joints: from.len(), knots: vec![0.0, 1.0], bend: vec![0.0; q.len()], q }
    }

    /// The smooth curve through `points` (at least two, no two neighbors equal), unbent at its ends; s is the length of the
    /// chords.
    #[must_use]
    pub fn through(points: &[Vec<f64>]) -> Self {
        let joints = points[0].len();
        let mut knots = vec![0.0];
        let mut q = points[0].clone();
        for pair in points.windows(2) {
            let chord: f64 = pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b) * (a - b)).sum();
            knots.push(knots[knots.len() - 1] + real::max(real::sqrt(chord), 1e-9));
            q.extend_from_slice(&pair[1]);
        }
        let mut path = Self { joints, bend: vec![0.0; q.len()], knots, q };
        path.bend_freely(None);
        path
    }

    /// The smooth curve that takes the values `points` at the rising parameters `knots`, at least two of each; its slopes at the ends are
    /// those of the cubics through the first and the last four points.
    pub(crate) fn over(knots: Vec<f64>, points: &[Vec<f64>]) -> Self {
        let joints = points[0].len();
        let q: Vec<f64> = points.iter().flatten().copied().collect();
        let mut path = Self { joints, bend: vec![0.0; q.len()], knots, q };
        let count = points.len().min(4);
        let first: Vec<usize> = (0..count).collect();
        let last: Vec<usize> = (0..count).map(|k| points.len() - 1 - k).collect();
        let mut ends = path.slope_through(&first);
        ends.extend(path.slope_through(&last));
        path.bend_freely(Some(&ends));
        path
    }

    /// The slope at the first of some knots of the polynomial through all of them (Lagrange's form).
    fn slope_through(&self, at: &[usize]) -> Vec<f64> {
        let n = self.joints;
        let mut slope = vec![0.0; n];
        let far = |a: usize, b: usize| self.knots[a] - self.knots[b];
        for (k, &own) in at.iter().enumerate() {
            let weight = if k == 0 {
                at[1..].iter().map(|&other| 1.0 / far(own, other)).sum::<f64>()
            } else {
                let others = at[1..].iter().filter(|&&other| other != own);
                others.fold(1.0 / far(own, at[0]), |w, &other| w * far(at[0], other) / far(own, other))
            };
            for (slope, q) in slope.iter_mut().zip(&self.q[own * n..]) {
                *slope += weight * q;
            }
        }
        slope
    }

    /// The straight line of the chain's tip from where it stands at `from` to `to`, turning at a constant rate; s is its
    /// length [m], a radian of rotation counting as `turn_length_m`.
    ///
    /// # Errors
    /// If a joint limit or the reach ends the line early.
    pub fn line(chain: &Chain, from: &[f64], to: &Pose, spacing_m: f64, turn_length_m: f64) -> Result<Self, LineError> {
        let start = chain.tip(from);
        let (shift, turn) = pose_error(to, &start);
        let length = real::max(shift.norm(), turn.norm() * turn_length_m);
        if length < 1e-9 {
            return Ok(Self::straight(from, from));
        }
        let pose =
            |share: f64| Pose::new(start.position + shift * share, Quat::from_rotation_vector(turn * share) * start.rotation);
        Self::along(chain, from, length, spacing_m, &pose)
    }

    /// The chain's tip swung around the vertical axis of the base, from where it stands at `from` to `to`: distance from the
    /// axis, height and heading change evenly over the angle `sweep_rad`, and the tip rises by `lift_m` on its way and falls
    /// again. A tool that points down at both ends points down all the way. s is about the tip's way [m].
    ///
    /// # Errors
    /// If a joint limit or the reach ends the way early.
    pub fn swing(
        chain: &Chain,
        from: &[f64],
        to: &Pose,
        sweep_rad: f64,
        lift_m: f64,
        spacing_m: f64,
        turn_length_m: f64,
    ) -> Result<Self, LineError> {
        let start = chain.tip(from);
        let flat = |p: Vec3| (real::sqrt(p.x * p.x + p.y * p.y), real::atan2(p.y, p.x));
        let ((r0, angle), (r1, _)) = (flat(start.position), flat(to.position));
        let swung = Quat::from_axis_angle(Vec3::Z, sweep_rad) * start.rotation;
        let turn = (to.rotation * swung.conjugate()).to_rotation_vector();
        let rise = to.position.z - start.position.z;
        let way = real::abs(sweep_rad) * 0.5 * (r0 + r1) + real::abs(r1 - r0) + real::abs(rise) + 2.0 * lift_m;
        let length = real::max(way, turn.norm() * turn_length_m);
        if length < 1e-9 {
            return Ok(Self::straight(from, from));
        }
        let pose = |share: f64| {
            let (s, c) = real::sin_cos(angle + sweep_rad * share);
            let radius = r0 + (r1 - r0) * share;
            // Steep at the ends: what must be cleared stands next to them.
            let middle = (2.0 * share - 1.0) * (2.0 * share - 1.0);
            let z = start.position.z + rise * share + lift_m * (1.0 - middle * middle);
            let rotation = Quat::from_axis_angle(Vec3::Z, sweep_rad * share) * start.rotation;
            Pose::new(Vec3::new(radius * c, radius * s, z), Quat::from_rotation_vector(turn * share) * rotation)
        };
        Self::along(chain, from, length, spacing_m, &pose)
    }

    /// The path on which the tip takes the poses `pose(share)`, share from 0 to 1, starting at posture `from`; s is `length`
    /// times the share.
    ///
    /// # Errors
    /// If a joint limit or the reach ends the way early.
    pub fn along(
        chain: &Chain,
        from: &[f64],
        length: f64,
        spacing_m: f64,
        pose: &dyn Fn(f64) -> Pose,
    ) -> Result<Self, LineError> {
        let n = chain.len();
        let pieces = real::clamp(real::ceil(length / spacing_m), 2.0, 400.0) as usize;
        let mut path = Self { joints: n, knots: vec![0.0], q: from.to_vec(), bend: Vec::new() };
        let mut q = from.to_vec();
        let mut work = LineWork::new(n);
        // Twist of the tip over s, taken inward at the ends.
        let twist = |share: f64| {
            let (a, b) = (real::max(share - TWIST_STEP, 0.0), real::min(share + TWIST_STEP, 1.0));
            let (shift, turn) = pose_error(&pose(b), &pose(a));
            let per = 1.0 / ((b - a) * length);
            (shift * per, turn * per)
        };
        let mut ends = Vec::with_capacity(2 * n);
        chain.tip_and_jacobian(&q, &mut work.jacobian);
        let (linear, angular) = twist(0.0);
        work.joint_rates(linear, angular);
        ends.extend_from_slice(&work.rate);
        for k in 1..=pieces {
            let share = k as f64 / pieces as f64;
            let target = pose(share);
            for i in 0..n {
                q[i] += work.rate[i] * length / pieces as f64;
            }
            let missed = work.correct(chain, &target, &mut q);
            if missed > 1e-6 {
                return Err(LineError::OutOfReach { at: share, missed_by_m: missed });
            }
            if let Some(joint) = (0..n).find(|&i| q[i] < chain.low[i] || q[i] > chain.high[i]) {
                return Err(LineError::JointLimit { joint, at: share });
            }
            path.knots.push(share * length);
            path.q.extend_from_slice(&q);
            let (linear, angular) = twist(share);
            work.joint_rates(linear, angular);
        }
        ends.extend_from_slice(&work.rate);
        path.bend = vec![0.0; path.q.len()];
        path.bend_freely(Some(&ends));
        Ok(path)
    }

    /// The parameter at the end; it starts at zero.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.knots[self.knots.len() - 1]
    }
    /// Number of joints.
    #[must_use]
    pub fn joints(&self) -> usize {
        self.joints
    }
    /// Joint positions at the start.
    #[must_use]
    pub fn start(&self) -> &[f64] {
        &self.q[..self.joints]
    }
    /// Joint positions at the end.
    #[must_use]
    pub fn end(&self) -> &[f64] {
        &self.q[self.q.len() - self.joints..]
    }
    /// True if the path is one straight line in joint space.
    #[must_use]
    pub fn is_straight(&self) -> bool {
        self.knots.len() == 2
    }

    /// Position, first and second derivative with respect to s, at `s` (held at the ends).
    pub fn at(&self, s: f64, q: &mut [f64], slope: &mut [f64], bend: &mut [f64]) {
        let last = self.knots.len() - 1;
        let s = real::clamp(s, 0.0, self.knots[last]);
        let k = self.knots[1..last].partition_point(|&knot| knot <= s);
        let (s0, s1) = (self.knots[k], self.knots[k + 1]);
        let h = s1 - s0;
        let (a, b) = ((s1 - s) / h, (s - s0) / h);
        let n = self.joints;
        for i in 0..n {
            let (q0, q1) = (self.q[k * n + i], self.q[(k + 1) * n + i]);
            let (m0, m1) = (self.bend[k * n + i], self.bend[(k + 1) * n + i]);
            q[i] = a * q0 + b * q1 + h * h / 6.0 * ((a * a * a - a) * m0 + (b * b * b - b) * m1);
            slope[i] = (q1 - q0) / h + h / 6.0 * ((3.0 * b * b - 1.0) * m1 - (3.0 * a * a - 1.0) * m0);
            bend[i] = a * m0 + b * m1;
        }
    }

    /// Position, velocity and acceleration of the joints while the parameter is in the state `now`.
    pub fn moving(&self, now: &Moment, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        self.at(now.position, q, v, a);
        for (v, a) in v.iter_mut().zip(a) {
            *a = *a * now.speed * now.speed + *v * now.acceleration;
            *v *= now.speed;
        }
    }

    /// Finds the second derivatives that make the curve twice continuously differentiable (the usual tridiagonal system,
    /// solved by elimination), with the given slopes at its ends or unbent ends.
    fn bend_freely(&mut self, end_slopes: Option<&[f64]>) {
        let (n, last) = (self.joints, self.knots.len() - 1);
        let h = |k: usize| self.knots[k + 1] - self.knots[k];
        let mut above = vec![0.0; last + 1];
        for i in 0..n {
            let rise = |k: usize| (self.q[(k + 1) * n + i] - self.q[k * n + i]) / h(k);
            let mut m = vec![0.0; last + 1];
            for k in 0..=last {
                let (lower, diagonal, upper, right) = if k == 0 {
                    match end_slopes {
                        Some(slopes) => (0.0, 2.0 * h(0), h(0), 6.0 * (rise(0) - slopes[i])),
                        None => (0.0, 1.0, 0.0, 0.0),
                    }
                } else if k == last {
                    match end_slopes {
                        Some(slopes) => (h(k - 1), 2.0 * h(k - 1), 0.0, 6.0 * (slopes[n + i] - rise(k - 1))),
                        None => (0.0, 1.0, 0.0, 0.0),
                    }
                } else {
                    (h(k - 1), 2.0 * (h(k - 1) + h(k)), h(k), 6.0 * (rise(k) - rise(k - 1)))
                };
                let (above_before, m_before) = if k > 0 { (above[k - 1], m[k - 1]) } else { (0.0, 0.0) };
                let pivot = diagonal - lower * above_before;
                above[k] = upper / pivot;
                m[k] = (right - lower * m_before) / pivot;
            }
            for k in (0..last).rev() {
                m[k] -= above[k] * m[k + 1];
            }
            for k in 0..=last {
                self.bend[k * n + i] = m[k];
            }
        }
    }
}

/// Work space of Newton's method on a pose.
#[derive(Clone, Debug)]
pub(crate) struct LineWork {
    jacobian: Vec<[f64; 6]>,
    rate: Vec<f64>,
    matrix: Vec<f64>,
}

impl LineWork {
    /// For `n` joints.
    pub(crate) fn new(n: usize) -> Self {
        Self { jacobian: vec![[0.0; 6]; n], rate: vec![0.0; n], matrix: vec![0.0; 36] }
    }

    /// Moves `q` by Newton's method to where the tip stands at `target`; returns what remains [m, a radian counting as 0.3 m].
    pub(crate) fn correct(&mut self, chain: &Chain, target: &Pose, q: &mut [f64]) -> f64 {
        let mut missed = f64::INFINITY;
        for _ in 0..12 {
            let reached = chain.tip_and_jacobian(q, &mut self.jacobian);
            let (p, r) = pose_error(target, &reached);
            missed = p.norm() + 0.3 * r.norm();
            if missed < 1e-9 {
                break;
            }
            self.joint_rates(p, r);
            for (q, rate) in q.iter_mut().zip(&self.rate) {
                *q += real::clamp(*rate, -0.3, 0.3);
            }
        }
        missed
    }

    /// Joint rates of least norm for a tip velocity, lightly damped: Jᵀ(JJᵀ + λ)⁻¹·(linear, angular).
    fn joint_rates(&mut self, linear: Vec3, angular: Vec3) {
        for r in 0..6 {
            for c in 0..=r {
                let product: f64 = self.jacobian.iter().map(|column| column[r] * column[c]).sum();
                self.matrix[r * 6 + c] = product + if r == c { 1e-9 } else { 0.0 };
            }
        }
        let mut y = [linear.x, linear.y, linear.z, angular.x, angular.y, angular.z];
        if cholesky(&mut self.matrix, 6, 0.0).is_err() {
            self.rate.fill(0.0);
            return;
        }
        cholesky_solve(&self.matrix, 6, &mut y);
        for (rate, column) in self.rate.iter_mut().zip(&self.jacobian) {
            *rate = column.iter().zip(&y).map(|(a, b)| a * b).sum();
        }
    }
}
