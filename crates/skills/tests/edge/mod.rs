//! The example program on an arm of the catalog, for tests that plan it and tests that run it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use leitai_package::disk::Folder;
use leitai_package::files::Files;
use leitai_package::manifest::RobotManifest;
use leitai_package::mjcf;
use leitai_skills::offline::{Arm, MotionProgram, Plan, file, plan};

pub fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn example() -> MotionProgram {
    let text = std::fs::read_to_string(root().join("docs/offline/edge.toml")).expect("the example");
    file::read(&text).expect("the example is a program")
}

pub fn arm(program: &MotionProgram, robot: &str) -> Arm {
    let folder = root().join("catalog/robots").join(robot);
    let files = Folder::inside(&folder);
    let text = String::from_utf8(files.read("robot.toml").expect("a manifest")).expect("text");
    let manifest = RobotManifest::parse("robot.toml", &text).expect("a manifest");
    let spec = mjcf::read(&manifest.robot.model, &files).expect("a model").spec;
    Arm::new(&manifest, &spec, &program.tool).expect("an arm")
}

pub fn planned(program: &MotionProgram, arm: &Arm) -> Plan {
    let plan = plan(program, arm);
    assert!(plan.runs(), "{:#?}", plan.findings);
    plan
}

/// Greatest difference of joint positions over the whole time, by the plans.
pub fn apart(a: &Plan, b: &Plan) -> f64 {
    let n = a.start.len();
    let state = |plan: &Plan, t: f64| {
        let (mut q, mut v, mut acceleration) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        plan.at(t, &mut q, &mut v, &mut acceleration);
        q
    };
    let times = (0..=5000).map(|k| a.duration_s() * f64::from(k) / 5000.0);
    times.fold(0.0, |most, t| state(a, t).iter().zip(&state(b, t)).fold(most, |most: f64, (x, y)| most.max((x - y).abs())))
}
