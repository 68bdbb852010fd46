//! Solutions that are modules: what they do to a trial, and that the evidence they leave is run again to the same bits.

mod catalog;
mod stranger;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use catalog::{cut_short, proof};
use leitai_math::Seed;
use leitai_proving::bundle::{Bundle, Evidence};
use leitai_proving::engine::{Case, Leitai, Request};
use leitai_proving::key::TrustStore;
use leitai_proving::outcome::{Failure, Outcome};
use leitai_proving::packages::{Files, Packages, Solution};
use leitai_proving::report::words::chinese;
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::{self, Arm};
use leitai_proving::verify::{Options, Reexecute, verify};
use stranger::{COMMAND, MANIFEST, OBSERVATION, module};

/// The catalog with trials of `duration_s` and the stranger's solution in it.
fn with(duration_s: f64, text: &str) -> Files {
    let mut files = cut_short(duration_s);
    files.insert("solutions/stranger/solution.toml".to_string(), MANIFEST.into());
    files.insert("solutions/stranger/controller.wasm".to_string(), wat::parse_str(text).unwrap_or_else(|e| panic!("{e}")));
    files
}

fn request(trials: u64) -> Request {
    Request { solution: Some("stranger".to_string()), ..catalog::request("ur20", trials) }
}

fn packages(files: &Files) -> Result<Arc<Packages>, String> {
    Packages::read(files, "ur20", "con-block-palletizing", Some("stranger")).map(Arc::new).map_err(|e| e.to_string())
}

fn run(text: &str, arm: Arm) -> Outcome {
    let cell = Cell::new(&packages(&with(0.5, text)).expect("reads"), &[("block_mass_kg".to_string(), 20.0)].into(), 0.002);
    trial::run(&cell.expect("a cell"), &[], 0, Seed::from_number(1).trial(0), arm, &mut ()).expect("a trial")
}

/// Joint torques that hold against most of gravity's pull: anything that is a function of what was seen.
const SPRING: &str = "(local i32)
    (loop
        (f64.store (i32.add (i32.const 16384) (local.get 0))
            (f64.sub (f64.mul (f64.const -200) (f64.load (i32.add (i32.const 1032) (local.get 0))))
                     (f64.mul (f64.const 50) (f64.load (i32.add (i32.const 1080) (local.get 0))))))
        (local.set 0 (i32.add (local.get 0) (i32.const 8)))
        (br_if 0 (i32.lt_u (local.get 0) (i32.const 48))))
    i32.const 0";

#[test]
fn whatever_a_module_does_is_the_failure_of_its_trial() {
    let later =
        |what: &str| format!("(if (f64.gt (f64.load (i32.const {OBSERVATION})) (f64.const 0.1)) (then {what})) i32.const 0");
    let store = |value: &str| later(&format!("(f64.store (i32.const {}) {value})", COMMAND + 16));
    let no_number = "the controller asked joint `elbow_joint` for a torque that is not a finite number";
    let cases = [
        (later("(loop (br 0))"), "the controller used up the fuel of one step, 200000 units", "控制器用尽了一步的计算量 200000"),
        (
            later("(call $deep)"),
            "the controller called functions more than 1000 deep or filled its stack",
            "控制器的函数调用超过 1000 层或栈已满",
        ),
        (
            later("unreachable"),
            "the controller stopped itself (`unreachable`): an assertion failed in it",
            "控制器自行中止（`unreachable`）：其中有断言不成立",
        ),
        (
            later("(drop (i32.load (i32.const -1)))"),
            "the controller broke down: out of bounds memory access",
            "控制器出错中止：访问内存越界",
        ),
        (store("(f64.const nan)"), no_number, "控制器要求关节 `elbow_joint` 的力矩不是有限数"),
        (store("(f64.const -inf)"), no_number, "控制器要求关节 `elbow_joint` 的力矩不是有限数"),
        (
            format!("(select (i32.const 9) (i32.const 0) (f64.gt (f64.load (i32.const {OBSERVATION})) (f64.const 0.1)))"),
            "the controller answered a step with 9; it must be 0 (go on), 1 (finished) or 2 (gave up)",
            "控制器的应答为 9，应为 0（继续）、1（完成）或 2（放弃）",
        ),
    ];
    for (step, en, zh) in cases {
        let outcome = run(&module(&step), Arm::Solution);
        assert_eq!(
            outcome.failure,
            Some(Failure { time_s: Some(51.0 * 0.002), what: en.to_string(), cause: "the controller".to_string() })
        );
        assert!(outcome.metrics.is_empty() && outcome.trace.is_some());
        assert_eq!(chinese(en), zh);
    }
    // A memory bomb ends at 64 MiB, where growing answers −1, and harms nobody.
    let bomb = run(&module(&later("(drop (memory.grow (i32.const 100))) (drop (memory.grow (i32.const 65000)))")), Arm::Solution);
    assert_eq!(bomb.failure.expect("it does nothing").what, "not finished within 0.5 s");
}

#[test]
fn giving_up_and_finishing_end_the_task() {
    let at = |answer: u32| {
        module(&format!(
            "(select (i32.const {answer}) (i32.const 0) (f64.gt (f64.load (i32.const {OBSERVATION})) (f64.const 0.1)))"
        ))
    };
    let gave_up = run(&at(2), Arm::Solution).failure.expect("it gave up");
    assert_eq!((gave_up.time_s, gave_up.what.as_str()), (Some(52.0 * 0.002), "the controller gave up"));
    assert_eq!(chinese(&gave_up.what), "控制器放弃了任务");
    let finished = run(&at(1), Arm::Solution);
    assert_eq!(finished.failure, None, "whoever says so at once has failed no skill; the metrics tell");
    assert_eq!((finished.metrics["pieces_brought"], finished.metrics["cycle_time_s"]), (0.0, 52.0 * 0.002));
    assert!(!finished.metrics.contains_key("tracking_rad"), "a module does not tell where the joints should be");
}

#[test]
fn what_cannot_run_is_refused_when_the_package_is_opened() {
    let mut files = with(0.5, &module("i32.const 0"));
    let said = |files: &Files| packages(files).expect_err("refused");
    files.insert("solutions/stranger/controller.wasm".to_string(), b"#!/bin/sh".to_vec());
    assert!(
        said(&files).starts_with("solutions/stranger/controller.wasm: the module is not a valid WebAssembly module: "),
        "{}",
        said(&files)
    );
    let import = module("i32.const 0").replacen("(module", r#"(module (import "leitai" "true_pose" (func (result f64)))"#, 1);
    assert_eq!(
        said(&with(0.5, &import)),
        "solutions/stranger/controller.wasm: the module imports the function `leitai.true_pose`, but a controller may import nothing: leave out what needs it"
    );
    let start = module("i32.const 0").replace("(func $deep", "(func $s (loop (br 0))) (start $s) (func $deep");
    assert_eq!(
        said(&with(0.5, &start)),
        "solutions/stranger/controller.wasm: the module cannot be started: the controller used up the fuel of its start, 100000000 units"
    );
    files.remove("solutions/stranger/controller.wasm");
    assert_eq!(
        said(&files),
        "solutions/stranger/solution.toml: there is no file `controller.wasm` beside it; put the built module there"
    );
}

/// Everything a module is given depends on declared measurements and public files only: two trials whose true poses differ, and whose
/// measurements do not, run the same until a measurement tells them apart.
#[test]
fn a_module_is_told_measurements_and_never_the_truth() {
    // Eighteen readings, 72 bytes each, the first number of each its validity. The first measurement arrives 0.1 s late.
    let sum = "(local i32) (local f64)
        (loop
            (local.set 1 (f64.add (local.get 1) (f64.load (i32.add (i32.const 1152) (local.get 0)))))
            (local.set 0 (i32.add (local.get 0) (i32.const 72)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 1296))))
        (if (i32.and (f64.lt (f64.load (i32.const 1024)) (f64.const 0.09)) (f64.ne (local.get 1) (f64.const 0))) (then unreachable))
        (if (i32.and (f64.gt (f64.load (i32.const 1024)) (f64.const 0.4)) (f64.eq (local.get 1) (f64.const 0))) (then unreachable))
        i32.const 0";
    assert_eq!(run(&module(sum), Arm::Solution).failure.expect("it does nothing").what, "not finished within 0.5 s");
    // The oracle arm tells the truth at once, so the same module sees it there: the difference is the arm's alone.
    assert!(run(&module(sum), Arm::Oracle).failure.expect("it looks").what.contains("stopped itself"));
}

/// The brief holds the nominal cell and numbers of its own for each trial, but not the trial's seed.
#[test]
fn the_brief_holds_public_files_and_no_seed_of_the_trial() {
    // Finds 'word' in the brief by its first bytes: answers 2 if it stands there.
    let find = |word: &str| {
        let bytes: Vec<String> = word.bytes().map(|b| b.to_string()).collect();
        let tests: String = bytes
            .iter()
            .enumerate()
            .map(|(i, b)| format!("(br_if 1 (i32.ne (i32.load8_u offset={i} (local.get 0)) (i32.const {b})))"))
            .collect();
        module(&format!(
            "(local i32) (local.set 0 (i32.const 65536))
             (loop $next (block $go {tests} (return (i32.const 2)))
                (local.set 0 (i32.add (local.get 0) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get 0) (i32.const 300000)))) i32.const 0"
        ))
        .replace("br_if 1", "br_if $go")
    };
    let found = |word: &str| {
        let mut files = with(0.1, &find(word));
        let manifest = MANIFEST.replace("step_fuel = 200_000", "step_fuel = 100_000_000");
        files.insert("solutions/stranger/solution.toml".to_string(), manifest.into());
        let cell =
            Cell::new(&packages(&files).expect("reads"), &[("block_mass_kg".to_string(), 17.5)].into(), 0.002).expect("a cell");
        let seed = Seed::from_number(1).trial(0);
        let outcome = trial::run(&cell, &[], 0, seed, Arm::Solution, &mut ()).expect("a trial");
        outcome.failure.expect("it fails").what == "the controller gave up"
    };
    for told in [
        "\"robot\":\"ur20\"",
        "\"goal\":\"layer\"",
        "\"block_mass_kg\":17.5",
        "\"period_s\":0.002",
        "[\"pieces\",144]",
        "scenarios/con-block-palletizing/world.xml",
        "\"seed\":\"",
    ] {
        assert!(found(told), "{told}");
    }
    let seed: String = Seed::from_number(1).trial(0).0.iter().map(|byte| format!("{byte:02x}")).collect();
    for kept in [&seed[..16], "solutions/", "controller.wasm"] {
        assert!(!found(kept), "{kept}");
    }
}

/// The example that people copy, as it stands in the tree.
#[test]
fn the_example_holds_its_posture() {
    let mut files = cut_short(0.5);
    for name in ["solution.toml", "controller.wasm"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../controllers/hold").join(name);
        files.insert(format!("solutions/hold/{name}"), std::fs::read(path).expect("the example"));
    }
    let read = Packages::read(&files, "ur20", "con-block-palletizing", Some("hold")).expect("reads");
    let cell = Cell::new(&Arc::new(read), &[("block_mass_kg".to_string(), 20.0)].into(), 0.002).expect("a cell");
    let outcome = trial::run(&cell, &[], 0, Seed::from_number(1).trial(0), Arm::Solution, &mut ()).expect("a trial");
    assert_eq!(outcome.failure.expect("it moves nothing").what, "not finished within 0.5 s");
    let fastest = (1..=6).map(|i| outcome.metrics[&format!("speed_share_{i}")]).fold(0.0, f64::max);
    assert!(fastest > 0.0 && fastest < 0.2, "it sags a little and stands: {fastest}");
}

/// Two trials of half a second with a module, its bundle written, read and run again.
#[test]
fn evidence_with_a_module_is_run_again_to_the_same_bits() {
    let case = Case::open(&with(0.5, &module(SPRING)), &request(2)).expect("opens");
    let one = proof(&case, 1);
    let two = proof(&case, 2);
    assert_eq!(one.evidence.digest(), two.evidence.digest(), "one thread and two");
    assert!(one.evidence.packages.contains_key("solutions/stranger/controller.wasm"), "the bundle carries the module");
    let check = |evidence: &Evidence| {
        let bundle = Bundle::from_bytes(&evidence.to_bytes(None).expect("writes").0).expect("intact");
        let options = Options { reexecute: Reexecute::All, fresh: 0, seed: 1, jobs: 2 };
        verify(&bundle, &Leitai, &TrustStore::default(), &options, &AtomicBool::new(false), &mut |_, _| {})
            .map_err(|e| e.to_string())
    };
    assert_eq!(check(&one.evidence).expect("honest").reexecuted, 2);
    // Another module under the same claim: refused before anything is run.
    let mut forged = one.evidence.clone();
    forged.packages.insert(
        "solutions/stranger/controller.wasm".to_string(),
        wat::parse_str(module(&SPRING.replace("-200", "-201"))).unwrap(),
    );
    assert!(check(&forged).expect_err("forged").contains("solution"), "{:?}", check(&forged).err());
}

#[test]
fn one_byte_of_the_module_makes_another_solution() {
    let digest = |files: &Files| Solution::read(files, "stranger").expect("reads").digest;
    let files = with(0.5, &module(SPRING));
    let mut other = files.clone();
    // −200 as the bytes of an f64; its last bit.
    let bytes = other.get_mut("solutions/stranger/controller.wasm").expect("the module");
    let at = bytes.windows(8).position(|window| window == (-200.0_f64).to_le_bytes()).expect("the constant");
    bytes[at] ^= 1;
    assert_ne!(digest(&files), digest(&other));
    let mut commented = files.clone();
    commented.insert("solutions/stranger/solution.toml".to_string(), format!("# a comment\n{MANIFEST}").into());
    assert_eq!(digest(&files), digest(&commented), "a comment changes nothing");
    commented.insert("solutions/stranger/solution.toml".to_string(), MANIFEST.replace("200_000", "200_001").into());
    assert_ne!(digest(&files), digest(&commented), "more fuel is another solution");
}

/// Digests of solutions that were there before modules, from evidence of that time.
#[test]
fn digests_of_programs_are_what_they_were() {
    let read = Solution::read(&catalog::cut_short(1.0), "block-palletizing").expect("reads");
    assert_eq!(read.digest.to_string(), "46dd2b8ec736c84a2d34d9c175330619924e57a6b2160e1c1dc087323b534871");
    let default = Packages::read(&with(1.0, &module("i32.const 0")), "ur20", "con-block-palletizing", None).expect("reads");
    assert_eq!(default.solution.solution.id, "block-palletizing", "the default is still the first by name");
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    assert!(Solution::read(&none, "stranger").is_err());
}
