//! Motion programs end to end: planned, run in the physics, written in two makers' languages, read back by interpreters that share
//! nothing with the writers, and run again to the same motion.

use std::path::Path;

use leitai_package::disk::Folder;
use leitai_package::files::Files;
use leitai_package::manifest::RobotManifest;
use leitai_package::mjcf;
use leitai_proving::rehearsal::rehearse;
use leitai_skills::offline::{Arm, MotionProgram, Plan, file, plan, rapid, read_rapid, read_urscript, urscript};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example() -> MotionProgram {
    let text = std::fs::read_to_string(root().join("docs/offline/edge.toml")).expect("the example");
    file::read(&text).expect("the example is a program")
}

fn arm(program: &MotionProgram, robot: &str) -> Arm {
    let folder = root().join("catalog/robots").join(robot);
    let files = Folder::inside(&folder);
    let text = String::from_utf8(files.read("robot.toml").expect("a manifest")).expect("text");
    let manifest = RobotManifest::parse("robot.toml", &text).expect("a manifest");
    let spec = mjcf::read(&manifest.robot.model, &files).expect("a model").spec;
    Arm::new(&manifest, &spec, &program.tool).expect("an arm")
}

fn planned(program: &MotionProgram, arm: &Arm) -> Plan {
    let plan = plan(program, arm);
    assert!(plan.runs(), "{:#?}", plan.findings);
    plan
}

/// Greatest difference of joint positions over the whole time, by the plans.
fn apart(a: &Plan, b: &Plan) -> f64 {
    let n = a.start.len();
    let state = |plan: &Plan, t: f64| {
        let (mut q, mut v, mut acceleration) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        plan.at(t, &mut q, &mut v, &mut acceleration);
        q
    };
    let times = (0..=5000).map(|k| a.duration_s() * f64::from(k) / 5000.0);
    times.fold(0.0, |most, t| state(a, t).iter().zip(&state(b, t)).fold(most, |most: f64, (x, y)| most.max((x - y).abs())))
}

/// The arm follows its plan in the physics.
#[test]
fn the_example_runs_in_the_physics() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let plan = planned(&program, &arm);
    let run = rehearse(&arm, &plan).unwrap();
    println!(
        "{:.2} s; tool off its plan {:.2e} m at most, {:.2e} m rms, {:.2e} m at the end",
        run.duration_s, run.tool_error_m, run.tool_error_rms_m, run.end_error_m
    );
    println!("joints {:?}; torque {:?}", run.joint_error_rad, run.torque_share);
    assert!(run.tool_error_m < 1e-3 && run.end_error_m < 1e-5);
    assert!(run.torque_share.iter().all(|share| *share < 0.9));
}

/// Exported, interpreted, planned and run: the same joint trajectories, to rounding (10⁻⁹ rad planned, 10⁻⁹ rad in the physics).
#[test]
fn exported_texts_run_to_the_same_motion() {
    let program = example();
    let arm = arm(&program, "ur5e");
    let plan = planned(&program, &arm);
    let run = rehearse(&arm, &plan).unwrap();
    let texts = [
        ("urscript", read_urscript::read(&urscript::write(&program, &plan).unwrap())),
        ("rapid", read_rapid::read(&rapid::write(&program, &plan).unwrap())),
    ];
    for (language, read) in texts {
        let read = read.unwrap_or_else(|error| panic!("{language}: {error}"));
        assert_eq!(read.steps.len(), program.steps.len(), "{language}");
        let again = self::arm(&read, "ur5e");
        let other = planned(&read, &again);
        let off = apart(&plan, &other);
        assert!(
            (plan.duration_s() - other.duration_s()).abs() < 1e-9,
            "{language}: {} {}",
            plan.duration_s(),
            other.duration_s()
        );
        assert!(off < 1e-9, "{language}: {off}");
        let other = rehearse(&again, &other).unwrap();
        let ran =
            run.motion.iter().flatten().zip(other.motion.iter().flatten()).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
        println!("{language}: planned joints {off:.1e} rad apart, in the physics {ran:.1e} rad");
        assert!(ran < 1e-9 && run.motion.len() == other.motion.len(), "{language}: {ran}");
    }
}
