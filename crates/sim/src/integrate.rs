//! From accelerations to the next state.

use crate::actuation::{add_velocity_derivatives, advance_activations};
use crate::state::State;
use crate::world::{Parts, Unstable, World};
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::mass::{factor_packed, solve_packed};
use leitai_math::{Quat, Vec3, real};
use leitai_model::spec::JointKind;
use leitai_model::{Integrator, Model};

/// Workspace of the integrators.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    packed: Vec<f64>,
    factor: Vec<f64>,
    inverse: Vec<f64>,
    a: Vec<f64>,
    stages: [Stage; 4],
}

#[derive(Clone, Debug)]
struct Stage {
    v: Vec<f64>,
    a: Vec<f64>,
    act_rate: Vec<f64>,
}

impl Scratch {
    pub(crate) fn new(model: &Model) -> Self {
        let stage = || Stage { v: vec![0.0; model.nv], a: vec![0.0; model.nv], act_rate: vec![0.0; model.na] };
        Self {
            packed: vec![0.0; model.nm],
            factor: vec![0.0; model.nm],
            inverse: vec![0.0; model.nv],
            a: vec![0.0; model.nv],
            stages: [stage(), stage(), stage(), stage()],
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
        Integrator::Euler | Integrator::ImplicitFast => implicit_euler(world),
        Integrator::RungeKutta4 => return runge_kutta(world),
    }
    Ok(())
}

/// Semi-implicit Euler; damping, and with `ImplicitFast` actuators too, act at the end of the step.
fn implicit_euler(world: &mut World) {
    let Parts { scene, state, data, forces, scratch } = world.parts();
    let model = &*scene.model;
    let dt = model.option.timestep_s;
    let implicit_fast = model.option.integrator == Integrator::ImplicitFast;
    let damped = |dofs: core::ops::Range<usize>| dofs.into_iter().any(|d| model.dofs[d].damping != 0.0);
    let euler_damp = !implicit_fast && !model.option.disable.euler_damp && !model.option.disable.damper;
    scratch.a.copy_from_slice(&forces.a);
    if implicit_fast {
        scratch.packed.copy_from_slice(&data.mass);
        add_velocity_derivatives(scene, data, state, &forces.actuator, dt, &mut scratch.packed);
    }
    for (g, group) in scene.groups.iter().enumerate() {
        let dofs = group.dofs.clone();
        if dofs.is_empty() || state.sleep.is_asleep(g) {
            continue;
        }
        if implicit_fast || (euler_damp && damped(dofs.clone())) {
            if !implicit_fast {
                for d in dofs.clone() {
                    let dof = &model.dofs[d];
                    let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
                    scratch.packed[row.clone()].copy_from_slice(&data.mass[row.clone()]);
                    scratch.packed[row.end - 1] += dt * dof.damping;
                }
            }
            for d in dofs.clone() {
                scratch.a[d] = forces.smooth[d] + forces.constraint[d];
            }
            factor_packed(model, &scratch.packed, &mut scratch.factor, &mut scratch.inverse, dofs.start, dofs.end);
            solve_packed(model, &scratch.factor, &scratch.inverse, &mut scratch.a, dofs.start, dofs.end);
        }
        for d in dofs.clone() {
            state.v[d] += dt * scratch.a[d];
        }
        advance_positions(model, &mut state.q, &state.v, dt, dofs);
    }
    advance_activations(model, &mut state.act, &forces.act_rate, dt);
    state.warm_start.copy_from_slice(&forces.a);
    state.steps += 1;
}

/// Classical fourth-order Runge–Kutta: the forward computation of the step is the first stage.
fn runge_kutta(world: &mut World) -> Result<(), Unstable> {
    const SHARE: [f64; 3] = [0.5, 0.5, 1.0];
    const WEIGHT: [f64; 4] = [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];
    let start = world.snapshot();
    let dt = world.model().option.timestep_s;
    let mut warm_start = start.warm_start.clone();
    for stage in 0..4 {
        if stage > 0
            && let Err(broken) = world.forward()
        {
            world.restore(&start);
            return Err(broken);
        }
        let Parts { scene, state, forces, scratch, .. } = world.parts();
        if stage == 0 {
            warm_start.copy_from_slice(&forces.a);
        }
        let kept = &mut scratch.stages[stage];
        kept.v.copy_from_slice(&state.v);
        kept.a.copy_from_slice(&forces.a);
        kept.act_rate.copy_from_slice(&forces.act_rate);
        if stage < 3 {
            go(&scene.model, state, &start, kept, SHARE[stage] * dt, dt);
            state.warm_start.copy_from_slice(&forces.a);
        }
    }
    let Parts { scene, state, scratch, .. } = world.parts();
    let mean =
        |pick: &dyn Fn(&Stage) -> &Vec<f64>, d: usize| (0..4).map(|s| WEIGHT[s] * pick(&scratch.stages[s])[d]).sum::<f64>();
    let total = Stage {
        v: (0..scene.model.nv).map(|d| mean(&|s| &s.v, d)).collect(),
        a: (0..scene.model.nv).map(|d| mean(&|s| &s.a, d)).collect(),
        act_rate: (0..scene.model.na).map(|d| mean(&|s| &s.act_rate, d)).collect(),
    };
    go(&scene.model, state, &start, &total, dt, dt);
    state.warm_start = warm_start;
    state.steps = start.steps + 1;
    Ok(())
}

/// The state `share` seconds after `start` at the rates of `stage`.
fn go(model: &Model, state: &mut State, start: &State, stage: &Stage, share: f64, dt: f64) {
    state.q.copy_from_slice(&start.q);
    advance_positions(model, &mut state.q, &stage.v, share, 0..model.nv);
    for d in 0..model.nv {
        state.v[d] = start.v[d] + share * stage.a[d];
    }
    state.act.copy_from_slice(&start.act);
    if real::abs(share) > 0.0 {
        let _ = dt;
        advance_activations(model, &mut state.act, &stage.act_rate, share);
    }
}
