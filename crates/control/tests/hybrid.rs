//! Pressing on walls: the force that is reached, the force of the first touch, and the motion along the wall meanwhile.

// Published postures and ranges of the arms stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod plant;

use leitai_control::hybrid::{NoPush, impact_speed};
use leitai_control::operational::times;
use leitai_control::{Compliance, ForceGains, Hybrid, Impedance, Push, ToolReference};
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::Spec;
use plant::{Plant, Wall};

const SEVEN: [f64; 7] = [0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1];
const PERIOD_S: f64 = 1e-3;

/// A wall 5 mm in front of the tip, its inward normal along the frame's z, and a hybrid control for it.
fn before_a_wall(stiffness: f64, told: f64) -> (Plant, Hybrid, Quat) {
    with_a_tool(&arms::seven_axes(), stiffness, told)
}

fn with_a_tool(arm: &Spec, stiffness: f64, told: f64) -> (Plant, Hybrid, Quat) {
    let mut plant = Plant::new(arm, &SEVEN);
    let frame = Quat::from_rotation_vector(Vec3::new(0.2, 2.0, 0.1));
    let inward = frame.to_mat().column(2);
    let point = plant.tip().position + inward * 0.005;
    plant.wall = Some(Wall { point, normal: -inward, stiffness, damping: 0.0 });
    let compliance = Compliance { frame, ..Compliance::even(1000.0, 50.0) };
    let impedance = Impedance::new(plant.dynamics(), plant.chain.clone(), compliance, vec![300.0; 7], PERIOD_S, 0);
    let gains = ForceGains { surface: [told, 200.0], impact_n: 20.0, ..ForceGains::default() };
    (plant, Hybrid::new(impedance, gains), frame)
}

const PRESS: Push =
    Push { along: [false, false, true, false, false, false], wanted: [0.0, 0.0, 15.0, 0.0, 0.0, 0.0], approach_m_s: 0.5 };

/// Force along the inward normal that the tip exerts.
fn felt(plant: &Plant, frame: Quat) -> f64 {
    -frame.to_mat().column(2).dot(Vec3::from_slice(&plant.contact))
}

/// On walls from soft to hard the force comes to 15 N within 1 %, and the first touch stays below what it may reach; along the wall the tool follows its
/// reference, 30 mm in a second, within 0.5 mm.
#[test]
fn the_wanted_force_is_reached_on_soft_and_hard_walls() {
    for stiffness in [1e3, 1e4, 1e5] {
        let (mut plant, mut control, frame) = before_a_wall(stiffness, stiffness);
        let start = plant.tip();
        let sideways = frame.to_mat().column(0);
        let (mut tau, mut peak) = (vec![0.0; 7], 0.0_f64);
        let mut reference = ToolReference::standing(start);
        for step in 0..3000 {
            let t = f64::from(step) * PERIOD_S;
            let u = (t - 1.0).clamp(0.0, 1.0);
            let gone = 0.03 * u * u * (3.0 - 2.0 * u);
            reference.pose.position = start.position + sideways * gone;
            let speed = 0.03 * 6.0 * u * (1.0 - u);
            let faster = if u > 0.0 && u < 1.0 { 0.18 * (1.0 - 2.0 * u) } else { 0.0 };
            reference.acceleration[..3].copy_from_slice(&(sideways * faster).to_array());
            reference.velocity[..3].copy_from_slice(&(sideways * speed).to_array());
            let (q, v, contact) = (plant.q.clone(), plant.v.clone(), plant.contact);
            control.step(&reference, &PRESS, &q, &v, &contact, &mut tau).unwrap();
            plant.run(&tau, PERIOD_S);
            peak = peak.max(felt(&plant, frame));
            if t > 1.2 {
                let off = (plant.tip().position - start.position).dot(sideways) - gone;
                assert!(off.abs() < 5e-4, "{stiffness} N/m: {off} m off the way at {t} s");
            }
            if t > 2.5 {
                let force = felt(&plant, frame);
                assert!((force - 15.0).abs() < 0.15, "{stiffness} N/m: {force} N at {t} s");
            }
        }
        assert_eq!(control.touching(), [false, false, true, false, false, false]);
        assert!(peak < 20.0, "{stiffness} N/m: the first touch reached {peak} N");
    }
}

/// With torques that act a period late the loop keeps still on the hardest wall too. At the end of a tool of 0.3 m the mass along the axis is several times
/// as great with the others held as with them free: damping for the held mass alone would shake the arm.
#[test]
fn a_late_loop_keeps_still_on_a_hard_wall() {
    let mut long = arms::seven_axes();
    arms::last_link(&mut long).sites[0].pose.position.z = 0.3;
    let (mut plant, mut control, frame) = with_a_tool(&long, 1e5, 1e5);
    let reference = ToolReference::standing(plant.tip());
    let (mut tau, mut next, mut last) = (vec![0.0; 7], vec![0.0; 7], 0.0_f64);
    plant.dynamics().holding(&SEVEN, &[0.0; 7], &[0.0; 7], &mut tau);
    for step in 0..2500 {
        let (q, v, contact) = (plant.q.clone(), plant.v.clone(), plant.contact);
        control.step(&reference, &PRESS, &q, &v, &contact, &mut next).unwrap();
        plant.run(&tau, PERIOD_S);
        tau.copy_from_slice(&next);
        assert!(felt(&plant, frame) < 20.0, "{} N after {step} ms", felt(&plant, frame));
        if step > 2000 {
            last = last.max((felt(&plant, frame) - 15.0).abs());
        }
    }
    assert!(last < 0.15, "{last} N off");
}

/// Told of the hardest wall there may be, the loop finds how soft this one is, and neither swings nor misses the force.
#[test]
fn a_wall_softer_than_told_is_found_out() {
    for stiffness in [1e3, 5e3, 3e4] {
        let (mut plant, mut control, frame) = before_a_wall(stiffness, 1e5);
        let reference = ToolReference::standing(plant.tip());
        let (mut tau, mut peak) = (vec![0.0; 7], 0.0_f64);
        for _ in 0..2500 {
            let (q, v, contact) = (plant.q.clone(), plant.v.clone(), plant.contact);
            control.step(&reference, &PRESS, &q, &v, &contact, &mut tau).unwrap();
            plant.run(&tau, PERIOD_S);
            peak = peak.max(felt(&plant, frame));
        }
        let found = control.surface()[2].unwrap();
        assert!((found / stiffness - 1.0).abs() < 0.02, "{stiffness} N/m found as {found}");
        assert!(
            (felt(&plant, frame) - 15.0).abs() < 0.15 && peak < 18.0,
            "{stiffness}: {} N, at most {peak} N",
            felt(&plant, frame)
        );
    }
}

/// Closed form: without damping, at the stated speed, a mass on the wall's spring is stopped with the stated force. The approach keeps to that speed.
#[test]
fn the_tool_comes_as_fast_as_it_may_touch() {
    let (mass, stiffness) = (4.0_f64, 1e4);
    let v = impact_speed(20.0, stiffness, mass);
    assert!((0.5 * mass * v * v - 0.5 * 20.0 * 20.0 / stiffness).abs() < 1e-15, "energies agree");
    let (mut plant, mut control, frame) = before_a_wall(1e4, 1e4);
    plant.wall = None;
    let reference = ToolReference::standing(plant.tip());
    let mut tau = vec![0.0; 7];
    for _ in 0..300 {
        let (q, v) = (plant.q.clone(), plant.v.clone());
        control.step(&reference, &PRESS, &q, &v, &[0.0; 6], &mut tau).unwrap();
        plant.run(&tau, PERIOD_S);
    }
    let inward = frame.to_mat().column(2);
    let along = [inward.x, inward.y, inward.z, 0.0, 0.0, 0.0];
    let state = control.impedance.state();
    let held: f64 = times(&state.inertia, &along).iter().zip(along).map(|(a, b)| a * b).sum();
    assert!(held >= state.effective_mass(inward));
    let allowed = impact_speed(20.0, 1e4, held);
    let speed = inward.dot(Vec3::from_slice(&plant.tip_velocity()[..3]));
    assert!((speed / allowed - 1.0).abs() < 0.02 && allowed < 0.5, "{speed} m/s of {allowed} m/s");
}

/// A wall that is gone is looked for again, and pressing ends without a jump when the axis is given back to its spring.
#[test]
fn a_lost_wall_is_looked_for_and_the_spring_comes_back_gently() {
    let (mut plant, mut control, frame) = before_a_wall(1e4, 1e4);
    let mut reference = ToolReference::standing(plant.tip());
    let mut tau = vec![0.0; 7];
    let mut steps = |plant: &mut Plant, control: &mut Hybrid, reference: &ToolReference, push: &Push, count: usize| {
        let mut jump = 0.0_f64;
        for step in 0..count {
            let (q, v, contact) = (plant.q.clone(), plant.v.clone(), plant.contact);
            let before = tau.clone();
            control.step(reference, push, &q, &v, &contact, &mut tau).unwrap();
            plant.run(&tau, PERIOD_S);
            if step > 0 {
                jump = tau.iter().zip(&before).fold(jump, |most, (a, b)| most.max((a - b).abs()));
            }
        }
        jump
    };
    steps(&mut plant, &mut control, &reference, &PRESS, 1000);
    assert!(control.touching()[2] && (felt(&plant, frame) - 15.0).abs() < 1.0);
    let wall = plant.wall.as_mut().unwrap();
    wall.point -= wall.normal * 0.02;
    steps(&mut plant, &mut control, &reference, &PRESS, 100);
    assert!(!control.touching()[2], "nothing is touched");
    steps(&mut plant, &mut control, &reference, &PRESS, 1900);
    assert!(control.touching()[2] && (felt(&plant, frame) - 15.0).abs() < 1.0, "{} N", felt(&plant, frame));
    reference.pose = Pose::new(plant.tip().position, reference.pose.rotation);
    let jump = steps(&mut plant, &mut control, &reference, &Push::default(), 500);
    assert!(jump < 5.0, "{jump} N·m in one step");
    assert!(felt(&plant, frame) < 15.0);
}

#[test]
fn what_is_no_number_is_refused() {
    let (plant, mut control, _) = before_a_wall(1e4, 1e4);
    let reference = ToolReference::standing(plant.tip());
    let mut tau = vec![7.0; 7];
    let v = [0.0; 7];
    assert_eq!(control.step(&reference, &PRESS, &SEVEN, &v, &[f64::NAN; 6], &mut tau), Err(NoPush::Force));
    let mut push = PRESS;
    push.wanted[2] = f64::INFINITY;
    assert_eq!(control.step(&reference, &push, &SEVEN, &v, &[0.0; 6], &mut tau), Err(NoPush::Force));
    assert!(matches!(control.step(&reference, &PRESS, &[f64::NAN; 7], &v, &[0.0; 6], &mut tau), Err(NoPush::Impedance(_))));
    // So great that products of them overflow: refused or bounded by the drives, and forgotten by the next step.
    let mut given = tau.clone();
    for contact in [[-1e308; 6], [1e308; 6], [0.0; 6]] {
        let done = control.step(&reference, &PRESS, &SEVEN, &v, &contact, &mut given);
        assert!(given.iter().all(|t| t.abs() <= 300.0), "{given:?}");
        assert!(done.is_ok() || contact[0] != 0.0);
    }
    control.gains.surface[0] = 0.0;
    assert_eq!(control.step(&reference, &PRESS, &SEVEN, &v, &[0.0; 6], &mut tau), Err(NoPush::Force));
    assert_eq!(tau, vec![7.0; 7]);
}
