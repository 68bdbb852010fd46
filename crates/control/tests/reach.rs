//! Inverse kinematics and straight lines, against forward kinematics: what was reached is what was asked for.
// Published postures and ranges stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;

use leitai_control::{Chain, IkOptions, Path, ik};
use leitai_dynamics::{Data, kinematics, site_pose};
use leitai_math::{Pose, Quat, Seed, Vec3};
use leitai_model::{Model, Spec};

fn chain_of(spec: &Spec) -> (Model, Chain) {
    let model = spec.build().expect("the test's arm is sound");
    let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
    (model, chain)
}

/// Two ways to the same frame: the chain's own product of poses and the dynamics crate's recursion over bodies.
#[test]
fn the_chain_agrees_with_the_models_kinematics() {
    for spec in [arms::six_axes(), arms::seven_axes()] {
        let (model, chain) = chain_of(&spec);
        let mut data = Data::new(&model);
        let mut draw = Seed::from_number(3).stream("postures");
        for _ in 0..100 {
            let q: Vec<f64> = (0..model.nq).map(|_| draw.uniform(-3.0, 3.0)).collect();
            kinematics(&model, &mut data, &q);
            let (p, r) = ik::pose_error(&site_pose(&model, &data, model.site_named("tool_mount").unwrap()), &chain.tip(&q));
            assert!(p.norm() < 1e-12 && r.norm() < 1e-12, "{p:?} {r:?}");
        }
    }
}

/// Law: the Jacobian is the derivative of the pose (central differences, error of second order).
#[test]
fn the_jacobian_is_the_derivative_of_the_pose() {
    let (_, chain) = chain_of(&arms::six_axes());
    let mut draw = Seed::from_number(4).stream("postures");
    let h = 1e-6;
    for _ in 0..50 {
        let q: Vec<f64> = (0..6).map(|_| draw.uniform(-3.0, 3.0)).collect();
        let mut jacobian = vec![[0.0; 6]; 6];
        chain.tip_and_jacobian(&q, &mut jacobian);
        for i in 0..6 {
            let moved = |by: f64| {
                let mut q = q.clone();
                q[i] += by;
                chain.tip(&q)
            };
            let (p, r) = ik::pose_error(&moved(h), &moved(-h));
            for (k, x) in [p.x, p.y, p.z, r.x, r.y, r.z].into_iter().enumerate() {
                assert!((x / (2.0 * h) - jacobian[i][k]).abs() < 1e-7, "{i} {k}");
            }
        }
    }
}

/// Poses made by forward kinematics are reachable, so each must be found, by another posture or the same.
#[test]
fn every_reachable_pose_is_found_on_six_and_seven_axes() {
    for spec in [arms::six_axes(), arms::seven_axes()] {
        let (_, chain) = chain_of(&spec);
        let n = chain.len();
        let mut draw = Seed::from_number(5).stream("postures");
        let mut restarts = Seed::from_number(5).stream("restarts");
        let mut missed = 0;
        for case in 0..400 {
            let q: Vec<f64> = (0..n).map(|_| draw.uniform(-3.0, 3.0)).collect();
            let target = chain.tip(&q);
            let options = IkOptions { wanted: 1, ..IkOptions::default() };
            match ik::solve(&chain, &target, &vec![0.1; n], &mut restarts, &options) {
                Ok(found) => {
                    let (p, r) = ik::pose_error(&target, &chain.tip(&found[0].q));
                    assert!(p.norm() < 1e-6 && r.norm() < 1e-6, "case {case}: {p:?} {r:?}");
                    assert!((0..n).all(|i| found[0].q[i] >= chain.low[i] && found[0].q[i] <= chain.high[i]), "case {case}");
                }
                Err(_) => missed += 1,
            }
        }
        assert!(missed <= 1, "{}: {missed} of 400 reachable poses were not found", spec.name);
    }
}

/// A posture near the answer gets that answer, not another branch or another turn of the wrist.
#[test]
fn the_nearest_posture_comes_first() {
    let (_, chain) = chain_of(&arms::six_axes());
    let mut draw = Seed::from_number(6).stream("postures");
    let mut restarts = Seed::from_number(6).stream("restarts");
    for _ in 0..100 {
        let q: Vec<f64> = (0..6).map(|i| draw.uniform(0.4, 1.4) * if i == 1 { -1.0 } else { 1.0 }).collect();
        let near: Vec<f64> = q.iter().map(|q| q + draw.uniform(-0.05, 0.05)).collect();
        let found = ik::solve(&chain, &chain.tip(&q), &near, &mut restarts, &IkOptions::default()).unwrap();
        assert!(ik::distance(&found[0].q, &q) < 1e-6, "{:?} {q:?}", found[0].q);
    }
}

/// Two meters away from a 1.75 m arm is out of reach, and the answer says by how much.
#[test]
fn a_pose_out_of_reach_is_an_error_with_the_distance() {
    let (_, chain) = chain_of(&arms::six_axes());
    let target = Pose::new(Vec3::new(3.0, 0.0, 0.2363), Quat::IDENTITY);
    let mut restarts = Seed::from_number(7).stream("restarts");
    let error = ik::solve(&chain, &target, &[0.1; 6], &mut restarts, &IkOptions::default()).unwrap_err();
    assert!(error.nearest.position_error_m > 1.0, "{error}");
    assert!(error.to_string().contains("no posture reaches the pose"), "{error}");
}

/// The same stream gives the same bits.
#[test]
fn the_same_stream_gives_the_same_bits() {
    let (_, chain) = chain_of(&arms::seven_axes());
    let target = chain.tip(&[0.3, -0.5, 0.2, 1.0, 0.4, -0.8, 0.1]);
    let run = || ik::solve(&chain, &target, &[0.0; 7], &mut Seed::from_number(8).stream("x"), &IkOptions::default()).unwrap();
    assert_eq!(run(), run());
}

/// Forward kinematics at points between the knots: the tool stays on its straight line.
#[test]
fn a_straight_line_is_straight_between_its_knots() {
    let (_, chain) = chain_of(&arms::six_axes());
    let home = [0.0, -1.6, 1.9, -1.870_796_326_794_896_6, -1.570_796_326_794_896_6, 0.0];
    let start = chain.tip(&home);
    let turn = Quat::from_rotation_vector(Vec3::new(0.05, -0.03, 0.2));
    let end = Pose::new(start.position + Vec3::new(0.05, 0.1, -0.3), turn * start.rotation);
    let path = Path::line(&chain, &home, &end, 0.01, 0.3).unwrap();
    let (mut q, mut slope, mut bend) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    for k in 0..=1000 {
        let share = f64::from(k) / 1000.0;
        path.at(path.length() * share, &mut q, &mut slope, &mut bend);
        let tip = chain.tip(&q);
        let on_line = start.position + (end.position - start.position) * share;
        assert!((tip.position - on_line).norm() < 2e-6, "{share}: {:?}", tip.position - on_line);
    }
    let (p, r) = ik::pose_error(&end, &chain.tip(path.end()));
    assert!(p.norm() < 1e-8 && r.norm() < 1e-8);
    let far = Pose::new(start.position + Vec3::new(2.0, 0.0, 0.0), start.rotation);
    let error = Path::line(&chain, &home, &far, 0.01, 0.3).unwrap_err();
    assert!(error.to_string().contains("leaves the arm's reach"), "{error}");
}
