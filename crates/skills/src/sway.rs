//! How a place sways: the sine that fits its readings best.
//!
//! Readings p(t) of a place that breathes are m + a·cos ωt + b·sin ωt and noise. For a given ω the rest is least squares; ω itself is looked for
//! on a grid and then between its neighbors. All three axes share one ω.

use alloc::collections::VecDeque;
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Vec3, real};

/// Frequencies that are looked for [Hz], and the step between them as a share of 1/time watched.
const SLOWEST_HZ: f64 = 0.1;
const FASTEST_HZ: f64 = 0.7;
const GRID_SHARE: f64 = 0.25;
/// Rounds in which the best frequency is narrowed down, each to a third.
const ROUNDS: usize = 12;
/// Most readings that are kept.
const MOST: usize = 2000;
/// Most frequencies on the grid.
const MOST_ON_GRID: usize = 200;

/// Where something is and how it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Swayed {
    /// Way from the mean place [m].
    pub way: Vec3,
    /// Velocity [m/s].
    pub velocity: Vec3,
}

#[derive(Clone, Copy, Debug)]
struct Sine {
    rate_rad_s: f64,
    mean: Vec3,
    cosine: Vec3,
    sine: Vec3,
}

/// The sway of one place.
#[derive(Clone, Debug, Default)]
pub struct Sway {
    readings: VecDeque<(f64, Vec3)>,
    sine: Option<Sine>,
}

impl Sway {
    /// Takes in where the place was at `time_s`; what is older than `window_s` is dropped. An old reading again is none, and of readings that
    /// come so often that a window would not hold them, some are left out.
    pub fn see(&mut self, time_s: f64, place: Vec3, window_s: f64) {
        if self.readings.back().is_some_and(|(last, _)| time_s <= *last + window_s / MOST as f64) {
            return;
        }
        self.readings.push_back((time_s, place));
        while self.readings.len() > MOST || self.watched_s() > window_s {
            self.readings.pop_front();
        }
    }

    /// Time between the oldest reading that counts and the newest [s].
    #[must_use]
    pub fn watched_s(&self) -> f64 {
        self.readings.back().zip(self.readings.front()).map_or(0.0, |(last, first)| last.0 - first.0)
    }

    /// Drops all readings; what was found stays.
    pub fn forget(&mut self) {
        self.readings.clear();
    }

    /// Finds the sine anew.
    pub fn fit(&mut self) {
        let watched_s = self.watched_s();
        if self.readings.len() < 8 || watched_s <= 0.0 {
            return;
        }
        let step = real::max(GRID_SHARE / watched_s, (FASTEST_HZ - SLOWEST_HZ) / MOST_ON_GRID as f64);
        let count = real::ceil((FASTEST_HZ - SLOWEST_HZ) / step) as usize;
        let mut best = (f64::INFINITY, SLOWEST_HZ);
        for k in 0..=count {
            let hz = SLOWEST_HZ + step * k as f64;
            let rest = self.at(hz).map_or(f64::INFINITY, |(_, rest)| rest);
            best = if rest < best.0 { (rest, hz) } else { best };
        }
        let mut reach = step;
        for _ in 0..ROUNDS {
            let middle = best.1;
            for hz in [middle - 0.5 * reach, middle + 0.5 * reach] {
                let rest = self.at(hz).map_or(f64::INFINITY, |(_, rest)| rest);
                best = if rest < best.0 { (rest, hz) } else { best };
            }
            reach *= 0.5;
        }
        self.sine = self.at(best.1).map(|(sine, _)| sine);
    }

    /// The best sine of this frequency and the sum of squares that it leaves.
    fn at(&self, hz: f64) -> Option<(Sine, f64)> {
        let rate_rad_s = real::TAU * hz;
        let (mut normal, mut right, mut squares) = ([0.0; 9], [Vec3::ZERO; 3], 0.0);
        for (time_s, place) in &self.readings {
            let (s, c) = real::sin_cos(rate_rad_s * time_s);
            let row = [1.0, c, s];
            for i in 0..3 {
                right[i] += *place * row[i];
                (0..3).for_each(|j| normal[3 * i + j] += row[i] * row[j]);
            }
            squares += place.norm_squared();
        }
        cholesky(&mut normal, 3, 1e-9).ok()?;
        let mut found = [Vec3::ZERO; 3];
        let mut explained = 0.0;
        for axis in 0..3 {
            let mut x = right.map(|r| r.to_array()[axis]);
            let given = x;
            cholesky_solve(&normal, 3, &mut x);
            explained += x.iter().zip(&given).map(|(x, y)| x * y).sum::<f64>();
            let unit = [Vec3::X, Vec3::Y, Vec3::Z][axis];
            (0..3).for_each(|k| found[k] += unit * x[k]);
        }
        let [mean, cosine, sine] = found;
        Some((Sine { rate_rad_s, mean, cosine, sine }, squares - explained))
    }

    /// The mean place [m], if a sine was found.
    #[must_use]
    pub fn mean(&self) -> Option<Vec3> {
        self.sine.map(|sine| sine.mean)
    }

    /// How it sways at `time_s`; not at all before a sine was found.
    #[must_use]
    pub fn now(&self, time_s: f64) -> Swayed {
        let Some(Sine { rate_rad_s, cosine, sine, .. }) = self.sine else { return Swayed::default() };
        let (s, c) = real::sin_cos(rate_rad_s * time_s);
        Swayed { way: cosine * c + sine * s, velocity: (sine * c - cosine * s) * rate_rad_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// Closed form: readings of a sine are that sine, at any time, and noise of 0.5 mm on 600 of them leaves less than 0.2 mm ten seconds later.
    #[test]
    fn a_breath_is_found_and_foretold() {
        let mut draw = Seed::from_number(3).stream("sway");
        for (sd, off) in [(0.0, 1e-6), (0.0005, 0.0002)] {
            for hz in [0.2, 0.237, 0.3] {
                let truth = |t: f64| Vec3::new(0.5, -0.1, 0.2) + Vec3::new(0.001, 0.0, 0.015) * (real::TAU * hz * t + 1.3).sin();
                let mut sway = Sway::default();
                for k in 0..900 {
                    let t = f64::from(k) / 30.0;
                    let noise = Vec3::new(draw.normal(0.0, sd), draw.normal(0.0, sd), draw.normal(0.0, sd));
                    sway.see(t, truth(t) + noise, 20.0);
                }
                sway.fit();
                assert!((sway.watched_s() - 20.0).abs() < 0.05);
                for k in 0..100 {
                    let t = 30.0 + 0.1 * f64::from(k);
                    let now = sway.now(t);
                    let miss = (sway.mean().unwrap() + now.way - truth(t)).norm();
                    assert!(miss < off, "{hz} {sd} {miss}");
                    let slope = (truth(t + 1e-4) - truth(t - 1e-4)) * 5e3;
                    assert!((now.velocity - slope).norm() < 2.0 * off + 1e-5, "{:?} {slope:?}", now.velocity);
                }
            }
        }
    }

    /// Readings at every step of a millisecond fill a window as well as thirty in a second.
    #[test]
    fn many_readings_fill_the_window_too() {
        let mut sway = Sway::default();
        for k in 0..25_000 {
            sway.see(f64::from(k) * 1e-3, Vec3::ZERO, 20.0);
        }
        assert!(sway.watched_s() > 19.9 && sway.watched_s() <= 20.0 && sway.readings.len() <= MOST);
    }

    /// What was not seen does not move.
    #[test]
    fn without_readings_nothing_sways() {
        let mut sway = Sway::default();
        sway.fit();
        assert_eq!((sway.now(3.0), sway.mean()), (Swayed::default(), None));
    }
}
