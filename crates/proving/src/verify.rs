//! Believing nothing in a bundle that can be computed again.
//!
//! [`verify`] checks, in this order: every digest and the signature; that the packages inside, with the acceptance file if there
//! is one, make exactly the stated claim;
//! that every seed follows from that claim; that the verdict and the end of the run follow from the outcomes; and then runs
//! trials and control arms again and compares bits. Whoever re-signs a changed bundle with another key passes the first step only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use leitai_math::Seed;
use serde::Serialize;

use crate::arms::ArmResult;
use crate::bundle::{Bundle, BundleError, Evidence, Members};
use crate::canonical::Digest;
use crate::claim::{Claim, SeedRule};
use crate::envelope::Signer;
use crate::key::TrustStore;
use crate::outcome::{Outcome, judge};
use crate::reason::Reason;
use crate::schedule::{TrialError, TrialRunner, in_order};
use crate::statistic::clopper_pearson;
use crate::verdict::{Decision, Judge, Rate, Rejection, Verdict, verdict};

/// What verification needs from whoever can run trials.
pub trait Engine {
    /// Name and version, as in [`Claim::engine`].
    fn version(&self) -> String;

    /// The claim that these packages make. With an acceptance file everything comes from it and the packages, and only the names of
    /// robot and solution from the `stated` claim where the file leaves them open; without one, its parameters, trial rule, seed, time
    /// step and contact mode too. Requirements and content digests must come from the packages and the file.
    ///
    /// # Errors
    /// If the packages or the file cannot be read, or the file's secret is not what was sealed, in words.
    fn claim(&self, packages: &Members, acceptance: Option<&str>, stated: &Claim) -> Result<Claim, String>;

    /// The bound that rules the claim out before any trial, if there is one.
    ///
    /// # Errors
    /// If it cannot be computed, in words.
    fn rejection(&self, packages: &Members, claim: &Claim) -> Result<Option<Rejection>, String>;

    /// A runner of the claim's trials with seeds under `root`.
    ///
    /// # Errors
    /// If the packages cannot be run, in words.
    fn runner(&self, packages: &Members, claim: &Claim, root: Seed) -> Result<Box<dyn TrialRunner>, String>;

    /// What the control arms did, run again on this evidence's claim; asked only if the evidence has any. `progress` is told how many of
    /// their trials are done, of how many.
    ///
    /// # Errors
    /// If they could not be run, in words.
    fn arms(
        &self,
        evidence: &Evidence,
        jobs: usize,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<ArmResult>, String>;

    /// What lifting one limit at a time does to the failed trials, run again; asked only if the evidence has reasons.
    ///
    /// # Errors
    /// If they could not be run, in words.
    fn reasons(
        &self,
        evidence: &Evidence,
        jobs: usize,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<Reason>, String>;

    /// The logs that belong to this evidence, by file name, made again from the packages; empty if it cannot make any.
    ///
    /// # Errors
    /// If they should have been made and could not be, in words.
    fn logs(&self, evidence: &Evidence) -> Result<Members, String>;
}

/// How much to run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reexecute {
    /// Every trial.
    All,
    /// So many, drawn by the verifier's seed, so that nobody can know beforehand which.
    Sample(u64),
}

/// How to verify.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much to run again.
    pub reexecute: Reexecute,
    /// New trials of the same claim, from the verifier's own seed.
    pub fresh: u64,
    /// The verifier's own seed, for the sample and for fresh trials.
    pub seed: u64,
    /// Threads.
    pub jobs: usize,
}

/// A seed for [`Options`] that nobody could know beforehand. Below 2⁵³, so that every JSON reader keeps it whole.
///
/// # Errors
/// If the system gives no random bytes, in its words.
pub fn own_seed() -> Result<u64, String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(u64::from_le_bytes(bytes) >> 11)
}

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not intact, or signed for something else.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Only the same engine gives the same bits.
    #[error("the bundle was made by {bundle}, and this is {here}; verify it with that version")]
    OtherEngine {
        /// The bundle's engine.
        bundle: String,
        /// This one.
        here: String,
    },
    /// The packages inside say something else than the claim.
    #[error("the packages inside do not make this claim: {0}")]
    Claim(String),
    /// Seeds, judgments or the end of the run do not follow from the claim.
    #[error("the trials do not belong to this claim: {0}")]
    Trials(String),
    /// The stated verdict does not follow from the outcomes.
    #[error("the verdict does not follow from the trials: {0}")]
    Verdict(String),
    /// A trial came out differently.
    #[error("re-execution differs: {0}")]
    Differs(String),
    /// The engine could not run.
    #[error("could not be re-executed: {0}")]
    NotRun(String),
    /// Someone asked to stop.
    #[error("stopped before all trials were re-executed; nothing was decided about the bundle")]
    Interrupted,
}

impl From<TrialError> for Refusal {
    fn from(error: TrialError) -> Self {
        Self::NotRun(error.to_string())
    }
}

/// What was found out about a bundle that was not refused.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// The bundle digest.
    pub bundle: Digest,
    /// Who signed it, and whether the verifier trusts that key.
    pub signer: Signer,
    /// The verdict, computed again.
    pub verdict: Verdict,
    /// Trials run again with the same bits.
    pub reexecuted: u64,
    /// Trials of control arms run again with the same result.
    pub arms: u64,
    /// Logs made again with the same bytes.
    pub logs_recreated: Vec<String>,
    /// Logs that were taken on trust.
    pub logs_trusted: Vec<String>,
    /// New trials, if any were asked for.
    pub fresh: Option<Fresh>,
}

/// What fresh trials say about the bundle.
///
/// For each requirement the exact (Clopper–Pearson) interval of the fresh trials, at 99 % for all requirements together, is
/// compared with the bundle's interval. They agree if the two share a rate: honest evidence fails this in at most 1 % of
/// verifications plus the claim's own error, however the bundle's run was stopped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fresh {
    /// The verifier's seed.
    pub seed: u64,
    /// How many ran.
    pub trials: u64,
    /// One line per requirement, in the claim's order.
    pub requirements: Vec<FreshRequirement>,
    /// Whether every line agrees.
    pub agrees: bool,
}

/// One requirement in the bundle and in fresh trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FreshRequirement {
    /// The predicate's text.
    pub name: String,
    /// What the bundle says.
    pub bundle: Rate,
    /// What the fresh trials say.
    pub fresh: Rate,
    /// Whether the two intervals share a rate.
    pub agrees: bool,
}

/// Verifies an intact bundle. `progress` is told how many trials are done, of how many.
///
/// # Errors
/// The first thing that does not hold, with what differs.
pub fn verify(
    bundle: &Bundle,
    engine: &dyn Engine,
    trust: &TrustStore,
    options: &Options,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verification, Refusal> {
    let evidence = &bundle.evidence;
    let signer = bundle.signer(trust)?;
    if evidence.claim.engine != engine.version() {
        return Err(Refusal::OtherEngine { bundle: evidence.claim.engine.clone(), here: engine.version() });
    }
    let acceptance = evidence.acceptance.as_deref();
    if acceptance.is_none() && matches!(evidence.claim.seed, SeedRule::Sealed { .. }) {
        return Err(Refusal::Claim("its seed was sealed, and there is no acceptance.toml that reveals the secret".to_string()));
    }
    let claim = engine.claim(&evidence.packages, acceptance, &evidence.claim).map_err(Refusal::Claim)?;
    let makers = if acceptance.is_some() { "the packages with acceptance.toml" } else { "the packages" };
    if let Some(difference) = claim.difference(&evidence.claim, makers, "claim.json") {
        return Err(Refusal::Claim(difference));
    }
    check_trials(evidence)?;
    let rejection = engine.rejection(&evidence.packages, &claim).map_err(Refusal::NotRun)?;
    check_verdict(evidence, rejection)?;

    let sample = sample(evidence.outcomes.len() as u64, options);
    // A rejection rests on a bound; there are no trials to compare fresh ones with.
    let fresh_trials = if evidence.verdict.decision == Decision::Rejected { 0 } else { options.fresh };
    let total = sample.len() as u64 + fresh_trials;
    let mut done = 0;
    if !sample.is_empty() {
        let runner = engine.runner(&evidence.packages, &claim, claim.seed_root()).map_err(Refusal::NotRun)?;
        run_all(&*runner, &sample, options.jobs, stop, &mut |again| {
            let stated = &evidence.outcomes[again.index as usize];
            if let Some(difference) = stated.difference(&again, "the bundle", "re-execution") {
                return Err(Refusal::Differs(difference));
            }
            done += 1;
            progress(done, total);
            Ok(())
        })?;
    }
    let mut on_arms = |arms_done, of| progress(done + arms_done, total + of);
    let arms = match evidence.controls.is_empty() {
        true => Vec::new(),
        false => engine.arms(evidence, options.jobs, stop, &mut on_arms).map_err(Refusal::NotRun)?,
    };
    check_arms(evidence, &arms)?;
    let arms: u64 = arms.iter().map(|arm| arm.trials).sum();
    if !evidence.reasons.is_empty() {
        let mut on_reasons = |reasons_done, of| progress(done + arms + reasons_done, total + arms + of);
        let again = engine.reasons(evidence, options.jobs, stop, &mut on_reasons).map_err(Refusal::NotRun)?;
        if evidence.reasons != again {
            return Err(Refusal::Differs("lifting limits gives other reasons than the bundle states".to_string()));
        }
    }
    let (logs_recreated, logs_trusted) = check_logs(evidence, engine)?;
    let fresh = match fresh_trials {
        0 => None,
        trials => {
            let runner = engine.runner(&evidence.packages, &claim, claim.fresh_root(options.seed)).map_err(Refusal::NotRun)?;
            let indices: Vec<u64> = (0..trials).collect();
            let mut outcomes = Vec::new();
            run_all(&*runner, &indices, options.jobs, stop, &mut |outcome| {
                outcomes.push(outcome);
                progress(sample.len() as u64 + arms + outcomes.len() as u64, total + arms);
                Ok(())
            })?;
            Some(judge_fresh(&evidence.verdict, &outcomes, options.seed))
        }
    };
    let reexecuted = sample.len() as u64;
    let (bundle, verdict) = (bundle.digest(), evidence.verdict.clone());
    Ok(Verification { bundle, signer, verdict, reexecuted, arms, logs_recreated, logs_trusted, fresh })
}

/// That every outcome has this claim's seed and judgment, and that the run ended where its rule says.
fn check_trials(evidence: &Evidence) -> Result<(), Refusal> {
    let claim = &evidence.claim;
    let root = claim.seed_root();
    let wrong = |what: String| Err(Refusal::Trials(what));
    let mut judged = Judge::new(claim);
    for outcome in &evidence.outcomes {
        let index = outcome.index;
        if judged.is_over() {
            return wrong(format!("the run was over after {} trials and goes on", judged.trials()));
        }
        if outcome.seed.0 != root.trial(index).0 {
            return wrong(format!("the seed of trial {index} does not follow from the claim"));
        }
        if outcome.passed != judge(&claim.requirements, &outcome.metrics) {
            return wrong(format!("what trial {index} passed does not follow from its metrics"));
        }
        judged.take(outcome);
    }
    if evidence.verdict.decision != Decision::Rejected && !judged.is_over() {
        return wrong(format!("the run stops after {} trials, before its rule allows", judged.trials()));
    }
    Ok(())
}

fn check_verdict(evidence: &Evidence, rejection: Option<Rejection>) -> Result<(), Refusal> {
    let stated = &evidence.verdict;
    let computed = match rejection {
        Some(rejection) => Verdict::rejected(&evidence.claim, rejection),
        None => verdict(&evidence.claim, &evidence.outcomes),
    };
    if *stated == computed && (computed.decision != Decision::Rejected || evidence.outcomes.is_empty()) {
        return Ok(());
    }
    let word = |v: &Verdict| v.decision.word(crate::verdict::Language::En);
    Err(Refusal::Verdict(if stated.decision != computed.decision {
        format!("the bundle says {}, and it computes to {}", word(stated), word(&computed))
    } else {
        let lines = stated.requirements.iter().zip(&computed.requirements);
        match lines.into_iter().find(|(a, b)| a != b) {
            Some((a, b)) => format!("requirement `{}` stands at {}, and computes to {}", a.requirement.name(), a.rate, b.rate),
            None => "its summary or its bound differs from the computed one".to_string(),
        }
    }))
}

/// That every control arm did what the bundle says.
fn check_arms(evidence: &Evidence, again: &[ArmResult]) -> Result<(), Refusal> {
    let differs = |what: String| Err(Refusal::Differs(what));
    if evidence.controls.len() != again.len() {
        return differs(format!("the bundle has {} control arms, and re-execution {}", evidence.controls.len(), again.len()));
    }
    match evidence.controls.iter().zip(again).find(|(stated, again)| stated != again) {
        Some((stated, again)) => differs(format!(
            "control arm {:?} passed {} of {} trials in the bundle and {} of {} in re-execution, or moved otherwise",
            stated.control, stated.passed, stated.trials, again.passed, again.trials
        )),
        None => Ok(()),
    }
}

fn check_logs(evidence: &Evidence, engine: &dyn Engine) -> Result<(Vec<String>, Vec<String>), Refusal> {
    if evidence.logs.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let made = engine.logs(evidence).map_err(Refusal::NotRun)?;
    let (mut recreated, mut trusted) = (Vec::new(), Vec::new());
    for (name, bytes) in &evidence.logs {
        match made.get(name) {
            Some(again) if again == bytes => recreated.push(name.clone()),
            Some(_) => return Err(Refusal::Differs(format!("log `{name}` is not the motion that its trial gives"))),
            None => trusted.push(name.clone()),
        }
    }
    Ok((recreated, trusted))
}

/// The trials to run again, in order.
fn sample(trials: u64, options: &Options) -> Vec<u64> {
    match options.reexecute {
        Reexecute::Sample(wanted) if wanted < trials => {
            let mut draw = Seed::from_number(options.seed).stream("trials to run again");
            // Floyd's method: every subset of this size is equally likely.
            let mut chosen = BTreeSet::new();
            for last in trials - wanted..trials {
                let pick = draw.below(last + 1);
                if !chosen.insert(pick) {
                    chosen.insert(last);
                }
            }
            chosen.into_iter().collect()
        }
        _ => (0..trials).collect(),
    }
}

/// Runs exactly these trials and hands on their outcomes in order.
pub(crate) fn run_all(
    runner: &dyn TrialRunner,
    indices: &[u64],
    jobs: usize,
    stop: &AtomicBool,
    each: &mut dyn FnMut(Outcome) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut done = 0;
    let mut refusal = None;
    in_order::<Refusal>(
        runner,
        indices,
        BTreeMap::new(),
        jobs,
        stop,
        |_| Ok(()),
        |outcome| {
            done += 1;
            match each(outcome) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    refusal = Some(error);
                    ControlFlow::Break(())
                }
            }
        },
    )?;
    match refusal {
        Some(refusal) => Err(refusal),
        None if done < indices.len() => Err(Refusal::Interrupted),
        None => Ok(()),
    }
}

fn judge_fresh(verdict: &Verdict, outcomes: &[Outcome], seed: u64) -> Fresh {
    let trials = outcomes.len() as u64;
    let confidence = 1.0 - 0.01 / verdict.requirements.len().max(1) as f64;
    let requirements: Vec<_> = verdict
        .requirements
        .iter()
        .map(|line| {
            let name = line.requirement.name();
            let successes = outcomes.iter().filter(|o| o.passed.get(&name) == Some(&true)).count() as u64;
            let fresh = Rate { successes, trials, interval: clopper_pearson(successes, trials, confidence) };
            FreshRequirement { agrees: fresh.interval.overlaps(&line.rate.interval), name, bundle: line.rate, fresh }
        })
        .collect();
    Fresh { seed, trials, agrees: requirements.iter().all(|r| r.agrees), requirements }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_its_size_and_follows_the_verifier() {
        let options = |seed, n| Options { reexecute: Reexecute::Sample(n), fresh: 0, seed, jobs: 1 };
        for n in [0, 1, 5, 99, 100, 1000] {
            let chosen = sample(100, &options(3, n));
            assert_eq!(chosen.len() as u64, n.min(100));
            assert!(chosen.windows(2).all(|w| w[0] < w[1]) && chosen.iter().all(|&i| i < 100));
        }
        assert_eq!(sample(100, &options(3, 5)), sample(100, &options(3, 5)));
        assert_ne!(sample(100, &options(3, 5)), sample(100, &options(4, 5)));
    }
}
