//! A path's derivatives and torques at evenly spaced points of its parameter.

use super::{JointLimits, TimingError};
use crate::limits::Torques;
use crate::path::Path;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// Joints are handled this many at a time: rows are padded with zeros to whole lanes.
pub(super) const LANES: usize = 4;

/// Coefficients of s̈ below this share of the greatest are raised to it: the line of that limit is then almost upright.
const UPRIGHT: f64 = 1e-9;

/// A path on a grid; rows of one value for each joint, point by point.
#[derive(Clone, Debug, Default)]
pub struct Sampled {
    pub(super) joints: usize,
    /// Joints, padded.
    pub(super) stride: usize,
    /// Grid spacing.
    pub(super) step: f64,
    pub(super) points: usize,
    /// First and second derivative.
    pub(super) slope: Vec<f64>,
    pub(super) bend: Vec<f64>,
    /// Third derivative in the cells next to a point and one further: least, greatest, and greatest magnitude. Where it jumps is not known.
    pub(super) twist_low: Vec<f64>,
    pub(super) twist_high: Vec<f64>,
    pub(super) twist: Vec<f64>,
    /// Torques are inertia·s̈ + pull·ṡ² + drag·ṡ + hold; empty without torques.
    pub(super) inertia: Vec<f64>,
    pub(super) pull: Vec<f64>,
    pub(super) drag: Vec<f64>,
    pub(super) hold: Vec<f64>,
    /// Greatest change of inertia, pull and hold to a neighboring point, over the spacing.
    pub(super) inertia_change: Vec<f64>,
    pub(super) pull_change: Vec<f64>,
    pub(super) hold_change: Vec<f64>,
    /// For each limit of acceleration, then of torque: 1/|coefficient of s̈|, and what ṡ² takes from s̈. `rows` of them at each point.
    pub(super) rows: usize,
    pub(super) inverse: Vec<f64>,
    pub(super) k: Vec<f64>,
}

/// Rows of `n` values padded with zeros to rows of `stride`.
fn padded(rows: &[f64], n: usize, stride: usize) -> Vec<f64> {
    let mut out = vec![0.0; rows.len() / n * stride];
    for (wide, row) in out.chunks_exact_mut(stride).zip(rows.chunks_exact(n)) {
        wide[..n].copy_from_slice(row);
    }
    out
}

impl Sampled {
    /// From first and second derivatives with respect to a parameter from 0 to `length`, point by point, one value for each joint.
    ///
    /// # Panics
    /// If there are not at least two points, or the rows do not have the same length.
    #[must_use]
    pub fn new(joints: usize, length: f64, slope: &[f64], bend: &[f64]) -> Self {
        let points = slope.len() / joints;
        assert!(points >= 2 && slope.len() == points * joints && bend.len() == slope.len(), "one row for each point");
        let stride = joints.div_ceil(LANES) * LANES;
        let step = length / (points - 1) as f64;
        let (slope, bend) = (padded(slope, joints, stride), padded(bend, joints, stride));
        let none = vec![0.0; slope.len()];
        let (mut twist_low, mut twist_high, mut twist) = (none.clone(), none.clone(), none);
        for i in 0..points {
            for j in 0..joints {
                let (mut low, mut high) = (f64::INFINITY, -f64::INFINITY);
                for cell in i.saturating_sub(2)..usize::min(i + 2, points - 1) {
                    let t = (bend[(cell + 1) * stride + j] - bend[cell * stride + j]) / step;
                    (low, high) = (real::min(low, t), real::max(high, t));
                }
                let k = i * stride + j;
                (twist_low[k], twist_high[k], twist[k]) = (low, high, real::max(-low, high));
            }
        }
        let mut sampled = Self { joints, stride, step, points, slope, bend, twist_low, twist_high, twist, ..Self::default() };
        sampled.draw_lines();
        sampled
    }

    fn draw_lines(&mut self) {
        let stride = self.stride;
        let kinds = [(&self.slope, &self.bend), (&self.inertia, &self.pull)];
        let kinds = &kinds[..if self.inertia.is_empty() { 1 } else { 2 }];
        self.rows = kinds.len() * stride;
        self.inverse = vec![0.0; self.rows * self.points];
        self.k = self.inverse.clone();
        for (kind, (of_u, of_x)) in kinds.iter().enumerate() {
            let most = of_u.iter().fold(0.0, |most, a| real::max(most, real::abs(*a)));
            let least = real::max(UPRIGHT * most, f64::MIN_POSITIVE);
            for i in 0..self.points {
                for j in 0..stride {
                    let (from, to) = (i * stride + j, i * self.rows + kind * stride + j);
                    let inverse = 1.0 / real::max(real::abs(of_u[from]), least);
                    self.inverse[to] = inverse;
                    self.k[to] = if of_u[from] < 0.0 { -of_x[from] * inverse } else { of_x[from] * inverse };
                }
            }
        }
    }

    /// `path` at `cells` + 1 points; with the torques for (q, v, a), if they matter (see [`Self::with_torques`]).
    ///
    /// # Panics
    /// If `cells` is zero.
    #[must_use]
    pub fn path(path: &Path, cells: usize, torques: Option<&mut Torques<'_>>) -> Self {
        assert!(cells > 0, "a grid has at least one cell");
        let n = path.joints();
        let row = vec![0.0; (cells + 1) * n];
        let (mut q, mut slope, mut bend) = (row.clone(), row.clone(), row.clone());
        for i in 0..=cells {
            let s = path.length() * i as f64 / cells as f64;
            let row = i * n..(i + 1) * n;
            path.at(s, &mut q[row.clone()], &mut slope[row.clone()], &mut bend[row]);
        }
        let sampled = Self::new(n, path.length(), &slope, &bend);
        match torques {
            Some(torques) => sampled.with_torques(&q, torques),
            None => sampled,
        }
    }

    /// With the torques for (q, v, a), which are asked four times for each point; `q` are the joint positions, point by point. They must be
    /// what rigid bodies with viscous friction need: linear in a, quadratic and linear in v.
    ///
    /// # Panics
    /// If `q` has another length than the derivatives.
    #[must_use]
    pub fn with_torques(mut self, q: &[f64], torques: &mut Torques<'_>) -> Self {
        let (n, stride) = (self.joints, self.stride);
        assert_eq!(q.len(), self.points * n, "one row for each point");
        let row = vec![0.0; self.slope.len()];
        (self.inertia, self.pull, self.drag, self.hold) = (row.clone(), row.clone(), row.clone(), row);
        let none = vec![0.0; n];
        let (mut v, mut a) = (vec![0.0; n], vec![0.0; n]);
        let (mut once, mut twice) = (vec![0.0; n], vec![0.0; n]);
        for (i, q) in q.chunks_exact(n).enumerate() {
            let at = i * stride..i * stride + n;
            let (slope, bend) = (&self.slope[at.clone()], &self.bend[at.clone()]);
            torques(q, &none, &none, &mut self.hold[at.clone()]);
            torques(q, &none, slope, &mut self.inertia[at]);
            torques(q, slope, bend, &mut once);
            for j in 0..n {
                v[j] = 2.0 * slope[j];
                a[j] = 4.0 * bend[j];
            }
            torques(q, &v, &a, &mut twice);
            for j in 0..n {
                let k = i * stride + j;
                let (once, twice) = (once[j] - self.hold[k], twice[j] - self.hold[k]);
                self.inertia[k] -= self.hold[k];
                self.pull[k] = 0.5 * twice - once;
                self.drag[k] = once - self.pull[k];
            }
        }
        let change = |list: &[f64]| {
            let far = |i: usize, k: usize| real::abs(list[i] - list[k]) / self.step;
            let last = list.len() - stride;
            let at = |k: usize| {
                let before = if k >= stride { far(k - stride, k) } else { 0.0 };
                real::max(before, if k < last { far(k + stride, k) } else { 0.0 })
            };
            (0..list.len()).map(at).collect()
        };
        let changes: [Vec<f64>; 3] = [change(&self.inertia), change(&self.pull), change(&self.hold)];
        [self.inertia_change, self.pull_change, self.hold_change] = changes;
        self.draw_lines();
        self
    }

    /// Number of points.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points
    }

    /// The length of the parameter.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.step * (self.points - 1) as f64
    }

    pub(super) fn check(&self, limits: &JointLimits) -> Result<(), TimingError> {
        let n = self.joints;
        let JointLimits { velocity, acceleration, jerk, torque } = limits;
        assert!(velocity.len() == n && acceleration.len() == n && jerk.len() == n, "one limit for each joint");
        assert!(
            torque.is_empty() || (torque.len() == n && !self.hold.is_empty()),
            "limits of torque need a path sampled with torques"
        );
        for list in [velocity, acceleration, jerk, torque] {
            for (joint, limit) in list.iter().enumerate() {
                if !limit.is_finite() {
                    return Err(TimingError::NotFinite);
                }
                if *limit <= 0.0 {
                    return Err(TimingError::NoRoom(joint));
                }
            }
        }
        let rows = [&self.slope, &self.bend, &self.twist, &self.inertia, &self.pull, &self.drag, &self.hold];
        if !(rows.iter().all(|row| row.iter().all(|x| x.is_finite())) && self.step.is_finite() && self.step > 0.0) {
            return Err(TimingError::NotFinite);
        }
        let last = (self.points - 1) as f64;
        for (i, hold) in self.hold.chunks_exact(self.stride).enumerate() {
            if let Some(joint) = (0..torque.len()).find(|&j| real::abs(hold[j]) >= super::USED * torque[j]) {
                return Err(TimingError::TooWeak { joint, at: i as f64 / last });
            }
        }
        Ok(())
    }
}
