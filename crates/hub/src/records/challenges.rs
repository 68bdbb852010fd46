//! Challenges: what is asked until when, who answered, and how the answers stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RequirementLine, Text};

/// How far a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeState {
    /// Answers are taken until the deadline.
    Open,
    /// The deadline has passed and its publisher has yet to reveal the secret.
    Closed,
    /// The secret is public, and every answer that counts is being run.
    Revealed,
    /// Every answer has its place.
    Ranked,
    /// Taken back before anybody answered.
    Withdrawn,
}

/// A requirement of the scenario with another threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The requirement's id in the scenario: `placement`.
    pub requirement: String,
    /// What the metric is compared with, in `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Unit of `limit`, as the scenario writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The least share of trials in which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_at_least: Option<f64>,
    /// How sure the verdict must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// A requirement as a challenge asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AskedRequirement {
    /// Its id in the scenario.
    pub id: String,
    /// In words.
    pub name: Text,
    /// What must hold in one trial.
    pub predicate: String,
    /// Unit of its limit.
    pub unit: String,
    /// In what share of trials.
    pub rate_at_least: f64,
    /// Whether the verdict waits for it.
    pub decides: bool,
    /// Whether it is not the scenario's own.
    pub changed: bool,
}

/// What is stated when a challenge is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChallenge {
    /// Its id: lower-case letters, digits and hyphens.
    pub id: String,
    /// The organization that publishes it.
    pub organization: String,
    /// What people call it.
    pub title: Text,
    /// What is asked and why.
    pub text: Text,
    /// What there is to win, in words.
    pub prize: Text,
    /// The scenario's id.
    pub scenario: String,
    /// Claim parameters by name; the scenario's defaults where not set.
    #[serde(default)]
    pub parameters: BTreeMap<String, f64>,
    /// Products that may take part; any if none is named.
    #[serde(default)]
    pub robots: Vec<String>,
    /// Exactly so many trials.
    #[serde(default)]
    pub exactly: Option<u32>,
    /// At most so many; the run ends as soon as the verdict is settled.
    #[serde(default)]
    pub most: Option<u32>,
    /// Thresholds that differ from the scenario's.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
    /// Whether they stay secret until the deadline.
    #[serde(default)]
    pub sealed: bool,
    /// A requirement whose metric's mean ranks answers that are equal otherwise.
    #[serde(default)]
    pub rank_by: Option<String>,
    /// Until when answers are taken, milliseconds since 1970.
    pub deadline_ms: u64,
    /// The publisher's own commitment, 64 hex digits: then the hub knows no secret, and the publisher reveals it.
    #[serde(default)]
    pub commitment: Option<String>,
    /// Why it is published; the ledger keeps it.
    pub why: String,
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// Its id.
    pub id: String,
    /// The organization that published it.
    pub organization: String,
    /// Its name.
    pub organization_name: Text,
    /// What people call it.
    pub title: Text,
    /// What is asked and why.
    pub text: Text,
    /// What there is to win.
    pub prize: Text,
    /// The scenario's id.
    pub scenario: String,
    /// Its name.
    pub scenario_name: Text,
    /// Digest of the scenario's content when the challenge was published, hex.
    pub scenario_digest: String,
    /// Every claim parameter.
    pub parameters: BTreeMap<String, f64>,
    /// Products that may take part; any if none is named.
    pub robots: Vec<String>,
    /// Exactly so many trials.
    pub exactly: Option<u32>,
    /// At most so many trials.
    pub most: Option<u32>,
    /// Whether thresholds are secret until the deadline.
    pub sealed: bool,
    /// Thresholds that differ from the scenario's; nothing while they are secret.
    pub thresholds: Option<Vec<Threshold>>,
    /// What must hold; the scenario's own while thresholds are secret.
    pub requirements: Vec<AskedRequirement>,
    /// A requirement whose metric's mean ranks answers that are equal otherwise.
    pub rank_by: Option<String>,
    /// Digest of challenge, scenario, thresholds, seed and nonce, public from the first day, hex.
    pub commitment: String,
    /// Whether the publisher keeps the secret and reveals it, rather than the hub.
    pub kept_by_publisher: bool,
    /// The secret, once it is revealed.
    pub secret: Option<Secret>,
    /// Until when answers are taken, milliseconds since 1970.
    pub deadline_ms: u64,
    /// Since when it is public, milliseconds since 1970.
    pub published_ms: u64,
    /// How far it is.
    pub state: ChallengeState,
    /// How many answers came.
    pub submissions: u64,
    /// From how many organizations.
    pub answering: u64,
    /// The hub's clock, milliseconds since 1970.
    pub now_ms: u64,
}

/// What a commitment bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// From which the trials' seeds follow, 64 hex digits.
    pub seed: String,
    /// What kept the rest from being guessed, 64 hex digits.
    pub nonce: String,
}

/// A publisher's own secret, revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// From which the trials' seeds follow, 64 hex digits.
    pub seed: String,
    /// What kept the rest from being guessed, 64 hex digits.
    pub nonce: String,
    /// Thresholds, if they were secret.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
}

/// An answer to a challenge: a robot of the catalog, and how it does the job. Exactly one of `solution`, `files` and `zip` is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubmission {
    /// The organization that answers.
    pub organization: String,
    /// The robot's id in the catalog.
    pub robot: String,
    /// A solution of the catalog, by its id.
    #[serde(default)]
    pub solution: Option<String>,
    /// The files of a solution package by their names, each in base64: `solution.toml` and what it names.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The same as a zip archive, in base64.
    #[serde(default)]
    pub zip: Option<String>,
}

/// An answer to a challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// Its number among the challenge's.
    pub number: u64,
    /// The organization that answered.
    pub organization: String,
    /// Its name.
    pub organization_name: Text,
    /// The account that sent it.
    pub who: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Digest of challenge, organization, robot, solution and a nonce, hex: it binds the answer and tells nothing.
    pub digest: String,
    /// Whether it is its organization's last, which alone counts.
    pub counts: bool,
    /// What was answered; nothing for others until the challenge is revealed.
    pub content: Option<SubmissionContent>,
}

/// What an answer consists of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionContent {
    /// The robot's id.
    pub robot: String,
    /// Its name.
    pub robot_name: Text,
    /// The solution's id.
    pub solution: String,
    /// Its name.
    pub solution_name: Text,
    /// Digest of the solution's content, hex.
    pub solution_digest: String,
    /// What keeps the public digest from being guessed, hex.
    pub nonce: String,
    /// The package's files, with their sizes in bytes.
    pub files: BTreeMap<String, u64>,
}

/// How the answers stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Leaderboard {
    /// How far the challenge is.
    pub state: ChallengeState,
    /// How answers are ranked, in words.
    pub rule: Text,
    /// The metric whose mean is the last word, if there is one, and its unit.
    pub main: Option<MainMetric>,
    /// Every answer that counts, best first; none before the challenge is revealed.
    pub rows: Vec<Row>,
}

/// The metric whose mean ranks answers that are equal otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MainMetric {
    /// The requirement it belongs to, in words.
    pub name: Text,
    /// The metric: `pieces_per_hour`.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// An answer's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    /// Its rank; equal ones have the same. Nothing while it runs, or if it could not be run.
    pub rank: Option<u64>,
    /// The answer.
    pub submission: Submission,
    /// The proof on this hub, by its number.
    pub proof: Option<u64>,
    /// `queued`, `running`, `done`, `failed` or `canceled`.
    pub state: String,
    /// Trials judged so far.
    pub trials: u64,
    /// What came out; nothing while it runs, or if it could not be run.
    pub score: Option<Score>,
    /// Digest of its evidence, hex.
    pub evidence: Option<String>,
    /// Every requirement, with its interval.
    pub requirements: Vec<RequirementLine>,
    /// Why it could not be run.
    pub failure: Option<Text>,
}

/// What ranks an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Score {
    /// `proved`, `undecided`, `refuted` or `rejected`.
    pub decision: String,
    /// The least lower bound of a rate, over the requirements that decide.
    pub worst_low: f64,
    /// Mean of the main metric over the trials that have it.
    pub mean: Option<f64>,
}

/// A comment to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// The organization for which one speaks.
    pub organization: String,
    /// The answer it is about, by its number; the challenge itself if left out.
    #[serde(default)]
    pub submission: Option<u64>,
    /// The comment, in one language.
    pub text: String,
}

/// An expert's comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comment {
    /// Its number.
    pub number: u64,
    /// The organization for which it speaks.
    pub organization: String,
    /// Its name.
    pub organization_name: Text,
    /// The account that wrote it.
    pub who: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The answer it is about; the challenge itself if there is none.
    pub submission: Option<u64>,
    /// The comment.
    pub text: String,
}
