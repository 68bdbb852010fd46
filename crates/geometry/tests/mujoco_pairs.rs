//! Contacts of random pairs against MuJoCo 4.0.0's, written by `oracle/mujoco/contact_pairs.py`.
//!
//! Run with `--nocapture` to see the table.

mod common;

use common::reach;
use leitai_geometry::{ContactPoint, Manifold, Mesh, Placement, Shape, collide};
use leitai_math::{Pose, Quat, Vec3};
use serde_json::Value;
use std::sync::Arc;

const ANSWERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../oracle/mujoco/answers/contact_pairs.json");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// The shape, and where its own frame stands in the frame its pose is given for.
fn shape(value: &Value) -> (Shape, Pose) {
    let size = || numbers(&value["size"]);
    let shape = match value["type"].as_str().expect("a type") {
        "plane" => Shape::Plane { half: [0.0, 0.0] },
        "sphere" => Shape::Sphere { radius: size()[0] },
        "capsule" => Shape::Capsule { radius: size()[0], half_length: size()[1] },
        "ellipsoid" => Shape::Ellipsoid { radii: Vec3::from_slice(&size()) },
        "cylinder" => Shape::Cylinder { radius: size()[0], half_length: size()[1] },
        "box" => Shape::Box { half: Vec3::from_slice(&size()) },
        "mesh" => {
            let corners = value["vertices"].as_array().expect("corners").iter().map(|v| Vec3::from_slice(&numbers(v))).collect();
            let mesh = Mesh::convex(corners).expect("a solid");
            let pose = mesh.file_from_mesh;
            return (Shape::Mesh(Arc::new(mesh)), pose);
        }
        other => panic!("no shape is called {other}"),
    };
    (shape, Pose::IDENTITY)
}

struct Case {
    shapes: [Shape; 2],
    at: [Placement; 2],
    margin: f64,
    wanted: Vec<ContactPoint>,
}

fn case(value: &Value) -> Case {
    let place = |i: usize, own: Pose| {
        let pose = &value["poses"][i];
        let world = Pose::new(Vec3::from_slice(&numbers(&pose[0])), Quat::from_slice(&numbers(&pose[1])).normalized()) * own;
        Placement { position: world.position, rotation: world.rotation.to_mat() }
    };
    let (first, own_first) = shape(&value["first"]);
    let (second, own_second) = shape(&value["second"]);
    let wanted = value["contacts"].as_array().expect("contacts").iter().map(|c| {
        let x = numbers(c);
        ContactPoint { distance: x[0], normal: Vec3::from_slice(&x[1..]), position: Vec3::from_slice(&x[4..]) }
    });
    Case {
        shapes: [first, second],
        at: [place(0, own_first), place(1, own_second)],
        margin: value["margin"].as_f64().expect("a margin"),
        wanted: wanted.collect(),
    }
}

fn deepest(points: &[ContactPoint]) -> Option<&ContactPoint> {
    points.iter().min_by(|a, b| a.distance.total_cmp(&b.distance))
}

/// How far each of `these` is from the nearest of `those` [m], at worst.
fn farthest(these: &[ContactPoint], those: &[ContactPoint]) -> f64 {
    let nearest = |p: &ContactPoint| those.iter().map(|q| (p.position - q.position).norm()).fold(f64::INFINITY, f64::min);
    these.iter().map(nearest).fold(0.0, f64::max)
}

/// The gap between two shapes as seen along `n`: every direction gives a lower bound of the true signed distance.
fn gap_along(case: &Case, n: Vec3) -> f64 {
    -reach(&case.shapes[0], &case.at[0], n) - reach(&case.shapes[1], &case.at[1], -n)
}

/// How one pair type agreed.
#[derive(Default)]
struct Agreement {
    cases: usize,
    same_contact: usize,
    same_distance: usize,
    same_normal: usize,
    same_count: usize,
    same_points: usize,
    /// Distances that differ, yet MuJoCo's normal shows no wider gap than ours, and ours is the gap we report.
    ours_holds: usize,
    worst_distance: f64,
    worst_normal: f64,
}

fn compare(pair: &Value) -> Agreement {
    let name = pair["pair"].as_str().expect("a name");
    let trace = std::env::var("LEITAI_TRACE_PAIR").is_ok_and(|wanted| wanted == name);
    let mut sum = Agreement::default();
    for (index, value) in pair["cases"].as_array().expect("cases").iter().enumerate() {
        let case = case(value);
        let mut found = Manifold::default();
        collide(&case.shapes[0], &case.at[0], &case.shapes[1], &case.at[1], case.margin, &mut found);
        let (found, wanted) = (found.points(), &case.wanted[..]);
        sum.cases += 1;
        let mut fine = found.is_empty() == wanted.is_empty();
        sum.same_contact += usize::from(fine);
        if let (Some(ours), Some(theirs)) = (deepest(found), deepest(wanted)) {
            let distance = (ours.distance - theirs.distance).abs();
            let normal = (ours.normal - theirs.normal).norm();
            sum.same_distance += usize::from(distance < 1e-6);
            sum.same_normal += usize::from(normal < 1e-6);
            sum.same_count += usize::from(found.len() == wanted.len());
            let apart = farthest(found, wanted).max(farthest(wanted, found));
            sum.same_points += usize::from(apart < 1e-6);
            if distance >= 1e-6 {
                let reported = (gap_along(&case, ours.normal) - ours.distance).abs();
                let holds = reported < 1e-9 && gap_along(&case, theirs.normal) < ours.distance + 1e-9;
                sum.ours_holds += usize::from(holds);
                if !holds && trace {
                    println!(
                        "{name} case {index}: ours {} along ours {} along theirs {}",
                        ours.distance,
                        gap_along(&case, ours.normal),
                        gap_along(&case, theirs.normal)
                    );
                }
            }
            sum.worst_distance = sum.worst_distance.max(distance);
            sum.worst_normal = sum.worst_normal.max(normal);
            fine &= distance < 1e-6 && normal < 1e-6 && apart < 1e-6;
        } else if fine {
            sum.same_distance += 1;
            sum.same_normal += 1;
            sum.same_count += 1;
            sum.same_points += 1;
        }
        if trace && !fine {
            println!("case {index}: {} | {} poses {} margin {}", value["first"], value["second"], value["poses"], case.margin);
            for (who, points) in [("ours  ", found), ("mujoco", wanted)] {
                for p in points {
                    let [n, x] = [p.normal, p.position].map(|v| format!("({:9.6} {:9.6} {:9.6})", v.x, v.y, v.z));
                    println!("   {who} {:.9} normal {n} at {x}", p.distance);
                }
            }
        }
    }
    sum
}

/// Pairs with a closed form: these must agree to rounding (MuJoCo keeps mesh corners in single precision).
fn closed_form(name: &str) -> bool {
    name.starts_with("plane-")
        || ["sphere-sphere", "sphere-capsule", "sphere-cylinder", "sphere-box", "capsule-capsule", "capsule-box", "box-box"]
            .contains(&name)
}

/// Pairs of which faces may lie on each other.
fn has_faces(name: &str) -> bool {
    let faces = ["cylinder", "box", "mesh"];
    let flat = |word: &str| faces.contains(&word);
    name.split_once('-').is_some_and(|(first, second)| flat(first) && flat(second)) && name != "box-box"
}

/// Where a closed form exists, same contacts, distances and normals. Elsewhere the same pairs touch, and distances agree within
/// MuJoCo's own tolerance (`ccd_tolerance`, 1e-6 m) or ours is shown to be the true one; but of faces that lie on each other
/// within 5° several may be meant.
#[test]
fn contacts_agree_with_mujoco() {
    let answers: Value = serde_json::from_str(&std::fs::read_to_string(ANSWERS).expect("the answers file")).expect("JSON");
    assert_eq!(answers["version"], "4.0.0");
    println!("pair                 cases touch distance  (ours) normal count points   worst distance   normal");
    for pair in answers["pairs"].as_array().expect("pairs") {
        let a = compare(pair);
        let name = pair["pair"].as_str().expect("a name");
        println!(
            "{name:<20} {:5} {:5} {:8} {:7} {:6} {:5} {:6}   {:12.1e} {:10.1e}",
            a.cases,
            a.same_contact,
            a.same_distance,
            a.ours_holds,
            a.same_normal,
            a.same_count,
            a.same_points,
            a.worst_distance,
            a.worst_normal
        );
        assert_eq!(a.same_contact, a.cases, "{name}: pairs that touch");
        // Of faces that may lie on each other MuJoCo takes the first in the order of its tables; ours look most along the normal.
        let taken = if has_faces(name) { 95 * a.cases / 100 } else { a.cases };
        assert!(a.same_distance + a.ours_holds >= taken, "{name}: distances");
        if name == "capsule-box" {
            assert_eq!(a.same_points, a.cases, "{name}: points");
        }
        if closed_form(name) {
            let single = if name.ends_with("mesh") { 1e-7 } else { 1e-9 };
            assert!(a.worst_distance < single && a.worst_normal < 1e-6, "{name}: {:e} {:e}", a.worst_distance, a.worst_normal);
        }
    }
}
