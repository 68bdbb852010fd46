//! Contact mode `stick`: friction holds without creep, and is friction still.

use std::sync::Arc;

use leitai_math::Vec3;
use leitai_sim::{Scene, World};
use std::collections::BTreeMap;

fn world(xml: &str, stick: bool) -> World {
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), xml.as_bytes().to_vec())].into();
    let mut spec = leitai_package::mjcf::read("scene.xml", &files).expect("a valid scene").spec;
    spec.option.stick = stick;
    World::new(&Scene::new(Arc::new(spec.build().expect("a valid model"))))
}

/// A 1 kg box on a plane that is tilted by turning gravity, friction `mu`, MuJoCo's default contact unless `option` says more.
fn slope(degrees: f64, mu: f64, stick: bool) -> World {
    let (s, c) = degrees.to_radians().sin_cos();
    world(
        &format!(
            "<mujoco><option timestep='0.002' cone='elliptic' gravity='{} 0 {}'/><worldbody>\
             <geom type='plane' size='5 5 1' friction='{mu} 0.005 0.0001'/>\
             <body pos='0 0 0.05'><freejoint/><geom type='box' size='0.05 0.05 0.05' mass='1' friction='{mu} 0.005 0.0001'/></body>\
             </worldbody></mujoco>",
            9.81 * s,
            -9.81 * c
        ),
        stick,
    )
}

fn run(world: &mut World, seconds: f64) {
    let steps = (seconds / world.model().option.timestep_s).round() as u64;
    for _ in 0..steps {
        world.step().expect("stable");
    }
}

fn x(world: &World) -> f64 {
    world.state().q[0]
}

/// A law of dry friction: tan 20° = 0.36 < 1, so the box stays. MuJoCo's own friction lets it creep by 1.8 mm/s.
#[test]
fn a_box_on_a_slope_stays_where_it_is() {
    let creep = |stick| {
        let mut world = slope(20.0, 1.0, stick);
        run(&mut world, 2.0);
        let start = x(&world);
        run(&mut world, 10.0);
        (x(&world) - start) / 10.0
    };
    let (held, crept) = (creep(true), creep(false));
    assert!(held.abs() <= 1e-6, "{held} m/s");
    assert!(crept > 1e-4, "without memory it creeps: {crept} m/s");
}

/// Coulomb: one percent past the friction angle the box slides, whatever it remembers; well past it with g(sin θ − μ cos θ).
/// The soft contact lifts a fast box off and on, so its speed is right on average only.
#[test]
fn a_box_past_the_friction_angle_slides_as_coulomb_says() {
    let acceleration = |mu: f64, degrees: f64| {
        let mut world = slope(degrees, mu, true);
        run(&mut world, 1.0);
        let v0 = world.state().v[0];
        run(&mut world, 2.0);
        (world.state().v[0] - v0) / 2.0
    };
    let wanted = |mu: f64, degrees: f64| 9.81 * (degrees.to_radians().sin() - mu * degrees.to_radians().cos());
    let angle = 0.5_f64.atan().to_degrees() * 1.01;
    let (slow, fast) = (acceleration(0.5, angle) / wanted(0.5, angle), acceleration(0.3, 30.0) / wanted(0.3, 30.0));
    assert!((slow - 1.0).abs() < 0.3, "{slow}");
    assert!((fast - 1.0).abs() < 0.05, "{fast}");
}

/// Coulomb: below the limit a push moves the box by less than the give of its contact, above it sets it in motion.
#[test]
fn a_push_moves_a_box_only_past_the_limit() {
    let after = |share: f64| {
        let mut world = slope(0.0, 0.5, true);
        run(&mut world, 1.0);
        let start = x(&world);
        world.change(|state| state.body_force[1].linear = Vec3::new(share * 0.5 * 9.81, 0.0, 0.0));
        run(&mut world, 2.0);
        x(&world) - start
    };
    assert!(after(0.95) < 1e-3, "{}", after(0.95));
    assert!(after(1.05) > 0.2, "{}", after(1.05));
}

/// Dry friction takes energy and gives none: a box that is shoved stops, and stays stopped.
#[test]
fn a_shoved_box_stops_and_does_not_come_back() {
    let mut world = slope(0.0, 0.5, true);
    run(&mut world, 0.5);
    world.change(|state| state.v[0] = 1.0);
    run(&mut world, 1.0);
    // v²/(2 μ g)
    let stopped = x(&world);
    assert!((stopped - 1.0 / (2.0 * 0.5 * 9.81)).abs() < 2e-3, "{stopped}");
    run(&mut world, 3.0);
    assert!((x(&world) - stopped).abs() < 1e-3, "{} after {stopped}", x(&world));
}

/// Two jaws hold a box at twenty times the friction it needs, and a turntable carries them round: it stays in the jaws.
#[test]
fn a_gripped_box_keeps_its_place_at_rest_and_around_a_curve() {
    let scene = "<mujoco><option timestep='0.002' cone='elliptic' impratio='10'/><default><geom friction='1 0.005 0.0001' condim='4'/></default><worldbody>\
        <body pos='0 0 1'><joint name='table' axis='0 0 1' damping='50' armature='20'/><inertial pos='0 0 0' mass='10' diaginertia='1 1 1'/>\
          <body pos='0.8 -0.06 0'><joint name='l' type='slide' axis='0 1 0'/><geom type='box' size='0.05 0.01 0.05' mass='1'/></body>\
          <body pos='0.8 0.06 0'><joint name='r' type='slide' axis='0 -1 0'/><geom type='box' size='0.05 0.01 0.05' mass='1'/></body></body>\
        <body pos='0.8 0 1'><freejoint/><geom type='box' size='0.04 0.05 0.04' mass='1'/></body></worldbody>\
        <actuator><motor joint='table'/><motor joint='l'/><motor joint='r'/></actuator>\
        <equality><joint joint1='l' joint2='r'/></equality></mujoco>";
    let in_jaws = |stick| {
        let mut world = world(scene, stick);
        for (motor, force) in [(1, 98.1), (2, 98.1)] {
            world.ctrl_mut()[motor] = force;
        }
        run(&mut world, 1.0);
        let place = |world: &World| world.data().body_pose[2].inverse().apply(world.data().body_pose[4].position);
        let start = place(&world);
        run(&mut world, 5.0);
        let hung = (place(&world) - start).norm() / 5.0;
        world.ctrl_mut()[0] = 60.0;
        run(&mut world, 4.0);
        world.ctrl_mut()[0] = 0.0;
        run(&mut world, 4.0);
        (hung, (place(&world) - start).norm())
    };
    let ((hung, carried), (crept, slid)) = (in_jaws(true), in_jaws(false));
    assert!(hung <= 1e-6 && carried < 2e-4, "{hung} m/s at rest, {carried} m after the ride");
    assert!(crept > 1e-5 && slid > 1e-3, "without memory it creeps: {crept} m/s, {slid} m");
}

/// A snapshot holds the memory of every contact: going on from it gives the same bits.
#[test]
fn a_snapshot_keeps_the_holds() {
    let mut world = slope(20.0, 1.0, true);
    run(&mut world, 1.0);
    let saved = world.snapshot();
    run(&mut world, 1.0);
    let straight = world.state().digest();
    world.restore(&saved);
    run(&mut world, 1.0);
    assert_eq!(world.state().digest(), straight);
}
