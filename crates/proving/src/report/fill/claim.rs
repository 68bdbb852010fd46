//! The headline: what was settled about whom, and how to get it again.

use leitai_package::manifest::{Credibility as Known, Grade as KnownGrade};

use super::Source;
use super::names::{figure, short};
use crate::canonical::Digest;
use crate::claim::{Claim as Settled, ContactMode, SeedRule, Subject, TrialRule};
use crate::packages::Packages;
use crate::report::{Claim, Credibility, Grade, Named, Parameter, Sealed, Status, Text, Verdict};
use crate::verdict::{Decision, Language};

pub(super) fn text(text: &leitai_package::manifest::Text) -> Text {
    Text::new(text.zh.clone(), text.en.clone())
}

pub(super) fn digest(digest: &Digest) -> String {
    format!("blake3:{digest}")
}

pub(super) fn verdict(source: &Source) -> Verdict {
    let verdict = &source.evidence.verdict;
    let status = match verdict.decision {
        Decision::Proved => Status::Proved,
        Decision::Refuted => Status::Refuted,
        Decision::Undecided => Status::Undecided,
        Decision::Rejected => Status::Rejected,
    };
    let sentence = |language| without_word(&verdict.headline(language));
    Verdict { status, sentence: Text::new(sentence(Language::Zh), sentence(Language::En)) }
}

/// A headline without the verdict's word, which stands above it in large letters; names in a page's quotes.
fn without_word(headline: &str) -> String {
    let rest = headline.split_once('：').or_else(|| headline.split_once(": ")).map_or(headline, |(_, rest)| rest);
    let mut letters = rest.chars();
    let said: String = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    let quoted = said.split('`').enumerate().map(|(i, part)| if i % 2 == 1 { format!("“{part}”") } else { part.to_string() });
    quoted.collect()
}

pub(super) fn claim(source: &Source) -> Claim {
    let (packages, claim) = (&source.case.packages, &source.evidence.claim);
    let named = |subject: &Subject, name: &leitai_package::manifest::Text| Named {
        id: subject.id.clone(),
        name: text(name),
        digest: digest(&subject.digest),
    };
    let contact = match claim.contact {
        ContactMode::Compat => "compat",
        ContactMode::Stick => "stick",
    };
    Claim {
        robot: named(&claim.robot, &packages.robot.robot.name),
        scenario: named(&claim.scenario, &packages.scenario.scenario.name),
        solution: named(&claim.solution, &packages.solution.solution.name),
        parameters: parameters(packages, claim),
        digest: digest(&claim.digest()),
        engine: format!("{}, contact {contact}, step {} ms", claim.engine, short(claim.dt_s * 1e3)),
        seed_root: Digest(claim.seed_root().0).to_string(),
        exploratory: claim.exploratory(),
        sealed: sealed(source),
        confidence: claim.confidence(),
        trials_run: source.evidence.outcomes.len() as u64,
        trials_most: claim.trials.most(),
        duration_s: packages.scenario.trial.duration_s,
    }
}

/// The challenge that sealed the seed; its acceptance file names it.
fn sealed(source: &Source) -> Option<Sealed> {
    let shown = source.case.acceptance.as_ref()?.manifest.seal.as_ref()?;
    Some(Sealed { challenge: shown.challenge.clone(), commitment: shown.commitment.clone() })
}

fn parameters(packages: &Packages, claim: &Settled) -> Vec<Parameter> {
    let unit = |name: &String| packages.scenario.parameter.get(name).map_or("", |p| p.unit.as_str());
    let one = |(name, value): (&String, &f64)| Parameter {
        name: figure(name),
        value: short(*value),
        unit: super::names::written(unit(name)),
    };
    claim.parameters.iter().map(one).collect()
}

pub(super) fn title(source: &Source) -> Text {
    let (packages, claim) = (&source.case.packages, &source.evidence.claim);
    let parameters: Vec<String> =
        parameters(packages, claim).iter().map(|p| format!("{} {}", p.value, p.unit).trim_end().to_string()).collect();
    let say = |robot: &str, scenario: &str| [&[robot, scenario].map(str::to_string)[..], &parameters].concat().join(" · ");
    let (robot, scenario) = (&packages.robot.robot.name, &packages.scenario.scenario.name);
    Text::new(say(&robot.zh, &scenario.zh), say(&robot.en, &scenario.en))
}

pub(super) fn grade(packages: &Packages) -> Grade {
    let grade = &packages.robot.robot.dynamics_grade;
    let letter = match grade.grade {
        KnownGrade::A => "A",
        KnownGrade::B => "B",
        KnownGrade::C => "C",
    };
    Grade { grade: letter.to_string(), text: text(&grade.reason) }
}

pub(super) fn credibility(packages: &Packages) -> Credibility {
    match packages.scenario.scenario.credibility {
        Known::None => Credibility::None,
        Known::Calibrated => Credibility::Calibrated,
        Known::Paired => Credibility::Paired,
    }
}

/// The parameters that are not the scenario's own.
pub(super) fn chosen<'a>(source: &Source<'a>) -> impl Iterator<Item = (&'a String, &'a f64)> {
    let known = &source.case.packages.scenario.parameter;
    let claimed = source.evidence.claim.parameters.iter();
    claimed.filter(|(name, value)| known.get(*name).is_none_or(|p| p.default != **value))
}

/// The command that gives this result again.
pub(super) fn command(source: &Source) -> String {
    let (packages, claim) = (&source.case.packages, &source.evidence.claim);
    if let Some(acceptance) = &source.case.acceptance {
        let open = |word: &str, named: bool| if named { String::new() } else { format!(" {word}") };
        let manifest = &acceptance.manifest;
        let robot = open(&claim.robot.id, manifest.robot.is_some());
        let solution = open(&format!("--solution {}", claim.solution.id), manifest.solution.is_some());
        return format!("leitai prove --acceptance acceptance.toml{robot}{solution}");
    }
    let mut command = format!("leitai prove {} {} --solution {}", claim.robot.id, claim.scenario.id, claim.solution.id);
    for (name, value) in chosen(source) {
        command += &format!(" --set {name}={value}");
    }
    match claim.trials {
        TrialRule::Fixed { trials } => command += &format!(" --trials {trials}"),
        TrialRule::Sequential { limit } if limit != u64::from(packages.scenario.trial.most) => {
            command += &format!(" --limit {limit}");
        }
        TrialRule::Sequential { .. } => {}
    }
    if let SeedRule::Chosen(seed) = claim.seed {
        command += &format!(" --seed {seed}");
    }
    if claim.dt_s != packages.scenario.trial.dt_s {
        command += &format!(" --dt {}", claim.dt_s);
    }
    command
}
