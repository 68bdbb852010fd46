//! What nothing inside a world can change, and how fast integration errors shrink.

mod scene;

use leitai_dynamics::{kinetic_energy, momentum, potential_energy};
use leitai_math::{Seed, Vec3};
use leitai_sim::World;
use scene::{run, world};

fn energy(world: &mut World) -> f64 {
    world.forward().unwrap();
    kinetic_energy(world.model(), world.data(), &world.state().v)
        + potential_energy(world.model(), world.data(), &world.state().q)
}

/// A swinging machine: hinges, a slide, a ball joint, springs, in Earth's gravity.
const MACHINE: &str = "<mujoco><compiler angle='radian'/><option timestep='0.001' integrator='RK4'/>\
    <default><geom type='capsule' size='0.03' density='900' contype='0' conaffinity='0'/></default><worldbody>\
    <body pos='0 0 2'><joint axis='0 1 0'/><geom fromto='0 0 0 0.4 0 0'/>\
      <body pos='0.4 0 0'><joint axis='1 0 1' stiffness='2'/><geom fromto='0 0 0 0 0.3 0'/>\
        <body pos='0 0.3 0'><joint type='slide' axis='0 1 0' stiffness='60'/><geom fromto='0 0 0 0.1 0.1 0'/>\
          <body pos='0.1 0.1 0'><joint type='ball'/><geom fromto='0 0 0 0 0 -0.3'/></body></body></body></body>\
    </worldbody></mujoco>";

/// Nothing takes energy from a machine without damping.
#[test]
fn a_swinging_machine_keeps_its_energy() {
    let mut world = world(MACHINE);
    let mut draw = Seed::from_number(5).stream("speeds");
    world.change(|s| s.v.iter_mut().for_each(|v| *v = draw.uniform(-2.0, 2.0)));
    let start = energy(&mut world);
    for _ in 0..10 {
        run(&mut world, 0.5);
        let drift = (energy(&mut world) - start).abs();
        assert!(drift < 1e-5 * start.abs(), "{drift} J of {start} J after {} s", world.time_s());
    }
}

/// Fourth order: half the step, a sixteenth of the error, orientations included.
#[test]
fn runge_kutta_is_of_fourth_order() {
    let end = |steps: u32| {
        let mut model = scene::model(MACHINE);
        model.option.timestep_s = 0.4 / f64::from(steps);
        let mut world = World::new(&leitai_sim::Scene::new(std::sync::Arc::new(model)));
        world.change(|s| s.v.iter_mut().enumerate().for_each(|(i, v)| *v = 1.0 + i as f64 * 0.7));
        (0..steps).for_each(|_| world.step().unwrap());
        world.state().q.clone()
    };
    let truth = end(6_400);
    let error = |steps| end(steps).iter().zip(&truth).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let ratio = error(100) / error(200);
    assert!((13.0..19.0).contains(&ratio), "{ratio}");
}

/// Motors, limits and springs inside a floating machine move its parts, not the whole.
#[test]
fn inner_forces_leave_momentum_alone() {
    let mut world = world(
        "<mujoco><compiler angle='radian' autolimits='true'/><option timestep='0.001' integrator='RK4' gravity='0 0 0'/>\
         <default><geom type='capsule' size='0.04' density='900' contype='0' conaffinity='0'/></default><worldbody>\
         <body pos='0 0 1'><freejoint/><geom fromto='0 0 0 0.3 0 0'/>\
           <body pos='0.3 0 0'><joint name='a' axis='0 1 0' range='-0.5 0.5' damping='0.1' frictionloss='0.1'/><geom fromto='0 0 0 0.3 0 0'/>\
             <body pos='0.3 0 0'><joint name='b' axis='0 0 1' stiffness='3'/><geom fromto='0 0 0 0.2 0 0.1'/></body></body></body>\
         </worldbody><actuator><motor joint='a'/><motor joint='b'/></actuator></mujoco>",
    );
    world.change(|s| s.v.copy_from_slice(&[0.3, -0.2, 0.1, 0.5, 0.7, -0.4, 1.0, -1.0]));
    let total = |world: &mut World| {
        world.forward().unwrap();
        momentum(world.model(), world.data())
    };
    let start = total(&mut world);
    for _ in 0..2_000 {
        scene::push(&mut world);
        world.step().unwrap();
    }
    let end = total(&mut world);
    // Limits and dry friction bend the motion within a step, where the integrator is of first order only.
    assert!((end.linear - start.linear).norm() < 1e-6, "{:?} after {:?}", end.linear, start.linear);
    assert!((end.angular - start.angular).norm() < 1e-6, "{:?} after {:?}", end.angular, start.angular);
}

/// Newton's third law: what collides in empty space keeps its momentum, in any shape of contact.
#[test]
fn collisions_leave_momentum_alone() {
    for cone in ["pyramidal", "elliptic"] {
        let mut world = world(&format!(
            "<mujoco><option timestep='0.001' gravity='0 0 0' cone='{cone}'/><default><geom condim='6' friction='0.7 0.01 0.001'/></default>\
             <worldbody>\
             <body pos='-0.3 0.02 0'><freejoint/><geom type='box' size='0.1 0.08 0.06' mass='1'/></body>\
             <body pos='0.3 0 0.03' euler='10 20 30'><freejoint/><geom type='cylinder' size='0.08 0.1' mass='2'/></body>\
             <body pos='0 0.35 0' euler='0 40 0'><freejoint/><geom type='capsule' size='0.05 0.1' mass='0.7'/></body></worldbody></mujoco>"
        ));
        world.change(|s| {
            s.v[..6].copy_from_slice(&[1.0, 0.1, 0.0, 0.0, 1.0, 2.0]);
            s.v[6..12].copy_from_slice(&[-0.5, 0.0, 0.0, 1.0, 0.0, 0.0]);
            s.v[12..].copy_from_slice(&[0.0, -1.0, 0.1, 0.0, 0.5, 0.0]);
        });
        let masses = [1.0, 2.0, 0.7];
        let linear = |world: &World| (0..3).fold(Vec3::ZERO, |p, i| p + Vec3::from_slice(&world.state().v[6 * i..]) * masses[i]);
        let start = linear(&world);
        let mut touched = 0;
        for _ in 0..1_500 {
            world.step().unwrap();
            touched += world.contacts().len();
            assert!((linear(&world) - start).norm() < 1e-12, "{:?} after {start:?}", linear(&world));
        }
        assert!(touched > 20, "they met at {touched} points only");
    }
}

/// A spinning body of unequal inertia neither speeds up nor flies apart under `implicitfast`, and `Euler` shows why that matters.
#[test]
fn implicitfast_never_adds_energy_to_a_tumbling_body() {
    let gain = |integrator: &str| {
        let mut world = world(&format!(
            "<mujoco><option timestep='0.005' gravity='0 0 0' integrator='{integrator}'/><worldbody>\
             <body><freejoint/><geom type='box' size='0.3 0.1 0.02' pos='0.1 0 0' mass='1'/></body></worldbody></mujoco>"
        ));
        world.change(|s| s.v.copy_from_slice(&[0.0, 0.0, 0.0, 1.0, 20.0, 3.0]));
        let start = energy(&mut world);
        let mut most = 0.0_f64;
        for _ in 0..400 {
            run(&mut world, 0.005);
            most = most.max(energy(&mut world) / start);
        }
        most
    };
    assert!(gain("implicitfast") <= 1.0 + 1e-12, "{}", gain("implicitfast"));
    assert!(gain("Euler") > 1.01, "{}", gain("Euler"));
}

/// A free top keeps its angular momentum, and its energy, under `adams` at 2 ms: 10 s about the unstable axis, center of mass
/// aside. `Euler` shows what that is worth.
#[test]
fn adams_keeps_a_tumbling_body_tumbling() {
    let lost = |integrator: &str, place: &str| {
        let mut world = world(&format!(
            "<mujoco><option timestep='0.002' gravity='0 0 0' integrator='{integrator}'/><worldbody>\
             <body><freejoint/><geom type='box' size='0.05 0.1 0.2' pos='{place}' euler='10 20 30' mass='1'/></body></worldbody></mujoco>"
        ));
        world.change(|s| s.v.copy_from_slice(&[0.3, -0.2, 0.1, 0.1, 8.0, 0.1]));
        let start = energy(&mut world);
        let spin = momentum(world.model(), world.data());
        let (mut of_energy, mut of_momentum) = (0.0_f64, 0.0_f64);
        for _ in 0..100 {
            run(&mut world, 0.1);
            of_energy = of_energy.max((energy(&mut world) / start - 1.0).abs());
            let now = momentum(world.model(), world.data());
            of_momentum = of_momentum.max((now.angular - spin.angular).norm() / spin.angular.norm());
            of_momentum = of_momentum.max((now.linear - spin.linear).norm() / spin.linear.norm());
        }
        (of_energy, of_momentum)
    };
    for place in ["0 0 0", "0.1 -0.05 0.2"] {
        let (of_energy, of_momentum) = lost("adams", place);
        assert!(of_energy < 1e-9 && of_momentum < 1e-9, "{place}: {of_energy} of the energy, {of_momentum} of the momentum");
    }
    let (of_energy, _) = lost("Euler", "0 0 0");
    assert!(of_energy > 1e-3, "{of_energy}");
}

/// A double pendulum keeps its energy within 1e-3 of what it starts with, under `adams` at 2 ms; and so does the machine of
/// hinges, slide, ball and springs.
#[test]
fn adams_keeps_the_energy_of_a_double_pendulum() {
    let worst = |scene: &str, begin: &[f64], integrator: &str| {
        let mut world = world(&scene.replace("RK4", integrator).replace("0.001", "0.002"));
        world.change(|s| s.q[..begin.len()].copy_from_slice(begin));
        let start = energy(&mut world);
        let mut worst = 0.0_f64;
        for _ in 0..5_000 {
            world.step().unwrap();
            worst = worst.max((energy(&mut world) - start).abs() / start.abs());
        }
        worst
    };
    let pendulum = "<mujoco><compiler angle='radian'/><option timestep='0.001' integrator='RK4'><flag contact='disable'/></option><worldbody>\
        <body pos='0 0 1'><joint axis='0 1 0'/><geom type='capsule' fromto='0 0 0 0 0 -0.5' size='0.02' mass='1'/>\
        <body pos='0 0 -0.5'><joint axis='0 1 0'/><geom type='capsule' fromto='0 0 0 0 0 -0.5' size='0.02' mass='1'/></body></body></worldbody></mujoco>";
    assert!(worst(pendulum, &[2.0, 0.5], "adams") < 1e-3, "{}", worst(pendulum, &[2.0, 0.5], "adams"));
    assert!(worst(MACHINE, &[], "adams") < 1e-3, "{}", worst(MACHINE, &[], "adams"));
    assert!(worst(pendulum, &[2.0, 0.5], "Euler") > 1e-2, "{}", worst(pendulum, &[2.0, 0.5], "Euler"));
}

/// Under `adams` what rests on the ground rests, what falls follows the parabola exactly, and a snapshot goes on with the same bits.
#[test]
fn adams_lets_things_rest_and_fall() {
    let mut world = world(
        "<mujoco><option timestep='0.002' integrator='adams'/><worldbody><geom type='plane' size='3 3 1'/>\
         <body pos='0 0 0.1'><freejoint/><geom type='box' size='0.1 0.1 0.1' mass='1'/></body>\
         <body pos='1 0 5'><freejoint/><geom type='sphere' size='0.1' mass='1'/></body></worldbody></mujoco>",
    );
    run(&mut world, 0.3);
    let saved = world.snapshot();
    run(&mut world, 0.5);
    let fallen = 5.0 - 0.5 * 9.81 * 0.8 * 0.8;
    let state = world.state();
    assert!(
        (state.q[9] - fallen).abs() < 1e-12 && (state.v[8] + 9.81 * 0.8).abs() < 1e-12,
        "{} m, {} m/s",
        state.q[9],
        state.v[8]
    );
    assert!(state.v[..6].iter().all(|v| v.abs() < 1e-6), "{:?}", &state.v[..6]);
    let straight = state.digest();
    world.restore(&saved);
    run(&mut world, 0.5);
    assert_eq!(world.state().digest(), straight);
}
