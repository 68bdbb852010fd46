//! The tool as a spring: what it does when it is pushed, moved and told to be stiffer.

// Published postures and ranges of the arms stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod plant;

use leitai_control::compliance::{NoTorques, Posture, Tank};
use leitai_control::operational::{Operational, halves, six, times};
use leitai_control::{Compliance, Impedance, ToolReference};
use leitai_math::{Pose, Quat, Seed, Vec3};
use plant::{Plant, STEP_S};

const SIX: [f64; 6] = [0.3, -1.2, 1.6, -1.9, -1.4, 0.2];
const SEVEN: [f64; 7] = [0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1];
const PERIOD_S: f64 = 1e-3;

fn impedance(plant: &Plant, compliance: Compliance) -> Impedance {
    let n = plant.chain.len();
    Impedance::new(plant.dynamics(), plant.chain.clone(), compliance, vec![1e4; n], PERIOD_S, 0)
}

/// Laws: Λ·Λ⁻¹ = 1; the tip's velocity and drift are slopes of its pose and of its velocity along the motion.
#[test]
fn the_tip_is_seen_as_it_moves() {
    let mut draw = Seed::from_number(1).stream("states");
    for _ in 0..20 {
        let q: Vec<f64> = SEVEN.iter().map(|q| q + draw.uniform(-0.4, 0.4)).collect();
        let plant = Plant::new(&arms::seven_axes(), &q);
        let v: Vec<f64> = (0..7).map(|_| draw.uniform(-1.0, 1.0)).collect();
        let (mut arm, mut state) = (plant.dynamics(), Operational::new(7));
        let h = 1e-5;
        let mut at = |t: f64| {
            let there: Vec<f64> = q.iter().zip(&v).map(|(q, v)| q + t * v).collect();
            state.update(&mut arm, &plant.chain, &there, &v).unwrap();
            state.clone()
        };
        let (before, now, after) = (at(-h), at(0.0), at(h));
        let turn = (after.tip.rotation * before.tip.rotation.conjugate()).to_rotation_vector();
        let moved = six(after.tip.position - before.tip.position, turn);
        for k in 0..6 {
            assert!((moved[k] / (2.0 * h) - now.velocity[k]).abs() < 1e-8);
            assert!(((after.velocity[k] - before.velocity[k]) / (2.0 * h) - now.drift(&v, &v)[k]).abs() < 1e-7);
            let mut unit = [0.0; 6];
            unit[k] = 1.0;
            let back = times(&now.mobility, &times(&now.inertia, &unit));
            (0..6).for_each(|i| assert!((back[i] - unit[i]).abs() < 1e-9));
        }
    }
}

/// Laws of the arm's own terms: the mass matrix is what torques have of an acceleration, all that is held is what they have without one, and with
/// Christoffel's C the energy ½·wᵀ·M·w changes along the motion by wᵀ·C·w.
#[test]
fn what_holds_the_arm_is_part_of_its_torques() {
    let mut draw = Seed::from_number(6).stream("states");
    let mut arm = Plant::new(&arms::seven_axes(), &SEVEN).dynamics();
    let v: Vec<f64> = (0..7).map(|_| draw.uniform(-1.0, 1.0)).collect();
    let w: Vec<f64> = (0..7).map(|_| draw.uniform(-1.0, 1.0)).collect();
    let (mut mass, mut rest, mut with, mut held) = (vec![0.0; 49], [0.0; 7], [0.0; 7], [0.0; 7]);
    arm.mass_matrix(&SEVEN, &mut mass);
    arm.torques(&SEVEN, &v, &[0.0; 7], &mut rest);
    arm.holding(&SEVEN, &v, &v, &mut held);
    (0..7).for_each(|i| assert!((rest[i] - held[i]).abs() < 1e-12));
    arm.torques(&SEVEN, &v, &w, &mut with);
    for i in 0..7 {
        let product: f64 = (0..7).map(|k| mass[i * 7 + k] * w[k]).sum();
        assert!((with[i] - rest[i] - product).abs() < 1e-12);
    }
    let (mut weight, h) = ([0.0; 7], 1e-5);
    arm.holding(&SEVEN, &v, &[0.0; 7], &mut weight);
    arm.holding(&SEVEN, &v, &w, &mut held);
    let power: f64 = (0..7).map(|i| w[i] * (held[i] - weight[i])).sum();
    let mut energy = |t: f64| {
        let q: Vec<f64> = SEVEN.iter().zip(&v).map(|(q, v)| q + t * v).collect();
        arm.mass_matrix(&q, &mut mass);
        0.5 * (0..49).map(|k| w[k / 7] * mass[k] * w[k % 7]).sum::<f64>()
    };
    let slope = (energy(h) - energy(-h)) / (2.0 * h);
    assert!((slope - power).abs() < 1e-8 && power.abs() > 1e-3, "{slope} {power}");
}

/// Newton's law at the tip: a force F along n on the arm at rest without gravity accelerates it by F over the effective mass.
#[test]
fn the_effective_mass_is_what_a_push_meets() {
    let mut spec = arms::seven_axes();
    spec.option.gravity = Vec3::ZERO;
    let mut plant = Plant::new(&spec, &SEVEN);
    let mut state = Operational::new(7);
    state.update(&mut plant.dynamics(), &plant.chain, &SEVEN, &[0.0; 7]).unwrap();
    for n in [Vec3::X, Vec3::Y, Vec3::new(0.6, 0.0, -0.8)] {
        plant.push[..3].copy_from_slice(&(n * 10.0).to_array());
        let a = plant.acceleration(&[0.0; 7]);
        let tip: [f64; 6] = core::array::from_fn(|k| state.jacobian.iter().zip(&a).map(|(column, a)| column[k] * a).sum());
        let mass = 10.0 / n.dot(halves(&tip).0);
        assert!((state.effective_mass(n) / mass - 1.0).abs() < 1e-5, "{mass} {}", state.effective_mass(n));
    }
}

/// Law of the null space: torques that passed through it do not accelerate the tip.
#[test]
fn the_null_space_leaves_the_tip_alone() {
    let mut spec = arms::seven_axes();
    spec.option.gravity = Vec3::ZERO;
    let mut plant = Plant::new(&spec, &SEVEN);
    let mut state = Operational::new(7);
    state.update(&mut plant.dynamics(), &plant.chain, &SEVEN, &[0.0; 7]).unwrap();
    let mut tau = [3.0, -20.0, 5.0, 10.0, -2.0, 4.0, 1.0];
    state.into_null_space(&mut tau);
    let a = plant.acceleration(&tau);
    assert!(a.iter().any(|a| a.abs() > 1.0), "the joints do move: {a:?}");
    for k in 0..6 {
        let along: f64 = state.jacobian.iter().zip(&a).map(|(column, a)| column[k] * a).sum();
        assert!(along.abs() < 1e-3, "{k}: {along}");
    }
}

/// The definition: on its way with its reference, the tool is accelerated beyond it by spring and pushes over its inertia, ẍ = a + Λ⁻¹·(K·e + F).
#[test]
fn the_tool_accelerates_as_its_spring_says() {
    let mut draw = Seed::from_number(3).stream("states");
    let mut plant = Plant::new(&arms::six_axes(), &SIX);
    plant.v.iter_mut().for_each(|v| *v = draw.uniform(-0.5, 0.5));
    let frame = Quat::from_rotation_vector(Vec3::new(0.4, -0.2, 0.9));
    let stiffness = [800.0, 100.0, 0.0, 2.0, 3.0, 0.0];
    let compliance = Compliance { frame, stiffness, damping_ratio: 0.7, viscous: [0.0, 0.0, 50.0, 0.0, 0.0, 1.0] };
    let mut control = impedance(&plant, compliance);
    control.change_s = 0.0;
    let (tip, turn) = (plant.tip(), Quat::from_rotation_vector(Vec3::new(0.02, 0.03, -0.01)));
    let mut reference = ToolReference::standing(Pose::new(tip.position + Vec3::new(0.01, -0.02, 0.015), turn * tip.rotation));
    reference.velocity = plant.tip_velocity();
    reference.acceleration = core::array::from_fn(|_| draw.uniform(-1.0, 1.0));
    reference.wrench = core::array::from_fn(|_| draw.uniform(-0.5, 0.5));
    plant.push = core::array::from_fn(|_| draw.uniform(-0.5, 0.5));
    let (q, v) = (plant.q.clone(), plant.v.clone());
    let mut tau = vec![0.0; 6];
    control.step(&reference, &q, &v, &mut tau).unwrap();
    assert!(!control.felt().softened);
    let a = plant.acceleration(&tau);
    let state = control.state();
    let drift = state.drift(&v, &v);
    let beyond: [f64; 6] = core::array::from_fn(|k| {
        drift[k] + state.jacobian.iter().zip(&a).map(|(c, a)| c[k] * a).sum::<f64>() - reference.acceleration[k]
    });
    let was = times(&state.mobility, &core::array::from_fn(|k| control.felt().spring[k] + reference.wrench[k] + plant.push[k]));
    let size = halves(&was).1.norm();
    for k in 0..6 {
        assert!((beyond[k] - was[k]).abs() < 1e-5 * size, "{k}: {beyond:?} {was:?}");
    }
    let (way, _) = halves(&control.felt().error);
    let (pull, _) = halves(&control.felt().spring);
    let along = frame.conjugate().rotate(way).scaled(Vec3::new(800.0, 100.0, 0.0));
    assert!((frame.conjugate().rotate(pull) - along).norm() < 1e-9, "the spring's own force is K·e");
}

/// Closed form: let go 5 mm off along a way in which tool and spring swing, the tool goes there as one oscillator does, 2ζω and ω² being
/// A·diag·A⁻¹ of it; the way is the first of the six of (Λ, K).
#[test]
fn the_tool_swings_as_one_oscillator() {
    for (zeta, overshoot) in [(0.5_f64, true), (1.0, false)] {
        let mut plant = Plant::new(&arms::seven_axes(), &SEVEN);
        let mut control = impedance(&plant, Compliance { damping_ratio: zeta, ..Compliance::even(600.0, 40.0) });
        control.change_s = 0.0;
        let start = plant.tip();
        // The slowest way: power iteration on Λ·x / K, that is Λ⁻¹·K's least.
        control.read(&SEVEN, &[0.0; 7]).unwrap();
        let inertia = control.state().inertia;
        let stiffness = [600.0, 600.0, 600.0, 40.0, 40.0, 40.0];
        let mut way = [1.0, 0.3, 0.2, 0.1, 0.1, 0.1];
        let mut square = 0.0;
        for _ in 0..400 {
            let next: [f64; 6] = core::array::from_fn(|k| times(&inertia, &way)[k] / stiffness[k]);
            let size = next.iter().map(|x| x * x).sum::<f64>().sqrt();
            square = way.iter().map(|x| x * x).sum::<f64>().sqrt() / size;
            way = next.map(|x| x / size);
        }
        let w = square.sqrt();
        let (linear, angular) = halves(&way);
        let size = 2e-3 / linear.norm();
        let target = Pose::new(start.position + linear * size, Quat::from_rotation_vector(angular * size) * start.rotation);
        let (mut tau, mut most) = (vec![0.0; 7], 0.0_f64);
        for step in 0..800 {
            let (q, v) = (plant.q.clone(), plant.v.clone());
            control.step(&ToolReference::standing(target), &q, &v, &mut tau).unwrap();
            plant.run(&tau, PERIOD_S);
            let t = f64::from(step + 1) * PERIOD_S;
            let wanted = if zeta < 1.0 {
                let d = w * (1.0 - zeta * zeta).sqrt();
                1.0 - (-zeta * w * t).exp() * ((d * t).cos() + zeta * w / d * (d * t).sin())
            } else {
                1.0 - (-w * t).exp() * (1.0 + w * t)
            };
            let gone = (plant.tip().position - start.position).dot(linear) / (size * linear.dot(linear));
            assert!((gone - wanted).abs() < 0.02, "{zeta} {t}: {gone} {wanted}");
            most = most.max(gone);
        }
        assert_eq!(most > 1.1, overshoot, "{most}");
    }
}

/// Hooke's law: pushed with 10 N along an axis of the frame the tool comes to rest 10/k away, and nothing else gives.
#[test]
fn a_push_moves_the_tool_by_its_compliance() {
    let frame = Quat::from_axis_angle(Vec3::Y, 0.5);
    let stiffness = [400.0, 1000.0, 2000.0, 60.0, 60.0, 60.0];
    for (k, stiff) in [400.0, 1000.0, 2000.0].into_iter().enumerate() {
        let mut plant = Plant::new(&arms::seven_axes(), &SEVEN);
        let start = plant.tip();
        let mut control = impedance(&plant, Compliance { frame, stiffness, ..Compliance::even(0.0, 0.0) });
        let along = frame.to_mat().column(k);
        plant.push[..3].copy_from_slice(&(along * 10.0).to_array());
        let mut tau = vec![0.0; 7];
        for _ in 0..2500 {
            let (q, v) = (plant.q.clone(), plant.v.clone());
            control.step(&ToolReference::standing(start), &q, &v, &mut tau).unwrap();
            plant.run(&tau, PERIOD_S);
        }
        let way = plant.tip().position - start.position;
        assert!((way - along * (10.0 / stiff)).norm() < 2e-4 * 10.0 / stiff, "{k}: {way:?}");
        let turn = (plant.tip().rotation * start.rotation.conjugate()).to_rotation_vector();
        assert!(turn.norm() < 1e-5, "{turn:?}");
    }
}

/// The law that makes contact safe: whatever the stiffness does, the tool's motion ½·ẋᵀ·Λ·ẋ, its spring and tank never hold more than they began with
/// and what pushes put in. The same motion without the tank's account breaks it, so the test sees what it is for.
#[test]
fn changing_stiffness_makes_no_energy() {
    let gain = |account: bool| {
        let mut plant = Plant::new(&arms::seven_axes(), &SEVEN);
        let start = plant.tip();
        // Steps as short as the plant's, so that the loop's own sampling makes none.
        let mut control =
            Impedance::new(plant.dynamics(), plant.chain.clone(), Compliance::even(200.0, 20.0), vec![1e4; 7], STEP_S, 0);
        control.compliance.damping_ratio = 0.05;
        control.change_s = 2e-3;
        let (most_j, level_j) = if account { (0.3, 0.1) } else { (1e6, 1e6) };
        control.tank = Tank { level_j, most_j };
        let (mut most, mut tau) = (f64::NEG_INFINITY, vec![0.0; 7]);
        for step in 0..30_000 {
            let t = f64::from(step) * STEP_S;
            plant.push = if t < 0.05 { [0.0, 20.0, 10.0, 0.0, 0.0, 0.0] } else { [0.0; 6] };
            // Stiff on the way in, soft on the way out: the change that pumps, if it is free.
            let (way, linear) = (halves(&control.felt().error).0, halves(&control.state().velocity).0);
            let stiff = if way.dot(linear) > 0.0 { 1500.0 } else { 200.0 };
            control.compliance.stiffness[..3].fill(stiff);
            let (q, v) = (plant.q.clone(), plant.v.clone());
            control.step(&ToolReference::standing(start), &q, &v, &mut tau).unwrap();
            let felt = control.felt();
            let spring: f64 = 0.5 * (0..6).map(|k| felt.error[k] * felt.spring[k]).sum::<f64>();
            let tank = if account { control.tank.level_j - level_j } else { 0.0 };
            let state = control.state();
            let momentum = times(&state.inertia, &state.velocity);
            let kinetic: f64 = 0.5 * (0..6).map(|k| momentum[k] * state.velocity[k]).sum::<f64>();
            most = most.max(kinetic + spring + tank - plant.work_j);
            plant.run(&tau, STEP_S);
        }
        most
    };
    let (kept, made) = (gain(true), gain(false));
    assert!(kept < 1e-3, "{kept} J came from nowhere");
    assert!(made > 0.3, "without the account it would be joules: {made} J");
}

/// No bump: the torques of one step after a jump of the stiffness by 2000 N/m, 10 mm off the reference, differ by what a fiftieth of it makes.
#[test]
fn a_new_stiffness_comes_gently() {
    let plant = Plant::new(&arms::six_axes(), &SIX);
    let mut control = impedance(&plant, Compliance::even(500.0, 50.0));
    let mut off = plant.tip();
    off.position.z += 0.01;
    let mut tau = vec![0.0; 6];
    for _ in 0..1000 {
        control.step(&ToolReference::standing(off), &SIX, &[0.0; 6], &mut tau).unwrap();
    }
    let before = control.felt().wrench[2];
    assert!((before - 5.0).abs() < 1e-3, "{before} N");
    control.compliance.stiffness[2] = 2500.0;
    control.step(&ToolReference::standing(off), &SIX, &[0.0; 6], &mut tau).unwrap();
    let after = control.felt().wrench[2];
    assert!((after - before - 0.4).abs() < 1e-3, "{before} {after}");
    (0..1000).for_each(|_| control.step(&ToolReference::standing(off), &SIX, &[0.0; 6], &mut tau).unwrap());
    assert!((control.felt().wrench[2] - 25.0).abs() < 1e-3);
}

/// The arm's free joint goes to its posture while the tool stays.
#[test]
fn the_posture_changes_behind_the_tool() {
    let mut plant = Plant::new(&arms::seven_axes(), &SEVEN);
    let start = plant.tip();
    let mut control = impedance(&plant, Compliance::even(1000.0, 50.0));
    let mut q = SEVEN;
    q[0] += 0.6;
    control.posture = Some(Posture { q: q.to_vec(), natural_frequency_rad_s: 4.0 });
    let (mut tau, mut most) = (vec![0.0; 7], 0.0_f64);
    for _ in 0..3000 {
        let (q, v) = (plant.q.clone(), plant.v.clone());
        control.step(&ToolReference::standing(start), &q, &v, &mut tau).unwrap();
        plant.run(&tau, PERIOD_S);
        most = most.max((plant.tip().position - start.position).norm());
    }
    assert!(most < 1e-4, "the tool moved by {most} m");
    assert!((plant.q[0] - SEVEN[0]).abs() > 0.1, "the joints moved: {:?}", plant.q);
    assert!(plant.v.iter().all(|v| v.abs() < 0.02), "{:?}", plant.v);
}

/// Readings three steps late: a wrist so light that its spring would swing faster than the loop can see is held softer and stays still. A moving
/// reference is followed without the lag that comparing it with late readings would show: 0.2 m/s by 3 ms are 0.6 mm.
#[test]
fn late_readings_are_allowed_for() {
    let mut plant = Plant::new(&arms::six_axes(), &SIX);
    let start = plant.tip();
    let late = 3;
    let mut control =
        Impedance::new(plant.dynamics(), plant.chain.clone(), Compliance::even(3000.0, 300.0), vec![1e4; 6], PERIOD_S, late);
    let mut seen: std::collections::VecDeque<_> = (0..late).map(|_| (plant.q.clone(), plant.v.clone())).collect();
    let (mut tau, mut softened, mut lag) = (vec![0.0; 6], false, 0.0);
    for step in 0..1500 {
        let t = f64::from(step) * PERIOD_S;
        let speed = 0.2 * (t / 0.5).min(1.0);
        let way = if t < 0.5 { 0.2 * t * t } else { 0.05 + 0.2 * (t - 0.5) };
        let mut reference = ToolReference::standing(Pose::new(start.position + Vec3::new(0.0, way, 0.0), start.rotation));
        reference.velocity[1] = speed;
        reference.acceleration[1] = if t < 0.5 { 0.4 } else { 0.0 };
        seen.push_back((plant.q.clone(), plant.v.clone()));
        let (q, v) = seen.pop_front().unwrap();
        control.step(&reference, &q, &v, &mut tau).unwrap();
        softened |= control.felt().softened;
        plant.run(&tau, PERIOD_S);
        lag = reference.pose.position.y + 0.2 * PERIOD_S - plant.tip().position.y;
    }
    assert!(softened);
    assert!(lag.abs() < 2e-5, "{lag} m behind");
    let velocity = plant.tip_velocity();
    assert!((velocity[1] - 0.2).abs() < 2e-3 && velocity[3..].iter().all(|w| w.abs() < 0.01), "{velocity:?}");
}

/// What is no number is refused, and torques stay as they were.
#[test]
fn what_is_no_number_is_refused() {
    let plant = Plant::new(&arms::six_axes(), &SIX);
    let reference = ToolReference::standing(plant.tip());
    let mut tau = vec![7.0; 6];
    let mut bad = SIX;
    bad[3] = f64::NAN;
    let mut control = impedance(&plant, Compliance::even(100.0, 10.0));
    assert!(matches!(control.step(&reference, &bad, &[0.0; 6], &mut tau), Err(NoTorques::State(_))));
    assert!(matches!(control.step(&reference, &SIX, &[f64::INFINITY; 6], &mut tau), Err(NoTorques::State(_))));
    for stiffness in [-1.0, f64::NAN, f64::INFINITY] {
        control.compliance.stiffness[4] = stiffness;
        assert_eq!(control.step(&reference, &SIX, &[0.0; 6], &mut tau), Err(NoTorques::Compliance));
    }
    control.compliance = Compliance { frame: Quat::new(2.0, 0.0, 0.0, 0.0), ..Compliance::even(100.0, 10.0) };
    assert_eq!(control.step(&reference, &SIX, &[0.0; 6], &mut tau), Err(NoTorques::Compliance));
    control.compliance = Compliance::even(100.0, 10.0);
    let mut nowhere = reference;
    nowhere.wrench[0] = f64::NAN;
    assert_eq!(control.step(&nowhere, &SIX, &[0.0; 6], &mut tau), Err(NoTorques::Reference));
    // So great that squares of them are no numbers.
    assert!(control.step(&reference, &SIX, &[1e200; 6], &mut tau).is_err());
    control.compliance.stiffness[0] = 1e300;
    assert_eq!(control.step(&reference, &SIX, &[0.0; 6], &mut tau), Err(NoTorques::Compliance));
    control.compliance.stiffness[0] = 100.0;
    assert_eq!(tau, vec![7.0; 6]);
    assert_eq!(control.step(&reference, &SIX, &[0.0; 6], &mut tau), Ok(()));
    // Stretched out: the tip has lost a direction, and torques are numbers all the same.
    for q in [[0.0; 6], [0.0, -1.2, 1.6, -1.9, 0.0, 0.2]] {
        let reference =
            ToolReference::standing(Pose::new(plant.chain.tip(&q).position + Vec3::new(0.1, 0.1, 0.1), Quat::IDENTITY));
        control.step(&reference, &q, &[1.0; 6], &mut tau).unwrap();
        assert!(tau.iter().all(|t| t.is_finite()));
    }
}
