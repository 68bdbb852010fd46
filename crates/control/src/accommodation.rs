//! References that give way to what the tool feels.
//!
//! A joint servo of natural frequency ω holds its reference with the stiffness Λ·ω², Λ the inertia felt at the tip. Moving the
//! reference at σ/ω²·M⁻¹·Jᵀ·w, where w is the wrench felt plus the one wanted, lets what is felt approach minus what is wanted at the
//! rate σ, alike in every direction and posture: Whitney's accommodation (*Force feedback control of manipulator fine motions*, 1977)
//! with his matrix set by the arm's own inertia. Servo and delay bound the rate: σ ≤ ω/4 keeps the loop damped.

use crate::arm::ArmDynamics;
use crate::chain::Chain;
use crate::operational::{Operational, halves};
use crate::servo::Reference;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

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
    state: Operational,
    still: Vec<f64>,
    speeds: Vec<f64>,
    yields: Vec<f64>,
}

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
            state: Operational::new(n),
            still: vec![0.0; n],
            speeds: vec![0.0; n],
            yields: vec![0.0; n],
        }
    }

    /// Moves `reference` of joints that stand at `q` by one step of `period_s`. What would be too fast is scaled down as a whole; where
    /// the arm has no inertia to go by, the reference stands.
    pub fn step(&mut self, arm: &mut ArmDynamics, chain: &Chain, ask: &Ask, period_s: f64, q: &[f64], reference: &mut Reference) {
        reference.a.fill(0.0);
        if self.state.update(arm, chain, &reference.q, &self.still).is_err() {
            reference.v.fill(0.0);
            return;
        }
        self.state.joint_speeds(&ask.twist, &mut self.speeds);
        self.yields.fill(0.0);
        self.state.add_wrench(&ask.wrench, &mut self.yields);
        self.state.accelerations(&mut self.yields);
        self.speeds.iter_mut().zip(&self.yields).for_each(|(v, a)| *v += self.yielding_s * a);
        let mut over = self.speeds.iter().zip(&self.most).fold(1.0, |over, (v, most)| real::max(over, real::abs(*v) / most));
        let tip = core::array::from_fn(|r| self.state.jacobian.iter().zip(&self.speeds).map(|(column, v)| column[r] * v).sum());
        let (velocity, rate) = halves(&tip);
        for (speed, most) in [velocity.norm(), rate.norm()].into_iter().zip(self.most_of_tip) {
            over = real::max(over, speed / most);
        }
        for (i, v) in self.speeds.iter().enumerate() {
            reference.v[i] = v / over;
            let ahead = real::clamp(reference.q[i] + reference.v[i] * period_s, q[i] - self.leash, q[i] + self.leash);
            reference.q[i] = real::clamp(ahead, chain.low[i], chain.high[i]);
        }
    }
}
