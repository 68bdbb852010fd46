//! From accelerations to the next state.

use crate::actuation::{add_velocity_derivatives, advance_activations, damping_slope};
use crate::adams;
use crate::fluid;
use crate::implicit;
use crate::scene::{Group, Scene};
use crate::state::State;
use crate::unstable::Unstable;
use crate::world::{Parts, World};
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_dynamics::derivative::BiasSlopes;
use leitai_dynamics::mass::{factor_packed, solve_packed};
use leitai_math::{Mat3, Quat, Vec3, real};
use leitai_model::spec::JointKind;
use leitai_model::{Integrator, Model};

/// Workspace of the integrators.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    pub packed: Vec<f64>,
    pub factor: Vec<f64>,
    pub inverse: Vec<f64>,
    pub a: Vec<f64>,
    /// By how much the velocity at the end of a step is more than its mean.
    pub lag: Vec<f64>,
    /// Of the integrator `implicit`.
    pub slopes: BiasSlopes,
    stages: [Stage; 4],
    /// Where a Runge–Kutta step began.
    start: Option<State>,
}

#[derive(Clone, Debug)]
struct Stage {
    v: Vec<f64>,
    a: Vec<f64>,
    act_rate: Vec<f64>,
}

impl Scratch {
    pub(crate) fn new(scene: &Scene) -> Self {
        let model = &*scene.model;
        let stage = || Stage { v: vec![0.0; model.nv], a: vec![0.0; model.nv], act_rate: vec![0.0; model.na] };
        Self {
            packed: vec![0.0; model.nm],
            factor: vec![0.0; model.nm],
            inverse: vec![0.0; model.nv],
            a: vec![0.0; model.nv],
            lag: vec![0.0; if model.option.integrator == Integrator::Adams { model.nv } else { 0 }],
            slopes: if model.option.integrator == Integrator::Implicit { BiasSlopes::new(model) } else { BiasSlopes::default() },
            stages: [stage(), stage(), stage(), stage()],
            start: (model.option.integrator == Integrator::RungeKutta4).then(|| State::reference(scene)),
        }
    }
}

/// Moves `q` along `v` for `dt` seconds, for the degrees of freedom `dofs`.
pub fn advance_positions(model: &Model, q: &mut [f64], v: &[f64], dt: f64, dofs: core::ops::Range<usize>) {
    let turn = |q: &mut [f64], v: &[f64]| {
        let next = Quat::from_slice(q).integrated(Vec3::from_slice(v) * dt);
        q[..4].copy_from_slice(&next.to_array());
    };
    let mut d = dofs.start;
    while d < dofs.end {
        let joint = &model.joints[model.dofs[d].joint.index()];
        let at = joint.q_start as usize;
        match joint.kind {
            JointKind::Slide | JointKind::Hinge => {
                q[at] += v[d] * dt;
                d += 1;
            }
            JointKind::Ball => {
                turn(&mut q[at..], &v[d..]);
                d += 3;
            }
            JointKind::Free => {
                for k in 0..3 {
                    q[at + k] += v[d + k] * dt;
                }
                turn(&mut q[at + 3..], &v[d + 3..]);
                d += 6;
            }
        }
    }
}

/// Advances the world by one step from the accelerations of its last forward computation.
pub(crate) fn advance(world: &mut World) -> Result<(), Unstable> {
    match world.model().option.integrator {
        Integrator::Euler | Integrator::ImplicitFast | Integrator::Implicit => implicit_euler(world),
        Integrator::Adams => adams::advance(world),
        Integrator::RungeKutta4 => return runge_kutta(world),
    }
    let Parts { scene, state, forces, .. } = world.parts();
    let model = &*scene.model;
    advance_activations(model, &mut state.act, &forces.act_rate, model.option.timestep_s);
    state.warm_start.copy_from_slice(&forces.a);
    state.steps += 1;
    Ok(())
}

/// Semi-implicit Euler; damping, with `ImplicitFast` actuators and the gyroscopic forces of free bodies too, and with `Implicit`
/// whatever depends on velocity, act at the end of the step.
fn implicit_euler(world: &mut World) {
    let Parts { scene, state, data, contacts, forces, scratch } = world.parts();
    let model = &*scene.model;
    let dt = model.option.timestep_s;
    let implicit_fast = model.option.integrator == Integrator::ImplicitFast;
    let fully = model.option.integrator == Integrator::Implicit;
    let damped = |dofs: core::ops::Range<usize>| {
        dofs.into_iter().any(|d| model.dofs[d].damping != 0.0 || model.dofs[d].damping_growth != [0.0; 2])
    };
    let euler_damp = !implicit_fast && !fully && !model.option.disable.euler_damp && !model.option.disable.damper;
    scratch.a.copy_from_slice(&forces.a);
    if implicit_fast || fully {
        scratch.packed.copy_from_slice(&data.mass);
        add_velocity_derivatives(scene, data, state, contacts, forces, dt, &mut scratch.packed);
    }
    if fully {
        implicit::complete(scene, data, state, scratch);
    }
    for (g, group) in scene.groups.iter().enumerate() {
        let dofs = group.dofs.clone();
        if dofs.is_empty() || state.sleep.is_asleep(g) {
            continue;
        }
        if implicit_fast || fully || (euler_damp && damped(dofs.clone())) {
            if euler_damp {
                for d in dofs.clone() {
                    let dof = &model.dofs[d];
                    let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
                    scratch.packed[row.clone()].copy_from_slice(&data.mass[row.clone()]);
                    scratch.packed[row.end - 1] += dt * damping_slope(dof.damping, &dof.damping_growth, state.v[d]);
                }
            }
            for d in dofs.clone() {
                scratch.a[d] = forces.smooth[d] + forces.constraint[d];
            }
            if fully {
                implicit::solve(model, scratch, group);
            } else if implicit_fast && group.free_body {
                free_body_acceleration(scene, data, &state.v, scratch, dt, group);
            } else {
                factor_packed(model, &scratch.packed, &mut scratch.factor, &mut scratch.inverse, dofs.start, dofs.end);
                solve_packed(model, &scratch.factor, &scratch.inverse, &mut scratch.a, dofs.start, dofs.end);
            }
        }
        for d in dofs.clone() {
            state.v[d] += dt * scratch.a[d];
        }
        advance_positions(model, &mut state.q, &state.v, dt, dofs);
    }
}

/// Acceleration of a free body whose gyroscopic forces act at the end of the step, from the forces in `scratch.a`.
///
/// Of its bias force, m·R·(ω × (ω × r)) and ω × I·ω with everything turning in the body's frame, the derivative is known
/// exactly; it makes the matrix unsymmetric, hence the elimination.
fn free_body_acceleration(scene: &Scene, data: &Data, v: &[f64], scratch: &mut Scratch, dt: f64, group: &Group) {
    let model = &*scene.model;
    let start = group.dofs.start;
    let mut m = [[0.0; 6]; 6];
    for (i, d) in group.dofs.clone().enumerate() {
        let row = model.dofs[d].row_start as usize;
        for j in 0..=i {
            m[i][j] = scratch.packed[row + j];
            m[j][i] = m[i][j];
        }
    }
    let body = free_body(model, data, group);
    let (rotation, mass, r) = (body.rotation, body.mass, body.center);
    let w = Vec3::from_slice(&v[start + 3..]);
    let inertia = |x: Vec3| body.about_origin(x);
    let spin = inertia(w);
    for (k, axis) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
        let push = rotation * ((axis * w.dot(r) + w * axis.dot(r) - r * (2.0 * w.dot(axis))) * mass);
        let turn = axis.cross(spin) + w.cross(inertia(axis));
        for i in 0..3 {
            m[i][3 + k] += dt * push[i];
            m[3 + i][3 + k] += dt * turn[i];
        }
    }
    if fluid::acts(model) {
        fluid::add_turning_derivatives(model, data, &scene.fluid, start, dt, &mut m);
    }
    eliminate(&mut m, &mut scratch.a[start..start + 6]);
}

/// A body of its own, as its free joint moves it.
pub(crate) struct FreeBody {
    /// World from body.
    pub rotation: Mat3,
    /// Mass [kg].
    pub mass: f64,
    /// Center of mass [m], in the body.
    pub center: Vec3,
    /// Inertia about the center of mass [kg·m²], in the body.
    pub about_center: Mat3,
}

impl FreeBody {
    /// Inertia about the origin times `x`, in the body.
    pub(crate) fn about_origin(&self, x: Vec3) -> Vec3 {
        self.about_center * x + (x * self.center.norm_squared() - self.center * self.center.dot(x)) * self.mass
    }
}

pub(crate) fn free_body(model: &Model, data: &Data, group: &Group) -> FreeBody {
    let body = group.bodies.start;
    let rotation = data.body_rotation[body];
    let center = rotation.transpose_mul(data.subtree_com[body] - data.body_pose[body].position);
    let [xx, yy, zz, xy, xz, yz] = data.composite[body].rotational;
    let about_center = rotation.transpose() * Mat3::symmetric(xx, yy, zz, xy, xz, yz) * rotation;
    FreeBody { rotation, mass: model.bodies[body].subtree_mass, center, about_center }
}

/// Replaces `x` by m⁻¹·x, by Gaussian elimination with row exchange.
fn eliminate(m: &mut [[f64; 6]; 6], x: &mut [f64]) {
    for k in 0..6 {
        let larger = |p: usize, q: usize| if real::abs(m[q][k]) > real::abs(m[p][k]) { q } else { p };
        let pivot = (k + 1..6).fold(k, larger);
        m.swap(k, pivot);
        x.swap(k, pivot);
        for i in k + 1..6 {
            let share = m[i][k] / m[k][k];
            for j in k..6 {
                m[i][j] -= share * m[k][j];
            }
            x[i] -= share * x[k];
        }
    }
    for k in (0..6).rev() {
        let known: f64 = (k + 1..6).map(|j| m[k][j] * x[j]).sum();
        x[k] = (x[k] - known) / m[k][k];
    }
}

/// Classical fourth-order Runge–Kutta: the forward computation of the step is the first stage.
///
/// Orientations move along rotation vectors u with q = q₀·exp(u), whose rate is not ω but ω + ½ u × ω + … (Munthe-Kaas,
/// *BIT* 38(1), 1998): without that the order drops to two.
fn runge_kutta(world: &mut World) -> Result<(), Unstable> {
    const SHARE: [f64; 3] = [0.5, 0.5, 1.0];
    const WEIGHT: [f64; 4] = [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];
    let dt = world.model().option.timestep_s;
    let mut start = world.parts().scratch.start.take().unwrap_or_else(|| world.snapshot());
    start.clone_from(world.state());
    for stage in 0..4 {
        if stage > 0
            && let Err(broken) = world.forward_unread()
        {
            world.restore(&start);
            return Err(broken);
        }
        let Parts { scene, state, forces, scratch, .. } = world.parts();
        let (done, rest) = scratch.stages.split_at_mut(stage);
        let kept = &mut rest[0];
        kept.v.copy_from_slice(&state.v);
        kept.a.copy_from_slice(&forces.a);
        kept.act_rate.copy_from_slice(&forces.act_rate);
        if let Some(before) = done.last() {
            let share = SHARE[stage - 1] * dt;
            turn_rates(&scene.model, &mut kept.v, |d| before.v[d] * share);
        }
        if stage < 3 {
            go(&scene.model, state, &start, kept, SHARE[stage] * dt);
            state.warm_start.copy_from_slice(&forces.a);
        }
    }
    let Parts { scene, state, scratch, .. } = world.parts();
    let (first, rest) = scratch.stages.split_at_mut(1);
    let total = &mut first[0];
    state.warm_start.copy_from_slice(&total.a);
    let add = |total: &mut Vec<f64>, pick: &dyn Fn(&Stage) -> &Vec<f64>| {
        for (d, x) in total.iter_mut().enumerate() {
            *x = WEIGHT[0] * *x + (0..3).map(|s| WEIGHT[s + 1] * pick(&rest[s])[d]).sum::<f64>();
        }
    };
    add(&mut total.v, &|s| &s.v);
    add(&mut total.a, &|s| &s.a);
    add(&mut total.act_rate, &|s| &s.act_rate);
    go(&scene.model, state, &start, total, dt);
    state.steps = start.steps + 1;
    scratch.start = Some(start);
    Ok(())
}

/// Replaces the angular velocities of ball and free joints in `v` by the rates of their rotation vectors `u`.
fn turn_rates(model: &Model, v: &mut [f64], u: impl Fn(usize) -> f64) {
    for joint in &model.joints {
        let d = match joint.kind {
            JointKind::Ball => joint.v_start as usize,
            JointKind::Free => joint.v_start as usize + 3,
            _ => continue,
        };
        let (w, u) = (Vec3::from_slice(&v[d..]), Vec3::new(u(d), u(d + 1), u(d + 2)));
        let once = u.cross(w);
        let rate = w + once * 0.5 + u.cross(once) * (1.0 / 12.0);
        v[d..d + 3].copy_from_slice(&rate.to_array());
    }
}

/// The state `share` seconds after `start` at the rates of `stage`.
fn go(model: &Model, state: &mut State, start: &State, stage: &Stage, share: f64) {
    state.q.copy_from_slice(&start.q);
    advance_positions(model, &mut state.q, &stage.v, share, 0..model.nv);
    for d in 0..model.nv {
        state.v[d] = start.v[d] + share * stage.a[d];
    }
    state.act.copy_from_slice(&start.act);
    advance_activations(model, &mut state.act, &stage.act_rate, share);
}
