//! `acceptance.toml`: one job, with its figures and thresholds, as a contract names it. The same file is run as the test.
//!
//! It fixes content by digests, so what was agreed cannot change silently. Which requirements the scenario has is not known
//! here; whoever holds the scenario checks `[[require]]` against it and reports faults by [`AcceptanceManifest::fault`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::Text;
use super::document::{Document, ManifestError};
use super::terms::Terms;

/// A checked `acceptance.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceManifest {
    /// Whose agreement it is.
    #[serde(default)]
    pub acceptance: Acceptance,
    /// The robot; left out where the file asks the same of any.
    pub robot: Option<Content>,
    /// The job.
    pub scenario: Content,
    /// How the robot does it; left out where any way will do.
    pub solution: Option<Content>,
    /// Claim parameters by name; the scenario's defaults where not set.
    #[serde(default)]
    pub parameter: BTreeMap<String, f64>,
    /// How many trials, and their clock.
    #[serde(default)]
    pub trial: AcceptanceTrial,
    /// Requirements whose thresholds differ from the scenario's.
    #[serde(default)]
    pub require: Vec<Threshold>,
    /// What the parties agreed besides; carried along, decides nothing.
    pub terms: Option<Terms>,
    /// A challenge's secret, revealed.
    pub seal: Option<Revealed>,
}

/// Whose agreement it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// What people call it.
    pub title: Option<Text>,
    /// Who made the file.
    pub made_by: Option<String>,
    /// The need it was made from: its id or words.
    pub need: Option<String>,
    /// The engine whose physics decides, `leitai 0.1.0 physics 3`; the present one where not set.
    pub engine: Option<String>,
}

/// A package by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Its id in the catalog.
    pub id: String,
    /// Digest of its parsed content, 64 hexadecimal digits.
    pub digest: String,
}

/// How many trials, and their clock; the scenario's own where nothing is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceTrial {
    /// At most so many; the run ends as soon as the verdict is settled.
    pub most: Option<u32>,
    /// Exactly so many.
    pub exactly: Option<u32>,
    /// Step of the simulation, s.
    pub dt_s: Option<f64>,
}

/// A requirement of the scenario with another threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The requirement's id in the scenario, or its metric where no other requirement is on it.
    pub requirement: String,
    /// What the metric is compared with, in `unit`.
    pub limit: Option<f64>,
    /// Unit of `limit`, as the scenario writes it.
    pub unit: Option<String>,
    /// The least share of trials in which it holds.
    pub rate_at_least: Option<f64>,
    /// How sure the verdict must be.
    pub confidence: Option<f64>,
}

/// What a challenge kept secret until its deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revealed {
    /// The challenge's id.
    pub challenge: String,
    /// The digest that was public before, 64 hexadecimal digits.
    pub commitment: String,
    /// From which the trials' seeds follow, 64 hexadecimal digits.
    pub seed: String,
    /// What kept the secret from being guessed, 64 hexadecimal digits.
    pub nonce: String,
}

impl AcceptanceManifest {
    /// Reads and checks an `acceptance.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let manifest: Self = document.decode()?;
        manifest.check(&document)?;
        Ok(manifest)
    }

    /// A fault at `path` (names joined by dots, entries of a list by their number) in this text.
    #[must_use]
    pub fn fault(file: &str, text: &str, path: &str, what: String) -> ManifestError {
        super::document::fault(file, text, path, what)
    }

    fn check(&self, document: &Document) -> Result<(), ManifestError> {
        if let Some(title) = &self.acceptance.title {
            document.text("acceptance.title", title)?;
        }
        let Acceptance { made_by, need, engine, .. } = &self.acceptance;
        for (field, words) in [("made_by", made_by), ("need", need), ("engine", engine)] {
            if let Some(words) = words {
                document.words(&format!("acceptance.{field}"), words)?;
            }
        }
        for (field, content) in
            [("robot", self.robot.as_ref()), ("scenario", Some(&self.scenario)), ("solution", self.solution.as_ref())]
        {
            if let Some(content) = content {
                document.id(&format!("{field}.id"), &content.id)?;
                document.digest(&format!("{field}.digest"), &content.digest)?;
            }
        }
        for (name, &value) in &self.parameter {
            let path = format!("parameter.{name}");
            document.name(&path, name)?;
            document.within(&path, value, -1e9, 1e9)?;
        }
        let AcceptanceTrial { most, exactly, dt_s } = self.trial;
        if most.is_some() && exactly.is_some() {
            return Err(document.fault("trial.exactly", "`most` and `exactly` are two rules; keep one"));
        }
        for (field, count) in [("most", most), ("exactly", exactly)] {
            if let Some(count) = count {
                document.within(&format!("trial.{field}"), f64::from(count), 1.0, 100_000.0)?;
            }
        }
        if let Some(dt_s) = dt_s {
            document.within("trial.dt_s", dt_s, 1e-6, 0.1)?;
        }
        document.distinct("require", "requirement", self.require.iter().map(|r| r.requirement.as_str()))?;
        for (i, threshold) in self.require.iter().enumerate() {
            threshold.check(document, &format!("require.{i}"))?;
        }
        if let Some(terms) = &self.terms {
            terms.check(document, "terms")?;
        }
        let Some(seal) = &self.seal else { return Ok(()) };
        document.id("seal.challenge", &seal.challenge)?;
        document.digest("seal.commitment", &seal.commitment)?;
        document.digest("seal.seed", &seal.seed)?;
        document.digest("seal.nonce", &seal.nonce)
    }
}

impl Threshold {
    /// Checks one threshold; `path` is its place in the manifest.
    pub(super) fn check(&self, document: &Document, path: &str) -> Result<(), ManifestError> {
        document.name(&format!("{path}.requirement"), &self.requirement)?;
        match (self.limit, &self.unit) {
            (None, None) => {}
            (Some(limit), Some(unit)) => {
                document.within(&format!("{path}.limit"), limit, -1e9, 1e9)?;
                document.unit(&format!("{path}.unit"), "", unit)?;
            }
            _ => return Err(document.fault(path, "`limit` and `unit` go together; write both or neither")),
        }
        if let Some(rate) = self.rate_at_least {
            document.within(&format!("{path}.rate_at_least"), rate, 0.01, 0.9999)?;
        }
        if let Some(confidence) = self.confidence {
            document.within(&format!("{path}.confidence"), confidence, 0.5, 0.9999)?;
        }
        if self.limit.is_none() && self.rate_at_least.is_none() && self.confidence.is_none() {
            let what = "nothing differs from the scenario here; write `limit` with `unit`, `rate_at_least` or `confidence`";
            return Err(document.fault(path, what));
        }
        Ok(())
    }
}

/// The file's text, for people: every table with a line on what it is for.
impl core::fmt::Display for AcceptanceManifest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "# One job as it was agreed: run it unchanged with  leitai prove --acceptance THIS_FILE")?;
        writeln!(f, "# 约定的任务，原样运行：leitai prove --acceptance 本文件")?;
        let Acceptance { title, made_by, need, engine } = &self.acceptance;
        if title.is_some() || made_by.is_some() || need.is_some() || engine.is_some() {
            writeln!(f, "\n[acceptance]")?;
        }
        if let Some(Text { zh, en }) = title {
            writeln!(f, "title = {{ zh = {}, en = {} }}", quoted(zh), quoted(en))?;
        }
        for (field, words) in [("made_by", made_by), ("need", need), ("engine", engine)] {
            if let Some(words) = words {
                writeln!(f, "{field} = {}", quoted(words))?;
            }
        }
        for (kind, content) in
            [("robot", self.robot.as_ref()), ("scenario", Some(&self.scenario)), ("solution", self.solution.as_ref())]
        {
            if let Some(Content { id, digest }) = content {
                writeln!(f, "\n[{kind}]\nid = {}\ndigest = {}", quoted(id), quoted(digest))?;
            }
        }
        if !self.parameter.is_empty() {
            writeln!(f, "\n[parameter]")?;
        }
        for (name, value) in &self.parameter {
            writeln!(f, "{} = {value:?}", key(name))?;
        }
        let AcceptanceTrial { most, exactly, dt_s } = self.trial;
        if self.trial != AcceptanceTrial::default() {
            writeln!(f, "\n[trial]")?;
        }
        for (field, count) in [("most", most), ("exactly", exactly)] {
            if let Some(count) = count {
                writeln!(f, "{field} = {count}")?;
            }
        }
        if let Some(dt_s) = dt_s {
            writeln!(f, "dt_s = {dt_s:?}")?;
        }
        for threshold in &self.require {
            writeln!(f, "\n{threshold}")?;
        }
        if let Some(terms) = &self.terms {
            writeln!(f, "\n[terms]                                  # carried along; decides nothing\n{terms}")?;
        }
        let Some(Revealed { challenge, commitment, seed, nonce }) = &self.seal else { return Ok(()) };
        writeln!(f, "\n[seal]                                   # secret until the challenge's deadline")?;
        writeln!(f, "challenge = {}\ncommitment = {}", quoted(challenge), quoted(commitment))?;
        writeln!(f, "seed = {}\nnonce = {}", quoted(seed), quoted(nonce))
    }
}

/// One `[[require]]` table, without a line break at its end.
impl core::fmt::Display for Threshold {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[[require]]\nrequirement = {}", quoted(&self.requirement))?;
        if let (Some(limit), Some(unit)) = (self.limit, &self.unit) {
            write!(f, "\nlimit = {limit:?}\nunit = {}", quoted(unit))?;
        }
        if let Some(rate) = self.rate_at_least {
            write!(f, "\nrate_at_least = {rate:?}")?;
        }
        match self.confidence {
            Some(confidence) => write!(f, "\nconfidence = {confidence:?}"),
            None => Ok(()),
        }
    }
}

/// A key as TOML writes it: bare where it may be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_string() } else { quoted(name) }
}

/// A text as TOML writes it (TOML 1.0, basic strings).
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if (other as u32) < 0x20 || other as u32 == 0x7f => out.push_str(&format!("\\u{:04X}", other as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
