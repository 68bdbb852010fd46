//! Running the control arms: the same actuators, cells and seeds, another hand at the controls.

use std::sync::atomic::AtomicBool;

use super::parallel::parallel;
use super::{Case, ProveError};
use crate::arms::{ArmResult, Control};
use crate::trial::Arm;
use crate::verdict::Decision;

/// Trials of each arm: enough to refute 90 % even with one lucky trial.
pub const TRIALS: usize = 4;

/// Runs every control arm on the first trials of a claim that came out as `decision`. No arm runs on a rejected claim. `done` is
/// told how many trials are finished, of how many.
///
/// # Errors
/// If a trial could not be run, or `stop` was set.
pub fn controls(
    case: &Case,
    decision: Decision,
    jobs: usize,
    stop: &AtomicBool,
    done: &mut dyn FnMut(u64, u64),
) -> Result<Vec<ArmResult>, ProveError> {
    if decision == Decision::Rejected {
        return Ok(Vec::new());
    }
    let root = case.claim.seed_root();
    let arm = |control| match control {
        Control::NullHold => Arm::Hold,
        Control::NullBlind => Arm::Blind,
        Control::Oracle => Arm::Oracle,
    };
    let runners: Vec<_> = Control::ALL.iter().filter_map(|control| case.runner(root, arm(*control))).collect();
    let count = runners.len() * TRIALS;
    let ran = parallel(
        jobs,
        count,
        stop,
        |i| runners[i / TRIALS].watched((i % TRIALS) as u64, &mut ()),
        |finished| done(finished as u64, count as u64),
    );
    let outcomes = ran.ok_or(ProveError::Stopped)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    let judged = outcomes.chunks(TRIALS).zip(Control::ALL);
    Ok(judged.map(|(own, control)| ArmResult::new(control, &case.claim, decision, own)).collect())
}
