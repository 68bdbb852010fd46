//! An arm to try controllers on: articulated-body dynamics in small steps, with a force at the tip or a wall in front of it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use leitai_control::{ArmDynamics, Chain};
use leitai_dynamics::{Data, forward_dynamics};
use leitai_math::{Pose, Vec3};
use leitai_model::{JointId, Model, Spec};

/// A flat, springy surface: its force on the tip is `stiffness` times how deep the tip is in it, and damped a little.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    /// A point of it [m].
    pub point: Vec3,
    /// Out of the wall, toward the free side.
    pub normal: Vec3,
    /// [N/m].
    pub stiffness: f64,
    /// [N·s/m].
    pub damping: f64,
}

/// Friction of a joint: dry [N·m], full from 0.02 rad/s on, and viscous [N·m·s/rad].
#[derive(Clone, Copy, Debug)]
pub struct Friction {
    pub dry: f64,
    pub viscous: f64,
}

pub struct Plant {
    pub model: Model,
    pub chain: Chain,
    pub q: Vec<f64>,
    pub v: Vec<f64>,
    /// Force and moment on the tip besides the wall's, in the world.
    pub push: [f64; 6],
    pub wall: Option<Wall>,
    /// Torques on the joints besides.
    pub extra: Vec<f64>,
    /// Of each joint; none if empty.
    pub friction: Vec<Friction>,
    /// Time step [s].
    pub step_s: f64,
    /// What the wall does to the tip now.
    pub contact: [f64; 6],
    /// Work that push and wall have done on the arm [J].
    pub work_j: f64,
    data: Data,
    jacobian: Vec<[f64; 6]>,
    tau: Vec<f64>,
}

/// Time step of a new plant [s].
pub const STEP_S: f64 = 5e-5;

impl Plant {
    pub fn new(spec: &Spec, q: &[f64]) -> Self {
        let model = spec.build().expect("the test's arm is sound");
        let chain = Chain::new(&model, model.site_named("tool_mount").expect("a tip")).expect("a chain");
        let n = chain.len();
        Self {
            data: Data::new(&model),
            model,
            chain,
            q: q.to_vec(),
            v: vec![0.0; n],
            push: [0.0; 6],
            wall: None,
            extra: vec![0.0; n],
            friction: Vec::new(),
            step_s: STEP_S,
            contact: [0.0; 6],
            work_j: 0.0,
            jacobian: vec![[0.0; 6]; n],
            tau: vec![0.0; n],
        }
    }

    /// What a controller is told of the arm: the truth.
    pub fn dynamics(&self) -> ArmDynamics {
        let joints: Vec<JointId> = self.chain.joints().to_vec();
        ArmDynamics::new(&self.model, &joints, self.model.site_named("tool_mount").expect("a tip"))
    }

    pub fn tip(&self) -> Pose {
        self.chain.tip(&self.q)
    }

    /// Velocity of the tip, linear and angular.
    pub fn tip_velocity(&mut self) -> [f64; 6] {
        self.chain.tip_and_jacobian(&self.q, &mut self.jacobian);
        core::array::from_fn(|k| self.jacobian.iter().zip(&self.v).map(|(column, v)| column[k] * v).sum())
    }

    /// Joint accelerations under torques `tau` and the wrenches at the tip, now.
    pub fn acceleration(&mut self, tau: &[f64]) -> Vec<f64> {
        let tip = self.chain.tip_and_jacobian(&self.q, &mut self.jacobian);
        let velocity: [f64; 6] =
            core::array::from_fn(|k| self.jacobian.iter().zip(&self.v).map(|(column, v)| column[k] * v).sum());
        self.contact = [0.0; 6];
        if let Some(wall) = self.wall {
            let deep = wall.normal.dot(wall.point - tip.position);
            if deep > 0.0 {
                let rate = -wall.normal.dot(Vec3::from_slice(&velocity));
                let force = (wall.stiffness * deep + wall.damping * rate).max(0.0);
                self.contact[..3].copy_from_slice(&(wall.normal * force).to_array());
            }
        }
        for i in 0..tau.len() {
            let slides = self.friction.get(i).map_or(0.0, |f| f.dry * (self.v[i] / 0.01).tanh() + f.viscous * self.v[i]);
            self.tau[i] = tau[i] + self.extra[i] - slides
                + (0..6).map(|k| self.jacobian[i][k] * (self.push[k] + self.contact[k])).sum::<f64>();
        }
        self.work_j += self.step_s * (0..6).map(|k| velocity[k] * (self.push[k] + self.contact[k])).sum::<f64>();
        forward_dynamics(&self.model, &mut self.data, &self.q, &self.v, &self.tau);
        self.data.a.clone()
    }

    /// `seconds` with constant torques.
    pub fn run(&mut self, tau: &[f64], seconds: f64) {
        for _ in 0..(seconds / self.step_s).round() as usize {
            let a = self.acceleration(tau);
            for i in 0..a.len() {
                self.v[i] += self.step_s * a[i];
                self.q[i] += self.step_s * self.v[i];
            }
        }
    }
}
