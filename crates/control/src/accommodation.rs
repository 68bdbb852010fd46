//! References that give way to what the tool feels.
//!
//! A joint servo of natural frequency ω holds its reference with the stiffness Λ·ω², Λ the inertia felt at the tip. Moving the
//! reference at σ/ω²·M⁻¹·Jᵀ·w, where w is the wrench felt plus the one wanted, lets what is felt approach minus what is wanted at the
//! rate σ, alike in every direction and posture: Whitney's accommodation (*Force feedback control of manipulator fine motions*, 1977)
//! with his matrix set by the arm's own inertia. Servo and delay bound the rate: σ ≤ ω/4 keeps the loop damped.

use crate::arm::ArmDynamics;
use crate::chain::Chain;
use crate::servo::Reference;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Vec3, real};

/// How a reference moves in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ask {
    /// Velocity of the tip [m/s], then its angular velocity [rad/s], both in the base.
    pub twist: [f64; 6],
    /// Force [N] and moment [N·m] about the tip, in the base: what is felt plus what is wanted, zero where the motion is not to yield.
    pub wrench: [f64; 6],
}

/// Moves the reference of one arm's servo.
#[derive(Clone, Debug)]
pub struct Accommodation {
    /// σ/ω² [s].
    yielding_s: f64,
    /// Greatest speed of each joint of the reference [rad/s or m/s].
    most: Vec<f64>,
    /// How far the reference may run ahead of a joint [rad or m]: against what does not give way it would run on.
    pub leash: f64,
    /// Greatest velocity of the tip [m/s] and angular velocity [rad/s].
    pub most_of_tip: [f64; 2],
    jacobian: Vec<[f64; 6]>,
    mass: Vec<f64>,
    still: Vec<f64>,
    unit: Vec<f64>,
    column: Vec<f64>,
    torque: Vec<f64>,
    /// Columns of M⁻¹·Jᵀ.
    freed: Vec<Vec<f64>>,
}

/// Singular directions are left alone: added to the inverse inertia at the tip, relative to its mean.
const DAMPING: f64 = 1e-6;

impl Accommodation {
    /// For a servo of natural frequency `servo_rad_s`; forces settle at `rate_rad_s`. `most` bounds the speed of each joint.
    #[must_use]
    pub fn new(servo_rad_s: f64, rate_rad_s: f64, most: &[f64]) -> Self {
        let n = most.len();
        Self {
            yielding_s: rate_rad_s / (servo_rad_s * servo_rad_s),
            most: most.to_vec(),
            leash: f64::INFINITY,
            most_of_tip: [f64::INFINITY; 2],
            jacobian: vec![[0.0; 6]; n],
            mass: vec![0.0; n * n],
            still: vec![0.0; n],
            unit: vec![0.0; n],
            column: vec![0.0; n],
            torque: vec![0.0; n],
            freed: vec![vec![0.0; n]; 6],
        }
    }

    /// Moves `reference` of joints that stand at `q` by one step of `period_s`. What would be too fast is scaled down as a whole.
    pub fn step(&mut self, arm: &mut ArmDynamics, chain: &Chain, ask: &Ask, period_s: f64, q: &[f64], reference: &mut Reference) {
        let n = self.most.len();
        chain.tip_and_jacobian(&reference.q, &mut self.jacobian);
        self.invert_mass(arm, &reference.q);
        let mut mobility = [0.0; 36];
        for r in 0..6 {
            for c in 0..=r {
                mobility[r * 6 + c] = (0..n).map(|i| self.jacobian[i][r] * self.freed[c][i]).sum();
            }
        }
        let mean = (0..6).map(|i| mobility[i * 6 + i]).sum::<f64>() / 6.0;
        (0..6).for_each(|i| mobility[i * 6 + i] += DAMPING * mean);
        let mut pull = ask.twist;
        if cholesky(&mut mobility, 6, 0.0).is_err() {
            pull = [0.0; 6];
        } else {
            cholesky_solve(&mobility, 6, &mut pull);
        }
        for i in 0..n {
            self.column[i] = (0..6).map(|r| self.freed[r][i] * (pull[r] + self.yielding_s * ask.wrench[r])).sum();
        }
        let mut over = self.column.iter().zip(&self.most).fold(1.0, |over, (v, most)| real::max(over, real::abs(*v) / most));
        for (half, most) in self.most_of_tip.iter().enumerate() {
            let one = |r: usize| self.jacobian.iter().zip(&self.column).map(|(column, v)| column[r] * v).sum::<f64>();
            let speed = Vec3::new(one(3 * half), one(3 * half + 1), one(3 * half + 2)).norm();
            over = real::max(over, speed / most);
        }
        for i in 0..n {
            let v = self.column[i] / over;
            reference.v[i] = v;
            reference.a[i] = 0.0;
            let ahead = real::clamp(reference.q[i] + v * period_s, q[i] - self.leash, q[i] + self.leash);
            reference.q[i] = real::clamp(ahead, chain.low[i], chain.high[i]);
        }
    }

    /// M⁻¹·Jᵀ at `q`: the columns of M by inverse dynamics.
    fn invert_mass(&mut self, arm: &mut ArmDynamics, q: &[f64]) {
        let n = self.most.len();
        self.unit.fill(0.0);
        let mut weight = core::mem::take(&mut self.column);
        self.still.fill(0.0);
        arm.torques(q, &self.still, &self.unit, &mut weight);
        for k in 0..n {
            self.unit[k] = 1.0;
            arm.torques(q, &self.still, &self.unit, &mut self.torque);
            self.unit[k] = 0.0;
            for i in k..n {
                self.mass[i * n + k] = self.torque[i] - weight[i];
            }
        }
        self.column = weight;
        let regular = cholesky(&mut self.mass, n, 0.0).is_ok();
        for r in 0..6 {
            for i in 0..n {
                self.freed[r][i] = if regular { self.jacobian[i][r] } else { 0.0 };
            }
            if regular {
                cholesky_solve(&self.mass, n, &mut self.freed[r]);
            }
        }
    }
}
