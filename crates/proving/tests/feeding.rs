//! Trials of `eld-feeding-assist`: food is taken with a spoon, carried level and offered to a head that trembles.

use std::sync::Arc;

use leitai_math::Seed;
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::Packages;
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::{self, Arm, Frame, Watch, bound};

#[path = "catalog/files.rs"]
mod files;

fn cell(robot: &str) -> Cell {
    let packages = Packages::read(&files::catalog(), robot, "eld-feeding-assist", None).expect("packages of the catalog");
    Cell::new(&Arc::new(packages), &[("piece_mass_kg".to_string(), 0.0012)].into(), 0.001).expect("a cell")
}

fn run(cell: &Cell, index: u64, arm: Arm, watch: &mut dyn Watch) -> Outcome {
    trial::run(cell, &[], index, Seed::from_number(1).trial(index), arm, watch).expect("a trial")
}

/// The greatest tilt of the spoon [rad] between bowl and mouth, and the greatest distance [m] of the mouth from where it rests.
#[derive(Default)]
struct Level {
    tilt_rad: f64,
    trembled_m: f64,
}

impl Watch for Level {
    fn step(&mut self, frame: &Frame) {
        let (model, state) = (frame.world.model(), frame.world.state());
        let slide = |name: &str| {
            let joint = &model.joints[model.joint_named(name).expect("a slide").index()];
            state.q[joint.q_start as usize]
        };
        let [x, y, z] = ["head_x", "head_y", "head_z"].map(slide);
        self.trembled_m = self.trembled_m.max((x * x + y * y + z * z).sqrt());
        if frame.doing.starts_with("move to 90 mm above its place") {
            let spoon = leitai_dynamics::site_pose(model, frame.world.data(), frame.built.grip);
            let up = spoon.rotation.rotate(leitai_math::Vec3::X);
            self.tilt_rad = self.tilt_rad.max(up.z.min(1.0).acos());
        }
    }
}

/// The limits are the scenario's requirements. By the plan of the way, a loaded spoon stays level: half a degree is the servo's and the
/// base's, which stands up to 0.2° askew about each axis. A critically damped neck follows tremor of 2 to 6 Hz at up to 1.16 times its
/// amplitude (closed form of a base-excited oscillator), so that the mouth leaves its place by at most 11.7 mm.
#[test]
fn an_arm_feeds() {
    let cell = cell("aubo-i5");
    for index in 0..6 {
        let mut level = Level::default();
        let outcome = run(&cell, index, Arm::Solution, &mut level);
        assert_eq!(outcome.failure, None, "trial {index}");
        let metric = |name: &str| outcome.metrics[name];
        assert!(metric("pieces_offered") >= 1.0 && metric("spill_share") == 0.0, "{:?}", outcome.metrics);
        assert!(metric("mouth_error_m") <= 0.010 && metric("cycle_time_s") <= 20.0, "{:?}", outcome.metrics);
        assert!(metric("lip_force_n") <= 5.0 && metric("head_force_n") <= 65.0, "{:?}", outcome.metrics);
        assert!(level.tilt_rad < 0.02, "{}", level.tilt_rad);
        assert!(level.trembled_m < 0.0117, "{}", level.trembled_m);
    }
}

/// Whoever holds still offers nothing and spills nothing; whoever goes where the mouth nominally is misses it; whoever knows it does not.
#[test]
fn control_arms_do_what_they_must() {
    let cell = cell("aubo-i5");
    for index in 0..3 {
        let still = run(&cell, index, Arm::Hold, &mut ()).metrics;
        assert_eq!((still["pieces_offered"], still["spill_share"], still["head_force_n"]), (0.0, 0.0, 0.0));
        assert!(run(&cell, index, Arm::Blind, &mut ()).metrics["mouth_error_m"] > 0.010);
        let oracle = run(&cell, index, Arm::Oracle, &mut ()).metrics;
        assert!(oracle["pieces_offered"] >= 1.0 && oracle["mouth_error_m"] <= 0.010, "{oracle:?}");
    }
}

/// The same seed gives the same bits, whoever runs it and how often.
#[test]
fn a_bite_repeats_bit_for_bit() {
    let cell = cell("ur5e");
    assert_eq!(run(&cell, 2, Arm::Solution, &mut ()).digest, run(&cell, 2, Arm::Solution, &mut ()).digest);
}

/// Geometry: all axes of a wafer arm are vertical and its flange is level, so a spoon cranked by 45° is never level on it.
#[test]
fn an_arm_of_parallel_axes_cannot_hold_the_spoon_level() {
    assert!((bound::attitude(&cell("generic-wafer-arm")).expect("a bound") - std::f64::consts::FRAC_PI_4).abs() < 0.01);
    assert_eq!(bound::attitude(&cell("ur5e")), None);
}
