//! Times the sampled paths of a file: `leitai-bench-topp FILE JOINTS POINTS RISE_S TORQUES(0|1) REPEATS OUT`.
//!
//! FILE holds, path by path, rows of q, q′ and q″ (little-endian f64, one value for each joint) at POINTS even values of a parameter from
//! 0 to 1. OUT gets, path by path, s and its first three derivatives at SAMPLES + 1 times. A line for each path goes to stdout: ns, duration,
//! duration without a limit of jerk, slowness.

#[path = "../../../../crates/control/tests/arms/mod.rs"]
mod arms;

use leitai_control::ArmDynamics;
use leitai_control::timing::{JointLimits, Sampled, Timing, Work};
use leitai_model::JointId;
use std::io::Write;
use std::time::Instant;

const SAMPLES: usize = 4000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, joints, points, rise, torques, repeats, out] = args.as_slice() else {
        eprintln!("usage: leitai-bench-topp FILE JOINTS POINTS RISE_S TORQUES REPEATS OUT");
        std::process::exit(2);
    };
    let n: usize = joints.parse().expect("a number of joints");
    let points: usize = points.parse().expect("a number of points");
    let rise: f64 = rise.parse().expect("seconds");
    let repeats: usize = repeats.parse().expect("a number of repeats");
    let bytes = std::fs::read(file).expect("the file of paths");
    let numbers: Vec<f64> = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let model = arms::seven_axes().build().expect("the test's arm is sound");
    let mut arm = (torques == "1").then(|| {
        let joints: Vec<JointId> = (0..n as u32).map(JointId).collect();
        ArmDynamics::new(&model, &joints, model.site_named("tool_mount").unwrap())
    });
    let limits = JointLimits {
        velocity: vec![2.0; n],
        acceleration: vec![8.0; n],
        jerk: vec![8.0 / rise; n],
        torque: if arm.is_some() { vec![130.0, 130.0, 80.0, 60.0, 20.0, 20.0, 8.0] } else { Vec::new() },
    };
    let mut out = std::io::BufWriter::new(std::fs::File::create(out).expect("the file of motions"));
    let mut work = Work::default();
    for path in numbers.chunks_exact(3 * n * points) {
        let (q, rest) = path.split_at(n * points);
        let (slope, bend) = rest.split_at(n * points);
        let mut sampled = Sampled::new(n, 1.0, slope, bend);
        if let Some(arm) = &mut arm {
            sampled = sampled.with_torques(q, &mut |q, v, a, tau| arm.torques(q, v, a, tau));
        }
        let mut timing = Timing::default();
        let mut best = f64::INFINITY;
        for _ in 0..repeats {
            let start = Instant::now();
            let done = timing.plan(&mut work, &sampled, &limits);
            best = best.min(start.elapsed().as_secs_f64());
            if let Err(error) = done {
                println!("{error}");
                std::process::exit(1);
            }
        }
        println!("{} {} {} {}", best * 1e9, timing.duration_s(), timing.unsmoothed_s(), timing.slowness());
        for k in 0..=SAMPLES {
            let now = timing.at(timing.duration_s() * k as f64 / SAMPLES as f64);
            for x in [now.position, now.speed, now.acceleration, now.jerk] {
                out.write_all(&x.to_le_bytes()).expect("the file of motions");
            }
        }
    }
}
