//! What the hub tells about its records: the bodies of its API, and of the pages made from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its two halves.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A number that somebody states, with where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// What it is: `payload_kg`.
    pub name: String,
    /// The number, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// `verified`, `recalled` or `assumed`.
    pub standing: String,
    /// Key of its source.
    pub source: String,
}

/// Where figures come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// Key that figures name.
    pub key: String,
    /// Who published it.
    pub publisher: String,
    /// Its title.
    pub title: String,
    /// When, as far as known.
    pub date: String,
    /// `verified`, `recalled` or `assumed`.
    pub standing: String,
}

/// Something that a model takes for granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Assumption {
    /// Its id.
    pub id: String,
    /// What is assumed.
    pub text: Text,
    /// A number, if it is one.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Option<String>,
    /// `verified`, `recalled` or `assumed`.
    pub standing: String,
}

/// How many verdicts of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Proved.
    pub proved: u64,
    /// Refuted.
    pub refuted: u64,
    /// Undecided.
    pub undecided: u64,
    /// Rejected before any trial.
    pub rejected: u64,
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductLine {
    /// Catalog id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Maker.
    pub maker: Text,
    /// Kind of robot: `manipulator`.
    pub class: String,
    /// Sectors it is meant for.
    pub sectors: Vec<String>,
    /// Joints that move.
    pub dof: u32,
    /// Grade of its dynamics, A to D.
    pub grade: String,
    /// Figures that people filter by: payload, reach and mass, where stated.
    pub figures: Vec<Figure>,
    /// Verdicts about it.
    pub verdicts: Counts,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// What the list says.
    #[serde(flatten)]
    pub line: ProductLine,
    /// Version of its package.
    pub version: String,
    /// Digest of its manifest and model, hex.
    pub digest: String,
    /// Why its dynamics have that grade.
    pub grade_reason: Text,
    /// Everything its package states.
    pub claims: Vec<Figure>,
    /// What its model takes for granted.
    pub assumptions: Vec<Assumption>,
    /// Where its figures come from.
    pub sources: Vec<Source>,
    /// The evidence about it, newest first.
    pub evidence: Vec<EvidenceLine>,
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScenarioLine {
    /// Catalog id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Sector: `construction`.
    pub sector: String,
    /// The plan's own words.
    pub plan: String,
    /// Tier, 1 to 3.
    pub tier: u32,
    /// The tool it is done with.
    pub tool: Option<String>,
    /// Verdicts about it.
    pub verdicts: Counts,
}

/// A number that a claim may set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parameter {
    /// Its name: `block_mass_kg`.
    pub name: String,
    /// Where nobody sets it.
    pub default: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Unit.
    pub unit: String,
    /// `verified`, `recalled` or `assumed`.
    pub standing: String,
}

/// What must hold for a job to count as done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Requirement {
    /// In words.
    pub name: Text,
    /// What must hold in one trial: `placement_offset_m <= 0.005`.
    pub predicate: String,
    /// In what share of trials.
    pub rate_at_least: f64,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scenario {
    /// What the list says.
    #[serde(flatten)]
    pub line: ScenarioLine,
    /// Version of its package.
    pub version: String,
    /// Digest of its manifest and world, hex.
    pub digest: String,
    /// `none`, `calibrated` or `paired` with a real cell.
    pub credibility: String,
    /// What a claim may set.
    pub parameters: Vec<Parameter>,
    /// What must hold.
    pub requirements: Vec<Requirement>,
    /// What it takes for granted.
    pub assumptions: Vec<Assumption>,
    /// Where its figures come from.
    pub sources: Vec<Source>,
    /// The evidence about it, newest first.
    pub evidence: Vec<EvidenceLine>,
}

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

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
    /// Which page this is, from 1.
    pub page: u64,
    /// Entries of a full page.
    pub per_page: u64,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Who.
    pub who: String,
    /// What: `product.put`, `evidence.published`, `evidence.checked`, …
    pub what: String,
    /// About which record.
    pub subject: String,
    /// Why.
    pub why: String,
    /// Digest over this entry and the one before it, hex.
    pub digest: String,
}

/// What the hub holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Products.
    pub products: u64,
    /// Scenarios.
    pub scenarios: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Verdicts of each kind.
    pub verdicts: Counts,
    /// Entries of the ledger.
    pub ledger: u64,
    /// The engine that this hub runs trials with.
    pub engine: String,
    /// Whether whoever asks may publish: signed in, or with a token.
    pub may_publish: bool,
}
