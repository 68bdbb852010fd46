//! Microseconds of one tick of differential inverse kinematics, without a peer: catalog arms that follow a circle.

use crate::batch;
use leitai_control::differential::{Differential, DifferentialOptions, JointLimits, Task};
use leitai_control::{Chain, ik};
use leitai_math::Vec3;
use leitai_package::{disk::Folder, mjcf};
use serde_json::{Value, json};

/// Ticks of 4 ms around a circle of 10 cm in 2 s: kinematics, program and all.
pub fn measure(id: &str, start: &[f64], repeats: usize) -> Value {
    let folder = Folder::inside(format!("{}/../../../catalog/robots/{id}", env!("CARGO_MANIFEST_DIR")));
    let model = mjcf::read("robot.xml", &folder).expect("a catalog robot loads").spec.build().expect("a sound model");
    let chain = Chain::new(&model, model.site_named("tool_mount").expect("its mount")).expect("a chain of hinges");
    let n = chain.len();
    let mut solver = Differential::new(&chain, JointLimits { speed: vec![3.0; n], acceleration: vec![15.0; n] }, 1, 0);
    let options = DifferentialOptions::default();
    let first = chain.tip(start);
    let turn = 2.0 * std::f64::consts::PI / 2.0;
    let (ticks, mut least, mut off) = (500, f64::INFINITY, 0.0_f64);
    for _ in 0..repeats {
        let (mut q, mut v, mut time) = (start.to_vec(), vec![0.0; n], 0.0);
        let mut jacobian = vec![[0.0; 6]; n];
        let us = batch(ticks, || {
            let angle: f64 = turn * time;
            let mut target = first;
            target.position = first.position + Vec3::new(0.0, angle.sin(), 1.0 - angle.cos()) * 0.1;
            let (p, r) = ik::pose_error(&target, &chain.tip_and_jacobian(&q, &mut jacobian));
            let task = Task {
                jacobian: &jacobian,
                velocity: [0.0, 0.1 * turn * angle.cos(), 0.1 * turn * angle.sin(), 0.0, 0.0, 0.0],
                error: [p.x, p.y, p.z, r.x, r.y, r.z],
                weight: [1.0, 1.0, 1.0, 0.3, 0.3, 0.3],
            };
            let step = solver.step(&q, &v, &[task], &[], None, &options).expect("a tick");
            off = off.max(p.norm());
            time += step.scale * options.period_s;
            v.copy_from_slice(solver.speeds());
            q.iter_mut().zip(&v).for_each(|(q, v)| *q += v * options.period_s);
        });
        least = least.min(us);
    }
    json!({ "joints": n, "us_per_tick": least, "off_m": off })
}
