//! Motion that nothing resists keeps its energy, at one dynamics evaluation in each step.
//!
//! Where no constraint pushes, the accelerations by gravity, turning coordinates and soft springs enter as in the
//! predictor–corrector of Adams, Bashforth and Moulton (Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*,
//! III.1), of third order: the velocity in the state is predicted from the last three accelerations, and the next step makes up for
//! what the prediction lacked. A body of its own goes further: half of each force's push, then the exact motion of a free top, which keeps angular
//! momentum to rounding, then the other half. Stiff springs, motors and dampers act as under `implicitfast`; so does everything
//! on a group that a constraint pushes, for there accelerations jump.

use crate::actuation::{add_velocity_derivatives, spring};
use crate::integrate::{Scratch, advance_positions, free_body};
use crate::scene::{Group, Scene};
use crate::state::State;
use crate::world::{Forces, Parts, World};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use leitai_dynamics::Data;
use leitai_dynamics::mass::{factor_packed, solve_packed};
use leitai_math::{Mat3, Quat, Vec3, real};
use leitai_model::{Integrator, Model};

/// What the next step needs to make up for: part of the state. Empty under other integrators.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glide {
    /// Accelerations of the last step and of the one before, for each degree of freedom.
    last: Vec<[f64; 2]>,
    /// Acceleration by which the velocity was predicted.
    predicted: Vec<f64>,
    /// How many of [`Self::last`] are there, for each group.
    age: Vec<u8>,
}

impl Glide {
    pub(crate) fn new(scene: &Scene) -> Self {
        let on = scene.model.option.integrator == Integrator::Adams;
        let (dofs, groups) = if on { (scene.model.nv, scene.groups.len()) } else { (0, 0) };
        Self { last: vec![[0.0; 2]; dofs], predicted: vec![0.0; dofs], age: vec![0; groups] }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.last.clone_from(&other.last);
        self.predicted.clone_from(&other.predicted);
        self.age.clone_from(&other.age);
    }

    /// Whoever changes the state makes a new beginning.
    pub(crate) fn forget(&mut self) {
        self.last.fill([0.0; 2]);
        self.predicted.fill(0.0);
        self.age.fill(0);
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let lists = self.last.iter().flatten().chain(&self.predicted);
        lists.copied().chain(self.age.iter().map(|age| f64::from(*age)))
    }

    /// Takes the acceleration `now` of degree of freedom `d`, whose memory is `age` steps deep; gives what the last prediction
    /// lacked, and the mean accelerations by which velocity and position (½ included) go on.
    fn advance(&mut self, d: usize, age: u8, now: f64) -> [f64; 3] {
        let [last, older] = self.last[d];
        let before = self.predicted[d];
        let (lacked, velocity, position) = match age {
            0 => (0.0, now, 0.5 * now),
            1 => (0.5 * (now + last) - before, 1.5 * now - 0.5 * last, (4.0 * now - last) / 6.0),
            _ => (
                (5.0 * now + 8.0 * last - older) / 12.0 - before,
                (23.0 * now - 16.0 * last + 5.0 * older) / 12.0,
                (19.0 * now - 10.0 * last + 3.0 * older) / 24.0,
            ),
        };
        (self.last[d], self.predicted[d]) = ([now, last], velocity);
        [lacked, velocity, position]
    }
}

/// Moves all awake groups by one step; velocities and positions only.
pub(crate) fn advance(world: &mut World) {
    let Parts { scene, state, data, contacts, forces, scratch } = world.parts();
    let model = &*scene.model;
    let dt = model.option.timestep_s;
    scratch.packed.copy_from_slice(&data.mass);
    add_velocity_derivatives(scene, data, state, contacts, forces, dt, &mut scratch.packed);
    for (g, group) in scene.groups.iter().enumerate() {
        let dofs = group.dofs.clone();
        if dofs.is_empty() {
            continue;
        }
        if state.sleep.is_asleep(g) {
            state.glide.age[g] = 0;
            continue;
        }
        let glides = forces.constraint[dofs.clone()].iter().all(|f| *f == 0.0);
        let damped = || model.dofs[dofs.clone()].iter().any(|dof| dof.damping != 0.0);
        if glides && group.free_body && !damped() {
            free_top(model, data, forces, state, dt, group);
            continue;
        }
        if !glides {
            state.glide.age[g] = 0;
            for d in dofs.clone() {
                scratch.a[d] = forces.smooth[d] + forces.constraint[d];
            }
            solve_implicit(model, scratch, dofs.clone());
            for d in dofs.clone() {
                state.v[d] += dt * scratch.a[d];
            }
            advance_positions(model, &mut state.q, &state.v, dt, dofs);
            continue;
        }
        conservative(scene, state, data, &mut scratch.a, dofs.clone());
        scratch.lag[dofs.clone()].copy_from_slice(&scratch.a[dofs.clone()]);
        solve_packed(model, &data.mass_factor, &data.mass_factor_inverse, &mut scratch.a, dofs.start, dofs.end);
        let age = state.glide.age[g];
        state.glide.age[g] = u8::min(age + 1, 2);
        for d in dofs.clone() {
            let [lacked, velocity, position] = state.glide.advance(d, age, scratch.a[d]);
            state.v[d] += dt * (lacked + velocity);
            scratch.a[d] = forces.smooth[d] - scratch.lag[d];
            scratch.lag[d] = dt * (velocity - position);
        }
        solve_implicit(model, scratch, dofs.clone());
        for d in dofs.clone() {
            state.v[d] += dt * scratch.a[d];
            scratch.a[d] = state.v[d] - scratch.lag[d];
        }
        advance_positions(model, &mut state.q, &scratch.a, dt, dofs);
    }
}

/// Square of the phase [rad²] by which a spring may swing in a step, at most, to take part in the prediction: a stiffer one would
/// slowly gain energy from it.
const SOFT: f64 = 0.01;

/// Writes into `out` the forces that have a potential or come from turning coordinates: gravity, gyration, soft springs of joints.
fn conservative(scene: &Scene, state: &State, data: &Data, out: &mut [f64], dofs: Range<usize>) {
    let model = &*scene.model;
    let dt = model.option.timestep_s;
    for d in dofs.clone() {
        out[d] = -data.bias[d];
    }
    for d in dofs {
        let joint = &model.joints[model.dofs[d].joint.index()];
        let first = joint.v_start as usize == d && !model.option.disable.spring;
        if first && joint.stiffness != 0.0 && joint.stiffness * scene.dof_weight[d] * dt * dt < SOFT {
            spring(model, state, joint, out);
        }
    }
}

/// Replaces the forces in `scratch.a` by the accelerations they give under the mass matrix that is implicit in velocities.
fn solve_implicit(model: &Model, scratch: &mut Scratch, dofs: Range<usize>) {
    let Scratch { packed, factor, inverse, a, .. } = scratch;
    factor_packed(model, packed, factor, inverse, dofs.start, dofs.end);
    solve_packed(model, factor, inverse, a, dofs.start, dofs.end);
}

/// A body of its own under forces that stay the same during the step.
fn free_top(model: &Model, data: &Data, forces: &Forces, state: &mut State, dt: f64, group: &Group) {
    let body = free_body(model, data, group);
    let start = group.dofs.start;
    let joint = &model.joints[model.dofs[start].joint.index()];
    let at = joint.q_start as usize;
    let (v, w) = (Vec3::from_slice(&state.v[start..]), Vec3::from_slice(&state.v[start + 3..]));
    // The smooth forces hold −m·R·(ω × (ω × r)) and −ω × I·ω, which the exact motion brings of itself.
    let whirl = body.rotation * (w.cross(w.cross(body.center)) * body.mass);
    let force = Vec3::from_slice(&forces.smooth[start..]) + whirl;
    let spin = body.about_origin(w);
    let torque_at_origin = Vec3::from_slice(&forces.smooth[start + 3..]) + w.cross(spin);
    let torque = torque_at_origin - body.center.cross(body.rotation.transpose_mul(force));
    let half = 0.5 * dt;
    let speed = v + body.rotation * w.cross(body.center) + force * (half / body.mass);
    let center = Vec3::from_slice(&state.q[at..]) + body.rotation * body.center + speed * dt;
    let momentum = body.about_center * w + torque * half;
    let turn = top(&body.about_center, momentum, dt);
    let back = turn.conjugate();
    let momentum = back.rotate(momentum) + back.rotate(torque) * half;
    let rotation = (Quat::from_slice(&state.q[at + 3..]) * turn).normalized();
    let w = solve(&body.about_center, momentum);
    let speed = speed + force * (half / body.mass);
    let arm = rotation.rotate(body.center);
    state.q[at..at + 3].copy_from_slice(&(center - arm).to_array());
    state.q[at + 3..at + 7].copy_from_slice(&rotation.to_array());
    state.v[start..start + 3].copy_from_slice(&(speed - rotation.rotate(w.cross(body.center))).to_array());
    state.v[start + 3..start + 6].copy_from_slice(&w.to_array());
}

/// Largest turn [rad] of one stage of [`top`]: its error is then below 1e-12 of the energy in a turn.
const MOST_TURN: f64 = 0.01;

/// How a free top turns in `dt` seconds, from its angular momentum in its own frame: Runge–Kutta of fourth order on rotation
/// vectors (Munthe-Kaas, *BIT* 38(1), 1998).
fn top(inertia: &Mat3, momentum: Vec3, dt: f64) -> Quat {
    let stages = real::clamp(real::ceil(solve(inertia, momentum).norm() * dt / MOST_TURN), 1.0, 1_000.0);
    let h = dt / stages;
    let mut turned = Quat::IDENTITY;
    for _ in 0..stages as u32 {
        let here = turned.conjugate().rotate(momentum);
        // Rate of the rotation vector u at the place it leads to.
        let rate = |u: Vec3| {
            let w = solve(inertia, Quat::from_rotation_vector(u).conjugate().rotate(here));
            let once = u.cross(w);
            w + once * 0.5 + u.cross(once) * (1.0 / 12.0)
        };
        let first = rate(Vec3::ZERO);
        let second = rate(first * (0.5 * h));
        let third = rate(second * (0.5 * h));
        let fourth = rate(third * h);
        let u = (first + (second + third) * 2.0 + fourth) * (h / 6.0);
        turned = (turned * Quat::from_rotation_vector(u)).normalized();
    }
    turned
}

/// The x for which `m`·x = `b`, by Cramer's rule.
fn solve(m: &Mat3, b: Vec3) -> Vec3 {
    let [x, y, z] = [0, 1, 2].map(|k| m.column(k));
    let volume = x.dot(y.cross(z));
    Vec3::new(b.dot(y.cross(z)), x.dot(b.cross(z)), x.dot(y.cross(b))) * (1.0 / volume)
}
