//! MuJoCo 4.0.0's own answers on small models, written by `oracle/mujoco/write.sh own`; both sides compute in f64.

mod common;

use common::{Gaps, answers, cell, compare, folder, model};

/// What may differ, per model: everything else must agree to rounding.
#[derive(Clone, Copy)]
struct Bars {
    /// States in which other points stand for the same contact.
    other_contacts: usize,
    /// Distances of contacts [m].
    distance: f64,
    /// Accelerations from our own contacts.
    own: f64,
    /// Coordinates after 0.1 s.
    rollout: f64,
}

/// Both sides stop iterating at a scaled 1e-8, which 0.1 s of motion may amplify to this.
const ROLLOUT: f64 = 1e-6;
/// MuJoCo finds the normals of curved shapes by an iteration that stops at the square root of its tolerance (1e-14 m in the
/// states, 1e-6 m in rollouts); what is wrong with a normal is wrong with its friction.
const CURVED: Bars = Bars { other_contacts: 0, distance: 1e-8, own: 1e-4, rollout: 1e-4 };

fn bars(name: &str) -> Bars {
    match name {
        // A rod across a wedge rests on three points of ours, the deepest among them, and on two of MuJoCo's.
        "mesh" => Bars { other_contacts: 1, ..CURVED },
        // A can stands on four of sixteen points of its rim; among fours of one size the last bit of their area decides.
        "pairs_cylinder" => Bars { own: 2e-3, rollout: 1e-3, ..CURVED },
        // MuJoCo's sweep leaves a box's corner at the tip of its cone and ends 6 mm from where its own Newton's method ends. Ours
        // ends there too (tests/solvers.rs).
        "solver_pgs_elliptic" => Bars { other_contacts: 0, distance: 1e-8, own: 1e-6, rollout: 1e-2 },
        "pairs_capsule" | "pairs_ellipsoid" => CURVED,
        _ => Bars { other_contacts: 0, distance: 1e-8, own: 1e-6, rollout: ROLLOUT },
    }
}

/// The differences, and what is too large among them.
fn judge(name: &str, g: &Gaps, bars: Bars) -> Vec<String> {
    let same = g.same_contacts + bars.other_contacts >= g.states;
    let mut wrong = Vec::new();
    if !same {
        wrong.push(format!("{name}: only in {} of {} states the same contacts", g.same_contacts, g.states));
    }
    for (what, gap, bar) in [
        ("poses", g.pose, 1e-12),
        ("inverse weights", g.weight, 1e-9),
        ("mass matrix", g.mass, 1e-11),
        ("bias forces", g.bias, 1e-11),
        ("passive forces", g.passive, 1e-11),
        ("actuator forces", g.actuation, 1e-11),
        ("unconstrained accelerations", g.smooth, 1e-9),
        ("readings", g.sensor, 1e-9),
        ("distances", g.distance.max(g.mesh_distance), bars.distance),
        ("accelerations from MuJoCo's contacts", g.given, 1e-8),
        ("accelerations from our contacts", g.own, bars.own),
        ("coordinates of the rollout", g.rollout, bars.rollout),
    ] {
        if gap.is_nan() || gap > bar {
            wrong.push(format!("{name}: {what} differ by {gap:.1e}, more than {bar:e}"));
        }
    }
    wrong
}

/// The cells of a table's row, from poses to rollout.
fn row(g: &Gaps) -> String {
    let first = [g.pose, g.mass, g.bias, g.passive, g.actuation, g.smooth, g.sensor].map(cell);
    let last = [g.distance.max(g.mesh_distance), g.given, g.own, g.rollout].map(cell);
    format!("{}| {} of {} {}|", first.concat(), g.same_contacts, g.states, last.concat())
}

/// Prints the table of differences: `cargo test -p leitai-sim --test mujoco -- --nocapture`.
#[test]
fn small_models_agree_with_mujoco() {
    println!(
        "| model | poses | mass matrix | bias | passive | actuators | free a | readings | same contacts | distance | a, given | a, own | rollout |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut names: Vec<_> = std::fs::read_dir(folder().join("models"))
        .unwrap()
        .filter_map(|e| e.unwrap().path().file_stem().map(|s| s.to_string_lossy().into_owned()))
        .filter(|n| folder().join(format!("answers/{n}.json")).exists())
        .collect();
    names.sort();
    assert!(names.len() >= 40, "only {} models have answers", names.len());
    let mut wrong = Vec::new();
    for name in names {
        let (model, _) = model(&folder().join(format!("models/{name}.xml")));
        let answers = answers(&folder().join(format!("answers/{name}.json"))).unwrap();
        let g = compare(model, &answers);
        println!("| `{name}` {}", row(&g));
        wrong.extend(judge(&name, &g, bars(&name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
