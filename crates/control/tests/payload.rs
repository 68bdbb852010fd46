//! What an arm carries, found from its torques.

use leitai_control::excitation::{Excitation, Room};
use leitai_control::payload::{NotTold, PayloadEstimator};
use leitai_control::{ArmDynamics, Payload};
use leitai_math::{Pose, Quat, Seed, Vec3};
use leitai_model::spec::{BodySpec, InertialSpec, JointSpec, SiteSpec};
use leitai_model::{JointId, SiteId, Spec};

/// Six links, each turning about another axis than the one before.
fn arm() -> (ArmDynamics, usize) {
    let axes = [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)];
    let mut tip = BodySpec::default();
    for (i, &(x, y, z)) in axes.iter().enumerate().rev() {
        let inertia = leitai_math::Mat3::diagonal(Vec3::new(0.02, 0.03, 0.04));
        let mut link = BodySpec {
            name: format!("link{i}"),
            pose: Pose::new(Vec3::new(0.0, 0.0, 0.3), Quat::IDENTITY),
            inertial: Some(InertialSpec { mass: 3.0, pose: Pose::new(Vec3::new(0.01, 0.02, 0.1), Quat::IDENTITY), inertia }),
            joints: vec![JointSpec {
                name: format!("j{i}"),
                axis: Vec3::new(x, y, z),
                kind: leitai_model::spec::JointKind::Hinge,
                ..JointSpec::default()
            }],
            ..BodySpec::default()
        };
        if i == 5 {
            link.sites.push(SiteSpec {
                name: "hand".to_string(),
                pose: Pose::new(Vec3::new(0.0, 0.0, 0.1), Quat::IDENTITY),
                ..SiteSpec::default()
            });
        } else {
            link.bodies.push(tip);
        }
        tip = link;
    }
    let mut spec = Spec::default();
    spec.world.bodies.push(tip);
    let model = spec.build().expect("an arm");
    let joints: Vec<JointId> = (0..6).map(JointId).collect();
    (ArmDynamics::new(&model, &joints, SiteId(0)), 6)
}

fn load() -> Payload {
    let turn = Quat::from_axis_angle(Vec3::new(0.6, 0.0, 0.8), 0.7);
    Payload { mass_kg: 3.0, pose: Pose::new(Vec3::new(0.04, -0.03, 0.12), turn), inertia: Vec3::new(0.030, 0.024, 0.012) }
}

fn room(center: f64) -> Room {
    Room { center, reach: 1.0, speed: 2.0, acceleration: 8.0 }
}

fn seen(noise: f64, moving: usize) -> PayloadEstimator {
    let (mut truth, n) = arm();
    truth.carry(&load(), 1.0);
    let mut estimator = PayloadEstimator::new(arm().0, &[noise.max(1e-3); 6]);
    let rooms: Vec<Room> = (0..n).map(|i| room(0.1 * i as f64)).collect();
    let motion = Excitation::new(&rooms, 10.0, &Seed::from_number(3));
    let mut draw = Seed::from_number(4).stream("noise");
    let (mut q, mut v, mut a, mut tau) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
    for k in 0..1000 {
        motion.at(0.01 * f64::from(k), &mut q, &mut v, &mut a);
        for i in 0..n - moving {
            (q[i], v[i], a[i]) = (0.1 * i as f64, 0.0, 0.0);
        }
        truth.torques(&q, &v, &a, &mut tau);
        tau.iter_mut().for_each(|t| *t += draw.normal(0.0, noise));
        estimator.add(&q, &v, &a, &tau);
    }
    estimator
}

/// Without noise the load comes out as it is: the law that torques are linear in its parameters.
#[test]
fn a_load_is_found_exactly_from_exact_torques() {
    let found = seen(0.0, 6).estimate().expect("told");
    let (is, was) = (found.payload, load());
    assert!(!found.mended);
    assert!((is.mass_kg - was.mass_kg).abs() < 1e-8, "{is:?}");
    assert!((is.pose.position - was.pose.position).norm() < 1e-8, "{is:?}");
    let tensor = |p: &Payload| {
        let r = p.pose.rotation.to_mat();
        r * leitai_math::Mat3::diagonal(p.inertia) * r.transpose()
    };
    let (is, was) = (tensor(&is), tensor(&was));
    for r in 0..3 {
        assert!((is.row(r) - was.row(r)).norm() < 1e-8, "{is:?} {was:?}");
    }
}

/// With noise the error is what the stated deviation says: of ten parameters' errors over their deviations none is beyond 4.5.
#[test]
fn deviations_are_true() {
    let found = seen(0.5, 6).estimate().expect("told");
    let mass = (found.payload.mass_kg - 3.0) / found.deviation[0];
    let first = found.payload.pose.position * found.payload.mass_kg - load().pose.position * 3.0;
    assert!(mass.abs() < 4.5, "{found:?}");
    for (error, deviation) in first.to_array().iter().zip(&found.deviation[1..4]) {
        assert!((error / deviation).abs() < 4.5, "{found:?}");
    }
    assert!(found.deviation[0] < 0.02 && found.deviation[1..4].iter().all(|d| *d < 0.006), "{found:?}");
}

/// One joint alone leaves parameters open; an empty hand is said to be one.
#[test]
fn what_the_motion_does_not_tell_is_not_told() {
    assert_eq!(seen(0.1, 1).estimate().unwrap_err(), NotTold::Motion);
    let (mut empty, n) = arm();
    let mut estimator = PayloadEstimator::new(arm().0, &[0.1; 6]);
    assert_eq!(estimator.estimate().unwrap_err(), NotTold::Motion, "nothing was seen");
    let rooms: Vec<Room> = (0..n).map(|_| room(0.0)).collect();
    let motion = Excitation::new(&rooms, 10.0, &Seed::from_number(3));
    let (mut q, mut v, mut a, mut tau) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
    for k in 0..200 {
        motion.at(0.05 * f64::from(k), &mut q, &mut v, &mut a);
        empty.torques(&q, &v, &a, &mut tau);
        estimator.add(&q, &v, &a, &tau);
    }
    assert_eq!(estimator.estimate().unwrap_err(), NotTold::Weightless);
}
