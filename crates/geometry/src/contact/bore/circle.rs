//! Circles seen from an axis: how far they are, where they are farthest, and where they cross a distance.

use leitai_math::{Vec3, real};

/// Samples of a circle; two peaks of a wave nearer than a step apart differ by less than 1e-9 m on pegs of 1 cm.
const SAMPLES: usize = 32;
/// Angle between them [rad].
const STEP: f64 = real::TAU / SAMPLES as f64;
/// Newton steps towards a peak or a crossing, kept between samples.
const ROUNDS: usize = 12;

/// cos(k·TAU/32) for the first quarter.
const QUARTER: [f64; 9] = [
    1.0,
    0.980_785_280_403_230_4,
    0.923_879_532_511_286_7,
    0.831_469_612_302_545_2,
    core::f64::consts::FRAC_1_SQRT_2,
    0.555_570_233_019_602_2,
    0.382_683_432_365_089_8,
    0.195_090_322_016_128_3,
    0.0,
];

/// Cosine and sine of sample `k`.
pub fn sample(k: usize) -> (f64, f64) {
    let cos = |k: usize| match k % SAMPLES {
        k @ 0..=8 => QUARTER[k],
        k @ 9..=16 => -QUARTER[16 - k],
        k @ 17..=24 => -QUARTER[k - 16],
        k => QUARTER[32 - k],
    };
    (cos(k), cos(k + SAMPLES - 8))
}

/// Distance of a point from the z axis.
pub fn across(p: Vec3) -> f64 {
    real::sqrt(p.x * p.x + p.y * p.y)
}

/// A circle: center + a cos φ + b sin φ.
pub struct Circle {
    pub center: Vec3,
    pub a: Vec3,
    pub b: Vec3,
}

impl Circle {
    pub fn at(&self, angle: f64) -> Vec3 {
        let (sin, cos) = real::sin_cos(angle);
        self.center + self.a * cos + self.b * sin
    }
    pub fn along(&self, angle: f64) -> Vec3 {
        let (sin, cos) = real::sin_cos(angle);
        self.b * cos - self.a * sin
    }
    /// Squared distance from the z axis, times `sign`.
    pub fn wave(&self, sign: f64) -> Wave {
        let dot = |p: Vec3, q: Vec3| p.x * q.x + p.y * q.y;
        let (aa, bb) = (dot(self.a, self.a), dot(self.b, self.b));
        Wave {
            mean: sign * (dot(self.center, self.center) + 0.5 * (aa + bb)),
            once: [2.0 * sign * dot(self.center, self.a), 2.0 * sign * dot(self.center, self.b)],
            twice: [0.5 * sign * (aa - bb), sign * dot(self.a, self.b)],
        }
    }
    /// The angle at which the circle is farthest along −`up`.
    pub fn lowest(&self, up: Vec3) -> f64 {
        real::atan2(-self.b.dot(up), -self.a.dot(up))
    }
}

/// mean + once · (cos φ, sin φ) + twice · (cos 2φ, sin 2φ).
pub struct Wave {
    mean: f64,
    once: [f64; 2],
    twice: [f64; 2],
}

impl Wave {
    pub fn value(&self, (cos, sin): (f64, f64)) -> f64 {
        let (cos2, sin2) = (cos * cos - sin * sin, 2.0 * cos * sin);
        self.mean + self.once[0] * cos + self.once[1] * sin + self.twice[0] * cos2 + self.twice[1] * sin2
    }
    pub fn at(&self, angle: f64) -> f64 {
        let (sin, cos) = real::sin_cos(angle);
        self.value((cos, sin))
    }
    /// First and second derivative.
    pub fn slopes(&self, angle: f64) -> (f64, f64) {
        let (sin, cos) = real::sin_cos(angle);
        let (cos2, sin2) = (cos * cos - sin * sin, 2.0 * cos * sin);
        let first = self.once[1] * cos - self.once[0] * sin + 2.0 * (self.twice[1] * cos2 - self.twice[0] * sin2);
        let second = -self.once[0] * cos - self.once[1] * sin - 4.0 * (self.twice[0] * cos2 + self.twice[1] * sin2);
        (first, second)
    }
    pub fn samples(&self) -> [f64; SAMPLES] {
        core::array::from_fn(|k| self.value(sample(k)))
    }

    /// Angles of the two highest peaks above `least`.
    pub fn peaks(&self, samples: &[f64; SAMPLES], least: f64) -> [Option<f64>; 2] {
        let mut best = [None::<usize>; 2];
        for k in 0..SAMPLES {
            let (before, after) = (samples[(k + SAMPLES - 1) % SAMPLES], samples[(k + 1) % SAMPLES]);
            if samples[k] > before && samples[k] >= after {
                if best[0].is_none_or(|b| samples[k] > samples[b]) {
                    best = [Some(k), best[0]];
                } else if best[1].is_none_or(|b| samples[k] > samples[b]) {
                    best[1] = Some(k);
                }
            }
        }
        // A level circle about the axis is as far everywhere.
        if best[0].is_none() {
            best[0] = Some(0);
        }
        // Half a step beside a peak it is lower by no more than this.
        let bulge =
            real::abs(self.once[0]) + real::abs(self.once[1]) + 4.0 * (real::abs(self.twice[0]) + real::abs(self.twice[1]));
        let worth = least - 0.5 * STEP * STEP * bulge;
        best.map(|k| k.filter(|&k| samples[k] > worth).map(|k| self.peak(k)))
    }

    /// The peak next to sample `k`.
    pub fn peak(&self, k: usize) -> f64 {
        let mut x = k as f64 * STEP;
        let (mut low, mut high) = (x - STEP, x + STEP);
        for _ in 0..ROUNDS {
            let (first, second) = self.slopes(x);
            if first == 0.0 {
                return x;
            }
            if first > 0.0 {
                low = x
            } else {
                high = x
            }
            let next = x - first / second;
            x = if second < 0.0 && next >= low && next <= high { next } else { 0.5 * (low + high) };
        }
        x
    }

    /// Where the wave crosses `level` on the way from the angle `from`, where it is above, in the direction `turn`; nothing
    /// if it never does.
    pub fn crossing(&self, samples: &[f64; SAMPLES], level: f64, from: f64, turn: f64) -> Option<f64> {
        let first = if turn > 0.0 { real::floor(from / STEP) + 1.0 } else { real::ceil(from / STEP) - 1.0 };
        let mut above = from;
        for k in 0..SAMPLES {
            let step = first + turn * k as f64;
            let index = (step as i64).rem_euclid(SAMPLES as i64) as usize;
            let here = step * STEP;
            if samples[index] < level {
                return Some(self.between(level, above, here));
            }
            above = here;
        }
        None
    }

    /// The crossing of `level` between two angles, above it at the first and below it at the second.
    pub fn between(&self, level: f64, mut above: f64, mut below: f64) -> f64 {
        let mut x = 0.5 * (above + below);
        for _ in 0..ROUNDS {
            let value = self.at(x) - level;
            if value >= 0.0 {
                above = x
            } else {
                below = x
            }
            let next = x - value / self.slopes(x).0;
            let inside = (next - above) * (next - below) <= 0.0;
            x = if inside { next } else { 0.5 * (above + below) };
        }
        x
    }
}

/// A part of a circle, from one angle to another; all of it without ends.
#[derive(Clone, Copy)]
pub struct Arc {
    pub ends: Option<[f64; 2]>,
}

impl Arc {
    pub fn holds(&self, angle: f64) -> bool {
        self.ends.is_none_or(|[from, to]| {
            let turns = real::floor((angle - from) / real::TAU);
            angle - turns * real::TAU <= to
        })
    }
}
