//! Single algorithms of rigid-body dynamics, each from coordinates to its result, as Pinocchio's functions of these names.

use crate::{cpu_seconds, line};
use leitai_dynamics::{Data, com_frames, forward_dynamics, inverse_dynamics, kinematics, mass_matrix};
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
    let mut data = Data::new(&model);
    let mut measure = |what: &str, call: &dyn Fn(&mut Data, &[Vec<f64>; 4])| {
        states.iter().for_each(|state| call(&mut data, state));
        let times = (0..reps)
            .map(|_| {
                let begin = cpu_seconds();
                (0..calls).for_each(|i| call(&mut data, &states[i % DRAWS]));
                1e9 * (cpu_seconds() - begin) / calls as f64
            })
            .collect();
        line(name, what, times, "ns/call", &format!("nv={}", model.nv))
    };
    let lines = [
        measure("RNEA", &|data, [q, v, a, _]| inverse_dynamics(&model, data, q, v, a)),
        measure("CRBA", &|data, [q, ..]| {
            kinematics(&model, data, q);
            com_frames(&model, data);
            mass_matrix(&model, data);
        }),
        measure("ABA", &|data, [q, v, _, tau]| forward_dynamics(&model, data, q, v, tau)),
        // The unit motions of all degrees of freedom are the columns of every body's Jacobian.
        measure("Jacobians", &|data, [q, ..]| {
            kinematics(&model, data, q);
            com_frames(&model, data);
        }),
    ];
    lines.join("\n")
}
