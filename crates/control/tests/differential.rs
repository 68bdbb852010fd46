//! Differential inverse kinematics on catalog arms, against forward kinematics and the arms' own limits.

use leitai_control::differential::{Clearance, Differential, DifferentialError, DifferentialOptions, JointLimits, Task};
use leitai_control::{Chain, IkOptions, ik};
use leitai_math::{Pose, Quat, Seed, Vec3};
use leitai_package::{disk::Folder, mjcf};

fn arm(id: &str) -> Chain {
    let folder = Folder::inside(format!("{}/../../catalog/robots/{id}", env!("CARGO_MANIFEST_DIR")));
    let model = mjcf::read("robot.xml", &folder).expect("a catalog robot loads").spec.build().expect("a sound model");
    Chain::new(&model, model.site_named("tool_mount").expect("the site of its manifest")).expect("a chain of hinges")
}

/// Speeds of the UR5e's manifest (all 180°/s); accelerations assumed.
fn limits(n: usize) -> JointLimits {
    JointLimits { speed: vec![std::f64::consts::PI; n], acceleration: vec![15.0; n] }
}

/// A straight line of the tool: from `start` by `way`, turning by the rotation vector `turn`.
struct Line {
    start: Pose,
    way: Vec3,
    turn: Vec3,
    seconds: f64,
}

impl Line {
    fn at(&self, share: f64) -> Pose {
        Pose::new(self.start.position + self.way * share, Quat::from_rotation_vector(self.turn * share) * self.start.rotation)
    }
    fn velocity(&self) -> [f64; 6] {
        let (p, r) = (self.way * (1.0 / self.seconds), self.turn * (1.0 / self.seconds));
        [p.x, p.y, p.z, r.x, r.y, r.z]
    }
}

/// What a ride along a line came to.
#[derive(Debug)]
struct Ride {
    ticks: usize,
    share: f64,
    off_line: f64,
    off_turn: f64,
    slowest: f64,
    smallest_singular: f64,
    q: Vec<f64>,
    v: Vec<f64>,
}

const WEIGHT: [f64; 6] = [1.0, 1.0, 1.0, 0.3, 0.3, 0.3];

/// Follows `line` from rest at `q` and checks every limit in every tick.
fn ride(chain: &Chain, line: &Line, q: &[f64], ticks: usize, options: &DifferentialOptions) -> Ride {
    let n = chain.len();
    let limits = limits(n);
    let mut solver = Differential::new(chain, limits.clone(), 1, 0);
    let mut jacobian = vec![[0.0; 6]; n];
    let mut ride = Ride {
        ticks: 0,
        share: 0.0,
        off_line: 0.0,
        off_turn: 0.0,
        slowest: 1.0,
        smallest_singular: f64::INFINITY,
        q: q.to_vec(),
        v: vec![0.0; n],
    };
    for tick in 0..ticks {
        let reached = chain.tip_and_jacobian(&ride.q, &mut jacobian);
        let (p, r) = ik::pose_error(&line.at(ride.share), &reached);
        let task = Task { jacobian: &jacobian, velocity: line.velocity(), error: [p.x, p.y, p.z, r.x, r.y, r.z], weight: WEIGHT };
        let step = solver.step(&ride.q, &ride.v, &[task], &[], None, options).unwrap_or_else(|e| panic!("tick {tick}: {e}"));
        let v = solver.speeds().to_vec();
        assert_eq!(step.overrun, 0, "tick {tick}");
        for i in 0..n {
            assert!(v[i].abs() <= limits.speed[i], "tick {tick}: joint {i} at {}", v[i]);
            let change = (v[i] - ride.v[i]).abs();
            assert!(change <= limits.acceleration[i] * options.period_s * (1.0 + 1e-6), "tick {tick}: joint {i} by {change}");
            ride.q[i] += v[i] * options.period_s;
            assert!(ride.q[i] >= chain.low[i] - 1e-12 && ride.q[i] <= chain.high[i] + 1e-12, "tick {tick}: joint {i}");
        }
        ride.v = v;
        // Once it is under way; the first ticks start from rest.
        if tick > 20 {
            ride.slowest = ride.slowest.min(step.scale);
        }
        ride.smallest_singular = ride.smallest_singular.min(step.singular_value);
        // Distance from the line itself, wherever on it the arm is: direction, not timing.
        let from_start = chain.tip(&ride.q).position - line.start.position;
        let along = line.way.normalized_or(Vec3::Z);
        ride.off_line = ride.off_line.max((from_start - along * from_start.dot(along)).norm());
        ride.off_turn = ride.off_turn.max(r.norm());
        ride.share = (ride.share + step.scale * options.period_s / line.seconds).min(1.0);
        ride.ticks = tick + 1;
        if ride.share >= 1.0 {
            break;
        }
    }
    ride
}

/// A posture of the UR5e with its wrist stretched: axes 4 and 6 in line, one direction of the tool lost.
const STRETCHED: [f64; 6] = [0.3, -1.2, 1.6, -1.0, 0.0, 0.5];

fn singular_pose(chain: &Chain) -> Pose {
    chain.tip(&STRETCHED)
}

/// Joint positions at `pose`, on the branch of `near`.
fn near(chain: &Chain, pose: &Pose, near: &[f64]) -> Vec<f64> {
    let mut draw = Seed::from_number(3).stream("restarts");
    ik::solve(chain, pose, near, &mut draw, &IkOptions::default()).expect("within reach").remove(0).q
}

/// Law: the tool stays on its line, by forward kinematics, and needs little more than the line's own time.
#[test]
fn straight_lines_through_a_wrist_in_line_are_followed() {
    let chain = arm("ur5e");
    let pose = singular_pose(&chain);
    for way in [Vec3::new(0.0, 0.4, 0.0), Vec3::new(0.0, 0.0, 0.4), Vec3::new(0.3, 0.0, 0.0)] {
        for beside in [0.0, 1e-4, 1e-3, 0.01, 0.03] {
            let across = way.cross(Vec3::new(0.3, 0.5, 0.7)).normalized_or(Vec3::Z);
            let start = Pose::new(pose.position - way * 0.5 + across * beside, pose.rotation);
            let line = Line { start, way, turn: Vec3::ZERO, seconds: way.norm() / 0.25 };
            let mut posture = STRETCHED;
            posture[4] = 0.2;
            let from = near(&chain, &start, &posture);
            let options = DifferentialOptions::default();
            let r = ride(&chain, &line, &from, 3000, &options);
            assert!(r.share == 1.0 && r.off_line < 1e-4 && r.off_turn < 1e-3, "{way:?} {beside}: {r:?}");
            assert!((r.ticks as f64) < 1.1 * line.seconds / options.period_s, "{way:?} {beside}: {r:?}");
            assert!(beside > 0.0 || r.smallest_singular < 1e-3, "the line misses the singular posture: {r:?}");
        }
    }
}

/// The tool's axis passes the singular direction at 0.02 rad and 0.27 rad/s: axis 4 has to turn over on the way, which at full speed
/// would take 13 rad/s, four times what it can. The tool gives up speed, not direction, and never stands still.
#[test]
fn beside_a_wrist_in_line_the_arm_slows_down_and_goes_on() {
    let chain = arm("ur5e");
    let mut from = STRETCHED;
    from[4] = -0.4;
    let start = chain.tip(&from);
    // Axis 5 in the world is the way of the turn; a small tilt across it makes the near miss.
    let mut jacobian = vec![[0.0; 6]; 6];
    chain.tip_and_jacobian(&from, &mut jacobian);
    let axis = |k: usize| Vec3::new(jacobian[k][3], jacobian[k][4], jacobian[k][5]);
    let tilt = axis(4).cross(axis(3)).normalized_or(Vec3::Z);
    let line = Line { start, way: Vec3::ZERO, turn: axis(4) * 0.8 + tilt * 0.02, seconds: 3.0 };
    let r = ride(&chain, &line, &from, 3000, &DifferentialOptions::default());
    assert!(r.share == 1.0 && r.slowest > 0.01 && r.slowest < 0.5, "{r:?}");
    assert!(r.off_turn < 7e-3 && r.off_line < 2e-3, "within the tolerance of 2 mm at 0.3 m/rad: {r:?}");
    assert!((r.q[3] - from[3]).abs() > 2.0, "axis 4 turns over: {r:?}");
}

/// From rest in the singular posture, in every direction: also the lost one, in which damped least squares would never move.
#[test]
fn the_arm_leaves_a_singular_posture_in_every_direction() {
    let chain = arm("ur5e");
    let pose = singular_pose(&chain);
    for k in 0..6 {
        for sign in [0.1, -0.1] {
            let mut move_by = [0.0; 6];
            move_by[k] = if k < 3 { sign } else { 5.0 * sign };
            let [a, b, c, d, e, f] = move_by;
            let line = Line { start: pose, way: Vec3::new(a, b, c), turn: Vec3::new(d, e, f), seconds: 1.6 };
            let r = ride(&chain, &line, &STRETCHED, 1500, &DifferentialOptions::default());
            assert!(r.share == 1.0, "{move_by:?}: {r:?}");
            assert!(r.off_line < 2.5e-3 && r.off_turn < 8e-3, "{move_by:?}: {r:?}");
        }
    }
}

/// A line that leaves the reach: the arm stretches, comes to rest at the edge, and comes back when the line does.
#[test]
fn at_the_edge_of_the_reach_the_arm_rests_and_comes_back() {
    let chain = arm("ur5e");
    let from = [0.0, -1.0, 1.5, -2.0, -1.57, 0.0];
    let start = chain.tip(&from);
    let line = Line { start, way: Vec3::new(1.0, 0.0, 0.0), turn: Vec3::ZERO, seconds: 4.0 };
    let r = ride(&chain, &line, &from, 3000, &DifferentialOptions::default());
    assert!(r.share < 0.5 && r.v.iter().all(|v| v.abs() < 1e-9), "{r:?}");
    assert!(r.off_line < 2.5e-3 && r.off_turn < 9e-3, "{r:?}");
    assert!(r.q[2].abs() < 1e-6, "the elbow is straight: {r:?}");
    let here = line.at(r.share);
    let back = Line { start: here, way: start.position - here.position, turn: Vec3::ZERO, seconds: 2.0 };
    let b = ride(&chain, &back, &r.q, 1500, &DifferentialOptions::default());
    let (p, turn) = ik::pose_error(&start, &chain.tip(&b.q));
    assert!(b.share == 1.0 && p.norm() < 1e-2 && turn.norm() < 1e-2, "{b:?}");
}

/// The wall is the plane z = −0.1 of the tool's way down; its distance and gradient are exact.
#[test]
fn a_clearance_is_kept_and_the_arm_slides_along_it() {
    let chain = arm("ur5e");
    let mut q = vec![0.0, -1.2, 1.8, -2.17, -1.57, 0.0];
    let mut v = vec![0.0; 6];
    let start = chain.tip(&q);
    let wall = start.position.z - 0.1;
    let options = DifferentialOptions::default();
    let mut solver = Differential::new(&chain, limits(6), 1, 1);
    let mut jacobian = vec![[0.0; 6]; 6];
    let (mut nearest, mut slid) = (f64::INFINITY, 0.0_f64);
    for tick in 0..1500 {
        let reached = chain.tip_and_jacobian(&q, &mut jacobian);
        let gradient: Vec<f64> = jacobian.iter().map(|c| c[2]).collect();
        let distance_m = reached.position.z - wall;
        nearest = nearest.min(distance_m);
        slid = slid.max(reached.position.y - start.position.y);
        // Down and aside at once, without a path: no error to remove but the turn's.
        let (_, r) = ik::pose_error(&start, &reached);
        let task = Task {
            jacobian: &jacobian,
            velocity: [0.0, 0.05, -0.2, 0.0, 0.0, 0.0],
            error: [0.0, 0.0, 0.0, r.x, r.y, r.z],
            weight: WEIGHT,
        };
        let free = Task {
            velocity: [0.0; 6],
            error: [0.0, 0.05 / options.error_gain, -0.2 / options.error_gain, r.x, r.y, r.z],
            ..task
        };
        let task = if tick < 300 { task } else { free };
        let clearance = Clearance { gradient: &gradient, distance_m };
        let step =
            solver.step(&q, &v, &[task], &[clearance], None, &DifferentialOptions { tolerance_m: 1.0, ..options }).unwrap();
        assert!(step.clearance_missed < 1e-9, "tick {tick}: {step:?}");
        v.copy_from_slice(solver.speeds());
        for i in 0..6 {
            q[i] += v[i] * options.period_s;
        }
    }
    assert!(nearest > options.clearance_m - 1e-4 && nearest < options.clearance_m + 1e-3, "{nearest}");
    assert!(slid > 0.1, "along the wall: {slid}");
}

/// Law: while the tool stands still, a seven-axis arm moves toward its posture with what is left.
#[test]
fn a_redundant_arm_takes_its_posture_while_the_tool_stands_still() {
    let chain = arm("franka-fr3");
    let posture = [0.0, -0.4, 0.0, -2.0, 0.0, 1.6, 0.8];
    let mut q = vec![0.5, -0.6, -0.4, -2.1, 0.3, 1.7, 0.9];
    let mut v = vec![0.0; 7];
    let options = DifferentialOptions { posture_weight: 1e-4, ..DifferentialOptions::default() };
    let start = chain.tip(&q);
    let mut solver = Differential::new(&chain, limits(7), 1, 0);
    let mut jacobian = vec![[0.0; 6]; 7];
    let before = ik::distance(&q, &posture);
    let mut moved = f64::INFINITY;
    for _ in 0..2000 {
        let (p, r) = ik::pose_error(&start, &chain.tip_and_jacobian(&q, &mut jacobian));
        assert!(p.norm() < 1e-3 && r.norm() < 3e-3, "{p:?} {r:?}");
        let task = Task { jacobian: &jacobian, velocity: [0.0; 6], error: [p.x, p.y, p.z, r.x, r.y, r.z], weight: WEIGHT };
        solver.step(&q, &v, &[task], &[], Some(&posture), &options).unwrap();
        v.copy_from_slice(solver.speeds());
        moved = v.iter().map(|v| v.abs()).fold(0.0, f64::max);
        for i in 0..7 {
            q[i] += v[i] * options.period_s;
        }
    }
    assert!(moved < 1e-6 && ik::distance(&q, &posture) < 0.7 * before, "{before} {} {moved}", ik::distance(&q, &posture));
}

/// Any state, inside the limits or far outside, near singular or not, with any request: finite speeds, no harder than the drives can, and
/// the same bits again.
#[test]
fn every_state_has_an_answer_within_the_drives() {
    let chain = arm("ur5e");
    let limits = limits(6);
    let mut draw = Seed::from_number(9).stream("states");
    let options = DifferentialOptions::default();
    let mut solver = Differential::new(&chain, limits.clone(), 1, 2);
    let mut jacobian = vec![[0.0; 6]; 6];
    for case in 0..4000 {
        let pick = draw.below(4);
        let q: Vec<f64> = (0..6)
            .map(|i| match pick {
                0 => draw.uniform(-7.0, 7.0),
                1 => [0.0, -std::f64::consts::FRAC_PI_2, 0.0, 0.0, 0.0, 0.0][i],
                2 => STRETCHED[i] + draw.normal(0.0, 1e-6),
                _ => draw.uniform(-3.0, 3.0),
            })
            .collect();
        let fast = [0.0, 1.0, 10.0][draw.below(3) as usize];
        let v: Vec<f64> = (0..6).map(|_| draw.normal(0.0, fast)).collect();
        let size = [0.0, 1e-9, 1.0, 1e6][draw.below(4) as usize];
        let six = |draw: &mut leitai_math::Stream, size: f64| -> [f64; 6] { core::array::from_fn(|_| draw.normal(0.0, size)) };
        chain.tip_and_jacobian(&q, &mut jacobian);
        let task = Task { jacobian: &jacobian, velocity: six(&mut draw, size), error: six(&mut draw, size), weight: WEIGHT };
        let gradients: Vec<Vec<f64>> = (0..2).map(|_| (0..6).map(|_| draw.normal(0.0, 0.5)).collect()).collect();
        let clearances: Vec<Clearance> =
            gradients.iter().map(|g| Clearance { gradient: g, distance_m: draw.uniform(-0.1, 0.2) }).collect();
        let count = draw.below(3) as usize;
        let again = solver.clone();
        let step = solver.step(&q, &v, &[task], &clearances[..count], None, &options);
        let step = step.unwrap_or_else(|e| panic!("case {case}: {e}"));
        assert!((0.0..=1.0).contains(&step.scale) && step.singular_value.is_finite(), "case {case}: {step:?}");
        for i in 0..6 {
            let change = (solver.speeds()[i] - v[i]).abs();
            assert!(change <= limits.acceleration[i] * options.period_s * (1.0 + 1e-9), "case {case}: joint {i} by {change}");
        }
        let mut other = again;
        assert_eq!(other.step(&q, &v, &[task], &clearances[..count], None, &options).unwrap(), step);
        assert!(other.speeds().iter().zip(solver.speeds()).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

/// Bad input is an error with its name, and the speeds are then those of braking.
#[test]
fn bad_input_brakes_and_says_what_it_was() {
    let chain = arm("ur5e");
    let mut solver = Differential::new(&chain, limits(6), 1, 1);
    let jacobian = vec![[0.1; 6]; 6];
    let task = Task { jacobian: &jacobian, velocity: [0.1; 6], error: [0.0; 6], weight: WEIGHT };
    let (q, v) = (vec![0.0; 6], vec![1.0; 6]);
    let options = DifferentialOptions::default();
    let nan = Task { velocity: [f64::NAN; 6], ..task };
    assert_eq!(solver.step(&q, &v, &[nan], &[], None, &options), Err(DifferentialError::NotFinite("task")));
    assert!(solver.speeds().iter().all(|v| (v - (1.0 - 15.0 * 0.004)).abs() < 1e-12), "{:?}", solver.speeds());
    assert_eq!(solver.step(&[f64::NAN; 6], &v, &[task], &[], None, &options), Err(DifferentialError::NotFinite("joint state")));
    let far = Clearance { gradient: &[0.0; 6], distance_m: f64::INFINITY };
    assert_eq!(solver.step(&q, &v, &[task], &[far], None, &options), Err(DifferentialError::NotFinite("clearance")));
    let fast = DifferentialOptions { error_gain: 1e3, ..options };
    let error = solver.step(&q, &v, &[task], &[], None, &fast).unwrap_err();
    assert_eq!(error.to_string(), "`error_gain` must be positive, and a gain or rate at most one over the period");
    let dead = JointLimits { acceleration: vec![0.0; 6], ..limits(6) };
    let mut solver = Differential::new(&chain, dead, 1, 0);
    let error = solver.step(&q, &v, &[task], &[], None, &options).unwrap_err();
    assert_eq!(error.to_string(), "joint 0 of the chain needs a positive, finite speed and acceleration limit");
}
