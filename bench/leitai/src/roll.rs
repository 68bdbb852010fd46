//! `roll`: a world left to itself, told about at some moments, for comparisons with exact answers.

use std::fmt::Write;
use std::sync::Arc;

use leitai_dynamics::{kinetic_energy, momentum, potential_energy};
use leitai_model::Model;
use leitai_sim::{ContactResiduals, Scene, World};

/// What is asked: when to tell [s], and the controls.
pub struct Asked {
    pub times: Vec<f64>,
    pub controls: Vec<f64>,
    pub stick: bool,
}

/// One line of JSON for each moment: coordinates, velocities, energy [J] and its largest change so far, momenta, the deepest overlap
/// so far since the moment before [m], residuals of the contact laws so far, and CPU seconds for a step.
pub fn roll(mut model: Model, asked: &Asked) -> Result<String, String> {
    model.option.stick = asked.stick;
    let mut world = World::new(&Scene::new(Arc::new(model)));
    let key = world.model().keyframe("bench").or(world.model().keyframes.first()).cloned();
    if let Some(key) = key {
        world.reset_to(&key);
    }
    for (u, given) in world.ctrl_mut().iter_mut().zip(&asked.controls) {
        *u = *given;
    }
    let start = energy(&mut world)?;
    let (mut change, mut out) = (0.0_f64, String::new());
    let conserves = world.model().option.disable.contact || world.model().geoms.len() < 2;
    for &time in &asked.times {
        let (mut deepest, mut residuals) = (0.0_f64, ContactResiduals::default());
        let (steps, begin) = (world.state().steps, super::cpu_seconds());
        while world.time_s() < time - 1e-9 {
            world.step().map_err(|e| e.to_string())?;
            for contact in world.contacts() {
                deepest = deepest.max(-contact.distance);
            }
            if conserves {
                change = change.max((energy(&mut world)? - start).abs());
            }
        }
        let each = (super::cpu_seconds() - begin) / (world.state().steps - steps).max(1) as f64;
        let now = energy(&mut world)?;
        residuals = residuals.max(world.contact_residuals());
        let sum = momentum(world.model(), world.data());
        let state = world.state();
        writeln!(
            out,
            "{{\"t\":{:?},\"q\":{:?},\"v\":{:?},\"energy\":{now:?},\"energy_change\":{change:?},\"angular\":{:?},\"deepest\":{deepest:?},\
             \"signorini\":{:?},\"coulomb\":{:?},\"dissipation\":{:?},\"step_s\":{each:?}}}",
            world.time_s(),
            state.q,
            state.v,
            sum.angular.to_array(),
            residuals.signorini_m,
            residuals.coulomb_n,
            residuals.dissipation_w
        )
        .expect("a string takes all");
    }
    Ok(out.trim_end().to_string())
}

fn energy(world: &mut World) -> Result<f64, String> {
    world.forward().map_err(|e| e.to_string())?;
    Ok(kinetic_energy(world.model(), world.data(), &world.state().v)
        + potential_energy(world.model(), world.data(), &world.state().q))
}
