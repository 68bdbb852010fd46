//! The lengths an actuator can take, found by pulling it each way until it settles.

use crate::scene::{LEAST, Scene};
use crate::transmission::{for_each_moment, transmission_length};
use crate::world::World;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::{com_frames, factor_mass, kinematics, mass_matrix, solve_mass, tendons};
use leitai_math::real;
use leitai_model::Disable;
use leitai_model::model::{Actuator, Model};

/// The most steps of one search.
const MOST_STEPS: u64 = 100_000;

/// Ranges of the actuators for which `wanted` holds, in their order. Only joint and tendon limits, ties and geometry stop the
/// motion. Where it does not settle, the range is what it passed through last.
pub(crate) fn length_ranges(model: &Model, wanted: impl Fn(&Actuator) -> bool) -> Vec<[f64; 2]> {
    let search = model.option.length_search;
    let mut bare = model.clone();
    let actuators = core::mem::take(&mut bare.actuators);
    (bare.sensors, bare.keyframes, bare.na, bare.nu, bare.nsensordata) = (Vec::new(), Vec::new(), 0, 0, 0);
    let option = &mut bare.option;
    option.disable =
        Disable { contact: true, gravity: true, frictionloss: true, spring: true, damper: true, ..Disable::default() };
    (option.stick, option.sleep) = (false, false);
    if search.timestep_s > 0.0 {
        option.timestep_s = search.timestep_s;
    }
    let scene = Scene::new(Arc::new(bare));
    let wanted = actuators.iter().filter(|a| wanted(a));
    wanted.map(|actuator| [-1.0, 1.0].map(|side| extreme(&scene, actuator, side))).collect()
}

/// The shortest (`side` −1) or longest (+1) length.
fn extreme(scene: &Arc<Scene>, actuator: &Actuator, side: f64) -> f64 {
    let model = &*scene.model;
    let (search, dt) = (model.option.length_search, model.option.timestep_s);
    let keep = real::exp(-dt / real::max(0.01, search.decay_s));
    let mut world = World::new(scene);
    let mut data = world.data().clone();
    let (mut moment, mut pull) = (vec![0.0; model.nv], vec![0.0; model.nv]);
    let mut found: Option<f64> = None;
    for step in 0..MOST_STEPS {
        if step as f64 * dt >= search.total_s {
            break;
        }
        let q = &world.state().q;
        kinematics(model, &mut data, q);
        com_frames(model, &mut data);
        tendons(model, &mut data);
        mass_matrix(model, &mut data);
        leitai_dynamics::tendon::add_tendon_inertia(model, &mut data, 0, model.nv);
        factor_mass(model, &mut data);
        moment.fill(0.0);
        for_each_moment(model, &data, q, &[], actuator, |d, m| moment[d] += m);
        let length = transmission_length(model, &data, q, actuator);
        pull.copy_from_slice(&moment);
        solve_mass(model, &data, &mut pull);
        let mut scale = side * search.acceleration / real::max(LEAST, norm(&pull));
        if search.most_force > 0.0 {
            let force = real::abs(scale) * norm(&moment);
            scale *= real::min(1.0, search.most_force / real::max(LEAST, force));
        }
        if (step + 1) as f64 * dt > search.total_s - search.interval_s {
            let farther = |best: f64| if side * length > side * best { length } else { best };
            found = Some(found.map_or(length, farther));
        }
        world.change(|state| {
            state.v.iter_mut().for_each(|v| *v *= keep);
            for (force, m) in state.joint_force.iter_mut().zip(&moment) {
                *force = scale * m;
            }
        });
        if world.step().is_err() {
            return length;
        }
    }
    found.unwrap_or(0.0)
}

fn norm(x: &[f64]) -> f64 {
    real::sqrt(x.iter().map(|x| x * x).sum())
}
