//! Motions whose outcome is known in closed form.

mod scene;

use leitai_math::{Quat, Vec3};
use leitai_sim::World;
use scene::{G, position, run, tilted_gravity, world};

/// Arithmetic–geometric mean, by which complete elliptic integrals are computed (Gauss): K(k) = π / 2 agm(1, √(1 − k²)).
fn quarter_period(k: f64) -> f64 {
    let (mut a, mut b) = (1.0_f64, (1.0 - k * k).sqrt());
    for _ in 0..8 {
        (a, b) = (0.5 * (a + b), (a * b).sqrt());
    }
    std::f64::consts::PI / (2.0 * a)
}

/// T = 4·K(sin θ₀/2)·√(I/(m·g·d)), at any amplitude.
#[test]
fn a_pendulum_keeps_its_period() {
    for amplitude in [0.1, 1.0, 2.0, 3.0] {
        let mut world = world(
            "<mujoco><option timestep='0.001' integrator='RK4'/><worldbody><body pos='0 0 1'><joint axis='0 1 0'/>\
             <inertial pos='0 0 -0.5' mass='2' diaginertia='0.1 0.1 0.1'/></body></worldbody></mujoco>",
        );
        world.change(|s| s.q[0] = amplitude);
        // About the joint: 0.1 + 2·0.5².
        let wanted = 4.0 * quarter_period((amplitude / 2.0).sin()) * (0.6 / (2.0 * G * 0.5)).sqrt();
        let mut crossings = Vec::new();
        while crossings.len() < 3 {
            let (before, t) = (world.state().q[0], world.time_s());
            world.step().unwrap();
            let after = world.state().q[0];
            if before * after <= 0.0 {
                crossings.push(t + 0.001 * before / (before - after));
            }
        }
        let period = crossings[2] - crossings[0];
        assert!((period / wanted - 1.0).abs() < 1e-6, "amplitude {amplitude}: {period} s and not {wanted} s");
    }
}

fn block(degrees: f64, mu: f64, option: &str) -> World {
    let (gravity, _) = tilted_gravity(degrees);
    world(&format!(
        "<mujoco><option timestep='0.001' cone='elliptic' gravity='{gravity}' {option}/>\
         <default><geom friction='{mu} 0.005 0.0001'/></default><worldbody><geom type='plane' size='9 9 1'/>\
         <body pos='0 0 0.0499'><freejoint/><geom type='box' size='0.1 0.1 0.05' mass='1'/></body></worldbody></mujoco>"
    ))
}

/// Past the friction angle a block accelerates with g(sin θ − μ cos θ). The convex contact lifts a sliding block the more, the
/// faster it slides, so the mean normal force is a little above the weight's.
#[test]
fn a_block_slides_down_a_slope_as_coulomb_says() {
    for (degrees, mu) in [(30.0_f64, 0.3), (20.0, 0.1), (45.0, 0.8)] {
        let mut world = block(degrees, mu, "");
        run(&mut world, 0.5);
        let before = world.state().v[0];
        run(&mut world, 0.5);
        let found = (world.state().v[0] - before) / 0.5;
        let (s, c) = degrees.to_radians().sin_cos();
        let felt = (G * s - found) / (G * c);
        assert!((felt / mu - 1.0).abs() < 0.015, "{degrees}°: {found} m/s² as if friction were {felt} and not {mu}");
    }
}

/// Before the friction angle it stays, but for the creep of MuJoCo's soft friction: friction that resists only speed gives
/// way at F·R/b, with R the regularization and b the damping of its rows.
#[test]
fn a_block_before_the_friction_angle_only_creeps() {
    let mut world = block(10.0, 0.5, "impratio='1'");
    run(&mut world, 1.0);
    let creep = world.state().v[0];
    // Four contacts of default softness share the pull; at rest R·F = b·v per row, R = (1−d)/d·Â/4 for the four together.
    let depth = -world.contacts()[0].distance;
    let d = 0.9
        + 0.05 * {
            let x: f64 = depth / 0.001;
            if x < 0.5 { 2.0 * x * x } else { 1.0 - 2.0 * (1.0 - x) * (1.0 - x) }
        };
    let (inverse_weight, damping) = (1.0, 2.0 / (0.95 * 0.02));
    let wanted = G * 10.0_f64.to_radians().sin() * (1.0 - d) / d * inverse_weight / 4.0 / damping;
    assert!((creep / wanted - 1.0).abs() < 0.02, "{creep} and not {wanted} m/s");
    // A stiffer friction creeps less, in proportion.
    let mut stiff = block(10.0, 0.5, "impratio='10'");
    run(&mut stiff, 1.0);
    assert!((stiff.state().v[0] * 10.0 / creep - 1.0).abs() < 0.02, "{}", stiff.state().v[0]);
}

/// On the level a shoved block stops after v²/(2·μ·g).
#[test]
fn a_shoved_block_stops_where_it_should() {
    for mu in [0.2, 0.5] {
        let mut world = block(0.0, mu, "");
        run(&mut world, 0.3);
        let start = position(&world).x;
        world.change(|s| s.v[0] = 1.0);
        run(&mut world, 2.0);
        let (way, wanted) = (position(&world).x - start, 1.0 / (2.0 * mu * G));
        assert!((way / wanted - 1.0).abs() < 0.02, "friction {mu}: {way} and not {wanted} m");
    }
}

fn ball(degrees: f64, mu: f64) -> World {
    let (gravity, _) = tilted_gravity(degrees);
    world(&format!(
        "<mujoco><option timestep='0.001' cone='elliptic' impratio='100' gravity='{gravity}'/><worldbody>\
         <geom type='plane' size='9 9 1' friction='{mu} 0 0'/>\
         <body pos='0 0 0.0999'><freejoint/><geom type='sphere' size='0.1' mass='1' friction='{mu} 0 0'/></body></worldbody></mujoco>"
    ))
}

/// A ball rolls with 5/7·g·sin θ while 2/7·tan θ ≤ μ; on less friction it slips with g(sin θ − μ cos θ) and still spins up.
#[test]
fn a_ball_rolls_down_a_slope() {
    let accelerations = |world: &mut World| {
        run(world, 0.2);
        let (v, w) = (world.state().v[0], world.state().v[4]);
        run(world, 0.5);
        ((world.state().v[0] - v) / 0.5, (world.state().v[4] - w) / 0.5)
    };
    let (s, c) = 20.0_f64.to_radians().sin_cos();
    let (linear, angular) = accelerations(&mut ball(20.0, 0.8));
    assert!((linear / (5.0 / 7.0 * G * s) - 1.0).abs() < 0.005, "rolls with {linear} m/s²");
    assert!((angular * 0.1 / linear - 1.0).abs() < 0.005, "rolls without slipping: {angular} rad/s²");
    let mu = 0.05;
    let (linear, angular) = accelerations(&mut ball(20.0, mu));
    assert!((linear / (G * (s - mu * c)) - 1.0).abs() < 0.005, "slips with {linear} m/s²");
    assert!((angular / (2.5 * mu * G * c / 0.1) - 1.0).abs() < 0.01, "spins up with {angular} rad/s²");
}

/// Regular precession: a heavy top at tilt θ that turns about the vertical with Ω solves I₁·Ω²·cos θ − I₃·ω₃·Ω + m·g·l = 0
/// (Goldstein, *Classical Mechanics*, §5.7); its tilt stays and its azimuth grows by Ω·t.
#[test]
fn a_spinning_top_precesses() {
    let mut world = world(
        "<mujoco><option timestep='0.0005' integrator='RK4'/><worldbody><body><joint type='ball'/>\
         <inertial pos='0 0 0.1' mass='0.5' diaginertia='0.002 0.002 0.001'/></body></worldbody></mujoco>",
    );
    let (tilt, spin) = (0.5_f64, 150.0);
    let (across, along, pull) = (0.002 + 0.5 * 0.1 * 0.1, 0.001, 0.5 * G * 0.1);
    // The slow root.
    let (a, b) = (across * tilt.cos(), along * spin);
    let rate = 2.0 * pull / (b + (b * b - 4.0 * a * pull).sqrt());
    world.change(|s| {
        let turn = Quat::from_axis_angle(Vec3::Y, tilt);
        s.q.copy_from_slice(&turn.to_array());
        let mut w = turn.conjugate().rotate(Vec3::Z * rate);
        w.z = spin;
        s.v.copy_from_slice(&w.to_array());
    });
    for _ in 0..4 {
        run(&mut world, 0.25);
        let axis = Quat::from_slice(&world.state().q).rotate(Vec3::Z);
        let azimuth = rate * world.time_s();
        let wanted = Vec3::new(tilt.sin() * azimuth.cos(), tilt.sin() * azimuth.sin(), tilt.cos());
        assert!((axis - wanted).norm() < 1e-5, "{axis:?} and not {wanted:?} at {} s", world.time_s());
    }
}

/// A weight on a soft contact sinks until the contact's spring carries it: m·g = m·k·d²·r/(1 − d).
#[test]
fn a_ball_sinks_as_deep_as_its_contact_is_soft() {
    for (solimp, time) in [([0.9, 0.95, 0.001], 0.02), ([0.5, 0.9, 0.01], 0.05), ([0.99, 0.99, 0.001], 0.01)] {
        let mut world = world(&format!(
            "<mujoco><option timestep='0.001'/><worldbody><geom type='plane' size='1 1 1' solref='{time} 1' solimp='{} {} {}'/>\
             <body pos='0 0 0.1'><freejoint/><geom type='sphere' size='0.1' mass='3' solref='{time} 1' solimp='{} {} {}' condim='1'/></body>\
             </worldbody></mujoco>",
            solimp[0], solimp[1], solimp[2], solimp[0], solimp[1], solimp[2]
        ));
        for geom in 0..2 {
            assert_eq!(world.model().geoms[geom].surface.solref.0, [time, 1.0]);
        }
        run(&mut world, 4.0);
        let depth = -world.contacts()[0].distance;
        let x = (depth / solimp[2]).min(1.0);
        let ramp = if x < 0.5 { 2.0 * x * x } else { 1.0 - 2.0 * (1.0 - x) * (1.0 - x) };
        let d = solimp[0] + ramp * (solimp[1] - solimp[0]);
        let k = 1.0 / (solimp[1] * solimp[1] * time * time);
        let carried = k * d * d * depth / (1.0 - d);
        assert!((carried / G - 1.0).abs() < 1e-6, "{solimp:?}: {depth} m carries {carried} m/s² and not {G}");
    }
}

/// What bounces loses: every rise of a ball with a damped contact is lower than the one before, and at last it lies still.
#[test]
fn a_bouncing_ball_comes_to_rest() {
    let mut world = world(
        "<mujoco><option timestep='0.0005'/><default><geom solref='0.02 0.1'/></default><worldbody><geom type='plane' size='1 1 1'/>\
         <body pos='0 0 0.6'><freejoint/><geom type='sphere' size='0.1' mass='1'/></body></worldbody></mujoco>",
    );
    let mut tops = vec![0.6];
    let mut rising = false;
    for _ in 0..20_000 {
        let (height, speed) = (position(&world).z, world.state().v[2]);
        if rising && speed <= 0.0 && height > 0.1 {
            tops.push(height);
        }
        rising = speed > 0.0;
        world.step().unwrap();
    }
    assert!(tops.len() > 4, "{tops:?}");
    assert!(tops.windows(2).all(|t| t[1] < t[0]), "{tops:?}");
    assert!(world.state().v[2].abs() < 1e-6, "still moves with {} m/s", world.state().v[2]);
}

/// Damped contacts only take energy: a heap that has met the ground has less of it in every tenth of a second.
#[test]
fn a_settling_heap_loses_energy() {
    let mut world = scene::started(std::sync::Arc::new(scene::falling_stack(3)));
    let energy = |world: &World| {
        leitai_dynamics::kinetic_energy(world.model(), world.data(), &world.state().v)
            + leitai_dynamics::potential_energy(world.model(), world.data(), &world.state().q)
    };
    world.forward().unwrap();
    let start = energy(&world);
    let mut last = start;
    for tenth in 0..40 {
        run(&mut world, 0.1);
        world.forward().unwrap();
        let now = energy(&world);
        // Springs of contacts give back what they took, never more: a thousandth of the fall.
        assert!(now < last + 1e-3 * start, "tenth {tenth}: {now} J after {last} J");
        last = now;
    }
    assert!(last < 0.6 * start, "{last} J of {start} J");
}
