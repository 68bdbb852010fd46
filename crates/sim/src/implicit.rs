//! The integrator `implicit`: every force that depends on velocity acts at the end of the step.
//!
//! The step solves (M − h·D)·a = f with D the derivative of passive, actuator and bias forces with respect to velocity. Bias forces
//! make D unsymmetric, but its entries stand where the mass matrix has its own and across the diagonal from there, and elimination
//! from the leaves to the root adds none.

use crate::fluid;
use crate::integrate::Scratch;
use crate::scene::{Group, Scene};
use crate::state::State;
use leitai_dynamics::Data;
use leitai_dynamics::derivative::add_bias_slopes;
use leitai_model::Model;

/// Completes M − h·D: `scratch.packed` holds M less what `implicitfast` knows of h·D (symmetric) and becomes the lower triangle,
/// `scratch.factor` the upper one.
pub(crate) fn complete(scene: &Scene, data: &Data, state: &State, scratch: &mut Scratch) {
    let (model, dt) = (&*scene.model, scene.model.option.timestep_s);
    scratch.factor.copy_from_slice(&scratch.packed);
    let disable = &model.option.disable;
    if fluid::acts(model) && !(disable.spring && disable.damper) {
        fluid::add_full_velocity_derivatives(model, data, &scene.fluid, dt, &mut scratch.packed, &mut scratch.factor);
    }
    for (g, group) in scene.groups.iter().enumerate() {
        if !group.dofs.is_empty() && !state.sleep.is_asleep(g) {
            let Scratch { packed, factor, slopes, .. } = scratch;
            add_bias_slopes(model, data, &state.v, slopes, group.bodies.clone(), dt, packed, factor);
        }
    }
}

/// Replaces the forces of `group` in `scratch.a` by accelerations.
pub(crate) fn solve(model: &Model, scratch: &mut Scratch, group: &Group) {
    let Scratch { packed: lower, factor: upper, inverse, a: x, .. } = scratch;
    let place = |d: usize| (model.dofs[d].row_start as usize, model.dofs[d].row_len as usize);
    for k in group.dofs.clone().rev() {
        let (at, len) = place(k);
        inverse[k] = 1.0 / lower[at + len - 1];
        for c in 0..len - 1 {
            let above = model.mass_columns[at + c] as usize;
            let share = upper[at + c] * inverse[k];
            x[above] -= share * x[k];
            // Ancestors of k are ancestors of each other: entry (c, e) stands in the row of whichever is farther out.
            for e in 0..len - 1 {
                let change = share * lower[at + e];
                if e <= c {
                    lower[place(above).0 + e] -= change;
                } else {
                    upper[place(model.mass_columns[at + e] as usize).0 + c] -= change;
                }
            }
        }
    }
    for k in group.dofs.clone() {
        let (at, len) = place(k);
        let known: f64 = (0..len - 1).map(|c| lower[at + c] * x[model.mass_columns[at + c] as usize]).sum();
        x[k] = (x[k] - known) * inverse[k];
    }
}
