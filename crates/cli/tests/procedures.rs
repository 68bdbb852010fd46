//! `leitai test`: procedures on the catalog's arms, with as little of each as shows the whole.

mod common;

use std::fs;

use common::{home, run};

/// A page that needs no other file, no script and no network, in both languages.
fn stands_alone(page: &str) {
    assert!(page.len() < 300_000, "{} bytes", page.len());
    for alien in ["<script", "http://", "https://", "NaN", "src="] {
        assert!(!page.contains(alien), "{alien}");
    }
    assert!(page.contains("模拟 · 未经实物测量") && page.contains("simulated · nothing was measured on a machine"));
}

#[test]
fn iso9283_reports_in_the_standards_order_and_repeats_to_the_bit() {
    let home = home();
    let ran = run(home.path(), "test iso9283 ur5e --cycles 2 --speed 100 -o report");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut from = 0;
    for part in [
        "simulated; nothing was measured",
        "transmission error",
        "Poses (mm)",
        "95 % interval of RP",
        "Distance and settling",
        "Paths",
        "large circle",
        "Multi-directional",
        "Minimum posing time",
        "Static compliance",
        "Not performed: drift",
        "The error sources are assumed",
    ] {
        let at = ran.stdout[from..].find(part).unwrap_or_else(|| panic!("{part} in {}", ran.stdout));
        from += at;
    }
    let read = |name: &str| fs::read_to_string(home.path().join("report").join(name)).expect("written");
    stands_alone(&read("report.html"));
    assert_eq!(read("report.txt"), ran.stdout);
    // The same words give the same bits, whatever the threads did.
    let again = run(home.path(), "test iso9283 ur5e --cycles 2 --speed 100 --json");
    assert_eq!(again.stdout, read("report.json"));
    let zh = again.json();
    assert_eq!(zh["report"]["simulated"], true);
    assert_eq!(zh["report"]["at_speed"][0]["poses"]["poses"].as_array().map(Vec::len), Some(5));
}

/// Without error sources the test is void: it says so, and its exit code is that of a trial that settled nothing.
#[test]
fn iso9283_without_error_sources_is_void() {
    let home = home();
    let ran = run(home.path(), "test iso9283 ur5e --cycles 2 --speed 100 --ideal");
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stdout.contains("VOID: no error source is modeled"), "{}", ran.stdout);
    assert!(ran.stdout.lines().any(|line| line.contains("P1") && line.contains("0.000")), "{}", ran.stdout);
}

#[test]
fn procedures_refuse_what_makes_no_sense() {
    let home = home();
    for (words, said) in [
        ("test iso9283 ur5e --speed 0", "a speed of 0 %; give numbers above 0 and at most 100"),
        ("test iso9283 ur5e --speed nan", "a speed of NaN %"),
        ("test iso9283 ur5e --cycles 1", "1 cycles; give a number from 2 to 1000"),
        ("test iso9283 ur5e --load-kg=-3", "give a mass in kg from 0 to 10000, or `rated`"),
        ("test iso9283 block-clamp", "no robot's package"),
        ("test datasheet ur5e --state mass_kg=20", "states its own figures"),
        ("test contact ur5e --region tail", "there is no region `tail`; the table has skull-forehead, face,"),
        ("test contact ur5e --at 9", "a speed of 9 m/s; give one from 0.01 to 1"),
    ] {
        let ran = run(home.path(), words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stdout);
        assert!(ran.stderr.contains(said), "{words}: {}", ran.stderr);
    }
}

/// Limits are unverified wherever they are shown, and nothing may be certified on them.
#[test]
fn contact_forces_are_measured_and_limits_marked_as_unverified() {
    let home = home();
    let ran = run(home.path(), "test contact ur5e --region face,hand-fingers -o report");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("Limits unverified") && ran.stdout.contains("No certificate may rest on this report"));
    let face = ran.stdout.lines().find(|line| line.starts_with("face")).expect("a line");
    assert!(face.contains("not permitted") && face.contains("unverified"), "{face}");
    let page = fs::read_to_string(home.path().join("report/report.html")).expect("written");
    stands_alone(&page);
    assert!(page.contains("限值未经核实"));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("report/report.json")).expect("written")).expect("JSON");
    let report = &json["report"];
    assert_eq!((&report["limits_verified"], &report["certifiable"]), (&false.into(), &false.into()));
    assert_eq!(report["regions"][0]["transient"], serde_json::Value::Null);
}

/// A published model without a package: its masses, reach and limits against what is typed, and which joint's limit is missing.
#[test]
fn a_bare_model_is_held_against_what_is_stated() {
    let home = home();
    let urdf = r#"<robot name="bare"><link name="base"/>
<link name="a"><inertial><mass value="3"/><inertia ixx="0.1" iyy="0.1" izz="0.02" ixy="0" ixz="0" iyz="0"/></inertial></link>
<link name="b"><inertial><mass value="2"/><inertia ixx="0.1" iyy="0.1" izz="0.02" ixy="0" ixz="0" iyz="0"/></inertial></link>
<joint name="j1" type="revolute"><parent link="base"/><child link="a"/><axis xyz="0 0 1"/><limit lower="-3" upper="3" effort="90" velocity="2"/></joint>
<joint name="j2" type="revolute"><parent link="a"/><child link="b"/><origin xyz="0.4 0 0.2"/><axis xyz="0 1 0"/><limit lower="-2" upper="2" effort="EFFORT" velocity="2"/></joint>
</robot>"#;
    fs::write(home.path().join("sound.urdf"), urdf.replace("EFFORT", "60")).expect("writes");
    fs::write(home.path().join("faulty.urdf"), urdf.replace("EFFORT", "0")).expect("writes");
    let ran = run(home.path(), "test datasheet ./sound.urdf --state mass_kg=5 --state payload_kg=3");
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let heavy = run(home.path(), "test datasheet ./sound.urdf --state mass_kg=12");
    assert!(heavy.code == Some(3) && heavy.stdout.contains("differs"), "{}", heavy.stdout);
    let faulty = run(home.path(), "test datasheet ./faulty.urdf --state payload_kg=3");
    assert!(faulty.stdout.contains("joint `j2` has no limit of torque, or one of zero"), "{}", faulty.stdout);
    let silent = run(home.path(), "test datasheet ./sound.urdf");
    assert!(silent.code == Some(2) && silent.stderr.contains("states nothing"), "{}", silent.stderr);
    let nowhere = run(home.path(), "test datasheet ./sound.urdf --tip hand --state mass_kg=5");
    assert!(nowhere.code == Some(2) && nowhere.stderr.contains("no body `hand`"), "{}", nowhere.stderr);
}
