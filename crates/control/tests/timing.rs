//! Whole paths timed: limits looked at densely through the path itself, durations against closed forms.
// Published postures and ranges stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;

use leitai_control::timing::{JointLimits, Sampled, Timing, TimingError, Work};
use leitai_control::{ArmDynamics, Path};
use leitai_math::{Seed, Stream};
use leitai_model::JointId;

fn limits(joints: usize, rise_s: f64) -> JointLimits {
    JointLimits {
        velocity: vec![2.0; joints],
        acceleration: vec![8.0; joints],
        jerk: vec![8.0 / rise_s; joints],
        torque: Vec::new(),
    }
}

fn random_path(draw: &mut Stream, joints: usize, points: usize) -> Path {
    let points: Vec<Vec<f64>> = (0..points).map(|_| (0..joints).map(|_| draw.uniform(-2.0, 2.0)).collect()).collect();
    Path::through(&points)
}

/// Joint velocities, accelerations and jerks at `t_s`; the path's third derivative by a short difference within its cubic piece.
fn motion(path: &Path, timing: &Timing, t_s: f64) -> [Vec<f64>; 4] {
    let n = path.joints();
    let now = timing.at(t_s);
    let (s, v, u, w) = (now.position, now.speed, now.acceleration, now.jerk);
    let (mut q, mut slope, mut bend, mut ahead) = (vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let h = 1e-6 * path.length();
    let (mut unused, mut also) = (vec![0.0; n], vec![0.0; n]);
    path.at(s + h, &mut unused, &mut also, &mut ahead);
    path.at(s, &mut q, &mut slope, &mut bend);
    let third = |j: usize| (ahead[j] - bend[j]) / h;
    [
        (0..n).map(|j| slope[j] * v).collect(),
        (0..n).map(|j| slope[j] * u + bend[j] * v * v).collect(),
        (0..n).map(|j| slope[j] * w + 3.0 * bend[j] * v * u + third(j) * v * v * v).collect(),
        q,
    ]
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// Biagiotti & Melchiorri (2008), §3.4.3: without a limit of jerk T = D/v + v/a, with one T = D/v + v/a + a/j. A mean over a window of 2a/j
/// costs one a/j more at most, and its limits are held back by a thousandth or so.
#[test]
fn a_straight_line_takes_the_textbooks_time() {
    let (v, a, rise) = (2.0, 8.0, 0.1);
    for distance in [1.0, 2.0, 5.0] {
        let path = Path::straight(&[0.0, 1.0], &[distance, 1.0 + 0.5 * distance]);
        let timing = Timing::new(&Sampled::path(&path, 1000, None), &limits(2, rise)).unwrap();
        let unlimited = distance / v + v / a;
        assert!((timing.unsmoothed_s() / unlimited - 1.0).abs() < 0.01, "{} {unlimited}", timing.unsmoothed_s());
        let (least, most) = (unlimited + rise, 1.005 * (unlimited + 2.0 * rise));
        assert!(timing.duration_s() >= least && timing.duration_s() <= most, "{least} {} {most}", timing.duration_s());
    }
}

/// Limits of velocity, acceleration and jerk, through the path itself at four times as many instants as the grid has points; and the price
/// of the limit of jerk: at most 1.15 of the duration without one.
#[test]
fn random_paths_keep_their_limits() {
    let mut draw = Seed::from_number(21).stream("paths");
    let mut work = Work::default();
    let mut timing = Timing::default();
    for case in 0..40 {
        let path = random_path(&mut draw, 7, [3, 5, 12][case % 3]);
        let limits = limits(7, [0.05, 0.1][case % 2]);
        timing.plan(&mut work, &Sampled::path(&path, 1000, None), &limits).unwrap();
        let (mut v, mut a, mut j) = (0.0f64, 0.0f64, 0.0f64);
        for k in 0..=4000 {
            let [velocity, acceleration, jerk, _] = motion(&path, &timing, timing.duration_s() * f64::from(k) / 4000.0);
            v = v.max(greatest(&velocity) / limits.velocity[0]);
            a = a.max(greatest(&acceleration) / limits.acceleration[0]);
            j = j.max(greatest(&jerk) / limits.jerk[0]);
        }
        assert!(v <= 1.001 && a <= 1.001 && j <= 1.005, "case {case}: shares {v} {a} {j}");
        let price = timing.duration_s() / timing.unsmoothed_s();
        assert!(price < 1.15, "case {case}: {price}, slowed by {}", timing.slowness());
        assert!(v > 0.9 || a > 0.9 || j > 0.9, "case {case}: nothing is used up: {v} {a} {j}");
    }
}

/// Torques by inverse dynamics at each instant, where gravity takes most of what the drives have.
#[test]
fn torques_stay_within_their_limits() {
    let model = arms::seven_axes().build().expect("the test's arm is sound");
    let joints: Vec<JointId> = (0..7).map(JointId).collect();
    let mut arm = ArmDynamics::new(&model, &joints, model.site_named("tool_mount").unwrap());
    let mut draw = Seed::from_number(22).stream("paths");
    let mut bound = 0;
    for case in 0..12 {
        let path = random_path(&mut draw, 7, 5);
        let mut limits = limits(7, 0.1);
        let free = Timing::new(&Sampled::path(&path, 1000, None), &limits).unwrap();
        // A tenth and 2 N·m more than holding still needs at its worst.
        let (mut q, mut slope, mut bend, mut tau) = (vec![0.0; 7], vec![0.0; 7], vec![0.0; 7], vec![0.0; 7]);
        limits.torque = vec![0.0; 7];
        for k in 0..=1000 {
            path.at(path.length() * f64::from(k) / 1000.0, &mut q, &mut slope, &mut bend);
            arm.torques(&q, &[0.0; 7], &[0.0; 7], &mut tau);
            for (limit, tau) in limits.torque.iter_mut().zip(&tau) {
                *limit = limit.max(1.1 * tau.abs() + 2.0);
            }
        }
        let sampled =
            Sampled::path(&path, 1000, Some(&mut |q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]| arm.torques(q, v, a, tau)));
        let timing = Timing::new(&sampled, &limits).unwrap_or_else(|error| panic!("case {case}: {error}"));
        for k in 0..=4000 {
            let [v, a, _, q] = motion(&path, &timing, timing.duration_s() * f64::from(k) / 4000.0);
            arm.torques(&q, &v, &a, &mut tau);
            for j in 0..7 {
                assert!(tau[j].abs() <= 1.002 * limits.torque[j], "case {case}, joint {j}: {} of {}", tau[j], limits.torque[j]);
            }
        }
        bound += usize::from(timing.duration_s() > 1.01 * free.duration_s());
    }
    assert!(bound >= 3, "torque decides some of them: {bound}");
}

/// Law: velocity, acceleration and jerk are derivatives; the motion starts and ends at rest, at the path's ends.
#[test]
fn a_timing_gives_true_derivatives() {
    let mut draw = Seed::from_number(23).stream("paths");
    let path = random_path(&mut draw, 7, 5);
    let timing = Timing::new(&Sampled::path(&path, 500, None), &limits(7, 0.1)).unwrap();
    let t = timing.duration_s();
    let (start, end) = (timing.at(-1.0), timing.at(t + 1.0));
    assert!(start.position == 0.0 && start.speed == 0.0 && start.acceleration == 0.0);
    assert!((end.position - path.length()).abs() < 1e-9 && end.speed.abs() < 1e-9, "{end:?}");
    let (h, mut kinks) = (1e-5, 0);
    for k in 1..1000 {
        let t = t * f64::from(k) / 1000.0;
        let (before, now, after) = (timing.at(t - h), timing.at(t), timing.at(t + h));
        assert!(((after.position - before.position) / (2.0 * h) - now.speed).abs() < 1e-5, "{t}");
        assert!(((after.speed - before.speed) / (2.0 * h) - now.acceleration).abs() < 1e-2, "{t}");
        // The jerk jumps where an end of the window passes a point of the grid.
        kinks += usize::from(((after.acceleration - before.acceleration) / (2.0 * h) - now.jerk).abs() > 1e-3);
    }
    assert!(kinks < 50, "{kinks}");
}

/// Planned again in the same work space, the bits are the same.
#[test]
fn an_older_timing_leaves_no_trace() {
    let mut draw = Seed::from_number(24).stream("paths");
    let (mut work, mut reused) = (Work::default(), Timing::default());
    for points in [9, 3, 5] {
        let sampled = Sampled::path(&random_path(&mut draw, points, 5), 100 * points, None);
        let limits = limits(points, 0.1);
        reused.plan(&mut work, &sampled, &limits).unwrap();
        let fresh = Timing::new(&sampled, &limits).unwrap();
        assert_eq!(reused.duration_s(), fresh.duration_s());
        assert_eq!(reused.at(0.7), fresh.at(0.7));
    }
}

/// What cannot be timed is told, with the joint or the place.
#[test]
fn bad_input_is_refused() {
    let path = Path::straight(&[0.0, 0.0], &[1.0, 2.0]);
    let plain = Sampled::path(&path, 100, None);
    let refused = |change: &dyn Fn(&mut JointLimits)| {
        let mut limits = limits(2, 0.1);
        change(&mut limits);
        Timing::new(&plain, &limits).err()
    };
    assert_eq!(refused(&|x| x.velocity[1] = 0.0), Some(TimingError::NoRoom(1)));
    assert_eq!(refused(&|x| x.jerk[0] = f64::NAN), Some(TimingError::NotFinite));
    let broken = Sampled::new(1, 1.0, &[1.0, f64::NAN, 1.0], &[0.0; 3]);
    assert_eq!(Timing::new(&broken, &limits(1, 0.1)).err(), Some(TimingError::NotFinite));
    // A load of 10 N·m that the second joint must hold everywhere.
    let mut holding = |_: &[f64], _: &[f64], a: &[f64], tau: &mut [f64]| {
        tau[0] = a[0];
        tau[1] = a[1] + 10.0;
    };
    let loaded = Sampled::path(&path, 100, Some(&mut holding));
    let weak = JointLimits { torque: vec![20.0, 9.0], ..limits(2, 0.1) };
    let error = Timing::new(&loaded, &weak).err().unwrap();
    assert_eq!(error, TimingError::TooWeak { joint: 1, at: 0.0 });
    assert_eq!(error.to_string(), "joint 2 cannot hold still after 0 % of the path; choose another posture or a smaller load");
    let strong = JointLimits { torque: vec![20.0, 11.0], ..limits(2, 0.1) };
    assert!(Timing::new(&loaded, &strong).is_ok());
    // Sizes without measure: an error or a finite motion.
    for size in [1e-300, 1e-9, 1e9, 1e300] {
        let odd =
            JointLimits { velocity: vec![size; 2], acceleration: vec![1.0 / size; 2], jerk: vec![size; 2], torque: Vec::new() };
        if let Ok(timing) = Timing::new(&plain, &odd) {
            assert!(timing.duration_s().is_finite() && timing.at(0.5 * timing.duration_s()).position.is_finite());
        }
    }
}

/// A path of no length takes no more than a window, and the coarsest grid is one cell.
#[test]
fn paths_of_no_length_and_grids_of_one_cell_are_timed() {
    assert_eq!(Timing::default().at(1.0).position, 0.0);
    let standing = Sampled::path(&Path::straight(&[0.3, 0.4], &[0.3, 0.4]), 50, None);
    let timing = Timing::new(&standing, &limits(2, 0.1)).unwrap();
    assert!(timing.duration_s() <= 0.21, "{}", timing.duration_s());
    let single = Sampled::path(&Path::straight(&[0.0], &[1.0]), 1, None);
    // One cell has no point to move through.
    assert_eq!(Timing::new(&single, &limits(1, 0.1)).err(), Some(TimingError::Stuck { at: 0.0 }));
}

/// Bits of a timing, the same in debug and release and on every processor.
#[test]
fn a_timing_keeps_its_bits() {
    let mut draw = Seed::from_number(25).stream("paths");
    let timing = Timing::new(&Sampled::path(&random_path(&mut draw, 7, 9), 800, None), &limits(7, 0.1)).unwrap();
    let mut digest = 0u64;
    for k in 0..1000 {
        let now = timing.at(timing.duration_s() * f64::from(k) / 1000.0);
        for x in [now.position, now.speed, now.acceleration, now.jerk] {
            digest = digest.rotate_left(5) ^ x.to_bits();
        }
    }
    assert_eq!(format!("{digest:016x}"), "06d8ef807396723e");
}
