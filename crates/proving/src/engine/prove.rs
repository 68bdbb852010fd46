//! From a claim to sealed evidence: trials, control arms, one file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::controls::controls;
use super::reason::reasons;
use super::record::{Recorded, log_name, record};
use super::{Case, CaseError};
use crate::bundle::{Evidence, Host, WriteError};
use crate::canonical::Digest;
use crate::journal::{Journal, JournalError};
use crate::key::SecretKey;
use crate::plan::Plan;
use crate::report::fill::{self, Source};
use crate::report::{Data, Report, Signature, render};
use crate::schedule::{Progress, Run, RunError, TrialError, run};
use crate::trial::Arm;
use crate::verdict::{Decision, Verdict};

/// How to prove. Nothing here reaches the evidence.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Threads.
    pub jobs: usize,
    /// File that remembers finished trials; none to remember nothing.
    pub journal: Option<&'a Path>,
    /// Whether to continue that journal instead of starting it anew.
    pub resume: bool,
    /// Whether to run the control arms too, and the failed trials of a refuted claim with limits lifted.
    pub controls: bool,
    /// Set it, from anywhere, to stop after the trials under way.
    pub stop: &'a AtomicBool,
}

/// What is going on, for whoever watches the run.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// A trial was judged.
    Trial(&'a Progress),
    /// So many notable trials were run again and logged, of how many.
    Log(u64, u64),
    /// So many trials of control arms are done, of how many.
    Control(u64, u64),
    /// So many failed trials were run again with a limit lifted, of at most how many.
    Reason(u64, u64),
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The case cannot be opened.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The run did not end.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A control arm or a logged trial could not be run.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// Someone asked to stop after the last trial.
    #[error(
        "stopped after the last trial and before the evidence was written; the same command with --resume goes on from there"
    )]
    Stopped,
}

/// A settled claim.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What was claimed, about what.
    pub case: Case,
    /// What could be expected before the run.
    pub plan: Plan,
    /// The worst, the median and the best trial, looked at.
    pub recorded: Vec<Recorded>,
    /// What people look at. It is in the evidence as a page.
    pub report: Report,
    /// The evidence: packages, claim, outcomes, verdict, control arms, logs.
    pub evidence: Evidence,
}

/// Settles a claim: by its bound if one rules it out, else by trials until the verdict stands.
///
/// # Errors
/// If a trial cannot be run, the journal cannot be used, or someone asked to stop.
pub fn prove(case: &Case, options: &Options, progress: &mut dyn FnMut(Stage)) -> Result<Proof, ProveError> {
    let (started, began) = (SystemTime::now(), Instant::now());
    let claim = &case.claim;
    let runner = case.runner(claim.seed_root(), Arm::Solution);
    let (outcomes, verdict) = match (&case.rejection, &runner) {
        (Some(rejection), _) => (Vec::new(), Verdict::rejected(claim, rejection.clone())),
        (None, Some(runner)) => {
            let mut journal = match (options.journal, options.resume) {
                (None, _) => None,
                (Some(path), true) => Some(Journal::resume(path, claim)?),
                (Some(path), false) => Some(Journal::create(path, claim)?),
            };
            let mut on_trial = |p: &Progress| progress(Stage::Trial(p));
            let Run { outcomes, verdict } = run(claim, runner, options.jobs, journal.as_mut(), options.stop, &mut on_trial)?;
            (outcomes, verdict)
        }
        (None, None) => unreachable!("a case without a cell carries its rejection"),
    };
    let mut on_log = |done, of| progress(Stage::Log(done, of));
    let recorded = match &runner {
        Some(runner) => record(case, runner, &outcomes, options.jobs, options.stop, &mut on_log)?,
        None => Vec::new(),
    };
    let mut on_control = |done, of| progress(Stage::Control(done, of));
    let controls = match options.controls {
        true => controls(case, verdict.decision, options.jobs, options.stop, &mut on_control)?,
        false => Vec::new(),
    };
    let mut on_reason = |done, of| progress(Stage::Reason(done, of));
    let reasons = match options.controls && verdict.decision == Decision::Refuted {
        true => reasons(case, &outcomes, options.jobs, options.stop, &mut on_reason)?,
        false => Vec::new(),
    };
    let host = Host {
        started: rfc3339(started),
        wall_s: began.elapsed().as_secs_f64(),
        machine: machine(),
        jobs: u32::try_from(options.jobs).unwrap_or(u32::MAX),
    };
    let mut evidence = Evidence {
        packages: case.packages.files.clone(),
        claim: claim.clone(),
        acceptance: case.acceptance.as_ref().map(|acceptance| acceptance.text.clone()),
        outcomes,
        verdict,
        controls,
        reasons,
        logs: recorded.iter().map(|r| (log_name(r.trial), r.log.clone())).collect(),
        report_html: None,
        host: Some(host),
    };
    let plan = case.plan();
    let source = Source { case, plan: &plan, evidence: &evidence, recorded: &recorded };
    let report = fill::report(&source);
    evidence.report_html = Some(render(&Data::Report(Box::new(report.clone()))).into_bytes());
    Ok(Proof { case: case.clone(), plan, recorded, report, evidence })
}

impl Proof {
    /// Writes the bundle, signed if there is a key, and gives its digest; see [`Evidence::write`]. The page inside says who signed.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn seal(&self, path: &Path, key: Option<&SecretKey>) -> Result<Digest, WriteError> {
        match key {
            Some(key) => self.signed_by(key).write(path, Some(key)),
            None => self.evidence.write(path, None),
        }
    }

    /// The evidence as `key` is about to sign it: the page inside says who signed.
    #[must_use]
    pub fn signed_by(&self, key: &SecretKey) -> Evidence {
        let mut report = self.report.clone();
        // The page goes where nobody knows whose keys its reader trusts.
        let id = key.public().id();
        report.signature =
            Some(Signature { signer: format!("ed25519 {}", &id[..16]), key: format!("sha256:{id}"), trusted: false });
        let page = render(&Data::Report(Box::new(report))).into_bytes();
        Evidence { report_html: Some(page), ..self.evidence.clone() }
    }
}

fn machine() -> BTreeMap<String, String> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    [("system", std::env::consts::OS), ("processor", std::env::consts::ARCH), ("threads", &threads.to_string())]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into()
}

/// A time as `2026-11-22T12:00:00Z`.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut day, clock) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", month + 1, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// `date -u -d @1709210096` and its like say so; the second lies on a leap day.
    #[test]
    fn times_are_those_of_the_calendar() {
        let text = |seconds| rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(text(4_102_444_799), "2099-12-31T23:59:59Z");
    }
}
