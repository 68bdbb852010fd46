//! The robots and problems in `data`.

use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::{JointId, Model};
use leitai_package::disk::Folder;
use leitai_package::{srdf, urdf};
use leitai_skills::planning::{CollisionModel, Fit, Obstacle, Options, Watch};
use serde_json::Value;

/// A start, a goal and what stands around.
pub struct Problem {
    pub name: String,
    pub start: Vec<f64>,
    pub goal: Vec<f64>,
    pub obstacles: Vec<Obstacle>,
}

fn folder() -> Folder {
    Folder::inside(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/planning/data"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn file(robot: &str) -> Value {
    let path = format!("{}/tests/planning/data/mbm_{robot}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// Problems for a robot; cans are cylinders.
pub fn problems(robot: &str) -> Vec<Problem> {
    let problem = |p: &Value| {
        let list = |kind: &str| p["world"][kind].as_array().cloned().unwrap_or_default();
        let obstacle = |o: &Value, shape: Shape| {
            let q = numbers(&o["quat_xyzw"]);
            let rotation = Quat::new(q[3], q[0], q[1], q[2]).normalized();
            let pose = Pose::new(Vec3::from_slice(&numbers(&o["pos"])), rotation);
            Obstacle { name: o["id"].as_str().expect("a name").into(), shape, pose }
        };
        let boxes = list("box");
        let boxes = boxes.iter().map(|o| obstacle(o, Shape::Box { half: Vec3::from_slice(&numbers(&o["size"])) * 0.5 }));
        let cans = list("cylinder");
        let cans = cans.iter().map(|o| {
            let (radius, length) = (o["radius"].as_f64().expect("a radius"), o["length"].as_f64().expect("a length"));
            obstacle(o, Shape::Cylinder { radius, half_length: 0.5 * length })
        });
        Problem {
            name: format!("{} {}", p["scene"], p["index"]),
            start: numbers(&p["start"]),
            goal: numbers(&p["goal"]),
            obstacles: boxes.chain(cans).collect(),
        }
    };
    file(robot)["problems"].as_array().expect("a list").iter().map(problem).collect()
}

/// The model, and its planned joints.
pub fn model(robot: &str) -> (Model, Vec<JointId>) {
    let options = urdf::Options { visual: false, ..urdf::Options::default() };
    let loaded = urdf::read(&format!("{robot}_spherized.urdf"), &folder(), &options).expect("a robot");
    let model = loaded.spec.build().expect("a model");
    let names = file(robot)["joints"].clone();
    let joint = |name: &Value| model.joint_named(name.as_str().expect("a name")).expect("a joint");
    let joints = names.as_array().expect("a list").iter().map(joint).collect();
    (model, joints)
}

/// The robot with the pairs of its SRDF.
pub fn robot(name: &str) -> CollisionModel {
    let (model, joints) = model(name);
    let srdf = srdf::read(&format!("{name}.srdf"), &folder()).expect("SRDF");
    let watch = Watch::AllBut(&srdf.disabled);
    let options = Options { joints: &joints, rest: None, watch, balls: None, fit: Fit::default() };
    CollisionModel::new(&model, &options).expect("a robot")
}
