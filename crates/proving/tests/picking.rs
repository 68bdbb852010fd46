//! Picking and wafer transfer: real trials of the catalog's packages, one of each.

use std::sync::Arc;

use leitai_math::Seed;
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::{Files, Packages};
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::{self, Arm, Frame, Watch, bound};

#[path = "catalog/files.rs"]
mod files;
use files::catalog;

const PICKING: &str = "log-flex-picking";
const WAFERS: &str = "mfg-wafer-transfer";

fn cell(files: &Files, robot: &str, scenario: &str) -> Cell {
    let packages = Arc::new(Packages::read(files, robot, scenario, None).expect("packages of the catalog"));
    let parameters = packages.scenario.parameter.iter().map(|(name, p)| (name.clone(), p.default)).collect();
    Cell::new(&packages, &parameters, packages.scenario.trial.dt_s).expect("a cell")
}

fn run(cell: &Cell, arm: Arm, watch: &mut dyn Watch) -> Outcome {
    trial::run(cell, &[], 0, Seed::from_number(1).trial(0), arm, watch).expect("a trial")
}

/// The limits are the scenario's requirements.
#[test]
fn a_ur5e_packs_an_order() {
    let outcome = run(&cell(&catalog(), "ur5e", PICKING), Arm::Solution, &mut ());
    assert_eq!(outcome.failure, None);
    let metric = |name: &str| outcome.metrics[name];
    assert_eq!((metric("pieces_brought"), metric("missed_pieces"), metric("dropped_pieces")), (6.0, 0.0, 0.0));
    assert!(metric("placement_offset_m") < 0.03 && metric("pieces_per_hour") > 500.0, "{:?}", outcome.metrics);
    // The program closes each finger with 25 N; what lies above comes from meeting the item and setting it down.
    assert!((25.0..60.0).contains(&metric("piece_force_n")), "{}", metric("piece_force_n"));
    assert_eq!(metric("clash_force_n"), 0.0, "the robot touches nothing but goods");
}

/// Goods lie elsewhere in every trial, so who repeats the nominal motion does not pack them, and who holds still packs none.
#[test]
fn picking_without_looking_fails() {
    let cell = cell(&catalog(), "ur5e", PICKING);
    assert_eq!(run(&cell, Arm::Hold, &mut ()).metrics["missed_pieces"], 6.0);
    assert!(run(&cell, Arm::Blind, &mut ()).metrics["missed_pieces"] > 0.0);
}

/// The limits are the scenario's; the acceleration is what the solution allows its tool, 1.3 m/s², and the servo's error on top.
#[test]
fn a_wafer_arm_loads_four_wafers() {
    let cell = cell(&catalog(), "generic-wafer-arm", WAFERS);
    let outcome = run(&cell, Arm::Solution, &mut ());
    assert_eq!(outcome.failure, None);
    let metric = |name: &str| outcome.metrics[name];
    assert_eq!(metric("pieces_brought"), 4.0);
    assert!(metric("placement_offset_m") < 1e-4 && metric("slip_m") < 5e-5, "{:?}", outcome.metrics);
    assert!((0.9..1.4).contains(&metric("held_acceleration_m_s2")), "{}", metric("held_acceleration_m_s2"));
    assert!(metric("pieces_per_hour") > 200.0 && metric("clash_force_n") == 0.0, "{:?}", outcome.metrics);
}

/// Closed form: an arm on vertical axes whose flange looks forward misses a tool that points down by a right angle.
#[test]
fn an_arm_on_parallel_axes_cannot_come_from_above() {
    let files = catalog();
    let angle = bound::attitude(&cell(&files, "generic-wafer-arm", PICKING)).expect("cannot tilt");
    assert!((angle - std::f64::consts::FRAC_PI_2).abs() < 1e-9, "{angle}");
    assert_eq!(bound::attitude(&cell(&files, "generic-wafer-arm", WAFERS)), None);
    assert_eq!(bound::attitude(&cell(&files, "ur5e", PICKING)), None);
}

/// How far the second arm strays from its home.
#[derive(Default)]
struct Strays(f64);

impl Watch for Strays {
    fn step(&mut self, frame: &Frame<'_>) {
        let home = [0.0, -1.6, 1.9, -1.870_796_326_794_896_6, -std::f64::consts::FRAC_PI_2, 0.0];
        for ((joint, _), home) in frame.built.second.iter().zip(home) {
            let at = frame.world.model().joints[joint.index()].q_start as usize;
            self.0 = self.0.max((frame.world.state().q[at] - home).abs());
        }
    }
}

/// Law: with the right model, the torque that holds a posture leaves no error, whatever the other arm does on a base that stands still.
#[test]
fn the_second_arm_holds_its_home() {
    let files = catalog();
    let cell = cell(&files, "generic-dual-arm", PICKING);
    let mut strays = Strays::default();
    let outcome = run(&cell, Arm::Solution, &mut strays);
    assert!(outcome.metrics["speed_share_2"] > 0.1, "the first arm moved: {:?}", outcome.metrics);
    // The base is turned by up to 0.2 degrees, of which the servo knows nothing: a torque of 0.0035 times the static one.
    assert!(strays.0 < 2e-3, "{}", strays.0);
}

/// Closed form: two fingers of 6 N at friction 0.9 hold 10.8 N, so goods of 0.15 kg and none of 1.5 kg (14.7 N).
#[test]
fn soft_fingers_hold_light_goods_only() {
    let mut files = catalog();
    let path = format!("scenarios/{PICKING}/scenario.toml");
    let text = String::from_utf8(files[&path].clone()).expect("text").replace("\"two-finger-gripper\"", "\"soft-gripper\"");
    let mut brought = |mass: &str| {
        let masses = ["0.25", "0.6", "0.5", "0.35"];
        let same = masses
            .iter()
            .fold(text.clone(), |text, m| text.replace(&format!("\ndefault = {m}\n"), &format!("\ndefault = {mass}\n")));
        files.insert(path.clone(), same.into_bytes());
        let cell = cell(&files, "ur5e", PICKING);
        trial::run(&cell, &[], 1, Seed::from_number(1).trial(1), Arm::Oracle, &mut ()).expect("a trial").metrics["pieces_brought"]
    };
    assert!(brought("0.15") >= 1.0);
    assert_eq!(brought("1.5"), 0.0);
}
