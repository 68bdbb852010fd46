//! Before a run: how likely each verdict is at every true rate, and how many trials it takes.
//!
//! Exact, not simulated: the number of successes is a random walk that ends where the sequential rule settles, so the
//! probability of every state follows from the one before it.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Settled;
use super::fixed::settles_fixed;
use super::sequential::settles;

/// The successes at which a sequential test ends, for every number of trials from 0 to the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// `proved_from[n]`: the fewest successes in `n` trials that prove the rate; `n + 1` when none does.
    pub proved_from: Vec<u64>,
    /// `refuted_to[n]`: one more than the most successes in `n` trials that refute it; 0 when none does.
    pub refuted_to: Vec<u64>,
}

/// Where the sequential test of "at least `rate`" ends, for up to `limit` trials at error `alpha` in each direction.
#[must_use]
pub fn stopping(rate: f64, alpha: f64, limit: u64) -> Stopping {
    let mut proved_from = vec![1];
    let mut refuted_to = vec![0];
    let (mut first, mut last) = (1_u64, 0_u64);
    for n in 1..=limit {
        // More trials never need fewer successes for a proof, nor allow fewer for a refutation.
        while first <= n && settles(first, n, rate, alpha) != Some(Settled::Proved) {
            first += 1;
        }
        while last <= n && settles(last, n, rate, alpha) == Some(Settled::Refuted) {
            last += 1;
        }
        proved_from.push(first);
        refuted_to.push(last);
    }
    Stopping { proved_from, refuted_to }
}

/// The same for a number of trials fixed beforehand: nothing is settled before the last one.
#[must_use]
pub fn stopping_fixed(rate: f64, alpha: f64, trials: u64) -> Stopping {
    let mut proved_from: Vec<u64> = (0..=trials).map(|n| n + 1).collect();
    let mut refuted_to = vec![0; trials as usize + 1];
    // Both ends of either interval rise with the successes, so each boundary is found by halving.
    let first = |wanted: &dyn Fn(Option<Settled>) -> bool| {
        let (mut low, mut high) = (0, trials + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if wanted(settles_fixed(middle, trials, rate, alpha)) { high = middle } else { low = middle + 1 }
        }
        low
    };
    proved_from[trials as usize] = first(&|settled| settled == Some(Settled::Proved));
    refuted_to[trials as usize] = first(&|settled| settled != Some(Settled::Refuted));
    Stopping { proved_from, refuted_to }
}

/// One point of an operating curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operating {
    /// The true rate this point is about.
    pub rate: f64,
    /// Probability of *proved*.
    pub proved: f64,
    /// Probability of *refuted*.
    pub refuted: f64,
    /// Probability of reaching the limit undecided.
    pub undecided: f64,
    /// Expected number of trials.
    pub trials: f64,
}

/// What the test with these stopping boundaries does at each of the true `rates`.
#[must_use]
pub fn operating_curve(stopping: &Stopping, rates: &[f64]) -> Vec<Operating> {
    rates.iter().map(|&rate| operating(stopping, rate)).collect()
}

fn operating(stopping: &Stopping, rate: f64) -> Operating {
    let limit = stopping.proved_from.len() - 1;
    // alive[k - base]: the probability of running on with k successes.
    let mut alive = vec![1.0];
    let mut base = 0_usize;
    let mut point = Operating { rate, proved: 0.0, refuted: 0.0, undecided: 0.0, trials: 0.0 };
    for n in 1..=limit {
        point.trials += alive.iter().sum::<f64>();
        let mut next = vec![0.0; alive.len() + 1];
        for (i, &p) in alive.iter().enumerate() {
            next[i] += p * (1.0 - rate);
            next[i + 1] += p * rate;
        }
        let refuted = (stopping.refuted_to[n] as usize).saturating_sub(base).min(next.len());
        point.refuted += next[..refuted].iter().sum::<f64>();
        let proved = (stopping.proved_from[n] as usize).saturating_sub(base).clamp(refuted, next.len());
        point.proved += next[proved..].iter().sum::<f64>();
        alive = next[refuted..proved].to_vec();
        base += refuted;
        if alive.is_empty() {
            break;
        }
    }
    point.undecided = alive.iter().sum();
    point
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::{Seed, real};

    /// Truth: asking the decision rule about every number of successes.
    #[test]
    fn boundaries_are_those_of_the_rule() {
        for (rate, alpha) in [(0.95, 0.05), (0.8, 0.0125), (0.3, 0.05)] {
            let found = stopping(rate, alpha, 150);
            for n in 1..=150_u64 {
                let first = (0..=n).find(|&k| settles(k, n, rate, alpha) == Some(Settled::Proved)).unwrap_or(n + 1);
                let last = (0..=n).filter(|&k| settles(k, n, rate, alpha) == Some(Settled::Refuted)).count() as u64;
                assert_eq!((found.proved_from[n as usize], found.refuted_to[n as usize]), (first, last), "{n} trials");
            }
        }
    }

    /// Truth: asking the decision rule about every number of successes.
    #[test]
    fn fixed_boundaries_are_those_of_the_rule() {
        for (rate, trials) in [(0.95, 100_u64), (0.95, 20), (0.8, 400), (0.99, 50)] {
            let found = stopping_fixed(rate, 0.05, trials);
            for k in 0..=trials {
                let expected = if k >= found.proved_from[trials as usize] {
                    Some(Settled::Proved)
                } else if k < found.refuted_to[trials as usize] {
                    Some(Settled::Refuted)
                } else {
                    None
                };
                assert_eq!(settles_fixed(k, trials, rate, 0.05), expected, "{k} of {trials} against {rate}");
            }
        }
    }

    #[test]
    fn probabilities_add_to_one_and_error_stays_bounded() {
        let test = stopping(0.95, 0.05, 600);
        for point in operating_curve(&test, &[0.5, 0.8, 0.9, 0.949_999, 0.95, 0.97, 0.99, 1.0]) {
            assert!(real::abs(point.proved + point.refuted + point.undecided - 1.0) < 1e-9, "{point:?}");
            if point.rate < 0.95 {
                assert!(point.proved <= 0.05, "{point:?}");
            } else {
                assert!(point.refuted <= 0.05, "{point:?}");
            }
        }
        let certain = operating_curve(&test, &[1.0])[0];
        assert!(certain.proved > 0.999_999 && certain.trials < 120.0, "{certain:?}");
    }

    /// Truth: playing the same test 5 000 times; four standard errors.
    #[test]
    fn the_curve_matches_simulation() {
        let (rate, alpha, limit, truth, runs) = (0.9, 0.05, 200_u64, 0.95, 5000_u64);
        let point = operating_curve(&stopping(rate, alpha, limit), &[truth])[0];
        let (mut proved, mut trials) = (0_u64, 0_u64);
        for run in 0..runs {
            let mut draw = Seed::from_number(run).stream("operating");
            let mut k = 0;
            for n in 1..=limit {
                trials += 1;
                k += u64::from(draw.chance(truth));
                match settles(k, n, rate, alpha) {
                    Some(Settled::Proved) => {
                        proved += 1;
                        break;
                    }
                    Some(Settled::Refuted) => break,
                    None => {}
                }
            }
        }
        let error = real::sqrt(point.proved * (1.0 - point.proved) / runs as f64);
        assert!(real::abs(proved as f64 / runs as f64 - point.proved) < 4.0 * error);
        assert!(real::abs(trials as f64 / runs as f64 - point.trials) < 4.0 * 70.0 / real::sqrt(runs as f64));
    }
}
