//! Evidence, and what the hub found when it ran it again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Text;

/// One piece of evidence in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceLine {
    /// Digest of the bundle, hex.
    pub digest: String,
    /// The robot's id.
    pub robot: String,
    /// Its name, from the bundle.
    pub robot_name: Text,
    /// The job's id.
    pub scenario: String,
    /// Its name, from the bundle.
    pub scenario_name: Text,
    /// The solution's id.
    pub solution: String,
    /// What the claim sets.
    pub parameters: BTreeMap<String, f64>,
    /// `proved`, `refuted`, `undecided` or `rejected`.
    pub decision: String,
    /// Trials that count.
    pub trials: u64,
    /// Whether the seed was chosen by hand.
    pub exploratory: bool,
    /// Thresholds that an acceptance file set otherwise than the job's, in words.
    #[serde(default)]
    pub thresholds: Vec<Text>,
    /// Since when the hub has it, milliseconds since 1970.
    pub published_ms: u64,
    /// What it rests on and has changed since; empty while it is fresh.
    pub stale: Vec<Stale>,
    /// How far the hub has run it again.
    pub check: Check,
}

/// Something that evidence rests on and that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stale {
    /// `robot`, `scenario`, `solution` or `engine`.
    pub what: String,
    /// Then: a digest in hex, or the engine's version.
    pub was: String,
    /// Now; nothing if it is no longer in the catalog.
    pub is: Option<String>,
}

/// A re-execution by the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `queued`, `running`, `agrees`, `refused`, or `other-engine` where only the version that made it could.
    pub state: String,
    /// Trials run again so far.
    pub done: u64,
    /// Of so many drawn.
    pub of: u64,
    /// The hub's own seed, by which they were drawn.
    pub seed: u64,
    /// What differs, if it was refused.
    pub detail: Option<String>,
    /// When it ended, milliseconds since 1970.
    pub ended_ms: Option<u64>,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signature {
    /// Fingerprint of the key.
    pub key: String,
    /// The name under which the hub trusts it, if it does.
    pub trusted_as: Option<String>,
}

/// A requirement's line in a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RequirementLine {
    /// In words, from the bundle.
    pub name: Text,
    /// What must hold in one trial.
    pub predicate: String,
    /// In what share of trials.
    pub rate_at_least: f64,
    /// Trials in which it held.
    pub held: u64,
    /// Of so many.
    pub trials: u64,
    /// The interval in which the true rate lies.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// `holds`, `fails`, or nothing while it is open.
    pub settled: Option<String>,
    /// Whether the verdict waits for it.
    pub decides: bool,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// What the list says.
    #[serde(flatten)]
    pub line: EvidenceLine,
    /// Digest of the claim, hex.
    pub claim: String,
    /// The engine whose physics decided.
    pub engine: String,
    /// Confidence of the whole claim.
    pub confidence: f64,
    /// Who signed it; nothing if nobody did.
    pub signature: Option<Signature>,
    /// Every requirement.
    pub requirements: Vec<RequirementLine>,
    /// The bound that ruled it out, if it was rejected.
    pub rejection: Option<Text>,
    /// Failures, most frequent first: how many, and what happened.
    pub failures: Vec<FailureLine>,
    /// Size of the bundle, bytes.
    pub bytes: u64,
    /// Whether the hub can show its report.
    pub has_report: bool,
}

/// A kind of failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailureLine {
    /// In so many trials.
    pub trials: u64,
    /// What happened, as the engine says it.
    pub what: String,
}
