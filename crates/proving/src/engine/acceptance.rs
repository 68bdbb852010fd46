//! `acceptance.toml` and claims: the file makes the claim, and any claim can be written as a file.

use leitai_model::nearest_name;
use leitai_package::manifest::{
    AcceptanceManifest, AcceptanceTrial, Content, ManifestError, Requirement as Required, ScenarioManifest, Threshold,
};

use super::request::{RequestError, claim_of, predicate};
use super::{Case, CaseError};
use crate::claim::{Claim, Requirement, SeedRule, Subject, TrialRule};
use crate::packages::{Files, Packages};
use crate::report::Text;
use crate::seal::Seal;

/// An acceptance file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// What it says.
    pub manifest: AcceptanceManifest,
    /// Its text, kept as it is: evidence carries it.
    pub text: String,
    /// Its name in messages.
    file: String,
}

/// Why an acceptance file makes no claim.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AcceptanceError {
    /// Something in the file is wrong, or not what is here.
    #[error(transparent)]
    File(#[from] ManifestError),
    /// Neither the file nor anyone else names a robot.
    #[error("{file}: it names no robot; name the one to test")]
    NoRobot {
        /// The file.
        file: String,
    },
    /// The rest of it does not fit the scenario.
    #[error("{file}: {source}")]
    Request {
        /// The file.
        file: String,
        /// Why.
        source: Box<RequestError>,
    },
    /// A claim that a file cannot carry.
    #[error("a seed chosen by hand is no basis for an agreement; leave the seed out")]
    ChosenSeed,
    /// A claim whose file exists already.
    #[error("the seed was sealed by a challenge; use the acceptance file that reveals it")]
    SealedSeed,
}

impl Acceptance {
    /// Reads an acceptance file; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn read(file: &str, text: &str) -> Result<Self, ManifestError> {
        let manifest = AcceptanceManifest::parse(file, text)?;
        Ok(Self { manifest, text: text.to_string(), file: file.to_string() })
    }

    /// The file that asks for this claim; thresholds are written where they differ from the scenario's. Title, need and terms are
    /// for whoever agrees on it to add.
    ///
    /// # Errors
    /// If the claim's seed was chosen by hand, or sealed: then the challenge has the file.
    pub fn of(claim: &Claim, scenario: &ScenarioManifest) -> Result<AcceptanceManifest, AcceptanceError> {
        match claim.seed {
            SeedRule::Derived => {}
            SeedRule::Chosen(_) => return Err(AcceptanceError::ChosenSeed),
            SeedRule::Sealed { .. } => return Err(AcceptanceError::SealedSeed),
        }
        let content = |subject: &Subject| Content { id: subject.id.clone(), digest: subject.digest.to_string() };
        let count = |trials: u64| u32::try_from(trials).ok();
        let own = scenario.trial;
        let (most, exactly) = match claim.trials {
            TrialRule::Sequential { limit } => (count(limit), None),
            TrialRule::Fixed { trials } => (None, count(trials)),
        };
        let dt_s = (claim.dt_s != own.dt_s).then_some(claim.dt_s);
        let trial = AcceptanceTrial { most, exactly, dt_s };
        Ok(AcceptanceManifest {
            acceptance: leitai_package::manifest::Acceptance { engine: Some(claim.engine.clone()), ..Default::default() },
            robot: Some(content(&claim.robot)),
            scenario: content(&claim.scenario),
            solution: Some(content(&claim.solution)),
            parameter: claim.parameters.clone(),
            trial,
            require: changed(claim, scenario).map(|(required, now)| threshold(required, now, own.confidence)).collect(),
            terms: None,
            seal: None,
        })
    }

    /// The claim that this file makes of `packages`.
    ///
    /// # Errors
    /// If the packages are not those of the file, it asks for a requirement that the scenario does not have, or its secret is not what
    /// was sealed; the message says which line.
    pub fn claim(&self, packages: &Packages) -> Result<Claim, AcceptanceError> {
        let manifest = &self.manifest;
        let fault = |path: &str, what: String| AcceptanceManifest::fault(&self.file, &self.text, path, what);
        if let Some(wanted) = &manifest.acceptance.engine
            && *wanted != super::version()
        {
            let what = format!(
                "the file asks for the engine `{wanted}`, and this is `{}`; use that version, or agree on a new file",
                super::version()
            );
            return Err(fault("acceptance.engine", what).into());
        }
        let rule = match manifest.trial {
            AcceptanceTrial { exactly: Some(trials), .. } => TrialRule::Fixed { trials: u64::from(trials) },
            AcceptanceTrial { most, .. } => {
                TrialRule::Sequential { limit: u64::from(most.unwrap_or(packages.scenario.trial.most)) }
            }
        };
        let seed = match &manifest.seal {
            None => SeedRule::Derived,
            Some(shown) => Seal::revealed(shown, &manifest.scenario, &manifest.require)
                .map_err(|error| fault("seal.commitment", error.to_string()))?
                .seed_rule(),
        };
        let dt_s = manifest.trial.dt_s.unwrap_or(packages.scenario.trial.dt_s);
        let mut claim = claim_of(packages, &manifest.parameter, rule, seed, dt_s)
            .map_err(|source| AcceptanceError::Request { file: self.file.clone(), source: Box::new(source) })?;
        let named = [
            ("scenario", Some(&manifest.scenario), &claim.scenario),
            ("robot", manifest.robot.as_ref(), &claim.robot),
            ("solution", manifest.solution.as_ref(), &claim.solution),
        ];
        for (kind, named, here) in named {
            let Some(Content { id, digest }) = named else { continue };
            if *id != here.id {
                return Err(fault(&format!("{kind}.id"), format!("the file names the {kind} `{id}`, not `{}`", here.id)).into());
            }
            if *digest != here.digest.to_string() {
                let what = format!(
                    "{kind} `{id}` is not the one that was agreed: its content here has the digest {}…, and the file says {}…; \
                     give the packages of that time with --catalog DIR, or agree on a new file",
                    here.digest.short(),
                    digest.get(..12).unwrap_or(digest)
                );
                return Err(fault(&format!("{kind}.digest"), what).into());
            }
        }
        let required = &packages.scenario.require;
        let mut taken = vec![false; required.len()];
        for (i, threshold) in manifest.require.iter().enumerate() {
            let at = |field: &str| format!("require.{i}.{field}");
            let found = find(required, &threshold.requirement)
                .ok_or_else(|| fault(&at("requirement"), unknown(&packages.scenario, &threshold.requirement)))?;
            if std::mem::replace(&mut taken[found], true) {
                let what = format!("requirement `{}` is changed twice; keep one", required[found].id);
                return Err(fault(&at("requirement"), what).into());
            }
            if let Some(unit) = &threshold.unit
                && *unit != required[found].unit
            {
                return Err(fault(&at("unit"), format!("this limit is in {}, not in {unit}", required[found].unit)).into());
            }
            // A claim's requirements stand in the order of the scenario's file.
            let line = &mut claim.requirements[found];
            line.predicate.limit = threshold.limit.unwrap_or(line.predicate.limit);
            line.rate_at_least = threshold.rate_at_least.unwrap_or(line.rate_at_least);
            line.confidence = threshold.confidence.unwrap_or(line.confidence);
        }
        Ok(claim)
    }

    /// The id in the file, or the one that someone else gave; they must be the same.
    fn agreed(&self, kind: &str, named: Option<&Content>, given: Option<&str>) -> Result<Option<String>, AcceptanceError> {
        match (named, given) {
            (Some(named), Some(given)) if named.id != given => {
                let what = format!("the file names the {kind} `{}`, and `{given}` was asked for; leave that out", named.id);
                Err(AcceptanceManifest::fault(&self.file, &self.text, &format!("{kind}.id"), what).into())
            }
            (named, given) => Ok(named.map(|named| named.id.clone()).or_else(|| given.map(str::to_string))),
        }
    }
}

impl Case {
    /// Reads the packages that an acceptance file names from `catalog` and makes its claim. Where the file leaves robot or solution
    /// open, they are given; without a solution, the first that is written for the scenario is taken.
    ///
    /// # Errors
    /// If a package is missing, faulty or not the one that was agreed, or no run could settle the claim.
    pub fn accept(
        catalog: &Files,
        acceptance: &Acceptance,
        robot: Option<&str>,
        solution: Option<&str>,
    ) -> Result<Self, CaseError> {
        let manifest = &acceptance.manifest;
        let robot = acceptance.agreed("robot", manifest.robot.as_ref(), robot)?;
        let robot = robot.ok_or_else(|| AcceptanceError::NoRobot { file: acceptance.file.clone() })?;
        let solution = acceptance.agreed("solution", manifest.solution.as_ref(), solution)?;
        let packages = Packages::read(catalog, &robot, &manifest.scenario.id, solution.as_deref())?;
        let claim = acceptance.claim(&packages)?;
        let mut case = Self::of(packages, claim)?;
        case.warnings.extend(differences(&case.claim, &case.packages.scenario));
        case.acceptance = Some(acceptance.clone().into());
        Ok(case)
    }
}

/// The requirements of a claim that are not the scenario's own, each with the scenario's.
fn changed<'a>(
    claim: &'a Claim,
    scenario: &'a ScenarioManifest,
) -> impl Iterator<Item = (&'a Required, &'a Requirement)> + use<'a> {
    let own = scenario.trial.confidence;
    let pairs = scenario.require.iter().zip(&claim.requirements);
    pairs.filter(move |(required, now)| {
        predicate(required) != now.predicate || required.rate_at_least != now.rate_at_least || own != now.confidence
    })
}

fn threshold(required: &Required, now: &Requirement, confidence: f64) -> Threshold {
    let limit = (required.limit != now.predicate.limit).then_some(now.predicate.limit);
    Threshold {
        requirement: required.id.clone(),
        limit,
        unit: limit.map(|_| required.unit.clone()),
        rate_at_least: (required.rate_at_least != now.rate_at_least).then_some(now.rate_at_least),
        confidence: (confidence != now.confidence).then_some(now.confidence),
    }
}

/// In words, which thresholds of a claim are not the scenario's own; empty for a claim that no acceptance file made.
#[must_use]
pub fn differences(claim: &Claim, scenario: &ScenarioManifest) -> Vec<Text> {
    let own = scenario.trial.confidence;
    let percent = |rate: f64| format!("{} %", (rate * 1e10).round() / 1e8);
    changed(claim, scenario)
        .map(|(required, now)| {
            let (mut zh, mut en) = (Vec::new(), Vec::new());
            if required.limit != now.predicate.limit {
                zh.push(format!("单次限值 {} {}（场景为 {}）", now.predicate.limit, required.unit, required.limit));
                en.push(format!("{} {} in one trial (the scenario says {})", now.predicate.limit, required.unit, required.limit));
            }
            if required.rate_at_least != now.rate_at_least {
                zh.push(format!("比例 ≥{}（场景为 {}）", percent(now.rate_at_least), percent(required.rate_at_least)));
                en.push(format!(
                    "≥{} of trials (the scenario says {})",
                    percent(now.rate_at_least),
                    percent(required.rate_at_least)
                ));
            }
            if own != now.confidence {
                zh.push(format!("置信度 {}（场景为 {}）", percent(now.confidence), percent(own)));
                en.push(format!("confidence {} (the scenario says {})", percent(now.confidence), percent(own)));
            }
            Text::new(
                format!("“{}”由验收文件另定：{}", required.name.zh, zh.join("，")),
                format!("“{}” is set by the acceptance file: {}", required.name.en, en.join(", ")),
            )
        })
        .collect()
}

/// The requirement of this id, or the only one on this metric.
fn find(required: &[Required], name: &str) -> Option<usize> {
    let by_id = required.iter().position(|r| r.id == name);
    let metric = |r: &Required| predicate(r).metric == name;
    by_id.or_else(|| required.iter().position(metric).filter(|_| required.iter().filter(|r| metric(r)).count() == 1))
}

fn unknown(scenario: &ScenarioManifest, name: &str) -> String {
    let ids = || scenario.require.iter().map(|r| r.id.as_str());
    let near = nearest_name(ids(), name).map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let all: Vec<String> = scenario.require.iter().map(|r| format!("`{}` ({})", r.id, predicate(r))).collect();
    format!("scenario `{}` has no requirement `{name}`; {near}it has {}", scenario.scenario.id, all.join(", "))
}
