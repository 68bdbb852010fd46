//! Energy and momentum: what must stay when nothing acts from outside.

use crate::data::Data;
use crate::mass::mass_times;
use alloc::vec;
use leitai_math::Vec3;
use leitai_model::Model;

/// Kinetic energy [J] at velocity `v`. Needs [`crate::mass_matrix`].
#[must_use]
pub fn kinetic_energy(model: &Model, data: &Data, v: &[f64]) -> f64 {
    let mut momentum = vec![0.0; model.nv];
    mass_times(model, &data.mass, v, &mut momentum);
    0.5 * v.iter().zip(&momentum).map(|(a, b)| a * b).sum::<f64>()
}

/// Energy [J] of gravity and joint springs at `q`, zero with every center of mass at the origin. Needs [`crate::kinematics`].
#[must_use]
pub fn potential_energy(model: &Model, data: &Data, q: &[f64]) -> f64 {
    let mut energy = 0.0;
    for (body, com) in model.bodies.iter().zip(&data.com) {
        energy -= body.mass * data.gravity.dot(*com);
    }
    if !model.option.disable.spring {
        for joint in model.joints.iter().filter(|j| j.stiffness != 0.0) {
            let at = joint.q_start as usize;
            let stretch = q[at] - model.q_spring[at];
            energy += 0.5 * joint.stiffness * stretch * stretch;
        }
    }
    energy
}

/// Linear and angular momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    /// Linear [kg·m/s], in the world.
    pub linear: Vec3,
    /// Angular about the world's origin [kg·m²/s], in the world.
    pub angular: Vec3,
}

/// Momentum of everything that moves. Needs [`crate::velocities`].
#[must_use]
pub fn momentum(model: &Model, data: &Data) -> Momentum {
    let (mut linear, mut angular) = (Vec3::ZERO, Vec3::ZERO);
    for i in 1..model.bodies.len() {
        let center = data.subtree_com[model.bodies[i].root.index()];
        let p = data.body_inertia[i].apply(data.body_velocity[i]);
        linear += p.linear;
        angular += p.angular + center.cross(p.linear);
    }
    Momentum { linear, angular }
}
