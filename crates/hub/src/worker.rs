//! Runs what is wanted, one piece after the other, on threads of its own: samples of published evidence again, and proofs.
//!
//! What is wanted stands in the store, so a kill loses nothing: a check that was under way begins again, and a proof goes on.
//! A check is short and comes first; a proof that runs long lets others take turns ([`crate::prove`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use leitai_proving::bundle::Bundle;
use leitai_proving::engine::Leitai;
use leitai_proving::verify::{Options, Reexecute, Refusal, verify};

use crate::store::evidence::{self, Wanted};
use crate::store::{Result, bundles};
use crate::{Hub, prove};

/// How often progress is written down.
const BEAT: Duration = Duration::from_millis(500);

/// Works until `stop` is set; woken when there is something to do.
pub(crate) async fn work(hub: Hub, stop: &'static AtomicBool) {
    let inside = hub.clone();
    let read = tokio::task::spawn_blocking(move || inside.store().read(|db| inside.current().read_all(db, stop)));
    if let Ok(Err(error)) = read.await {
        eprintln!("leitai: {error}");
    }
    while !stop.load(Ordering::Relaxed) {
        let inside = hub.clone();
        let done = tokio::task::spawn_blocking(move || next(&inside, stop)).await;
        match done {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => hub.0.work.notified().await,
            // The store failed or the program panicked: what failed is said, and the next try waits.
            Ok(Err(error)) => {
                eprintln!("leitai: {error}");
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            Err(error) => {
                eprintln!("leitai: work broke off: {error}");
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        }
    }
}

/// Does one piece of work; false if none is wanted, or `stop` ended it.
pub(crate) fn next(hub: &Hub, stop: &AtomicBool) -> Result<bool> {
    match hub.store().write(evidence::take_check)? {
        Some(wanted) => check_one(hub, &wanted, stop),
        None => prove::next(hub, stop),
    }
}

/// Makes a check; false if `stop` ended it.
fn check_one(hub: &Hub, wanted: &Wanted, stop: &AtomicBool) -> Result<bool> {
    let (state, done, detail) = match check(hub, wanted, stop) {
        Ok(done) => ("agrees", done, None),
        Err(Refusal::Interrupted) => {
            hub.store().write(evidence::requeue)?;
            return Ok(false);
        }
        Err(refusal @ Refusal::OtherEngine { .. }) => ("other-engine", 0, Some(refusal.to_string())),
        Err(refusal) => ("refused", 0, Some(refusal.to_string())),
    };
    hub.store().write(|db| evidence::finish(db, &wanted.digest, state, done, detail.as_deref()))?;
    Ok(true)
}

/// Runs the sample; how many trials came out with the same bits.
fn check(hub: &Hub, wanted: &Wanted, stop: &AtomicBool) -> std::result::Result<u64, Refusal> {
    let path = bundles::path(hub.store().folder(), &wanted.digest);
    let bundle = Bundle::read(&path)?;
    let options = Options { reexecute: Reexecute::Sample(wanted.trials), fresh: 0, seed: wanted.seed, jobs: hub.0.options.jobs };
    let mut told = Instant::now();
    let mut progress = |done: u64, _| {
        if told.elapsed() > BEAT {
            told = Instant::now();
            // A figure on a page; the next one will be written.
            let _ = hub.store().write(|db| evidence::progress(db, &wanted.digest, done.min(wanted.trials)));
        }
    };
    verify(&bundle, &Leitai, hub.trust(), &options, stop, &mut progress).map(|found| found.reexecuted)
}
