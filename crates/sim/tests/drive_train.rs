//! A joint's drive train against closed forms: torsion, resonance, heat, efficiency, energy, life.

use leitai_sim::drive_train::thermal::{Step, Thermal};
use leitai_sim::drive_train::torsion::{Memory, Torsion};
use leitai_sim::drive_train::{Demand, DriveTrain, Figures, life_rate};
use std::f64::consts::TAU;

const DT: f64 = 0.001;
/// From the first small step of a step to the step's own time [s].
const AHEAD: f64 = 0.5 * (DT - 62.5e-6);

fn straight(stiffness: f64) -> Torsion {
    Torsion {
        stiffness_nm_rad: [stiffness; 3],
        breaks_nm: [1.0, 2.0],
        damping_nm_s_rad: 0.0,
        hysteresis_rad: 0.0,
        backlash_rad: 0.0,
    }
}

/// A joint without friction, loss, heat or error.
fn ideal() -> Figures {
    Figures {
        ratio: 100.0,
        torsion: straight(3e4),
        kinematic_error_rad: 0.0,
        error_cycles: 2.0,
        coulomb_nm: 0.0,
        breakaway_nm: 0.0,
        stribeck_rad_s: 5.0,
        viscous_nm_s_rad: 0.0,
        efficiency: 1.0,
        inertia_kg_m2: 1e-4,
        rated_torque_nm: 67.0,
        rated_speed_rad_s: 209.0,
        life_h: 7000.0,
        rollers: false,
        repeated_peak_nm: 157.0,
        momentary_peak_nm: 284.0,
        torque_constant_nm_a: 0.25,
        resistance_ohm: 0.7,
        inductance_h: 0.0025,
        peak_current_a: 17.0,
        voltage_v: 220.0,
        magnet_loss_1_k: 0.0,
        thermal: None,
        winding_limit_c: 155.0,
        start_c: 25.0,
        current_period_s: 62.5e-6,
        current_bandwidth_hz: 1200.0,
        encoder_counts: 131_072.0,
        torque_feedback: 0.0,
        friction_compensation: 0.0,
        rigid: false,
    }
}

/// A link beside the joint, stepped as a world does: v first, then q with the new v.
struct Link {
    inertia: f64,
    q: f64,
    v: f64,
}

impl Link {
    fn step(&mut self, torque: f64, dt: f64) {
        self.v += dt * torque / self.inertia;
        self.q += dt * self.v;
    }
}

/// Time [s] between the first and the last upward crossing of zero, over their number: a period.
fn period(values: &[f64], dt: f64) -> f64 {
    let crossings: Vec<f64> = (1..values.len())
        .filter(|&i| values[i - 1] < 0.0 && values[i] >= 0.0)
        .map(|i| dt * (i as f64 - values[i] / (values[i] - values[i - 1])))
        .collect();
    assert!(crossings.len() > 3, "it swings");
    (crossings.last().unwrap() - crossings[0]) / (crossings.len() - 1) as f64
}

/// Two inertias and a spring, free: ω_r = √(K·(1/M + 1/B)) with B = N²·J; beside a rotor far heavier than the link it is the locked
/// rotor's ω_a = √(K/M). Leapfrog at 1 ms and 20 Hz shifts it by less than (ω·dt)²/24 = 0.07 %.
#[test]
fn the_joint_swings_at_the_frequencies_of_two_masses() {
    for (inertia, link) in [(1e-4, 2.0), (1e-4, 0.8), (0.1, 2.0)] {
        // A coil that lets no current pass, so that nothing but the mechanics moves.
        let figures = Figures { inertia_kg_m2: inertia, resistance_ohm: 1e9, ..ideal() };
        let train = DriveTrain::new(&figures, DT);
        let rotor = inertia * 1e4;
        let expected = TAU / (3e4 * (1.0 / link + 1.0 / rotor)).sqrt();
        let mut state = train.at_rest(0.0, 0.0);
        // Twisted by 1 mrad about the middle of mass, so nothing but the mode moves.
        let mut body = Link { inertia: link + train.link_inertia_kg_m2(), q: 0.0, v: 0.0 };
        state.angle_rad = 0.1;
        state.memory.twist_rad = 0.001;
        let mut twists = Vec::new();
        for _ in 0..2000 {
            let torque = train.step(&mut state, Demand::Voltage(0.0), body.q, body.v);
            body.step(torque, DT);
            twists.push(state.angle_rad / 100.0 - body.q);
        }
        let found = period(&twists, DT);
        assert!((found / expected - 1.0).abs() < 0.01, "{inertia} {link}: {found} s against {expected} s");
        // Undamped: after two seconds the swing is as large as in the beginning, within 5 %.
        let swing = |part: &[f64]| part.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let (first, last) = (swing(&twists[..200]), swing(&twists[1800..]));
        assert!((last / first - 1.0).abs() < 0.05, "{inertia} {link}: {first} then {last}");
    }
}

/// K·dt² up to the rotor's inertia at the joint, beside links from a wrist's to a shoulder's, with the loop around the torque and
/// without, at the steps of a trial: what was twisted comes to rest.
#[test]
fn stiff_joints_stay_stable_at_the_steps_of_a_trial() {
    for dt in [0.001, 0.002] {
        for stiffness in [1e4, 1e5] {
            for share in [0.1, 0.4, 1.0] {
                for (link, torque_feedback) in [(0.002, 0.0), (0.05, 2.0), (0.5, 2.0), (10.0, 0.0), (10.0, 2.0)] {
                    let torsion = Torsion { damping_nm_s_rad: 3e-4 * stiffness, ..straight(stiffness) };
                    let inertia_kg_m2 = stiffness * dt * dt / share / 1e4;
                    let figures = Figures { torsion, torque_feedback, inertia_kg_m2, ..ideal() };
                    let train = DriveTrain::new(&figures, dt);
                    let mut state = train.at_rest(0.0, 0.0);
                    let mut body = Link { inertia: link + train.link_inertia_kg_m2(), q: 0.0, v: 0.1 };
                    let mut late = 0.0_f64;
                    for step in 0..1500 {
                        let torque = train.step(&mut state, Demand::Joint(0.0), body.q, body.v);
                        body.step(torque, dt);
                        if step > 1400 {
                            late = late.max((state.angle_rad / 100.0 - body.q).abs());
                        }
                    }
                    assert!(late < 2e-4, "{dt} {stiffness} {share} {link} {torque_feedback}: still twisted by {late}");
                }
            }
        }
    }
}

/// Without torsion a joint speeds up by τ/(M + B/(1 + k)), whatever the loop around the torque; and friction is 1 + k times smaller.
#[test]
fn a_rigid_reducer_leaves_rotor_and_friction() {
    for torque_feedback in [0.0, 2.0] {
        let figures = Figures { rigid: true, torque_feedback, coulomb_nm: 0.03, breakaway_nm: 0.03, ..ideal() };
        let train = DriveTrain::new(&figures, DT);
        let mut state = train.at_rest(0.0, 0.0);
        let mut body = Link { inertia: 1.5 + train.link_inertia_kg_m2(), q: 0.0, v: 0.0 };
        for _ in 0..200 {
            let torque = train.step(&mut state, Demand::Joint(12.0), body.q, body.v);
            body.step(torque, DT);
        }
        let gain = 1.0 + torque_feedback;
        let expected = 0.2 * (12.0 - 3.0 / gain) / (1.5 + 1.0 / gain);
        assert!((body.v / expected - 1.0).abs() < 0.02, "{torque_feedback}: {} against {expected}", body.v);
        assert!((train.reading(&state).0 - body.q).abs() < 3e-3);
    }
}

/// The sheet's curve, its inverse, and Jenkin's loop: a swing of ±a loses 4·H·(a − H/K₁), with a width w at zero torque.
#[test]
fn the_torsion_curve_has_the_sheets_slopes_and_the_loops_area() {
    let torsion = Torsion {
        stiffness_nm_rad: [2.5e4, 4.0e4, 4.6e4],
        breaks_nm: [14.0, 48.0],
        damping_nm_s_rad: 0.0,
        hysteresis_rad: 3e-4,
        backlash_rad: 0.0,
    };
    for torque in [-100.0, -20.0, -3.0, 0.0, 5.0, 14.0, 30.0, 48.0, 300.0] {
        assert!((torsion.curve_nm(torsion.twist_rad(torque)) - torque).abs() < 1e-9);
    }
    let slope = |x: f64| (torsion.curve_nm(x + 1e-7) - torsion.curve_nm(x - 1e-7)) / 2e-7;
    for (x, k) in [(1e-4, 2.5e4), (8e-4, 4.0e4), (5e-3, 4.6e4)] {
        assert!((slope(x) / k - 1.0).abs() < 1e-6);
    }
    let (swing, slips) = (2e-3, 0.5 * 2.5e4 * 3e-4);
    let mut memory = Memory::default();
    let (mut loss, mut crossings) = (0.0, Vec::new());
    let mut before = (0.0, 0.0);
    for i in 0..=40_000 {
        let x = swing * (TAU * f64::from(i) / 20_000.0).sin();
        let torque = torsion.torque(&mut memory, x, 0.0);
        if i > 20_000 {
            loss += 0.5 * (torque + before.1) * (x - before.0);
            if (torque >= 0.0) != (before.1 >= 0.0) {
                crossings.push(x);
            }
        }
        before = (x, torque);
    }
    let expected = 4.0 * slips * (swing - slips / 2.5e4);
    assert!((loss / expected - 1.0).abs() < 1e-3, "{loss} J against {expected} J");
    assert!(((crossings[0] - crossings[1]).abs() / 3e-4 - 1.0).abs() < 1e-2, "{crossings:?}");
}

/// In the play no torque acts, and flanks never pull.
#[test]
fn a_reducer_with_play_is_free_in_it() {
    let torsion = Torsion { backlash_rad: 2e-3, hysteresis_rad: 3e-4, damping_nm_s_rad: 50.0, ..straight(1e5) };
    let mut memory = Memory::default();
    for i in 0..10_000 {
        let x = 3e-3 * (TAU * f64::from(i) / 2_500.0).sin();
        let torque = torsion.torque(&mut memory, x, 3e-3 * TAU * (TAU * f64::from(i) / 2_500.0).cos());
        assert!(torque * x >= 0.0, "flanks push only");
        assert!(x.abs() > 1e-3 || torque == 0.0, "{torque} N*m at {x}");
    }
    assert!((torsion.curve_nm(torsion.twist_rad(30.0) - 1e-3) - 30.0).abs() < 1e-9);
}

/// Step response of two masses against Runge and Kutta at a thousandth of the step, and the settled temperatures of the chain.
#[test]
fn the_motor_heats_up_as_two_masses_in_line() {
    let thermal =
        Thermal { winding_j_k: 24.0, housing_j_k: 360.0, winding_housing_k_w: 1.0, housing_ambient_k_w: 2.2, ambient_c: 40.0 };
    let power = 22.0;
    let slope = |t: [f64; 2]| {
        let across = (t[0] - t[1]) / 1.0;
        [(power - across) / 24.0, (across - (t[1] - 40.0) / 2.2) / 360.0]
    };
    let step = Step::new(&thermal, 5.0);
    let (mut exact, mut fine) = ([60.0, 50.0], [60.0_f64, 50.0]);
    for _ in 0..60 {
        exact = step.next(exact, power);
        for _ in 0..1000 {
            let h = 0.005;
            let a = slope(fine);
            let b = slope([fine[0] + 0.5 * h * a[0], fine[1] + 0.5 * h * a[1]]);
            fine = [fine[0] + h * b[0], fine[1] + h * b[1]];
        }
        assert!((exact[0] - fine[0]).abs() < 1e-4 && (exact[1] - fine[1]).abs() < 1e-4, "{exact:?} {fine:?}");
    }
    let settled = thermal.settled_c(power);
    let late = Step::new(&thermal, 1e5).next([25.0; 2], power);
    assert!((late[0] - settled[0]).abs() < 1e-6 && (settled[0] - (40.0 + 22.0 * 3.2)).abs() < 1e-9, "{late:?}");
    // One winding alone: T(τ) = 1 − 1/e of the way, with the housing held by a great capacity.
    let alone = Thermal { housing_j_k: 1e12, ..thermal };
    let one = Step::new(&alone, 24.0).next([40.0, 40.0], power)[0];
    assert!((one - (40.0 + 22.0 * (1.0 - (-1.0_f64).exp()))).abs() < 1e-6, "{one}");
}

/// Held against a load, power flows one way or the other: driving the motor gives T/(N·η), driven it gives T·η/N, turning slowly.
#[test]
fn efficiency_takes_its_share_in_both_directions() {
    for (speed, expected) in [(1.0, 1.0 / 0.8), (-1.0, 0.8)] {
        let figures = Figures { efficiency: 0.8, torque_feedback: 0.0, ..ideal() };
        let train = DriveTrain::new(&figures, DT);
        let load = 60.0;
        let mut state = train.at_rest(0.0, load);
        state.speed_rad_s = speed * 100.0;
        // The load is held by the spring's place: the link turns so that the reducer goes on bearing 60 N·m.
        let (mut sum, mut count) = (0.0, 0);
        for i in 0..3000 {
            let q = state.angle_rad / 100.0 + AHEAD * state.speed_rad_s / 100.0 - figures.torsion.twist_rad(load);
            let error = speed * 100.0 - state.speed_rad_s;
            let torque = load / 100.0 * expected + 0.02 * error;
            let v = state.speed_rad_s / 100.0;
            train.step(&mut state, Demand::Motor(torque), q, v);
            if i > 2000 {
                sum += 0.25 * state.current_a;
                count += 1;
            }
        }
        let ratio = sum / f64::from(count) / (load / 100.0);
        assert!((ratio / expected - 1.0).abs() < 0.01, "{speed}: {ratio} against {expected}");
        assert!((state.speed_rad_s / (speed * 100.0) - 1.0).abs() < 0.05, "{}", state.speed_rad_s);
    }
}

/// What goes in at the terminals is heat, friction, work at the joint, and what rotor, spring and coil hold.
#[test]
fn energy_is_accounted_for() {
    let figures = Figures { coulomb_nm: 0.05, breakaway_nm: 0.07, viscous_nm_s_rad: 1e-4, efficiency: 0.9, ..ideal() };
    let train = DriveTrain::new(&figures, DT);
    let mut state = train.at_rest(0.0, 0.0);
    let mut body = Link { inertia: 1.5 + train.link_inertia_kg_m2(), q: 0.0, v: 0.0 };
    let mut work = 0.0;
    for i in 0..4000 {
        let asked = 40.0 * (TAU * 1.5 * f64::from(i) * DT).sin();
        let before = body.v;
        let torque = train.step(&mut state, Demand::Joint(asked), body.q, body.v);
        body.step(torque, DT);
        work += DT * torque * 0.5 * (before + body.v);
    }
    let e = state.energy;
    let rotor = 1e-4 - train.link_inertia_kg_m2() / 1e4;
    let held =
        0.5 * rotor * state.speed_rad_s.powi(2) + 0.5 * state.torque_nm.powi(2) / 3e4 + 0.5 * 0.0025 * state.current_a.powi(2);
    let out = e.copper_j + e.friction_j + work + held;
    assert!(e.electrical_j > 30.0, "{e:?}");
    assert!((out / e.electrical_j - 1.0).abs() < 0.01, "in {} J, out {out} J, {e:?}, work {work}, held {held}", e.electrical_j);
    assert!((work - e.joint_j).abs() < 0.02 * e.electrical_j, "{work} {}", e.joint_j);
}

/// A coil on a voltage: i = u/R·(1 − e^(−t·R/L)), rotor held by a great inertia.
#[test]
fn current_follows_the_electrical_time_constant() {
    let figures = Figures { inertia_kg_m2: 1e9, ..ideal() };
    let train = DriveTrain::new(&figures, 62.5e-6);
    let mut state = train.at_rest(0.0, 0.0);
    state.voltage_v = 7.0;
    let steps = 57;
    for _ in 0..steps {
        train.step(&mut state, Demand::Voltage(7.0), 0.0, 0.0);
    }
    let expected = 10.0 * (1.0 - (-f64::from(steps) * 62.5e-6 * 0.7 / 0.0025_f64).exp());
    assert!((state.current_a / expected - 1.0).abs() < 1e-9, "{} against {expected}", state.current_a);
}

/// What limits a drive: current, voltage against speed, and heat. Steady speed at full voltage is U/k.
#[test]
fn current_voltage_and_heat_limit_a_drive() {
    let figures = ideal();
    let train = DriveTrain::new(&figures, DT);
    let mut state = train.at_rest(0.0, 0.0);
    let mut body = Link { inertia: 0.01 + train.link_inertia_kg_m2(), q: 0.0, v: 0.0 };
    for _ in 0..4000 {
        let torque = train.step(&mut state, Demand::Motor(1.0), body.q, body.v);
        body.step(torque, DT);
        assert!(state.current_a.abs() <= 17.0 + 1.0);
    }
    assert!((state.speed_rad_s * 0.25 / 220.0 - 1.0).abs() < 0.02, "{}", state.speed_rad_s);
    assert!(state.borne.voltage_limited > 0);
    // Blocked at a current whose heat the housing cannot give off, the drive takes the current back below the winding's limit.
    let thermal =
        Thermal { winding_j_k: 24.0, housing_j_k: 36.0, winding_housing_k_w: 1.0, housing_ambient_k_w: 2.2, ambient_c: 40.0 };
    let train = DriveTrain::new(&Figures { thermal: Some(thermal), inertia_kg_m2: 1e6, ..figures }, DT);
    let mut state = train.at_rest(0.0, 0.0);
    for _ in 0..300_000 {
        train.step(&mut state, Demand::Motor(4.0), 0.0, 0.0);
    }
    assert!((140.0..155.0).contains(&state.temperature_c[0]), "{:?}", state.temperature_c);
    assert!(state.borne.current_limited > 0 && state.current_a < 12.0, "{}", state.current_a);
}

/// L10 = L_h·(T_r/T)^p·(n_r/n): at rated load and speed an hour takes 1/L_h; with twice the torque 8 times that, 2^(10/3) for rollers.
#[test]
fn life_goes_with_the_cube_of_the_torque() {
    assert!((life_rate(1.0, 1.0, false) - 1.0).abs() < 1e-15);
    assert!((life_rate(2.0, 0.5, false) - 4.0).abs() < 1e-12);
    assert!((life_rate(2.0, 1.0, true) - 2.0_f64.powf(10.0 / 3.0)).abs() < 1e-12);
    let train = DriveTrain::new(&ideal(), DT);
    let mut state = train.at_rest(0.0, 67.0);
    let seconds = 2.0;
    for _ in 0..2000 {
        state.speed_rad_s = 209.0;
        let q = state.angle_rad / 100.0 + AHEAD * 2.09 - 67.0 / 3e4;
        train.step(&mut state, Demand::Motor(0.67), q, 2.09);
    }
    let expected = seconds / 3600.0 / 7000.0;
    assert!((state.borne.life / expected - 1.0).abs() < 0.02, "{} against {expected}", state.borne.life);
}

/// The error is e = A·sin(c·θ): turning the motor slowly beside a free link shows it, c times in a turn.
#[test]
fn the_kinematic_error_shows_at_the_link() {
    let figures = Figures { kinematic_error_rad: 1.5e-4, ..ideal() };
    let train = DriveTrain::new(&figures, DT);
    let mut state = train.at_rest(0.0, 0.0);
    let mut deviations = Vec::new();
    for i in 0..=400 {
        state.angle_rad = TAU * f64::from(i) / 400.0;
        state.speed_rad_s = 0.0;
        let mut probe = state;
        probe.memory = Memory::default();
        // With the link where the motor's share would put it, the torque is K·e.
        let torque = train.step(&mut probe, Demand::Motor(0.0), state.angle_rad / 100.0, 0.0);
        deviations.push(torque / 3e4);
    }
    let amplitude = deviations.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    assert!((amplitude / 1.5e-4 - 1.0).abs() < 0.1, "{amplitude}");
    let at = |turn: f64| deviations[(turn * 400.0) as usize];
    assert!(at(0.125) > 1e-4 && at(0.375) < -1e-4 && at(0.625) > 1e-4, "twice in a turn");
}

/// A copy is a snapshot: restored, it goes on with the same bits; and a reading has the encoder's steps.
#[test]
fn a_restored_state_goes_on_with_the_same_bits() {
    let figures = Figures { coulomb_nm: 0.05, breakaway_nm: 0.07, kinematic_error_rad: 1e-4, torque_feedback: 2.0, ..ideal() };
    let train = DriveTrain::new(&figures, 0.002);
    let run = |state: &mut leitai_sim::drive_train::State, body: &mut Link, from: u32, to: u32| {
        for i in from..to {
            let torque = train.step(state, Demand::Joint(30.0 * (f64::from(i) * 0.01).sin()), body.q, body.v);
            body.step(torque, 0.002);
        }
    };
    let (mut state, mut body) = (train.at_rest(0.3, 0.0), Link { inertia: 1.0, q: 0.3, v: 0.0 });
    run(&mut state, &mut body, 0, 300);
    let (mut copy, mut twin) = (state, Link { ..body });
    run(&mut state, &mut body, 300, 600);
    run(&mut copy, &mut twin, 300, 600);
    assert_eq!(state.numbers().map(f64::to_bits), copy.numbers().map(f64::to_bits));
    let (q, v) = train.reading(&state);
    let step = TAU / 131_072.0 / 100.0;
    assert!(((q / step).round() * step - q).abs() < 1e-12 && (q - body.q).abs() < 0.02, "{q} {v}");
}
