//! An arm as its tool feels it: inertia, velocity and forces at the tip.
//!
//! With the tip's Jacobian J and the joints' mass matrix M the tip resists an acceleration with Λ = (J·M⁻¹·Jᵀ)⁻¹, and torques that move no
//! tip are those of the dynamically consistent null space, (I − Jᵀ·Λ·J·M⁻¹)·τ (Khatib, *A unified approach for motion and force control of
//! robot manipulators: the operational space formulation*, 1987). Six-vectors are linear then angular, forces then moments, at the tip, in the
//! world's axes.
//!
//! In a singular posture Λ has no bound. A ridge of a millionth of its mean is added to Λ⁻¹, so that Λ is exact to about 10⁻⁶ elsewhere and
//! finite there.

use crate::arm::ArmDynamics;
use crate::chain::Chain;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Motion, Pose, Quat, Vec3, real};

/// Part of the mean of Λ⁻¹, of its translational and of its rotational half, that is added to its diagonal.
const RIDGE: f64 = 1e-6;

/// Half the rate at which joints are damped in their null space without a posture [1/s]: a time constant of 0.2 s.
const DAMPED_1_S: f64 = 2.5;

/// Where the joints of a redundant arm should rest without disturbing the tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Posture {
    /// Joint positions [rad or m].
    pub q: Vec<f64>,
    /// Natural frequency of the way there [rad/s], critically damped.
    pub natural_frequency_rad_s: f64,
}

/// What was read, or what the arm is said to be, gives no inertia: something is no number, or a link has no mass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadState;

impl core::fmt::Display for BadState {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the arm's state is no number, or its mass matrix is not positive definite; nothing was computed")
    }
}

impl core::error::Error for BadState {}

/// The tip of an arm at one state.
#[derive(Clone, Debug)]
pub struct Operational {
    /// `world_from_tip`.
    pub tip: Pose,
    /// Column of each joint: how the tip moves at its unit speed.
    pub jacobian: Vec<[f64; 6]>,
    /// Velocity of the tip [m/s, rad/s].
    pub velocity: [f64; 6],
    /// Mass matrix of the joints, n × n.
    pub mass: Vec<f64>,
    /// Λ, 6 × 6, row by row [kg, kg·m, kg·m²].
    pub inertia: [f64; 36],
    /// Λ⁻¹.
    pub mobility: [f64; 36],
    /// Lower Cholesky factor of Λ⁻¹.
    pub(crate) root: [f64; 36],
    /// Cholesky factor of the mass matrix.
    factor: Vec<f64>,
    /// M⁻¹·Jᵀ: a row for each joint.
    moved: Vec<[f64; 6]>,
    column: Vec<f64>,
}

impl Operational {
    /// For an arm of `joints` joints.
    #[must_use]
    pub fn new(joints: usize) -> Self {
        Self {
            tip: Pose::IDENTITY,
            jacobian: vec![[0.0; 6]; joints],
            velocity: [0.0; 6],
            mass: vec![0.0; joints * joints],
            inertia: [0.0; 36],
            mobility: [0.0; 36],
            root: [0.0; 36],
            factor: vec![0.0; joints * joints],
            moved: vec![[0.0; 6]; joints],
            column: vec![0.0; joints],
        }
    }

    /// Brings everything to the state (`q`, `v`). Allocates nothing.
    ///
    /// # Errors
    /// If a number is none, or the arm has no inertia; what was computed before is then lost.
    ///
    /// # Panics
    /// If arm, chain and state are not of one length.
    pub fn update(&mut self, arm: &mut ArmDynamics, chain: &Chain, q: &[f64], v: &[f64]) -> Result<(), BadState> {
        let n = self.jacobian.len();
        assert!(arm.joints() == n && chain.len() == n && q.len() == n && v.len() == n, "arm, chain and state are of one length");
        if q.iter().chain(v).any(|x| !x.is_finite()) {
            return Err(BadState);
        }
        self.tip = chain.tip_and_jacobian(q, &mut self.jacobian);
        self.velocity = core::array::from_fn(|k| self.jacobian.iter().zip(v).map(|(column, v)| column[k] * v).sum());
        arm.mass_matrix(q, &mut self.mass);
        self.factor.copy_from_slice(&self.mass);
        cholesky(&mut self.factor, n, 0.0).map_err(|_| BadState)?;
        for k in 0..6 {
            self.column.iter_mut().zip(&self.jacobian).for_each(|(x, column)| *x = column[k]);
            cholesky_solve(&self.factor, n, &mut self.column);
            self.moved.iter_mut().zip(&self.column).for_each(|(row, x)| row[k] = *x);
        }
        for r in 0..6 {
            for c in 0..=r {
                let sum: f64 = self.jacobian.iter().zip(&self.moved).map(|(column, row)| column[r] * row[c]).sum();
                (self.mobility[r * 6 + c], self.mobility[c * 6 + r]) = (sum, sum);
            }
        }
        for half in [0, 3] {
            let mean = (half..half + 3).map(|k| self.mobility[k * 7]).sum::<f64>() / 3.0;
            (half..half + 3).for_each(|k| self.mobility[k * 7] += RIDGE * mean);
        }
        self.root = self.mobility;
        cholesky(&mut self.root, 6, 0.0).map_err(|_| BadState)?;
        for c in 0..6 {
            let mut unit = [0.0; 6];
            unit[c] = 1.0;
            cholesky_solve(&self.root, 6, &mut unit);
            (0..6).for_each(|r| self.inertia[r * 6 + c] = unit[r]);
        }
        Ok(())
    }

    /// J̇·w, J̇ the rate of the Jacobian while the joints move with `v`: with `w` = `v` the acceleration of the tip [m/s², rad/s²] while the joints
    /// do not accelerate. For the state of the last update.
    #[must_use]
    pub fn drift(&self, v: &[f64], w: &[f64]) -> [f64; 6] {
        // About the point where the tip is now a joint's motion S changes with V × S, V the motion of what carries it; and the tip moves on.
        let (mut carrying, mut rate) = (Motion::ZERO, Motion::ZERO);
        let mut turning = Vec3::ZERO;
        for ((column, v), w) in self.jacobian.iter().zip(v).zip(w) {
            let unit = Motion::new(Vec3::new(column[3], column[4], column[5]), Vec3::new(column[0], column[1], column[2]));
            rate += carrying.cross_motion(unit) * *w;
            carrying += unit * *v;
            turning += unit.angular * *w;
        }
        six(rate.linear + turning.cross(carrying.linear), rate.angular)
    }

    /// Writes into `v` the joint speeds that move the tip with `velocity` at the least kinetic energy: J̄·ẋ, J̄ = M⁻¹·Jᵀ·Λ.
    pub fn joint_speeds(&self, velocity: &[f64; 6], v: &mut [f64]) {
        let momentum = times(&self.inertia, velocity);
        for (v, row) in v.iter_mut().zip(&self.moved) {
            *v = row.iter().zip(&momentum).map(|(a, b)| a * b).sum();
        }
    }

    /// Adds to `tau` the torques with which the tip exerts `wrench` on whatever holds it: Jᵀ·F.
    pub fn add_wrench(&self, wrench: &[f64; 6], tau: &mut [f64]) {
        for (tau, column) in tau.iter_mut().zip(&self.jacobian) {
            *tau += column.iter().zip(wrench).map(|(j, f)| j * f).sum::<f64>();
        }
    }

    /// Takes out of `tau` what would accelerate the tip. An arm of six joints has nothing left but in singular postures.
    pub fn into_null_space(&self, tau: &mut [f64]) {
        let mut push = [0.0; 6];
        for (row, tau) in self.moved.iter().zip(tau.iter()) {
            push.iter_mut().zip(row).for_each(|(p, x)| *p += x * tau);
        }
        let wrench = times(&self.inertia, &push);
        for (tau, column) in tau.iter_mut().zip(&self.jacobian) {
            *tau -= column.iter().zip(&wrench).map(|(j, f)| j * f).sum::<f64>();
        }
    }

    /// Replaces torques by the accelerations that they give the joints: M⁻¹·τ.
    pub fn accelerations(&self, tau: &mut [f64]) {
        cholesky_solve(&self.factor, self.jacobian.len(), tau);
    }

    /// Writes into `tau` the torques that bring the joints to `posture`, or only damp them, without the tip noticing; `resting` is work space.
    pub fn rest(&self, posture: Option<&Posture>, q: &[f64], v: &[f64], resting: &mut [f64], tau: &mut [f64]) {
        let n = q.len();
        let w = posture.map_or(DAMPED_1_S, |p| p.natural_frequency_rad_s);
        for i in 0..n {
            let way = posture.map_or(0.0, |p| p.q[i] - q[i]);
            resting[i] = w * w * way - 2.0 * w * v[i];
        }
        for (row, tau) in self.mass.chunks_exact(n).zip(tau.iter_mut()) {
            *tau = row.iter().zip(resting.iter()).map(|(m, a)| m * a).sum();
        }
        self.into_null_space(tau);
    }

    /// The mass [kg] that something meets that hits the tip along the unit vector `along`: 1/(nᵀ·Λ⁻¹·n).
    #[must_use]
    pub fn effective_mass(&self, along: Vec3) -> f64 {
        1.0 / self.mobility_along(&six(along, Vec3::ZERO))
    }

    /// nᵀ·Λ⁻¹·n for a direction of motion `n`.
    #[must_use]
    pub fn mobility_along(&self, n: &[f64; 6]) -> f64 {
        times(&self.mobility, n).iter().zip(n).map(|(a, b)| a * b).sum()
    }
}

/// True if the quaternion is one of a rotation, of unit length.
pub(crate) fn is_rotation(q: Quat) -> bool {
    let square: f64 = q.to_array().iter().map(|x| x * x).sum();
    real::abs(square - 1.0) < 1e-6
}

/// A six-vector of its halves.
#[must_use]
pub fn six(linear: Vec3, angular: Vec3) -> [f64; 6] {
    [linear.x, linear.y, linear.z, angular.x, angular.y, angular.z]
}

/// The halves of a six-vector: linear and angular, force and moment.
#[must_use]
pub fn halves(x: &[f64; 6]) -> (Vec3, Vec3) {
    (Vec3::from_slice(&x[..3]), Vec3::from_slice(&x[3..]))
}

/// A 6 × 6 matrix, row by row, times a six-vector.
#[must_use]
pub fn times(m: &[f64; 36], x: &[f64; 6]) -> [f64; 6] {
    core::array::from_fn(|r| (0..6).map(|c| m[r * 6 + c] * x[c]).sum())
}
