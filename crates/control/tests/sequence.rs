//! Cartesian sequences: the tool on its curve, joints within their limits, geometry against closed forms.
// Published postures and ranges stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;

use leitai_control::sequence::{Options, Segment, Sequence, SequenceError, Start, ToolPath, Way};
use leitai_control::timing::JointLimits;
use leitai_control::{ArmDynamics, Chain};
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::{JointId, Model};

const HOME: [f64; 6] = [0.0, -1.6, 1.9, -1.8707963267948966, -1.5707963267948966, 0.0];

fn six() -> (Model, Chain) {
    let model = arms::six_axes().build().expect("the test's arm is sound");
    let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
    (model, chain)
}

fn limits(n: usize) -> JointLimits {
    JointLimits { velocity: vec![2.0; n], acceleration: vec![8.0; n], jerk: vec![100.0; n], torque: Vec::new() }
}

fn line(to: Pose, blend_m: f64, speed_m_s: f64) -> Segment {
    Segment { way: Way::Line, to, blend_m, speed_m_s, acceleration_m_s2: 2.0 }
}

fn moved(from: &Pose, way: [f64; 3]) -> Pose {
    Pose::new(from.position + Vec3::from_slice(&way), from.rotation)
}

fn greatest(values: &[f64], limits: &[f64]) -> f64 {
    values.iter().zip(limits).fold(0.0, |most, (x, limit)| most.max(x.abs() / limit))
}

/// Shares of the limits of velocity, acceleration and jerk at many instants; jerk from differences of the acceleration.
fn shares(sequence: &Sequence, limits: &JointLimits) -> [f64; 3] {
    let n = limits.velocity.len();
    let (mut q, mut v, mut a, mut before) = (vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let steps = 8000;
    let dt = sequence.duration_s() / f64::from(steps);
    let mut most = [0.0f64; 3];
    for k in 0..=steps {
        sequence.at(f64::from(k) * dt, &mut q, &mut v, &mut a);
        let jerk: Vec<f64> = a.iter().zip(&before).map(|(a, b)| (a - b) / dt).collect();
        most[0] = most[0].max(greatest(&v, &limits.velocity));
        most[1] = most[1].max(greatest(&a, &limits.acceleration));
        most[2] = most[2].max(if k > 0 { greatest(&jerk, &limits.jerk) } else { 0.0 });
        before.copy_from_slice(&a);
    }
    most
}

/// Distance of the tool from `tool` over the whole motion, by forward kinematics at instants that the planner did not use.
fn deviation(chain: &Chain, sequence: &Sequence) -> f64 {
    let n = chain.len();
    let (mut q, mut v, mut a) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut most = 0.0f64;
    for k in 0..=3000 {
        let t = sequence.duration_s() * f64::from(k) / 3000.0;
        sequence.at(t, &mut q, &mut v, &mut a);
        let reached = chain.tip(&q);
        let target = sequence.tool.pose(sequence.timing.at(t).position);
        let turn = (target.rotation * reached.rotation.conjugate()).to_rotation_vector();
        most = most.max((target.position - reached.position).norm()).max(0.3 * turn.norm());
    }
    most
}

/// A frame of four lines and a half circle with blends: the joints' limits hold, the tool stays on its curve, and long sides are run at the
/// asked speed. Truth: forward kinematics and the limits themselves.
#[test]
fn a_sequence_keeps_limits_and_curve() {
    let (_, chain) = six();
    let limits = limits(6);
    let start = chain.tip(&HOME);
    let corner = [moved(&start, [0.0, 0.3, 0.0]), moved(&start, [-0.25, 0.3, 0.1])];
    let turned = Pose::new(corner[1].position, Quat::from_axis_angle(Vec3::X, 0.3) * corner[1].rotation);
    let half = Segment {
        way: Way::Circle { via: turned.position + Vec3::new(-0.1, -0.1, 0.0) },
        to: moved(&turned, [0.0, -0.2, 0.0]),
        blend_m: 0.02,
        speed_m_s: 0.15,
        acceleration_m_s2: 2.0,
    };
    let segments = [line(corner[0], 0.03, 0.25), line(turned, 0.02, 0.2), half, line(start, 0.0, 0.3)];
    let posture = Start::Posture(HOME.to_vec());
    let sequence = Sequence::plan(&chain, &posture, &start, &segments, &limits, None, &Options::default()).unwrap();
    assert!(sequence.tool.shortened.is_empty());
    let [v, a, j] = shares(&sequence, &limits);
    assert!(v <= 1.001 && a <= 1.001 && j <= 1.01, "{v} {a} {j}");
    let off = deviation(&chain, &sequence);
    println!(
        "{:.2} s; limits used: velocity {v:.3}, acceleration {a:.3}, jerk {j:.3}; off the curve {off:.1e} m",
        sequence.duration_s()
    );
    assert!(off < 1.5e-5, "{off}");
    for (k, run) in sequence.segments.iter().enumerate() {
        println!("segment {}: {:.3} of {:.3} m at speed", k + 1, run.share_at_speed, run.length_m);
        assert!(run.greatest_share <= 1.001, "{run:?}");
    }
    assert!(sequence.segments[0].share_at_speed > 0.6 && sequence.segments[2].share_at_speed > 0.9);
    // The end is the last pose, at rest.
    let (mut q, mut v, mut a) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    sequence.at(sequence.duration_s(), &mut q, &mut v, &mut a);
    assert!((chain.tip(&q).position - start.position).norm() < 1e-6 && v.iter().all(|v| v.abs() < 1e-9));
}

/// Closed form: with acceleration a along the way and a jerk limit, a straight line of length L at speed v has at least L − v²/a − 2·v·w at
/// speed, w being the window of the jerk limit.
#[test]
fn a_straight_line_is_run_at_the_asked_speed() {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    for (speed, length) in [(0.1, 0.5), (0.25, 0.5), (0.5, 0.6)] {
        let segments = [line(moved(&start, [0.0, length, 0.0]), 0.0, speed)];
        let near = Start::Near(HOME.to_vec());
        let sequence = Sequence::plan(&chain, &near, &start, &segments, &limits(6), None, &Options::default()).unwrap();
        let ramps = speed * speed / 2.0 + 2.0 * speed * sequence.timing.window_s();
        let run = sequence.segments[0];
        println!("{speed} m/s over {length} m: {:.3} of it at speed", run.share_at_speed);
        assert!(run.share_at_speed * length >= length - ramps, "{speed}: {run:?} {}", sequence.timing.slowness());
        assert!(run.greatest_share <= 1.0005 && run.greatest_share >= 0.999, "{run:?}");
    }
}

/// The tool's distance from the circle's center is the radius, by forward kinematics.
#[test]
fn a_circle_keeps_its_radius() {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    let center = start.position + Vec3::new(0.0, 0.12, 0.0);
    let arc = |via: Vec3, to: Vec3| Segment {
        way: Way::Circle { via: center + via },
        to: Pose::new(center + to, start.rotation),
        blend_m: 0.0,
        speed_m_s: 0.2,
        acceleration_m_s2: 1.0,
    };
    let (x, y) = (Vec3::new(0.12, 0.0, 0.0), Vec3::new(0.0, 0.12, 0.0));
    let segments = [arc(x, y), arc(-x, -y)];
    let posture = Start::Posture(HOME.to_vec());
    let sequence = Sequence::plan(&chain, &posture, &start, &segments, &limits(6), None, &Options::default()).unwrap();
    assert!((sequence.tool.length() - 2.0 * std::f64::consts::PI * 0.12).abs() < 1e-9);
    let (mut q, mut v, mut a) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    let mut most = 0.0f64;
    for k in 0..=2000 {
        sequence.at(sequence.duration_s() * f64::from(k) / 2000.0, &mut q, &mut v, &mut a);
        let from_center = chain.tip(&q).position - center;
        most = most.max((from_center.norm() - 0.12).abs());
        assert!((from_center.norm() - 0.12).abs() < 1e-5 && from_center.z.abs() < 1e-5, "{k}: {from_center:?}");
    }
    println!("radius off by {most:.1e} m at most; {:?}", sequence.segments);
    assert!(sequence.segments.iter().all(|run| run.share_at_speed > 0.8), "{:?}", sequence.segments);
}

/// Within its radius of the corner, first and second derivative continuous at its ends (differences from both sides), for corners from
/// nearly straight to sharp, with a turn.
#[test]
fn a_blend_stays_within_its_radius_and_is_smooth() {
    let start = Pose::new(Vec3::new(0.2, 0.1, 0.4), Quat::IDENTITY);
    for degrees in [5.0f64, 45.0, 90.0, 135.0, 170.0] {
        let angle = degrees.to_radians();
        let corner = moved(&start, [0.4, 0.0, 0.0]);
        let end = Pose::new(
            corner.position + Vec3::new(0.4 * angle.cos(), 0.4 * angle.sin(), 0.0),
            Quat::from_axis_angle(Vec3::Z, 0.8),
        );
        let radius = 0.05;
        let path = ToolPath::new(&start, &[line(corner, radius, 0.2), line(end, 0.0, 0.2)], 0.25).unwrap();
        let (from, to) = (path.stretch(0)[1], path.stretch(1)[0]);
        for k in 0..=200 {
            let s = from + (to - from) * f64::from(k) / 200.0;
            let far = (path.pose(s).position - corner.position).norm();
            assert!(far <= radius + 1e-12, "{degrees}°: {far}");
        }
        let h = 1e-4;
        for s in [from, to] {
            let p = |s: f64| path.pose(s).position;
            let slope = |s: f64| (p(s + h) - p(s - h)) * (0.5 / h);
            let bend = |s: f64| (p(s + h) - p(s) * 2.0 + p(s - h)) * (1.0 / (h * h));
            let turn =
                |s: f64| (path.pose(s + h).rotation * path.pose(s - h).rotation.conjugate()).to_rotation_vector() * (0.5 / h);
            let third = 60.0 / (radius * radius) * 3.0 * h;
            assert!((slope(s + h) - slope(s - h)).norm() < third * h + 1e-6, "{degrees}°");
            assert!((bend(s + 1.5 * h) - bend(s - 1.5 * h)).norm() < third + 1e-4, "{degrees}°: {:?}", bend(s + 1.5 * h));
            assert!((turn(s + h) - turn(s - h)).norm() < 0.1, "{degrees}°");
        }
    }
}

/// Where radii ask for more than a segment has, both keep half and the path says so; the stretches never cross.
#[test]
fn blends_never_overlap() {
    let start = Pose::new(Vec3::new(0.2, 0.1, 0.4), Quat::IDENTITY);
    let to = [moved(&start, [0.3, 0.0, 0.0]), moved(&start, [0.3, 0.06, 0.0]), moved(&start, [0.0, 0.06, 0.0])];
    let segments = [line(to[0], 0.05, 0.2), line(to[1], 0.04, 0.2), line(to[2], 0.0, 0.2)];
    let path = ToolPath::new(&start, &segments, 0.25).unwrap();
    let used: Vec<(usize, f64)> = path.shortened.iter().map(|s| (s.segment, s.used_m)).collect();
    assert_eq!(used.len(), 2);
    assert!((used[0].1 - 0.03).abs() < 1e-12 && (used[1].1 - 0.03).abs() < 1e-12, "{used:?}");
    for k in 0..3 {
        let [from, to] = path.stretch(k);
        assert!(to >= from);
    }
    assert!(path.stretch(0)[1] < path.stretch(1)[0] && path.stretch(1)[1] < path.stretch(2)[0]);
    // One large radius beside a small one takes what is left.
    let segments = [line(to[0], 0.045, 0.2), line(to[1], 0.01, 0.2), line(to[2], 0.0, 0.2)];
    assert!(ToolPath::new(&start, &segments, 0.25).unwrap().shortened.is_empty());
}

/// Torques by inverse dynamics at each instant.
#[test]
fn torques_stay_within_their_limits() {
    let (model, chain) = six();
    let joints: Vec<JointId> = (0..6).map(JointId).collect();
    let mut arm = ArmDynamics::new(&model, &joints, model.site_named("tool_mount").unwrap());
    let start = chain.tip(&HOME);
    let segments = [line(moved(&start, [0.0, 0.4, 0.0]), 0.05, 1.5), line(moved(&start, [0.2, 0.4, 0.2]), 0.0, 1.5)];
    let mut limits = limits(6);
    let posture = Start::Posture(HOME.to_vec());
    let free = Sequence::plan(&chain, &posture, &start, &segments, &limits, None, &Options::default()).unwrap();
    // A twentieth and 10 N·m more than holding still needs at its worst.
    let (mut q, mut v, mut a, mut tau) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
    limits.torque = vec![0.0; 6];
    for k in 0..=500 {
        free.at(free.duration_s() * f64::from(k) / 500.0, &mut q, &mut v, &mut a);
        arm.torques(&q, &[0.0; 6], &[0.0; 6], &mut tau);
        for (limit, tau) in limits.torque.iter_mut().zip(&tau) {
            *limit = limit.max(1.05 * tau.abs() + 10.0);
        }
    }
    let mut torques = |q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]| arm.torques(q, v, a, tau);
    let plan = Sequence::plan(&chain, &posture, &start, &segments, &limits, Some(&mut torques), &Options::default());
    let sequence = plan.unwrap();
    assert!(sequence.duration_s() > 1.02 * free.duration_s(), "{} {}", sequence.duration_s(), free.duration_s());
    let mut used = 0.0f64;
    for k in 0..=2000 {
        sequence.at(sequence.duration_s() * f64::from(k) / 2000.0, &mut q, &mut v, &mut a);
        arm.torques(&q, &v, &a, &mut tau);
        used = used.max(greatest(&tau, &limits.torque));
    }
    assert!(used <= 1.002 && used > 0.95, "{used}");
}

/// A spline passes through its poses and keeps its speed, though its parameter is not its length.
#[test]
fn a_spline_passes_through_its_poses() {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    let through = vec![moved(&start, [0.05, 0.1, 0.02]), moved(&start, [-0.02, 0.2, 0.05])];
    let to = Pose::new(start.position + Vec3::new(0.05, 0.3, 0.0), Quat::from_axis_angle(Vec3::Z, 0.4) * start.rotation);
    let spline =
        Segment { way: Way::Spline { through: through.clone() }, to, blend_m: 0.0, speed_m_s: 0.2, acceleration_m_s2: 1.0 };
    let posture = Start::Posture(HOME.to_vec());
    let sequence = Sequence::plan(&chain, &posture, &start, &[spline], &limits(6), None, &Options::default()).unwrap();
    for pose in through.iter().chain([&to]) {
        let distance = |s: f64| (sequence.tool.pose(s).position - pose.position).norm();
        let least = (0..=100_000).map(|k| distance(sequence.tool.length() * f64::from(k) / 1e5)).fold(f64::INFINITY, f64::min);
        assert!(least < 1e-5, "{least}");
    }
    assert!(deviation(&chain, &sequence) < 1.5e-5);
    assert!(sequence.segments[0].share_at_speed > 0.8 && sequence.segments[0].greatest_share < 1.001, "{:?}", sequence.segments);
}

/// Seven joints hold their parameter, so the elbow stays where the path does not ask it to move.
#[test]
fn seven_joints_follow_a_line() {
    let model = arms::seven_axes().build().expect("the test's arm is sound");
    let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
    let posture = vec![0.1, 0.5, 0.2, 1.2, 0.1, 1.0, 0.3];
    let start = chain.tip(&posture);
    let segments = [line(moved(&start, [0.05, 0.15, 0.0]), 0.02, 0.2), line(moved(&start, [0.05, 0.15, -0.1]), 0.0, 0.2)];
    for from in [Start::Posture(posture.clone()), Start::Near(posture.clone())] {
        let sequence = Sequence::plan(&chain, &from, &start, &segments, &limits(7), None, &Options::default()).unwrap();
        assert!(deviation(&chain, &sequence) < 1.5e-5);
        let [v, a, _] = shares(&sequence, &limits(7));
        assert!(v <= 1.001 && a <= 1.001, "{v} {a}");
    }
}

/// Of the branches, the quickest to reach and follow: never slower than from any other start.
#[test]
fn a_free_start_takes_the_cheapest_branch() {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    let segments = [line(moved(&start, [0.0, 0.3, 0.0]), 0.0, 0.2)];
    let near = Start::Near(HOME.to_vec());
    let sequence = Sequence::plan(&chain, &near, &start, &segments, &limits(6), None, &Options::default()).unwrap();
    let off: f64 = sequence.path.start().iter().zip(&HOME).map(|(a, b)| (a - b).abs()).sum();
    assert!(off < 1e-6, "{:?}", sequence.path.start());
}

fn refused(segments: &[Segment]) -> SequenceError {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    let posture = Start::Posture(HOME.to_vec());
    Sequence::plan(&chain, &posture, &start, segments, &limits(6), None, &Options::default()).expect_err("must be refused")
}

/// Each fault names its segment and place, as the geometry has it.
#[test]
fn what_cannot_be_done_is_named_with_its_place() {
    let (_, chain) = six();
    let start = chain.tip(&HOME);
    let near = line(moved(&start, [0.0, 0.1, 0.0]), 0.0, 0.2);
    // The reach of this arm ends before 2.2 m from its base.
    let far = line(Pose::new(Vec3::new(3.0, 0.0, 0.3), start.rotation), 0.0, 0.2);
    let to_far = [line(moved(&start, [0.0, 0.1, 0.0]), 0.01, 0.2), far];
    match refused(&to_far) {
        SequenceError::OutOfReach { segment: 1, at, .. } => assert!(at > 0.1 && at < 0.7, "{at}"),
        other => panic!("{other}"),
    }
    assert_eq!(
        refused(&[near.clone(), line(moved(&start, [0.1, 0.1, 0.0]), 0.0, 0.2)]),
        SequenceError::SharpCorner { segment: 0 }
    );
    let back = [line(moved(&start, [0.0, 0.2, 0.0]), 0.02, 0.2), line(moved(&start, [0.0, 0.1, 0.0]), 0.0, 0.2)];
    assert_eq!(refused(&back), SequenceError::TurnsBack { segment: 0 });
    assert_eq!(refused(&[line(start, 0.0, 0.2)]), SequenceError::NoWay { segment: 0 });
    let flat = Segment { way: Way::Circle { via: start.position + Vec3::new(0.0, 0.05, 0.0) }, ..near.clone() };
    assert_eq!(refused(&[flat]), SequenceError::NoCircle { segment: 0 });
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert_eq!(refused(&[line(near.to, 0.0, speed)]), SequenceError::NotFinite { segment: 0 });
    }
    assert_eq!(refused(&[]), SequenceError::Count(0));
    assert!(matches!(refused(&[line(moved(&start, [f64::NAN, 0.0, 0.0]), 0.0, 0.2)]), SequenceError::NotFinite { segment: 0 }));
    // A full turn of the tool more than its last joint has.
    let turn = |k: f64| {
        Pose::new(start.position + Vec3::new(0.0, 0.05 * k, 0.0), start.rotation * Quat::from_axis_angle(Vec3::Z, 2.0 * k))
    };
    let turns: Vec<Segment> = (1..6).map(|k| line(turn(f64::from(k)), 0.01, 0.2)).collect();
    assert!(matches!(refused(&turns), SequenceError::JointLimit { joint: 5, .. }), "{}", refused(&turns));
    // Through the base's axis, where the first joint would have to turn at once.
    let through = line(moved(&start, [-2.0 * start.position.x, -2.0 * start.position.y, 0.0]), 0.0, 0.2);
    match refused(&[through]) {
        SequenceError::Singular { segment: 0, at } | SequenceError::OutOfReach { segment: 0, at, .. } => {
            assert!(at > 0.2 && at < 0.6, "{at}")
        }
        other => panic!("{other}"),
    }
}
