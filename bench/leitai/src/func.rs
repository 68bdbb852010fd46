//! Single algorithms of rigid-body dynamics, each from coordinates to its result, as Pinocchio's functions of these names.

use crate::{cpu_seconds, line};
use leitai_dynamics::{Data, Links, forward_dynamics};
use leitai_math::{Seed, Stream};
use leitai_model::Model;
use leitai_sim::integrate::advance_positions;

const DRAWS: usize = 64;

/// Nanoseconds per call, a line for each algorithm. Configurations, velocities, accelerations and torques are 64 draws from
/// [−1, 1] about the reference, taken in turn.
pub fn all(model: &Model, name: &str, calls: usize, reps: usize) -> String {
    // Dynamics alone, as on the other side: what has shapes there is another model.
    let mut model = model.clone();
    model.geoms.clear();
    model.bodies.iter_mut().for_each(|body| (body.geom_start, body.geom_count) = (0, 0));
    let mut draw = Seed::from_number(1).stream("draws");
    let vector = |draw: &mut Stream| -> Vec<f64> { (0..model.nv).map(|_| draw.uniform(-1.0, 1.0)).collect() };
    let states: Vec<[Vec<f64>; 4]> = (0..DRAWS)
        .map(|_| {
            let mut q = model.q0.clone();
            advance_positions(&model, &mut q, &vector(&mut draw), 1.0, 0..model.nv);
            [q, vector(&mut draw), vector(&mut draw), vector(&mut draw)]
        })
        .collect();
    let (mut data, mut links) = (Data::new(&model), Links::new(&model));
    let measure = |what: &str, call: &mut dyn FnMut(&[Vec<f64>; 4])| {
        states.iter().for_each(&mut *call);
        let times = (0..reps)
            .map(|_| {
                let begin = cpu_seconds();
                (0..calls).for_each(|i| call(&states[i % DRAWS]));
                1e9 * (cpu_seconds() - begin) / calls as f64
            })
            .collect();
        line(name, what, times, "ns/call", &format!("nv={}", model.nv))
    };
    let lines = [
        measure("RNEA", &mut |[q, v, a, _]| links.inverse_dynamics(q, v, a)),
        measure("CRBA", &mut |[q, ..]| links.mass_matrix(q)),
        measure("ABA", &mut |[q, v, _, tau]| forward_dynamics(&model, &mut data, q, v, tau)),
        measure("Jacobians", &mut |[q, ..]| links.jacobians(q)),
    ];
    lines.join("\n")
}
