//! MuJoCo 4.0.0's own answers on small models, written by `oracle/mujoco/write.sh`; both sides compute in f64.

mod common;

use common::{Gaps, answers, compare, scene};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco")
}

fn gaps_of(name: &str) -> Gaps {
    let scene = scene(&folder().join(format!("models/{name}.xml")));
    compare(&scene, &answers(&folder().join(format!("answers/{name}.json"))))
}

/// Prints the table of differences: `cargo test -p leitai-sim --test mujoco -- --nocapture table`.
#[test]
fn table() {
    println!("| model | pose | mass | bias | passive | actuation | smooth a | sensor | contact sets | distance | a | rollout |");
    let mut names: Vec<_> = std::fs::read_dir(folder().join("models"))
        .unwrap()
        .filter_map(|e| e.unwrap().path().file_stem().map(|s| s.to_string_lossy().into_owned()))
        .filter(|n| folder().join(format!("answers/{n}.json")).exists())
        .collect();
    names.sort();
    for name in names {
        let g = match std::panic::catch_unwind(|| gaps_of(&name)) {
            Ok(g) => g,
            Err(_) => {
                println!("| {name} | failed |");
                continue;
            }
        };
        println!(
            "| {name} | {:.0e} | {:.0e} | {:.0e} | {:.0e} | {:.0e} | {:.0e} | {:.0e} | {}/{} | {:.0e} | {:.0e} | {:.0e} |",
            g.pose,
            g.mass,
            g.bias,
            g.passive,
            g.actuation,
            g.smooth,
            g.sensor,
            g.contact_sets_equal,
            g.contact_sets,
            g.distance,
            g.a,
            g.rollout
        );
    }
}
