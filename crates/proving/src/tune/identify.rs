//! What a joint is, found by moving it: a multisine of torque on a slow turn, and two masses fitted to the answer.
//!
//! The joint turns at a steady speed under the gains it was delivered with, so friction does not change its sign; on the motor's torque
//! lie sines of whole frequencies, each with Schroeder's phase. Torque and speed of two periods of one second give the frequency
//! response as the loop above it sees it, with every delay, and the agreement of the two periods its coherence. Two masses with a
//! spring, (s² + 2ζ_a·ω_a·s + ω_a²)/(J·s·(s² + 2ζ_r·ω_r·s + ω_r²)) with J the rotor's inertia, are fitted to the sizes.

use std::f64::consts::{PI, TAU};

use leitai_sim::drive_train::Figures;

use super::cascade::{Cascade, Gains, lag_deg, over, size};
use super::joint::{Bench, Link};

/// Lowest and highest frequency [Hz].
const BAND_HZ: [f64; 2] = [2.0, 500.0];
/// Lines, about evenly on a logarithmic scale.
const LINES: usize = 64;
/// Speed of the slow turn [rad/s], at the joint.
const SPEED_RAD_S: f64 = 0.25;
/// Time to reach it and to forget the beginning [s].
const SETTLE_S: f64 = 0.6;
/// Share of the rated torque that the sines together have, as a root mean square.
const SHARE: f64 = 0.12;
/// Lines below are not believed.
const COHERENCE: f64 = 0.9;
/// Highest frequency [Hz] at which the sizes are those of masses alone.
const MASSES_HZ: f64 = 250.0;
/// Where the mode of a link stands that shows none [Hz].
const NO_MODE_HZ: f64 = 2000.0;
/// One mass is enough if the logarithms of the sizes miss it by no more than the root of this.
const ONE_MASS: f64 = 0.01;
/// Rounds of the fit.
const ROUNDS: usize = 120;

/// One line of a frequency response: speed of the motor for its torque.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Frequency [Hz].
    pub frequency_hz: f64,
    /// Response [rad/s for each N·m], real and imaginary.
    pub response: [f64; 2],
    /// How well two periods agree, up to 1.
    pub coherence: f64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Identified {
    /// The lines that are believed.
    pub lines: Vec<Line>,
    /// Inertia of the rotor's side [kg·m²], at the motor.
    pub rotor_kg_m2: f64,
    /// Inertia of all [kg·m²], at the motor.
    pub all_kg_m2: f64,
    /// Where the link swings on a held rotor [Hz].
    pub locked_hz: f64,
    /// Where both swing [Hz].
    pub resonance_hz: f64,
    /// Damping ratio of the resonance.
    pub damping: f64,
    /// Sum of all delays [s].
    pub delay_s: f64,
    /// Time in motion [s].
    pub motion_s: f64,
    /// Way turned [rad], at the joint.
    pub way_rad: f64,
}

impl Identified {
    /// Size [rad/s for each N·m] of the fitted masses' response.
    #[must_use]
    pub fn size(&self, frequency_hz: f64) -> f64 {
        model(
            [
                self.rotor_kg_m2,
                self.locked_hz,
                self.resonance_hz,
                self.damping * self.locked_hz / self.resonance_hz,
                self.damping,
            ],
            frequency_hz,
        )
    }
}

/// Moves a joint and finds what it is; `rated_nm` is the motor's rated torque.
#[must_use]
pub fn identify(figures: &Figures, link: Link, dt: f64, delivered: &Gains, rated_nm: f64) -> Option<Identified> {
    let frequencies = lines();
    let amplitude = SHARE * rated_nm * (2.0 / frequencies.len() as f64).sqrt();
    let period = (1.0 / dt).round() as usize;
    let settle = (SETTLE_S / dt).round() as usize;
    let mut bench = Bench::new(figures, link, dt);
    let mut cascade = Cascade::new(delivered, dt, link.weight_nm / figures.ratio);
    let mut wanted_angle = 0.0;
    let (mut torques, mut speeds) = (Vec::new(), Vec::new());
    for i in 0..settle + 2 * period {
        let rise = (i as f64 / (0.5 * settle as f64)).min(1.0);
        let wanted = rise * SPEED_RAD_S * figures.ratio;
        wanted_angle += dt * wanted;
        let (angle, speed) = bench.reading();
        let excited: f64 = frequencies
            .iter()
            .enumerate()
            .map(|(k, f)| amplitude * (TAU * f * i as f64 * dt - PI * (k * k) as f64 / frequencies.len() as f64).sin())
            .sum();
        let most = bench.most_nm();
        let torque = (cascade.step(wanted_angle - angle, wanted, speed, most) + excited).clamp(-most, most);
        if i >= settle {
            torques.push(torque);
            speeds.push(speed);
        }
        bench.step(torque);
    }
    let transform = |values: &[f64], f: f64| {
        values.iter().enumerate().fold([0.0, 0.0], |sum, (i, x)| {
            let (s, c) = (TAU * f * i as f64 * dt).sin_cos();
            [sum[0] + x * c, sum[1] - x * s]
        })
    };
    let mut lines = Vec::new();
    for &f in &frequencies {
        let parts =
            [0, period].map(|from| (transform(&torques[from..from + period], f), transform(&speeds[from..from + period], f)));
        let (mut cross, mut uu, mut yy) = ([0.0; 2], 0.0, 0.0);
        for (u, y) in parts {
            cross = [cross[0] + y[0] * u[0] + y[1] * u[1], cross[1] + y[1] * u[0] - y[0] * u[1]];
            uu += u[0] * u[0] + u[1] * u[1];
            yy += y[0] * y[0] + y[1] * y[1];
        }
        let coherence = (cross[0] * cross[0] + cross[1] * cross[1]) / (uu * yy);
        if coherence.is_finite() && coherence >= COHERENCE {
            lines.push(Line { frequency_hz: f, response: over(cross, [uu, 0.0]), coherence });
        }
    }
    let motion_s = (settle + 2 * period) as f64 * dt;
    fit(lines, motion_s, bench.q.abs())
}

/// Whole frequencies, about evenly on a logarithmic scale.
fn lines() -> Vec<f64> {
    let step = (BAND_HZ[1] / BAND_HZ[0]).ln() / (LINES - 1) as f64;
    let mut all: Vec<f64> = (0..LINES).map(|k| (BAND_HZ[0] * (step * k as f64).exp()).round()).collect();
    all.dedup();
    all
}

fn model([rotor, locked, resonance, zeta_a, zeta_r]: [f64; 5], f: f64) -> f64 {
    let term = |at: f64, zeta: f64| (at * at - f * f).hypot(2.0 * zeta * at * f);
    term(locked, zeta_a) / (rotor * TAU * f * term(resonance, zeta_r))
}

/// Two masses fitted to the sizes, in logarithms, by steps along each parameter that halve when none helps.
fn fit(lines: Vec<Line>, motion_s: f64, way_rad: f64) -> Option<Identified> {
    let masses: Vec<(f64, f64)> =
        lines.iter().filter(|l| l.frequency_hz <= MASSES_HZ).map(|l| (l.frequency_hz, size(l.response))).collect();
    if masses.len() < 12 {
        return None;
    }
    let cost = |p: &[f64; 5]| -> f64 { masses.iter().map(|(f, g)| (model(*p, *f) / g).ln().powi(2)).sum() };
    let level = |(f, g): &(f64, f64)| f * g;
    // A link of much inertia: a valley, then a peak. Every pair of lines is a start; the best is walked down.
    let high = masses.iter().rev().take(4).map(level).sum::<f64>() / 4.0;
    let mut best: Option<([f64; 5], f64)> = None;
    for (i, (low, _)) in masses.iter().enumerate() {
        for (peak, _) in &masses[i + 1..] {
            let start = [1.0 / (TAU * high), *low, *peak, 0.05, 0.05];
            let c = cost(&start);
            if best.is_none_or(|(_, least)| c < least) {
                best = Some((start, c));
            }
        }
    }
    let (mut p, mut least) = best?;
    let mut step = 0.2_f64;
    for _ in 0..ROUNDS {
        let mut better = false;
        for i in 0..5 {
            for factor in [step.exp(), (-step).exp()] {
                let mut next = p;
                next[i] *= factor;
                let c = cost(&next);
                if next[3] < 1.0 && next[4] < 1.0 && c < least {
                    (p, least, better) = (next, c, true);
                }
            }
        }
        if !better {
            step *= 0.5;
        }
    }
    // A link of next to no inertia shows no mode: one mass explains as much.
    let inertia = masses.iter().map(|(f, g)| (TAU * f * g).recip().ln()).sum::<f64>() / masses.len() as f64;
    let alone = [inertia.exp(), NO_MODE_HZ, NO_MODE_HZ, 0.1, 0.1];
    if cost(&alone) < ONE_MASS * masses.len() as f64 {
        p = alone;
    }
    let [rotor, locked, resonance, _, damping] = p;
    // Well above the resonance the phase is that of a mass and of the delays.
    let late: Vec<f64> = lines
        .iter()
        .filter(|l| l.frequency_hz > 60.0 && (resonance >= NO_MODE_HZ || l.frequency_hz > 2.0 * resonance))
        .map(|l| (-90.0 - lag_deg(l.response)).max(0.0) / (360.0 * l.frequency_hz))
        .collect();
    let delay_s = if late.is_empty() { 0.0 } else { late.iter().sum::<f64>() / late.len() as f64 };
    Some(Identified {
        lines,
        rotor_kg_m2: rotor,
        all_kg_m2: rotor * (resonance / locked).powi(2),
        locked_hz: locked,
        resonance_hz: resonance,
        damping,
        delay_s,
        motion_s,
        way_rad,
    })
}
