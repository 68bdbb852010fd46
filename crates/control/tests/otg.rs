//! From any state to a target: motions integrated anew, durations against closed forms and against ruckig.

mod transfers;

use leitai_control::otg::{Limits, State, Target, Together, Transfer, TransferError, fastest, lasting};
use leitai_math::Seed;
use transfers::check::{Worst, check};
use transfers::draw::{Kind, disturb, transfer};

const LIMITS: Limits = Limits { velocity: [-2.0, 2.0], acceleration: [-5.0, 5.0], jerk: 50.0 };

fn over(distance: f64, v0: f64, vf: f64) -> Transfer {
    Transfer {
        start: State { position: 0.0, velocity: v0, acceleration: 0.0 },
        target: Target { position: distance, velocity: vf },
        limits: LIMITS,
    }
}

/// Biagiotti & Melchiorri (2008), §3.4.3: with all limits reached T = D/v + v/a + a/j; without that of velocity
/// T = a/j + √((a/j)² + 4D/a); with neither velocity nor acceleration T = 4·∛(D/2j).
#[test]
fn durations_from_rest_to_rest_are_the_textbook_ones() {
    let (v, a, j): (f64, f64, f64) = (2.0, 5.0, 50.0);
    let cases = [
        (3.0, 3.0 / v + v / a + a / j),
        (0.5, a / j + ((a / j) * (a / j) + 4.0 * 0.5 / a).sqrt()),
        (0.005, 4.0 * (0.005 / (2.0 * j)).cbrt()),
        (0.0, 0.0),
    ];
    for (distance, duration) in cases {
        for sign in [1.0, -1.0] {
            let course = fastest(&over(sign * distance, 0.0, 0.0)).unwrap();
            assert!((course.duration_s() - duration).abs() < 1e-12, "{distance}: {} {duration}", course.duration_s());
        }
    }
}

/// At its greatest velocity over any distance: T = D/v, with nothing to do.
#[test]
fn a_joint_that_moves_right_already_goes_on() {
    let course = fastest(&over(1.0, 2.0, 2.0)).unwrap();
    assert!((course.duration_s() - 0.5).abs() < 1e-9, "{}", course.duration_s());
}

/// Every motion of random problems reaches its target within its limits, by integrating its jerk anew.
#[test]
fn random_motions_arrive_within_limits() {
    let mut draw = Seed::from_number(11).stream("transfers");
    let mut planner = Together::new(7);
    let mut worst = Worst::default();
    for case in 0..100_000 {
        let kind = [Kind::Rest, Kind::State, Kind::Full][case % 3];
        let mut problem: [Transfer; 7] = core::array::from_fn(|_| transfer(&mut draw, kind));
        let too_fast = case % 10 == 0 && disturb(&mut draw, &mut problem[case % 7]);
        if too_fast {
            assert_eq!(planner.plan(&problem), Err(TransferError::TargetTooFast(case % 7)));
            continue;
        }
        let t = planner.plan(&problem).unwrap_or_else(|error| panic!("case {case}: {error}"));
        for (k, (joint, course)) in problem.iter().zip(planner.courses()).enumerate() {
            check(joint, course, t, &mut worst).unwrap_or_else(|wrong| panic!("case {case}, joint {k}: {wrong}\n{joint:?}"));
        }
    }
    assert!(worst.position < 1e-10 && worst.beyond < 1e-12, "far better than the bar: {worst:?}");
}

/// The same with limits that differ between directions and span six decades.
#[test]
fn limits_of_any_size_are_held() {
    let mut draw = Seed::from_number(12).stream("transfers");
    let mut worst = Worst::default();
    for case in 0..50_000 {
        let mut joint = transfer(&mut draw, Kind::Full);
        let mut size = |low: f64, high: f64| 10f64.powf(draw.uniform(low, high));
        joint.limits = Limits {
            velocity: [-size(-2.0, 2.0), size(-2.0, 2.0)],
            acceleration: [-size(-2.0, 4.0), size(-2.0, 4.0)],
            jerk: size(-2.0, 6.0),
        };
        joint.target.velocity = joint.target.velocity.clamp(joint.limits.velocity[0], joint.limits.velocity[1]);
        let course = fastest(&joint).unwrap_or_else(|error| panic!("case {case}: {error}\n{joint:?}"));
        check(&joint, &course, course.duration_s(), &mut worst).unwrap_or_else(|wrong| panic!("case {case}: {wrong}\n{joint:?}"));
    }
}

/// Ruckig's durations, written by `oracle/ruckig/write.py`: one joint and seven, also from beyond the limits.
#[test]
fn durations_agree_with_ruckig() {
    let text = include_str!("../../../oracle/ruckig/transfers.txt");
    let mut cases = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<f64> = line.split(' ').map(|x| x.parse().unwrap()).collect();
        let problem: Vec<Transfer> = numbers[2..]
            .chunks_exact(8)
            .map(|x| Transfer {
                start: State { position: x[0], velocity: x[1], acceleration: x[2] },
                target: Target { position: x[3], velocity: x[4] },
                limits: Limits::symmetric(x[5], x[6], x[7]),
            })
            .collect();
        assert_eq!(problem.len(), numbers[0] as usize);
        let mut planner = Together::new(problem.len());
        let t = planner.plan(&problem).unwrap();
        assert!((t - numbers[1]).abs() <= 1e-7 * numbers[1], "case {cases}: {t}, ruckig {}", numbers[1]);
        cases += 1;
    }
    assert!(cases > 350, "{cases}");
}

/// Law: a mirror and a shift change nothing but signs and positions.
#[test]
fn a_mirrored_motion_takes_the_same_time() {
    let mut draw = Seed::from_number(13).stream("transfers");
    for _ in 0..2_000 {
        let joint = transfer(&mut draw, Kind::Full);
        let Transfer { start: s, target: e, limits } = joint;
        let mirrored = Transfer {
            start: State { position: -s.position, velocity: -s.velocity, acceleration: -s.acceleration },
            target: Target { position: -e.position, velocity: -e.velocity },
            limits,
        };
        assert_eq!(fastest(&joint).unwrap().duration_s(), fastest(&mirrored).unwrap().duration_s());
    }
}

/// Every duration is either kept exactly or refused; what is refused is a gap: shorter than the least, or between two possible ones.
#[test]
fn a_motion_lasts_as_long_as_asked() {
    let mut draw = Seed::from_number(14).stream("transfers");
    let mut worst = Worst::default();
    let (mut kept, mut gaps) = (0, 0);
    for case in 0..3_000 {
        let mut joint = transfer(&mut draw, Kind::Full);
        if case % 2 == 0 {
            // Little way to go between two velocities in one direction: such a joint cannot wait.
            joint.target.position = joint.start.position + draw.uniform(0.0, 0.3) * joint.start.velocity;
            joint.target.velocity = 0.5 * joint.start.velocity;
        }
        let least = fastest(&joint).unwrap().duration_s();
        assert_eq!(lasting(&joint, 0.99 * least).err(), (least > 0.0).then_some(TransferError::Impossible(0)));
        let (mut before, mut changes) = (true, 0);
        for k in 0..60 {
            let t = least * (1.0 + 1e-9) + 0.05 * f64::from(k * k) / 40.0;
            let possible = match lasting(&joint, t) {
                Ok(course) => {
                    check(&joint, &course, t, &mut worst)
                        .unwrap_or_else(|wrong| panic!("case {case}, {t} s: {wrong}\n{joint:?}"));
                    true
                }
                Err(error) => {
                    assert_eq!(error, TransferError::Impossible(0));
                    false
                }
            };
            changes += usize::from(possible != before);
            before = possible;
        }
        assert!(before, "with enough time every joint arrives: {joint:?}");
        assert!(changes <= 4, "at most two gaps: {joint:?}");
        kept += 1;
        gaps += usize::from(changes > 0);
    }
    assert!(gaps > 100, "the test meets gaps: {gaps} of {kept}");
}

/// From velocity 1 to velocity 1 over 0.1: 0.1 s by going on. Turning back and coming again takes two stops; between them it would have to
/// lose time that it cannot: in 0.2 s at jerk 50 the velocity falls by at most ¼·50·0.1² = 0.125, and 0.2 · 0.875 > 0.1.
#[test]
fn a_moving_joint_cannot_wait() {
    assert!(lasting(&over(0.1, 1.0, 1.0), 0.1 * (1.0 + 1e-12)).is_ok());
    assert_eq!(lasting(&over(0.1, 1.0, 1.0), 0.2).err(), Some(TransferError::Impossible(0)));
    assert!(lasting(&over(0.1, 1.0, 1.0), 2.0).is_ok());
}

/// Inside, the state of a motion is that of its stretches; outside it stands at the start and goes on from the target.
#[test]
fn a_motion_is_smooth_from_before_to_after() {
    let mut draw = Seed::from_number(15).stream("transfers");
    for _ in 0..500 {
        let joint = transfer(&mut draw, Kind::Full);
        let course = fastest(&joint).unwrap();
        assert_eq!(course.at(-1.0), joint.start);
        let (end, t) = (course.at(course.duration_s()), course.duration_s());
        assert_eq!((end.position, end.velocity, end.acceleration), (joint.target.position, joint.target.velocity, 0.0));
        let later = joint.target.position + 0.5 * joint.target.velocity;
        assert!((course.at(t + 0.5).position - later).abs() < 1e-12);
        let (h, reach) = (1e-4, 4.0);
        let mut now = course.at(0.0);
        for k in 1..(t / h) as usize {
            let next = course.at(k as f64 * h);
            assert!((next.position - now.position).abs() < reach * h, "no jump of the position");
            assert!(
                (next.acceleration - now.acceleration).abs() <= joint.limits.jerk * h * (1.0 + 1e-9),
                "nor of the acceleration"
            );
            now = next;
        }
    }
}

/// Bad input gives the error that names it, and numbers without measure give an error or a motion, never a panic or a NaN.
#[test]
fn bad_input_is_refused() {
    let good = over(1.0, 0.0, 0.0);
    let of = |change: &dyn Fn(&mut Transfer)| {
        let mut transfer = good;
        change(&mut transfer);
        Together::new(2).plan(&[good, transfer]).err()
    };
    assert_eq!(of(&|x| x.start.position = f64::NAN), Some(TransferError::NotFinite(1)));
    assert_eq!(of(&|x| x.target.velocity = f64::INFINITY), Some(TransferError::NotFinite(1)));
    assert_eq!(of(&|x| x.limits.jerk = 0.0), Some(TransferError::NoRoom(1)));
    assert_eq!(of(&|x| x.limits.velocity[0] = 0.5), Some(TransferError::NoRoom(1)));
    assert_eq!(of(&|x| x.target.velocity = 2.1), Some(TransferError::TargetTooFast(1)));
    assert_eq!(TransferError::NoRoom(1).to_string(), "joint 2: limits must be below zero and above zero, the jerk above zero");
    let sizes = [0.0, 5e-324, 1e-200, 1e-9, 1.0, 1e9, 1e200, f64::MAX];
    let mut draw = Seed::from_number(16).stream("sizes");
    for _ in 0..200_000 {
        let mut size = || sizes[draw.below(8) as usize];
        let transfer = Transfer {
            start: State { position: -size(), velocity: size(), acceleration: -size() },
            target: Target { position: size(), velocity: size() },
            limits: Limits { velocity: [-size(), size()], acceleration: [-size(), size()], jerk: size() },
        };
        if let Ok(course) = fastest(&transfer) {
            let t = course.duration_s();
            assert!(t.is_finite() && t >= 0.0);
            assert!(
                course.stretches().iter().all(|s| s.state.position.is_finite() && s.state.velocity.is_finite()),
                "{transfer:?}"
            );
        }
        let _ = lasting(&transfer, 1.0);
    }
}

/// Bits of durations and middles of ten thousand motions, the same in debug and release and on every processor.
#[test]
fn motions_keep_their_bits() {
    let mut draw = Seed::from_number(17).stream("transfers");
    let mut planner = Together::new(3);
    let mut digest = 0u64;
    for case in 0..10_000 {
        let kind = [Kind::Rest, Kind::State, Kind::Full][case % 3];
        let problem: [Transfer; 3] = core::array::from_fn(|_| transfer(&mut draw, kind));
        let t = planner.plan(&problem).unwrap();
        for course in planner.courses() {
            let middle = course.at(0.5 * t);
            for x in [t, middle.position, middle.velocity, middle.acceleration] {
                digest = digest.rotate_left(5) ^ x.to_bits();
            }
        }
    }
    assert_eq!(format!("{digest:016x}"), "5b324c35405a28c0");
}
