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

/// Coulomb: past the friction angle a box slides with g(sin θ − μ cos θ), be it one percent past it or far. In MuJoCo's cone
/// sliding feeds the normal force, which lifts a fast box off.
#[test]
fn a_box_past_the_friction_angle_slides_as_coulomb_says() {
    let error = |mu: f64, degrees: f64, stick: bool| {
        let mut world = slope(degrees, mu, stick);
        run(&mut world, 0.5);
        let v0 = world.state().v[0];
        run(&mut world, 1.0);
        let wanted = 9.81 * (degrees.to_radians().sin() - mu * degrees.to_radians().cos());
        ((world.state().v[0] - v0) / wanted - 1.0).abs()
    };
    for mu in [0.2_f64, 0.5, 0.8] {
        let angle = mu.atan().to_degrees();
        for degrees in [1.01 * angle, angle + 10.0] {
            assert!(error(mu, degrees, true) < 1e-4, "μ {mu} at {degrees}°: {}", error(mu, degrees, true));
        }
    }
    let coupled = error(0.5, 1.01 * 0.5_f64.atan().to_degrees(), false);
    assert!(coupled > 1e-2, "the coupled cone is off by {coupled}");
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

/// Rolling is not sliding: a ball that rolls without slip on level ground is not held back by where it touched before.
#[test]
fn a_rolling_ball_keeps_its_speed() {
    let scene = "<mujoco><option timestep='0.002'/><worldbody><geom type='plane' size='9 9 1' friction='0.5 0.005 0.0001'/>\
        <body pos='0 0 0.05'><freejoint/><geom type='sphere' size='0.05' mass='1' friction='0.5 0.005 0.0001'/></body></worldbody></mujoco>";
    let mut world = world(scene, true);
    run(&mut world, 0.5);
    world.change(|state| {
        state.v[0] = 1.0;
        state.v[4] = 1.0 / 0.05;
    });
    let start = x(&world);
    run(&mut world, 4.0);
    let (gone, speed) = (x(&world) - start, world.state().v[0]);
    assert!((gone - 4.0).abs() < 4e-3 && (speed - 1.0).abs() < 1e-3, "{gone} m, {speed} m/s");
}

/// Energy only leaves a heap of boxes, so it comes to rest.
#[test]
fn a_heap_comes_to_rest() {
    let mut bodies = String::new();
    for i in 0..12 {
        let (x, y, turn) = (f64::from(i % 3) * 0.09, f64::from(i / 3 % 2) * 0.11, f64::from(i) * 37.0);
        bodies += &format!(
            "<body pos='{x} {y} {}' euler='{turn} {} {turn}'><freejoint/><geom type='box' size='0.05 0.04 0.03' mass='1' friction='0.6'/></body>",
            0.1 + 0.13 * f64::from(i),
            2.0 * turn
        );
    }
    let scene = format!(
        "<mujoco><option timestep='0.002'/><worldbody><geom type='plane' size='9 9 1'/>\
         <geom type='box' size='0.3 0.02 0.2' pos='0 -0.25 0.2'/><geom type='box' size='0.3 0.02 0.2' pos='0 0.3 0.2'/>{bodies}</worldbody></mujoco>"
    );
    let mut world = world(&scene, true);
    run(&mut world, 5.0);
    let fastest = world.state().v.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    assert!(fastest < 1e-6, "{fastest}");
}

/// The laws of rigid contact as residuals: at rest what is left is the overlap by which a soft contact carries; in a slide
/// friction is on its cone and against the motion; and a box set into the ground violates Signorini by as much.
#[test]
fn residuals_say_how_far_contacts_are_from_rigid() {
    let mut world = slope(30.0, 0.2, true);
    run(&mut world, 0.5);
    let sliding = world.contact_residuals();
    assert!(sliding.signorini_m < 2e-5, "{sliding:?}");
    // In parts of the normal force, and of the power that friction takes.
    let (normal, speed) = (9.81 * 30.0_f64.to_radians().cos(), world.state().v[0]);
    assert!(sliding.coulomb_n < 1e-6 * normal && sliding.dissipation_w < 1e-6 * 0.2 * normal * speed, "{sliding:?}");
    world.change(|state| state.q[2] -= 1e-3);
    world.forward().expect("stable");
    let sunk = world.contact_residuals();
    assert!((sunk.signorini_m - 1e-3).abs() < 2e-5, "{sunk:?}");
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
