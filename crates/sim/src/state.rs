//! Everything that changes: a copy of it is a snapshot.

use crate::adams::Glide;
use crate::scene::Scene;
use crate::sleep::Sleep;
use crate::stick::Holds;
use crate::suction::{self, Cup};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Motion, Pose, Vec3};

/// What stands in digests for whatever is not a number.
const NOT_A_NUMBER: u64 = 0x7ff8_0000_0000_0000;

/// The state of a world. Whatever a step reads that the model does not fix stands here.
#[derive(Debug, PartialEq)]
pub struct State {
    /// Steps taken.
    pub steps: u64,
    /// Time [s] at step zero.
    pub start_s: f64,
    /// Coordinates.
    pub q: Vec<f64>,
    /// Velocities.
    pub v: Vec<f64>,
    /// Activations.
    pub act: Vec<f64>,
    /// Controls.
    pub ctrl: Vec<f64>,
    /// Poses of bodies moved by the program.
    pub mocap: Vec<Pose>,
    /// Forces applied by the program along the degrees of freedom [N·m, N].
    pub joint_force: Vec<f64>,
    /// Forces applied by the program at centers of mass: moment [N·m] and force [N], in the world.
    pub body_force: Vec<Motion>,
    /// Which equality constraints act.
    pub equality_active: Vec<bool>,
    /// Gravity [m/s²], in the world.
    pub gravity: Vec3,
    /// Accelerations of the last step, from which the solver starts.
    pub warm_start: Vec<f64>,
    /// Suction cups.
    pub cups: Vec<Cup>,
    /// Who sleeps.
    pub sleep: Sleep,
    /// Where friction took hold.
    pub holds: Holds,
    /// What the `Adams` integrator remembers.
    pub glide: Glide,
}

impl Clone for State {
    fn clone(&self) -> Self {
        let Self { steps, start_s, gravity, .. } = *self;
        Self {
            steps,
            start_s,
            q: self.q.clone(),
            v: self.v.clone(),
            act: self.act.clone(),
            ctrl: self.ctrl.clone(),
            mocap: self.mocap.clone(),
            joint_force: self.joint_force.clone(),
            body_force: self.body_force.clone(),
            equality_active: self.equality_active.clone(),
            gravity,
            warm_start: self.warm_start.clone(),
            cups: self.cups.clone(),
            sleep: self.sleep.clone(),
            holds: self.holds.clone(),
            glide: self.glide.clone(),
        }
    }

    /// Allocates nothing between states of one model.
    fn clone_from(&mut self, other: &Self) {
        (self.steps, self.start_s, self.gravity) = (other.steps, other.start_s, other.gravity);
        self.q.clone_from(&other.q);
        self.v.clone_from(&other.v);
        self.act.clone_from(&other.act);
        self.ctrl.clone_from(&other.ctrl);
        self.mocap.clone_from(&other.mocap);
        self.joint_force.clone_from(&other.joint_force);
        self.body_force.clone_from(&other.body_force);
        self.equality_active.clone_from(&other.equality_active);
        self.warm_start.clone_from(&other.warm_start);
        self.cups.clone_from(&other.cups);
        self.sleep.copy_from(&other.sleep);
        self.holds.copy_from(&other.holds);
        self.glide.copy_from(&other.glide);
    }
}

impl State {
    /// The reference configuration at rest.
    #[must_use]
    pub fn reference(scene: &Scene) -> Self {
        let model = &*scene.model;
        Self {
            steps: 0,
            start_s: 0.0,
            q: model.q0.clone(),
            v: vec![0.0; model.nv],
            act: vec![0.0; model.na],
            ctrl: vec![0.0; model.nu],
            mocap: model.bodies.iter().filter(|b| b.mocap.is_some()).map(|b| b.pose).collect(),
            joint_force: vec![0.0; model.nv],
            body_force: vec![Motion::ZERO; model.bodies.len()],
            equality_active: model.equalities.iter().map(|e| e.active).collect(),
            gravity: if model.option.disable.gravity { Vec3::ZERO } else { model.option.gravity },
            warm_start: vec![0.0; model.nv],
            cups: suction::cups(model),
            sleep: Sleep::new(scene),
            holds: Holds::with_capacity(if model.option.stick { 8 * model.geoms.len() } else { 0 }),
            glide: Glide::new(scene),
        }
    }

    /// Time [s]: counted, then multiplied, because sums drift.
    #[must_use]
    pub fn time_s(&self, timestep_s: f64) -> f64 {
        self.start_s + self.steps as f64 * timestep_s
    }

    /// Digest of every bit of the state. A step that makes a number that is not finite fails, so all are, unless someone set one;
    /// its bits differ between processors, so every NaN counts as the same.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let mut add = |x: f64| {
            let bits = if x.is_nan() { NOT_A_NUMBER } else { x.to_bits() };
            hasher.update(&bits.to_le_bytes());
        };
        add(self.steps as f64);
        add(self.start_s);
        for list in [&self.q, &self.v, &self.act, &self.ctrl, &self.joint_force, &self.warm_start] {
            list.iter().copied().for_each(&mut add);
        }
        for pose in &self.mocap {
            pose.position.to_array().into_iter().chain(pose.rotation.to_array()).for_each(&mut add);
        }
        for force in &self.body_force {
            force.angular.to_array().into_iter().chain(force.linear.to_array()).for_each(&mut add);
        }
        self.holds.numbers().for_each(&mut add);
        self.glide.numbers().for_each(&mut add);
        self.cups.iter().flat_map(Cup::numbers).for_each(&mut add);
        self.gravity.to_array().into_iter().for_each(&mut add);
        for active in &self.equality_active {
            hasher.update(&[u8::from(*active)]);
        }
        self.sleep.hash_into(&mut hasher);
        *hasher.finalize().as_bytes()
    }
}
