//! Pushes from outside: what the observer makes of them, what it takes for one, and what the arm does then.

// Published postures and ranges of the arms stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod plant;

use leitai_control::collision::{CleanRuns, MomentumObserver, Reaction, Reflex, Thresholds, force_along, force_at, stopping_way};
use leitai_control::operational::Operational;
use leitai_control::otg::Limits;
use leitai_control::{JointServo, Reference, ServoGains};
use leitai_math::{Seed, Stream, Vec3};
use plant::{Friction, Plant};

const SEVEN: [f64; 7] = [0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1];
const PERIOD_S: f64 = 1e-3;
const GAIN_1_S: f64 = 50.0;

/// Definitions: p = M·v, and Cᵀ·v the slope of the kinetic energy by q; what is held besides is the weight and the damping.
#[test]
fn momentum_and_its_own_change_are_what_they_are_defined_as() {
    let mut draw = Seed::from_number(1).stream("states");
    let mut arm = Plant::new(&arms::seven_axes(), &SEVEN).dynamics();
    let (mut mass, mut p, mut own, mut weight) = (vec![0.0; 49], [0.0; 7], [0.0; 7], [0.0; 7]);
    for _ in 0..20 {
        let q: Vec<f64> = SEVEN.iter().map(|q| q + draw.uniform(-1.0, 1.0)).collect();
        let v: Vec<f64> = (0..7).map(|_| draw.uniform(-2.0, 2.0)).collect();
        arm.momentum(&q, &v, &mut p, &mut own);
        arm.holding(&q, &v, &[0.0; 7], &mut weight);
        arm.mass_matrix(&q, &mut mass);
        for i in 0..7 {
            let product: f64 = (0..7).map(|k| mass[i * 7 + k] * v[k]).sum();
            assert!((p[i] - product).abs() < 1e-12);
        }
        for i in 0..7 {
            let mut energy = |by: f64| {
                let mut at = q.clone();
                at[i] += by;
                arm.mass_matrix(&at, &mut mass);
                0.5 * (0..49).map(|k| v[k / 7] * mass[k] * v[k % 7]).sum::<f64>()
            };
            let h = 1e-5;
            let slope = (energy(h) - energy(-h)) / (2.0 * h);
            assert!((own[i] + weight[i] - slope).abs() < 1e-7, "{i}: {} {slope}", own[i] + weight[i]);
        }
    }
}

/// A motion: joints swing about the posture, each at its own time.
fn reference(t: f64, size: f64) -> Reference {
    let w = |i: usize| 1.0 + 0.3 * i as f64;
    let each = |f: &dyn Fn(usize) -> f64| (0..7).map(f).collect::<Vec<f64>>();
    Reference {
        q: each(&|i| SEVEN[i] + size * (1.0 - (w(i) * t).cos())),
        v: each(&|i| size * w(i) * (w(i) * t).sin()),
        a: each(&|i| size * w(i) * w(i) * (w(i) * t).cos()),
    }
}

/// An arm that follows the motion, its servo, and its observer. Noisy: friction that nobody knows, masses 3 % off, encoders and torques with noise.
struct Run {
    plant: Plant,
    servo: JointServo,
    observer: MomentumObserver,
    tau: Vec<f64>,
    draw: Stream,
    noisy: bool,
    time_s: f64,
}

impl Run {
    fn new(noisy: bool, seed: u64) -> Self {
        let mut spec = arms::seven_axes();
        let told = Plant::new(&spec, &SEVEN);
        if noisy {
            arms::each_link(&mut spec, &mut |i, inertial| inertial.mass *= if i % 2 == 0 { 1.03 } else { 0.97 });
        }
        let mut plant = Plant::new(&spec, &SEVEN);
        if noisy {
            plant.friction = [2.0, 2.0, 1.5, 1.5, 0.6, 0.6, 0.3].map(|dry| Friction { dry, viscous: 0.5 * dry }).to_vec();
        }
        let gains = ServoGains { natural_frequency_rad_s: 40.0, damping_ratio: 1.0 };
        Self {
            plant,
            servo: JointServo::new(told.dynamics(), gains, vec![400.0; 7], 0),
            observer: MomentumObserver::new(told.dynamics(), GAIN_1_S, PERIOD_S, 0),
            tau: vec![0.0; 7],
            draw: Seed::from_number(seed).stream("noise"),
            noisy,
            time_s: 0.0,
        }
    }

    /// A period of the motion; gives the reference and leaves the residual in the observer.
    fn step(&mut self, to: &Reference) {
        let size = if self.noisy { 1e-3 } else { 0.0 };
        let v: Vec<f64> = self.plant.v.iter().map(|v| v + self.draw.normal(0.0, size)).collect();
        let q = self.plant.q.clone();
        self.observer.step(&q, &v, &self.tau).unwrap();
        self.servo.step(to, &q, &v, &mut self.tau);
        self.plant.run(&self.tau, PERIOD_S);
        self.time_s += PERIOD_S;
    }
}

/// Without contact and with a true model nothing is left, in fast motion.
#[test]
fn nothing_is_felt_where_nothing_pushes() {
    let mut run = Run::new(false, 1);
    for step in 0..2000 {
        let to = reference(f64::from(step) * PERIOD_S, 0.5);
        run.step(&to);
        // What is left is that of a mean over a step: 10⁻⁴ of torques of some tens of N·m.
        assert!(run.observer.residual().iter().all(|r| r.abs() < 0.02), "{:?}", run.observer.residual());
    }
}

/// Closed form: a push that begins shows as the step of a low pass, 1 − e^(−Kt), in joint torques Jᵀ·F.
#[test]
fn a_push_shows_as_through_a_low_pass() {
    let mut run = Run::new(false, 1);
    for step in 0..500 {
        run.step(&reference(f64::from(step) * PERIOD_S, 0.2));
    }
    run.plant.push = [20.0, -10.0, 5.0, 0.0, 0.0, 0.0];
    let mut state = Operational::new(7);
    for step in 0..100 {
        let to = reference(0.5 + f64::from(step) * PERIOD_S, 0.2);
        let t = f64::from(step) * PERIOD_S;
        run.step(&to);
        state.update(&mut run.servo.arm, &run.plant.chain, &run.plant.q, &run.plant.v).unwrap();
        let passed = 1.0 - (-GAIN_1_S * t).exp();
        for i in 0..7 {
            let pushed: f64 = (0..6).map(|k| state.jacobian[i][k] * run.plant.push[k]).sum();
            let r = run.observer.residual()[i];
            assert!((r - passed * pushed).abs() < 0.02 * 20.0, "{i} after {t} s: {r} of {pushed}");
        }
    }
    let force = force_at(&state.jacobian, &state.tip, 6, state.tip.position, run.observer.residual());
    assert!((force - Vec3::new(20.0, -10.0, 5.0)).norm() < 0.5, "{force:?}");
}

/// Law: a force on a link is felt by the joints before it and by none beyond, so the last joint that feels it names the link, and from three joints on
/// its place gives the force.
#[test]
fn the_link_that_is_hit_is_the_last_that_feels_it() {
    let thresholds = Thresholds { bounds: vec![[0.2, 0.0, 0.0]; 7] };
    for link in 2..7 {
        let mut run = Run::new(false, 1);
        let still = reference(0.0, 0.0);
        (0..50).for_each(|_| run.step(&still));
        let mut state = Operational::new(7);
        state.update(&mut run.servo.arm, &run.plant.chain, &run.plant.q, &run.plant.v).unwrap();
        let (point, force) = (state.tip.position + Vec3::new(0.03, 0.05, -0.1), Vec3::new(10.0, 30.0, 20.0));
        for i in 0..=link {
            let column = state.jacobian[i];
            let at = Vec3::from_slice(&column[..3]) + Vec3::from_slice(&column[3..]).cross(point - state.tip.position);
            run.plant.extra[i] = at.dot(force);
        }
        (0..150).for_each(|_| run.step(&still));
        let residual = run.observer.residual().to_vec();
        let hit = thresholds.hit(&[0.0; 7], &[0.0; 7], &residual).expect("felt");
        assert_eq!(hit.link, link, "{residual:?}");
        let found = force_at(&state.jacobian, &state.tip, link, point, &residual);
        if link >= 3 {
            assert!((found - force).norm() < 1.0, "{link}: {found:?}");
        }
        let size = force.norm();
        let along = force_along(&state.jacobian, &state.tip, link, point, force * (1.0 / size), &residual);
        assert!((along / size - 1.0).abs() < 0.02, "{link}: {along}");
    }
}

fn thresholds() -> Thresholds {
    let mut clean = CleanRuns::new(7);
    for seed in 0..4 {
        let mut run = Run::new(true, seed);
        for step in 0..3000 {
            let to = reference(f64::from(step) * PERIOD_S, 0.1 + 0.1 * seed as f64);
            run.step(&to);
            clean.add(&to.v, &to.a, run.observer.residual());
        }
    }
    clean.thresholds(0.999, 1.3).unwrap()
}

/// With friction, masses 3 % off and noise: motions that the thresholds were not made from raise no alarm in six seconds, and a push of 30 N at the tip
/// is noticed within 30 ms, in every one of six directions.
#[test]
fn a_push_is_told_from_friction_and_noise() {
    let thresholds = thresholds();
    for direction in [Vec3::X, Vec3::Y, Vec3::Z, -Vec3::X, -Vec3::Y, -Vec3::Z] {
        let mut run = Run::new(true, 77);
        let mut noticed = None;
        for step in 0..1100 {
            let to = reference(f64::from(step) * PERIOD_S, 0.25);
            if step == 1000 {
                run.plant.push[..3].copy_from_slice(&(direction * 30.0).to_array());
            }
            run.step(&to);
            let hit = thresholds.hit(&to.v, &to.a, run.observer.residual());
            assert!(step >= 1000 || hit.is_none(), "a false alarm after {step} ms: {hit:?}");
            if hit.is_some() && noticed.is_none() {
                noticed = Some(step - 1000);
            }
        }
        assert!(noticed.is_some_and(|ms| ms <= 30), "{direction:?}: {noticed:?}");
    }
}

fn limits() -> Vec<Limits> {
    vec![Limits::symmetric(2.0, 10.0, 500.0); 7]
}

/// Closed form of the stopping way, and a stop that keeps to it and to the limits; the arm ends at rest.
#[test]
fn the_arm_stops_within_its_limits() {
    // 1 m/s at 10 m/s² and 500 m/s³: 0.12 s on the way, half of it far.
    assert!((stopping_way(1.0, &limits()[0]) - 0.06).abs() < 1e-15);
    // Too slow for the whole deceleration: 2·√(0.05/500) = 0.02 s.
    assert!((stopping_way(-0.05, &limits()[0]) + 0.0005).abs() < 1e-15);
    let mut run = Run::new(false, 1);
    let mut to = reference(0.0, 0.5);
    for step in 0..800 {
        to = reference(f64::from(step) * PERIOD_S, 0.5);
        run.step(&to);
    }
    let mut state = Operational::new(7);
    state.update(&mut run.servo.arm, &run.plant.chain, &run.plant.q, &run.plant.v).unwrap();
    let mut reflex = Reflex::new(limits());
    reflex.begin(Reaction::Stop, &to, &state, &[0.0; 7]).unwrap();
    let begun = to.clone();
    for _ in 0..400 {
        let before = to.v.clone();
        let (q, v) = (run.plant.q.clone(), run.plant.v.clone());
        reflex.step(PERIOD_S, &q, &v, &mut to);
        for i in 0..7 {
            assert!((to.v[i] - before[i]).abs() <= 10.0 * PERIOD_S + 1e-12);
        }
        run.step(&to);
    }
    assert!(run.plant.v.iter().all(|v| v.abs() < 1e-3), "{:?}", run.plant.v);
    for i in 0..7 {
        assert!((run.plant.q[i] - begun.q[i]).abs() < stopping_way(begun.v[i], &limits()[i]).abs() + 0.02);
    }
}

/// A retreat goes the way of the push, by about the stated way; a floating arm gives way to it and comes to rest when it ends.
#[test]
fn the_arm_gives_way_to_the_push() {
    let push = Vec3::new(0.0, 25.0, 10.0);
    let react = |reaction: Reaction| {
        let mut run = Run::new(false, 1);
        let mut to = reference(0.0, 0.0);
        (0..50).for_each(|_| run.step(&to));
        let start = run.plant.tip().position;
        run.plant.push[..3].copy_from_slice(&push.to_array());
        (0..40).for_each(|_| run.step(&to));
        let mut state = Operational::new(7);
        state.update(&mut run.servo.arm, &run.plant.chain, &run.plant.q, &run.plant.v).unwrap();
        let mut reflex = Reflex::new(limits());
        let residual = run.observer.residual().to_vec();
        reflex.begin(reaction, &to, &state, &residual).unwrap();
        for step in 0..1500 {
            if step == 300 {
                run.plant.push = [0.0; 6];
            }
            let (q, v) = (run.plant.q.clone(), run.plant.v.clone());
            reflex.step(PERIOD_S, &q, &v, &mut to);
            run.step(&to);
        }
        assert!(run.plant.v.iter().all(|v| v.abs() < 0.02), "{:?}", run.plant.v);
        run.plant.tip().position - start
    };
    let away = react(Reaction::Retreat { way_m: 0.05 });
    assert!((away.norm() - 0.05).abs() < 0.005 && away.dot(push) > 0.5 * away.norm() * push.norm(), "{away:?}");
    let away = react(Reaction::Float { damping_1_s: 8.0 });
    assert!(away.dot(push) > 0.05 * push.norm(), "{away:?}");
    assert!(react(Reaction::Stop).norm() < 1e-3);
}

/// Readings that come two steps late are compared with the torques of their own time; a number that is none is refused, and the observer starts anew.
#[test]
fn late_and_bad_readings_are_allowed_for() {
    let mut run = Run::new(false, 1);
    let mut late = MomentumObserver::new(run.plant.dynamics(), GAIN_1_S, PERIOD_S, 2);
    let mut seen = std::collections::VecDeque::new();
    for step in 0..600 {
        seen.push_back((run.plant.q.clone(), run.plant.v.clone()));
        let tau = run.tau.clone();
        run.step(&reference(f64::from(step) * PERIOD_S, 0.5));
        if seen.len() > 2 {
            let (q, v) = seen.pop_front().unwrap();
            late.step(&q, &v, &tau).unwrap();
            assert!(late.residual().iter().all(|r| r.abs() < 0.02), "{step}: {:?}", late.residual());
        } else {
            late.step(&SEVEN, &[0.0; 7], &tau).unwrap();
        }
    }
    assert!(late.step(&[f64::NAN; 7], &[0.0; 7], &[0.0; 7]).is_err());
    assert!(late.step(&SEVEN, &[0.0; 7], &[f64::INFINITY; 7]).is_err());
    assert_eq!(late.residual(), [0.0; 7]);
    (0..4).for_each(|_| drop(late.step(&SEVEN, &[1e200; 7], &[0.0; 7]).map(<[f64]>::to_vec)));
    assert!(late.residual().iter().all(|r| r.is_finite()), "numbers so great that their products are none are forgotten");
}
