//! Running a claim: threads, order, interruption, journal and the bundle file.

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Range, bad, claim, evidence, good, packages, run_claim};
use leitai_proving::bundle::{Bundle, WriteError};
use leitai_proving::claim::TrialRule;
use leitai_proving::journal::{Journal, JournalError};
use leitai_proving::outcome::Outcome;
use leitai_proving::schedule::{RunError, TrialError, TrialRunner, run};
use leitai_proving::verdict::Decision;
use leitai_proving::verify::Engine;

#[test]
fn a_good_robot_is_proved_and_a_bad_one_refuted() {
    let (good, bad) = (good(), bad());
    let proved = run_claim(&good, &claim(&good), 1);
    assert_eq!(proved.verdict.decision, Decision::Proved);
    assert!(proved.outcomes.len() < 100, "it took {} trials", proved.outcomes.len());
    let refuted = run_claim(&bad, &claim(&bad), 1);
    assert_eq!(refuted.verdict.decision, Decision::Refuted);
    assert!(refuted.verdict.failures > 0);
}

/// Thread count must not reach the evidence: here the threads also finish out of order.
#[test]
fn one_thread_and_many_give_the_same_bundle_digest() {
    for packages in [good(), bad()] {
        let claim = claim(&packages);
        let one = evidence(&packages, &claim, 1);
        for jobs in [2, 5] {
            let many = evidence(&packages, &claim, jobs);
            assert_eq!(one.digest(), many.digest());
            assert_eq!(one.outcomes, many.outcomes);
        }
    }
}

/// Delays trials so that threads overtake each other.
struct Uneven<'a>(&'a dyn TrialRunner);

impl TrialRunner for Uneven<'_> {
    fn run(&self, index: u64) -> Result<Outcome, TrialError> {
        std::thread::sleep(Duration::from_millis(if index.is_multiple_of(3) { 6 } else { 0 }));
        self.0.run(index)
    }
}

#[test]
fn threads_that_overtake_change_nothing() {
    let packages = good();
    let claim = claim(&packages);
    let runner = Range::default().runner(&packages, &claim, claim.seed_root()).expect("good packages");
    let mut seen = Vec::new();
    let found = run(&claim, &Uneven(&*runner), 4, None, &AtomicBool::new(false), &mut |p| seen.push(p.done)).expect("ends");
    let straight = run_claim(&packages, &claim, 1);
    assert_eq!(found.outcomes, straight.outcomes);
    assert_eq!(seen, (1..=straight.outcomes.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_fixed_number_of_trials_runs_to_its_end() {
    let packages = good();
    let mut claim = claim(&packages);
    claim.trials = TrialRule::Fixed { trials: 50 };
    let found = run_claim(&packages, &claim, 2);
    assert_eq!((found.outcomes.len(), found.verdict.decision), (50, Decision::Proved));
}

/// Stops a run after its tenth trial, again after its twentieth, tears the journal's last line, and compares with a run that
/// was never stopped.
#[test]
fn a_resumed_run_is_the_straight_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trials.journal");
    let packages = good();
    let claim = claim(&packages);
    let range = Range::default();
    let runner = range.runner(&packages, &claim, claim.seed_root()).expect("good packages");
    for (stop_after, jobs) in [(10, 1), (20, 3)] {
        let stop = AtomicBool::new(false);
        let mut journal = Journal::resume(&path, &claim).expect("a journal");
        let error = run(&claim, &*runner, jobs, Some(&mut journal), &stop, &mut |p| {
            stop.store(p.done >= stop_after, Ordering::Relaxed);
        })
        .expect_err("it was stopped");
        assert!(matches!(error, RunError::Interrupted { done } if done >= stop_after), "{error}");
    }
    let bytes = fs::read(&path).expect("the journal");
    fs::write(&path, &bytes[..bytes.len() - 7]).expect("tears the last line");
    let before = range.throws.load(Ordering::Relaxed);
    let mut journal = Journal::resume(&path, &claim).expect("a torn last line is tolerated");
    let known = journal.known() as u64;
    assert!(known >= 19);
    let resumed = run(&claim, &*runner, 2, Some(&mut journal), &AtomicBool::new(false), &mut |_| {}).expect("ends");
    let straight = run_claim(&packages, &claim, 1);
    assert_eq!(resumed.outcomes, straight.outcomes);
    assert_eq!(resumed.verdict, straight.verdict);
    // What was known was not computed again, but for the trials that threads had begun beyond the end.
    let computed = range.throws.load(Ordering::Relaxed) - before;
    assert!(computed <= straight.outcomes.len() as u64 - known + 8, "{computed} new trials, {known} known");
    // The journal is whole again.
    assert!(Journal::resume(&path, &claim).expect("intact").known() >= straight.outcomes.len());
}

#[test]
fn a_journal_of_another_claim_or_with_damage_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trials.journal");
    let packages = good();
    let first = claim(&packages);
    let runner = Range::default().runner(&packages, &first, first.seed_root()).expect("good packages");
    let mut journal = Journal::create(&path, &first).expect("a journal");
    run(&first, &*runner, 1, Some(&mut journal), &AtomicBool::new(false), &mut |_| {}).expect("ends");
    let other = claim(&bad());
    assert!(matches!(Journal::resume(&path, &other), Err(JournalError::OtherClaim { .. })));
    let text = fs::read_to_string(&path).expect("the journal");
    fs::write(&path, text.replacen("\"error_m\":0.", "\"error_m\":1.", 1)).expect("writes");
    let error = Journal::resume(&path, &first).expect_err("damaged").to_string();
    assert!(error.contains(":2: damaged (its check sum differs)"), "{error}");
    // Cut anywhere, it loses at most its last trial and never errs.
    for end in (0..text.len()).step_by(97) {
        fs::write(&path, &text[..end]).expect("writes");
        let lines = text[..end].matches('\n').count();
        let journal = Journal::resume(&path, &first).expect("a cut journal");
        assert_eq!(journal.known(), lines.saturating_sub(1));
    }
}

#[test]
fn a_trial_that_cannot_run_ends_the_run_with_its_reason() {
    struct Broken;
    impl TrialRunner for Broken {
        fn run(&self, index: u64) -> Result<Outcome, TrialError> {
            Err(TrialError { index, why: "the mesh `a.stl` is missing; add it to the package".to_string() })
        }
    }
    let claim = claim(&good());
    let error = run(&claim, &Broken, 3, None, &AtomicBool::new(false), &mut |_| {}).expect_err("broken").to_string();
    assert_eq!(error, "trial 0 could not be run: the mesh `a.stl` is missing; add it to the package");
}

#[test]
fn a_bundle_reads_back_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("good.leitai");
    let packages = good();
    let evidence = evidence(&packages, &claim(&packages), 2);
    let digest = evidence.write(&path, None).expect("writes");
    let bundle = Bundle::read(&path).expect("intact");
    assert_eq!((bundle.evidence.clone(), bundle.digest()), (evidence.clone(), digest));
    assert_eq!(evidence.to_bytes(None).expect("bytes").0, fs::read(&path).expect("the file"));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing else is left behind");
    // Views and circumstances are outside the digest.
    let mut other = evidence.clone();
    other.host = None;
    other.report_html = None;
    assert_eq!(other.digest(), digest);
}

#[test]
fn a_bundle_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let packages = packages(0.05, &[("landed", 0.8)], 50);
    let mut evidence = evidence(&packages, &claim(&packages), 1);
    assert!(matches!(evidence.write(&folder.path().join("no/such/folder.leitai"), None), Err(WriteError::Io { .. })));
    for name in ["../escape", "/etc/passwd", "a\\b", "c:/x", "a//b", "trailing./x", "nul\0"] {
        evidence.packages.insert(name.to_string(), Vec::new());
        let error = evidence.write(&folder.path().join("x.leitai"), None).expect_err(name);
        assert!(matches!(error, WriteError::Name(_)), "{name}");
        evidence.packages.remove(name);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

/// A child process writes bundles of 8 MB over and over until it is killed; `path` must then hold a whole bundle or nothing.
#[cfg(unix)]
#[test]
fn a_kill_leaves_no_half_bundle() {
    const PLACE: &str = "LEITAI_TEST_WRITE_FOREVER";
    let evidence = {
        let packages = packages(0.05, &[("landed", 0.8)], 50);
        let mut evidence = evidence(&packages, &claim(&packages), 1);
        let mut noise = leitai_math::Seed::from_number(1).stream("noise");
        let log: Vec<u8> = (0..1 << 20).flat_map(|_| noise.bits().to_le_bytes()).collect();
        evidence.logs.insert("big.mcap".to_string(), log);
        evidence
    };
    if let Some(place) = std::env::var_os(PLACE) {
        loop {
            evidence.write(place.as_ref(), None).expect("writes");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("killed.leitai");
    let mut wrote = 0;
    for round in 0..6 {
        let mut child = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "a_kill_leaves_no_half_bundle"])
            .env(PLACE, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("starts");
        std::thread::sleep(Duration::from_millis(400 + 170 * round));
        child.kill().expect("kills");
        child.wait().expect("ends");
        if path.exists() {
            assert_eq!(Bundle::read(&path).expect("whole").digest(), evidence.digest());
            wrote += 1;
        }
    }
    assert!(wrote > 0, "the child never came to write a bundle");
}
