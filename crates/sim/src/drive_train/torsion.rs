//! Torque of a twisted reducer: three slopes, as data sheets give them, with hysteresis and play.
//!
//! The twist beyond the play, x, gives the sheet's curve: slope K₁ up to torque T₁, K₂ up to T₂, K₃ beyond. Beside it lies an element
//! that is elastic with K₁ and slips at the torque H = ½·K₁·w, where w is the width of the loop at zero torque: Jenkin's element, so a
//! full swing between ±a loses 4·H·(a − H/K₁), and a swing below H/K₁ loses nothing. Flanks push and never pull: in the play there is
//! no torque, and the element forgets.

use leitai_math::real;

/// Figures of the torsion, at the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Torsion {
    /// K₁, K₂, K₃ [N·m/rad].
    pub stiffness_nm_rad: [f64; 3],
    /// T₁, T₂ [N·m].
    pub breaks_nm: [f64; 2],
    /// Damping [N·m·s/rad].
    pub damping_nm_s_rad: f64,
    /// w [rad].
    pub hysteresis_rad: f64,
    /// Play from flank to flank [rad].
    pub backlash_rad: f64,
}

/// What a torsion remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Torque [N·m] of the element that slips.
    pub friction_nm: f64,
    /// Twist [rad] beyond the play, at the last step.
    pub twist_rad: f64,
}

impl Torsion {
    /// Torque [N·m] at a twist of `twist_rad` that grows by `rate_rad_s`.
    pub fn torque(&self, memory: &mut Memory, twist_rad: f64, rate_rad_s: f64) -> f64 {
        let free = 0.5 * self.backlash_rad;
        let x = twist_rad - real::clamp(twist_rad, -free, free);
        let slips = 0.5 * self.stiffness_nm_rad[0] * self.hysteresis_rad;
        let shifted = memory.friction_nm + self.stiffness_nm_rad[0] * (x - memory.twist_rad);
        memory.friction_nm = real::clamp(shifted, -slips, slips);
        memory.twist_rad = x;
        let torque = self.curve_nm(x) + memory.friction_nm + self.damping_nm_s_rad * rate_rad_s;
        if free == 0.0 {
            return torque;
        }
        if x == 0.0 {
            memory.friction_nm = 0.0;
            return 0.0;
        }
        if x > 0.0 { real::max(torque, 0.0) } else { real::min(torque, 0.0) }
    }

    /// Torque [N·m] of the sheet's curve at `x` [rad] beyond the play.
    #[must_use]
    pub fn curve_nm(&self, x: f64) -> f64 {
        let [k1, k2, k3] = self.stiffness_nm_rad;
        let [t1, t2] = self.breaks_nm;
        let (x1, x2) = (t1 / k1, t1 / k1 + (t2 - t1) / k2);
        let far = real::abs(x);
        let torque = if far <= x1 {
            k1 * far
        } else if far <= x2 {
            t1 + k2 * (far - x1)
        } else {
            t2 + k3 * (far - x2)
        };
        if x < 0.0 { -torque } else { torque }
    }

    /// Twist [rad] at which the curve gives `torque_nm`: its inverse, with the play on the side that bears.
    #[must_use]
    pub fn twist_rad(&self, torque_nm: f64) -> f64 {
        let [k1, k2, k3] = self.stiffness_nm_rad;
        let [t1, t2] = self.breaks_nm;
        let torque = real::abs(torque_nm);
        let x = if torque <= t1 {
            torque / k1
        } else if torque <= t2 {
            t1 / k1 + (torque - t1) / k2
        } else {
            t1 / k1 + (t2 - t1) / k2 + (torque - t2) / k3
        };
        let twist = if torque == 0.0 { 0.0 } else { x + 0.5 * self.backlash_rad };
        if torque_nm < 0.0 { -twist } else { twist }
    }

    /// The greatest slope [N·m/rad] anywhere.
    #[must_use]
    pub fn greatest_nm_rad(&self) -> f64 {
        let [k1, k2, k3] = self.stiffness_nm_rad;
        let element = if self.hysteresis_rad > 0.0 { k1 } else { 0.0 };
        real::max(k1, real::max(k2, k3)) + element
    }
}
