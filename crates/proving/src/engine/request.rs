//! What someone asks for, and the claim it makes.
//!
//! Everything the verdict depends on comes from the packages: requirements, rates, confidence, content digests. A request only
//! chooses the claim's parameters within their range, how many trials, and how the clock ticks.

use std::collections::BTreeMap;

use leitai_model::nearest_name;
use leitai_package::manifest::Comparison;

use crate::claim::{Claim, ContactMode, Requirement, SeedRule, Subject, TrialRule};
use crate::metric::{Predicate, Relation};
use crate::packages::Packages;
use crate::trial::metric_name;

/// What someone asks for: `leitai prove ROBOT SCENARIO` and its options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The robot's id in the catalog.
    pub robot: String,
    /// The scenario's id.
    pub scenario: String,
    /// The solution's id; without it, the first that is written for the scenario.
    pub solution: Option<String>,
    /// Claim parameters that differ from the scenario's defaults, such as `block_mass_kg`.
    pub parameters: BTreeMap<String, f64>,
    /// Exactly so many trials; without it, as many as the verdict needs.
    pub trials: Option<u64>,
    /// The most trials, instead of the scenario's limit.
    pub most: Option<u64>,
    /// A seed set by hand; it marks the result exploratory.
    pub seed: Option<u64>,
    /// Time step [s] instead of the scenario's.
    pub dt_s: Option<f64>,
}

/// Why a request makes no claim.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// A parameter that the scenario does not have.
    #[error("scenario `{scenario}` has no parameter `{name}`{hint}")]
    NoSuchParameter {
        /// The scenario.
        scenario: String,
        /// What was asked for.
        name: String,
        /// The nearest one, or all there are.
        hint: String,
    },
    /// A value outside the scenario's range.
    #[error("`{name}` = {value} {unit} is outside its range; scenario `{scenario}` allows {min} to {max} {unit}")]
    OutOfRange {
        /// The scenario.
        scenario: String,
        /// The parameter.
        name: String,
        /// What was asked for.
        value: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Unit of all three.
        unit: String,
    },
    /// Two trial rules at once.
    #[error("exactly {trials} trials and at most {most} were asked for; give one of the two")]
    TwoRules {
        /// The fixed number.
        trials: u64,
        /// The limit.
        most: u64,
    },
    /// A step that does not divide the control period.
    #[error("dt_s = {dt_s} s does not divide the control period of {period_s} s into whole steps; use for example {half} s")]
    Step {
        /// What was asked for.
        dt_s: f64,
        /// The scenario's control period.
        period_s: f64,
        /// A step that does.
        half: f64,
    },
    /// The solution is for other jobs.
    #[error(
        "solution `{solution}` is written for {written_for}, not for `{scenario}`; add the scenario to its `scenarios` or choose another"
    )]
    OtherJob {
        /// The solution.
        solution: String,
        /// Its scenarios.
        written_for: String,
        /// The scenario.
        scenario: String,
    },
    /// The solution needs another kind of tool.
    #[error(
        "solution `{solution}` needs a tool of class `{needed}`, and scenario `{scenario}` mounts `{tool}`; choose another solution"
    )]
    OtherTool {
        /// The solution.
        solution: String,
        /// Kind of tool it needs.
        needed: String,
        /// The scenario.
        scenario: String,
        /// The tool there.
        tool: String,
    },
}

impl Request {
    /// The claim this makes of `packages`.
    ///
    /// # Errors
    /// If it does not fit the scenario.
    pub fn claim(&self, packages: &Packages) -> Result<Claim, RequestError> {
        let rule = match (self.trials, self.most) {
            (Some(trials), Some(most)) => return Err(RequestError::TwoRules { trials, most }),
            (Some(trials), None) => TrialRule::Fixed { trials },
            (None, most) => TrialRule::Sequential { limit: most.unwrap_or(u64::from(packages.scenario.trial.most)) },
        };
        let seed = self.seed.map_or(SeedRule::Derived, SeedRule::Chosen);
        claim_of(packages, &self.parameters, rule, seed, self.dt_s.unwrap_or(packages.scenario.trial.dt_s))
    }
}

/// The claim that `packages` make with these choices.
pub(super) fn claim_of(
    packages: &Packages,
    parameters: &BTreeMap<String, f64>,
    trials: TrialRule,
    seed: SeedRule,
    dt_s: f64,
) -> Result<Claim, RequestError> {
    fits(packages)?;
    step_fits(packages, dt_s)?;
    let [robot, scenario, solution] = packages.digests;
    Ok(Claim {
        robot: Subject { id: packages.robot.robot.id.clone(), digest: robot },
        scenario: Subject { id: packages.scenario.scenario.id.clone(), digest: scenario },
        solution: Subject { id: packages.solution.solution.id.clone(), digest: solution },
        engine: super::version(),
        parameters: chosen(packages, parameters)?,
        requirements: requirements(packages),
        trials,
        seed,
        dt_s,
        contact: ContactMode::Stick,
    })
}

/// What a scenario's manifest requires of one trial, as claims write it.
#[must_use]
pub fn predicate(required: &leitai_package::manifest::Requirement) -> Predicate {
    let relation = match required.comparison {
        Comparison::AtMost => Relation::AtMost,
        Comparison::AtLeast => Relation::AtLeast,
    };
    Predicate { metric: metric_name(required.metric).to_string(), relation, limit: required.limit }
}

/// What the scenario's manifest requires, as predicates on a trial's metrics.
fn requirements(packages: &Packages) -> Vec<Requirement> {
    let one = |r: &leitai_package::manifest::Requirement| Requirement {
        predicate: predicate(r),
        rate_at_least: r.rate_at_least,
        confidence: packages.scenario.trial.confidence,
        decides: r.decides,
    };
    packages.scenario.require.iter().map(one).collect()
}

/// Every parameter of the scenario, with the chosen value or its default.
fn chosen(packages: &Packages, wanted: &BTreeMap<String, f64>) -> Result<BTreeMap<String, f64>, RequestError> {
    let known = &packages.scenario.parameter;
    let scenario = || packages.scenario.scenario.id.clone();
    if let Some(name) = wanted.keys().find(|name| !known.contains_key(*name)) {
        let hint = match nearest_name(known.keys().map(String::as_str), name) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if known.is_empty() => "; it takes none".to_string(),
            None => format!("; it has {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
        };
        return Err(RequestError::NoSuchParameter { scenario: scenario(), name: name.clone(), hint });
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in known {
        let value = wanted.get(name).copied().unwrap_or(parameter.default);
        let (min, max) = (parameter.min, parameter.max);
        if !(min..=max).contains(&value) {
            let (name, unit) = (name.clone(), parameter.unit.clone());
            return Err(RequestError::OutOfRange { scenario: scenario(), name, value, min, max, unit });
        }
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// A controller answers once in a whole number of steps.
fn step_fits(packages: &Packages, dt_s: f64) -> Result<(), RequestError> {
    let period_s = packages.scenario.trial.control_period_s;
    let steps = period_s / dt_s;
    let whole = leitai_math::real::round(steps);
    // Below a microsecond a trial would take days; NaN fails every comparison.
    if dt_s >= 1e-6 && whole >= 1.0 && leitai_math::real::abs(steps - whole) <= 1e-9 * whole {
        return Ok(());
    }
    Err(RequestError::Step { dt_s, period_s, half: 0.5 * period_s })
}

/// Solution, scenario and tool belong together.
fn fits(packages: &Packages) -> Result<(), RequestError> {
    let (solution, scenario) = (&packages.solution.solution, &packages.scenario.scenario.id);
    if !solution.scenarios.contains(scenario) {
        let written_for = solution.scenarios.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        return Err(RequestError::OtherJob { solution: solution.id.clone(), written_for, scenario: scenario.clone() });
    }
    match &packages.tool {
        Some(tool) if tool.manifest.part.class != solution.tool_class => Err(RequestError::OtherTool {
            solution: solution.id.clone(),
            needed: solution.tool_class.word().to_string(),
            scenario: scenario.clone(),
            tool: tool.manifest.part.id.clone(),
        }),
        _ => Ok(()),
    }
}
