//! Energy and momentum: what must stay when nothing acts from outside.

use crate::data::Data;
use crate::tendon::tendon_length;
use leitai_math::{Quat, Vec3, real};
use leitai_model::spec::JointKind;
use leitai_model::{Model, TendonId};

/// Kinetic energy [J] at velocity `v`. Needs [`crate::mass_matrix`].
#[must_use]
pub fn kinetic_energy(model: &Model, data: &Data, v: &[f64]) -> f64 {
    let mut twice = 0.0;
    for (d, dof) in model.dofs.iter().enumerate() {
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        // The part below the diagonal stands for the part above it too.
        let mut s = -data.mass[row.end - 1] * v[d];
        for (m, &c) in data.mass[row.clone()].iter().zip(&model.mass_columns[row]) {
            s += 2.0 * m * v[c as usize];
        }
        twice += v[d] * s;
    }
    0.5 * twice
}

/// Energy [J] of gravity and of joint and tendon springs at `q`, zero with every center of mass at the origin. Needs
/// [`crate::kinematics`] and, for spatial tendons, [`crate::tendons`].
#[must_use]
pub fn potential_energy(model: &Model, data: &Data, q: &[f64]) -> f64 {
    let mut energy = 0.0;
    for (body, com) in model.bodies.iter().zip(&data.com).skip(1) {
        energy -= body.mass * data.gravity.dot(*com);
    }
    if model.option.disable.spring {
        return energy;
    }
    for joint in model.joints.iter().filter(|j| j.stiffness != 0.0 || j.stiffness_growth != [0.0; 2]) {
        let at = joint.q_start as usize;
        let straight =
            |n: usize| (0..n).map(|k| (q[at + k] - model.q_spring[at + k]) * (q[at + k] - model.q_spring[at + k])).sum();
        let turned = |at: usize| {
            let rest = Quat::from_slice(&model.q_spring[at..]);
            (rest.conjugate() * Quat::from_slice(&q[at..]).normalized()).to_rotation_vector().norm_squared()
        };
        let squared: f64 = match joint.kind {
            JointKind::Slide | JointKind::Hinge => straight(1),
            JointKind::Ball => turned(at),
            JointKind::Free => straight(3) + turned(at + 3),
        };
        energy += 0.5 * joint.stiffness * squared;
        if joint.stiffness_growth != [0.0; 2] {
            let grown = |x: f64| grown(&joint.stiffness_growth, x);
            energy += match joint.kind {
                JointKind::Slide | JointKind::Hinge => grown(q[at] - model.q_spring[at]),
                JointKind::Ball => grown(real::sqrt(squared)),
                JointKind::Free => grown(real::sqrt(straight(3))) + grown(real::sqrt(turned(at + 3))),
            };
        }
    }
    for (t, tendon) in model.tendons.iter().enumerate().filter(|(_, t)| t.stiffness != 0.0 || t.stiffness_growth != [0.0; 2]) {
        let length = tendon_length(model, data, q, TendonId(t as u32));
        let [low, high] = data.tendon_rest[t];
        let stretch = length - real::clamp(length, low, high);
        energy += 0.5 * tendon.stiffness * stretch * stretch + grown(&tendon.stiffness_growth, stretch);
    }
    energy
}

/// Energy of the quadratic and cubic parts of a spring's force at displacement `x`.
fn grown(growth: &[f64; 2], x: f64) -> f64 {
    x * x * x * (growth[0] / 3.0 + x * growth[1] / 4.0)
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
