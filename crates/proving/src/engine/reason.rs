//! Running failed trials again, each time with one limit lifted.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::parallel::parallel;
use super::{Case, ProveError, Runner};
use crate::arms::passes;
use crate::claim::Claim;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::trial::cell::Cell;
use crate::trial::relax::Relaxation;

/// Failed trials that are run again.
pub const TRIALS: usize = 2;

/// Runs the first failed trials again with each limit lifted in turn, then two of the parts', until one run explains them all.
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
    let first: Vec<&Outcome> = outcomes.iter().filter(|o| !passes(&case.claim, o)).take(TRIALS).collect();
    let failed: Vec<u64> = first.iter().map(|o| o.index).collect();
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let limits = Relaxation::tried(&case.packages);
    let most = (failed.len() * limits.len()) as u64;
    let mut found = Vec::new();
    for (k, (relaxed, also)) in limits.into_iter().enumerate() {
        let one = relaxed.packages(&case.packages);
        let packages = Arc::new(match also {
            Some(also) => also.packages(&one),
            None => one,
        });
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
        let passed: Vec<u64> = again.iter().filter(|o| passes(&case.claim, o)).map(|o| o.index).collect();
        let mended = if passed.len() < failed.len() { mended(&case.claim, &first, &again) } else { Vec::new() };
        found.push(Reason { relaxed, also, trials: failed.clone(), passed, mended });
        if found.last().is_some_and(Reason::explains) {
            break;
        }
    }
    Ok(found)
}

/// Deciding requirements that hold in none of `before` and in all of `after`.
fn mended(claim: &Claim, before: &[&Outcome], after: &[Outcome]) -> Vec<String> {
    let shares = claim.shares();
    let deciding =
        claim.requirements.iter().zip(shares).filter(|(_, share)| share.decides).map(|(requirement, _)| requirement.name());
    let held = |outcome: &Outcome, name: &String| outcome.passed.get(name) == Some(&true);
    deciding.filter(|name| !before.iter().any(|o| held(o, name)) && after.iter().all(|o| held(o, name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;

    /// By definition: what failed in every trial and holds in every one again; not what failed in one of them, nor what decides nothing.
    #[test]
    fn what_is_mended_failed_in_each_and_holds_in_each() {
        let claim = claim(&[("placed", 0.9), ("fast", 0.9), ("tight", 0.999)], 300);
        let outcome = |index: u64, held: [bool; 3]| {
            let metrics = ["placed", "fast", "tight"].into_iter().zip(held.map(|yes| f64::from(u8::from(yes))));
            let metrics = metrics.map(|(name, value)| (String::from(name), value)).collect();
            Outcome::new(index, claim.seed_root().trial(index), metrics, None, None, &claim.requirements)
        };
        let before = [outcome(0, [false, false, false]), outcome(1, [false, true, false])];
        let before: Vec<&Outcome> = before.iter().collect();
        let mended = |after: [[bool; 3]; 2]| mended(&claim, &before, &[outcome(0, after[0]), outcome(1, after[1])]);
        let placed = claim.requirements[0].name();
        assert_eq!(mended([[true, true, true]; 2]), std::slice::from_ref(&placed));
        assert_eq!(mended([[true, false, true]; 2]), [placed]);
        assert!(mended([[true; 3], [false; 3]]).is_empty());
    }
}
