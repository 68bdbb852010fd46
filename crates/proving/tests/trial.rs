//! One real trial: a ur20 stacks a layer of 20 kg blocks.

use std::sync::{Arc, OnceLock};

use leitai_math::Seed;
use leitai_proving::claim::Requirement;
use leitai_proving::outcome::Outcome;
use leitai_proving::packages::Packages;
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::relax::Relaxation;
use leitai_proving::trial::{self, Arm};

#[path = "catalog/files.rs"]
mod files;
use files::catalog;

/// Written by `LEITAI_BLESS=1 cargo test -p leitai-proving --test trial`; new physics gives a new digest, and the commit says why.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ur20-trial.blake3");

fn packages(robot: &str) -> Arc<Packages> {
    Arc::new(Packages::read(&catalog(), robot, "con-block-palletizing", None).expect("packages of the catalog"))
}

fn run(packages: &Arc<Packages>, block_kg: f64, arm: Arm) -> Outcome {
    let cell = Cell::new(packages, &[("block_mass_kg".to_string(), block_kg)].into(), 0.002).expect("a cell");
    trial::run(&cell, &[], 0, Seed::from_number(1).trial(0), arm, &mut ()).expect("a trial")
}

fn ur20() -> &'static Outcome {
    static OUTCOME: OnceLock<Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| run(&packages("ur20"), 20.0, Arm::Solution))
}

/// The measured poses, delays and tilts are the scenario's; the limits are its requirements.
#[test]
fn a_ur20_stacks_a_layer() {
    let outcome = ur20();
    assert_eq!(outcome.failure, None);
    let metric = |name: &str| outcome.metrics[name];
    assert_eq!(metric("pieces_brought"), 8.0);
    assert!(metric("placement_offset_m") < 0.005 && metric("stack_shift_m") < 0.01, "{:?}", outcome.metrics);
    assert!(metric("pieces_per_hour") > 300.0, "{}", metric("pieces_per_hour"));
    assert_eq!(metric("clash_force_n"), 0.0, "the robot touches nothing but blocks");
}

/// Debug, release and every machine: the same motion, bit for bit.
#[test]
fn a_trial_keeps_its_bits() {
    let digest = ur20().digest.to_string();
    if std::env::var_os("LEITAI_BLESS").is_some() {
        std::fs::write(GOLDEN, format!("{digest}\n")).expect("the golden folder");
    }
    let golden = std::fs::read_to_string(GOLDEN).expect("a golden digest");
    assert_eq!(digest, golden.trim());
}

/// Whoever holds still brings nothing.
#[test]
fn an_arm_that_holds_still_fails() {
    assert_eq!(run(&packages("ur20"), 20.0, Arm::Hold).metrics["pieces_brought"], 0.0);
}

/// A ur10e cannot hold 20 kg and the clamp; with its torque limits lifted, and nothing else, the same seed passes.
#[test]
fn a_lifted_limit_shows_what_stopped_an_arm() {
    let weak = packages("ur10e");
    let stopped = run(&weak, 20.0, Arm::Solution);
    assert!(stopped.failure.expect("it fails").what.contains("protective stop"));
    let strong = Arc::new(Relaxation::JointTorque.packages(&weak));
    assert_eq!(run(&strong, 20.0, Arm::Solution).metrics["pieces_brought"], 8.0);
    let fast = Arc::new(Relaxation::JointSpeed.packages(&weak));
    assert!(run(&fast, 20.0, Arm::Solution).failure.is_some(), "speed is not what it lacks");
}

/// The same job with cups instead of jaws: 4 cups of 75 N lift a 6 kg block from above, and none holds 40 kg.
#[test]
fn suction_cups_do_the_job_within_their_force() {
    let mut files = catalog();
    let mut edit = |path: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[path].clone()).expect("text");
        assert!(text.contains(from), "{path} says {from}");
        files.insert(path.to_string(), text.replace(from, to).into_bytes());
    };
    edit("scenarios/con-block-palletizing/scenario.toml", "\"block-clamp\"", "\"suction-gripper\"");
    edit("solutions/block-palletizing/solution.toml", "tool_class = \"gripper\"", "tool_class = \"suction\"");
    edit("solutions/block-palletizing/solution.toml", "force_n = 650.0", "#");
    edit("solutions/block-palletizing/solution.toml", "open_m = 0.020", "#");
    // Cups seal within 3 mm: the tool comes down until it feels the block.
    edit("solutions/block-palletizing/solution.toml", "speed_m_s = 0.35", "speed_m_s = 0.35\npress_n = 20.0\nslack_m = 0.008");
    let packages = Arc::new(Packages::read(&files, "ur20", "con-block-palletizing", None).expect("packages"));
    let light = run(&packages, 6.0, Arm::Solution);
    assert_eq!(light.metrics["pieces_brought"], 8.0, "{:?} {:?}", light.failure, light.metrics);
    let heavy = run(&packages, 40.0, Arm::Solution);
    assert_eq!(heavy.metrics["pieces_brought"], 0.0);
    let failure = heavy.failure.expect("it fails");
    assert!(failure.what.contains("lost") || failure.what.contains("dropped"), "{}", failure.what);
}

/// A motion that breaks off, here because damping of the wrong sign feeds the arm: a recorded failure with time, body and cause,
/// nothing measured, no requirement held, and the same evidence again.
#[test]
fn a_motion_that_breaks_off_is_a_recorded_failure() {
    let mut broken = Packages::clone(&packages("ur20"));
    broken.robot_model.body_mut("forearm_link").expect("a link").joints[0].damping = -1e4;
    let broken = Arc::new(broken);
    let cell = Cell::new(&broken, &[("block_mass_kg".to_string(), 20.0)].into(), 0.002).expect("a cell");
    let predicates = ["placement_offset_m <= 0.005", "clash_force_n <= 65"].map(|text| text.parse().expect("a predicate"));
    let requirements = predicates.map(|predicate| Requirement { predicate, rate_at_least: 0.9, confidence: 0.9, decides: true });
    let run = || trial::run(&cell, &requirements, 0, Seed::from_number(1).trial(0), Arm::Hold, &mut ()).expect("a trial");
    let outcome = run();
    let failure = outcome.failure.clone().expect("it fails");
    let time_s = failure.time_s.expect("a time");
    assert!(time_s > 0.0, "{time_s}");
    // The arm, or the tool that it shakes.
    let named = |part: &str| failure.what.starts_with(&format!("the simulation became unstable at {time_s} s at body `{part}/"));
    assert!(named("robot") || named("tool"), "{failure:?}");
    assert!(failure.what.ends_with("is out of bounds"), "{failure:?}");
    assert_eq!(failure.cause, "the physics");
    assert!(outcome.metrics.is_empty(), "{outcome:?}");
    assert_eq!(outcome.passed.values().collect::<Vec<_>>(), [&false, &false]);
    assert_eq!(run(), outcome);
}
