//! Running notable trials once more, with somebody looking on: a log for other tools, a replay for the page.

use std::sync::atomic::AtomicBool;

use super::log::Log;
use super::parallel::parallel;
use super::{Case, ProveError, Runner};
use crate::bundle::Members;
use crate::outcome::{Notable, Outcome, notable};
use crate::report::Role;
use crate::report::fill::Motion;
use crate::report::fill::motion::{JointLimits, MotionRecorder};
use crate::schedule::TrialError;
use crate::trial::{Arm, Frame, Watch};

/// A trial that was looked at.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Which.
    pub trial: u64,
    /// Why.
    pub role: Role,
    /// Its MCAP file.
    pub log: Vec<u8>,
    /// Its replay; none if it never took a step.
    pub motion: Option<Motion>,
}

/// The name of a trial's log in a bundle.
#[must_use]
pub fn log_name(trial: u64) -> String {
    format!("trial-{trial}.mcap")
}

/// The trial a log belongs to.
fn trial_of(log: &str) -> Option<u64> {
    let trial = log.strip_prefix("trial-")?.strip_suffix(".mcap")?.parse().ok()?;
    (log_name(trial) == log).then_some(trial)
}

struct Both<'a>(&'a mut Log, &'a mut MotionRecorder);

impl Watch for Both<'_> {
    fn step(&mut self, frame: &Frame) {
        self.0.step(frame);
        self.1.step(frame);
    }
}

/// The worst, the median and the best trial, each once, run again with somebody looking on.
///
/// # Errors
/// If a trial could not be run, or `stop` was set.
///
/// # Panics
/// If a trial comes out differently than before: then the physics is not a function of its seed, and nothing can be proved.
pub(super) fn record(
    case: &Case,
    runner: &Runner,
    outcomes: &[Outcome],
    jobs: usize,
    stop: &AtomicBool,
    done: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Recorded>, ProveError> {
    let Some(Notable { worst, median, best }) = notable(&case.claim.requirements, outcomes) else { return Ok(Vec::new()) };
    let mut wanted: Vec<(u64, Role)> = Vec::new();
    for (trial, role) in [(worst, Role::Worst), (best, Role::Best), (median, Role::Median)] {
        if wanted.iter().all(|(known, _)| *known != trial) {
            wanted.push((trial, role));
        }
    }
    let robot = &case.packages.robot;
    let limits = &robot.limits;
    let one = |i: usize| -> Result<Recorded, TrialError> {
        let (trial, role) = wanted[i];
        let (mut log, mut motion) = (Log::default(), MotionRecorder::default());
        let outcome = runner.watched(trial, &mut Both(&mut log, &mut motion))?;
        assert_eq!(outcome.difference(&outcomes[trial as usize], "the second run", "the first"), None);
        let limits =
            JointLimits { names: &robot.interface.joints, torque: &limits.torque_nm.value, speed: &limits.speed_rad_s.value };
        Ok(Recorded { trial, role, log: log.finish(&outcome), motion: motion.finish(&outcome, &limits) })
    };
    let of = wanted.len();
    let ran = parallel(jobs, of, stop, one, |finished| done(finished as u64, of as u64)).ok_or(ProveError::Stopped)?;
    let mut recorded = ran.into_iter().collect::<Result<Vec<_>, _>>()?;
    recorded.sort_by_key(|r| match r.role {
        Role::Worst => 0,
        Role::Median => 1,
        _ => 2,
    });
    Ok(recorded)
}

/// The most logs that are made again for a verifier: a bundle has three.
const MOST_LOGS: usize = 16;

/// The logs of these names that belong to trials of the case, made again.
///
/// # Errors
/// If a trial could not be run.
pub(super) fn logs_again(case: &Case, names: &[&String], trials: u64) -> Result<Members, TrialError> {
    let Some(runner) = case.runner(case.claim.seed_root(), Arm::Solution) else { return Ok(Members::new()) };
    let mut logs = Members::new();
    for (name, trial) in names.iter().filter_map(|name| Some((*name, trial_of(name)?))).take(MOST_LOGS) {
        if trial < trials {
            let mut log = Log::default();
            let outcome = runner.watched(trial, &mut log)?;
            logs.insert(name.clone(), log.finish(&outcome));
        }
    }
    Ok(logs)
}
