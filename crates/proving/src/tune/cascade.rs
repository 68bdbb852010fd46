//! The loops of a servo drive: position over velocity over current, with a notch.
//!
//! The current loop is the drive train's own; here are the two above it. The rules of thumb are those of drive engineering
//! (Schröder, *Elektrische Antriebe – Regelung von Antriebssystemen*; Leonhard, *Control of Electrical Drives*):
//!
//! | loop | rule | gains |
//! |---|---|---|
//! | current | modulus optimum | Kₚ = L/(2·T_Σ), T_i = L/R: the closed loop is about 1/(2·T_Σ·s + 1) |
//! | velocity | symmetrical optimum | Kₚ = J/(2·T_e), T_i = 4·T_e, T_e the sum of the small delays |
//! | position | no overshoot | Kᵥ at most a quarter of the velocity loop's crossover |

use std::f64::consts::{PI, TAU};

use leitai_control::vibration::Notch as Filter;

/// Proportional gain [V/A] and integral time [s] of a current loop by the modulus optimum, for dead times that add up to `sum_s`.
#[must_use]
pub fn modulus_optimum(inductance_h: f64, resistance_ohm: f64, sum_s: f64) -> [f64; 2] {
    [inductance_h / (2.0 * sum_s), inductance_h / resistance_ohm]
}

/// Proportional gain [N·m·s/rad] and integral time [s] of a velocity loop by the symmetrical optimum.
#[must_use]
pub fn symmetrical_optimum(inertia_kg_m2: f64, small_s: f64) -> [f64; 2] {
    [inertia_kg_m2 / (2.0 * small_s), 4.0 * small_s]
}

/// A notch (s² + 2ζ_z·ω·s + ω²)/(s² + 2ζ_p·ω·s + ω²).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Notch {
    /// Its middle [Hz].
    pub frequency_hz: f64,
    /// ζ_z/ζ_p: what is left in the middle.
    pub depth: f64,
    /// ζ_p.
    pub width: f64,
}

/// Gains of the two outer loops, at the motor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains {
    /// Velocity loop [N·m·s/rad].
    pub velocity: f64,
    /// Integral time of the velocity loop [s].
    pub integral_s: f64,
    /// Position loop [1/s].
    pub position: f64,
    /// Behind the velocity loop.
    pub notch: Option<Notch>,
}

impl Notch {
    /// The filter, for samples `dt` [s] apart, as after a long rest.
    ///
    /// # Panics
    /// If its middle is not below half the sampling's frequency.
    fn filter(&self, dt: f64) -> Filter {
        let mut filter =
            Filter::new(TAU * self.frequency_hz, self.depth, self.width, dt).expect("a notch below half the sampling's");
        filter.step(0.0);
        filter
    }
}

/// The loops at work.
#[derive(Clone, Copy, Debug)]
pub struct Cascade {
    gains: Gains,
    dt: f64,
    integral: f64,
    notch: Option<Filter>,
}

impl Cascade {
    /// At rest under a torque of `holding_nm` at the motor.
    #[must_use]
    pub fn new(gains: &Gains, dt: f64, holding_nm: f64) -> Self {
        Self { gains: *gains, dt, integral: holding_nm, notch: gains.notch.map(|notch| notch.filter(dt)) }
    }

    /// Torque [N·m] of the motor for a position error [rad], a speed that is wanted beside it and the speed that is [rad/s].
    pub fn step(&mut self, position_error: f64, wanted: f64, speed: f64, most_nm: f64) -> f64 {
        let error = self.gains.position * position_error + wanted - speed;
        let sum = self.integral + self.gains.velocity * self.dt / self.gains.integral_s * error;
        let part = self.gains.velocity * error;
        let torque = sum + self.notch.as_mut().map_or(part, |notch| notch.step(part));
        if torque.abs() <= most_nm {
            self.integral = sum;
        }
        torque.clamp(-most_nm, most_nm)
    }
}

impl Gains {
    /// The velocity loop's controller at `frequency_hz`: real and imaginary part, as sampled with period `dt`.
    #[must_use]
    pub fn response(&self, frequency_hz: f64, dt: f64) -> [f64; 2] {
        let angle = TAU * frequency_hz * dt;
        // A sum of steps: 1/(1 − z⁻¹), with its own sample counted in.
        let (re, im) = (1.0 - angle.cos(), angle.sin());
        let square = re * re + im * im;
        let share = dt / self.integral_s;
        let integral = [self.velocity * share * re / square, -self.velocity * share * im / square];
        let mut part = [self.velocity, 0.0];
        if let Some(notch) = &self.notch {
            part = times(part, notch.filter(dt).response(angle));
        }
        [part[0] + integral[0], part[1] + integral[1]]
    }
}

/// Product of two complex numbers.
#[must_use]
pub fn times(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// Quotient of two complex numbers.
#[must_use]
pub fn over(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let square = b[0] * b[0] + b[1] * b[1];
    [(a[0] * b[0] + a[1] * b[1]) / square, (a[1] * b[0] - a[0] * b[1]) / square]
}

/// Absolute value.
#[must_use]
pub fn size(a: [f64; 2]) -> f64 {
    a[0].hypot(a[1])
}

/// Angle [degrees] of a complex number, from −360 up to 0: loops lag.
#[must_use]
pub fn lag_deg(a: [f64; 2]) -> f64 {
    let angle = a[1].atan2(a[0]) * 180.0 / PI;
    if angle > 0.0 { angle - 360.0 } else { angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest value of the step response of numerator/denominator, highest power last, by small steps of the state.
    fn peak(numerator: &[f64], denominator: &[f64], end_s: f64) -> f64 {
        let n = denominator.len() - 1;
        let lead = denominator[n];
        let mut x = vec![0.0; n];
        let (h, mut most) = (end_s / 400_000.0, 0.0_f64);
        for _ in 0..400_000 {
            let high = (1.0 - (0..n).map(|i| denominator[i] * x[i]).sum::<f64>()) / lead;
            for i in 0..n {
                x[i] += h * if i + 1 < n { x[i + 1] } else { high };
            }
            most = most.max(numerator.iter().zip(&x).map(|(b, x)| b * x).sum());
        }
        most
    }

    /// The textbooks' figures: 4.3 % for the modulus optimum's loop 1/(2T·s·(T·s + 1)), 43 % for the symmetrical optimum's.
    #[test]
    fn the_two_optima_overshoot_as_the_books_say() {
        let (r, l, t) = (0.7, 0.0025, 1e-4);
        let [kp, ti] = modulus_optimum(l, r, t);
        // kp·(1 + ti·s)/(ti·s) · (1/r)/(1 + l/r·s) · 1/(1 + t·s), closed.
        let gain = kp / (ti * r);
        let over = peak(&[gain], &[gain, 1.0, t], 20.0 * t) - 1.0;
        assert!((over - 0.043).abs() < 0.001, "{over}");
        let [kp, ti] = symmetrical_optimum(1e-4, t);
        let gain = kp / 1e-4;
        let over = peak(&[gain, gain * ti], &[gain, gain * ti, ti, ti * t], 60.0 * t) - 1.0;
        assert!((over - 0.434).abs() < 0.005, "{over}");
    }

    /// A sine through the filter, against the response that is computed.
    #[test]
    fn a_notch_leaves_its_depth_in_the_middle() {
        let (dt, notch) = (1.25e-4, Notch { frequency_hz: 60.0, depth: 0.1, width: 0.7 });
        for (frequency, left) in [(60.0, 0.1), (1.0, 1.0), (3000.0, 1.0)] {
            let mut filter = notch.filter(dt);
            let mut most = 0.0_f64;
            for i in 0..16_000 {
                let y = filter.step((TAU * frequency * f64::from(i) * dt).sin());
                if i > 8_000 {
                    most = most.max(y.abs());
                }
            }
            assert!((most - left).abs() < 0.02, "{frequency} Hz: {most}");
            let gains = Gains { velocity: 1.0, integral_s: 1e9, position: 1.0, notch: Some(notch) };
            assert!((size(gains.response(frequency, dt)) - most).abs() < 0.02);
        }
    }
}
