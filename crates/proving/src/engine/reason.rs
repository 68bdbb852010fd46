//! Why a claim was refuted: the failed trials again, each time with one limit lifted.
//!
//! A reason is a counterfactual, never a guess: "with the joint torque limits lifted, the same seeds pass".

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::parallel::parallel;
use super::{Case, ProveError, Runner};
use crate::arms::passes;
use crate::outcome::Outcome;
use crate::report::Text;
use crate::trial::cell::Cell;
use crate::trial::relax::Relaxation;

/// Failed trials that are run again.
pub const TRIALS: usize = 2;

/// What lifting one limit did to trials that had failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The limit.
    pub relaxed: Relaxation,
    /// The trials run again, by index; all had failed.
    pub trials: Vec<u64>,
    /// Those that passed every deciding requirement then.
    pub passed: Vec<u64>,
}

impl Reason {
    /// Whether this limit is what stopped all of them.
    #[must_use]
    pub fn explains(&self) -> bool {
        !self.trials.is_empty() && self.passed.len() == self.trials.len()
    }

    /// In words.
    #[must_use]
    pub fn text(&self) -> Text {
        let (zh, en) = match self.relaxed {
            Relaxation::JointTorque => ("关节力矩上限", "the joint torque limits"),
            Relaxation::JointSpeed => ("关节速度上限", "the joint speed limits"),
            Relaxation::GripForce => ("夹持力上限", "the grip force"),
            Relaxation::Measurement => ("位姿测量误差", "the error of the measured poses"),
        };
        let (n, k) = (self.trials.len(), self.passed.len());
        Text::new(
            format!("仅放开{zh}：同样种子的 {n} 次失败试验中 {k} 次通过"),
            format!("With only {en} lifted, {k} of the same {n} failed trials pass"),
        )
    }
}

/// Runs the first failed trials again with each limit lifted in turn, until one limit explains them all.
///
/// Nothing to explain gives no reasons. `done` is told how many trials are finished, of at most how many.
///
/// # Errors
/// If a trial could not be run, or `stop` was set.
pub fn reasons(
    case: &Case,
    outcomes: &[Outcome],
    jobs: usize,
    stop: &AtomicBool,
    done: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Reason>, ProveError> {
    let failed: Vec<u64> = outcomes.iter().filter(|o| !passes(&case.claim, o)).map(|o| o.index).take(TRIALS).collect();
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let most = (failed.len() * Relaxation::ALL.len()) as u64;
    let mut found = Vec::new();
    for (k, relaxed) in Relaxation::ALL.into_iter().enumerate() {
        let packages = Arc::new(relaxed.packages(&case.packages));
        // A cell that cannot be put together without its limit says nothing about it.
        let Ok(cell) = Cell::new(&packages, &case.claim.parameters, case.claim.dt_s) else { continue };
        let runner = Runner {
            cell: Arc::new(cell),
            requirements: case.claim.requirements.clone(),
            root: case.claim.seed_root(),
            arm: relaxed.arm(),
        };
        let before = (k * failed.len()) as u64;
        let ran = parallel(jobs, failed.len(), stop, |i| runner.watched(failed[i], &mut ()), |n| done(before + n as u64, most));
        let again = ran.ok_or(ProveError::Stopped)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let passed = again.iter().filter(|o| passes(&case.claim, o)).map(|o| o.index).collect();
        found.push(Reason { relaxed, trials: failed.clone(), passed });
        if found.last().is_some_and(Reason::explains) {
            break;
        }
    }
    Ok(found)
}
