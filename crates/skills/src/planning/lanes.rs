//! Eight configurations side by side: plain arrays in straight loops, which the compiler turns into vector instructions.
//!
//! Every lane is computed by the same IEEE 754 operations in the same order, so a configuration's answer does not depend on its
//! lane, on the width of the processor's vectors or on the optimization level.

/// Configurations that are looked at together.
pub const WIDTH: usize = 8;

/// One single-precision number for each of the configurations.
pub type Lanes = [f32; WIDTH];

/// Largest angle [rad] for which [`sin_cos`] keeps its error bound.
pub const LARGEST_ANGLE_RAD: f32 = 4096.0;

/// Half a turn's half in three parts, the first two of eleven bits: a count times them is exact.
const QUARTER: [f32; 3] = [1.570_312_5, 4.837_513e-4, 7.549_79e-8];
const QUARTERS_PER_RAD: f32 = core::f32::consts::FRAC_2_PI;
/// Added to a small number it leaves the nearest integer in the lowest bits.
const ROUNDER: f32 = 12_582_912.0;
/// Weighted minimax fits of (sin r − r)/r³ and (cos r − 1 + r²/2)/r⁴ in r² over a quarter turn about zero; errors 4e-9 and 1e-10.
const SIN: [f32; 3] = [-0.166_666_55, 0.008_332_158, -1.951_495_7e-4];
const COS: [f32; 3] = [0.041_666_645, -0.001_388_736_4, 2.443_809e-5];

/// Sines and cosines of angles [rad] up to [`LARGEST_ANGLE_RAD`], within 1.5e-7.
#[inline(always)]
pub fn sin_cos(angle: &Lanes, sin: &mut Lanes, cos: &mut Lanes) {
    for l in 0..WIDTH {
        (sin[l], cos[l]) = sin_cos_of(angle[l]);
    }
}

/// Sine and cosine of one angle.
///
/// Cody and Waite's reduction to a quarter turn about zero, then two polynomials.
#[inline(always)]
pub fn sin_cos_of(angle: f32) -> (f32, f32) {
    let shifted = angle * QUARTERS_PER_RAD + ROUNDER;
    let quadrant = shifted.to_bits();
    let count = shifted - ROUNDER;
    let r = ((angle - count * QUARTER[0]) - count * QUARTER[1]) - count * QUARTER[2];
    let z = r * r;
    let s = r + r * z * (SIN[0] + z * (SIN[1] + z * SIN[2]));
    let c = 1.0 - 0.5 * z + z * z * (COS[0] + z * (COS[1] + z * COS[2]));
    let (a, b) = if quadrant & 1 == 0 { (s, c) } else { (c, s) };
    // The second bit of the quadrant turns the sine's sign, of the quadrant's successor the cosine's.
    (f32::from_bits(a.to_bits() ^ ((quadrant & 2) << 30)), f32::from_bits(b.to_bits() ^ ((quadrant.wrapping_add(1) & 2) << 30)))
}

/// A rigid frame in each lane: `axes[j]` is the world direction of the frame's axis j, `origin` its place [m].
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    /// Columns of the rotation.
    pub axes: [[Lanes; 3]; 3],
    /// Origin.
    pub origin: [Lanes; 3],
}

impl Frames {
    /// The world itself.
    pub const WORLD: Self = {
        let (zero, one) = ([0.0; WIDTH], [1.0; WIDTH]);
        Self { axes: [[one, zero, zero], [zero, one, zero], [zero, zero, one]], origin: [zero; 3] }
    };

    /// World coordinates of a point of the frame. Out of line, so that the compiler knows what does not overlap.
    #[inline(never)]
    pub fn apply(&self, point: [f32; 3], out: &mut [Lanes; 3]) {
        for k in 0..3 {
            for l in 0..WIDTH {
                out[k][l] = self.origin[k][l]
                    + self.axes[0][k][l] * point[0]
                    + self.axes[1][k][l] * point[1]
                    + self.axes[2][k][l] * point[2];
            }
        }
    }
}

/// True if any number is negative; none may be NaN.
#[inline(always)]
pub fn any_negative(x: &Lanes) -> bool {
    let mut any = false;
    for l in 0..WIDTH {
        any |= x[l] < 0.0;
    }
    any
}

/// A bit for each negative number.
#[inline]
pub fn negative(x: &Lanes) -> u8 {
    (0..WIDTH).fold(0, |mask, l| mask | u8::from(x[l] < 0.0) << l)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::real;

    /// The pinned double-precision functions, themselves within a unit of the last place.
    #[test]
    fn sines_agree_with_double_precision() {
        let mut worst = 0.0;
        for k in -200_000..200_000_i32 {
            let angle = [k as f32 * 1.7e-4; WIDTH];
            let (mut sin, mut cos) = ([0.0; WIDTH], [0.0; WIDTH]);
            sin_cos(&angle, &mut sin, &mut cos);
            let (s, c) = real::sin_cos(f64::from(angle[0]));
            worst = real::max(worst, real::max(real::abs(f64::from(sin[3]) - s), real::abs(f64::from(cos[5]) - c)));
        }
        assert!(worst < 1.5e-7, "{worst}");
    }

    /// A change of these bits would change paths that were planned before.
    #[test]
    fn sines_keep_their_bits() {
        let (mut sin, mut cos) = ([0.0; WIDTH], [0.0; WIDTH]);
        sin_cos(&[0.5, 1.0, 2.0, 3.0, -4.0, 5.5, -100.0, 4000.0], &mut sin, &mut cos);
        let digest = sin.iter().chain(&cos).fold(0_u32, |d, x| d.rotate_left(5) ^ x.to_bits());
        assert_eq!(digest, 0x0f7c_1b5b, "{digest:#x}");
    }
}
