//! Trials of `mfg-polishing-force` and `med-ultrasound-scan`: tools that go over a surface with a force.

use std::sync::Arc;

use leitai_math::Seed;
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::Packages;
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::{self, Arm, Frame, Watch, bound};

#[path = "catalog/files.rs"]
mod files;

fn cell(robot: &str, scenario: &str) -> Cell {
    let packages = Packages::read(&files::catalog(), robot, scenario, None).unwrap_or_else(|error| panic!("{error}"));
    Cell::new(&Arc::new(packages), &[].into(), 0.001).expect("a cell")
}

fn run(cell: &Cell, index: u64, arm: Arm, watch: &mut dyn Watch) -> Outcome {
    trial::run(cell, &[], index, Seed::from_number(1).trial(index), arm, watch).expect("a trial")
}

/// How far the foam behind the pad is pressed in while the pad goes over the patch: mean [m].
#[derive(Default)]
struct Backing {
    sum: f64,
    count: f64,
}

impl Watch for Backing {
    fn step(&mut self, frame: &Frame) {
        let model = frame.world.model();
        let joint = model.joint_named("tool/backing").expect("the pad slides on its backing");
        if frame.doing == "trace: go over the patch" {
            self.sum += frame.world.state().q[model.joints[joint.index()].q_start as usize];
            self.count += 1.0;
        }
    }
}

/// The limits are the scenario's. Hooke: 20 N press a backing of 20 N/mm in by 1 mm, whatever contacts say; the pad's weight, 0.8 N, is 40 µm of it.
#[test]
fn a_ur5e_polishes_with_the_force_it_is_asked_for() {
    let cell = cell("ur5e", "mfg-polishing-force");
    for index in [3, 5] {
        let mut backing = Backing::default();
        let outcome = run(&cell, index, Arm::Solution, &mut backing);
        assert_eq!(outcome.failure, None, "trial {index}");
        let metric = |name: &str| outcome.metrics[name];
        assert!(metric("force_rms_error_n") <= 1.5 && metric("removal_variation") <= 0.15, "{:?}", outcome.metrics);
        assert!(metric("coverage") >= 0.99 && metric("removal_deepest_m") <= 50e-6, "{:?}", outcome.metrics);
        assert!(!outcome.metrics.contains_key("placement_offset_m"), "nothing is placed");
        let pressed_m = backing.sum / backing.count;
        assert!((pressed_m + 0.000_96).abs() < 0.000_03, "{pressed_m}");
    }
}

/// Whoever holds still, or goes where the face nominally is without feeling, polishes nothing evenly; whoever knows the part does.
#[test]
fn control_arms_do_what_they_must() {
    let cell = cell("ur5e", "mfg-polishing-force");
    let hold = run(&cell, 0, Arm::Hold, &mut ());
    assert_eq!((hold.metrics["force_rms_error_n"], hold.metrics["coverage"]), (20.0, 0.0));
    assert!(run(&cell, 0, Arm::Blind, &mut ()).metrics["force_rms_error_n"] > 5.0);
    let oracle = run(&cell, 0, Arm::Oracle, &mut ());
    assert_eq!(oracle.failure, None);
    assert!(oracle.metrics["force_rms_error_n"] <= 1.5);
}

/// The limits are the scenario's; trial 2 breathes by 12 mm.
#[test]
fn a_probe_goes_along_with_the_breath() {
    let cell = cell("ur5e", "med-ultrasound-scan");
    let outcome = run(&cell, 2, Arm::Solution, &mut ());
    assert_eq!(outcome.failure, None);
    let metric = |name: &str| outcome.metrics[name];
    assert!(metric("force_rms_error_n") <= 0.57 && metric("contact_force_n") <= 15.0, "{:?}", outcome.metrics);
    assert!(metric("normal_error_rad") <= 5_f64.to_radians() && metric("coverage") >= 0.95, "{:?}", outcome.metrics);
    assert!(metric("lift_off_share") <= 0.02 && metric("cycle_time_s") <= 180.0, "{:?}", outcome.metrics);
    assert!(!outcome.metrics.contains_key("removal_variation"), "a probe takes nothing off");
    assert!(run(&cell, 2, Arm::Blind, &mut ()).metrics["force_rms_error_n"] > 2.0);
    let oracle = run(&cell, 2, Arm::Oracle, &mut ());
    assert_eq!(oracle.failure, None);
    assert!(oracle.metrics["force_rms_error_n"] <= 0.57 && oracle.metrics["coverage"] >= 0.95, "{:?}", oracle.metrics);
}

/// The same seed gives the same bits, whoever runs it and how often.
#[test]
fn a_trial_along_a_surface_repeats_bit_for_bit() {
    let cell = cell("dobot-cr5", "mfg-polishing-force");
    assert_eq!(run(&cell, 1, Arm::Solution, &mut ()).digest, run(&cell, 1, Arm::Solution, &mut ()).digest);
}

/// Geometry: all axes of a wafer arm are vertical and its flange is level, so its tool never points down.
#[test]
fn an_arm_of_parallel_axes_cannot_face_the_part() {
    for scenario in ["mfg-polishing-force", "med-ultrasound-scan"] {
        assert!(bound::attitude(&cell("generic-wafer-arm", scenario)).expect("a bound") > 1.0);
    }
}
