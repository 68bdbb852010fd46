//! What a page says: the wire form between Rust and the page.
//!
//! The other half is `web/src/lib/data.ts`; a field added here is added there, and a test holds the two together through
//! `web/test/page.json`. These are plain figures: nothing here computes a verdict. Numbers are SI unless a unit stands beside
//! them, angles radians, rates from 0 to 1. A number that is not finite becomes JSON `null`, which the page shows as a dash
//! only where a value is optional, so keep others finite.

use serde::{Deserialize, Serialize};

use super::replay::{Scene, Series, Track};

/// One name or sentence in both languages; both are always filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// American English.
    pub en: String,
}

impl Text {
    /// Both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// A word that is the same in both, such as a joint's name.
    pub fn same(word: impl Into<String>) -> Self {
        let word = word.into();
        Self { zh: word.clone(), en: word }
    }
}

/// The language a page opens in; the reader may switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// American English.
    #[default]
    En,
}

/// A whole page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Data {
    /// Evidence about a claim.
    Report(Box<Report>),
    /// A robot or world to look at.
    Model(Box<super::model::ModelPage>),
}

/// Evidence about one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Opens in.
    pub language: Language,
    /// The browser tab's title and the last line of the page.
    pub title: Text,
    /// Said across the top of a page that is not evidence; `None` on a real report.
    pub banner: Option<Text>,
    /// The headline.
    pub verdict: Verdict,
    /// What was settled.
    pub claim: Claim,
    /// How well the robot's masses and inertias are known.
    pub dynamics_grade: Grade,
    /// Whether real runs stand behind the simulation.
    pub credibility: Credibility,
    /// Such as "outside the maker's rating"; shown under the headline.
    pub warnings: Vec<Text>,
    /// In the claim's order.
    pub requirements: Vec<Requirement>,
    /// Every figure the verdict rests on; the headline counts them.
    pub assumptions: Vec<Assumption>,
    /// Null and oracle.
    pub controls: Vec<Control>,
    /// Columns of the trial table.
    pub metrics: Vec<MetricColumn>,
    /// Every trial, in index order.
    pub trials: Vec<Trial>,
    /// Trials that failed in the same way, the most frequent first.
    pub failures: Vec<Failure>,
    /// What lifting one limit changed, if the claim was refuted.
    pub reasons: Vec<Reason>,
    /// What the claim could find out.
    pub operating_curve: Option<OperatingCurve>,
    /// One histogram each.
    pub distributions: Vec<Distribution>,
    /// Peak torque and speed of each joint.
    pub joint_peaks: Vec<JointPeak>,
    /// What the replays move.
    pub scene: Option<Scene>,
    /// The logged trials: worst, median, best.
    pub replays: Vec<Replay>,
    /// Who signed; `None` reads "unsigned".
    pub signature: Option<Signature>,
    /// `None` inside a bundle, whose digest cannot hold itself; the page then points to the envelope.
    pub bundle_digest: Option<String>,
    /// The command that gives this result again.
    pub command: String,
    /// The command that checks the bundle.
    pub verify_command: String,
}

/// How the claim was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every deciding requirement is met.
    Proved,
    /// One is missed.
    Refuted,
    /// The trial limit came first.
    Undecided,
    /// Refused before the first trial.
    Rejected,
}

/// The headline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Colors the page.
    pub status: Status,
    /// A full sentence that names robot, solution and model version.
    pub sentence: Text,
}

/// A package by id, name and digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// As in the catalog.
    pub id: String,
    /// For people.
    pub name: Text,
    /// With its algorithm, such as `blake3:…`.
    pub digest: String,
}

/// A claim parameter such as `block_mass_kg = 20`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// For people.
    pub name: Text,
    /// As it should be read.
    pub value: String,
    /// May be empty.
    pub unit: String,
}

/// What was settled, and from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Who does it.
    pub robot: Named,
    /// What is done.
    pub scenario: Named,
    /// How it is done.
    pub solution: Named,
    /// In the claim's order.
    pub parameters: Vec<Parameter>,
    /// Of the canonical claim; also draws the page's seal.
    pub digest: String,
    /// Name, version, physics version, contact mode.
    pub engine: String,
    /// Hexadecimal.
    pub seed_root: String,
    /// The seed was set by hand.
    pub exploratory: bool,
    /// The commitment that sealed the seed before it was known, hexadecimal, and the challenge it belongs to.
    #[serde(default)]
    pub sealed: Option<Sealed>,
    /// Of the whole claim, 0 to 1.
    pub confidence: f64,
    /// Trials that entered the verdict.
    pub trials_run: u64,
    /// The claim's limit.
    pub trials_most: u64,
    /// Longest a trial may take.
    pub duration_s: f64,
}

/// What a challenge committed to before anyone answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The challenge's id.
    pub challenge: String,
    /// The digest that was public before, hexadecimal.
    pub commitment: String,
}

/// How well the masses and inertias are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// A, B or C.
    pub grade: String,
    /// Why.
    pub text: Text,
}

/// Whether real runs stand behind the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credibility {
    /// Never compared with a real run.
    None,
    /// Parameters fitted to real runs.
    Calibrated,
    /// Compared trial by trial with real runs.
    Paired,
}

/// Where a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// The whole interval lies at or above the threshold.
    Met,
    /// The whole interval lies below it.
    Missed,
    /// Neither yet.
    Open,
}

/// One row of the requirement table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// As in the scenario.
    pub id: String,
    /// For people.
    pub name: Text,
    /// The predicate on one trial, in words with its figures.
    pub predicate: Text,
    /// The rate asked for, 0 to 1.
    pub rate_at_least: f64,
    /// Trials in which the predicate held.
    pub successes: u64,
    /// Trials counted.
    pub n: u64,
    /// Lower end of the interval of the true rate.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Names the interval, such as "Beta(½,½) confidence sequence".
    pub method: String,
    /// Where it stands.
    pub status: RequirementStatus,
    /// False for an estimate: shown, but decides nothing.
    pub decides: bool,
}

/// How sure a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Read in the source named.
    Verified,
    /// From memory.
    Recalled,
    /// Reasoned.
    Assumed,
}

/// A figure the verdict rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// What the figure is.
    pub text: Text,
    /// With its unit.
    pub value: String,
    /// How sure.
    pub standing: Standing,
    /// Publisher and page, or the reasoning.
    pub source: String,
}

/// What a control arm has to do for the scenario to be sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// Null.
    Fail,
    /// Oracle.
    Pass,
}

/// A control arm's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Such as `null_hold`.
    pub id: String,
    /// For people.
    pub name: Text,
    /// What it has to do.
    pub must: Must,
    /// Trials it passed.
    pub successes: u64,
    /// Trials it ran.
    pub n: u64,
    /// Whether it did what it must.
    pub as_expected: bool,
    /// What it does, in words.
    pub note: Text,
}

/// A column of the trial table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricColumn {
    /// As in the scenario.
    pub id: String,
    /// For people.
    pub name: Text,
    /// May be empty.
    pub unit: String,
    /// After the decimal point, at most 20.
    pub digits: u8,
}

/// One trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Its place in the sequence.
    pub index: u64,
    /// All requirements on it held.
    pub passed: bool,
    /// One for each column; `None` where the trial ended before it could be measured.
    pub values: Vec<Option<f64>>,
    /// Why it failed.
    pub failure: Option<Text>,
}

/// Trials that failed in the same way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// In words.
    pub text: Text,
    /// Their indices.
    pub trials: Vec<u64>,
    /// A logged moment to open, if one was logged.
    pub example: Option<Moment>,
}

/// A counterfactual: failed trials run again with one limit lifted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In words.
    pub text: Text,
    /// Whether all of them pass then, so that this limit is what stopped them.
    pub explains: bool,
}

/// A moment of a logged trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Its index.
    pub trial: u64,
    /// From the trial's start.
    pub time_s: f64,
}

/// What the claim could find out, computed before the first trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingCurve {
    /// The requirement it is drawn for.
    pub requirement: Text,
    /// Its threshold.
    pub rate_at_least: f64,
    /// The claim's limit.
    pub trials_most: u64,
    /// In order of `true_rate`.
    pub points: Vec<OperatingPoint>,
}

/// One supposed truth and what would follow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// Supposed.
    pub true_rate: f64,
    /// Chance of *proved*.
    pub proved: f64,
    /// Chance of *refuted*.
    pub refuted: f64,
    /// Trials it takes on average.
    pub mean_trials: f64,
}

/// Which side of a limit is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// At most the limit.
    Below,
    /// At least the limit.
    Above,
}

/// A limit drawn into a histogram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// In the distribution's unit.
    pub value: f64,
    /// The good side.
    pub keep: Keep,
    /// Where it comes from.
    pub text: Text,
}

/// One metric over all trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// As in the scenario.
    pub id: String,
    /// For people.
    pub name: Text,
    /// May be empty.
    pub unit: String,
    /// Finite; trials without a value are left out.
    pub values: Vec<f64>,
    /// Its limit, if it has one.
    pub limit: Option<Limit>,
}

/// The largest torque and speed of one joint over all trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointPeak {
    /// Its name.
    pub joint: String,
    /// "N·m", or "N" at a prismatic joint.
    pub effort_unit: String,
    /// "rad/s", or "m/s" at a prismatic joint.
    pub speed_unit: String,
    /// Largest magnitude.
    pub effort_peak: f64,
    /// Of the data sheet.
    pub effort_limit: Option<f64>,
    /// Largest magnitude.
    pub speed_peak: f64,
    /// Of the data sheet.
    pub speed_limit: Option<f64>,
}

/// Why a trial was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Failed, or came closest to it.
    Worst,
    /// In the middle.
    Median,
    /// Had the most margin.
    Best,
    /// Asked for.
    Chosen,
}

/// A logged trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Its index.
    pub trial: u64,
    /// Why it was logged.
    pub role: Role,
    /// How it ended.
    pub passed: bool,
    /// Only where this trial's shapes differ from [`Report::scene`], such as another block size.
    pub scene: Option<Scene>,
    /// How the bodies moved.
    pub track: Track,
    /// Torques, speeds, forces.
    pub series: Vec<Series>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The name the key goes by.
    pub signer: String,
    /// The public key, with its algorithm.
    pub key: String,
    /// In the reader's list of trusted keys.
    pub trusted: bool,
}
