//! `robot check`: each rule finds what it should, says where, and stays silent about sound robots.

use leitai_package::disk::Folder;
use leitai_package::lint::{Checked, Level, check_file};
use std::collections::BTreeMap;

const CATALOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");

fn check(name: &str, text: &str) -> Checked {
    let files = BTreeMap::from([(name.to_string(), text.as_bytes().to_vec())]);
    check_file(name, &files, &Default::default())
}

/// Findings about one body in a world, as `level rule place`.
fn about(body: &str) -> Vec<String> {
    let xml = format!("<mujoco><compiler angle=\"radian\"/><worldbody>\n{body}\n</worldbody></mujoco>");
    let found = check("r.xml", &xml).findings;
    found.iter().filter(|f| f.rule != "no-actuator").map(|f| format!("{:?} {} {}", f.level, f.rule, f.place)).collect()
}

const SOUND: &str = r#"<inertial mass="2" pos="0 0 0" diaginertia="0.01 0.012 0.014"/>"#;
const BALL: &str = r#"<geom size="0.15"/>"#;

#[test]
fn sound_robots_of_the_catalog_pass() {
    let files = Folder::inside(CATALOG);
    for robot in [
        "ur5e",
        "ur10e",
        "ur20",
        "ur30",
        "franka-fr3",
        "kuka-iiwa14",
        "aubo-i5",
        "dobot-cr5",
        "generic-dual-arm",
        "generic-wafer-arm",
        "generic-cobot-6",
    ] {
        let checked = check_file(&format!("robots/{robot}/robot.toml"), &files, &Default::default());
        let bad: Vec<_> = checked.findings.iter().filter(|f| f.level != Level::Note).collect();
        assert!(bad.is_empty(), "{robot}: {bad:#?}");
        assert!(checked.model.is_some() && checked.manifest.is_some());
    }
}

#[test]
fn each_rule_of_masses_and_inertias_finds_its_mistake() {
    let inertial = |text: &str| format!("<body name=\"b\"><joint range=\"-1 1\"/>{text}{BALL}</body>");
    let given =
        |mass: &str, moments: &str| inertial(&format!(r#"<inertial mass="{mass}" pos="0 0 0" diaginertia="{moments}"/>"#));
    assert_eq!(about(&inertial(SOUND)), [] as [&str; 0]);
    assert_eq!(about(&given("2", "0.001 0.002 0.009")), ["Error inertia-impossible r.xml:2"]);
    assert_eq!(about(&given("2", "10 10 10")), ["Warning inertia-size r.xml:2"]);
    assert_eq!(about(&given("2", "1e-6 1e-6 1e-6")), ["Warning inertia-size r.xml:2"]);
    assert_eq!(about(&given("1", "1 1 1")), ["Warning inertia-placeholder r.xml:2"]);
    assert_eq!(about(&given("5e-5", "2e-7 2e-7 3e-7")), ["Warning mass-tiny r.xml:2"]);
    assert_eq!(about(&given("8058", "40 40 45")), ["Warning mass-huge r.xml:2"]);
    assert_eq!(
        about(&inertial(r#"<inertial mass="2" pos="0 0 3" diaginertia="0.01 0.012 0.014"/>"#)),
        ["Warning center-outside r.xml:2"]
    );
    assert_eq!(about(&inertial("")), ["Note inertia-inferred r.xml:2"]);
    assert_eq!(about("<body><joint range=\"-1 1\"/></body>"), ["Error mass-missing r.xml:2"]);
    // Of two mistakes of a kind both are told, although the model stops at the first.
    let two = format!("{}\n{}", given("2", "1 2 9"), given("2", "1 2 8"));
    assert_eq!(about(&two), ["Error inertia-impossible r.xml:2", "Error inertia-impossible r.xml:3"]);
}

#[test]
fn each_rule_of_joints_and_motors_finds_its_mistake() {
    let joint = |text: &str| format!("<body><joint name=\"j\" {text}/>{SOUND}{BALL}</body>");
    assert_eq!(about(&joint("")), ["Note limit-missing r.xml:2"]);
    assert_eq!(about(&joint("type=\"slide\"")), ["Warning limit-missing r.xml:2"]);
    assert_eq!(about(&joint("range=\"-180 180\"")), ["Warning units r.xml:2"]);
    assert_eq!(about(&joint("type=\"slide\" range=\"0 400\"")), ["Warning units r.xml:2"]);
    assert_eq!(about(&joint("range=\"1 2\"")), ["Note reference-outside r.xml:2"]);
    let motors = |motor: &str, limit: &str| {
        let body = joint(&format!("range=\"-1 1\" {limit}"));
        let xml = format!("<mujoco><worldbody>{body}</worldbody><actuator>\n{motor}</actuator></mujoco>");
        check("r.xml", &xml).findings.iter().map(|f| format!("{:?} {} {}", f.level, f.rule, f.place)).collect::<Vec<_>>()
    };
    let unlimited = ["Warning torque-unlimited r.xml:2"];
    assert_eq!(motors("<motor joint=\"j\"/>", ""), unlimited);
    assert_eq!(motors("<position joint=\"j\" kp=\"9\" ctrlrange=\"-1 1\"/>", ""), unlimited);
    assert!(motors("<motor joint=\"j\" ctrlrange=\"-9 9\"/>", "").is_empty());
    assert!(motors("<motor joint=\"j\" forcerange=\"-9 9\"/>", "").is_empty());
    assert!(motors("<motor joint=\"j\"/>", "actuatorfrcrange=\"-9 9\"").is_empty());
}

#[test]
fn links_in_one_place_are_found_at_home() {
    let arm = |key: &str| {
        let xml = format!(
            r#"<mujoco><worldbody><body name="base"><geom size="0.1"/><body name="upper" pos="0 0 0.5"><joint range="-3 3"/>
            <inertial mass="1" pos="0 0 0" diaginertia="0.01 0.01 0.01"/><geom type="capsule" size="0.05 0.1"/>
            <body name="tip" pos="0 0 0.5"><joint axis="0 1 0" range="-180 180"/>
            <inertial mass="1" pos="0 0 0" diaginertia="0.01 0.01 0.01"/><geom size="0.05" pos="0 0 0.95"/></body></body></body>
            </worldbody>{key}</mujoco>"#
        );
        let found = check("r.xml", &xml).findings;
        found.iter().filter(|f| f.rule == "self-collision").map(|f| f.text.en.clone()).collect::<Vec<_>>()
    };
    assert_eq!(arm(""), [] as [&str; 0]);
    // Turned by half a turn, the tip reaches down into the base: 1 - 0.95 apart, radii 0.1 + 0.05.
    let folded = arm("<keyframe><key name=\"home\" qpos=\"0 3.141592653589793\"/></keyframe>");
    let wanted =
        "at key `home`, bodies `base` and `tip` overlap by 100.0 mm and push each other; change a shape, or add an <exclude>";
    assert_eq!(folded, [wanted]);
    let excluded =
        "<contact><exclude body1=\"tip\" body2=\"base\"/></contact><keyframe><key qpos=\"0 3.141592653589793\"/></keyframe>";
    assert_eq!(arm(excluded), [] as [&str; 0]);
}

#[test]
fn a_stored_posture_outside_limits_is_found() {
    let xml = format!(
        "<mujoco><worldbody><body><joint name=\"j\" range=\"-60 60\"/>{SOUND}{BALL}</body></worldbody>\n<keyframe><key qpos=\"2\"/></keyframe></mujoco>"
    );
    let finding = &check("r.xml", &xml).findings[0];
    assert_eq!((finding.level, finding.rule, &*finding.place), (Level::Error, "home-outside", "r.xml:2"));
    assert_eq!(finding.text.en, "key `(unnamed)` puts joint `j` at 2.0000, outside its limits -1.0472 to 1.0472");
}

#[test]
fn meshes_in_millimeters_are_suspected() {
    let mesh = "v 0 0 0\nv 300 0 0\nv 0 300 0\nv 0 0 300\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";
    let xml =
        r#"<robot name="r"><link name="a"><collision><geometry><mesh filename="m.obj"/></geometry></collision></link></robot>"#;
    let files = BTreeMap::from([("r.urdf".to_string(), xml.into()), ("m.obj".to_string(), mesh.into())]);
    let found = check_file("r.urdf", &files, &Default::default()).findings;
    assert_eq!(found.iter().map(|f| f.rule).collect::<Vec<_>>(), ["units"]);
    assert!(found[0].text.en.ends_with("is the file in mm? set scale=\"0.001 0.001 0.001\""), "{}", found[0].text.en);
}

#[test]
fn a_file_that_cannot_be_read_is_one_finding_with_its_place() {
    let found = check("r.xml", "<mujoco>\n<worldbody><bode/></worldbody></mujoco>").findings;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].level, found[0].rule, &*found[0].place), (Level::Error, "unreadable", "r.xml:2"));
    assert_eq!(found[0].text.en, "<bode>: unknown element here; remove it, or write <body> if that is meant");
    let found = check("robot.toml", "[robot]\nid = 3\n").findings;
    assert_eq!((found[0].rule, found[0].place.starts_with("robot.toml")), ("unreadable", true), "{found:?}");
    let found = check_file("none.xml", &BTreeMap::new(), &Default::default()).findings;
    assert_eq!((found[0].rule, &*found[0].text.en), ("unreadable", "there is no file `none.xml`"));
    let found = check("r.xml", "<mujoco><worldbody/>\n<actuator><motor name=\"m\" joint=\"none\"/></actuator></mujoco>").findings;
    assert_eq!((found[0].rule, &*found[0].place), ("unbuildable", "r.xml:2"));
}

/// A manifest that disagrees with its model in every way it can.
#[test]
fn the_manifest_is_held_against_the_model() {
    let read = |file: &str| std::fs::read_to_string(format!("{CATALOG}/robots/ur5e/{file}")).unwrap();
    let manifest = read("robot.toml")
        .replace("tool_mount = \"tool_mount\"", "tool_mount = \"tool_mont\"")
        .replace("\"wrist_3_joint\"", "\"wrist_9_joint\"")
        .replace("\"wrist_2\", \"wrist_3\"]", "\"wrist_2\", \"wrist_4\"]")
        .replace("value = [150.0, 150.0", "value = [151.0, 300.0")
        .replace("low = [-6.283185307179586, -6.28", "low = [-6.283185307179586, -6.2")
        .replace("value = 20.7", "value = 10.0");
    let files = BTreeMap::from([
        ("p/robot.toml".to_string(), manifest.into_bytes()),
        ("p/robot.xml".to_string(), read("robot.xml").into()),
    ]);
    let found = check_file("p/robot.toml", &files, &Default::default()).findings;
    let rules: Vec<_> = found.iter().filter(|f| f.level != Level::Note).map(|f| f.rule).collect();
    assert_eq!(rules, ["interface", "interface", "interface", "limit-claim", "torque-claim", "mass-claim"], "{found:#?}");
    assert!(found[0].text.en.contains("`tool_mont`, which the model does not have; is `tool_mount` meant?"));
    assert!(found[5].text.en.ends_with("its maker says 10 kg (+117.0 %)"), "{}", found[5].text.en);
}
