//! Inverse dynamics: the joint forces that produce a given motion.
//!
//! Recursive Newton–Euler in O(n): one pass outward for accelerations, one pass inward for forces. Symbols follow
//! Featherstone, *Rigid Body Dynamics Algorithms* (2008), §5.3. Gravity enters as an upward acceleration of the base, which is
//! why no body has a weight term below.

use crate::data::Data;
use crate::kinematics::{com_frames, kinematics, velocities};
use leitai_math::{Motion, Vec3};
use leitai_model::Model;

/// Writes into `data.tau` the joint forces that give acceleration `a` at state (`q`, `v`).
///
/// | symbol | length | unit |
/// |---|---|---|
/// | `q` | `model.nq` | rad; m at prismatic joints; see [`leitai_model::model`] for free and ball joints |
/// | `v`, `a` | `model.nv` | rad/s and rad/s²; m/s and m/s² at prismatic joints |
/// | `data.tau` | `model.nv` | N·m; N at prismatic joints |
///
/// Joint springs, dampers and friction are not part of it. Allocates nothing. The inverse is [`crate::forward_dynamics`].
///
/// # Panics
/// If a length is wrong: that is a bug in the caller, not bad input.
pub fn inverse_dynamics(model: &Model, data: &mut Data, q: &[f64], v: &[f64], a: &[f64]) {
    assert_eq!((v.len(), a.len()), (model.nv, model.nv), "v and a must have nv numbers");
    kinematics(model, data, q);
    com_frames(model, data);
    velocities(model, data, v);
    newton_euler(model, data, v, Some(a), 1, model.bodies.len());
    for d in 0..model.nv {
        data.tau[d] = data.dof_motion[d].dot(data.body_force[model.dofs[d].body.index()]) + model.dofs[d].armature * a[d];
    }
}

/// Writes into `data.bias` the Coriolis, centrifugal and gravity forces at velocity `v`. Needs [`velocities`].
pub fn bias_forces(model: &Model, data: &mut Data, v: &[f64]) {
    bias_forces_of(model, data, v, 1, model.bodies.len(), 0, model.nv);
}

/// The part of [`bias_forces`] for bodies `start..end`, whole trees with the degrees of freedom `dof_start..dof_end`.
pub fn bias_forces_of(model: &Model, data: &mut Data, v: &[f64], start: usize, end: usize, dof_start: usize, dof_end: usize) {
    newton_euler(model, data, v, None, start, end);
    for d in dof_start..dof_end {
        data.bias[d] = data.dof_motion[d].dot(data.body_force[model.dofs[d].body.index()]);
    }
}

/// Writes accelerations (less gravity) and subtree forces of bodies `start..end`.
pub fn newton_euler(model: &Model, data: &mut Data, v: &[f64], a: Option<&[f64]>, start: usize, end: usize) {
    let base = Motion::new(Vec3::ZERO, -data.gravity);
    data.body_acceleration[0] = base;
    for i in start..end {
        let body = &model.bodies[i];
        let mut acceleration = if body.parent.0 == 0 { base } else { data.body_acceleration[body.parent.index()] };
        for d in body.dof_start as usize..(body.dof_start + body.dof_count) as usize {
            acceleration += data.dof_motion_rate[d] * v[d];
            if let Some(a) = a {
                acceleration += data.dof_motion[d] * a[d];
            }
        }
        data.body_acceleration[i] = acceleration;
        let inertia = &data.body_inertia[i];
        let velocity = data.body_velocity[i];
        data.body_force[i] = inertia.apply(acceleration) + velocity.cross_force(inertia.apply(velocity));
    }
    for i in (start..end).rev() {
        let parent = model.bodies[i].parent.index();
        if parent >= start {
            let force = data.body_force[i];
            data.body_force[parent] += force;
        }
    }
}
