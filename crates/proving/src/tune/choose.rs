//! Gains chosen on what was found of a joint: margins on its measured response, swiftness on the two masses fitted to it.
//!
//! A set of gains counts if the velocity loop keeps its margins at every line, and if the link comes to rest with the nominal payload and
//! with three times as much. Among those, the integral of time × error of a step decides: first on the masses, then on the joint.

use std::f64::consts::TAU;

use super::cascade::{Cascade, Gains, Notch, lag_deg, size, symmetrical_optimum, times};
use super::identify::{Identified, Line};
use super::joint::{Answer, answer};

/// The sensitivity may reach 6 dB.
const MOST_SENSITIVITY: f64 = 2.0;
/// Least phase margin [degrees].
const LEAST_PHASE_DEG: f64 = 45.0;
/// Least gain margin [dB].
const LEAST_GAIN_DB: f64 = 8.0;
/// A link may pass its goal by this share of the step.
const MOST_OVERSHOOT: f64 = 0.15;
/// With three times the payload it may pass it by this share.
const MOST_HEAVY_OVERSHOOT: f64 = 0.6;
/// A link of less than this share of the rotor's inertia is one with it.
const ONE_MASS: f64 = 0.02;
/// Length of a step on the fitted masses [s].
const LENGTH_S: f64 = 0.8;
/// Position gains that are tried, as shares of the velocity loop's crossover.
const SHARES: [f64; 12] = [0.5, 0.42, 0.35, 0.3, 0.25, 0.21, 0.18, 0.15, 0.12, 0.1, 0.08, 0.065];
/// Depth and width of the notches that are tried: a deep and wide one lets a link that swings slowly be led faster.
const NOTCHES: [(f64, f64); 2] = [(0.2, 0.6), (0.05, 1.0)];
/// Sets that are tried on the joint, which moves for each.
const MOST_TRIED: usize = 6;

/// How far a velocity loop is from swinging.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margins {
    /// Greatest sensitivity, a factor.
    pub sensitivity: f64,
    /// Least phase margin [degrees]; none where the loop gain never falls through one.
    pub phase_deg: Option<f64>,
    /// Gain margin [dB]; none where the phase never passes −180°.
    pub gain_db: Option<f64>,
    /// Highest frequency [Hz] at which the loop gain is one.
    pub crossover_hz: Option<f64>,
}

impl Margins {
    /// Whether they are wide enough.
    #[must_use]
    pub fn suffice(&self) -> bool {
        self.sensitivity <= MOST_SENSITIVITY
            && self.phase_deg.is_some_and(|phase| phase >= LEAST_PHASE_DEG)
            && self.gain_db.is_none_or(|gain| gain >= LEAST_GAIN_DB)
    }
}

/// The open velocity loop, line by line: frequency [Hz] and response.
#[must_use]
pub fn open_loop(lines: &[Line], gains: &Gains, dt: f64) -> Vec<(f64, [f64; 2])> {
    lines.iter().map(|l| (l.frequency_hz, times(gains.response(l.frequency_hz, dt), l.response))).collect()
}

/// Margins of the velocity loop.
#[must_use]
pub fn margins(lines: &[Line], gains: &Gains, dt: f64) -> Margins {
    let open = open_loop(lines, gains, dt);
    let sensitivity = open.iter().map(|(_, l)| 1.0 / size([1.0 + l[0], l[1]])).fold(0.0, f64::max);
    let (mut phase_deg, mut gain_db, mut crossover_hz) = (None::<f64>, None::<f64>, None);
    for pair in open.windows(2) {
        let [(f0, a), (f1, b)] = [pair[0], pair[1]];
        let (high, low) = (size(a).ln(), size(b).ln());
        let (lag_a, lag_b) = (lag_deg(a), lag_deg(b));
        if (high >= 0.0) != (low >= 0.0) {
            let share = high / (high - low);
            let phase = 180.0 + lag_a + share * (lag_b - lag_a);
            phase_deg = Some(phase_deg.map_or(phase, |least| least.min(phase)));
            crossover_hz = Some(f0 * (f1 / f0).powf(share));
        }
        // Where the loop gain is above one, passing −180° is the integral's work, and turning the gain up is no danger.
        if high < 0.0 && lag_a > -180.0 && lag_b <= -180.0 && lag_a - lag_b < 90.0 {
            let share = (lag_a + 180.0) / (lag_a - lag_b);
            let gain = -20.0 * (high + share * (low - high)) / std::f64::consts::LN_10;
            gain_db = Some(gain_db.map_or(gain, |least| least.min(gain)));
        }
    }
    Margins { sensitivity, phase_deg, gain_db, crossover_hz }
}

/// The answer to a step of the masses that were found, the link `heavier` times as heavy.
#[must_use]
pub fn model_step(found: &Identified, gains: &Gains, dt: f64, heavier: f64) -> Answer {
    let rotor = found.rotor_kg_m2;
    let link = (found.all_kg_m2 - rotor) * heavier;
    let stiffness = (TAU * found.locked_hz).powi(2) * (found.all_kg_m2 - rotor);
    let reduced = 1.0 / (1.0 / rotor + 1.0 / (found.all_kg_m2 - rotor));
    let damping = 2.0 * found.damping * TAU * found.resonance_hz * reduced;
    // No mode, no spring: link and rotor are one.
    let one = link <= ONE_MASS * rotor;
    let late = ((found.delay_s / dt - 0.5).round().max(0.0)) as usize;
    let mut queue = vec![0.0; late + 1];
    let mut cascade = Cascade::new(gains, dt, 0.0);
    let (mut motor, mut speed, mut q, mut v) = (0.0, 0.0, 0.0, 0.0);
    let steps = (LENGTH_S / dt).round() as usize;
    let mut shares = Vec::with_capacity(steps);
    for i in 0..steps {
        let slot = i % queue.len();
        let torque = queue[slot];
        queue[slot] = cascade.step(1.0 - motor, 0.0, speed, f64::INFINITY);
        if one {
            speed += dt * torque / rotor;
            motor += dt * speed;
            shares.push(motor);
            continue;
        }
        let spring = stiffness * (motor - q) + damping * (speed - v);
        speed += dt * (torque - spring) / rotor;
        v += dt * spring / link;
        motor += dt * speed;
        q += dt * v;
        shares.push(q);
    }
    answer(&shares, dt)
}

/// Gains worth a try on the joint itself: the swiftest of each kind, by integral time and notch, and of these the swiftest [`MOST_TRIED`].
#[must_use]
pub fn choose(found: &Identified, dt: f64, heavier: f64) -> Vec<Gains> {
    let small_s = found.delay_s.max(dt);
    let [most, least_integral] = symmetrical_optimum(found.rotor_kg_m2, small_s);
    let notch = |(depth, width)| Some(Notch { frequency_hz: found.resonance_hz, depth, width });
    let can_notch = found.resonance_hz < 0.25 / dt;
    let mut chosen = Vec::new();
    for rest in [2.0, 4.0, 8.0, 16.0, 32.0] {
        for notch in [None, notch(NOTCHES[0]), notch(NOTCHES[1])].into_iter().take(if can_notch { 3 } else { 1 }) {
            let mut best: Option<(Gains, f64)> = None;
            for k in 0..24 {
                let velocity = most * 0.5_f64.powf(f64::from(k) / 3.0);
                let crossover = velocity / found.all_kg_m2;
                let integral_s = f64::max(least_integral, rest / crossover);
                let loops = Gains { velocity, integral_s, position: 0.0, notch };
                if !margins(&found.lines, &loops, dt).suffice() {
                    continue;
                }
                for share in SHARES {
                    let gains = Gains { position: share * crossover, ..loops };
                    let light = model_step(found, &gains, dt, 1.0);
                    if !light.calm || light.overshoot > MOST_OVERSHOOT || best.is_some_and(|(_, least)| light.itae_s2 >= least) {
                        continue;
                    }
                    let heavy = model_step(found, &gains, dt, heavier);
                    if heavy.calm && heavy.overshoot <= MOST_HEAVY_OVERSHOOT {
                        best = Some((gains, light.itae_s2));
                    }
                }
            }
            chosen.extend(best);
        }
    }
    chosen.sort_by(|a, b| a.1.total_cmp(&b.1));
    chosen.into_iter().take(MOST_TRIED).map(|(gains, _)| gains).collect()
}
