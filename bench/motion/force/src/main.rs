//! Pressing, collisions and the time of a step, as JSON on stdout.
//!
//!     leitai-bench-force CATALOG

mod arm;
mod hit;
#[path = "../../../../crates/control/tests/plant/mod.rs"]
mod plant;
mod press;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use arm::{Arm, PERIOD_S};
use leitai_control::collision::MomentumObserver;
use leitai_control::task_servo::{TaskGains, TaskServo};
use leitai_control::{Compliance, ForceGains, Hybrid, Impedance, JointServo, Push, Reference, ServoGains, ToolReference};

fn main() -> ExitCode {
    match std::env::args().nth(1).ok_or_else(|| "give the catalog's folder".to_string()).and_then(|catalog| bench(&catalog)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(catalog: &str) -> Result<(), String> {
    let mut results = Vec::new();
    for arm in Arm::all(catalog)? {
        let mut press = Vec::new();
        for stiffness in [1e3, 3e3, 1e4, 3e4, 1e5] {
            let p = press::press(&arm, stiffness)?;
            press.push(format!(
                "{{\"stiffness_n_m\": {}, \"approach_m_s\": {:.4}, \"peak_n\": {:.3}, \"settle_s\": {:.3}, \"still_rms_n\": {:.4}, \"moving_rms_n\": {:.4}, \"moving_max_n\": {:.3}, \"along_mm\": {:.3}, \"found_n_m\": {:.0}}}",
                p.stiffness, p.approach_m_s, p.peak_n, p.settle_s, p.still_rms_n, p.moving_rms_n, p.moving_max_n, p.along_mm, p.found
            ));
        }
        let told = hit::told(&arm)?;
        let pushes: Vec<String> = told
            .pushes
            .iter()
            .map(|(size, missed, delays)| {
                let at = |share: f64| delays.get(((delays.len() as f64 * share) as usize).min(delays.len().max(1) - 1)).map_or("null".to_string(), |d| format!("{d:.1}"));
                format!(
                    "{{\"push_n\": {size}, \"pushes\": {}, \"missed\": {missed}, \"delay_ms\": {}, \"delay_p95_ms\": {}, \"delay_max_ms\": {}}}",
                    delays.len() + *missed as usize,
                    at(0.5),
                    at(0.95),
                    at(1.0)
                )
            })
            .collect();
        results.push(format!(
            "{{\"robot\": \"{}\", \"wanted_n\": {}, \"impact_n\": {}, \"told_n_m\": {}, \"press\": [{}], \"alarms\": {}, \"watched_s\": {}, \"pushes\": [{}], \"step_us\": {}}}",
            arm.robot,
            press::WANTED_N,
            press::IMPACT_N,
            press::TOLD_N_M,
            press.join(", "),
            told.alarms,
            told.watched_s,
            pushes.join(", "),
            times(&arm)?
        ));
    }
    println!("[{}]", results.join(",\n"));
    Ok(())
}

/// Least of many repeats, of the mean of a hundred calls [µs].
fn least(mut call: impl FnMut(usize)) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let start = Instant::now();
        (0..100).for_each(&mut call);
        best = best.min(start.elapsed().as_secs_f64() * 1e4);
    }
    best
}

fn times(arm: &Arm) -> Result<String, String> {
    let plant = arm.told();
    let n = arm.start.len();
    let states: Vec<Vec<f64>> = (0..100).map(|k| arm.start.iter().map(|q| q + 1e-3 * k as f64).collect()).collect();
    let v = vec![0.1; n];
    let mut tau = vec![0.0; n];
    let impedance =
        || Impedance::new(plant.dynamics(), plant.chain.clone(), Compliance::even(1000.0, 50.0), arm.torque.clone(), PERIOD_S, 0);
    let reference = ToolReference::standing(plant.tip());
    let gains = ServoGains { natural_frequency_rad_s: 40.0, damping_ratio: 1.0 };
    let mut joints = JointServo::new(plant.dynamics(), gains, arm.torque.clone(), 0);
    let to = Reference::standing(&arm.start);
    let joint = least(|k| joints.step(&to, black_box(&states[k]), &v, &mut tau));
    let mut failed = 0;
    let mut gives = impedance();
    let give = least(|k| failed += usize::from(gives.step(&reference, black_box(&states[k]), &v, &mut tau).is_err()));
    let mut presses = Hybrid::new(impedance(), ForceGains::default());
    let push =
        Push { along: [false, false, true, false, false, false], wanted: [0.0, 0.0, 10.0, 0.0, 0.0, 0.0], approach_m_s: 0.1 };
    let press = least(|k| {
        let contact = [0.0, 0.0, -5.0, 0.0, 0.0, 0.0];
        failed += usize::from(presses.step(&reference, &push, black_box(&states[k]), &v, &contact, &mut tau).is_err());
    });
    let gains = TaskGains { natural_frequency_rad_s: [10.0, 10.0], damping_ratio: 1.0 };
    let mut tasks = TaskServo::new(plant.dynamics(), plant.chain.clone(), gains, arm.torque.clone(), 0);
    let task = least(|k| failed += usize::from(tasks.step(&reference, black_box(&states[k]), &v, &mut tau).is_err()));
    let mut observer = MomentumObserver::new(plant.dynamics(), hit::GAIN_1_S, PERIOD_S, 0);
    let observe = least(|k| failed += usize::from(observer.step(black_box(&states[k]), &v, &tau).is_err()));
    if failed > 0 {
        return Err(format!("{failed} steps failed"));
    }
    Ok(format!(
        "{{\"joint_servo\": {joint:.2}, \"impedance\": {give:.2}, \"hybrid\": {press:.2}, \"task_servo\": {task:.2}, \"observer\": {observe:.2}}}"
    ))
}
