//! Running failed trials again, each time with one limit lifted.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::parallel::parallel;
use super::{Case, ProveError, Runner};
use crate::arms::passes;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::trial::cell::Cell;
use crate::trial::relax::Relaxation;

/// Failed trials that are run again.
pub const TRIALS: usize = 2;

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
    let limits = Relaxation::of(&case.packages);
    let most = (failed.len() * limits.len()) as u64;
    let mut found = Vec::new();
    for (k, relaxed) in limits.into_iter().enumerate() {
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
