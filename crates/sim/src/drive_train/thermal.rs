//! A motor that heats up: winding and housing, two masses in line with the surroundings.
//!
//! C_w·dT_w/dt = P − (T_w − T_h)/R_wh and C_h·dT_h/dt = (T_w − T_h)/R_wh − (T_h − T_a)/R_ha. For a constant power the step is exact at
//! any length: x ← Φ·x + (I − Φ)·x_∞ with Φ = exp(A·dt), whose two rates are real because the chain is reciprocal.

use leitai_math::real;

/// Figures of the two masses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thermal {
    /// Heat capacity of the winding [J/K].
    pub winding_j_k: f64,
    /// Heat capacity of the housing [J/K].
    pub housing_j_k: f64,
    /// From winding to housing [K/W].
    pub winding_housing_k_w: f64,
    /// From housing to the surroundings [K/W].
    pub housing_ambient_k_w: f64,
    /// Temperature of the surroundings [°C].
    pub ambient_c: f64,
}

/// The exact step of a fixed length.
#[derive(Clone, Debug)]
pub struct Step {
    thermal: Thermal,
    phi: [[f64; 2]; 2],
}

impl Thermal {
    /// Temperatures [°C] of winding and housing after a long time under `power_w` in the winding.
    #[must_use]
    pub fn settled_c(&self, power_w: f64) -> [f64; 2] {
        let housing = self.ambient_c + power_w * self.housing_ambient_k_w;
        [housing + power_w * self.winding_housing_k_w, housing]
    }
}

impl Step {
    /// For steps of `dt_s`.
    #[must_use]
    pub fn new(thermal: &Thermal, dt_s: f64) -> Self {
        let t = thermal;
        let (between, out) = (1.0 / t.winding_housing_k_w, 1.0 / t.housing_ambient_k_w);
        let a =
            [[-between / t.winding_j_k, between / t.winding_j_k], [between / t.housing_j_k, -(between + out) / t.housing_j_k]];
        let (half, product) = (0.5 * (a[0][0] + a[1][1]), a[0][1] * a[1][0]);
        let spread = 0.5 * (a[0][0] - a[1][1]);
        let root = real::sqrt(spread * spread + product);
        // exp(A·t) = e^(half·t)·(cosh(root·t)·I + sinh(root·t)/root·(A − half·I)), in decaying exponentials only.
        let (slow, fast) = (real::exp((half + root) * dt_s), real::exp((half - root) * dt_s));
        let (even, odd) = (0.5 * (slow + fast), 0.5 * (slow - fast) / root);
        let phi = [[even + odd * (a[0][0] - half), odd * a[0][1]], [odd * a[1][0], even + odd * (a[1][1] - half)]];
        Self { thermal: *thermal, phi }
    }

    /// Temperatures [°C] one step later, under `power_w` in the winding.
    #[must_use]
    pub fn next(&self, temperature_c: [f64; 2], power_w: f64) -> [f64; 2] {
        let settled = self.thermal.settled_c(power_w);
        let x = [temperature_c[0] - settled[0], temperature_c[1] - settled[1]];
        let phi = &self.phi;
        [settled[0] + phi[0][0] * x[0] + phi[0][1] * x[1], settled[1] + phi[1][0] * x[0] + phi[1][1] * x[1]]
    }
}
