//! Proofs that the hub runs itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Evidence, RequirementLine, Text};

/// How far a proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// Waits for its turn; a long one takes several.
    Queued,
    /// Trials are being run.
    Running,
    /// There is evidence.
    Done,
    /// It could not be run; `cause` says why.
    Failed,
    /// Taken back before its end.
    Canceled,
}

/// A proof that the hub was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proof {
    /// Its number.
    pub id: u64,
    /// Who it is for: `account/wang`.
    pub origin: String,
    /// What was asked for.
    #[serde(flatten)]
    pub asked: ProofAsked,
    /// Digest of the claim, hex.
    pub claim: String,
    /// When it was asked for, milliseconds since 1970.
    pub asked_ms: u64,
    /// How far it is.
    pub state: ProofState,
    /// Proofs that come before it, while it waits.
    pub ahead: u64,
    /// Trials judged so far.
    pub trials: u64,
    /// What they say so far.
    pub requirements: Vec<RequirementLine>,
    /// When its first trial began, milliseconds since 1970.
    pub started_ms: Option<u64>,
    /// When it ended, milliseconds since 1970.
    pub ended_ms: Option<u64>,
    /// What was decided: `proved`, `refuted`, `undecided` or `rejected`.
    pub decision: Option<String>,
    /// Digest of the bundle that it became, hex.
    pub evidence: Option<String>,
    /// Why it failed.
    pub cause: Option<Text>,
}

/// What a proof is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProofAsked {
    /// The robot's id.
    pub robot: String,
    /// Its name.
    pub robot_name: Text,
    /// The job's id.
    pub scenario: String,
    /// Its name.
    pub scenario_name: Text,
    /// The solution's id.
    pub solution: String,
    /// What the claim sets.
    pub parameters: BTreeMap<String, f64>,
    /// The most trials that it runs.
    pub most: u64,
    /// Whether it runs exactly so many; else it ends as soon as the verdict stands.
    pub fixed: bool,
    /// Why it was asked for.
    pub why: String,
}

/// A proof that is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProof {
    /// The robot's id.
    pub robot: String,
    /// The job's id.
    pub scenario: String,
    /// The solution's id; without it, the first that is written for the job.
    #[serde(default)]
    pub solution: Option<String>,
    /// Parameters of the claim that differ from the job's own, such as `block_mass_kg`.
    #[serde(default)]
    pub parameters: BTreeMap<String, f64>,
    /// Exactly so many trials; without it, as many as the verdict needs.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    pub trials: Option<u64>,
    /// The most trials, instead of the job's own limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    pub most: Option<u64>,
    /// Why it is wanted; the ledger keeps it.
    #[schema(min_length = 1, max_length = 500)]
    pub why: String,
}

/// What becomes of a wish for a proof: one of the two.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProofAnswer {
    /// The proof of this claim that waits or runs.
    pub proof: Option<Proof>,
    /// The evidence that there is already: the same claim, on packages that have not changed since.
    pub evidence: Option<Evidence>,
}

/// The hub's own key, which signs what it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HubKey {
    /// Its fingerprint, as evidence names who signed.
    pub id: String,
    /// The public key in PEM: in a file NAME.pub, for `leitai key trust NAME.pub`.
    pub public: String,
}
