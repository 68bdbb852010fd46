//! Feed-forward for joints that give: what the motors have to do so that the links do what they should.
//!
//! The links of an arm on springs K are a flat output: where they should be says all else. What the reducers transmit is the links' own inverse
//! dynamics, τ_J = M·a + h; the springs are then twisted by τ_J/K, so the motors have to be at θ = q + K⁻¹·τ_J, and give τ = B·θ̈ + τ_J (De Luca & Book,
//! *Robots with flexible elements*, Springer Handbook of Robotics, 2016, §11.1). The springs' own damping d twists them less, by d·Δ̇/K, which is taken
//! into account to first order. θ̈ holds the second derivative of τ_J, the fourth of q: differences over a step of time on either side, which
//! smooths the jumps that motions of bounded jerk have there.

use crate::arm::ArmDynamics;
use alloc::vec;
use alloc::vec::Vec;

/// Joints on springs between motor and link.
#[derive(Clone, Debug)]
pub struct FlexibleJoints {
    /// The links, without the rotors; give them the payload when it is picked up.
    pub links: ArmDynamics,
    /// Stiffness of each spring [N·m/rad].
    pub stiffness: Vec<f64>,
    /// Damping of each spring [N·m·s/rad].
    pub damping: Vec<f64>,
    /// Inertia of each rotor as felt at the joint, N²J [kg·m²].
    pub rotor: Vec<f64>,
    /// Joint torques before, at and after the instant.
    torques: [Vec<f64>; 3],
    state: [Vec<f64>; 3],
}

/// What the motors have to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotorReference {
    /// Positions of the motors, behind the reducer [rad].
    pub q: Vec<f64>,
    /// Their velocities.
    pub v: Vec<f64>,
    /// Their torques, at the joint [N·m].
    pub tau: Vec<f64>,
}

impl FlexibleJoints {
    /// Of `links`, on springs of `stiffness` and `damping`, driven by rotors of inertia `rotor`.
    ///
    /// # Panics
    /// If there is not a stiffness above 0, a damping and a rotor for each joint.
    #[must_use]
    pub fn new(links: ArmDynamics, stiffness: Vec<f64>, damping: Vec<f64>, rotor: Vec<f64>) -> Self {
        let n = links.joints();
        assert!(stiffness.len() == n && damping.len() == n && rotor.len() == n, "a spring and a rotor for each joint");
        assert!(stiffness.iter().all(|k| *k > 0.0), "a spring is stiffer than nothing");
        let three = || [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        Self { links, stiffness, damping, rotor, torques: three(), state: three() }
    }

    /// Writes into `motors` what makes the links move as `motion` says, which writes positions, velocities and accelerations at a time away from now
    /// [s]; `apart_s` is the step of the differences: the control period, or less. Allocates nothing once `motors` has its length.
    pub fn motors(
        &mut self,
        apart_s: f64,
        mut motion: impl FnMut(f64, &mut [f64], &mut [f64], &mut [f64]),
        motors: &mut MotorReference,
    ) {
        let n = self.stiffness.len();
        for x in [&mut motors.q, &mut motors.v, &mut motors.tau] {
            x.resize(n, 0.0);
        }
        let [q, v, a] = &mut self.state;
        // Now comes last, so that its state is at hand below.
        for (place, away) in [(0, -apart_s), (2, apart_s), (1, 0.0)] {
            motion(away, q, v, a);
            self.links.torques(q, v, a, &mut self.torques[place]);
        }
        for i in 0..n {
            let [before, now, after] = [0, 1, 2].map(|k| self.torques[k][i]);
            let (k, d) = (self.stiffness[i], self.damping[i]);
            let rate = (after - before) / (2.0 * apart_s);
            let second = (after - 2.0 * now + before) / (apart_s * apart_s);
            // K·Δ + d·Δ̇ = τ_J, so Δ = τ_J/K − d·τ̇_J/K² to first order in d.
            motors.q[i] = q[i] + now / k - d * rate / (k * k);
            motors.v[i] = v[i] + rate / k - d * second / (k * k);
            motors.tau[i] = self.rotor[i] * (a[i] + second / k) + now;
        }
    }
}
