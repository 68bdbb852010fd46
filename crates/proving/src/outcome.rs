//! What one trial came to.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use leitai_math::Seed;
use serde::{Deserialize, Serialize};

use crate::canonical::{Canonical, Digest};
use crate::claim::Requirement;

/// Why and when a trial went wrong, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Seconds of simulated time into the trial, where the moment is known.
    pub time_s: Option<f64>,
    /// What happened: `block 3 slipped out of the clamp`.
    pub what: String,
    /// What led to it, as far as the trial shows: `clamp force 210 N, needed 260 N`. Empty if unknown.
    pub cause: String,
}

/// The result of one trial, complete: what a re-execution must reproduce bit for bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The trial's number, from 0. Trials enter the verdict in this order.
    pub index: u64,
    /// The seed the trial drew everything from.
    pub seed: Digest,
    /// Every number measured, by name; always finite.
    pub metrics: BTreeMap<String, f64>,
    /// Whether each requirement's predicate held, by the predicate's text.
    pub passed: BTreeMap<String, bool>,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
    /// Digest over the whole motion (states, forces), so that a re-execution compares more than the metrics.
    pub trace: Option<Digest>,
    /// BLAKE3 over the canonical form of all of the above.
    pub digest: Digest,
}

impl Outcome {
    /// Judges one trial's metrics by each requirement's predicate and seals the result.
    ///
    /// A metric that is not a finite number is taken out and recorded as a failure: no predicate on it holds.
    #[must_use]
    pub fn new(
        index: u64,
        seed: Seed,
        metrics: BTreeMap<String, f64>,
        failure: Option<Failure>,
        trace: Option<Digest>,
        requirements: &[Requirement],
    ) -> Self {
        let mut failure = failure.map(|f| Failure { time_s: f.time_s.filter(|t| t.is_finite()), ..f });
        let mut finite = BTreeMap::new();
        for (name, value) in metrics {
            if value.is_finite() {
                // Adding zero turns −0 into 0, so that text, bits and digest all agree.
                finite.insert(name, value + 0.0);
            } else if failure.is_none() {
                let cause = "the computation left the real numbers".to_string();
                failure = Some(Failure { time_s: None, what: format!("metric `{name}` is not a finite number"), cause });
            }
        }
        let passed = judge(requirements, &finite);
        let mut outcome = Self { index, seed: Digest(seed.0), metrics: finite, passed, failure, trace, digest: Digest([0; 32]) };
        outcome.digest = outcome.computed_digest();
        outcome
    }

    /// Whether every requirement's predicate held.
    #[must_use]
    pub fn passed_all(&self) -> bool {
        self.passed.values().all(|&passed| passed)
    }

    /// The digest that belongs to the other fields.
    ///
    /// # Panics
    /// If a number is not finite. JSON cannot carry such a number, so nothing read from a file has one.
    #[must_use]
    pub fn computed_digest(&self) -> Digest {
        let mut form = Canonical::new("leitai outcome v1");
        form.count(self.index).digest(&self.seed).numbers(&self.metrics);
        form.entries(self.passed.len());
        for (name, &passed) in &self.passed {
            form.text(name).flag(passed);
        }
        form.flag(self.failure.is_some());
        if let Some(failure) = &self.failure {
            form.flag(failure.time_s.is_some()).number(failure.time_s.unwrap_or(0.0));
            form.text(&failure.what).text(&failure.cause);
        }
        form.flag(self.trace.is_some());
        if let Some(trace) = &self.trace {
            form.digest(trace);
        }
        form.finish()
    }

    /// The first thing in which `other` differs from this outcome, in words; `None` if they are the same bits.
    ///
    /// `ours` and `theirs` name the two sides, for example "the bundle" and "re-execution".
    #[must_use]
    pub fn difference(&self, other: &Self, ours: &str, theirs: &str) -> Option<String> {
        let say = |what: &str, a: &dyn core::fmt::Display, b: &dyn core::fmt::Display| {
            Some(format!("trial {}: {what} is {a} in {ours} and {b} in {theirs}", self.index))
        };
        if self.seed != other.seed {
            return say("the seed", &self.seed, &other.seed);
        }
        for name in self.metrics.keys().chain(other.metrics.keys()) {
            let (a, b) = (self.metrics.get(name), other.metrics.get(name));
            if a.map(|v| v.to_bits()) != b.map(|v| v.to_bits()) {
                let show = |v: Option<&f64>| v.map_or("missing".to_string(), ToString::to_string);
                return say(&format!("metric `{name}`"), &show(a), &show(b));
            }
        }
        for name in self.passed.keys().chain(other.passed.keys()) {
            let (a, b) = (self.passed.get(name), other.passed.get(name));
            if a != b {
                let show = |v: Option<&bool>| match v {
                    Some(true) => "fulfilled",
                    Some(false) => "not fulfilled",
                    None => "not judged",
                };
                return say(&format!("requirement `{name}`"), &show(a), &show(b));
            }
        }
        if self.failure != other.failure {
            let show = |f: &Option<Failure>| f.as_ref().map_or("none".to_string(), |f| format!("`{}`", f.what));
            return say("the failure", &show(&self.failure), &show(&other.failure));
        }
        if self.trace != other.trace {
            let show = |t: &Option<Digest>| t.as_ref().map_or("missing".to_string(), Digest::short);
            return say("the digest of the motion", &show(&self.trace), &show(&other.trace));
        }
        if self.digest != other.digest {
            return say("the outcome's digest", &self.digest.short(), &other.digest.short());
        }
        None
    }
}

/// Whether each requirement's predicate holds for `metrics`, by the predicate's text.
#[must_use]
pub fn judge(requirements: &[Requirement], metrics: &BTreeMap<String, f64>) -> BTreeMap<String, bool> {
    requirements.iter().map(|r| (r.name(), r.predicate.holds(metrics))).collect()
}

/// The trials worth a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notable {
    /// Most requirements missed, and by most.
    pub worst: u64,
    /// The one in the middle.
    pub median: u64,
    /// The one furthest inside every limit.
    pub best: u64,
}

/// The worst, the median and the best of `outcomes`; `None` if there are none.
///
/// Ordered by the number of requirements missed, then by the smallest margin, the next smallest and so on (in a trial without a
/// drop that margin is always zero and says nothing), then by trial number.
#[must_use]
pub fn notable(requirements: &[Requirement], outcomes: &[Outcome]) -> Option<Notable> {
    let mut order: alloc::vec::Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let missed = outcome.passed.values().filter(|&&passed| !passed).count();
            let margins = requirements.iter().map(|r| r.predicate.margin(&outcome.metrics).unwrap_or(f64::MIN));
            let mut margins: alloc::vec::Vec<f64> = margins.collect();
            margins.sort_by(f64::total_cmp);
            (missed, margins, outcome.index)
        })
        .collect();
    let smaller = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
    order.sort_by(|a, b| b.0.cmp(&a.0).then(smaller(&a.1, &b.1).unwrap_or(a.2.cmp(&b.2))));
    let at = |i: usize| order[i].2;
    (!order.is_empty()).then(|| Notable { worst: at(0), median: at(order.len() / 2), best: at(order.len() - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    fn requirements() -> Vec<Requirement> {
        vec![Requirement {
            predicate: "error_m <= 0.005".parse().expect("a predicate"),
            rate_at_least: 0.9,
            confidence: 0.95,
            decides: true,
        }]
    }

    fn outcome(index: u64, error_m: f64) -> Outcome {
        let metrics = [("error_m".to_string(), error_m)].into();
        Outcome::new(index, Seed::from_number(index), metrics, None, None, &requirements())
    }

    #[test]
    fn a_number_that_is_none_becomes_a_failure() {
        let broken = outcome(0, f64::NAN);
        assert_eq!(broken.metrics.len(), 0);
        assert!(!broken.passed_all());
        assert_eq!(broken.failure.expect("recorded").what, "metric `error_m` is not a finite number");
    }

    #[test]
    fn every_field_reaches_the_digest() {
        let base = outcome(3, 0.001);
        assert!(base.passed_all() && base.digest == base.computed_digest());
        let mut changed: [Outcome; 6] = core::array::from_fn(|_| base.clone());
        changed[0].index = 4;
        changed[1].seed = Digest([1; 32]);
        changed[2].metrics.insert("error_m".to_string(), f64::from_bits(0.001_f64.to_bits() + 1));
        changed[3].passed.insert("error_m <= 0.005".to_string(), false);
        changed[4].failure = Some(Failure { time_s: Some(1.0), what: "fell".to_string(), cause: String::new() });
        changed[5].trace = Some(Digest([2; 32]));
        for other in changed {
            assert_ne!(other.computed_digest(), base.digest);
            assert!(other.index == 4 || base.difference(&other, "a", "b").is_some());
        }
        assert_eq!(base.difference(&base, "a", "b"), None);
        let said = base.difference(&outcome(3, 0.009), "the bundle", "re-execution").expect("they differ");
        assert!(
            said.starts_with("trial 3: the seed") || said.contains("metric `error_m` is 0.001 in the bundle and 0.009"),
            "{said}"
        );
    }

    /// JSON text must carry every bit: 0.1 + 0.2 is the classic number that sloppy parsers round.
    #[test]
    fn json_keeps_the_bits() {
        let before = outcome(1, 0.1 + 0.2);
        let text = serde_json::to_string(&before).expect("serializes");
        let after: Outcome = serde_json::from_str(&text).expect("parses");
        assert_eq!(after.computed_digest(), before.digest);
    }

    #[test]
    fn the_worst_misses_most_and_the_best_has_the_widest_margin() {
        let all: Vec<_> = [0.004, 0.02, 0.001, 0.003, 0.3].iter().enumerate().map(|(i, &e)| outcome(i as u64, e)).collect();
        assert_eq!(notable(&requirements(), &all), Some(Notable { worst: 4, median: 0, best: 2 }));
        assert_eq!(notable(&requirements(), &[]), None);
    }
}
