//! `leitai program`: the example checked, run, exported and read back; faults with their lines, in both languages.

mod common;

use std::fs;
use std::path::Path;

use common::{home, leitai, run};

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/offline/edge.toml");
    fs::read_to_string(path).expect("the example")
}

#[test]
fn a_program_is_checked_run_exported_and_read_back() {
    let home = home();
    fs::write(home.path().join("edge.toml"), example()).expect("writes");
    let ran = run(home.path(), "program check edge.toml");
    assert!(ran.code == Some(0) && ran.stdout.contains("cycle time"), "{}{}", ran.stdout, ran.stderr);
    let checked = run(home.path(), "program check edge.toml --json").json();
    assert!(checked["runs"] == true && checked["cycle_s"].as_f64().is_some_and(|s| s > 5.0 && s < 60.0), "{checked}");
    let ran = run(home.path(), "program run edge.toml --json").json();
    assert!(ran["run"]["tool_error_m"].as_f64().is_some_and(|e| e < 1e-3), "{ran}");
    for (language, file) in [("urscript", "edge.script"), ("rapid", "edge.mod")] {
        let ran = run(home.path(), &format!("program export edge.toml --language {language} -o {file}"));
        assert!(ran.code == Some(0) && ran.stderr.contains("not run on a maker's controller"), "{}", ran.stderr);
        let text = fs::read_to_string(home.path().join(file)).expect("the text");
        assert!(text.contains("Not run on a maker's controller / 未在厂家控制器上运行"), "{text}");
        // The example's own texts are what the command writes.
        let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/offline").join(file)).expect("kept");
        assert_eq!(text, kept, "{file}: write it again");
        let run_text = run(home.path(), &format!("program run {file} --robot ur5e --json")).json();
        let cycle = |v: &serde_json::Value| v["cycle_s"].as_f64().expect("a time");
        assert!((cycle(&run_text) - cycle(&checked)).abs() < 1e-6, "{run_text}");
        let back = run(home.path(), &format!("program import {file} -o back.toml"));
        assert_eq!(back.code, Some(0), "{}", back.stderr);
        let ran = run(home.path(), "program check back.toml --robot ur5e");
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn every_fault_names_its_line_and_what_to_change() {
    let home = home();
    let broken = example()
        // Out of reach, through the table, and a circle of three points on a line.
        .replace("position_m = [0.18, 0.0, 0.02]", "position_m = [0.9, 0.0, 0.02]")
        .replace("box_m = [0.8, 0.9, 0.04]", "box_m = [0.8, 0.9, 0.60]");
    fs::write(home.path().join("broken.toml"), &broken).expect("writes");
    let ran = run(home.path(), "program check broken.toml");
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    let line =
        |steps: usize| broken.lines().enumerate().filter(|(_, l)| l.starts_with("[[step]]")).nth(steps).expect("a step").0 + 1;
    assert!(ran.stdout.contains(&format!("broken.toml:{}: [reach]", line(4))), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("[collision]") && ran.stdout.contains("`table`") && ran.stderr.contains("next:"),
        "{}",
        ran.stdout
    );
    let zh = run(home.path(), "program check broken.toml --lang zh");
    assert!(zh.stdout.contains("超出臂展") && zh.stdout.contains("碰撞"), "{}", zh.stdout);
    let json = run(home.path(), "program check broken.toml --json").json();
    assert!(json["runs"] == false && json["findings"].as_array().is_some_and(|f| f.len() >= 2), "{json}");
    // Nothing is exported or run.
    for words in ["program export broken.toml --language rapid -o x.mod", "program run broken.toml"] {
        assert_eq!(run(home.path(), words).code, Some(2));
    }
    assert!(!home.path().join("x.mod").exists());
    fs::write(home.path().join("bad.script"), "def a():\n  movep(1)\nend\n").expect("writes");
    let ran = run(home.path(), "program import bad.script");
    assert!(ran.code == Some(2) && ran.stderr.contains("bad.script:2:3:"), "{}", ran.stderr);
    let ran = leitai(home.path()).args(["program", "check", "nowhere.toml"]).output().expect("starts");
    assert_eq!(ran.status.code(), Some(2));
}
