//! Seven robots as they are published: URDF of ur10, panda, go2 and g1 (example-robot-data 6.0.0), MJCF of panda, ur5e and iiwa
//! (robosuite 1.5.2). Needs `oracle/mujoco/write.sh real`; run with `cargo test -p leitai-package --test real_robots -- --ignored`.

mod mujoco;

use leitai_package::lint::Level;
use leitai_package::urdf::{Base, Options};
use leitai_package::{disk::Folder, load};
use std::path::{Path, PathBuf};

fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/.cache")
}

/// Where pip put the packages: `lib/python3.N/site-packages`.
fn site_packages() -> PathBuf {
    let lib = cache().join("venv/lib");
    let python = std::fs::read_dir(&lib).unwrap_or_else(|e| panic!("{}: {e}; run oracle/install.sh", lib.display()));
    python.flatten().next().expect("one Python").path().join("site-packages")
}

/// Differences allowed: poses in m and rad, mass matrix and bias in parts of their largest entry. Both sides compute in f64.
fn check(name: &str, file: &str, base: Base) {
    let wanted = mujoco::answers(&cache().join(format!("mujoco/{name}.json")));
    // The answers were asked for without the shapes that are only drawn.
    let options = Options { base, visual: false, ..Options::default() };
    let loaded = load(file, &Folder::anywhere(site_packages()), &options).unwrap_or_else(|e| panic!("{name}: {e}"));
    let model = loaded.spec.build().unwrap_or_else(|e| panic!("{name}: {e}"));
    let gaps = mujoco::compare(&model, &wanted);
    println!("| {name} | {} | {:.1e} | {:.1e} | {:.1e} |", wanted.states.len(), gaps.pose, gaps.mass, gaps.bias);
    assert!(gaps.pose < 1e-12 && gaps.mass < 1e-11 && gaps.bias < 1e-11, "{name}: {gaps:?}");
}

const DATA: &str = "cmeel.prefix/share/example-robot-data/robots";
const SUITE: &str = "robosuite/models/assets/robots";

#[test]
#[ignore = "needs the packages that oracle/mujoco/write.sh installs"]
fn published_robots_stand_weigh_and_pull_as_in_mujoco() {
    println!("| robot | states | pose | mass matrix | bias |");
    check("panda_mjcf", &format!("{SUITE}/panda/robot.xml"), Base::Fixed);
    check("ur5e_mjcf", &format!("{SUITE}/ur5e/robot.xml"), Base::Fixed);
    check("iiwa_mjcf", &format!("{SUITE}/iiwa/robot.xml"), Base::Fixed);
    check("ur10_urdf", &format!("{DATA}/ur_description/urdf/ur10_robot.urdf"), Base::Fixed);
    check("panda_urdf", &format!("{DATA}/panda_description/urdf/panda.urdf"), Base::Fixed);
    check("go2_urdf", &format!("{DATA}/go2_description/urdf/go2.urdf"), Base::Floating);
    check("g1_urdf", &format!("{DATA}/g1_description/urdf/g1_29dof_rev_1_0.urdf"), Base::Floating);
}

/// With everything that is drawn too, one shape for each `visual` of the file (most are COLLADA), and with the root as the file
/// leaves it.
#[test]
#[ignore = "needs the packages that oracle/mujoco/write.sh installs"]
fn drawn_shapes_of_published_robots_load_too() {
    for (file, drawn) in [
        ("ur_description/urdf/ur10_robot.urdf", 7),
        ("panda_description/urdf/panda.urdf", 11),
        ("go2_description/urdf/go2.urdf", 17),
        ("g1_description/urdf/g1_29dof_rev_1_0.urdf", 35),
    ] {
        let loaded = load(&format!("{DATA}/{file}"), &Folder::anywhere(site_packages()), &Options::default()).unwrap();
        let (model, findings) = leitai_package::lint::check(&loaded.spec, None);
        let model = model.unwrap();
        assert!(findings.iter().all(|f| f.level != Level::Error), "{file}: {findings:#?}");
        assert_eq!(model.geoms.iter().filter(|g| g.group == 1).count(), drawn, "{file}");
        assert!(loaded.reports.iter().all(|r| r.line > 0 && *r.file == format!("{DATA}/{file}")), "{file}");
    }
}
