//! The verdict: *proved*, *refuted* or *undecided*, and *rejected* where no trial was needed.
//!
//! A verdict is a pure function of the claim and the outcomes in index order. Every rate in it carries its interval and its
//! number of trials; there is no way to print one without them.

mod words;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::claim::{Claim, Requirement, Share, Subject, TrialRule};
use crate::metric::{MetricSummary, summarize};
use crate::outcome::Outcome;
use crate::statistic::{Interval, Settled, rate_bounds, settles, settles_fixed, wilson};

pub use words::Language;

/// A rate of successes with everything that belongs to it.
///
/// Prints as `90/100 = 90.0 % [77.2 %, 97.1 %], n = 100`: the interval and the number of trials always come along.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Trials that succeeded.
    pub successes: u64,
    /// Trials that ran.
    pub trials: u64,
    /// Where the true rate lies.
    pub interval: Interval,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.trials == 0 {
            return f.write_str("no trial yet, n = 0");
        }
        let percent = |rate: f64| rate * 100.0;
        write!(
            f,
            "{}/{} = {:.1} % [{:.1} %, {:.1} %], n = {}",
            self.successes,
            self.trials,
            percent(self.successes as f64 / self.trials as f64),
            percent(self.interval.low),
            percent(self.interval.high),
            self.trials
        )
    }
}

/// What was decided about the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Every deciding requirement holds at its rate.
    Proved,
    /// At least one deciding requirement does not.
    Refuted,
    /// The trials did not settle it.
    Undecided,
    /// A bound that no controller can beat rules it out; no trial ran.
    Rejected,
}

/// A bound that rules a claim out before any trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// Which bound: `reach`, `static_torque`, `rated_speed`, `tool_mount`.
    pub bound: String,
    /// What the scenario needs, in `unit`.
    pub needed: f64,
    /// What the robot has, in `unit`.
    pub available: f64,
    /// The unit of both; empty for a count.
    pub unit: String,
    /// Why no controller can beat it, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

/// One requirement's line in the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequirementVerdict {
    /// What was required.
    pub requirement: Requirement,
    /// Its part in the error, and whether it decides.
    pub share: Share,
    /// What was seen. Each end of the interval holds at confidence 1 − `share.alpha`, at all numbers of trials together under
    /// a sequential rule; under a fixed rule it is Wilson's two-sided interval at 1 − `share.alpha`.
    pub rate: Rate,
    /// What the trials settled, if anything.
    pub settled: Option<Settled>,
    /// After how many trials.
    pub settled_after: Option<u64>,
}

/// The verdict on one claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Digest of the claim this is about.
    pub claim: Digest,
    /// The robot's model.
    pub robot: Subject,
    /// The job.
    pub scenario: Subject,
    /// How the robot did it.
    pub solution: Subject,
    /// The engine whose physics decided.
    pub engine: String,
    /// What was decided.
    pub decision: Decision,
    /// The bound, if the claim was rejected.
    pub rejection: Option<Rejection>,
    /// Whether the seed was chosen by hand.
    pub exploratory: bool,
    /// The confidence of the whole claim.
    pub confidence: f64,
    /// Trials that count.
    pub trials: u64,
    /// How many were allowed, and when a run ends.
    pub rule: TrialRule,
    /// Trials with a recorded failure.
    pub failures: u64,
    /// One line per requirement, in the claim's order.
    pub requirements: Vec<RequirementVerdict>,
    /// Every metric summarized; these decide nothing.
    pub metrics: BTreeMap<String, MetricSummary>,
}

impl Verdict {
    /// The verdict on a claim that a bound rules out.
    #[must_use]
    pub fn rejected(claim: &Claim, rejection: Rejection) -> Self {
        Self { decision: Decision::Rejected, rejection: Some(rejection), ..verdict(claim, &[]) }
    }
}

/// The verdict after `outcomes`, which are the trials from index 0 on, in order.
#[must_use]
pub fn verdict(claim: &Claim, outcomes: &[Outcome]) -> Verdict {
    let mut judge = Judge::new(claim);
    for outcome in outcomes {
        judge.take(outcome);
    }
    judge.verdict(outcomes)
}

impl TrialRule {
    /// The interval shown for `successes` of `trials`: the one that decides under this rule.
    fn bounds(self, successes: u64, trials: u64, alpha: f64) -> Interval {
        match self {
            _ if trials == 0 => ANYTHING,
            Self::Sequential { .. } => rate_bounds(successes, trials, alpha),
            Self::Fixed { .. } => wilson(successes, trials, 1.0 - alpha),
        }
    }
}

#[derive(Clone)]
struct Tally {
    name: String,
    share: Share,
    successes: u64,
    settled: Option<(Settled, u64)>,
    bounds_when_settled: Interval,
}

const ANYTHING: Interval = Interval { low: 0.0, high: 1.0 };

/// Takes outcomes one by one, in index order, and knows when the verdict is settled.
#[derive(Clone)]
pub struct Judge<'a> {
    claim: &'a Claim,
    tallies: Vec<Tally>,
    trials: u64,
}

impl<'a> Judge<'a> {
    /// A judge that has seen nothing yet.
    #[must_use]
    pub fn new(claim: &'a Claim) -> Self {
        let tally = |(requirement, share): (&Requirement, Share)| Tally {
            name: requirement.name(),
            share,
            successes: 0,
            settled: None,
            bounds_when_settled: ANYTHING,
        };
        Self { claim, tallies: claim.requirements.iter().zip(claim.shares()).map(tally).collect(), trials: 0 }
    }

    /// Takes the next outcome. A requirement once settled stays settled: its error bound covers the first time only.
    ///
    /// # Panics
    /// If the outcome is not the next one: order is part of the evidence.
    pub fn take(&mut self, outcome: &Outcome) {
        assert_eq!(outcome.index, self.trials, "outcomes are judged in index order");
        self.trials += 1;
        for (tally, requirement) in self.tallies.iter_mut().zip(&self.claim.requirements) {
            tally.successes += u64::from(outcome.passed.get(&tally.name).copied().unwrap_or(false));
            let (rate, alpha) = (requirement.rate_at_least, tally.share.alpha);
            if tally.settled.is_some() {
                continue;
            }
            let now = match self.claim.trials {
                TrialRule::Sequential { .. } => settles(tally.successes, self.trials, rate, alpha),
                TrialRule::Fixed { trials } if trials == self.trials => settles_fixed(tally.successes, trials, rate, alpha),
                TrialRule::Fixed { .. } => None,
            };
            tally.settled = now.map(|settled| (settled, self.trials));
            if now.is_some() {
                tally.bounds_when_settled = self.claim.trials.bounds(tally.successes, self.trials, alpha);
            }
        }
    }

    /// What is decided so far.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let mut deciding = self.tallies.iter().filter(|t| t.share.decides).map(|t| t.settled.map(|s| s.0)).peekable();
        let some = deciding.peek().is_some();
        let (mut proved, mut refuted) = (true, false);
        for settled in deciding {
            proved &= settled == Some(Settled::Proved);
            refuted |= settled == Some(Settled::Refuted);
        }
        if refuted {
            Decision::Refuted
        } else if proved && some {
            Decision::Proved
        } else {
            Decision::Undecided
        }
    }

    /// Whether the run ends here: the decision stands, or the trial limit is reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let decided = matches!(self.claim.trials, TrialRule::Sequential { .. }) && self.decision() != Decision::Undecided;
        decided || self.trials >= self.claim.trials.most()
    }

    /// Trials taken so far.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The running lines, one per requirement.
    #[must_use]
    pub fn requirements(&self) -> Vec<RequirementVerdict> {
        let line = |(tally, requirement): (&Tally, &Requirement)| {
            let now = self.claim.trials.bounds(tally.successes, self.trials, tally.share.alpha);
            let then = tally.bounds_when_settled;
            // Bounds that hold at all times together may be intersected; so a settled line never shows an open interval.
            let interval = if now.overlaps(&then) { now.intersection(&then) } else { then };
            RequirementVerdict {
                requirement: requirement.clone(),
                share: tally.share,
                rate: Rate { successes: tally.successes, trials: self.trials, interval },
                settled: tally.settled.map(|s| s.0),
                settled_after: tally.settled.map(|s| s.1),
            }
        };
        self.tallies.iter().zip(&self.claim.requirements).map(line).collect()
    }

    /// The verdict so far; `outcomes` are those taken, for the summary of metrics.
    #[must_use]
    pub fn verdict(&self, outcomes: &[Outcome]) -> Verdict {
        let claim = self.claim;
        Verdict {
            claim: claim.digest(),
            robot: claim.robot.clone(),
            scenario: claim.scenario.clone(),
            solution: claim.solution.clone(),
            engine: claim.engine.clone(),
            decision: self.decision(),
            rejection: None,
            exploratory: claim.exploratory(),
            confidence: claim.confidence(),
            trials: self.trials,
            rule: claim.trials,
            failures: outcomes.iter().filter(|o| o.failure.is_some()).count() as u64,
            requirements: self.requirements(),
            metrics: summarize(outcomes.iter().map(|o| &o.metrics)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;
    use alloc::string::ToString;
    use leitai_math::Seed;

    fn outcome(claim: &Claim, index: u64, good: &[bool]) -> Outcome {
        let metrics = claim
            .requirements
            .iter()
            .zip(good)
            .map(|(r, &good)| (r.predicate.metric.clone(), if good { 1.0 } else { 0.0 }))
            .collect();
        Outcome::new(index, claim.seed_root().trial(index), metrics, None, None, &claim.requirements)
    }

    /// Runs the claim on independent successes with these true rates, looking after every trial, as the schedule does.
    fn play(claim: &Claim, rates: &[f64], run: u64) -> Verdict {
        let mut draw = Seed::from_number(run).stream("play");
        let mut judge = Judge::new(claim);
        while !judge.is_over() {
            let good: Vec<_> = rates.iter().map(|&rate| draw.chance(rate)).collect();
            judge.take(&outcome(claim, judge.trials(), &good));
        }
        judge.verdict(&[])
    }

    #[test]
    fn proved_needs_every_deciding_requirement() {
        let claim = claim(&[("a", 0.9), ("b", 0.9), ("tight", 0.999)], 300);
        assert_eq!(play(&claim, &[1.0, 1.0, 0.9], 1).decision, Decision::Proved);
        assert_eq!(play(&claim, &[1.0, 0.3, 1.0], 1).decision, Decision::Refuted);
        assert_eq!(play(&claim, &[1.0, 0.9, 1.0], 1).decision, Decision::Undecided);
    }

    #[test]
    fn a_proved_line_lies_above_its_threshold() {
        let claim = claim(&[("a", 0.9), ("b", 0.8)], 400);
        for run in 0..40 {
            for line in play(&claim, &[0.97, 0.8], run).requirements {
                let (low, high) = (line.rate.interval.low, line.rate.interval.high);
                match line.settled {
                    Some(Settled::Proved) => assert!(low > line.requirement.rate_at_least),
                    Some(Settled::Refuted) => assert!(high < line.requirement.rate_at_least),
                    None => assert!(low <= line.requirement.rate_at_least && line.requirement.rate_at_least <= high),
                }
            }
        }
    }

    /// The promise of the whole claim: with three requirements, watched after every trial and stopped at the first chance, at
    /// most 5 % of verdicts are false. Worst cases: every rate exactly at its threshold (the claim is true, *refuted* is
    /// false), and one rate just below with the others perfect (*proved* is false).
    #[test]
    fn false_verdicts_stay_below_five_percent_under_peeking() {
        let claim = claim(&[("a", 0.9), ("b", 0.9), ("c", 0.8)], 300);
        let runs = 500;
        let count = |rates: &[f64], wrong| (0..runs).filter(|&run| play(&claim, rates, run).decision == wrong).count();
        let refuted = count(&[0.9, 0.9, 0.8], Decision::Refuted);
        let proved = count(&[0.899_999, 1.0, 1.0], Decision::Proved);
        assert!(refuted * 20 <= runs as usize, "{refuted} false refutations in {runs} runs");
        assert!(proved * 20 <= runs as usize, "{proved} false proofs in {runs} runs");
    }

    #[test]
    fn a_fixed_run_is_judged_once_at_its_end() {
        let mut claim = claim(&[("a", 0.95)], 100);
        claim.trials = TrialRule::Fixed { trials: 100 };
        let all: Vec<_> = (0..100).map(|i| outcome(&claim, i, &[true])).collect();
        assert_eq!(verdict(&claim, &all[..99]).decision, Decision::Undecided);
        assert_eq!(verdict(&claim, &all).decision, Decision::Proved);
        let one_missed: Vec<_> = (0..100).map(|i| outcome(&claim, i, &[i != 50])).collect();
        assert_eq!(verdict(&claim, &one_missed).decision, Decision::Undecided);
    }

    #[test]
    fn a_rate_is_never_printed_bare() {
        let interval = crate::statistic::mixture_interval(90, 100, 0.95);
        let rate = Rate { successes: 90, trials: 100, interval };
        assert_eq!(rate.to_string(), "90/100 = 90.0 % [77.2 %, 97.1 %], n = 100");
        assert_eq!(Rate { trials: 0, successes: 0, interval }.to_string(), "no trial yet, n = 0");
    }

    #[test]
    fn every_sentence_names_robot_solution_and_version() {
        let claim = claim(&[("a", 0.9)], 30);
        let proved: Vec<_> = (0..30).map(|i| outcome(&claim, i, &[true])).collect();
        let refuted: Vec<_> = (0..30).map(|i| outcome(&claim, i, &[false])).collect();
        let bound = Rejection {
            bound: "reach".to_string(),
            needed: 1.9,
            available: 0.85,
            unit: "m".to_string(),
            en: "the nearest pallet position is out of reach".to_string(),
            zh: "最近的码垛位置超出臂展".to_string(),
        };
        let verdicts = [
            verdict(&claim, &proved[..3]),
            verdict(&claim, &proved),
            verdict(&claim, &refuted),
            Verdict::rejected(&claim, bound),
        ];
        for verdict in &verdicts {
            for language in [Language::En, Language::Zh] {
                let sentence = verdict.sentence(language);
                for part in ["pendulum", "energy-shaping", "swing-up", "leitai 0.1.0", &claim.robot.digest.short()] {
                    assert!(sentence.contains(part), "{sentence}");
                }
                let says_cannot = sentence.contains("cannot") || sentence.contains("无法完成");
                assert_eq!(says_cannot, verdict.decision == Decision::Rejected, "{sentence}");
            }
        }
    }
}
