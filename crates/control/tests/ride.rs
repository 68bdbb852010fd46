//! Riding a timed path: override, pause and stop against the limits and closed forms.

use leitai_control::Path;
use leitai_control::ride::{Ride, RideError, RideLimits, Riding};
use leitai_control::timing::{JointLimits, Sampled, Timing};
use leitai_math::Seed;

const TICK: f64 = 0.001;

fn timed(path: &Path, velocity: f64, acceleration: f64) -> Timing {
    let n = path.joints();
    let limits = JointLimits {
        velocity: vec![velocity; n],
        acceleration: vec![acceleration; n],
        jerk: vec![acceleration / 0.05; n],
        torque: Vec::new(),
    };
    Timing::new(&Sampled::path(path, 1000, None), &limits).unwrap()
}

fn limits(n: usize, acceleration: f64) -> RideLimits {
    RideLimits { acceleration: vec![acceleration; n], torque: Vec::new(), ramp_s: 0.2, rise_s: 0.05 }
}

fn no_torques(_: &[f64], _: &[f64], _: &[f64], _: &mut [f64]) {
    panic!("no limits of torque, so none is asked for")
}

/// Closed form: from velocity v with greatest deceleration a, one joint stops after v²/(2a).
#[test]
fn a_single_joint_stops_in_the_textbooks_distance() {
    let path = Path::straight(&[0.0], &[4.0]);
    let timing = timed(&path, 2.0, 5.0);
    let mut ride = Ride::new(&path, &timing, limits(1, 5.0), TICK).unwrap();
    while ride.now().position * 4.0 < 1.5 {
        ride.follow(1.0);
    }
    let (mut q, mut v, mut a) = ([0.0], [0.0], [0.0]);
    ride.joints(&mut q, &mut v, &mut a);
    assert!((v[0] - 2.0).abs() < 0.01, "{v:?}");
    let (from, speed) = (q[0], v[0]);
    ride.stop();
    let mut ticks = 0;
    while ride.state() == Riding::Stopping {
        ride.brake(&mut no_torques);
        ticks += 1;
        assert!(ticks < 10_000);
    }
    ride.joints(&mut q, &mut v, &mut a);
    assert!((q[0] - from - speed * speed / 10.0).abs() < 1e-9, "{} {}", q[0] - from, speed * speed / 10.0);
    assert_eq!(ticks, (speed / 5.0 / TICK).ceil() as i32);
    // And goes on from there to the end.
    ride.release();
    while ride.state() == Riding::On {
        ride.follow(1.0);
    }
    ride.joints(&mut q, &mut v, &mut a);
    assert!((q[0] - 4.0).abs() < 1e-9 && v[0].abs() < 1e-9);
}

/// Closed form with torque: a mass m on a slide that must be held up, drive limit F. Up, gravity helps: v²/(2(F/m + g)).
#[test]
fn a_stop_uses_the_torque_that_gravity_leaves() {
    let (m, g, f) = (2.0, 9.81, 40.0);
    let mut torques = |_: &[f64], _: &[f64], a: &[f64], tau: &mut [f64]| tau[0] = m * (a[0] + g);
    for (sign, deceleration) in [(1.0, f / m + g), (-1.0, f / m - g)] {
        let path = Path::straight(&[0.0], &[sign * 4.0]);
        let timing = timed(&path, 2.0, 5.0);
        let ride_limits = RideLimits { acceleration: vec![1e3], torque: vec![f], ramp_s: 0.2, rise_s: 0.05 };
        let mut ride = Ride::new(&path, &timing, ride_limits, TICK).unwrap();
        for _ in 0..1000 {
            ride.follow(1.0);
        }
        let (from, speed) = (ride.now().position * 4.0, ride.now().speed * 4.0);
        ride.stop();
        while ride.state() == Riding::Stopping {
            ride.brake(&mut torques);
        }
        let way = ride.now().position * 4.0 - from;
        assert!((way - speed * speed / (2.0 * deceleration)).abs() < 1e-9, "{sign}: {way}");
    }
}

/// Random paths under random orders: positions on the path (they are path(s), so s must run on), velocities and accelerations of the joints
/// within the limits by differences from tick to tick.
#[test]
fn overrides_pauses_and_stops_keep_joint_limits_on_the_path() {
    let mut draw = Seed::from_number(5).stream("ride");
    for case in 0..30 {
        let points: Vec<Vec<f64>> = (0..6).map(|_| (0..6).map(|_| draw.uniform(-2.0, 2.0)).collect()).collect();
        let path = Path::through(&points);
        let timing = timed(&path, 2.0, 8.0);
        let mut ride = Ride::new(&path, &timing, limits(6, 8.0), TICK).unwrap();
        let (mut q, mut v, mut a) = ([0.0; 6], [0.0; 6], [0.0; 6]);
        let (mut old_q, mut old_v) = (points[0].clone(), [0.0; 6]);
        let mut wanted = 1.0;
        let mut s = 0.0;
        let stop_at = draw.uniform(0.5, 5.0);
        let mut paused = 0;
        for tick in 0..40_000 {
            if tick % 400 == 0 {
                wanted = [1.0, 0.0, 0.5, draw.uniform(0.0, 1.0)][(draw.uniform(0.0, 4.0)) as usize];
            }
            if ride.state() == Riding::On && (f64::from(tick) * TICK - stop_at).abs() < 0.5 * TICK {
                ride.stop();
            }
            match ride.state() {
                Riding::On => ride.follow(wanted),
                Riding::Stopping => ride.brake(&mut no_torques),
                Riding::Stopped => ride.release(),
                Riding::Done => break,
            }
            assert!(ride.now().position >= s, "{case}: backward");
            s = ride.now().position;
            ride.joints(&mut q, &mut v, &mut a);
            let stands = v.iter().all(|v| *v == 0.0);
            paused += i32::from(stands);
            for j in 0..6 {
                assert!(v[j].abs() <= 2.0 * 1.001, "{case} {tick}: velocity {}", v[j]);
                // The last tick of a stop ends before the tick does.
                let acceleration = (v[j] - old_v[j]) / TICK;
                assert!(
                    acceleration.abs() <= 8.0 * 1.02 || stands,
                    "{case} {tick}: acceleration {acceleration} rate {}",
                    ride.rate()
                );
                assert!((q[j] - old_q[j] - 0.5 * TICK * (v[j] + old_v[j])).abs() < 2e-6, "{case} {tick}: not the integral");
            }
            old_q.copy_from_slice(&q);
            old_v = v;
        }
        assert_eq!(ride.state(), Riding::Done, "{case}");
        assert!(q.iter().zip(&points[5]).all(|(a, b)| (a - b).abs() < 1e-9));
        assert!(paused > 0, "{case}: it was paused or stopped at least once");
    }
}

/// The rate is the wanted one after the ramp, and the motion takes 1/rate as long.
#[test]
fn half_the_rate_takes_twice_as_long() {
    let path = Path::straight(&[0.0, 0.0], &[3.0, 1.0]);
    let timing = timed(&path, 1.0, 5.0);
    let count = |wanted: f64| {
        let mut ride = Ride::new(&path, &timing, limits(2, 5.0), TICK).unwrap();
        let mut ticks = 0;
        while ride.state() == Riding::On {
            ride.follow(wanted);
            ticks += 1;
        }
        (ticks, ride.rate())
    };
    let (full, half) = (count(1.0), count(0.5));
    assert!((f64::from(full.0) * TICK - timing.duration_s()).abs() <= TICK);
    assert_eq!(half.1, 0.5);
    // While the rate falls in about 0.15 s, a little more than half of the clock is gained.
    let doubled = f64::from(full.0) * 2.0 * TICK;
    assert!(doubled - f64::from(half.0) * TICK < 0.2 && doubled > f64::from(half.0) * TICK, "{full:?} {half:?}");
}

#[test]
fn limits_that_are_none_are_refused() {
    let path = Path::straight(&[0.0], &[1.0]);
    let timing = timed(&path, 1.0, 5.0);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Ride::new(&path, &timing, limits(1, bad), TICK).err(), Some(RideError::Limits));
        assert_eq!(Ride::new(&path, &timing, limits(1, 1.0), bad).err(), Some(RideError::Limits));
    }
    assert_eq!(Ride::new(&path, &timing, limits(2, 1.0), TICK).err(), Some(RideError::Limits));
}
