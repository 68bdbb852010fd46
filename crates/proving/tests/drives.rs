//! Parts in a trial: a robot whose joints are turned by parts stacks a layer, and a swapped part stops it for a reason that is found.

use std::sync::{Arc, OnceLock};

use leitai_math::Seed;
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::{Files, Packages, PackagesError, robot_digest};
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::relax::Relaxation;
use leitai_proving::trial::{self, Arm};

#[path = "catalog/files.rs"]
mod files;
use files::catalog;

/// The scenario's own limit of placement [m].
const PLACED_M: f64 = 0.005;

fn packages(files: &Files) -> Arc<Packages> {
    Arc::new(Packages::read(files, "generic-cobot-6", "con-block-palletizing", None).expect("packages"))
}

fn run(packages: &Arc<Packages>, seed: u64) -> Outcome {
    let cell = Cell::new(packages, &[("block_mass_kg".to_string(), 5.0)].into(), 0.002).expect("a cell");
    trial::run(&cell, &[], 0, Seed::from_number(seed).trial(0), Arm::Solution, &mut ()).expect("a trial")
}

fn placed(outcome: &Outcome) -> f64 {
    assert_eq!(outcome.metrics.get("pieces_brought"), Some(&8.0), "{:?}", outcome.failure);
    outcome.metrics["placement_offset_m"]
}

/// The catalog with another part at a joint.
fn swapped(joint: &str, kind: &str, part: &str) -> Files {
    let mut files = catalog();
    let path = "robots/generic-cobot-6/robot.toml";
    let mut text = String::from_utf8(files[path].clone()).expect("text");
    let at = text.find(&format!("joint = \"{joint}\"")).expect("the joint");
    let from = at + text[at..].find(&format!("{kind} = ")).expect("its part");
    let to = from + text[from..].find('\n').expect("a line");
    text.replace_range(from..to, &format!("{kind} = \"{part}\""));
    files.insert(path.to_string(), text.into_bytes());
    files
}

fn as_built() -> &'static Outcome {
    static OUTCOME: OnceLock<Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| run(&packages(&catalog()), 1))
}

/// The job's own limits, and what the parts bore: nothing above what their sheets allow.
#[test]
fn a_robot_with_parts_stacks_a_layer_and_tells_what_they_bore() {
    let outcome = as_built();
    assert_eq!(outcome.failure, None);
    assert!(placed(outcome) < PLACED_M, "{}", placed(outcome));
    for i in 1..=6 {
        let metric = |name: &str| outcome.metrics[&format!("{name}_{i}")];
        assert!(metric("reducer_peak_share") < 1.0 && metric("reducer_overloads") == 0.0, "joint {i}");
        assert!(metric("winding_c") >= 60.0 && metric("winding_c") < 145.0 && metric("winding_settled_c") < 155.0, "joint {i}");
        assert!(metric("wind_up_rad") > 0.0 && metric("wind_up_rad") < 0.01, "joint {i}: {}", metric("wind_up_rad"));
    }
    assert!(outcome.metrics["electrical_energy_j"] > 0.0);
    assert_eq!(run(&packages(&catalog()), 1).digest, outcome.digest, "the same bits again");
}

/// Which limits of parts, each lifted alone, let the same trial pass: twist, heat, torque.
fn reasons(stopped: &Packages) -> [bool; 3] {
    let passes = |packages: &Packages| {
        let outcome = run(&Arc::new(packages.clone()), 1);
        outcome.failure.is_none() && outcome.metrics["placement_offset_m"] <= PLACED_M
    };
    assert!(!passes(stopped), "with nothing lifted it fails");
    Relaxation::OF_PARTS.map(|relaxed| passes(&relaxed.packages(stopped)))
}

/// A softer reducer in the elbow of an arm that reads its motors alone: the blocks end up too far from their places, because the elbow
/// sags and swings unseen. With the twist of the reducers alone lifted the same seed passes.
#[test]
fn a_softer_reducer_fails_and_stiffness_is_the_reason() {
    let mut soft = Packages::clone(&packages(&swapped("joint_3", "reducer", "generic-harmonic-25")));
    assert_ne!(soft.digests[0], packages(&catalog()).digests[0]);
    soft.trains.iter_mut().for_each(|train| train.train.link_share = None);
    assert_eq!(reasons(&soft), [true, false, false]);
}

/// A reducer two sizes too small in the elbow: its drive may not ask for what the arm weighs, and torque is the reason.
#[test]
fn a_smaller_reducer_fails_and_torque_is_the_reason() {
    assert_eq!(reasons(&packages(&swapped("joint_3", "reducer", "generic-harmonic-20"))), [false, false, true]);
}

/// A motor that begins near its winding's limit gets no current, and heat is the reason.
#[test]
fn a_hot_motor_fails_and_heat_is_the_reason() {
    let mut hot = Packages::clone(&packages(&catalog()));
    hot.trains.iter_mut().for_each(|train| train.train.start_c.value = 153.0);
    let stopped = run(&Arc::new(hot.clone()), 1);
    let failure = stopped.failure.expect("it fails");
    assert!(
        failure.cause.contains("lacked current or voltage") && failure.cause.contains("its winding reached 15"),
        "{failure:?}"
    );
    assert_eq!(reasons(&hot), [false, true, false]);
}

/// A motor far too small lacks torque and, given it, gets hot: neither limit lifted alone saves the trial, both together do.
#[test]
fn a_small_motor_fails_by_torque_and_heat_together() {
    let small = packages(&swapped("joint_2", "motor", "generic-servo-100"));
    assert_eq!(reasons(&small), [false, false, false]);
    let both = Relaxation::PartTorque.packages(&Relaxation::MotorHeat.packages(&small));
    let outcome = run(&Arc::new(both), 1);
    assert_eq!(outcome.failure, None);
    assert!(placed(&outcome) <= PLACED_M, "{}", placed(&outcome));
}

/// A reducer that bears more than its momentary peak breaks: a recorded failure with time and name, and nothing is measured.
#[test]
fn a_weak_reducer_breaks_by_name() {
    let mut weak = Packages::clone(&packages(&catalog()));
    let reducer = &mut weak.trains[1].reducer;
    (reducer.repeated_peak_nm.value, reducer.momentary_peak_nm.value) = (150.0, 160.0);
    let broken = run(&Arc::new(weak.clone()), 1);
    let failure = broken.failure.expect("it fails");
    assert!(failure.what.contains("`generic-rv-40` of joint `joint_2` bore") && failure.time_s.is_some(), "{failure:?}");
    assert!(broken.metrics.is_empty());
}

/// Only a robot that names parts has their limits, and a part of another kind is refused by name.
#[test]
fn parts_belong_to_the_robot_that_names_them() {
    let plain = Packages::read(&catalog(), "ur10e", "con-block-palletizing", None).expect("packages");
    assert_eq!(Relaxation::of(&plain), Relaxation::ALL);
    let own = packages(&catalog());
    assert_eq!(Relaxation::of(&own).len(), Relaxation::ALL.len() + 3);
    let pairs: Vec<_> = Relaxation::tried(&own).into_iter().filter(|(_, also)| also.is_some()).collect();
    assert_eq!((Relaxation::tried(&plain).len(), pairs.len()), (Relaxation::ALL.len(), 3), "parts two at a time");
    for part in ["generic-rv-40", "generic-harmonic-25", "generic-servo-750", "generic-joint-drive"] {
        let path = format!("parts/{part}/part.toml");
        assert!(own.files.contains_key(&path), "{part} travels in the bundle");
        // Another figure of a part is another robot; a comment is not.
        let text = String::from_utf8(own.files[&path].clone()).expect("text");
        let mut other = own.files.clone();
        other.insert(path.clone(), format!("# a comment\n{text}").into_bytes());
        let digest = |files: &Files| robot_digest(files, "generic-cobot-6", &own.robot, None);
        assert_eq!(digest(&other), digest(&own.files));
        other.insert(path, text.replacen("date = \"2026-11-26\"", "date = \"2026-11-27\"", 1).into_bytes());
        assert_ne!(digest(&other), digest(&own.files));
    }
    let wrong =
        Packages::read(&swapped("joint_2", "reducer", "generic-servo-100"), "generic-cobot-6", "con-block-palletizing", None);
    let error = wrong.expect_err("a motor is no reducer");
    assert!(matches!(error, PackagesError::OtherPart { .. }));
    assert_eq!(
        error.to_string(),
        "robots/generic-cobot-6/robot.toml: `generic-servo-100` is a servo_motor, and joint `joint_2` needs a reducer"
    );
}
