//! Feed-forward for joints that give, on a simulated arm of motors, springs and links.

// Published postures and ranges of the arms stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod plant;

use leitai_control::vibration::{FlexibleJoints, MotorReference};
use plant::Plant;

const N: usize = 6;
/// Springs of ω = 60 to 400 rad/s with the links they carry, 1 % damped, and rotors a tenth to a half of the links.
const STIFFNESS: [f64; N] = [1e5, 1e5, 5e4, 4e3, 2e3, 500.0];
const DAMPING: [f64; N] = [40.0, 40.0, 15.0, 0.6, 0.4, 0.05];
const ROTOR: [f64; N] = [4.0, 4.0, 2.0, 0.3, 0.3, 0.05];
const START: [f64; N] = [0.0, -1.2, 1.6, -1.9, -1.4, 0.2];
const WAY: [f64; N] = [0.6, 0.3, -0.4, 0.2, 0.3, -0.5];
const MOVE_S: f64 = 0.8;
/// Period of the drives' feed-forward [s].
const PERIOD_S: f64 = 5e-4;

/// A move whose first three derivatives vanish at its ends: 35u⁴ − 84u⁵ + 70u⁶ − 20u⁷.
fn motion(t: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
    let u = (t / MOVE_S).clamp(0.0, 1.0);
    let s = u.powi(4) * (35.0 - 84.0 * u + 70.0 * u * u - 20.0 * u.powi(3));
    let ds = u.powi(3) * (140.0 - 420.0 * u + 420.0 * u * u - 140.0 * u.powi(3)) / MOVE_S;
    let dds = u * u * (420.0 - 1680.0 * u + 2100.0 * u * u - 840.0 * u.powi(3)) / (MOVE_S * MOVE_S);
    for i in 0..N {
        (q[i], v[i], a[i]) = (START[i] + WAY[i] * s, WAY[i] * ds, WAY[i] * dds);
    }
}

/// Drives the move; greatest deviation of a link on the way, and after the stop [rad].
fn drive(flat: bool) -> (f64, f64) {
    let mut plant = Plant::new(&arms::six_axes(), &START);
    let mut joints = FlexibleJoints::new(plant.dynamics(), STIFFNESS.to_vec(), DAMPING.to_vec(), ROTOR.to_vec());
    let mut motors = MotorReference::default();
    joints.motors(PERIOD_S, motion, &mut motors);
    let (mut theta, mut omega) = (motors.q.clone(), vec![0.0; N]);
    let (mut on_the_way, mut after) = (0.0_f64, 0.0_f64);
    let (mut q, mut v, mut a, mut rigid) = ([0.0; N], [0.0; N], [0.0; N], [0.0; N]);
    let inner = 10;
    let h = PERIOD_S / f64::from(inner);
    plant.step_s = h;
    let mut spring = vec![0.0; N];
    for step in 0..2400 {
        // The drive's torques hold for a period: take those of its middle.
        let t = (f64::from(step) + 0.5) * PERIOD_S;
        motion(t, &mut q, &mut v, &mut a);
        joints.motors(PERIOD_S, |away, q, v, a| motion(t + away, q, v, a), &mut motors);
        if !flat {
            // As if nothing gave: the motors follow the links' reference, twisted by what they bear at rest, with the torques of rigid joints.
            joints.links.torques(&q, &[0.0; N], &[0.0; N], &mut rigid);
            (0..N).for_each(|i| (motors.q[i], motors.v[i]) = (q[i] + rigid[i] / STIFFNESS[i], v[i]));
            joints.links.torques(&q, &v, &a, &mut rigid);
            (0..N).for_each(|i| motors.tau[i] = rigid[i] + ROTOR[i] * a[i]);
        }
        for _ in 0..inner {
            for i in 0..N {
                spring[i] = STIFFNESS[i] * (theta[i] - plant.q[i]) + DAMPING[i] * (omega[i] - plant.v[i]);
                // A servo of 60 rad/s on the rotor.
                let tau = motors.tau[i] + ROTOR[i] * (120.0 * (motors.v[i] - omega[i]) + 3600.0 * (motors.q[i] - theta[i]));
                omega[i] += h * (tau - spring[i]) / ROTOR[i];
            }
            plant.run(&spring, h);
            (0..N).for_each(|i| theta[i] += h * omega[i]);
        }
        motion(f64::from(step + 1) * PERIOD_S, &mut q, &mut v, &mut a);
        let off = (0..N).fold(0.0_f64, |most, i| most.max((plant.q[i] - q[i]).abs()));
        if f64::from(step) * PERIOD_S < MOVE_S { on_the_way = on_the_way.max(off) } else { after = after.max(off) }
    }
    (on_the_way, after)
}

/// The law of flatness: told what the links should do, the motors make them do it; as if nothing gave, they swing by far more, on the way and after it.
#[test]
fn links_follow_when_the_motors_know_their_springs() {
    let (flat, rigid) = (drive(true), drive(false));
    assert!(rigid.0 > 1e-3 && rigid.1 > 2e-4, "without it they do swing: {rigid:?}");
    assert!(flat.0 < 0.03 * rigid.0 && flat.1 < 0.1 * rigid.1, "{flat:?} against {rigid:?}");
}
