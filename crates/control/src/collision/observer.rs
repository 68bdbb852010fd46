//! The generalized-momentum observer.
//!
//! p = M·v changes with ṗ = τ + Cᵀ·v − g + τ_ext. The residual r = K·(p − p₀ − ∫(τ + Cᵀ·v − g + r)·dt) is then a first-order low pass of τ_ext with
//! cut-off K, without accelerations and without inverting M (De Luca & Mattone, *Sensorless robot collision detection and hybrid force/motion
//! control*, 2005; Haddadin, De Luca & Albu-Schäffer, *Robot collisions: a survey on detection, isolation, and identification*, 2017). From sample to
//! sample, implicitly: r ← (r + K·(Δp − T·(τ + mean of (Cᵀ·v − g))))/(1 + K·T), stable for every K, and nothing is summed up for hours.

use crate::arm::ArmDynamics;
use crate::operational::BadState;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Pose, Vec3};

/// Torques from outside on the joints of an arm.
#[derive(Clone, Debug)]
pub struct MomentumObserver {
    /// The arm as the observer knows it; give it the payload when it is picked up, or the load is felt as a push.
    pub arm: ArmDynamics,
    gain: f64,
    period_s: f64,
    residual: Vec<f64>,
    /// p and Cᵀ·v − g at the last reading and at this one.
    before: (Vec<f64>, Vec<f64>),
    now: (Vec<f64>, Vec<f64>),
    /// Torques of the last steps, oldest first, until the reading that shows their effect has come.
    past: VecDeque<Vec<f64>>,
    /// Steps until torques and readings of one period are both known.
    missing: usize,
}

impl MomentumObserver {
    /// With cut-off `gain_1_s` [1/s], called every `period_s`. Readings are `delay_steps` steps late. Below 25/s it sees late; toward the sampling's
    /// own rate it passes on the noise of the velocities.
    ///
    /// # Panics
    /// If gain or period are not above 0.
    #[must_use]
    pub fn new(arm: ArmDynamics, gain_1_s: f64, period_s: f64, delay_steps: usize) -> Self {
        let n = arm.joints();
        let positive = |x: f64| x > 0.0 && x.is_finite();
        assert!(positive(gain_1_s) && positive(period_s), "gain and period are above 0");
        let pair = || (vec![0.0; n], vec![0.0; n]);
        Self {
            arm,
            gain: gain_1_s,
            period_s,
            residual: vec![0.0; n],
            before: pair(),
            now: pair(),
            past: (0..delay_steps).map(|_| vec![0.0; n]).collect(),
            missing: delay_steps + 1,
        }
    }

    /// Takes in a reading and `tau`, the torques [N·m or N] that acted on the joints in the period before now, and gives the torques from outside,
    /// low-passed. Declared damping is part of the model; friction is not, and shows as a torque from outside.
    ///
    /// # Errors
    /// If a number is none, or so great that the residual is none; the observer then starts anew.
    ///
    /// # Panics
    /// If a length is not that of the arm.
    pub fn step(&mut self, q: &[f64], v: &[f64], tau: &[f64]) -> Result<&[f64], BadState> {
        let n = self.residual.len();
        assert!(q.len() == n && v.len() == n && tau.len() == n, "states and torques are as long as the arm");
        if q.iter().chain(v).chain(tau).any(|x| !x.is_finite()) {
            self.reset();
            return Err(BadState);
        }
        core::mem::swap(&mut self.before, &mut self.now);
        self.arm.momentum(q, v, &mut self.now.0, &mut self.now.1);
        let (h, k) = (self.period_s, self.gain);
        let acted = self.past.front().map_or(tau, |oldest| oldest);
        if self.missing > 0 {
            self.missing -= 1;
        } else {
            for i in 0..n {
                let known = acted[i] + 0.5 * (self.before.1[i] + self.now.1[i]);
                let unexplained = self.now.0[i] - self.before.0[i] - h * known;
                self.residual[i] = (self.residual[i] + k * unexplained) / (1.0 + k * h);
            }
        }
        if self.residual.iter().any(|r| !r.is_finite()) {
            self.reset();
            return Err(BadState);
        }
        if let Some(mut oldest) = self.past.pop_front() {
            oldest.copy_from_slice(tau);
            self.past.push_back(oldest);
        }
        Ok(&self.residual)
    }

    /// The last torques from outside [N·m or N].
    #[must_use]
    pub fn residual(&self) -> &[f64] {
        &self.residual
    }

    /// Forgets everything, as before the first step: after a change of the payload, for instance.
    pub fn reset(&mut self) {
        self.residual.fill(0.0);
        self.missing = self.past.len() + 1;
    }
}

/// Force [N] in the world that makes `residual` when it acts at `point` [m, in the world] of the link behind joint `link` (counted from 0), by least
/// squares over the joints up to it: (J_c·J_cᵀ)⁻¹·J_c·r. `tip` and `jacobian` are those of the arm's tip at its state. Along directions that no joint
/// up to the link feels it is zero; behind fewer than three joints there always are some.
#[must_use]
pub fn force_at(jacobian: &[[f64; 6]], tip: &Pose, link: usize, point: Vec3, residual: &[f64]) -> Vec3 {
    let (mut matrix, mut force) = ([0.0; 9], [0.0; 3]);
    for (column, r) in jacobian.iter().zip(residual).take(link + 1) {
        let at = column_at(column, tip, point).to_array();
        for i in 0..3 {
            force[i] += at[i] * r;
            (0..3).for_each(|j| matrix[i * 3 + j] += at[i] * at[j]);
        }
    }
    // A millionth of what is felt most, so that what is not felt at all divides by something.
    let most = (0..3).map(|i| matrix[i * 4]).sum::<f64>();
    (0..3).for_each(|i| matrix[i * 4] += 1e-6 * most);
    if cholesky(&mut matrix, 3, 0.0).is_err() {
        return Vec3::ZERO;
    }
    cholesky_solve(&matrix, 3, &mut force);
    Vec3::from_slice(&force)
}

/// Force [N] along the unit vector `along` that makes `residual` when it acts at `point` of the link behind joint `link`: the better answer than
/// [`force_at`] where the surface's normal is known and friction is small.
#[must_use]
pub fn force_along(jacobian: &[[f64; 6]], tip: &Pose, link: usize, point: Vec3, along: Vec3, residual: &[f64]) -> f64 {
    let (mut square, mut product) = (0.0, 0.0);
    for (column, r) in jacobian.iter().zip(residual).take(link + 1) {
        let lever = column_at(column, tip, point).dot(along);
        (square, product) = (square + lever * lever, product + lever * r);
    }
    if square > 0.0 { product / square } else { 0.0 }
}

/// Linear velocity at `point` for unit speed of the joint whose column at the tip is `column`.
fn column_at(column: &[f64; 6], tip: &Pose, point: Vec3) -> Vec3 {
    Vec3::from_slice(&column[..3]) + Vec3::from_slice(&column[3..]).cross(point - tip.position)
}
