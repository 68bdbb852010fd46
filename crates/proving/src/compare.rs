//! Two robots, or two versions of a solution, on the same trials.
//!
//! Trials pair by seed: both sides met the same blocks in the same places, so only trials where exactly one side passed
//! carry information about which is better. McNemar's exact test says how surprising their split would be if neither were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use crate::bundle::{Bundle, Evidence};
use crate::canonical::Digest;
use crate::claim::Subject;
use crate::outcome::Outcome;
use crate::statistic::{Interval, binomial_at_most, mean_interval};
use crate::verify::{Engine, Refusal, run_all};

/// Why two bundles cannot be compared trial by trial.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// Different seeds are different trials.
    #[error(
        "the two sides drew from different seeds (trial {index}), so their trials do not pair; \
         prove both with the same --seed, or re-run one side on the other's seeds"
    )]
    OtherSeeds {
        /// The first trial that differs.
        index: u64,
    },
    /// Different jobs.
    #[error("the two sides did different jobs: {a} and {b}")]
    OtherJob {
        /// The first side's scenario and parameters.
        a: String,
        /// The second side's.
        b: String,
    },
    /// Nothing to compare.
    #[error("one of the two sides has no trial")]
    Empty,
    /// The second side could not be run on the first side's seeds.
    #[error(transparent)]
    Rerun(#[from] Refusal),
}

/// One requirement over all pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Discordance {
    /// Pairs in which both passed.
    pub both: u64,
    /// Pairs in which only the first passed.
    pub only_a: u64,
    /// Pairs in which only the second passed.
    pub only_b: u64,
    /// Pairs in which neither passed.
    pub neither: u64,
    /// McNemar's exact two-sided p-value: the chance of a split at least this uneven if neither side were better.
    pub p_value: f64,
}

/// One metric over all pairs that measured it on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricDifference {
    /// How many pairs.
    pub pairs: u64,
    /// Mean of second minus first.
    pub mean: f64,
    /// Student's 95 % interval of that mean; none below two pairs.
    pub interval: Option<Interval>,
}

/// Two sides, pair by pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// How many trials both sides ran.
    pub pairs: u64,
    /// Each requirement that both sides were judged by.
    pub requirements: BTreeMap<String, Discordance>,
    /// All requirements at once.
    pub all: Discordance,
    /// Each metric that both sides measured.
    pub metrics: BTreeMap<String, MetricDifference>,
    /// Trials that exactly one side passed.
    pub discordant: Vec<u64>,
}

/// Pairs two bundles of the same job that drew from the same seeds.
///
/// # Errors
/// If the jobs or the seeds differ.
pub fn compare(a: &Bundle, b: &Bundle) -> Result<Comparison, CompareError> {
    same_job(&a.evidence, &b.evidence)?;
    pair(&a.evidence.outcomes, &b.evidence.outcomes)
}

/// Compares two bundles of the same job by running the second side's robot and solution on the first side's seeds.
///
/// # Errors
/// If the jobs differ or a trial could not be run.
pub fn compare_rerun(
    a: &Bundle,
    b: &Bundle,
    engine: &dyn Engine,
    jobs: usize,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Comparison, CompareError> {
    same_job(&a.evidence, &b.evidence)?;
    let (a, b) = (&a.evidence, &b.evidence);
    let indices: Vec<u64> = a.outcomes.iter().map(|o| o.index).collect();
    let runner = engine.runner(&b.packages, &b.claim, a.claim.seed_root()).map_err(Refusal::NotRun)?;
    let mut outcomes = Vec::new();
    run_all(&*runner, &indices, jobs, stop, &mut |outcome| {
        outcomes.push(outcome);
        progress(outcomes.len() as u64, indices.len() as u64);
        Ok(())
    })?;
    pair(&a.outcomes, &outcomes)
}

fn same_job(a: &Evidence, b: &Evidence) -> Result<(), CompareError> {
    let job = |e: &Evidence| -> (Subject, BTreeMap<String, f64>) { (e.claim.scenario.clone(), e.claim.parameters.clone()) };
    if job(a) == job(b) {
        return Ok(());
    }
    let say = |e: &Evidence| {
        let parameters: Vec<_> = e.claim.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        format!("`{}` {} ({})", e.claim.scenario.id, e.claim.scenario.digest.short(), parameters.join(", "))
    };
    Err(CompareError::OtherJob { a: say(a), b: say(b) })
}

/// Pairs outcomes by index. Trials that only one side ran are left out.
///
/// # Errors
/// If a pair has two seeds, or there is no pair.
pub fn pair(a: &[Outcome], b: &[Outcome]) -> Result<Comparison, CompareError> {
    let other: BTreeMap<u64, &Outcome> = b.iter().map(|o| (o.index, o)).collect();
    let pairs: Vec<_> = a.iter().filter_map(|x| other.get(&x.index).map(|&y| (x, y))).collect();
    if pairs.is_empty() {
        return Err(CompareError::Empty);
    }
    let seed = |o: &Outcome| -> Digest { o.seed };
    if let Some((x, _)) = pairs.iter().find(|(x, y)| seed(x) != seed(y)) {
        return Err(CompareError::OtherSeeds { index: x.index });
    }
    let names: BTreeSet<_> = pairs.iter().flat_map(|(x, y)| x.passed.keys().filter(|n| y.passed.contains_key(*n))).collect();
    let requirements = names
        .into_iter()
        .map(|name| {
            let passed = |o: &Outcome| o.passed.get(name) == Some(&true);
            (name.clone(), discordance(pairs.iter().map(|(x, y)| (passed(x), passed(y)))))
        })
        .collect();
    let metric_names: BTreeSet<_> = pairs.iter().flat_map(|(x, _)| x.metrics.keys()).collect();
    let metrics = metric_names
        .into_iter()
        .filter_map(|name| {
            let difference = |(x, y): &(&Outcome, &Outcome)| Some(y.metrics.get(name)? - x.metrics.get(name)?);
            let differences: Vec<f64> = pairs.iter().filter_map(difference).collect();
            let (mean, interval) = mean_interval(&differences, 0.95)?;
            Some((name.clone(), MetricDifference { pairs: differences.len() as u64, mean, interval }))
        })
        .collect();
    Ok(Comparison {
        pairs: pairs.len() as u64,
        requirements,
        all: discordance(pairs.iter().map(|(x, y)| (x.passed_all(), y.passed_all()))),
        metrics,
        discordant: pairs.iter().filter(|(x, y)| x.passed_all() != y.passed_all()).map(|(x, _)| x.index).collect(),
    })
}

fn discordance(pairs: impl Iterator<Item = (bool, bool)>) -> Discordance {
    let mut count = Discordance { both: 0, only_a: 0, only_b: 0, neither: 0, p_value: 1.0 };
    for (a, b) in pairs {
        *match (a, b) {
            (true, true) => &mut count.both,
            (true, false) => &mut count.only_a,
            (false, true) => &mut count.only_b,
            (false, false) => &mut count.neither,
        } += 1;
    }
    count.p_value = mcnemar(count.only_a, count.only_b);
    count
}

/// McNemar's exact two-sided p-value for `only_a` and `only_b` discordant pairs.
#[must_use]
pub fn mcnemar(only_a: u64, only_b: u64) -> f64 {
    (2.0 * binomial_at_most(only_a.min(only_b), only_a + only_b, 0.5)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// By hand: with 1 and 9 discordant pairs, 2·(1 + 10)/2¹⁰ = 0.021484375; an even split surprises nobody.
    #[test]
    fn mcnemar_is_exact() {
        assert!((mcnemar(1, 9) - 22.0 / 1024.0).abs() < 1e-14);
        assert_eq!((mcnemar(5, 5), mcnemar(0, 0)), (1.0, 1.0));
        assert!((mcnemar(0, 6) - 2.0 / 64.0).abs() < 1e-14);
    }

    fn outcome(root: u64, index: u64, error_m: f64) -> Outcome {
        let requirement = crate::claim::Requirement {
            predicate: "error_m <= 0.5".parse().expect("a predicate"),
            rate_at_least: 0.9,
            confidence: 0.95,
            decides: true,
        };
        let seed = Seed::from_number(root).trial(index);
        Outcome::new(index, seed, [("error_m".to_string(), error_m)].into(), None, None, &[requirement])
    }

    #[test]
    fn pairs_need_the_same_seeds() {
        let a: Vec<_> = (0..10).map(|i| outcome(1, i, if i < 4 { 1.0 } else { 0.1 })).collect();
        let b: Vec<_> = (0..8).map(|i| outcome(1, i, 0.2)).collect();
        let found = pair(&a, &b).expect("the same seeds");
        assert_eq!((found.pairs, found.all.only_a, found.all.only_b, found.all.both), (8, 0, 4, 4));
        assert_eq!(found.discordant, [0, 1, 2, 3]);
        assert!((found.metrics["error_m"].mean - (4.0 * -0.8 + 4.0 * 0.1) / 8.0).abs() < 1e-12);
        let other: Vec<_> = (0..8).map(|i| outcome(2, i, 0.2)).collect();
        assert!(matches!(pair(&a, &other), Err(CompareError::OtherSeeds { index: 0 })));
        assert!(matches!(pair(&a, &[]), Err(CompareError::Empty)));
    }
}
