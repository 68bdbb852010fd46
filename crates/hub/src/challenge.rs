//! What a challenge asks: the job as it was when it was published, its thresholds, its secret, and the acceptance file of all of it.

use std::collections::{BTreeMap, BTreeSet};

use leitai_package::manifest::{
    self, Acceptance, AcceptanceManifest, AcceptanceTrial, Content, Revealed, ScenarioManifest, SolutionManifest,
};
use leitai_proving::canonical::{Canonical, Digest};
use leitai_proving::claim::{Claim, ContactMode, Requirement, SeedRule, Subject, TrialRule};
use leitai_proving::engine::{self, Case, predicate};
use leitai_proving::packages::{Files, manifest_path, scenario_digest};
use leitai_proving::seal::Seal;
use serde::{Deserialize, Serialize};

use crate::records::{AskedRequirement, Challenge, MainMetric, NewChallenge, Secret, Text, Threshold};

/// The most trials of one answer that a hub runs.
pub const MOST_TRIALS: u32 = 2000;

/// What the hub keeps to itself until the deadline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The secret.
    pub secret: Secret,
    /// Thresholds, secret or not: the commitment binds them.
    pub thresholds: Vec<Threshold>,
}

/// The job of a challenge, by its files.
#[derive(Clone, Debug)]
pub struct Job {
    /// What the scenario's package says.
    pub manifest: ScenarioManifest,
    /// Its files and those of the tool it mounts.
    pub files: Files,
    /// Digest of the scenario's content.
    pub digest: Digest,
}

impl Job {
    /// The job `scenario` of a catalog; none where the catalog lacks it or cannot read it.
    pub fn of(catalog: &Files, scenario: &str) -> Option<Self> {
        let path = manifest_path("scenario", scenario);
        let text = std::str::from_utf8(catalog.get(&path)?).ok()?;
        let manifest = ScenarioManifest::parse(&path, text).ok()?;
        let mut files = package(catalog, "scenario", scenario);
        let digest = scenario_digest(&files, scenario, &manifest);
        if let Some(tool) = &manifest.mount.tool {
            files.extend(package(catalog, "part", tool));
        }
        Some(Self { manifest, files, digest })
    }

    /// Every parameter with its chosen value or its default.
    ///
    /// # Errors
    /// If there is no such parameter, or the value is out of its range.
    pub fn parameters(&self, chosen: &BTreeMap<String, f64>) -> Result<BTreeMap<String, f64>, Text> {
        let known = &self.manifest.parameter;
        if let Some(name) = chosen.keys().find(|name| !known.contains_key(*name)) {
            let all = known.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(Text::new(
                format!("场景没有参数“{name}”；它有：{all}"),
                format!("the scenario has no parameter `{name}`; it has {all}"),
            ));
        }
        let value = |(name, parameter): (&String, &manifest::Parameter)| {
            let value = chosen.get(name).copied().unwrap_or(parameter.default);
            let (min, max, unit) = (parameter.min, parameter.max, &parameter.unit);
            if (min..=max).contains(&value) {
                return Ok((name.clone(), value));
            }
            Err(Text::new(
                format!("{name} = {value} {unit} 超出场景允许的 {min} 至 {max} {unit}"),
                format!("`{name}` = {value} {unit} is outside the scenario's range, {min} to {max} {unit}"),
            ))
        };
        known.iter().map(value).collect()
    }

    /// What must hold under these thresholds, as claims and as pages say it.
    ///
    /// # Errors
    /// If a threshold names no requirement of the scenario, names one twice, or is in another unit.
    pub fn requirements(&self, thresholds: &[Threshold]) -> Result<(Vec<Requirement>, Vec<AskedRequirement>), Text> {
        let mut named = BTreeMap::new();
        for threshold in thresholds {
            let name = &threshold.requirement;
            let Some(required) = self.manifest.require.iter().find(|required| required.id == *name) else {
                let all = self.manifest.require.iter().map(|required| required.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(Text::new(
                    format!("场景没有要求“{name}”；它有：{all}"),
                    format!("the scenario has no requirement `{name}`; it has {all}"),
                ));
            };
            if threshold.limit.is_some() && threshold.unit.as_ref() != Some(&required.unit) {
                let unit = &required.unit;
                return Err(Text::new(
                    format!("“{name}”的限值须以 {unit} 为单位"),
                    format!("the limit of `{name}` is in {unit}; write unit = \"{unit}\""),
                ));
            }
            if named.insert(name.as_str(), threshold).is_some() {
                return Err(Text::new(format!("“{name}”出现两次"), format!("`{name}` stands twice; keep one")));
            }
        }
        let one = |required: &manifest::Requirement| {
            let threshold = named.get(required.id.as_str());
            let mut claimed = Requirement {
                predicate: predicate(required),
                rate_at_least: required.rate_at_least,
                confidence: self.manifest.trial.confidence,
                decides: required.decides,
            };
            if let Some(threshold) = threshold {
                claimed.predicate.limit = threshold.limit.unwrap_or(claimed.predicate.limit);
                claimed.rate_at_least = threshold.rate_at_least.unwrap_or(claimed.rate_at_least);
                claimed.confidence = threshold.confidence.unwrap_or(claimed.confidence);
            }
            let asked = AskedRequirement {
                id: required.id.clone(),
                name: Text::new(&required.name.zh, &required.name.en),
                predicate: claimed.name(),
                unit: required.unit.clone(),
                rate_at_least: claimed.rate_at_least,
                decides: required.decides,
                changed: threshold.is_some(),
            };
            (claimed, asked)
        };
        Ok(self.manifest.require.iter().map(one).unzip())
    }

    /// That a run can settle what is asked.
    ///
    /// # Errors
    /// If none can; the text says what to change.
    pub fn settles(&self, new: &NewChallenge, thresholds: &[Threshold]) -> Result<(), Text> {
        let scenario = Subject { id: self.manifest.scenario.id.clone(), digest: self.digest };
        let any = Subject { id: "any".to_string(), digest: Digest([0; 32]) };
        let trials = match (new.exactly, new.most) {
            (Some(trials), None) => TrialRule::Fixed { trials: u64::from(trials) },
            (None, most) => TrialRule::Sequential { limit: u64::from(most.unwrap_or(self.manifest.trial.most)) },
            (Some(_), Some(_)) => {
                return Err(Text::new("exactly 与 most 只能给出一个", "give `exactly` or `most`, not both"));
            }
        };
        if !(1..=u64::from(MOST_TRIALS)).contains(&trials.most()) {
            return Err(Text::new(
                format!("每份应答的试验须为 1 至 {MOST_TRIALS} 次"),
                format!("1 to {MOST_TRIALS} trials of one answer, and not {}; set `exactly` or `most`", trials.most()),
            ));
        }
        let claim = Claim {
            robot: any.clone(),
            scenario,
            solution: any,
            engine: engine::version(),
            parameters: self.parameters(&new.parameters)?,
            requirements: self.requirements(thresholds)?.0,
            trials,
            seed: SeedRule::Derived,
            dt_s: self.manifest.trial.dt_s,
            contact: ContactMode::Stick,
        };
        claim.check().map_err(|error| Text::new(format!("没有试验能判定这些要求：{error}"), error.to_string()))
    }

    /// The metric of the requirement that ranks what is equal otherwise.
    pub fn main_metric(&self, requirement: &str) -> Option<MainMetric> {
        let required = self.manifest.require.iter().find(|required| required.id == requirement)?;
        Some(MainMetric {
            name: Text::new(&required.name.zh, &required.name.en),
            metric: predicate(required).metric,
            unit: required.unit.clone(),
            more_is_better: matches!(required.comparison, manifest::Comparison::AtLeast),
        })
    }
}

/// The files of a package in a catalog.
pub fn package(catalog: &Files, kind: &str, id: &str) -> Files {
    let path = manifest_path(kind, id);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = format!("{folder}/");
    let range = catalog.range(inside.clone()..).take_while(|(path, _)| path.starts_with(&inside));
    range.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

/// Lays packages over a catalog: each replaces one of its kind and id whole.
pub fn lay_over(catalog: &mut Files, packages: Files) {
    let folder = |path: &str| path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/") + "/";
    let folders: BTreeSet<String> = packages.keys().map(|path| folder(path)).collect();
    catalog.retain(|path, _| !folders.contains(&folder(path)));
    catalog.extend(packages);
}

fn thresholds(of: &[Threshold]) -> Vec<manifest::Threshold> {
    let one = |threshold: &Threshold| manifest::Threshold {
        requirement: threshold.requirement.clone(),
        limit: threshold.limit,
        unit: threshold.unit.clone(),
        rate_at_least: threshold.rate_at_least,
        confidence: threshold.confidence,
    };
    of.iter().map(one).collect()
}

/// A challenge's secret as it is sealed.
///
/// # Errors
/// If seed or nonce is no digest.
pub fn seal(id: &str, scenario: &str, digest: &str, secret: &Secret, asked: &[Threshold]) -> Result<Seal, Text> {
    let read = |field: &str, text: &str| {
        let wrong =
            |_| Text::new(format!("{field} 须为 64 位小写十六进制"), format!("`{field}` is 64 lower-case hexadecimal digits"));
        text.parse::<Digest>().map_err(wrong)
    };
    let scenario = Subject { id: scenario.to_string(), digest: read("scenario_digest", digest)? };
    let (seed, nonce) = (read("seed", &secret.seed)?, read("nonce", &secret.nonce)?);
    Ok(Seal { challenge: id.to_string(), scenario, thresholds: thresholds(asked), seed, nonce })
}

/// The acceptance file of a challenge: what is public of it now.
pub fn acceptance(challenge: &Challenge) -> AcceptanceManifest {
    let revealed = |secret: &Secret| Revealed {
        challenge: challenge.id.clone(),
        commitment: challenge.commitment.clone(),
        seed: secret.seed.clone(),
        nonce: secret.nonce.clone(),
    };
    AcceptanceManifest {
        acceptance: Acceptance {
            title: Some(manifest::Text { zh: challenge.title.zh.clone(), en: challenge.title.en.clone() }),
            made_by: Some(challenge.organization.clone()),
            ..Acceptance::default()
        },
        robot: None,
        scenario: Content { id: challenge.scenario.clone(), digest: challenge.scenario_digest.clone() },
        solution: None,
        parameter: challenge.parameters.clone(),
        trial: AcceptanceTrial { most: challenge.most, exactly: challenge.exactly, dt_s: None },
        require: thresholds(challenge.thresholds.as_deref().unwrap_or_default()),
        terms: None,
        seal: challenge.secret.as_ref().map(revealed),
    }
}

/// The claim that an answer makes, with its packages: the job's, the robot's and the solution's.
///
/// # Errors
/// If the packages are faulty or do not fit; the text says which and what to change.
pub fn case(challenge: &Challenge, packages: &Files, robot: &str, solution: &str) -> Result<Case, Text> {
    let text = acceptance(challenge).to_string();
    let read =
        engine::Acceptance::read("acceptance.toml", &text).map_err(|error| Text::new(error.to_string(), error.to_string()))?;
    Case::accept(packages, &read, Some(robot), Some(solution))
        .map_err(|error| Text::new(format!("方案、机器人与任务不能一起运行：{error}"), error.to_string()))
}

/// The solution in a package's files, put where a catalog has it.
///
/// # Errors
/// If there is no manifest, or it is wrong.
pub fn placed(files: Files) -> Result<(SolutionManifest, Files), Text> {
    const MANIFEST: &str = "solution.toml";
    let Some(bytes) = files.get(MANIFEST) else {
        return Err(Text::new("方案包中没有 solution.toml", "the package has no solution.toml at its top"));
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Text::new("solution.toml 不是 UTF-8 文本", "solution.toml: not UTF-8 text; save the file as UTF-8"))?;
    let manifest = SolutionManifest::parse(MANIFEST, text)
        .map_err(|error| Text::new(format!("清单文件有误：{error}"), error.to_string()))?;
    let id = &manifest.solution.id;
    let at = files.into_iter().map(|(name, bytes)| (format!("solutions/{id}/{name}"), bytes)).collect();
    Ok((manifest, at))
}

/// What binds an answer before its content is public.
pub fn receipt(challenge: &str, organization: &str, robot: &str, solution: &Digest, nonce: &str) -> Digest {
    let mut form = Canonical::new("leitai hub submission v1");
    form.text(challenge).text(organization).text(robot).digest(solution).text(nonce);
    form.finish()
}
