//! The procedure of ISO 9283 on the catalog's arms, with few cycles.

use std::path::PathBuf;

use leitai_math::Seed;
use leitai_model::Spec;
use leitai_package::disk::Folder;
use leitai_package::manifest::RobotManifest;
use leitai_proving::iso9283::{Cube, ErrorSources, Figures, Machine, Options, Report, TestError, run};
use leitai_proving::packages;

#[path = "catalog/files.rs"]
mod files;
use files::catalog;

fn arm(id: &str) -> (RobotManifest, Spec) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../catalog/robots").join(id);
    let text = std::fs::read_to_string(folder.join("robot.toml")).expect("the catalog's");
    let loaded = leitai_package::load("robot.xml", &Folder::inside(folder), &Default::default()).expect("reads");
    (RobotManifest::parse("robot.toml", &text).expect("sound"), loaded.spec)
}

fn options() -> Options {
    Options { load_kg: None, trains: Vec::new(), speeds: vec![1.0], cycles: Some(2), ideal: false, seed: Seed::from_number(1) }
}

fn report(id: &str, options: &Options) -> Result<Report, TestError> {
    let (manifest, spec) = arm(id);
    run(&manifest, &spec, options, &|_| {})
}

/// Law: without an error source every pose is attained exactly, in the physics and through the servo; such a test is void and says so.
/// With error sources nothing is exact. (That the same words give the same bits is tested where they are typed, in `leitai-cli`.)
#[test]
fn error_sources_decide_what_comes_out() {
    let exact = report("ur5e", &Options { ideal: true, ..options() }).expect("runs");
    assert!(exact.void && exact.error_sources.is_empty());
    for pose in &exact.at_speed[0].poses.poses {
        assert!(pose.ap_m < 1e-9 && pose.rp_m < 1e-9, "{} {}", pose.ap_m, pose.rp_m);
    }
    let real = report("ur5e", &options()).expect("runs");
    assert!(!real.void && real.simulated);
    for pose in &real.at_speed[0].poses.poses {
        assert!((1e-5..5e-3).contains(&pose.ap_m) && (1e-7..1e-3).contains(&pose.rp_m), "{} {}", pose.ap_m, pose.rp_m);
    }
}

/// Every arm of the catalog has a cube in which the recommended 250 mm fit, within its reach, whose poses its chain attains.
#[test]
fn every_arm_has_a_cube() {
    let figures = Figures::ours().expect("reads");
    for id in ["ur5e", "ur10e", "ur20", "ur30", "franka-fr3", "kuka-iiwa14", "aubo-i5", "dobot-cr5"] {
        let (manifest, spec) = arm(id);
        let errors = ErrorSources::of(&figures, &manifest, &[]);
        let machine = Machine::new(&manifest, &spec, None, 7850.0, errors).expect("a machine");
        let cube = Cube::largest(&machine, &figures.procedure).expect("a cube");
        println!("{id} {} {:?}", cube.edge_m, cube.center_m);
        assert!(cube.recommended_m.is_some(), "{id}: {}", cube.edge_m);
        for (pose, q) in cube.poses().iter().zip(&cube.postures) {
            assert!((machine.tip(q).position - pose.position).norm() < 1e-5, "{id}");
        }
    }
}

/// Where a package names the parts that turn a joint, their sheets decide what goes wrong there; elsewhere the assumed figures stand.
#[test]
fn a_joints_parts_stand_before_assumed_figures() {
    let (manifest, _) = arm("generic-cobot-6");
    let figures = Figures::ours().expect("reads");
    let mut trains = packages::trains(&catalog(), &manifest).expect("reads");
    trains.retain(|train| train.train.joint == "joint_3");
    let (sources, assumed) = (ErrorSources::of(&figures, &manifest, &trains), ErrorSources::of(&figures, &manifest, &[]));
    let reducer = &trains[0].reducer;
    assert_eq!(sources.joints[2].stiffness_nm_rad, reducer.stiffness_2_nm_rad.value);
    assert_eq!(sources.joints[2].transmission_error_rad, reducer.kinematic_error_rad.value);
    assert_eq!((&sources.joints[0], &sources.joints[5]), (&assumed.joints[0], &assumed.joints[5]));
    let elastic = sources.lines.iter().find(|line| line.name.en.starts_with("joint elasticity")).expect("a line");
    assert!(elastic.from.en.contains("generic-harmonic-40"), "{}", elastic.from.en);
}
