//! Products and jobs, with the figures that they state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EvidenceLine, Text};

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
    /// The plan's class, or the kind of robot where the catalog states none: `collaborative`.
    pub class: String,
    /// What its package calls it: `manipulator`.
    #[serde(default)]
    pub kind: String,
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
    /// Its id in the scenario: `placement`.
    #[serde(default)]
    pub id: String,
    /// In words.
    pub name: Text,
    /// What must hold in one trial: `placement_offset_m <= 0.005`.
    pub predicate: String,
    /// Unit of its limit.
    #[serde(default)]
    pub unit: String,
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

/// A part that robots carry, such as a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// Catalog id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Maker.
    pub maker: Text,
    /// Kind of part: `gripper`.
    pub class: String,
    /// Version of its package.
    pub version: String,
    /// Digest of its manifest and model, hex.
    pub digest: String,
}
