//! Data sheets against models: the catalog's arms, and the same arms with faults that are known from published models.

use std::path::PathBuf;

use leitai_model::Model;
use leitai_package::disk::Folder;
use leitai_package::manifest::{Claim, RobotManifest};
use leitai_proving::datasheet::{Line, Sheet, Stands, test};

fn arm(id: &str) -> (RobotManifest, Model) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../catalog/robots").join(id);
    let text = std::fs::read_to_string(folder.join("robot.toml")).expect("the catalog's");
    let loaded = leitai_package::load("robot.xml", &Folder::inside(folder), &Default::default()).expect("reads");
    (RobotManifest::parse("robot.toml", &text).expect("sound"), loaded.spec.build().expect("builds"))
}

fn line<'a>(sheet: &'a Sheet, name: &str) -> &'a Line {
    sheet.lines.iter().find(|line| line.name == name).expect("stated")
}

fn stated<'a>(manifest: &'a mut RobotManifest, name: &str) -> &'a mut Claim {
    manifest.claim.iter_mut().find(|claim| claim.name == name).expect("stated")
}

/// Two ways to one figure: at the greatest payload exactly one joint is asked for all of its torque.
#[test]
fn the_greatest_payload_takes_a_joint_to_its_torque() {
    for id in ["ur20", "franka-fr3"] {
        let (mut manifest, model) = arm(id);
        let sheet = test(&manifest, &model).expect("tests");
        let most = line(&sheet, "payload_kg").computed.expect("computed")[0];
        stated(&mut manifest, "payload_kg").value = most;
        let holds = test(&manifest, &model).expect("tests").holds;
        let worst = holds.iter().map(|hold| hold.share).fold(0.0, f64::max);
        assert!((worst - 1.0).abs() < 2e-3, "{id}: {holds:?}");
    }
}

/// Geometry of the maker's table: from joint 2 to the first wrist joint a UR20 spans a2 and a3 in line and d4 across.
#[test]
fn the_shortest_reach_is_that_of_two_links() {
    let (manifest, model) = arm("ur20");
    let [shortest, longest] = line(&test(&manifest, &model).expect("tests"), "reach_m").computed.expect("computed");
    let span = (0.8620_f64 + 0.7287).hypot(0.2010);
    assert!((shortest - span).abs() < 1e-3, "{shortest} {span}");
    assert!(longest > shortest + 0.1, "{longest}");
}

/// Faults of published models: masses that add up to 9.9 kg where the sheet says 24, a payload and a reach of another size.
#[test]
fn known_faults_are_found() {
    let (mut manifest, model) = arm("ur20");
    assert_eq!(line(&test(&manifest, &model).expect("tests"), "mass_kg").stands, Stands::Agrees);
    stated(&mut manifest, "mass_kg").value *= 24.0 / 9.9;
    stated(&mut manifest, "reach_m").value = 0.85;
    stated(&mut manifest, "payload_kg").value = 35.0;
    let sheet = test(&manifest, &model).expect("tests");
    assert!(!sheet.agrees());
    for name in ["mass_kg", "reach_m", "payload_kg"] {
        assert_eq!(line(&sheet, name).stands, Stands::Differs, "{name}");
    }
    assert_eq!(line(&sheet, "repeatability_m").stands, Stands::NotModeled);
}

#[test]
fn an_interface_of_another_arm_is_refused() {
    let (manifest, _) = arm("ur20");
    let (mut other, model) = arm("ur5e");
    other.limits.torque_nm.value.pop();
    assert!(test(&other, &model).is_err());
    let mut manifest = manifest;
    manifest.interface.tool_mount = "nowhere".to_string();
    assert!(test(&manifest, &model).unwrap_err().to_string().contains("nowhere"));
}

/// The folder of a copy of a catalog's arm, with its files changed.
fn changed(id: &str, change: impl Fn(&str, String) -> String) -> (tempfile::TempDir, Folder) {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../catalog/robots").join(id);
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["robot.toml", "robot.xml"] {
        let text = std::fs::read_to_string(from.join(name)).expect("the catalog's");
        let new = change(name, text.clone());
        std::fs::write(folder.path().join(name), new).expect("writes");
    }
    let files = Folder::inside(folder.path());
    (folder, files)
}

fn said(files: &Folder, rule: &str) -> String {
    let checked = leitai_package::lint::check_file("robot.toml", files, &Default::default());
    let found: Vec<&str> = checked.findings.iter().filter(|f| f.rule == rule).map(|f| f.text.en.as_str()).collect();
    assert!(!found.is_empty(), "{rule}: {:?}", checked.findings);
    found.join("; ")
}

/// As in a published description of an arm of 24 kg whose links add up to 9.88 kg: every link scaled by 9.88/24. The sheet's line says it.
#[test]
fn a_model_of_less_than_half_its_mass_differs() {
    let scale = 9.88 / 24.0;
    let (_folder, files) = changed("ur5e", |name, text| {
        if name != "robot.xml" {
            return text;
        }
        let parts = text.split("<inertial mass=\"").enumerate().map(|(k, part)| {
            if k == 0 {
                return part.to_string();
            }
            let (mass, rest) = part.split_once('"').expect("a value");
            format!("<inertial mass=\"{}\"{rest}", mass.parse::<f64>().expect("a number") * scale)
        });
        parts.collect::<Vec<_>>().concat()
    });
    let checked = leitai_package::lint::check_file("robot.toml", &files, &Default::default());
    let sheet = test(checked.manifest.as_ref().expect("sound"), checked.model.as_ref().expect("builds")).expect("tests");
    let mass = line(&sheet, "mass_kg");
    assert_eq!(mass.stands, Stands::Differs);
    assert!((mass.computed.expect("computed")[0] / 21.7 - scale).abs() < 0.01, "{mass:?}");
    assert!(mass.how.en.starts_with("the sum of the model's masses"), "{}", mass.how.en);
    assert!(said(&files, "mass-claim").contains("kg"), "the lint says so too");
}

/// As in the published UR30 parameters, whose upper arm of 28.5 kg carries the tensor of a UR16e's of 0.476 kg m2.
#[test]
fn an_inertia_of_another_size_is_told() {
    let (_folder, files) = changed("ur30", |name, text| {
        if name != "robot.xml" {
            return text;
        }
        let upper = text.find("name=\"upper_arm_link\"").expect("a link");
        let at = upper + text[upper..].find("fullinertia=\"").expect("a tensor") + "fullinertia=\"".len();
        let end = at + text[at..].find('"').expect("its end");
        format!("{}0.05 0.476 0.476 0 0 0{}", &text[..at], &text[end..])
    });
    let said = said(&files, "inertia-size");
    assert!(said.contains("`upper_arm_link`") && said.ends_with("was the inertia taken from a robot of another size?"), "{said}");
}

/// As in published descriptions whose every joint has effort and velocity zero, or no limits at all.
#[test]
fn missing_limits_are_told() {
    let (_folder, files) = changed("ur5e", |name, text| match name {
        "robot.xml" => text.replace(" range=\"-6.283185307 6.283185307\"", ""),
        _ => text,
    });
    let missing = said(&files, "limit-missing");
    assert!(missing.contains("shoulder_pan_joint"), "{missing}");
    let zero = changed("ur5e", |name, text| match name {
        "robot.toml" => text.replace("[150.0, 150.0, 150.0, 28.0, 28.0, 28.0]", "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
        _ => text,
    });
    let refused = said(&zero.1, "unreadable");
    assert!(refused.contains("torque_nm") && refused.contains("must be above 0"), "{refused}");
}
