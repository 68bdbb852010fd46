//! Motion control in the tool's own coordinates: operational space.
//!
//! τ = Jᵀ·Λ·(a + K_d·ė + K_p·e − J̇·v) + null space + C·v + g makes every coordinate of the tool one oscillator of its own, whatever inertia the posture
//! gives it (Khatib, 1987). Unlike [`Impedance`](crate::Impedance) it shapes the inertia: exact in free motion, but it meets contact with gains scaled by
//! Λ and without the impedance's passivity. In a singular posture forces along the lost direction are bounded only by the drives.

use crate::arm::ArmDynamics;
use crate::chain::Chain;
use crate::compliance::{NoTorques, ToolReference};
use crate::operational::{BadState, Operational, Posture, six, times};
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, real};

/// How stiffly the tool follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskGains {
    /// Natural frequency of the error of position, and of orientation [rad/s].
    pub natural_frequency_rad_s: [f64; 2],
    /// Damping ratio; 1 is critical.
    pub damping_ratio: f64,
}

/// Operational-space servo of one arm.
#[derive(Clone, Debug)]
pub struct TaskServo {
    /// The arm as the servo knows it; give it the payload when it is picked up.
    pub arm: ArmDynamics,
    /// Gains.
    pub gains: TaskGains,
    /// Where the joints rest in their null space; without it they are only damped there.
    pub posture: Option<Posture>,
    chain: Chain,
    state: Operational,
    torque_limit: Vec<f64>,
    past: VecDeque<(Pose, [f64; 6])>,
    delay_steps: usize,
    null: Vec<f64>,
    bias: Vec<f64>,
}

impl TaskServo {
    /// For the tip of `chain`, whose joints are those of `arm`, with torques up to `torque_limit` [N·m or N]. Between a reading and the effect of the
    /// command computed from it lie `delay_steps` control steps more than one.
    ///
    /// # Panics
    /// If arm, chain and limits are not of one length.
    #[must_use]
    pub fn new(arm: ArmDynamics, chain: Chain, gains: TaskGains, torque_limit: Vec<f64>, delay_steps: usize) -> Self {
        let n = arm.joints();
        assert!(chain.len() == n && torque_limit.len() == n, "arm, chain and limits are of one length");
        Self {
            arm,
            gains,
            posture: None,
            chain,
            state: Operational::new(n),
            torque_limit,
            past: VecDeque::with_capacity(delay_steps + 1),
            delay_steps,
            null: vec![0.0; n],
            bias: vec![0.0; n],
        }
    }

    /// Writes into `tau` the torques for this step, from readings `q` and `v`.
    ///
    /// # Errors
    /// If a number is none; `tau` then stays as it was.
    pub fn step(&mut self, reference: &ToolReference, q: &[f64], v: &[f64], tau: &mut [f64]) -> Result<(), NoTorques> {
        let TaskGains { natural_frequency_rad_s: w, damping_ratio } = self.gains;
        if [w[0], w[1], damping_ratio].iter().any(|x| x.is_nan() || *x < 0.0 || x.is_infinite()) {
            return Err(NoTorques::Compliance);
        }
        if !reference.is_sound() {
            return Err(NoTorques::Reference);
        }
        self.state.update(&mut self.arm, &self.chain, q, v).map_err(NoTorques::State)?;
        if self.past.len() > self.delay_steps {
            self.past.pop_front();
        }
        self.past.push_back((reference.pose, reference.velocity));
        let (then, then_velocity) = *self.past.front().expect("just pushed");
        let turn = (then.rotation * self.state.tip.rotation.conjugate()).to_rotation_vector();
        let error = six(then.position - self.state.tip.position, turn);
        let drift = self.state.drift(v, v);
        let acceleration = core::array::from_fn(|k| {
            let w = w[k / 3];
            let lag = then_velocity[k] - self.state.velocity[k];
            reference.acceleration[k] + 2.0 * damping_ratio * w * lag + w * w * error[k] - drift[k]
        });
        let inertial = times(&self.state.inertia, &acceleration);
        let wrench = core::array::from_fn(|k| inertial[k] + reference.wrench[k]);
        self.state.rest(self.posture.as_ref(), q, v, &mut self.bias, &mut self.null);
        self.arm.holding(q, v, v, &mut self.bias);
        self.state.add_wrench(&wrench, &mut self.null);
        if self.null.iter().zip(&self.bias).any(|(a, b)| !(a + b).is_finite()) {
            return Err(NoTorques::State(BadState));
        }
        for (i, tau) in tau.iter_mut().enumerate() {
            *tau = real::clamp(self.null[i] + self.bias[i], -self.torque_limit[i], self.torque_limit[i]);
        }
        Ok(())
    }
}
