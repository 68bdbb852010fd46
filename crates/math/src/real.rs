//! Real functions with one answer on every processor.
//!
//! Each forwards to the pinned `libm` crate (a port of musl's), compiled by us, without run-time selection of instructions
//! that could round differently. Square root, absolute value and rounding are exactly defined by IEEE 754, so hardware and
//! software agree on them bit for bit. Core crates use these and nothing else.

/// π.
pub const PI: f64 = core::f64::consts::PI;
/// 2π, one full turn.
pub const TAU: f64 = core::f64::consts::TAU;

macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),+) = $target:path;)*) => {
        $($(#[$doc])* #[inline] #[must_use] pub fn $name($($arg: f64),+) -> f64 { $target($($arg),+) })*
    };
}

forward! {
    /// Sine of an angle [rad].
    sin(x) = libm::sin;
    /// Cosine of an angle [rad].
    cos(x) = libm::cos;
    /// Tangent of an angle [rad].
    tan(x) = libm::tan;
    /// Arc sine [rad]; NaN outside [−1, 1].
    asin(x) = libm::asin;
    /// Arc cosine [rad]; NaN outside [−1, 1].
    acos(x) = libm::acos;
    /// Arc tangent [rad].
    atan(x) = libm::atan;
    /// Angle [rad] of the point (`x`, `y`).
    atan2(y, x) = libm::atan2;
    /// eˣ.
    exp(x) = libm::exp;
    /// eˣ − 1 without cancellation near zero.
    exp_m1(x) = libm::expm1;
    /// Natural logarithm.
    ln(x) = libm::log;
    /// ln(1 + x) without cancellation near zero.
    ln_1p(x) = libm::log1p;
    /// Base-ten logarithm.
    log10(x) = libm::log10;
    /// xʸ.
    pow(x, y) = libm::pow;
    /// Square root, exactly rounded.
    sqrt(x) = libm::sqrt;
    /// Cube root.
    cbrt(x) = libm::cbrt;
    /// Hyperbolic tangent.
    tanh(x) = libm::tanh;
    /// ln Γ(x).
    lgamma(x) = libm::lgamma;
    /// Error function.
    erf(x) = libm::erf;
    /// Largest integer not above x.
    floor(x) = libm::floor;
    /// Smallest integer not below x.
    ceil(x) = libm::ceil;
    /// Nearest integer, halves away from zero.
    round(x) = libm::round;
}

/// Sine and cosine of an angle [rad], as (sin, cos).
#[inline]
#[must_use]
pub fn sin_cos(x: f64) -> (f64, f64) {
    libm::sincos(x)
}

/// Absolute value.
#[inline]
#[must_use]
pub fn abs(x: f64) -> f64 {
    if x < 0.0 { -x } else { x + 0.0 }
}

/// The smaller of two numbers. Written as a comparison, because `min(+0, −0)` gives another zero on other processors.
#[inline]
#[must_use]
pub fn min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// The larger of two numbers; a comparison for the same reason as [`min`].
#[inline]
#[must_use]
pub fn max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// `x` moved into [`low`, `high`].
#[inline]
#[must_use]
pub fn clamp(x: f64, low: f64, high: f64) -> f64 {
    if x < low {
        low
    } else if x > high {
        high
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit patterns of musl's functions at awkward arguments: a change here is a change of every verdict.
    #[test]
    fn transcendental_functions_keep_their_bits() {
        assert_eq!(sin(0.5).to_bits(), 0x3fde_aee8_744b_05f0);
        assert_eq!(cos(0.5).to_bits(), 0x3fec_1528_065b_7d50);
        assert_eq!(exp(1.0).to_bits(), 0x4005_bf0a_8b14_576a);
        assert_eq!(sqrt(2.0).to_bits(), 0x3ff6_a09e_667f_3bcd);
    }

    #[test]
    fn zeros_have_one_sign_after_abs() {
        assert_eq!(abs(-0.0).to_bits(), 0.0_f64.to_bits());
    }
}
