//! Torques that make the joints follow.
//!
//! Computed torque: inverse dynamics of the arm with its tool and payload, at the reference, for the reference's acceleration
//! plus K_d·ė + K_p·e. With K_p = ω² and K_d = 2ζω every joint's error dies like one oscillator of natural frequency ω and
//! damping ratio ζ, whatever the inertia it carries (Siciliano et al., *Robotics: Modelling, Planning and Control*, 2009,
//! §8.5.2). Dynamics are taken at the reference, not at the reading, so noise and delay do not enter the feed-forward.
//!
//! A reading that is d steps old is compared with the reference of d steps ago; else an arm in motion would seem to lag. What
//! delay remains in the loop costs phase: 2ω(√5+2)^½/2·delay radians at crossover for ζ = 1, so ω ≤ 0.25/delay keeps 45°.

use crate::arm::ArmDynamics;
use crate::chain::Chain;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Vec3, real};

/// How stiffly the joints follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServoGains {
    /// Natural frequency ω of the error [rad/s].
    pub natural_frequency_rad_s: f64,
    /// Damping ratio ζ; 1 is critical.
    pub damping_ratio: f64,
}

/// Where the joints should be, in the order of the joints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Positions [rad or m].
    pub q: Vec<f64>,
    /// Velocities.
    pub v: Vec<f64>,
    /// Accelerations.
    pub a: Vec<f64>,
}

impl Reference {
    /// Standing at `q`.
    #[must_use]
    pub fn standing(q: &[f64]) -> Self {
        Self { q: q.to_vec(), v: vec![0.0; q.len()], a: vec![0.0; q.len()] }
    }
}

/// Joint servo of one arm.
#[derive(Clone, Debug)]
pub struct JointServo {
    /// The arm as the servo knows it; give it the payload when it is picked up.
    pub arm: ArmDynamics,
    /// Gains.
    pub gains: ServoGains,
    torque_limit: Vec<f64>,
    wanted: Vec<f64>,
    /// References of the last steps, oldest first: as many as a reading is late.
    past: VecDeque<(Vec<f64>, Vec<f64>)>,
    delay_steps: usize,
}

impl JointServo {
    /// A servo that never asks for more than `torque_limit` [N·m or N]. Between a reading and the effect of the command
    /// computed from it lie `delay_steps` control steps more than one.
    #[must_use]
    pub fn new(arm: ArmDynamics, gains: ServoGains, torque_limit: Vec<f64>, delay_steps: usize) -> Self {
        let n = arm.joints();
        let past = VecDeque::with_capacity(delay_steps + 1);
        Self { arm, gains, torque_limit, wanted: vec![0.0; n], past, delay_steps }
    }

    /// Writes into `tau` the torques for this step, from readings `q` and `v`.
    pub fn step(&mut self, reference: &Reference, q: &[f64], v: &[f64], tau: &mut [f64]) {
        if self.past.len() > self.delay_steps {
            let (mut old_q, mut old_v) = self.past.pop_front().expect("longer than the delay, so not empty");
            old_q.copy_from_slice(&reference.q);
            old_v.copy_from_slice(&reference.v);
            self.past.push_back((old_q, old_v));
        } else {
            self.past.push_back((reference.q.clone(), reference.v.clone()));
        }
        self.correct(q, v);
        for (wanted, a) in self.wanted.iter_mut().zip(&reference.a) {
            *wanted += a;
        }
        self.arm.torques(&reference.q, &reference.v, &self.wanted, tau);
        for (tau, limit) in tau.iter_mut().zip(&self.torque_limit) {
            *tau = real::clamp(*tau, -limit, *limit);
        }
    }
    /// Writes into `wanted` the acceleration that the error calls for.
    fn correct(&mut self, q: &[f64], v: &[f64]) {
        let Some((then_q, then_v)) = self.past.front() else {
            self.wanted.fill(0.0);
            return;
        };
        let w = self.gains.natural_frequency_rad_s;
        let (stiffness, damping) = (w * w, 2.0 * self.gains.damping_ratio * w);
        for i in 0..self.wanted.len() {
            self.wanted[i] = damping * (then_v[i] - v[i]) + stiffness * (then_q[i] - q[i]);
        }
    }

    /// Force [N] with which the servo pushes the chain's tip along the unit vector `along`, beyond what the motion needs.
    ///
    /// The torques of the correction, M(q)·(K_d·ė + K_p·e), are those of a force and a moment at the tip; the force is found by
    /// least squares, (JJᵀ)⁻¹J·τ. At rest in contact it is the contact force, so a change of it tells of contact.
    pub fn push(&mut self, reference: &Reference, q: &[f64], v: &[f64], chain: &Chain, along: Vec3) -> f64 {
        let n = self.wanted.len();
        let (mut with, mut without) = (vec![0.0; n], vec![0.0; n]);
        self.correct(q, v);
        let at_rest = vec![0.0; n];
        self.arm.torques(&reference.q, &at_rest, &self.wanted, &mut with);
        self.arm.torques(&reference.q, &at_rest, &at_rest, &mut without);
        let mut jacobian = vec![[0.0; 6]; n];
        chain.tip_and_jacobian(&reference.q, &mut jacobian);
        let mut matrix = [0.0; 36];
        let mut wrench = [0.0; 6];
        for r in 0..6 {
            for c in 0..=r {
                let product: f64 = jacobian.iter().map(|column| column[r] * column[c]).sum();
                matrix[r * 6 + c] = product + if r == c { 1e-6 } else { 0.0 };
            }
            wrench[r] = (0..n).map(|i| jacobian[i][r] * (with[i] - without[i])).sum();
        }
        if cholesky(&mut matrix, 6, 0.0).is_err() {
            return 0.0;
        }
        cholesky_solve(&matrix, 6, &mut wrench);
        along.dot(Vec3::new(wrench[0], wrench[1], wrench[2]))
    }
}
