//! One file that holds a claim, everything it rests on, every outcome and the verdict.
//!
//! A `*.leitai` file is a zip archive with sorted names and fixed times; any zip tool opens it:
//!
//! | member | content |
//! |---|---|
//! | `packages/…` | the robot, scenario, solution and part files themselves |
//! | `claim.json`, `verdict.json` | what was claimed and what was settled |
//! | `acceptance.toml` | the agreement that was run, if the claim was made by one |
//! | `controls.json` | what the control arms did |
//! | `reasons.json` | which lifted limit lets failed trials pass |
//! | `trials.jsonl`, `metrics.csv` | every trial's outcome with its digest; the same as a table |
//! | `logs/*.mcap` | the motion of chosen trials |
//! | `digests.json` | digests of robot, scenario, solution, claim, bundle and every member |
//! | `report.html`, `host.json` | views and circumstances: outside the bundle digest, inside the signature |
//! | `envelope.dsse.json` | the signature, if there is one |
//!
//! The *bundle digest* depends on the evidence alone, so every machine and thread count gives the same. A seal in the archive's
//! comment covers every byte before it, so that even a byte flipped between the members is noticed.

mod read;
mod write;

use std::collections::BTreeMap;

use leitai_package::manifest::{RobotManifest, ScenarioManifest};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::arms::ArmResult;
use crate::canonical::{Canonical, Digest};
use crate::claim::{Claim, Subject};
use crate::key::hex;
use crate::outcome::Outcome;
use crate::packages::manifest_path;
use crate::reason::Reason;
use crate::verdict::Verdict;

pub use read::{Bundle, BundleError};
pub use write::WriteError;

/// The members' names and bytes, sorted by name.
pub type Members = BTreeMap<String, Vec<u8>>;

const CLAIM: &str = "claim.json";
const ACCEPTANCE: &str = "acceptance.toml";
const VERDICT: &str = "verdict.json";
const CONTROLS: &str = "controls.json";
const REASONS: &str = "reasons.json";
const TRIALS: &str = "trials.jsonl";
const METRICS: &str = "metrics.csv";
const DIGESTS: &str = "digests.json";
const REPORT: &str = "report.html";
const HOST: &str = "host.json";
const ENVELOPE: &str = "envelope.dsse.json";
const PACKAGES: &str = "packages/";
const LOGS: &str = "logs/";
/// Members that the bundle digest does not cover.
const OUTSIDE: [&str; 4] = [DIGESTS, REPORT, HOST, ENVELOPE];
const FORMAT: &str = "leitai bundle v1";
/// The seal: this text, then the BLAKE3 of every byte of the file before those digits.
const SEAL: &str = "leitai bundle v1, blake3 ";
const SEAL_DIGITS: usize = 64;

/// The most members a bundle may have.
pub const MOST_MEMBERS: usize = 20_000;
/// The largest bundle file [bytes].
pub const MOST_FILE_BYTES: u64 = 1 << 29;
/// The largest content of all members together [bytes].
pub const MOST_CONTENT_BYTES: u64 = 1 << 30;
/// How many times its size a bundle may unpack to, beyond the first 16 MiB.
const MOST_RATIO: u64 = 100;
const FREE_CONTENT_BYTES: u64 = 16 << 20;

/// Bytes that the members of a file of `file_bytes` may unpack to.
fn content_limit(file_bytes: u64) -> u64 {
    file_bytes.saturating_mul(MOST_RATIO).saturating_add(FREE_CONTENT_BYTES).min(MOST_CONTENT_BYTES)
}

/// Where and when a run took place. Shown, signed, and outside the bundle digest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// When the run started, RFC 3339.
    pub started: String,
    /// Wall time of the trials [s].
    pub wall_s: f64,
    /// Processor, operating system and whatever else describes the machine.
    pub machine: BTreeMap<String, String>,
    /// Threads that ran trials.
    pub jobs: u32,
}

/// Everything a bundle is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Files of the packages, by path with forward slashes: `robots/ur20/robot.toml`.
    pub packages: Members,
    /// What was claimed.
    pub claim: Claim,
    /// The text of the acceptance file that made the claim; it says which thresholds are not the scenario's own.
    pub acceptance: Option<String>,
    /// The trials, from index 0 on.
    pub outcomes: Vec<Outcome>,
    /// What they settle.
    pub verdict: Verdict,
    /// What the control arms did; empty if they were left out.
    pub controls: Vec<ArmResult>,
    /// Why it was refuted: failed trials again, one limit lifted at a time; empty if it was not, or if they were left out.
    pub reasons: Vec<Reason>,
    /// MCAP logs of chosen trials, by file name: `trial-17.mcap`.
    pub logs: Members,
    /// The report, a view of the rest. It may print the bundle digest, which does not cover it.
    pub report_html: Option<Vec<u8>>,
    /// Where and when.
    pub host: Option<Host>,
}

/// The digests in a bundle, as stored in `digests.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digests {
    /// The bundle's format.
    pub format: String,
    /// The evidence as a whole: the same on every machine.
    pub bundle: Digest,
    /// The claim.
    pub claim: Digest,
    /// The robot's model.
    pub robot: Subject,
    /// The scenario.
    pub scenario: Subject,
    /// The solution.
    pub solution: Subject,
    /// The engine's name and version.
    pub engine: String,
    /// The root of all seeds.
    pub seed_root: Digest,
    /// SHA-256 of every member but this one and the envelope, for tools that know nothing of Leitai.
    pub members: BTreeMap<String, String>,
}

impl Evidence {
    /// The robot's manifest, as the bundle carries it; none if it cannot be read.
    #[must_use]
    pub fn robot(&self) -> Option<RobotManifest> {
        let (path, text) = self.manifest("robot", &self.claim.robot.id)?;
        RobotManifest::parse(&path, text).ok()
    }

    /// The scenario's manifest, as the bundle carries it; none if it cannot be read.
    #[must_use]
    pub fn scenario(&self) -> Option<ScenarioManifest> {
        let (path, text) = self.manifest("scenario", &self.claim.scenario.id)?;
        ScenarioManifest::parse(&path, text).ok()
    }

    fn manifest(&self, kind: &str, id: &str) -> Option<(String, &str)> {
        let path = manifest_path(kind, id);
        let text = std::str::from_utf8(self.packages.get(&path)?).ok()?;
        Some((path, text))
    }

    /// The bundle digest: BLAKE3 over names and contents of every member that is evidence.
    #[must_use]
    pub fn digest(&self) -> Digest {
        bundle_digest(&self.members())
    }

    /// Every member but the digests and the envelope.
    fn members(&self) -> Members {
        let mut members = Members::new();
        for (path, bytes) in &self.packages {
            members.insert(format!("{PACKAGES}{path}"), bytes.clone());
        }
        for (name, bytes) in &self.logs {
            members.insert(format!("{LOGS}{name}"), bytes.clone());
        }
        members.insert(CLAIM.to_string(), pretty(&self.claim));
        members.insert(VERDICT.to_string(), pretty(&self.verdict));
        members.insert(CONTROLS.to_string(), pretty(&self.controls));
        members.insert(REASONS.to_string(), pretty(&self.reasons));
        members.insert(TRIALS.to_string(), trials_jsonl(&self.outcomes));
        members.insert(METRICS.to_string(), metrics_csv(&self.outcomes).into_bytes());
        if let Some(acceptance) = &self.acceptance {
            members.insert(ACCEPTANCE.to_string(), acceptance.clone().into_bytes());
        }
        if let Some(report) = &self.report_html {
            members.insert(REPORT.to_string(), report.clone());
        }
        if let Some(host) = &self.host {
            members.insert(HOST.to_string(), pretty(host));
        }
        members
    }
}

/// The digests that belong to a claim and the members around it.
fn digests(claim: &Claim, members: &Members) -> Digests {
    let listed = members.iter().filter(|(name, _)| ![DIGESTS, ENVELOPE].contains(&name.as_str()));
    Digests {
        format: FORMAT.to_string(),
        bundle: bundle_digest(members),
        claim: claim.digest(),
        robot: claim.robot.clone(),
        scenario: claim.scenario.clone(),
        solution: claim.solution.clone(),
        engine: claim.engine.clone(),
        seed_root: Digest(claim.seed_root().0),
        members: listed.map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes)))).collect(),
    }
}

fn bundle_digest(members: &Members) -> Digest {
    let inside: Vec<_> = members.iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str())).collect();
    let mut form = Canonical::new(FORMAT);
    form.entries(inside.len());
    for (name, bytes) in inside {
        form.text(name).digest(&Digest::of_bytes(bytes));
    }
    form.finish()
}

fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("string keys only, and no serializer of ours fails");
    bytes.push(b'\n');
    bytes
}

fn trials_jsonl(outcomes: &[Outcome]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for outcome in outcomes {
        serde_json::to_writer(&mut bytes, outcome).expect("string keys only, and a vector takes every byte");
        bytes.push(b'\n');
    }
    bytes
}

/// The outcomes as one table: a row per trial, a column per metric and per requirement.
#[must_use]
pub fn metrics_csv(outcomes: &[Outcome]) -> String {
    let names = |get: fn(&Outcome) -> Vec<&String>| -> Vec<&String> {
        outcomes.iter().flat_map(get).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let metrics = names(|o| o.metrics.keys().collect());
    let required = names(|o| o.passed.keys().collect());
    let mut header = vec!["trial".to_string()];
    header.extend(metrics.iter().map(|name| name.to_string()));
    header.extend(required.iter().map(|name| format!("passed: {name}")));
    header.extend(["failed_at_s", "failure"].map(str::to_string));
    let mut csv = row(&header);
    for outcome in outcomes {
        let mut cells = vec![outcome.index.to_string()];
        cells.extend(metrics.iter().map(|name| outcome.metrics.get(*name).map_or(String::new(), f64::to_string)));
        cells.extend(required.iter().map(|name| outcome.passed.get(*name).map_or(String::new(), bool::to_string)));
        let failure = outcome.failure.as_ref();
        cells.push(failure.and_then(|f| f.time_s).map_or(String::new(), |t| t.to_string()));
        cells.push(failure.map_or(String::new(), |f| f.what.clone()));
        csv.push_str(&row(&cells));
    }
    csv
}

/// One CSV line (RFC 4180: a cell with a comma, quote or line break is quoted).
fn row(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

/// A member's name is a plain relative path, the same on every operating system.
fn is_safe_name(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.ends_with([' ', '.']);
    let odd = |c: char| c.is_control() || ['\\', ':', '*', '?', '"', '<', '>', '|'].contains(&c);
    !name.is_empty() && name.len() <= 512 && !name.contains(odd) && name.split('/').all(part)
}
