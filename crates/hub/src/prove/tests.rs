//! Proofs as the worker sees them: interrupted, unlisted, canceled.

use leitai_proving::engine::Request;
use leitai_proving::key::TrustStore;
use leitai_proving::packages::Files;

use super::*;
use crate::Options;
use crate::records::ProofState;
use crate::store::proofs::New;

#[path = "../../../proving/tests/catalog/files.rs"]
mod files;

pub(crate) const SCENARIO: &str = "con-block-palletizing";

/// The catalog with its job cut off after one simulated second, so that trials are short.
pub(crate) fn short_catalog() -> Files {
    let mut files = files::catalog();
    let path = format!("scenarios/{SCENARIO}/scenario.toml");
    let text = String::from_utf8(files[&path].clone()).expect("text");
    files.insert(path, text.replace("duration_s = 160.0", "duration_s = 1.0").into_bytes());
    files
}

fn hub(folder: &Path, catalog: Files) -> Hub {
    let models: crate::Models = Arc::new(|_, _| None);
    let options = Options { folder: folder.to_path_buf(), sample: 0, jobs: 1, models, proxied: false, rate: None, slurm: None };
    Hub::open(options, catalog, TrustStore::default()).expect("opens")
}

/// A proof of four trials with a solution that the catalog does not have.
fn enqueue(hub: &Hub, listed: bool) -> u64 {
    let mut extra = Files::new();
    for (path, bytes) in hub.current().catalog().range("solutions/".to_string().."solutions0".to_string()) {
        let text = String::from_utf8(bytes.clone()).expect("text");
        if path.ends_with("solution.toml") && text.contains(SCENARIO) {
            let id = path.split('/').nth(1).expect("an id");
            let text = text.replacen(&format!("id = \"{id}\""), "id = \"guest\"", 1);
            extra.insert("solutions/guest/solution.toml".to_string(), text.into_bytes());
            break;
        }
    }
    let mut files = hub.current().catalog().clone();
    files.extend(extra.clone());
    let request = Request {
        robot: "ur20".to_string(),
        scenario: SCENARIO.to_string(),
        solution: Some("guest".to_string()),
        trials: Some(4),
        ..Request::default()
    };
    let case = Case::open(&files, &request).expect("opens");
    let new = New { origin: "challenge/1", who: "wang", why: "a test", case: &case, extra: &extra, listed };
    hub.store().write(|db| proofs::enqueue(db, new)).expect("enqueues")
}

fn found(hub: &Hub, id: u64) -> crate::records::Proof {
    hub.store().read(|db| proofs::find(db, id)).expect("reads").expect("it is there")
}

/// Stopped after each trial, on a hub that is opened anew each time: the evidence is that of an undisturbed run.
#[test]
fn a_proof_that_breaks_off_goes_on_and_comes_to_the_same_evidence() {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let undisturbed = hub(there.path(), short_catalog());
    let id = enqueue(&undisturbed, true);
    undisturbed.work_off().expect("works");
    let wanted = found(&undisturbed, id).evidence.expect("evidence");
    let mut turns = 0;
    let id = enqueue(&hub(here.path(), short_catalog()), true);
    loop {
        let hub = hub(here.path(), short_catalog());
        if found(&hub, id).state == ProofState::Done {
            break;
        }
        let stop = AtomicBool::new(turns < 4);
        next(&hub, &stop).expect("works");
        turns += 1;
        assert!(turns < 20, "it does not get on");
        let lines = std::fs::read_to_string(journal(&hub, &hub_job(id))).map_or(0, |text| text.lines().count());
        assert!(found(&hub, id).state == ProofState::Done || lines > 1, "no trial is kept");
    }
    assert!(turns > 2, "it was interrupted");
    assert_eq!(found(&hub(here.path(), short_catalog()), id).evidence, Some(wanted));
}

fn hub_job(id: u64) -> Job {
    let case = Case::open(
        &short_catalog(),
        &Request { robot: "ur20".to_string(), scenario: SCENARIO.to_string(), ..Request::default() },
    );
    Job { id, claim: case.expect("opens").claim, acceptance: None, extra: Files::new(), listed: true }
}

#[test]
fn what_is_not_listed_is_proved_and_not_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = hub(folder.path(), short_catalog());
    let id = enqueue(&hub, false);
    assert_eq!(hub.store().read(|db| proofs::page(db, &proofs::Filter::default(), 1, 10)).expect("reads").total, 0);
    hub.work_off().expect("works");
    let proof = found(&hub, id);
    let digest = proof.evidence.expect("evidence").parse().expect("a digest");
    assert!(Bundle::read(&bundles::path(folder.path(), &digest)).is_ok(), "the bundle is kept");
    assert_eq!(hub.store().read(evidence::count).expect("reads"), 0);
}

/// Canceled while its trials run: it ends after the trial under way, and nothing is published.
#[test]
fn a_proof_that_is_canceled_while_it_runs_comes_to_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = hub(folder.path(), short_catalog());
    let id = enqueue(&hub, true);
    let job = hub.store().write(proofs::take).expect("reads").expect("its turn");
    assert!(hub.store().write(|db| proofs::cancel(db, id, "wang", "a test")).expect("writes"));
    assert!(matches!(turn(&hub, &job, &AtomicBool::new(false)), End::Halted));
    hub.store().write(|db| proofs::put_back(db, id)).expect("writes");
    assert!(!next(&hub, &AtomicBool::new(false)).expect("works"), "it does not come back");
    assert_eq!(found(&hub, id).state, ProofState::Canceled);
}
