//! Runs trials on several threads and lets them into the verdict in index order.
//!
//! Threads finish in any order; outcomes wait until every earlier one has been judged. The run ends at the first index at
//! which the verdict is settled, and whatever other threads computed beyond it is dropped, so one thread and many give the
//! same evidence. Every finished trial goes to the [`Journal`] at once; an interrupted run continues from there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};

use leitai_math::Seed;
use serde::Serialize;

use crate::claim::Claim;
use crate::journal::{Journal, JournalError};
use crate::outcome::Outcome;
use crate::verdict::{Decision, Judge, RequirementVerdict, Verdict};

/// Something that runs one trial: a pure function of the index.
pub trait TrialRunner: Sync {
    /// Runs trial `index` with the seed `root.trial(index)` of the root this runner was made for.
    ///
    /// # Errors
    /// If the trial could not be run at all. A robot that fails is an outcome, not an error.
    fn run(&self, index: u64) -> Result<Outcome, TrialError>;
}

/// A trial that could not be run.
#[derive(Debug, Clone, thiserror::Error)]
#[error("trial {index} could not be run: {why}")]
pub struct TrialError {
    /// Which trial.
    pub index: u64,
    /// What stopped it, and what to change.
    pub why: String,
}

/// Where a run stands, after each judged trial.
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    /// Trials judged.
    pub done: u64,
    /// The most there can be.
    pub most: u64,
    /// Trials among `done` that came from the journal and took no time now.
    pub resumed: u64,
    /// The decision so far.
    pub decision: Decision,
    /// The running line of each requirement, with its interval.
    pub requirements: Vec<RequirementVerdict>,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The trials that count, from index 0 on.
    pub outcomes: Vec<Outcome>,
    /// What they settle.
    pub verdict: Verdict,
}

/// Why a run has no verdict.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A trial could not be run.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// Someone asked to stop.
    #[error("stopped after {done} judged trials; the same command with --resume continues from there")]
    Interrupted {
        /// Trials judged before the stop.
        done: u64,
    },
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Runs the claim's trials until its verdict is settled.
///
/// `jobs` threads (at least one) run trials. `stop` may be set from anywhere, for example by Ctrl-C: trials under way are
/// finished and journaled, and the run ends as [`RunError::Interrupted`]. `progress` is called after each judged trial.
///
/// # Errors
/// A trial that cannot be run, a journal that cannot be written, or an interruption.
///
/// # Panics
/// If the runner returns an outcome of another trial, seed or claim: that is a bug in the runner.
pub fn run(
    claim: &Claim,
    runner: &dyn TrialRunner,
    jobs: usize,
    mut journal: Option<&mut Journal>,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Run, RunError> {
    let root = claim.seed_root();
    let known = journal.as_mut().map(|j| j.take_known()).unwrap_or_default();
    let resumed: Vec<u64> = known.keys().copied().collect();
    let mut judge = Judge::new(claim);
    let mut outcomes = Vec::new();
    let most = claim.trials.most();
    let indices: Vec<u64> = (0..most).collect();
    let on_arrival = |outcome: &Outcome| -> Result<(), RunError> {
        assert_belongs(outcome, claim, root);
        journal.as_mut().map_or(Ok(()), |j| j.append(outcome)).map_err(RunError::from)
    };
    let on_next = |outcome: Outcome| {
        assert_belongs(&outcome, claim, root);
        judge.take(&outcome);
        outcomes.push(outcome);
        let done = judge.trials();
        let resumed = resumed.partition_point(|&index| index < done) as u64;
        let (decision, requirements) = (judge.decision(), judge.requirements());
        progress(&Progress { done, most, resumed, decision, requirements });
        if judge.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    in_order(runner, &indices, known, jobs, stop, on_arrival, on_next)?;
    if !judge.is_over() {
        return Err(RunError::Interrupted { done: judge.trials() });
    }
    let verdict = judge.verdict(&outcomes);
    Ok(Run { outcomes, verdict })
}

fn assert_belongs(outcome: &Outcome, claim: &Claim, root: Seed) {
    let index = outcome.index;
    assert_eq!(outcome.seed.0, root.trial(index).0, "trial {index} drew from another seed");
    assert_eq!(outcome.digest, outcome.computed_digest(), "trial {index} carries another digest");
    let passed = crate::outcome::judge(&claim.requirements, &outcome.metrics);
    assert_eq!(outcome.passed, passed, "trial {index} was judged by another claim");
}

/// Which trials may start now.
struct Gate {
    state: Mutex<GateState>,
    moved: Condvar,
}

struct GateState {
    next: usize,
    delivered: usize,
    closed: bool,
}

impl Gate {
    fn lock(&self) -> std::sync::MutexGuard<'_, GateState> {
        // The state is three plain numbers; a thread that panicked cannot have left them half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next position to work on; waits while it lies more than `ahead` beyond what has been delivered.
    fn enter(&self, count: usize, ahead: usize, stop: &AtomicBool) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.closed || state.next >= count || stop.load(Ordering::Relaxed) {
                return None;
            }
            if state.next < state.delivered + ahead {
                state.next += 1;
                return Some(state.next - 1);
            }
            // Woken by every delivery; the time limit only serves a stop that nobody announces.
            let waited = self.moved.wait_timeout(state, std::time::Duration::from_millis(100));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn deliver(&self, delivered: usize, closed: bool) {
        let mut state = self.lock();
        state.delivered = delivered;
        state.closed |= closed;
        drop(state);
        self.moved.notify_all();
    }
}

/// Closes the gate when dropped, so that a panic on this side cannot leave workers waiting forever.
struct CloseOnDrop<'a>(&'a Gate);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        let delivered = self.0.lock().delivered;
        self.0.deliver(delivered, true);
    }
}

/// Runs the trials `indices` on `jobs` threads and hands their outcomes to `on_next` in that order, until it breaks.
///
/// `known` outcomes are not run again. `on_arrival` sees every newly run outcome at once, in any order.
///
/// # Errors
/// The first error of `on_arrival`, or of the earliest trial that could not be run.
pub(crate) fn in_order<E: From<TrialError>>(
    runner: &dyn TrialRunner,
    indices: &[u64],
    known: BTreeMap<u64, Outcome>,
    jobs: usize,
    stop: &AtomicBool,
    mut on_arrival: impl FnMut(&Outcome) -> Result<(), E>,
    mut on_next: impl FnMut(Outcome) -> ControlFlow<()>,
) -> Result<(), E> {
    let jobs = jobs.max(1);
    let ahead = 4 * jobs;
    let gate = Gate { state: Mutex::new(GateState { next: 0, delivered: 0, closed: false }), moved: Condvar::new() };
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let _close = CloseOnDrop(&gate);
        for _ in 0..jobs {
            let (sender, gate, known) = (sender.clone(), &gate, &known);
            scope.spawn(move || {
                while let Some(position) = gate.enter(indices.len(), ahead, stop) {
                    let index = indices[position];
                    let (fresh, result) = match known.get(&index) {
                        Some(outcome) => (false, Ok(outcome.clone())),
                        None => (true, runner.run(index)),
                    };
                    if sender.send((position, fresh, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut delivered = 0;
        let mut over = false;
        for (position, fresh, result) in receiver {
            if let (true, Ok(outcome)) = (fresh, &result) {
                assert_eq!(outcome.index, indices[position], "a runner answered for another trial");
                on_arrival(outcome)?;
            }
            waiting.insert(position, result);
            while !over && let Some(result) = waiting.remove(&delivered) {
                delivered += 1;
                over = on_next(result?).is_break();
            }
            gate.deliver(delivered, over);
        }
        Ok(())
    })
}
