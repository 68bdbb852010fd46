//! MotionBenchMaker problems in the JSON schema of `bench/motion/plan.py`, and the robots they are for.

use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::Model;
use leitai_model::model::JointId;
use leitai_package::disk::Folder;
use leitai_package::{srdf, urdf};
use leitai_skills::planning::{CollisionModel, Obstacle, Options, Watch};
use serde_json::Value;
use std::path::Path;

/// One problem.
pub struct Problem {
    pub scene: String,
    pub index: u64,
    pub start: Vec<f64>,
    pub goal: Vec<f64>,
    pub obstacles: Vec<Obstacle>,
}

/// A file of problems for one robot.
pub struct Problems {
    pub joints: Vec<String>,
    pub problems: Vec<Problem>,
}

fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    core::array::from_fn(|k| value[k].as_f64().expect("a number"))
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn obstacle(value: &Value, shape: Shape) -> Obstacle {
    let rotation = match &value["quat_xyzw"] {
        Value::Null => Quat::IDENTITY,
        quat => {
            let [x, y, z, w] = numbers(quat);
            Quat::new(w, x, y, z).normalized()
        }
    };
    let position = Vec3::from_slice(&numbers::<3>(&value["pos"]));
    Obstacle { name: value["id"].as_str().unwrap_or("obstacle").into(), shape, pose: Pose::new(position, rotation) }
}

/// Reads a file; cans become what VAMP makes of them: capsules, and boxes in scene `box`.
pub fn read(path: &Path) -> Problems {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let problems = list(&file["problems"]);
    let problems = problems.iter().map(|p| {
        let scene = p["scene"].as_str().expect("a scene").to_string();
        let world = &p["world"];
        let mut obstacles = Vec::new();
        for o in list(&world["sphere"]) {
            obstacles.push(obstacle(&o, Shape::Sphere { radius: o["radius"].as_f64().expect("a radius") }));
        }
        for o in list(&world["box"]) {
            obstacles.push(obstacle(&o, Shape::Box { half: Vec3::from_slice(&numbers::<3>(&o["size"])) * 0.5 }));
        }
        for o in list(&world["cylinder"]) {
            let radius = o["radius"].as_f64().expect("a radius");
            let half_length = 0.5 * o["length"].as_f64().expect("a length");
            let shape = match &scene[..] {
                "box" => Shape::Box { half: Vec3::new(radius, radius, half_length) },
                _ => Shape::Capsule { radius, half_length },
            };
            obstacles.push(obstacle(&o, shape));
        }
        let index = p["index"].as_u64().expect("an index");
        Problem { scene, index, start: vector(&p["start"]), goal: vector(&p["goal"]), obstacles }
    });
    let joints = list(&file["joints"]).iter().map(|j| j.as_str().expect("a name").to_string()).collect();
    Problems { joints, problems: problems.collect() }
}

fn load(models: &Path, file: &str) -> Model {
    let options = urdf::Options { visual: false, ..urdf::Options::default() };
    let loaded = urdf::read(file, &Folder::inside(models), &options).unwrap_or_else(|e| panic!("{e}"));
    loaded.spec.build().unwrap_or_else(|e| panic!("{e}"))
}

/// The robot as balls; with the shapes of `<robot>_exact.urdf` behind them, if the folder has that file.
pub fn robot(models: &Path, name: &str, joints: &[String]) -> CollisionModel {
    let balls = load(models, &format!("{name}_spherized.urdf"));
    let file = format!("{name}_exact.urdf");
    let exact = models.join(&file).exists().then(|| load(models, &file));
    let model = exact.as_ref().unwrap_or(&balls);
    let srdf = srdf::read(&format!("{name}.srdf"), &Folder::inside(models)).unwrap_or_else(|e| panic!("{e}"));
    let known = |pair: &&[String; 2]| pair.iter().all(|link| model.body_named(link).is_some());
    // The UR5's list forgets the plate of its force sensor, which stands in the ball of the wrist.
    let forgotten = ["wrist_2_link", "fts_robotside"].map(String::from);
    let disabled: Vec<[String; 2]> = srdf.disabled.iter().chain([&forgotten]).filter(known).cloned().collect();
    let ids: Vec<JointId> = joints.iter().map(|j| model.joint_named(j).unwrap_or_else(|| panic!("no joint `{j}`"))).collect();
    let options = Options { balls: Some(&balls), watch: Watch::AllBut(&disabled), ..Options::new(&ids) };
    CollisionModel::new(model, &options).unwrap_or_else(|e| panic!("{e}"))
}
