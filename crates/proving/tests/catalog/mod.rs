//! The real catalog, and a short variant of its job: two real trials that end after a few simulated seconds.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::sync::atomic::AtomicBool;

use leitai_proving::engine::{Case, Options, Proof, Request, prove};
use leitai_proving::packages::Files;

mod files;
pub use files::catalog;

/// The path of the scenario's manifest in a catalog.
pub const SCENARIO: &str = "scenarios/con-block-palletizing/scenario.toml";

/// Replaces text in one file of a catalog.
pub fn edit(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[path].clone()).expect("text");
    assert!(text.contains(from), "`{from}` is in {path}");
    files.insert(path.to_string(), text.replace(from, to).into_bytes());
}

/// The catalog with the palletizing job cut off after so many simulated seconds.
pub fn cut_short(duration_s: f64) -> Files {
    let mut files = catalog();
    edit(&mut files, SCENARIO, "duration_s = 160.0", &format!("duration_s = {duration_s:?}"));
    files
}

/// Palletizing with `robot`, for exactly so many trials.
pub fn request(robot: &str, trials: u64) -> Request {
    let scenario = "con-block-palletizing".to_string();
    Request { robot: robot.to_string(), scenario, trials: Some(trials), ..Request::default() }
}

/// Proves without a journal.
pub fn proof(case: &Case, jobs: usize) -> Proof {
    let options = Options { jobs, journal: None, resume: false, controls: true, stop: &AtomicBool::new(false) };
    prove(case, &options, &mut |_| {}).expect("the run ends")
}
