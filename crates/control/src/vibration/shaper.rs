//! Sequences of impulses whose vibrations cancel: input shapers.
//!
//! A mode of natural frequency ω and damping ratio ζ that is struck by impulses A_i at t_i rings on with the amplitude
//! V(ω, ζ) = e^(−ζωt_n)·√(C² + S²), C = Σ A_i e^(ζωt_i) cos ω_d t_i, S likewise with the sine (Singer & Seering, *Preshaping Command Inputs
//! to Reduce System Vibration*, 1990). ZV makes V zero at the mode, ZVD its slope in ω as well; EI lets V rise to what it is at
//! the ends of the band in which the mode is known to lie, and no higher inside (Singhose, Derezinski & Singer, 1996).

use leitai_math::real;

/// Impulses of the longest shaper: two of three, one for each of two modes.
const MOST: usize = 9;

/// One way of vibrating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// Natural frequency ω, undamped [rad/s].
    pub frequency_rad_s: f64,
    /// Damping ratio ζ, at least 0 and below 1.
    pub damping_ratio: f64,
}

/// No shaper fits: the mode is not a slow oscillation, or the tolerance is not a share of its frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BadMode {
    /// Its frequency is not a positive number.
    Frequency(f64),
    /// Its damping ratio is not in [0, 0.9]; more damped modes need no shaper.
    Damping(f64),
    /// The tolerance is not in [0, 0.5].
    Tolerance(f64),
    /// Too many impulses: a shaper takes the modes of at most two.
    TooLong,
}

impl core::fmt::Display for BadMode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Frequency(w) => write!(f, "a mode's frequency is {w} rad/s; it must be above 0"),
            Self::Damping(z) => write!(f, "a mode's damping ratio is {z}; it must be from 0 to 0.9"),
            Self::Tolerance(d) => {
                write!(f, "the tolerance is {d}; it is the share of the frequency by which it may be off, from 0 to 0.5")
            }
            Self::TooLong => write!(f, "the shaper is already one of two modes; shape the two that ring most"),
        }
    }
}

impl core::error::Error for BadMode {}

/// Positive amplitudes that sum to one, and their times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shaper {
    count: usize,
    amplitudes: [f64; MOST],
    times_s: [f64; MOST],
}

impl Shaper {
    /// One impulse at once: shapes nothing.
    pub const NONE: Self = {
        let mut amplitudes = [0.0; MOST];
        amplitudes[0] = 1.0;
        Self { count: 1, amplitudes, times_s: [0.0; MOST] }
    };

    /// Zero vibration: half a period long, good to about ±3 % of the frequency.
    ///
    /// # Errors
    /// If the mode is not one.
    pub fn zv(mode: Mode) -> Result<Self, BadMode> {
        Self::of(mode, &[1.0, 1.0])
    }

    /// Zero vibration and derivative: a period long, good to about ±14 % at a twentieth of the vibration.
    ///
    /// # Errors
    /// If the mode is not one.
    pub fn zvd(mode: Mode) -> Result<Self, BadMode> {
        Self::of(mode, &[1.0, 2.0, 1.0])
    }

    /// Extra insensitive: a period long; of the vibration at most V = (1 − c)/(3 + c), c = cos πδ, is left anywhere within `tolerance` δ
    /// of the frequency (0.1: 1.2 %). Exact without damping; with it the impulses are weighted as those of ZVD.
    ///
    /// # Errors
    /// If the mode is not one, or the tolerance no share.
    pub fn ei(mode: Mode, tolerance: f64) -> Result<Self, BadMode> {
        if !(0.0..=0.5).contains(&tolerance) {
            return Err(BadMode::Tolerance(tolerance));
        }
        let c = real::cos(core::f64::consts::PI * tolerance);
        let left = (1.0 - c) / (3.0 + c);
        Self::of(mode, &[0.25 * (1.0 + left), 0.5 * (1.0 - left), 0.25 * (1.0 + left)])
    }

    /// Impulses of these undamped weights half a damped period apart.
    fn of(mode: Mode, weights: &[f64]) -> Result<Self, BadMode> {
        let Mode { frequency_rad_s: w, damping_ratio: z } = mode;
        if !(w > 0.0 && w.is_finite()) {
            return Err(BadMode::Frequency(w));
        }
        if !(0.0..=0.9).contains(&z) {
            return Err(BadMode::Damping(z));
        }
        let root = real::sqrt(1.0 - z * z);
        let half_period_s = core::f64::consts::PI / (w * root);
        // By so much a damped swing shrinks in half a period, and the next impulse with it.
        let decay = real::exp(-z * core::f64::consts::PI / root);
        let mut shaper = Self { count: weights.len(), amplitudes: [0.0; MOST], times_s: [0.0; MOST] };
        let (mut factor, mut sum, mut time) = (1.0, 0.0, 0.0);
        for (i, weight) in weights.iter().enumerate() {
            (shaper.amplitudes[i], shaper.times_s[i]) = (weight * factor, time);
            sum += weight * factor;
            factor *= decay;
            time += half_period_s;
        }
        shaper.amplitudes.iter_mut().for_each(|a| *a /= sum);
        Ok(shaper)
    }

    /// Both: the vibrations of this shaper's mode and of the other's cancel, and their lengths add.
    ///
    /// # Errors
    /// If there would be more than nine impulses.
    pub fn and(&self, other: &Self) -> Result<Self, BadMode> {
        let mut both = Self { count: self.count * other.count, amplitudes: [0.0; MOST], times_s: [0.0; MOST] };
        if both.count > MOST {
            return Err(BadMode::TooLong);
        }
        let mut k = 0;
        for (a, t) in self.impulses() {
            for (b, u) in other.impulses() {
                (both.amplitudes[k], both.times_s[k]) = (a * b, t + u);
                k += 1;
            }
        }
        Ok(both)
    }

    /// Amplitude and time [s] of each impulse.
    pub fn impulses(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.amplitudes.iter().copied().zip(self.times_s.iter().copied()).take(self.count)
    }

    /// By so much a shaped motion is longer [s].
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.times_s[..self.count].iter().fold(0.0, |most, &t| real::max(most, t))
    }

    /// The share of its vibration that `mode` is left with after the last impulse.
    #[must_use]
    pub fn left(&self, mode: Mode) -> f64 {
        let Mode { frequency_rad_s: w, damping_ratio: z } = mode;
        let damped = w * real::sqrt(1.0 - z * z);
        let (mut c, mut s) = (0.0, 0.0);
        for (a, t) in self.impulses() {
            let grown = a * real::exp(z * w * t);
            let (sin, cos) = real::sin_cos(damped * t);
            (c, s) = (c + grown * cos, s + grown * sin);
        }
        real::exp(-z * w * self.length_s()) * real::sqrt(c * c + s * s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: f64 = 50.0;
    const UNDAMPED: Mode = Mode { frequency_rad_s: W, damping_ratio: 0.0 };

    fn off(mode: Mode, by: f64) -> Mode {
        Mode { frequency_rad_s: mode.frequency_rad_s * by, ..mode }
    }

    /// Closed forms without damping: V of ZV is |cos(πr/2)|, of ZVD its square, r the true over the assumed frequency.
    #[test]
    fn what_is_left_without_damping_is_a_cosine() {
        let (zv, zvd) = (Shaper::zv(UNDAMPED).unwrap(), Shaper::zvd(UNDAMPED).unwrap());
        for k in 0..=40 {
            let r = 0.8 + 0.01 * f64::from(k);
            let cosine = (core::f64::consts::FRAC_PI_2 * r).cos().abs();
            assert!((zv.left(off(UNDAMPED, r)) - cosine).abs() < 1e-12);
            assert!((zvd.left(off(UNDAMPED, r)) - cosine * cosine).abs() < 1e-12);
        }
    }

    /// The definition of each: nothing is left at the mode, damped or not.
    #[test]
    fn nothing_is_left_at_the_mode() {
        for z in [0.0, 0.02, 0.1, 0.5] {
            let mode = Mode { damping_ratio: z, ..UNDAMPED };
            assert!(Shaper::zv(mode).unwrap().left(mode) < 1e-12);
            assert!(Shaper::zvd(mode).unwrap().left(mode) < 1e-12);
        }
    }

    /// Within the tolerance no more than V is left, and at the ends and in the middle exactly that.
    #[test]
    fn ei_leaves_the_same_at_the_middle_and_at_the_ends() {
        for tolerance in [0.05, 0.1, 0.2, 0.3] {
            let c = (core::f64::consts::PI * tolerance).cos();
            let most = (1.0 - c) / (3.0 + c);
            let ei = Shaper::ei(UNDAMPED, tolerance).unwrap();
            for r in [1.0 - tolerance, 1.0, 1.0 + tolerance] {
                assert!((ei.left(off(UNDAMPED, r)) - most).abs() < 1e-12, "{tolerance} {r}");
            }
            for k in 0..=200 {
                let r = 1.0 + tolerance * (0.01 * f64::from(k) - 1.0);
                assert!(ei.left(off(UNDAMPED, r)) <= most + 1e-12, "{tolerance} {r}");
            }
        }
        // Known figure (Singhose 1996): V = 5 % holds from about 0.80 to 1.20 of the frequency.
        let (low, high) = (0.0, 0.5);
        let left = |d: f64| (1.0 - (core::f64::consts::PI * d).cos()) / (3.0 + (core::f64::consts::PI * d).cos());
        let band = (0..60).fold((low, high), |(low, high), _| {
            let middle = 0.5 * (low + high);
            if left(middle) < 0.05 { (middle, high) } else { (low, middle) }
        });
        assert!((2.0 * band.0 - 0.40).abs() < 0.01, "{}", 2.0 * band.0);
    }

    /// Two modes: the product of what each shaper leaves, without damping.
    #[test]
    fn both_shape_both() {
        let other = Mode { frequency_rad_s: 83.0, damping_ratio: 0.0 };
        let (a, b) = (Shaper::ei(UNDAMPED, 0.1).unwrap(), Shaper::zvd(other).unwrap());
        let both = a.and(&b).unwrap();
        assert!((both.length_s() - a.length_s() - b.length_s()).abs() < 1e-15);
        assert!((both.impulses().map(|(a, _)| a).sum::<f64>() - 1.0).abs() < 1e-15);
        for w in [40.0, 50.0, 60.0, 83.0, 90.0] {
            let mode = Mode { frequency_rad_s: w, damping_ratio: 0.0 };
            assert!((both.left(mode) - a.left(mode) * b.left(mode)).abs() < 1e-12);
        }
        assert_eq!(both.and(&a), Err(BadMode::TooLong));
    }

    #[test]
    fn what_is_no_mode_is_refused() {
        for w in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Shaper::zv(Mode { frequency_rad_s: w, damping_ratio: 0.0 }), Err(BadMode::Frequency(_))));
        }
        for z in [-0.1, 1.0, f64::NAN] {
            assert!(matches!(Shaper::zvd(Mode { damping_ratio: z, ..UNDAMPED }), Err(BadMode::Damping(_))));
        }
        assert!(matches!(Shaper::ei(UNDAMPED, f64::NAN), Err(BadMode::Tolerance(_))));
    }
}
