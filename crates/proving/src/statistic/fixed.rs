//! Intervals for a number of trials that was fixed before the first one ran.

use leitai_math::real;

use super::special::{beta_quantile, incomplete_beta, normal_two_sided, student_two_sided};
use super::{Interval, Settled};

fn assert_counts(successes: u64, trials: u64) {
    assert!(trials > 0 && successes <= trials, "{successes} successes of {trials} trials");
}

/// Wilson's score interval (1927) for `successes` of `trials` at a two-sided `confidence` such as 0.95.
///
/// # Panics
/// If there is no trial, or there are more successes than trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Interval {
    assert_counts(successes, trials);
    let (k, n) = (successes as f64, trials as f64);
    let z2 = normal_two_sided(confidence) * normal_two_sided(confidence);
    let center = (k + 0.5 * z2) / (n + z2);
    let half = real::sqrt(z2 * (k * (n - k) / n + 0.25 * z2)) / (n + z2);
    Interval {
        low: if successes == 0 { 0.0 } else { real::max(center - half, 0.0) },
        high: if successes == trials { 1.0 } else { real::min(center + half, 1.0) },
    }
}

/// The exact interval of Clopper and Pearson (1934) for `successes` of `trials` at a two-sided `confidence`.
///
/// Never covers the true rate less often than it says, which Wilson's interval does not promise.
///
/// # Panics
/// If there is no trial, or there are more successes than trials.
#[must_use]
pub fn clopper_pearson(successes: u64, trials: u64, confidence: f64) -> Interval {
    assert_counts(successes, trials);
    let (k, n) = (successes as f64, trials as f64);
    let tail = 0.5 * (1.0 - confidence);
    Interval {
        low: if successes == 0 { 0.0 } else { beta_quantile(tail, k, n - k + 1.0) },
        high: if successes == trials { 1.0 } else { beta_quantile(1.0 - tail, k + 1.0, n - k) },
    }
}

/// The probability of at least `successes` in `trials` when each succeeds with probability `rate`.
#[must_use]
pub fn binomial_at_least(successes: u64, trials: u64, rate: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    if successes > trials {
        return 0.0;
    }
    incomplete_beta(rate, successes as f64, (trials - successes + 1) as f64)
}

/// The probability of at most `successes` in `trials` when each succeeds with probability `rate`.
#[must_use]
pub fn binomial_at_most(successes: u64, trials: u64, rate: f64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    incomplete_beta(1.0 - rate, (trials - successes) as f64, (successes + 1) as f64)
}

/// Whether a number of trials fixed beforehand settles "the rate is at least `rate`", each direction with error `alpha`.
///
/// The two-sided Wilson interval at 1 − `alpha` must lie on one side of `rate`. Wilson's interval is an approximation that is
/// too bold for rates near its far end (at 99 % and 50 trials it would refute a true claim in 9 % of runs), so the exact
/// binomial tail must agree.
#[must_use]
pub fn settles_fixed(successes: u64, trials: u64, rate: f64, alpha: f64) -> Option<Settled> {
    let interval = wilson(successes, trials, 1.0 - alpha);
    if interval.low >= rate && binomial_at_least(successes, trials, rate) <= alpha {
        Some(Settled::Proved)
    } else if interval.high < rate && binomial_at_most(successes, trials, rate) <= alpha {
        Some(Settled::Refuted)
    } else {
        None
    }
}

/// Mean of `values` and Student's interval for it; no interval below two values, or where
/// their squares leave the range of numbers.
///
/// The interval assumes many values or nearly normal ones. Means decide nothing in a verdict.
#[must_use]
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<(f64, Option<Interval>)> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return Some((mean, None));
    }
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let half = student_two_sided(confidence, n - 1.0) * real::sqrt(variance / n);
    Some((mean, half.is_finite().then_some(Interval { low: mean - half, high: mean + half })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(interval: Interval) -> [f64; 2] {
        [interval.low, interval.high].map(|x| real::round(x * 1000.0) / 10.0)
    }

    /// Golden values published with the project's first issue.
    #[test]
    fn forty_five_of_fifty_has_the_known_intervals() {
        assert_eq!(percent(wilson(45, 50, 0.95)), [78.6, 95.7]);
        assert_eq!(percent(clopper_pearson(45, 50, 0.95)), [78.2, 96.7]);
    }

    /// The project's table of the fewest successes whose Wilson lower bound reaches a claimed rate; `None` is "cannot".
    #[test]
    fn wilson_reproduces_the_table_of_required_successes() {
        let numbers = [50, 100, 200, 400, 1000];
        let table = [
            (0.80, [Some(46), Some(88), Some(172), Some(336), Some(825)]),
            (0.85, [Some(48), Some(92), Some(180), Some(354), Some(873)]),
            (0.90, [Some(50), Some(96), Some(189), Some(372), Some(919)]),
            (0.95, [None, Some(100), Some(197), Some(389), Some(964)]),
            (0.98, [None, None, Some(200), Some(398), Some(989)]),
            (0.99, [None, None, None, Some(400), Some(997)]),
        ];
        for (rate, fewest) in table {
            for (trials, fewest) in numbers.into_iter().zip(fewest) {
                let found = (0..=trials).find(|&k| wilson(k, trials, 0.95).low >= rate);
                assert_eq!(found, fewest, "rate {rate}, {trials} trials");
            }
        }
        assert_eq!(real::round(wilson(100, 100, 0.95).low * 1000.0), 963.0);
    }

    /// Closed form: with no failure in n trials the lower bound at tail error ε is ε^(1/n); with no success it mirrors.
    #[test]
    fn exact_bounds_have_their_closed_form_at_the_ends() {
        for n in [1_u64, 7, 100, 1000] {
            let bound = real::pow(0.025, 1.0 / n as f64);
            assert!(real::abs(clopper_pearson(n, n, 0.95).low - bound) < 1e-12);
            assert!(real::abs(clopper_pearson(0, n, 0.95).high - (1.0 - bound)) < 1e-12);
            assert_eq!(clopper_pearson(n, n, 0.95).high, 1.0);
        }
    }

    /// Truth: adding up the probabilities one by one.
    #[test]
    fn binomial_tails_match_their_sums() {
        let (n, p) = (20_u64, 0.3_f64);
        let mut term = real::pow(1.0 - p, n as f64);
        let mut below = 0.0;
        for k in 0..=n {
            assert!(real::abs(binomial_at_least(k, n, p) - (1.0 - below)) < 1e-12);
            below += term;
            assert!(real::abs(binomial_at_most(k, n, p) - below) < 1e-12);
            term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        }
    }

    /// The exact tail never vetoes the table above, and it does veto Wilson's false refutation at 48 of 50 against 99 %:
    /// P(≤48 | 50, 0.99) = 1 − 0.99⁵⁰ − 50·0.01·0.99⁴⁹ = 0.0894.
    #[test]
    fn a_fixed_number_of_trials_keeps_its_error() {
        for (rate, trials, fewest) in [(0.95, 100, 100), (0.95, 200, 197), (0.8, 50, 46), (0.99, 1000, 997)] {
            assert_eq!(settles_fixed(fewest, trials, rate, 0.05), Some(Settled::Proved));
            assert_eq!(settles_fixed(fewest - 1, trials, rate, 0.05), None);
        }
        assert!(wilson(48, 50, 0.95).high < 0.99);
        assert!(real::abs(binomial_at_most(48, 50, 0.99) - 0.0894) < 1e-4);
        assert_eq!(settles_fixed(48, 50, 0.99, 0.05), None);
        assert_eq!(settles_fixed(30, 50, 0.95, 0.05), Some(Settled::Refuted));
        for trials in [10_u64, 50, 200] {
            for rate in [0.05, 0.5, 0.9, 0.99] {
                let bold = |wanted| (0..=trials).filter(move |&k| settles_fixed(k, trials, rate, 0.05) == Some(wanted));
                if let Some(k) = bold(Settled::Proved).min() {
                    assert!(binomial_at_least(k, trials, rate) <= 0.05);
                }
                if let Some(k) = bold(Settled::Refuted).max() {
                    assert!(binomial_at_most(k, trials, rate) <= 0.05);
                }
            }
        }
    }

    /// By hand: 1, 2, 3, 4 have mean 2.5 and standard deviation √(5/3); t at three degrees of freedom is 3.182446.
    #[test]
    fn a_mean_comes_with_its_interval() {
        let (mean, interval) = mean_interval(&[1.0, 2.0, 3.0, 4.0], 0.95).expect("four values");
        let interval = interval.expect("more than one value");
        let half = 3.182_446_305 * real::sqrt(5.0 / 3.0 / 4.0);
        assert!(mean == 2.5 && real::abs(interval.high - 2.5 - half) < 1e-8);
        assert_eq!(mean_interval(&[], 0.95), None);
        assert_eq!(mean_interval(&[3.0], 0.95), Some((3.0, None)));
    }
}
