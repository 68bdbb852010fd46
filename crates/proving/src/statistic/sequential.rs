//! Bounds on a rate that hold at every number of trials at once.
//!
//! Betting against a rate p with a mixture of alternatives gives wealth
//! M = ∫ qᵏ(1−q)ᶠ dπ(q) / pᵏ(1−p)ᶠ after k successes and f failures. Were p the true rate, M would be a fair game, so it ever
//! reaches 1/α with probability at most α (Ville 1939). The mixture is Jeffreys' Beta(½,½), as in Robbins (1970).
//!
//! For one-sided statements π is restricted to rates above p. Under any true rate r < p the bet loses on average, since
//! r·q/p + (1−r)(1−q)/(1−p) rises with r and is 1 at r = p; so M ≥ 1/α refutes *every* rate up to p at once, with error α however
//! often one looks. The restriction multiplies the wealth by the inverse of the discarded prior mass (7× at p = 0.95).

use leitai_math::real;

use super::special::{bisect, ln_beta, ln_incomplete_beta};
use super::{Interval, Settled};

fn ln_likelihood(rate: f64, successes: f64, failures: f64) -> f64 {
    let term = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * real::ln(p) };
    term(successes, rate) + term(failures, 1.0 - rate)
}

/// ln of the evidence that the rate exceeds `rate`: above ln(1/α), "at most `rate`" is refuted with error α at any time.
#[must_use]
pub fn ln_evidence_above(successes: u64, trials: u64, rate: f64) -> f64 {
    assert!(successes <= trials, "{successes} successes of {trials} trials");
    if rate >= 1.0 {
        return f64::NEG_INFINITY;
    }
    let (k, f) = (successes as f64, (trials - successes) as f64);
    // The mass of Beta(k+½, f+½) above `rate` is that of Beta(f+½, k+½) below 1 − `rate`.
    let posterior = ln_incomplete_beta(1.0 - rate, f + 0.5, k + 0.5) + ln_beta(k + 0.5, f + 0.5);
    let prior = ln_incomplete_beta(1.0 - rate, 0.5, 0.5) + ln_beta(0.5, 0.5);
    posterior - prior - ln_likelihood(rate, k, f)
}

/// ln of the evidence that the rate is below `rate`: above ln(1/α), "at least `rate`" is refuted with error α at any time.
#[must_use]
pub fn ln_evidence_below(successes: u64, trials: u64, rate: f64) -> f64 {
    assert!(successes <= trials, "{successes} successes of {trials} trials");
    if rate >= 1.0 {
        // A rate of one is refuted by a single failure, and by nothing else.
        return if successes < trials { f64::INFINITY } else { 0.0 };
    }
    if rate <= 0.0 {
        return f64::NEG_INFINITY;
    }
    ln_evidence_above(trials - successes, trials, 1.0 - rate)
}

/// Whether the trials so far settle "the rate is at least `rate`", each direction with error `alpha` at any time.
///
/// This is the one decision rule of sequential verdicts: the [`rate_bounds`] exceed or stay below `rate` exactly then.
#[must_use]
pub fn settles(successes: u64, trials: u64, rate: f64, alpha: f64) -> Option<Settled> {
    let enough = -real::ln(alpha);
    if ln_evidence_above(successes, trials, rate) > enough {
        Some(Settled::Proved)
    } else if ln_evidence_below(successes, trials, rate) > enough {
        Some(Settled::Refuted)
    } else {
        None
    }
}

/// One-sided anytime-valid bounds, each with error `alpha`: the set of rates that [`settles`] leaves open.
#[must_use]
pub fn rate_bounds(successes: u64, trials: u64, alpha: f64) -> Interval {
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let enough = -real::ln(alpha);
    let mean = successes as f64 / trials as f64;
    Interval {
        low: if successes == 0 { 0.0 } else { bisect(0.0, mean, |p| ln_evidence_above(successes, trials, p) <= enough) },
        high: if successes == trials { 1.0 } else { bisect(mean, 1.0, |p| ln_evidence_below(successes, trials, p) > enough) },
    }
}

/// The two-sided Beta(½,½)-mixture confidence sequence at `confidence`, for a rate that nothing is decided about.
#[must_use]
pub fn mixture_interval(successes: u64, trials: u64, confidence: f64) -> Interval {
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (k, f) = (successes as f64, (trials - successes) as f64);
    let enough = -real::ln(1.0 - confidence);
    let wealth = ln_beta(k + 0.5, f + 0.5) - ln_beta(0.5, 0.5);
    let open = |p: f64| wealth - ln_likelihood(p, k, f) <= enough;
    let mean = k / trials as f64;
    Interval {
        low: if successes == 0 { 0.0 } else { bisect(0.0, mean, open) },
        high: if successes == trials { 1.0 } else { bisect(mean, 1.0, |p| !open(p)) },
    }
}

/// The fewest trials that prove `rate` when every one succeeds, if at most `limit` are enough.
#[must_use]
pub fn trials_to_prove(rate: f64, alpha: f64, limit: u64) -> Option<u64> {
    let proved = |n: u64| settles(n, n, rate, alpha) == Some(Settled::Proved);
    if !proved(limit) {
        return None;
    }
    // One more success always adds evidence, so the first trial number that proves it can be found by halving.
    let (mut short, mut long) = (0, limit);
    while long - short > 1 {
        let middle = short + (long - short) / 2;
        if proved(middle) { long = middle } else { short = middle }
    }
    Some(long)
}

#[cfg(test)]
mod tests {
    use super::super::operating::stopping;
    use super::*;
    use leitai_math::Seed;

    /// Golden value of the project's issue: 90 of 100 at 95 %.
    #[test]
    fn ninety_of_a_hundred_has_the_known_mixture_interval() {
        let interval = mixture_interval(90, 100, 0.95);
        assert_eq!([interval.low, interval.high].map(|x| real::round(x * 1000.0) / 10.0), [77.2, 97.1]);
    }

    /// Truth: adding up the mixture on a grid of rates (trapezoid in the angle, where Beta(½,½) is flat).
    #[test]
    fn evidence_matches_its_integral() {
        for (k, n, p) in [(58_u64, 60_u64, 0.9), (20, 40, 0.7), (3, 3, 0.95), (100, 100, 0.95)] {
            // q = sin²θ makes Beta(½,½) uniform in θ on (0, π/2).
            let (from, to) = (real::asin(real::sqrt(p)), 0.5 * real::PI);
            let steps = 200_000;
            let mut sum = 0.0;
            for i in 0..steps {
                let theta = from + (to - from) * (f64::from(i) + 0.5) / f64::from(steps);
                let q = real::sin(theta) * real::sin(theta);
                sum += real::exp(ln_likelihood(q, k as f64, (n - k) as f64) - ln_likelihood(p, k as f64, (n - k) as f64));
            }
            let expected = real::ln(sum / f64::from(steps));
            assert!(real::abs(ln_evidence_above(k, n, p) - expected) < 1e-8, "{k} of {n} against {p}");
        }
    }

    /// The bounds and the decision are one statement: a threshold is settled exactly when it lies outside the bounds.
    #[test]
    fn bounds_and_decisions_agree() {
        for n in [1_u64, 2, 10, 57, 300] {
            for k in 0..=n {
                let bounds = rate_bounds(k, n, 0.05);
                assert!(bounds.low <= k as f64 / n as f64 && k as f64 / n as f64 <= bounds.high);
                for t in [0.05, 0.5, 0.8, 0.95, 0.98, 0.999] {
                    let expected = if bounds.low > t {
                        Some(Settled::Proved)
                    } else if bounds.high < t {
                        Some(Settled::Refuted)
                    } else {
                        None
                    };
                    assert_eq!(settles(k, n, t, 0.05), expected, "{k} of {n} against {t}");
                }
            }
        }
    }

    /// Ville's inequality, seen: someone who looks after every one of 1 000 trials is misled in at most 5 % of runs, here
    /// at the worst true rate (the threshold itself for a proof, just at it for a refutation). 4 000 runs, three standard errors.
    #[test]
    fn peeking_does_not_raise_the_error() {
        let (alpha, runs) = (0.05, 4000);
        for rate in [0.8, 0.95] {
            // The same rule, asked once per number of trials instead of once per trial.
            let ends = stopping(rate, alpha, 1000);
            let (mut proved, mut refuted) = (0, 0);
            for run in 0..runs {
                let mut draw = Seed::from_number(run).stream("peeking");
                let (mut k, mut low, mut high) = (0, false, false);
                for n in 1..=1000 {
                    k += u64::from(draw.chance(rate));
                    low |= k >= ends.proved_from[n];
                    high |= k < ends.refuted_to[n];
                }
                proved += u32::from(low);
                refuted += u32::from(high);
            }
            let most = runs as f64 * alpha;
            assert!(f64::from(proved) <= most && f64::from(refuted) <= most, "{proved} and {refuted} of {runs} at {rate}");
            // And the test has not become useless by caution.
            assert!(proved > 20 && refuted > 20, "{proved} and {refuted} of {runs} at {rate}");
        }
    }

    #[test]
    fn a_rate_too_tight_for_its_limit_cannot_be_proved() {
        assert_eq!(trials_to_prove(0.99, 0.05, 100), None);
        let n = trials_to_prove(0.95, 0.05, 600).expect("600 trials are plenty for 95 %");
        // No test with error 5 % can do it in fewer than ln 0.05 / ln 0.95 = 58.4 trials.
        assert!((59..=120).contains(&n), "{n}");
        assert_eq!(settles(n - 1, n - 1, 0.95, 0.05), None);
        assert_eq!(trials_to_prove(1.0, 0.05, 1_000_000), None);
    }

    #[test]
    fn one_failure_refutes_a_rate_of_one() {
        assert_eq!(settles(9, 10, 1.0, 0.05), Some(Settled::Refuted));
        assert_eq!(settles(10, 10, 1.0, 0.05), None);
        assert_eq!(rate_bounds(0, 0, 0.05), Interval { low: 0.0, high: 1.0 });
    }
}
