//! Joint positions that bring the tool to a pose.
//!
//! Levenberg–Marquardt on the pose error, with joints that a limit stops taken out of the step (an active set), restarted
//! from random postures when a try stalls. Tries, restarts and the random stream are counted, so the answer is the same on
//! every machine. The damping follows Nielsen's gain-ratio rule (Madsen, Nielsen & Tingleff, *Methods for Non-Linear Least
//! Squares Problems*, 2004, §3.2).

use crate::chain::Chain;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Pose, Stream, Vec3, real};

/// How hard to try, and what counts as reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IkOptions {
    /// Weight of a rotation error against a translation error [m/rad].
    pub rotation_weight_m: f64,
    /// Position error of a solution [m].
    pub position_tolerance_m: f64,
    /// Rotation error of a solution [rad].
    pub rotation_tolerance_rad: f64,
    /// Steps of one try.
    pub iterations: usize,
    /// Tries from random postures after the try from the given one.
    pub restarts: usize,
    /// Different solutions to collect before stopping.
    pub wanted: usize,
}

impl Default for IkOptions {
    fn default() -> Self {
        Self {
            rotation_weight_m: 0.3,
            position_tolerance_m: 1e-7,
            rotation_tolerance_rad: 1e-7,
            iterations: 60,
            restarts: 60,
            wanted: 4,
        }
    }
}

/// Joint positions that reach a pose, and how well.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Joint positions [rad or m], in the chain's order.
    pub q: Vec<f64>,
    /// Remaining position error [m].
    pub position_error_m: f64,
    /// Remaining rotation error [rad].
    pub rotation_error_rad: f64,
    /// Random restarts before this one was found.
    pub restarts: usize,
}

/// No posture within the joint limits reached the pose: the nearest that was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreached {
    /// The nearest posture.
    pub nearest: Solution,
}

impl core::fmt::Display for Unreached {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let n = &self.nearest;
        let (mm, degrees) = (n.position_error_m * 1e3, n.rotation_error_rad * 180.0 / real::PI);
        write!(f, "no posture reaches the pose; the nearest of {} tries misses by {mm:.1} mm and {degrees:.2}°", n.restarts + 1)
    }
}

impl core::error::Error for Unreached {}

/// Position error [m] and rotation error (rotation vector [rad]) from `reached` to `target`, both in the world.
#[must_use]
pub fn pose_error(target: &Pose, reached: &Pose) -> (Vec3, Vec3) {
    let turn = target.rotation * reached.rotation.conjugate();
    (target.position - reached.position, turn.to_rotation_vector())
}

/// Finds postures in which the chain's tip stands at `target`, nearest to `posture` first.
///
/// The first try starts at `posture`, the others anywhere within the limits (within ±π where a joint has none).
///
/// # Errors
/// If no try ends within the tolerances.
///
/// # Panics
/// If `posture` has another length than the chain.
pub fn solve(
    chain: &Chain,
    target: &Pose,
    posture: &[f64],
    draw: &mut Stream,
    options: &IkOptions,
) -> Result<Vec<Solution>, Unreached> {
    let n = chain.len();
    assert_eq!(posture.len(), n, "one posture value for each joint of the chain");
    let mut found: Vec<Solution> = Vec::new();
    let mut nearest: Option<Solution> = None;
    let mut work = Workspace::new(n);
    let mut q: Vec<f64> = (0..n).map(|i| real::clamp(posture[i], chain.low[i], chain.high[i])).collect();
    for restart in 0..=options.restarts {
        if restart > 0 {
            for i in 0..n {
                let low = real::max(chain.low[i], posture[i] - real::PI);
                let high = real::min(chain.high[i], posture[i] + real::PI);
                q[i] = if low < high { draw.uniform(low, high) } else { draw.uniform(chain.low[i], chain.high[i]) };
            }
        }
        let (position, rotation) = descend(chain, target, &mut q, options, &mut work);
        let solution = Solution { q: q.clone(), position_error_m: position, rotation_error_rad: rotation, restarts: restart };
        let miss = |s: &Solution| s.position_error_m + options.rotation_weight_m * s.rotation_error_rad;
        if position <= options.position_tolerance_m && rotation <= options.rotation_tolerance_rad {
            let mut solution = solution;
            chain.unwind(&mut solution.q, posture);
            if !found.iter().any(|other| largest_difference(&other.q, &solution.q) < 1e-3) {
                found.push(solution);
                if found.len() >= options.wanted {
                    break;
                }
            }
        } else if nearest.as_ref().is_none_or(|best| miss(&solution) < miss(best)) {
            nearest = Some(Solution { restarts: options.restarts, ..solution });
        }
    }
    if found.is_empty() {
        let nearest = nearest.expect("a try that found no solution left its nearest posture");
        return Err(Unreached { nearest });
    }
    // Stable, and by total order: the same list on every machine.
    found.sort_by(|a, b| distance(&a.q, posture).total_cmp(&distance(&b.q, posture)));
    Ok(found)
}

/// Sum of squared joint differences.
#[must_use]
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |most, (x, y)| real::max(most, real::abs(x - y)))
}

struct Workspace {
    jacobian: Vec<[f64; 6]>,
    matrix: Vec<f64>,
    step: Vec<f64>,
    slope: Vec<f64>,
    trial: Vec<f64>,
    free: Vec<bool>,
}

impl Workspace {
    fn new(n: usize) -> Self {
        Self {
            jacobian: vec![[0.0; 6]; n],
            matrix: vec![0.0; n * n],
            step: vec![0.0; n],
            slope: vec![0.0; n],
            trial: vec![0.0; n],
            free: vec![true; n],
        }
    }
}

/// Moves `q` towards the target until it is reached or a try is not worth going on; gives the remaining errors.
fn descend(chain: &Chain, target: &Pose, q: &mut [f64], options: &IkOptions, work: &mut Workspace) -> (f64, f64) {
    let n = chain.len();
    let w = options.rotation_weight_m;
    let measure = |reached: &Pose| {
        let (p, r) = pose_error(target, reached);
        ([p.x, p.y, p.z, r.x * w, r.y * w, r.z * w], p.norm(), r.norm())
    };
    let squared = |e: &[f64; 6]| e.iter().map(|x| x * x).sum::<f64>();
    let (mut damping, mut growth) = (1e-3, 2.0);
    let reached = chain.tip_and_jacobian(q, &mut work.jacobian);
    let (mut error, mut position, mut rotation) = measure(&reached);
    let mut checkpoint = squared(&error);
    for iteration in 0..options.iterations {
        if position <= options.position_tolerance_m && rotation <= options.rotation_tolerance_rad {
            break;
        }
        // A try whose error has not halved in twelve steps is stuck at a limit or far from home.
        if iteration % 12 == 11 {
            let now = squared(&error);
            if now > 0.25 * checkpoint {
                break;
            }
            checkpoint = now;
        }
        for column in &mut work.jacobian {
            for k in 3..6 {
                column[k] *= w;
            }
        }
        for i in 0..n {
            work.slope[i] = (0..6).map(|k| work.jacobian[i][k] * error[k]).sum();
            let stopped_low = q[i] <= chain.low[i] && work.slope[i] < 0.0;
            let stopped_high = q[i] >= chain.high[i] && work.slope[i] > 0.0;
            work.free[i] = !stopped_low && !stopped_high;
        }
        let before = squared(&error);
        loop {
            for i in 0..n {
                for j in 0..=i {
                    let both = work.free[i] && work.free[j];
                    let product: f64 = if both { (0..6).map(|k| work.jacobian[i][k] * work.jacobian[j][k]).sum() } else { 0.0 };
                    work.matrix[i * n + j] = product + if i == j { damping } else { 0.0 };
                }
                work.step[i] = if work.free[i] { work.slope[i] } else { 0.0 };
            }
            if cholesky(&mut work.matrix, n, 0.0).is_err() {
                return (position, rotation);
            }
            cholesky_solve(&work.matrix, n, &mut work.step);
            let mut predicted = 0.0;
            for i in 0..n {
                // No joint turns more than half a radian a step: beyond that the linear picture is worth nothing.
                let step = real::clamp(work.step[i], -0.5, 0.5);
                work.trial[i] = real::clamp(q[i] + step, chain.low[i], chain.high[i]);
                let taken = work.trial[i] - q[i];
                predicted += taken * (damping * taken + work.slope[i]);
            }
            let (trial_error, p, r) = measure(&chain.tip(&work.trial));
            let gain = (before - squared(&trial_error)) / real::max(predicted, 1e-300);
            if gain > 0.0 {
                q.copy_from_slice(&work.trial);
                chain.tip_and_jacobian(q, &mut work.jacobian);
                (error, position, rotation) = (trial_error, p, r);
                let g = 2.0 * gain - 1.0;
                damping *= real::max(1.0 / 3.0, 1.0 - g * g * g);
                damping = real::max(damping, 1e-12);
                growth = 2.0;
                break;
            }
            damping *= growth;
            growth *= 2.0;
            if damping > 1e6 {
                return (position, rotation);
            }
        }
    }
    (position, rotation)
}
