//! The scenes: a model each, and who moves it.
//!
//! Together they use every integrator, both cones, both contact modes, every kind of shape, joint and tie, and sensors.
//! Arms are the catalog's, the gripper is the bench's; the rest are plain shapes of our own.

use crate::drive::{self, Drive};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use leitai_math::Seed;
use leitai_model::{Integrator, Model};
use leitai_sim::{Scene, Unstable, World};

/// A world and who moves it.
pub struct Play {
    /// The world.
    pub world: World,
    drive: Box<dyn Drive>,
}

impl Play {
    /// One step of both.
    ///
    /// # Errors
    /// If the motion breaks down.
    pub fn step(&mut self) -> Result<(), Unstable> {
        self.drive.act(&mut self.world);
        self.world.step()
    }
}

/// The scene of this name at its start.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn play(name: &str) -> Play {
    match name {
        "arm-six" => arm(include_str!("../../catalog/robots/ur5e/robot.xml"), Integrator::ImplicitFast, &drive::UR5E),
        "arm-seven" => arm(include_str!("../../catalog/robots/franka-fr3/robot.xml"), Integrator::RungeKutta4, &drive::FR3),
        "quadruped-trot" => of(model(include_str!("../scenes/trot.xml")), drive::Trot),
        "quadruped-crawl" => of(
            model(include_str!("../scenes/crawl.xml")),
            drive::Waves { about: &[0.0, -0.3, 1.5], sweep: 0.45, frequency_hz: 0.9 },
        ),
        "humanoid-squat" => of(model(include_str!("../scenes/squat.xml")), drive::Squat),
        "humanoid-tumble" => of(model(include_str!("../scenes/tumble.xml")), drive::Twitch::new()),
        "gripper" => of(model(include_str!("../../bench/scenes/gripper_hold.xml")), drive::Grip::default()),
        "bimanual" => {
            of(model(include_str!("../scenes/bimanual.xml")), drive::Waves { about: &[0.0], sweep: 0.25, frequency_hz: 0.4 })
        }
        "hand" => of(model(include_str!("../scenes/hand.xml")), drive::Waves { about: &[0.45], sweep: 0.45, frequency_hz: 0.7 }),
        "pile" => of(model(&pile()), drive::Tilt { at_s: f64::INFINITY }),
        "pallet" => {
            let mut cartons = model(&pallet());
            cartons.option.stick = true;
            of(cartons, drive::Tilt { at_s: 1.0 })
        }
        other => panic!("no scene `{other}`"),
    }
}

fn of(model: Model, drive: impl Drive + 'static) -> Play {
    let mut world = World::new(&Scene::new(Arc::new(model)));
    if let Some(key) = world.model().keyframes.first().cloned() {
        world.reset_to(&key);
    }
    Play { world, drive: Box::new(drive) }
}

fn arm(mjcf: &str, integrator: Integrator, figures: &drive::ArmFigures) -> Play {
    let mut model = model(mjcf);
    model.option.integrator = integrator;
    let follow = drive::Follow::new(&model, figures);
    let mut play = of(model, follow);
    play.world.change(|state| state.q.copy_from_slice(figures.home));
    play
}

fn model(mjcf: &str) -> Model {
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.as_bytes().to_vec())].into();
    let loaded = leitai_package::mjcf::read("scene.xml", &files).expect("a valid scene");
    assert!(loaded.reports.is_empty(), "left out: {:?}", loaded.reports);
    loaded.spec.build().expect("a valid model")
}

/// Thirty things of every shape fall into a bin of 0.64 m.
fn pile() -> String {
    let mut draw = Seed::from_number(1).stream("pile");
    let mut bodies = String::new();
    let shapes = ["box", "ellipsoid", "capsule", "box", "cylinder", "mesh", "box", "sphere", "mesh", "box"];
    for (i, shape) in shapes.into_iter().cycle().take(30).enumerate() {
        let mut size = || draw.uniform(0.03, 0.08);
        let geom = match shape {
            "mesh" => "type='mesh' mesh='stone'".to_string(),
            "sphere" => format!("type='sphere' size='{}'", size()),
            "capsule" | "cylinder" => format!("type='{shape}' size='{} {}'", size(), size()),
            _ => format!("type='{shape}' size='{} {} {}'", size(), size(), size()),
        };
        let (x, y, z) = (draw.uniform(-0.12, 0.12), draw.uniform(-0.12, 0.12), 0.15 + 0.12 * i as f64);
        let mut angle = || draw.uniform(-180.0, 180.0);
        let turn = [angle(), angle(), angle()];
        bodies +=
            &format!("<body pos='{x} {y} {z}' euler='{} {} {}'><freejoint/><geom {geom}/></body>", turn[0], turn[1], turn[2]);
    }
    let wall = |sx: f64, sy: f64, x: f64, y: f64| format!("<geom type='box' size='{sx} {sy} 0.3' pos='{x} {y} 0.3'/>");
    let walls =
        [wall(0.02, 0.34, 0.34, 0.0), wall(0.02, 0.34, -0.34, 0.0), wall(0.34, 0.02, 0.0, 0.34), wall(0.34, 0.02, 0.0, -0.34)];
    format!(
        "<mujoco><option timestep='0.002'/><default><geom friction='0.6 0.005 0.0001' density='500'/></default>\
         <asset><mesh name='stone' vertex='0.07 0 0 -0.05 0.03 0 -0.04 -0.05 0.01 0 0.01 0.07 0.01 0 -0.06 0.03 0.05 0.02'/></asset>\
         <worldbody><geom type='plane' size='0 0 1'/>{}{bodies}</worldbody></mujoco>",
        walls.concat()
    )
}

/// 48 cartons of 400 × 300 × 250 mm and 8 kg on four layers, every second one turned.
fn pallet() -> String {
    let mut bodies = String::new();
    for layer in 0..4 {
        let turned = layer % 2 == 1;
        let (columns, rows) = if turned { (4, 3) } else { (3, 4) };
        for (column, row) in (0..columns).flat_map(|c| (0..rows).map(move |r| (c, r))) {
            let (x, y) = (f64::from(column), f64::from(row));
            let (x, y) = if turned { ((x - 1.5) * 0.302, (y - 1.0) * 0.402) } else { ((x - 1.0) * 0.402, (y - 1.5) * 0.302) };
            let (z, turn) = (0.125 + f64::from(layer) * 0.2501, if turned { 90 } else { 0 });
            bodies += &format!(
                "<body pos='{x} {y} {z}' euler='0 0 {turn}'><freejoint/><geom type='box' size='0.2 0.15 0.125' mass='8'/></body>"
            );
        }
    }
    format!(
        "<mujoco><option timestep='0.002'/><default><geom friction='0.6 0.005 0.0001'/></default>\
         <worldbody><geom type='plane' size='0 0 1'/>{bodies}</worldbody></mujoco>"
    )
}
