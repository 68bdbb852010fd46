//! MuJoCo 4.0.0's own answers on the public models that `oracle/mujoco/models.toml` lists, as their packages publish them. Needs
//! `oracle/mujoco/write.sh real`; run with `cargo test -p leitai-sim --test real_robots -- --ignored --nocapture`.

mod common;

use common::{BAR, Gaps, MESH_BAR, answers, cell, compare, folder, other_sizes};
use leitai_model::Model;
use leitai_package::urdf::{Base, Options};
use leitai_package::{disk::Folder, load};
use serde::Deserialize;
use std::path::PathBuf;

/// Where pip put the packages: `lib/python3.N/site-packages`.
fn site_packages() -> PathBuf {
    let lib = folder().join("../.cache/venv/lib");
    let python = std::fs::read_dir(&lib).unwrap_or_else(|e| panic!("{}: {e}; run oracle/install.sh", lib.display()));
    python.flatten().next().expect("one Python").path().join("site-packages")
}

/// What `models.toml` lists.
#[derive(Deserialize)]
struct List {
    real: Vec<Robot>,
}

/// One public model.
#[derive(Deserialize)]
struct Robot {
    name: String,
    /// Its path in the packages.
    file: String,
    /// A URDF's root link is free.
    #[serde(default)]
    floating: bool,
    /// Impossible inertias are made possible.
    #[serde(default)]
    balance: bool,
}

impl Robot {
    /// The model, and what of the file has no effect on it.
    fn load(&self) -> Result<(Model, Vec<String>), String> {
        let base = if self.floating { Base::Floating } else { Base::Fixed };
        let options = Options { base, visual: false, ..Options::default() };
        let (packages, data) = (site_packages(), format!("cmeel.prefix/share/{}", self.file));
        let file = if packages.join(&data).exists() { &data } else { &self.file };
        let mut loaded = load(file, &Folder::anywhere(&packages), &options).map_err(|e| e.to_string())?;
        loaded.spec.inertia.balance |= self.balance;
        let reports = loaded.reports.iter().map(|r| format!("{}: {}", r.line, r.what)).collect();
        Ok((loaded.spec.build().map_err(|e| e.to_string())?, reports))
    }
}

/// The bars of a row: what, measured, allowed.
fn bars(g: &Gaps) -> [(&'static str, f64, f64); 10] {
    [
        ("poses", g.pose, 1e-12),
        ("mass matrix", g.mass, 1e-11),
        ("bias", g.bias, 1e-11),
        ("free a", g.smooth, 1e-9),
        ("readings", g.sensor, 1e-9),
        ("contacts found", 1.0 - share(g.found, g.contacts), 0.01),
        ("distance", g.distance, BAR),
        ("mesh distance", g.mesh_distance, MESH_BAR),
        ("a, own", g.own, 1e-6),
        ("a, given", g.given, 1e-6),
    ]
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 1.0 } else { part as f64 / of as f64 }
}

/// What misses its bar.
fn misses(g: &Gaps) -> Vec<&'static str> {
    bars(g).iter().filter(|(_, gap, bar)| gap.is_nan() || gap > bar).map(|(what, ..)| *what).collect()
}

fn row(g: &Gaps) -> String {
    let first = [g.pose, g.mass, g.bias, g.smooth, g.sensor].map(cell).concat();
    let contacts = format!("| {} of {} | {} ", g.found, g.contacts, g.extra_pairs);
    let near = format!("| {} of {} ", g.near_distances, g.distances);
    let distances = [g.distance, g.mesh_distance].map(cell).concat();
    let same = format!("| {} of {} ", g.same_contacts, g.states);
    let missed = misses(g);
    let end = if missed.is_empty() { "all".into() } else { format!("all but {}", missed.join(", ")) };
    format!("{first}{contacts}{distances}{near}{same}{}{}| {end} |", cell(g.own), cell(g.given))
}

/// Prints the table of `docs/oracle.md`. `ONLY=name,name` measures some models, and tells what of their files has no effect.
#[test]
#[ignore = "needs the packages and answers that oracle/mujoco/write.sh makes"]
fn published_robots_move_as_in_mujoco() {
    let list: List = toml::from_str(&std::fs::read_to_string(folder().join("models.toml")).unwrap()).unwrap();
    let only = std::env::var("ONLY").ok();
    println!(
        "| model | poses | mass matrix | bias | free a | readings | contacts found | extra pairs | distance | with meshes | within bar | same sets | a, own | a, given | bars held |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let (mut wrong, mut absent) = (Vec::new(), Vec::new());
    for robot in &list.real {
        if only.as_ref().is_some_and(|only| !only.split(',').any(|name| name == robot.name)) {
            continue;
        }
        let measured = robot.load().and_then(|(model, reports)| {
            let answers = answers(&folder().join(format!("../.cache/mujoco/{}.json", robot.name)))?;
            match other_sizes(&model, &answers) {
                Some(why) => Err(format!("{why}; {}", reports.join("; "))),
                None => Ok((compare(model, &answers), reports)),
            }
        });
        match measured {
            Err(why) => absent.push(format!("`{}`: {why}", robot.name)),
            Ok((gaps, reports)) => {
                println!("| `{}` {}", robot.name, row(&gaps));
                if only.is_some() {
                    println!("{gaps:#?}\n{}", reports.join("\n"));
                }
                // Where meshes touch, and where a file asks for what is not read, the table tells; all else is held.
                for (what, gap, bar) in bars(&gaps) {
                    let contact = ["contacts found", "distance", "mesh distance", "a, own"].contains(&what);
                    if !contact && reports.is_empty() && (gap.is_nan() || gap > bar) {
                        wrong.push(format!("{}: {what} differ by {gap:.1e}, more than {bar:e}", robot.name));
                    }
                }
            }
        }
    }
    absent.iter().for_each(|why| println!("not measured: {why}"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
