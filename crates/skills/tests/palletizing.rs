//! The whole job in the simulation: contact, noise, delay and tilt, no truth shown to the controller.

mod cell;

use cell::Cell;
use leitai_math::Seed;
use leitai_skills::{Settings, TaskProgram};

/// Eight 20 kg blocks onto a tilted stack, each within 5 mm and 2°, at 300 an hour.
#[test]
fn a_big_arm_stacks_a_layer_of_blocks() {
    let robot = cell::robot("ur20");
    let mut cell = Cell::new("ur20", &robot, 20.0, 0.04, 2, 1);
    let settings = Settings { delay_steps: 2, ..Settings::default() };
    let mut program = TaskProgram::new(robot, cell::task(20.0), &cell::steps(), settings, &Seed::from_number(1));
    let mut step = 0;
    let mut last = String::new();
    let begin = std::time::Instant::now();
    let mut controlling = std::time::Duration::ZERO;
    let verbose = std::env::var("CELL_VERBOSE").is_ok();
    while !program.status().ended && step < 80_000 {
        struct Timed<'a>(&'a mut TaskProgram, &'a mut std::time::Duration);
        impl leitai_control::Controller for Timed<'_> {
            fn step(&mut self, seen: &leitai_model::Observation, command: &mut leitai_model::Command) {
                let begin = std::time::Instant::now();
                self.0.step(seen, command);
                *self.1 += begin.elapsed();
            }
        }
        cell.step(&mut Timed(&mut program, &mut controlling), step);
        if verbose && program.status().doing != last {
            last.clone_from(&program.status().doing);
            println!("{:7.3} s  {last}", step as f64 * 0.002);
        }
        step += 1;
    }
    println!("{:.1} s simulated in {:.2} s, control {:.3} s", step as f64 * 0.002, begin.elapsed().as_secs_f64(), controlling.as_secs_f64());
    println!("peak torque shares {:.2?}", cell.peak_share);
    println!("{:?}", program.status());
    for (k, (offset, turn, height)) in cell.errors(&cell::layer(1)).into_iter().enumerate() {
        println!("block {k}: {:.2} mm {:.2} deg, height {:.2} mm", offset * 1e3, turn.to_degrees(), height * 1e3);
    }
    assert!(program.status().failures.is_empty(), "{:?}", program.status().failures);
    for (k, (offset, turn, _)) in cell.errors(&cell::layer(1)).into_iter().enumerate() {
        assert!(offset < 0.005 && turn < 2.0_f64.to_radians(), "block {k}: {offset} m, {turn} rad");
    }
    assert!(step as f64 * 0.002 < 8.0 * 12.0, "{step} steps");
}
