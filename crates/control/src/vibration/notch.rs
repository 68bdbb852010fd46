//! Notch: takes one frequency out of a signal.
//!
//! (s² + 2·ζ_z·ω·s + ω²)/(s² + 2·ζ_p·ω·s + ω²): at ω the share ζ_z/ζ_p is left, far from it everything. Discretized by Tustin's rule, bent so that the
//! notch stands exactly at ω (Franklin, Powell & Workman, *Digital Control of Dynamic Systems*, 1998, §6.1). In a servo it keeps the loop from
//! exciting a mode, and costs phase below it.

use leitai_math::real;

/// No notch fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BadNotch {
    /// The frequency is not above 0 and below half the sampling's.
    Frequency(f64),
    /// What is left is not from 0 to 1, or the width not above 0.
    Shape,
}

impl core::fmt::Display for BadNotch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Frequency(w) => write!(f, "a notch at {w} rad/s: it must be above 0 and below half the sampling's frequency"),
            Self::Shape => write!(f, "of a notch the share that is left must be from 0 to 1, and its width above 0"),
        }
    }
}

impl core::error::Error for BadNotch {}

/// One notch with the last two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Notch {
    /// Weights of the input now, before, and before that.
    b: [f64; 3],
    /// Weights of the output before, and before that.
    a: [f64; 2],
    /// Inputs and outputs of the last two samples, the newest first.
    past: Option<[[f64; 2]; 2]>,
}

impl Notch {
    /// At `frequency_rad_s`, where the share `left` remains, for samples `period_s` apart. `width` is ζ_p: with nothing left in the middle, 0.7 remains
    /// about `width` of the frequency to either side.
    ///
    /// # Errors
    /// If there is no such notch.
    pub fn new(frequency_rad_s: f64, left: f64, width: f64, period_s: f64) -> Result<Self, BadNotch> {
        let half = 0.5 * frequency_rad_s * period_s;
        if !(half > 0.0 && half < 0.5 * real::PI) {
            return Err(BadNotch::Frequency(frequency_rad_s));
        }
        if !((0.0..=1.0).contains(&left) && width > 0.0 && width.is_finite()) {
            return Err(BadNotch::Shape);
        }
        // s/ω = c·(1 − z⁻¹)/(1 + z⁻¹).
        let c = 1.0 / real::tan(half);
        let (square, pole) = (c * c + 1.0, 2.0 * width * c);
        let (zero, bottom) = (left * pole, square + pole);
        let middle = 2.0 * (1.0 - c * c) / bottom;
        Ok(Self {
            b: [(square + zero) / bottom, middle, (square - zero) / bottom],
            a: [middle, (square - pole) / bottom],
            past: None,
        })
    }

    /// The next sample, without the frequency. The first counts as if it had always been there.
    pub fn step(&mut self, x: f64) -> f64 {
        let [xs, ys] = self.past.unwrap_or([[x; 2]; 2]);
        let y = self.b[0] * x + self.b[1] * xs[0] + self.b[2] * xs[1] - self.a[0] * ys[0] - self.a[1] * ys[1];
        self.past = Some([[x, xs[0]], [y, ys[0]]]);
        y
    }

    /// Real and imaginary part of what is left of a sine that turns by `angle` [rad] from sample to sample.
    #[must_use]
    pub fn response(&self, angle: f64) -> [f64; 2] {
        let ((s1, c1), (s2, c2)) = (real::sin_cos(angle), real::sin_cos(2.0 * angle));
        let sum = |w: [f64; 3]| [w[0] + w[1] * c1 + w[2] * c2, -w[1] * s1 - w[2] * s2];
        let ([a, b], [c, d]) = (sum(self.b), sum([1.0, self.a[0], self.a[1]]));
        let size = c * c + d * d;
        [(a * c + b * d) / size, (b * c - a * d) / size]
    }

    /// Forgets the samples.
    pub fn reset(&mut self) {
        self.past = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amplitude of what comes out when cos(wt) goes in, after the start has died away.
    fn passed(mut notch: Notch, w: f64, h: f64) -> f64 {
        let (mut c, mut s) = (0.0, 0.0);
        // Whole turns, so that sine and cosine separate.
        let turns = 200.0;
        let n = (turns * real::TAU / (w * h)).round();
        let skip = 20_000;
        for k in 0..skip + n as usize {
            let angle = k as f64 * turns * real::TAU / n;
            let y = notch.step(angle.cos());
            if k >= skip {
                (c, s) = (c + y * angle.cos(), s + y * angle.sin());
            }
        }
        2.0 / n * (c * c + s * s).sqrt()
    }

    /// Closed forms: at the notch ζ_z/ζ_p is left; elsewhere |H| of the continuous filter at the frequency that Tustin's rule puts there.
    #[test]
    fn the_response_is_the_filters() {
        let (w, h) = (100.0, 1e-3);
        for (left, width) in [(0.0, 0.2), (0.1, 0.5), (0.5, 1.0)] {
            let notch = Notch::new(w, left, width, h).unwrap();
            assert!((passed(notch, w, h) - left).abs() < 1e-3);
            for at in [10.0, 50.0, 90.0, 130.0, 1000.0] {
                let x = (0.5 * at * h).tan() / (0.5 * w * h).tan();
                let size = |z: f64| ((1.0 - x * x).powi(2) + (2.0 * z * x).powi(2)).sqrt();
                let wanted = size(left * width) / size(width);
                assert!((passed(notch, at, h) - wanted).abs() < 2e-3, "{left} {width} {at}: {wanted}");
            }
        }
    }

    /// What does not change passes unchanged from the first sample on, and what is no notch is refused.
    #[test]
    fn a_constant_passes() {
        let mut notch = Notch::new(80.0, 0.0, 0.3, 1e-3).unwrap();
        (0..100).for_each(|_| assert!((notch.step(3.0) - 3.0).abs() < 1e-12));
        for w in [0.0, -1.0, f64::NAN, 3200.0] {
            assert!(matches!(Notch::new(w, 0.0, 0.3, 1e-3), Err(BadNotch::Frequency(_))));
        }
        assert_eq!(Notch::new(80.0, 1.1, 0.3, 1e-3), Err(BadNotch::Shape));
        assert_eq!(Notch::new(80.0, 0.1, 0.0, 1e-3), Err(BadNotch::Shape));
    }
}
