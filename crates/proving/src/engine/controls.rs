//! Control arms: whoever does nothing must fail, and whoever sees everything must not do worse than the solution.
//!
//! All arms act through the same actuators on the same cells: the first trials of the claim, with their own seeds. A scenario
//! that a resting arm passes asks for nothing; one in which true poses lose trials that measured poses win is broken.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::parallel::parallel;
use super::{Case, ProveError};
use crate::canonical::Digest;
use crate::outcome::Outcome;
use crate::trial::Arm;

/// Trials of each arm.
pub const TRIALS: u64 = 4;

/// A control arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Holds its posture.
    NullHold,
    /// Repeats the nominal motion, blind to where things truly are.
    NullBlind,
    /// The solution, told the true poses at once.
    Oracle,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NullHold, Self::NullBlind, Self::Oracle];

    fn arm(self) -> Arm {
        match self {
            Self::NullHold => Arm::Hold,
            Self::NullBlind => Arm::Blind,
            Self::Oracle => Arm::Oracle,
        }
    }
}

/// What one control arm did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmResult {
    /// Which arm.
    pub control: Control,
    /// Digest of each of its outcomes, from trial 0 on.
    pub outcomes: Vec<Digest>,
    /// Whether each passed every requirement that decides.
    pub passed: Vec<bool>,
    /// Whether it did what it must: a null arm passed no trial; the oracle passed at least as many as the solution did.
    pub as_expected: bool,
}

impl ArmResult {
    /// Trials it passed.
    #[must_use]
    pub fn successes(&self) -> u64 {
        self.passed.iter().filter(|passed| **passed).count() as u64
    }
}

/// Runs every control arm on the first trials of the claim; `solution` are the claim's own outcomes. No arms if there is nothing
/// to run. `done` is told how many trials are finished, of how many.
///
/// # Errors
/// If a trial could not be run, or `stop` was set.
pub fn controls(
    case: &Case,
    solution: &[Outcome],
    jobs: usize,
    stop: &AtomicBool,
    done: &mut dyn FnMut(u64, u64),
) -> Result<Vec<ArmResult>, ProveError> {
    let trials = TRIALS.min(solution.len() as u64) as usize;
    let root = case.claim.seed_root();
    let runners: Vec<_> = Control::ALL.iter().filter_map(|c| Some((*c, case.runner(root, c.arm())?))).collect();
    let count = runners.len() * trials;
    let ran = parallel(
        jobs,
        count,
        stop,
        |i| runners[i / trials].1.watched((i % trials) as u64, &mut ()),
        |finished| done(finished as u64, count as u64),
    );
    let outcomes = ran.ok_or(ProveError::Stopped)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    let by_solution = solution[..trials].iter().filter(|o| passes(case, o)).count() as u64;
    let arm = |(k, control): (usize, Control)| {
        let own = &outcomes[k * trials..(k + 1) * trials];
        let passed: Vec<bool> = own.iter().map(|o| passes(case, o)).collect();
        let mut result = ArmResult { control, outcomes: own.iter().map(|o| o.digest).collect(), passed, as_expected: false };
        result.as_expected = match control {
            Control::NullHold | Control::NullBlind => result.successes() == 0,
            Control::Oracle => result.successes() >= by_solution,
        };
        result
    };
    Ok(runners.iter().map(|r| r.0).enumerate().map(arm).collect())
}

/// Whether a trial passed every requirement that decides.
pub(super) fn passes(case: &Case, outcome: &Outcome) -> bool {
    let shares = case.claim.shares();
    let deciding = case.claim.requirements.iter().zip(shares).filter(|(_, share)| share.decides);
    deciding.into_iter().all(|(requirement, _)| outcome.passed.get(&requirement.name()) == Some(&true))
}
