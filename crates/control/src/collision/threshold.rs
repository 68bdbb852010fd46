//! How much of the residual comes of the motion itself.
//!
//! Friction that the model lacks, errors of its masses and the noise of velocities leave a residual without any contact. Each joint's is bounded by
//! a + b·|v| + c·|a|, a, b, c ≥ 0, with v and a of the reference: least squares gives its shape over runs without contact, and the factor that covers
//! the wanted share of the samples its size.

use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::real;

/// Samples below which there are no thresholds.
const LEAST: usize = 100;
/// The least that a shape may be, as a share of the joint's root mean square, so that a joint at rest has a threshold too.
const FLOOR: f64 = 0.1;

/// Residuals of motions without contact.
#[derive(Clone, Debug)]
pub struct CleanRuns {
    /// Of each joint: |v|, |a|, |r| of every sample.
    samples: Vec<Vec<[f64; 3]>>,
}

/// Why there are no thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoThresholds {
    /// So few samples; there must be a hundred.
    Samples(usize),
    /// The share of samples to cover is not in (0, 1], or the margin not at least 1.
    Share,
}

impl core::fmt::Display for NoThresholds {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Samples(count) => write!(f, "{count} samples without contact are too few; take at least {LEAST}"),
            Self::Share => write!(f, "the share of samples to cover must be above 0 and at most 1, the margin at least 1"),
        }
    }
}

impl core::error::Error for NoThresholds {}

impl CleanRuns {
    /// None yet, of an arm of `joints` joints.
    #[must_use]
    pub fn new(joints: usize) -> Self {
        Self { samples: (0..joints).map(|_| Vec::new()).collect() }
    }

    /// Takes in a sample: velocity and acceleration of the reference, and the residual. What is not finite is not taken. Grows by a few numbers a
    /// call: not for the control loop of a running robot, but for its commissioning.
    pub fn add(&mut self, v: &[f64], a: &[f64], residual: &[f64]) {
        for (i, samples) in self.samples.iter_mut().enumerate() {
            let sample = [real::abs(v[i]), real::abs(a[i]), real::abs(residual[i])];
            if sample.iter().all(|x| x.is_finite()) {
                samples.push(sample);
            }
        }
    }

    /// Thresholds that `share` of all samples stay below (0.999), times `margin` (1.2).
    ///
    /// # Errors
    /// If there are too few samples, or share or margin are none.
    pub fn thresholds(&self, share: f64, margin: f64) -> Result<Thresholds, NoThresholds> {
        if !(share > 0.0 && share <= 1.0 && margin >= 1.0 && margin.is_finite()) {
            return Err(NoThresholds::Share);
        }
        if let Some(few) = self.samples.iter().find(|samples| samples.len() < LEAST) {
            return Err(NoThresholds::Samples(few.len()));
        }
        let bound = |samples: &Vec<[f64; 3]>| {
            let shape = shape(samples);
            let mut ratios: Vec<f64> = samples.iter().map(|[v, a, r]| r / (shape[0] + shape[1] * v + shape[2] * a)).collect();
            ratios.sort_by(f64::total_cmp);
            let at = real::ceil(share * ratios.len() as f64) as usize;
            shape.map(|x| x * margin * ratios[at.clamp(1, ratios.len()) - 1])
        };
        Ok(Thresholds { bounds: self.samples.iter().map(bound).collect() })
    }
}

/// The non-negative a, b, c with the least squares of |r| − (a + b·|v| + c·|a|): of the seven subsets of columns the best whose solution is not negative.
fn shape(samples: &[[f64; 3]]) -> [f64; 3] {
    let (mut normal, mut right, mut square) = ([0.0; 9], [0.0; 3], 0.0);
    for [v, a, r] in samples {
        let row = [1.0, *v, *a];
        for i in 0..3 {
            right[i] += row[i] * r;
            (0..3).for_each(|j| normal[i * 3 + j] += row[i] * row[j]);
        }
        square += r * r;
    }
    let (mut best, mut explained) = ([0.0; 3], 0.0);
    for subset in 1_usize..8 {
        let columns: Vec<usize> = (0..3).filter(|k| subset >> k & 1 == 1).collect();
        let n = columns.len();
        let mut m: Vec<f64> =
            columns.iter().flat_map(|i| columns.iter().map(move |j| (i, j))).map(|(i, j)| normal[i * 3 + j]).collect();
        let mut x: Vec<f64> = columns.iter().map(|i| right[*i]).collect();
        let most = (0..n).fold(0.0, |most, i| real::max(most, m[i * n + i]));
        if cholesky(&mut m, n, 1e-9 * most).is_err() {
            continue;
        }
        cholesky_solve(&m, n, &mut x);
        let fits: f64 = columns.iter().zip(&x).map(|(i, x)| right[*i] * x).sum();
        if x.iter().all(|x| *x >= 0.0) && fits > explained {
            explained = fits;
            best = [0.0; 3];
            columns.iter().zip(&x).for_each(|(i, x)| best[*i] = *x);
        }
    }
    // A joint that never had a residual still gets a threshold that nothing but a residual passes.
    best[0] = real::max(best[0], real::max(FLOOR * real::sqrt(square / samples.len() as f64), f64::MIN_POSITIVE));
    best
}

/// Bounds of the residual without contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// a [N·m or N], b and c of each joint.
    pub bounds: Vec<[f64; 3]>,
}

/// What was hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The last joint, counted from 0, whose residual is beyond its threshold: the contact is on the link behind it, or the joints beyond do not feel it.
    pub link: usize,
    /// Residual over threshold of the joint where it is greatest.
    pub excess: f64,
}

impl Thresholds {
    /// Threshold of joint `i` in a motion with velocity `v` and acceleration `a` of the reference.
    #[must_use]
    pub fn of(&self, i: usize, v: f64, a: f64) -> f64 {
        let [at_rest, by_speed, by_acceleration] = self.bounds[i];
        at_rest + by_speed * real::abs(v) + by_acceleration * real::abs(a)
    }

    /// What was hit, if anything. A residual that is no number counts as a hit.
    #[must_use]
    pub fn hit(&self, v: &[f64], a: &[f64], residual: &[f64]) -> Option<Hit> {
        let mut hit: Option<Hit> = None;
        for (i, r) in residual.iter().enumerate() {
            let excess = real::abs(*r) / self.of(i, v[i], a[i]);
            if excess > 1.0 || excess.is_nan() {
                let most = hit.map_or(excess, |hit| real::max(hit.excess, excess));
                hit = Some(Hit { link: i, excess: most });
            }
        }
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// Made of a known law: residuals up to 0.5 + 2·|v| are bounded by it times the margin, and a covers what c would if nothing accelerated.
    #[test]
    fn a_known_law_is_found() {
        let mut draw = Seed::from_number(4).stream("clean");
        let mut runs = CleanRuns::new(2);
        for _ in 0..5000 {
            let (v, a, u) = (draw.uniform(-2.0, 2.0), draw.uniform(-5.0, 5.0), draw.uniform(-1.0, 1.0));
            runs.add(&[v, v], &[a, a], &[u * (0.5 + 2.0 * v.abs()), u * (0.3 + 0.4 * a.abs())]);
        }
        let found = runs.thresholds(1.0, 1.0).unwrap();
        for (is, was) in found.bounds.iter().zip([[0.5, 2.0, 0.0], [0.3, 0.0, 0.4]]) {
            (0..3).for_each(|k| assert!((is[k] - was[k]).abs() < 0.15, "{is:?} {was:?}"));
        }
        assert_eq!(found.hit(&[1.0, 1.0], &[0.0, 0.0], &[2.2, 0.0]), None);
        assert_eq!(found.hit(&[1.0, 1.0], &[0.0, 0.0], &[5.0, 0.0]).map(|hit| hit.link), Some(0));
        assert_eq!(found.hit(&[1.0, 1.0], &[0.0, 0.0], &[5.0, -9.0]).map(|hit| hit.link), Some(1));
        assert!(found.hit(&[1.0, 1.0], &[0.0, 0.0], &[f64::NAN, 0.0]).is_some());
    }

    /// The share is what it says: of the samples that made them, so many are beyond thresholds of 0.99.
    #[test]
    fn the_share_is_kept() {
        let mut draw = Seed::from_number(4).stream("clean");
        let (mut runs, mut all) = (CleanRuns::new(1), Vec::new());
        for _ in 0..10_000 {
            let (v, r) = (draw.uniform(-1.0, 1.0), draw.normal(0.0, 1.0));
            runs.add(&[v], &[0.0], &[r]);
            all.push((v, r));
        }
        let found = runs.thresholds(0.99, 1.0).unwrap();
        let beyond = all.iter().filter(|(v, r)| found.hit(&[*v], &[0.0], &[*r]).is_some()).count();
        assert!((99..=100).contains(&beyond), "{beyond}");
    }

    #[test]
    fn too_little_is_refused() {
        let mut runs = CleanRuns::new(1);
        (0..99).for_each(|_| runs.add(&[0.1], &[0.0], &[0.1]));
        runs.add(&[0.1], &[0.0], &[f64::NAN]);
        assert_eq!(runs.thresholds(0.999, 1.2), Err(NoThresholds::Samples(99)));
        assert_eq!(runs.thresholds(0.0, 1.2), Err(NoThresholds::Share));
        assert_eq!(runs.thresholds(0.999, f64::NAN), Err(NoThresholds::Share));
    }
}
