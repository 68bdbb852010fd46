//! What an arm can hold up: the torque that gravity asks of each joint, as a share of what motions are planned with.
//!
//! A heavy piece far from a wrist's axis overloads the wrist long before the shoulder. A way that is free of collisions may
//! still lead through such postures, and no timing makes them lighter; so a search treats them like obstacles.

use alloc::vec;
use alloc::vec::Vec;
use leitai_control::{ArmDynamics, MotionLimits};
use leitai_math::real;

/// An arm with what it carries, and the torque its motions may use.
#[derive(Clone, Debug)]
pub struct Load {
    /// The arm; give it the payload when it is picked up.
    pub arm: ArmDynamics,
    /// Greatest planned torque of each joint [N·m or N].
    torque: Vec<f64>,
    still: Vec<f64>,
    tau: Vec<f64>,
}

/// Share of the planned torque that a posture on the way may need to be held; the rest accelerates.
pub const HOLDING_SHARE: f64 = 0.85;

impl Load {
    /// For an arm with these limits.
    #[must_use]
    pub fn new(arm: ArmDynamics, limits: &MotionLimits) -> Self {
        let n = arm.joints();
        let torque = limits.torque.iter().map(|most| most * limits.share).collect();
        Self { arm, torque, still: vec![0.0; n], tau: vec![0.0; n] }
    }

    /// The joint that needs the largest share of its planned torque to hold posture `q`, and that share.
    pub fn holding(&mut self, q: &[f64]) -> (usize, f64) {
        self.arm.torques(q, &self.still, &self.still, &mut self.tau);
        let shares = self.tau.iter().zip(&self.torque).map(|(tau, most)| real::abs(*tau) / most);
        shares.enumerate().fold((0, 0.0), |worst, now| if now.1 > worst.1 { now } else { worst })
    }
}
