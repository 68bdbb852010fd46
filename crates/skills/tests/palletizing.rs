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
    while !program.status().ended && step < 80_000 {
        cell.step(&mut program, step);
        step += 1;
    }
    assert!(program.status().failures.is_empty(), "{:?}", program.status().failures);
    for (k, (offset, turn, _)) in cell.errors(&cell::layer(1)).into_iter().enumerate() {
        assert!(offset < 0.005 && turn < 2.0_f64.to_radians(), "block {k}: {offset} m, {turn} rad");
    }
    assert!(step as f64 * 0.002 < 8.0 * 12.0, "{step} steps");
}
