//! Small scenes for tests, from MJCF.
#![allow(dead_code)]

use leitai_math::{Seed, Vec3};
use leitai_model::{Model, SuctionId};
use leitai_sim::{Scene, World};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// The model of a scene. Everything in it must be understood.
pub fn model(mjcf: &str) -> Model {
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.as_bytes().to_vec())].into();
    let loaded = leitai_package::mjcf::read("scene.xml", &files).expect("a valid scene");
    assert!(loaded.reports.is_empty(), "left out: {:?}", loaded.reports);
    loaded.spec.build().expect("a valid model")
}

/// A world of the scene, at its first key frame if it has one.
pub fn world(mjcf: &str) -> World {
    started(Scene::new(Arc::new(model(mjcf))))
}

/// A world at the scene's first key frame, if it has one.
pub fn started(scene: Arc<Scene>) -> World {
    let mut world = World::new(&scene);
    if let Some(key) = scene.model.keyframes.first() {
        world.reset_to(key);
    }
    world
}

/// Steps for so many seconds.
pub fn run(world: &mut World, seconds: f64) {
    for _ in 0..(seconds / world.model().option.timestep_s).round() as u64 {
        world.step().expect("stable");
    }
}

/// Boxes, balls, cans and rods that fall onto each other: every kind of contact that has a closed form, both cones' surfaces,
/// and bodies that come to rest and sleep.
pub fn falling_stack(seed: u64) -> Scene {
    let mut draw = Seed::from_number(seed).stream("falling stack");
    let mut bodies = String::new();
    for (i, shape) in ["box", "sphere", "capsule", "cylinder", "box", "ellipsoid", "box", "cylinder"].into_iter().enumerate() {
        let size = [draw.uniform(0.04, 0.08), draw.uniform(0.04, 0.08), draw.uniform(0.04, 0.08)];
        let numbers = if shape == "sphere" { 1 } else { 2 + usize::from(shape == "box" || shape == "ellipsoid") };
        let size: Vec<String> = size[..numbers].iter().map(f64::to_string).collect();
        let (x, y) = (draw.uniform(-0.03, 0.03), draw.uniform(-0.03, 0.03));
        let turn = draw.uniform(-20.0, 20.0);
        write!(
            bodies,
            "<body pos='{x} {y} {}' euler='{turn} 0 0'><freejoint/><geom type='{shape}' size='{}'/></body>",
            0.15 + 0.17 * i as f64,
            size.join(" ")
        )
        .expect("a string takes everything");
    }
    let mut model = model(&format!(
        "<mujoco><option timestep='0.002' cone='elliptic' integrator='implicitfast'/>\
         <default><geom friction='0.6 0.01 0.001' condim='6' density='500'/></default>\
         <worldbody><geom type='plane' size='2 2 1'/>{bodies}</worldbody></mujoco>"
    ));
    model.option.sleep = true;
    Arc::into_inner(Scene::new(Arc::new(model))).expect("nobody else holds it")
}

/// An arm with servos, a filter, a tendon, limits, dry friction and sensors, that pushes a free box with its tip.
pub fn busy_arm(integrator: &str) -> String {
    format!(
        "<mujoco><compiler angle='radian' autolimits='true'/><option timestep='0.002' integrator='{integrator}'/>\
         <default><geom type='capsule' size='0.03' density='800'/><joint axis='0 1 0' damping='0.4' frictionloss='0.2'/></default>\
         <worldbody><geom type='plane' size='2 2 1'/>\
         <body pos='0 0 0.4'><joint name='a' range='-1.5 1.5'/><geom fromto='0 0 0 0.3 0 0'/>\
           <body pos='0.3 0 0'><joint name='b' range='-2 0.5' armature='0.02'/><geom fromto='0 0 0 0.25 0 0'/>\
             <body pos='0.25 0 0'><joint name='c' type='ball' damping='0.05'/><geom type='box' size='0.04 0.03 0.02'/>\
               <site name='tip' pos='0.02 0 0' size='0.06'/></body></body></body>\
         <body pos='0.45 0 0.051'><freejoint/><geom type='box' size='0.05 0.05 0.05'/></body>\
         <body name='paddle' mocap='true' pos='0.2 0.4 0.2'><geom type='box' size='0.02 0.1 0.1'/></body></worldbody>\
         <tendon><fixed name='t' stiffness='3' damping='0.1'><joint joint='a' coef='1'/><joint joint='b' coef='-0.5'/></fixed></tendon>\
         <actuator><position joint='a' kp='40' dampratio='1'/><general joint='b' dyntype='filterexact' dynprm='0.05' gainprm='8'/>\
           <motor tendon='t' gear='0.5'/></actuator>\
         <sensor><accelerometer site='tip'/><force site='tip'/><torque site='tip'/><touch site='tip'/><framelinvel objtype='site' objname='tip'/>\
           <subtreeangmom body='paddle'/><jointlimitfrc joint='a'/><e_kinetic/><clock/></sensor></mujoco>"
    )
}

/// A slide with a suction cup that picks a block up and sets it down.
pub fn sucking_slide() -> Model {
    let mjcf = "<mujoco><compiler angle='radian'/><option timestep='0.002' integrator='implicitfast' cone='elliptic'/>\
        <default><geom condim='4' friction='0.5 0.005 0.0001'/></default><worldbody><geom type='plane' size='2 2 1'/>\
        <body pos='0 0 0.3' euler='3.141592653589793 0 0'><joint name='lift' type='slide' axis='0 0 -1' damping='20'/>\
          <geom type='cylinder' size='0.02 0.05' pos='0 0 -0.05' mass='2'/><site name='lip'/></body>\
        <body pos='0.01 0 0.05'><freejoint/><geom type='box' size='0.08 0.07 0.05' mass='3'/></body></worldbody>\
        <actuator><position joint='lift' kp='4000' dampratio='1'/></actuator></mujoco>";
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.as_bytes().to_vec())].into();
    let mut spec = leitai_package::mjcf::read("scene.xml", &files).expect("a valid scene").spec;
    spec.suctions.push(leitai_model::spec::SuctionSpec {
        name: "cup".into(),
        site: "lip".into(),
        figures: leitai_model::spec::SuctionFigures {
            radius_m: 0.02,
            pressure_pa: 60_000.0,
            efficiency: 1.0,
            pull_limit_n: 75.0,
            shear_limit_n: 37.0,
            peel_limit_nm: 0.75,
            seal_distance_m: 0.003,
            seal_angle_rad: 0.0873,
            evacuate_s: 0.15,
        },
        source: leitai_model::spec::Source::default(),
    });
    spec.option.sleep = true;
    spec.build().expect("a valid model")
}

/// The command that keeps the busy arm busy, and the sucking slide going up and down.
pub fn push(world: &mut World) {
    let t = world.time_s();
    if let Some(valve) = (!world.state().cups.is_empty()).then_some(SuctionId(0)) {
        world.ctrl_mut()[0] = -0.12 - 0.09 * leitai_math::real::cos(1.5 * t);
        *world.valve_mut(valve) = leitai_math::real::sin(0.75 * t) > -0.5;
        return;
    }
    let phases = [3.0 * t, 5.0 * t + 1.0, 2.0 * t];
    for (u, phase) in world.ctrl_mut().iter_mut().zip(phases) {
        *u = leitai_math::real::sin(phase);
    }
}

/// Horizontal and vertical gravity of a plane tilted about y by `degrees`, as MJCF.
pub fn tilted_gravity(degrees: f64) -> (String, f64) {
    let (s, c) = degrees.to_radians().sin_cos();
    (format!("{} 0 {}", G * s, -G * c), G)
}

/// Gravity of these scenes [m/s²].
pub const G: f64 = 9.81;

/// Position of a free body whose joint is the model's first.
pub fn position(world: &World) -> Vec3 {
    Vec3::from_slice(&world.state().q)
}
