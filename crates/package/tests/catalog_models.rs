//! Every model of the catalog is read without a report, builds, and weighs what its tables say.

use leitai_math::Pose;
use leitai_model::{Model, Spec};
use leitai_package::{disk::Folder, mjcf};

fn load(path: &str) -> Spec {
    let files = Folder::inside(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog"));
    let loaded = mjcf::read(path, &files).unwrap_or_else(|error| panic!("{error}"));
    assert!(loaded.reports.is_empty(), "{:?}", loaded.reports);
    loaded.spec
}

fn mass(model: &Model) -> f64 {
    model.bodies.iter().map(|body| body.mass).sum()
}

/// Masses from the makers' tables (base included), kg; MuJoCo 4.0.0 gives the same (`oracle/catalog/check.py`).
#[test]
fn every_model_weighs_what_its_table_says() {
    for (path, kg) in [
        ("robots/ur5e/robot.xml", 21.700),
        ("robots/ur10e/robot.xml", 33.104),
        ("robots/ur20/robot.xml", 64.960),
        ("robots/ur30/robot.xml", 63.147),
        ("robots/franka-fr3/robot.xml", 17.8913),
        ("robots/kuka-iiwa14/robot.xml", 29.900),
        ("robots/aubo-i5/robot.xml", 24.0),
        ("robots/dobot-cr5/robot.xml", 25.0),
        ("robots/generic-dual-arm/robot.xml", 51.4),
        ("robots/generic-wafer-arm/robot.xml", 33.7),
        ("parts/block-clamp/part.xml", 7.4),
        ("parts/suction-gripper/part.xml", 1.6),
        ("parts/two-finger-gripper/part.xml", 0.95),
        ("parts/soft-gripper/part.xml", 0.64),
        ("parts/wafer-vacuum-blade/part.xml", 0.35),
    ] {
        let model = load(path).build().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!((mass(&model) - kg).abs() < 1e-3, "{path}: {} kg", mass(&model));
    }
}

/// The cell as a trial builds it: the arm on the pedestal, the clamp on the arm.
#[test]
fn every_arm_stands_in_the_cell_with_the_clamp() {
    for robot in ["ur5e", "ur10e", "ur20", "ur30", "franka-fr3", "kuka-iiwa14", "aubo-i5", "dobot-cr5"] {
        let mut arm = load(&format!("robots/{robot}/robot.xml"));
        arm.attach("tool_mount", &load("parts/block-clamp/part.xml"), Pose::IDENTITY, "tool/").expect("a tool mount");
        let mut cell = load("scenarios/con-block-palletizing/world.xml");
        cell.attach("robot_base", &arm, Pose::IDENTITY, "robot/").expect("a place for the robot");
        let model = cell.build().unwrap_or_else(|error| panic!("{robot}: {error}"));
        assert_eq!(model.actuators.len(), if ["franka-fr3", "kuka-iiwa14"].contains(&robot) { 9 } else { 8 });
    }
}
