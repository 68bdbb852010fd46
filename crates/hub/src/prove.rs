//! Proves what the hub was asked for: a claim whose turn came, from its first trial to evidence that the hub signs.
//!
//! Finished trials stand in a journal in the store's folder, so a proof that breaks off, by a kill or because it is another's
//! turn, goes on where it was. Its evidence does not depend on how often that happened, nor on where its trials ran: on threads
//! here, or as tasks of a cluster ([`crate::slurm`]).

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use leitai_proving::bundle::Bundle;
use leitai_proving::engine::{self, Acceptance, AcceptanceError, Case, CaseError, Proof, ProveError, Stage};
use leitai_proving::journal::JournalError;
use leitai_proving::packages::Packages;
use leitai_proving::schedule::RunError;
use leitai_proving::verdict::{Language, RequirementVerdict};
use leitai_proving::verify::own_seed;

use crate::Hub;
use crate::challenge::lay_over;
use crate::records::{RequirementLine, Text};
use crate::slurm::Ran;
use crate::store::evidence::{self, requirement_lines};
use crate::store::proofs::{self, Job, Settled};
use crate::store::{Result, StoreError, bundles};

/// How often progress is written down, and what others want is looked at.
const BEAT: Duration = Duration::from_millis(500);
/// How long a turn lasts at least, once somebody else waits.
const TURN: Duration = Duration::from_secs(20);

/// Where journals are.
pub(crate) fn folder(store: &Path) -> PathBuf {
    store.join("proofs")
}

/// Makes that folder, and clears away what belongs to no open proof.
pub(crate) fn clear(hub: &Hub) -> Result<()> {
    let folder = folder(hub.store().folder());
    let wrong = |source| StoreError::File { file: folder.clone(), source };
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    for entry in std::fs::read_dir(&folder).map_err(wrong)?.flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.split('.').next()).and_then(|id| id.parse().ok());
        let open = match id {
            Some(id) => hub.store().read(|db| proofs::is_open(db, id))?,
            None => false,
        };
        if !open {
            // Nobody reads it, so one that stays does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// How a turn ended.
enum End {
    /// There is evidence.
    Proved(Box<Proof>),
    /// It cannot be run.
    Failed(Text),
    /// It goes on later, or was canceled.
    Halted,
}

/// Gives the proof that has waited longest a turn; false if none waits, or `stop` ended it.
pub(crate) fn next(hub: &Hub, stop: &AtomicBool) -> Result<bool> {
    let Some(job) = hub.store().write(proofs::take)? else { return Ok(false) };
    // A package that makes the engine panic is a bug of ours; it ends this proof and nothing else.
    let end = catch_unwind(AssertUnwindSafe(|| turn(hub, &job, stop))).unwrap_or_else(|_| {
        let zh = "程序在运行中出错中断；原因见运行者的日志";
        End::Failed(Text::new(zh, "the program broke off while running it; whoever runs this hub finds the cause in its log"))
    });
    match end {
        End::Proved(proof) => publish(hub, &job, &proof)?,
        End::Failed(cause) => {
            hub.store().write(|db| proofs::fail(db, job.id, &cause))?;
        }
        End::Halted => hub.store().write(|db| proofs::put_back(db, job.id))?,
    }
    if !hub.store().read(|db| proofs::is_open(db, job.id))? {
        // What stays is cleared away at the next start.
        let _ = std::fs::remove_file(journal(hub, &job));
    }
    Ok(!stop.load(Ordering::Relaxed))
}

fn journal(hub: &Hub, job: &Job) -> PathBuf {
    folder(hub.store().folder()).join(format!("{}.journal", job.id))
}

/// The case of a job, on the catalog as it is now.
fn open(hub: &Hub, job: &Job) -> std::result::Result<Case, Text> {
    let claim = &job.claim;
    let current = hub.current();
    let mut files = Cow::Borrowed(current.catalog());
    if !job.extra.is_empty() {
        lay_over(files.to_mut(), job.extra.clone());
    }
    let faulty = |error: CaseError| Text::new(format!("包有误：{error}"), error.to_string());
    let packages = Packages::read(&files, &claim.robot.id, &claim.scenario.id, Some(&claim.solution.id));
    let packages = packages.map_err(|error| faulty(error.into()))?;
    let changed = packages.digests != [claim.robot.digest, claim.scenario.digest, claim.solution.digest];
    if changed || claim.engine != current.engine() {
        let zh = "提出之后，其所依据的包或引擎已改变；请重新提出";
        return Err(Text::new(zh, "the packages or the engine that it rests on have changed since it was asked for; ask again"));
    }
    let mut case = Case::of(packages, claim.clone()).map_err(faulty)?;
    if let Some(text) = &job.acceptance {
        let read = Acceptance::read("acceptance.toml", text);
        case.acceptance = Some(Arc::new(read.map_err(|error| faulty(AcceptanceError::from(error).into()))?));
    }
    Ok(case)
}

/// Runs a job until it is settled, canceled, or it is another's turn.
fn turn(hub: &Hub, job: &Job, stop: &AtomicBool) -> End {
    let case = match open(hub, job) {
        Ok(case) => case,
        Err(cause) => return End::Failed(cause),
    };
    let journal = journal(hub, job);
    let halt = AtomicBool::new(false);
    let options =
        |resume| engine::Options { jobs: hub.0.options.jobs, journal: Some(&journal), resume, controls: true, stop: &halt };
    let (began, told) = (Instant::now(), Cell::new(None::<Instant>));
    let due = || {
        let due = stop.load(Ordering::Relaxed) || told.get().is_none_or(|told| told.elapsed() >= BEAT);
        if due {
            told.set(Some(Instant::now()));
        }
        due
    };
    // Whether the trials may go on.
    let at_trial = |trials: u64, stand: &[RequirementVerdict]| {
        let stand = requirement_lines(Some(&case.packages.scenario), stand);
        let told = hub.store().write(|db| {
            let runs = proofs::progress(db, job.id, trials, &stand)?;
            Ok::<_, StoreError>(runs && !(began.elapsed() > TURN && proofs::others_wait(db)?))
        });
        // A figure on a page that could not be written will be written the next time.
        !stop.load(Ordering::Relaxed) && !matches!(told, Ok(false))
    };
    if let (Some(slurm), None) = (&hub.0.options.slurm, &case.rejection) {
        let units = match slurm.units(&case) {
            Ok(units) => units,
            Err(cause) => return End::Failed(cause),
        };
        match slurm.run(&case, &units, &journal, &mut |trials, stand| !due() || at_trial(trials, stand)) {
            Ok(Ran::Over) => {}
            Ok(Ran::Halted) => {
                // Its tasks run on while others have their turns, but nobody waits for one that was canceled.
                if matches!(hub.store().read(|db| proofs::is_open(db, job.id)), Ok(false)) {
                    slurm.forget(&units);
                }
                return End::Halted;
            }
            Err(cause) => {
                // The folder stays: it shows what went wrong.
                slurm.cancel(&units);
                return End::Failed(cause);
            }
        }
    }
    let mut watch = |stage: Stage| {
        if !due() {
            return;
        }
        let go_on = match stage {
            Stage::Trial(at) => at_trial(at.done, &at.requirements),
            // What follows the trials is short and not in the journal, so it keeps its turn.
            _ => {
                let open = hub.store().read(|db| proofs::is_open(db, job.id));
                !stop.load(Ordering::Relaxed) && !matches!(open, Ok(false))
            }
        };
        if !go_on {
            halt.store(true, Ordering::Relaxed);
        }
    };
    let mut proved = engine::prove(&case, &options(true), &mut watch);
    if let Err(ProveError::Journal(JournalError::Damaged { .. } | JournalError::OtherClaim { .. })) = proved {
        // After a power cut; the trials come out the same when they are run again.
        proved = engine::prove(&case, &options(false), &mut watch);
    }
    match proved {
        Ok(proof) => {
            if let (Some(slurm), None) = (&hub.0.options.slurm, &case.rejection)
                && let Ok(units) = slurm.units(&case)
            {
                slurm.forget(&units);
            }
            End::Proved(Box::new(proof))
        }
        Err(ProveError::Stopped | ProveError::Run(RunError::Interrupted { .. })) => End::Halted,
        Err(error) => End::Failed(Text::new(format!("无法运行：{error}"), error.to_string())),
    }
}

/// Keeps the evidence, and publishes it if the proof is listed.
fn publish(hub: &Hub, job: &Job, proof: &Proof) -> Result<()> {
    let refused = |error: &dyn std::fmt::Display| Text::new(format!("证据包无法写出：{error}"), format!("the bundle: {error}"));
    let made = proof.signed_by(&hub.0.key).to_bytes(Some(&hub.0.key)).map_err(|error| refused(&error));
    let read = made.and_then(|(bytes, _)| {
        let bundle = Bundle::from_bytes(&bytes).map_err(|error| refused(&error))?;
        let signer = bundle.signer(hub.trust()).map_err(|error| refused(&error))?;
        Ok((bytes, bundle, signer))
    });
    let (bytes, bundle, signer) = match read {
        Ok(read) => read,
        Err(cause) => {
            hub.store().write(|db| proofs::fail(db, job.id, &cause))?;
            return Ok(());
        }
    };
    let digest = bundle.digest();
    let mut spool = bundles::spool(hub.store().folder())?;
    bundles::put_in(&mut spool, &bytes)?;
    bundles::keep(hub.store().folder(), &digest, spool)?;
    let seed = own_seed().expect("the system gives random bytes");
    let verdict = &bundle.evidence.verdict;
    let stand: Vec<RequirementLine> = requirement_lines(Some(&proof.case.packages.scenario), &verdict.requirements);
    hub.store().write(|db| {
        let (decision, evidence) = (verdict.decision.word(Language::En), digest.to_string());
        let settled = Settled { decision, evidence: &evidence, trials: verdict.trials, stand: &stand };
        if proofs::settle(db, job.id, settled)? && job.listed {
            evidence::put(db, &bundle, &signer, bytes.len() as u64, "hub", hub.sample(), seed)?;
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
