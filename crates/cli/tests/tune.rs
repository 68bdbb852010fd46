//! `leitai tune`: table, JSON, page, and a robot that names no parts.

mod common;

use std::fs;

use common::{home, run};

/// The bars of a self-tuning: less than ten seconds of motion, less than one turn, better than as delivered, safe at three times the
/// payload.
#[test]
fn a_robot_with_parts_is_tuned_joint_by_joint() {
    let home = home();
    let ran = run(home.path(), "tune generic-cobot-6 -o tune.html --json");
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let told = ran.json();
    assert_eq!((&told["safe"], &told["assumed_parts"]), (&true.into(), &false.into()));
    let joints = told["joints"].as_array().expect("a list");
    assert_eq!(joints.len(), 6);
    for joint in joints {
        assert!(joint["motion_s"].as_f64().expect("a number") < 10.0, "{joint}");
        assert!(joint["way_rad"].as_f64().expect("a number") < std::f64::consts::TAU, "{joint}");
        let itae = |which: &str| joint["steps"][which]["itae_s2"].as_f64().expect("a number");
        assert!(itae("tuned") < itae("delivered"), "{joint}");
        assert!(joint["margins"]["tuned"]["sensitivity"].as_f64().expect("a number") <= 2.0, "{joint}");
    }
    let page = fs::read_to_string(home.path().join("tune.html")).expect("a page");
    assert_eq!(page.matches("<svg").count(), 24);
    assert!(!page.contains("http") && !page.contains("NaN"), "one file, and numbers");

    let zh = run(home.path(), "tune generic-cobot-6 -o zh.html --lang zh");
    assert!(zh.stdout.contains("每个关节在 3 倍负载下都稳定停住") && zh.stdout.contains("joint_6"), "{}", zh.stdout);
    assert!(fs::read_to_string(home.path().join("zh.html")).expect("a page").contains("伺服自整定"));
}

#[test]
fn a_robot_without_parts_says_so_and_offers_assumed_ones() {
    let home = home();
    let ran = run(home.path(), "tune ur10e");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("names no parts") && ran.stderr.contains("--assume-parts"), "{}", ran.stderr);
    let ran = run(home.path(), "tune ur10e --assume-parts -o tune.html");
    assert!(
        ran.stdout.contains("! `ur10e` names no parts: everything below was tuned against assumed generic parts"),
        "{}",
        ran.stdout
    );
    assert!(fs::read_to_string(home.path().join("tune.html")).expect("a page").contains("class=\"banner\""));
}
