//! Forward dynamics: the motion that given joint forces produce.
//!
//! Articulated bodies in O(n) (Featherstone 2008, §7.3). A joint of several degrees of freedom is taken as that many single
//! ones with massless bodies between them, which the common reference point makes free of transforms.

use crate::data::Data;
use crate::kinematics::{com_frames, kinematics, velocities};
use leitai_math::{Inertia, Motion, Vec3};
use leitai_model::Model;

/// Writes into `data.a` the acceleration that joint forces `tau` give at state (`q`, `v`), without contacts or limits.
///
/// Lengths and units as in [`crate::inverse_dynamics`], whose inverse this is.
///
/// # Panics
/// If a length is wrong.
pub fn forward_dynamics(model: &Model, data: &mut Data, q: &[f64], v: &[f64], tau: &[f64]) {
    assert_eq!((v.len(), tau.len()), (model.nv, model.nv), "v and tau must have nv numbers");
    kinematics(model, data, q);
    com_frames(model, data);
    velocities(model, data, v);
    for i in 1..model.bodies.len() {
        let inertia = &data.body_inertia[i];
        let velocity = data.body_velocity[i];
        data.articulated[i] = matrix_of(inertia);
        data.body_force[i] = velocity.cross_force(inertia.apply(velocity));
    }
    // Inward: what each body feels of its own subtree.
    let mut u = core::mem::take(&mut data.tau);
    for i in (1..model.bodies.len()).rev() {
        let body = &model.bodies[i];
        let (mut inertia, mut force) = (data.articulated[i], data.body_force[i]);
        for d in (body.dof_start as usize..(body.dof_start + body.dof_count) as usize).rev() {
            let s = data.dof_motion[d];
            let column = times(&inertia, s);
            let pivot = dot(&column, s) + model.dofs[d].armature;
            u[d] = tau[d] - s.dot(force);
            data.mass_factor_inverse[d] = 1.0 / pivot;
            for r in 0..6 {
                for c in 0..6 {
                    inertia[r][c] -= column[r] * column[c] / pivot;
                }
            }
            let drift = times(&inertia, data.dof_motion_rate[d] * v[d]);
            let k = u[d] / pivot;
            force += as_motion(&drift) + as_motion(&column) * k;
            data.articulated_column[d] = column;
        }
        let parent = body.parent.index();
        if parent > 0 {
            for r in 0..6 {
                for c in 0..6 {
                    data.articulated[parent][r][c] += inertia[r][c];
                }
            }
            data.body_force[parent] += force;
        }
    }
    // Outward: accelerations.
    data.body_acceleration[0] = Motion::new(Vec3::ZERO, -data.gravity);
    for i in 1..model.bodies.len() {
        let body = &model.bodies[i];
        let mut acceleration = data.body_acceleration[body.parent.index()];
        for d in body.dof_start as usize..(body.dof_start + body.dof_count) as usize {
            acceleration += data.dof_motion_rate[d] * v[d];
            data.a[d] = (u[d] - dot(&data.articulated_column[d], acceleration)) * data.mass_factor_inverse[d];
            acceleration += data.dof_motion[d] * data.a[d];
        }
        data.body_acceleration[i] = acceleration;
    }
    data.tau = u;
}

fn matrix_of(inertia: &Inertia) -> [[f64; 6]; 6] {
    let mut m = [[0.0; 6]; 6];
    let [xx, yy, zz, xy, xz, yz] = inertia.rotational;
    let rotational = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]];
    let h = inertia.moment;
    let skew = [[0.0, -h.z, h.y], [h.z, 0.0, -h.x], [-h.y, h.x, 0.0]];
    for r in 0..3 {
        for c in 0..3 {
            m[r][c] = rotational[r][c];
            m[r][c + 3] = skew[r][c];
            m[r + 3][c] = skew[c][r];
        }
        m[r + 3][r + 3] = inertia.mass;
    }
    m
}

fn times(m: &[[f64; 6]; 6], x: Motion) -> [f64; 6] {
    let mut out = [0.0; 6];
    for (o, row) in out.iter_mut().zip(m) {
        *o = dot(row, x);
    }
    out
}

fn dot(row: &[f64; 6], x: Motion) -> f64 {
    let (a, l) = (x.angular, x.linear);
    row[0] * a.x + row[1] * a.y + row[2] * a.z + row[3] * l.x + row[4] * l.y + row[5] * l.z
}

fn as_motion(x: &[f64; 6]) -> Motion {
    Motion::new(Vec3::new(x[0], x[1], x[2]), Vec3::new(x[3], x[4], x[5]))
}
