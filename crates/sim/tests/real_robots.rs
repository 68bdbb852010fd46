//! MuJoCo 4.0.0's own answers on seven robots as they are published: MJCF of panda, ur5e and iiwa (robosuite 1.5.2), URDF of
//! ur10, panda, go2 and g1 (example-robot-data 6.0.0). Needs `oracle/mujoco/write.sh real`; run with
//! `cargo test -p leitai-sim --test real_robots -- --ignored --nocapture`.

mod common;

use common::{answers, compare, folder};
use leitai_package::urdf::{Base, Options};
use leitai_package::{disk::Folder, load};
use std::path::PathBuf;

const DATA: &str = "cmeel.prefix/share/example-robot-data/robots";
const SUITE: &str = "robosuite/models/assets/robots";

/// Where pip put the packages: `lib/python3.N/site-packages`.
fn site_packages() -> PathBuf {
    let lib = folder().join("../.cache/venv/lib");
    let python = std::fs::read_dir(&lib).unwrap_or_else(|e| panic!("{}: {e}; run oracle/install.sh", lib.display()));
    python.flatten().next().expect("one Python").path().join("site-packages")
}

/// What one robot may differ by, beside rounding.
struct Robot {
    name: &'static str,
    file: String,
    base: Base,
}

fn robots() -> Vec<Robot> {
    let robot = |name, file: String, base| Robot { name, file, base };
    vec![
        robot("panda_mjcf", format!("{SUITE}/panda/robot.xml"), Base::Fixed),
        robot("ur5e_mjcf", format!("{SUITE}/ur5e/robot.xml"), Base::Fixed),
        robot("iiwa_mjcf", format!("{SUITE}/iiwa/robot.xml"), Base::Fixed),
        robot("ur10_urdf", format!("{DATA}/ur_description/urdf/ur10_robot.urdf"), Base::Fixed),
        robot("panda_urdf", format!("{DATA}/panda_description/urdf/panda.urdf"), Base::Fixed),
        robot("go2_urdf", format!("{DATA}/go2_description/urdf/go2.urdf"), Base::Floating),
        robot("g1_urdf", format!("{DATA}/g1_description/urdf/g1_29dof_rev_1_0.urdf"), Base::Floating),
    ]
}

/// Prints the table of `docs/oracle.md`.
#[test]
#[ignore = "needs the packages and answers that oracle/mujoco/write.sh makes"]
fn published_robots_move_as_in_mujoco() {
    println!(
        "| robot | poses | mass matrix | bias | passive | actuators | free a | readings | same contacts | distance | a, given | a, own | rollout |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut wrong = Vec::new();
    for robot in robots() {
        let options = Options { base: robot.base, visual: false, ..Options::default() };
        let loaded =
            load(&robot.file, &Folder::anywhere(site_packages()), &options).unwrap_or_else(|e| panic!("{}: {e}", robot.name));
        let model = loaded.spec.build().unwrap_or_else(|e| panic!("{}: {e}", robot.name));
        let answers = answers(&folder().join(format!("../.cache/mujoco/{}.json", robot.name)));
        assert_eq!(answers.engine, "mujoco 4.0.0");
        let gaps = compare(model, &answers);
        println!("| `{}` {}", robot.name, gaps.row());
        for (what, gap, bar) in [
            ("poses", gaps.pose, 1e-12),
            ("inverse weights", gaps.weight, 1e-9),
            ("mass matrix", gaps.mass, 1e-11),
            ("bias forces", gaps.bias, 1e-11),
            ("passive forces", gaps.passive, 1e-11),
            ("actuator forces", gaps.actuation, 1e-11),
            ("unconstrained accelerations", gaps.smooth, 1e-9),
            ("readings", gaps.sensor, 1e-9),
            ("accelerations from MuJoCo's contacts", gaps.given, 1e-8),
        ] {
            if gap.is_nan() || gap > bar {
                wrong.push(format!("{}: {what} differ by {gap:.1e}, more than {bar:e}", robot.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
