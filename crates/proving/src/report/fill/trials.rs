//! What the trials came to: requirements, every trial, failures in words, distributions, joints.

use std::collections::BTreeMap;

use super::Source;
use super::claim::text;
use super::names::{metric, predicate, with_unit};
use crate::claim::TrialRule;
use crate::metric::Relation;
use crate::outcome::Outcome;
use crate::report::words::chinese;
use crate::report::{
    Distribution, Failure, JointPeak, Keep, Limit, MetricColumn, Moment, OperatingCurve, OperatingPoint, Requirement,
    RequirementStatus, Text, Trial,
};
use crate::statistic::{Settled, operating_curve, stopping, stopping_fixed};

pub(super) fn requirements(source: &Source) -> Vec<Requirement> {
    let verdict = &source.evidence.verdict;
    let method = match verdict.rule {
        TrialRule::Sequential { .. } => "Beta(½,½) confidence sequence",
        TrialRule::Fixed { .. } => "Wilson",
    };
    let known = &source.case.packages.scenario.require;
    let one = |(i, line): (usize, &crate::verdict::RequirementVerdict)| Requirement {
        id: known.get(i).map_or_else(|| line.requirement.name(), |r| r.id.clone()),
        name: known.get(i).map_or_else(|| Text::same(line.requirement.name()), |r| text(&r.name)),
        predicate: predicate(&line.requirement.predicate),
        rate_at_least: line.requirement.rate_at_least,
        successes: line.rate.successes,
        n: line.rate.trials,
        low: line.rate.interval.low,
        high: line.rate.interval.high,
        method: method.to_string(),
        status: match line.settled {
            Some(Settled::Proved) => RequirementStatus::Met,
            Some(Settled::Refuted) => RequirementStatus::Missed,
            None => RequirementStatus::Open,
        },
        decides: line.share.decides,
    };
    verdict.requirements.iter().enumerate().map(one).collect()
}

/// The metrics worth a column: those that are required, then those that every reader asks for.
fn columns(source: &Source) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let required = source.evidence.claim.requirements.iter().map(|r| r.predicate.metric.as_str());
    let asked = ["cycle_time_s", "press_force_n", "clash_force_n", "tracking_rad", "contact_signorini_m"];
    for name in required.chain(asked) {
        if names.iter().all(|known| known != name) && source.evidence.outcomes.iter().any(|o| o.metrics.contains_key(name)) {
            names.push(name.to_string());
        }
    }
    names
}

pub(super) fn metric_columns(source: &Source) -> Vec<MetricColumn> {
    let one = |id: String| {
        let shown = metric(&id);
        MetricColumn { name: shown.name, unit: shown.unit.to_string(), digits: shown.digits, id }
    };
    columns(source).into_iter().map(one).collect()
}

pub(super) fn trials(source: &Source) -> Vec<Trial> {
    let columns = columns(source);
    let one = |outcome: &Outcome| Trial {
        index: outcome.index,
        passed: outcome.passed_all(),
        values: columns.iter().map(|name| outcome.metrics.get(name).map(|value| value * metric(name).scale)).collect(),
        failure: why(source, outcome),
    };
    source.evidence.outcomes.iter().map(one).collect()
}

/// Why a trial failed: what it recorded, else the requirements it missed.
fn why(source: &Source, outcome: &Outcome) -> Option<Text> {
    if let Some(failure) = &outcome.failure {
        let en = if failure.cause.is_empty() { failure.what.clone() } else { format!("{} ({})", failure.what, failure.cause) };
        let zh = match failure.cause.as_str() {
            "" => chinese(&failure.what),
            cause => format!("{}（{}）", chinese(&failure.what), chinese(cause)),
        };
        return Some(Text::new(zh, en));
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for requirement in &source.evidence.claim.requirements {
        if outcome.passed.get(&requirement.name()) == Some(&true) {
            continue;
        }
        let shown = metric(&requirement.predicate.metric);
        let said = predicate(&requirement.predicate);
        match outcome.metrics.get(&requirement.predicate.metric) {
            Some(value) => {
                let value = with_unit(value * shown.scale, shown.unit);
                zh.push(format!("未满足 {}：实为 {value}", said.zh));
                en.push(format!("missed {}: it was {value}", said.en));
            }
            None => {
                zh.push(format!("未满足 {}：没有测得", said.zh));
                en.push(format!("missed {}: not measured", said.en));
            }
        }
    }
    (!en.is_empty()).then(|| Text::new(zh.join("；"), en.join("; ")))
}

/// Trials that failed in the same way: in the same words, but for numbers.
pub(super) fn failures(source: &Source) -> Vec<Failure> {
    let mut groups: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for outcome in &source.evidence.outcomes {
        let Some(said) = outcome.failure.as_ref().map(|f| f.what.clone()).or_else(|| missed(source, outcome)) else { continue };
        let said = match said.strip_prefix("piece ").and_then(|rest| rest.split_once(": ")) {
            // Which piece it was differs from trial to trial and says little.
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest.to_string(),
            _ => said,
        };
        groups.entry(skeleton(&said)).or_default().push((outcome.index, said));
    }
    let mut failures: Vec<Failure> = groups
        .into_values()
        .map(|group| {
            let en = common(&group);
            let trials: Vec<u64> = group.iter().map(|(index, _)| *index).collect();
            Failure { text: Text::new(chinese(&en), en), example: trials.iter().find_map(|t| moment(source, *t)), trials }
        })
        .collect();
    failures.sort_by_key(|failure| (std::cmp::Reverse(failure.trials.len()), failure.trials.first().copied()));
    failures
}

/// The requirements a trial missed, in words without figures of that trial.
fn missed(source: &Source, outcome: &Outcome) -> Option<String> {
    let missed = source.evidence.claim.requirements.iter().filter(|r| outcome.passed.get(&r.name()) != Some(&true));
    let said: Vec<String> = missed.map(|r| format!("missed {}", predicate(&r.predicate).en)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The moment a logged trial failed.
fn moment(source: &Source, trial: u64) -> Option<Moment> {
    let recorded = source.recorded.iter().find(|r| r.trial == trial)?;
    let outcome = source.evidence.outcomes.get(trial as usize)?;
    let end_s = recorded.motion.as_ref()?.track.duration_s;
    Some(Moment { trial, time_s: outcome.failure.as_ref().and_then(|f| f.time_s).unwrap_or(end_s) })
}

/// A text in pieces that are numbers and pieces that are not.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let digit = |i: usize| text.as_bytes()[i].is_ascii_digit();
    let number =
        |i: usize| digit(i) || (text.as_bytes()[i] == b'.' && i > 0 && i + 1 < text.len() && digit(i - 1) && digit(i + 1));
    for i in 1..=text.len() {
        if i == text.len() || number(i) != number(i - 1) {
            pieces.push((number(i - 1), &text[start..i]));
            start = i;
        }
    }
    pieces
}

fn skeleton(text: &str) -> String {
    pieces(text).into_iter().map(|(number, piece)| if number { "#" } else { piece }).collect()
}

/// The words of a group; a number that differs within it becomes an ellipsis.
fn common(group: &[(u64, String)]) -> String {
    let all: Vec<Vec<(bool, &str)>> = group.iter().map(|(_, said)| pieces(said)).collect();
    let piece = |i: usize| if all.iter().all(|said| said[i] == all[0][i]) { all[0][i].1 } else { "…" };
    (0..all[0].len()).map(piece).collect()
}

pub(super) fn distributions(source: &Source) -> Vec<Distribution> {
    let claim = &source.evidence.claim;
    let known = &source.case.packages.scenario.require;
    let values = |name: &str, scale: f64| -> Vec<f64> {
        source.evidence.outcomes.iter().filter_map(|o| o.metrics.get(name)).map(|value| value * scale).collect()
    };
    let one = |name: String| {
        let shown = metric(&name);
        let limit = claim.requirements.iter().position(|r| r.predicate.metric == name).and_then(|i| {
            let required = &claim.requirements[i].predicate;
            let keep = match required.relation {
                Relation::AtMost | Relation::Below => Keep::Below,
                Relation::AtLeast | Relation::Above => Keep::Above,
                Relation::Equal => return None,
            };
            let name = known.get(i).map_or_else(|| Text::same(required.to_string()), |r| text(&r.name));
            let said = Text::new(format!("要求：{}", name.zh), format!("required: {}", name.en));
            Some(Limit { value: required.limit * shown.scale, keep, text: said })
        });
        Distribution { values: values(&name, shown.scale), name: shown.name, unit: shown.unit.to_string(), id: name, limit }
    };
    let mut all: Vec<Distribution> = columns(source).into_iter().map(one).collect();
    let largest_share = |o: &Outcome| {
        let shares = o.metrics.iter().filter(|(name, _)| name.starts_with("torque_share_")).map(|(_, share)| *share);
        shares.reduce(f64::max).map(|share| 100.0 * share)
    };
    let shares: Vec<f64> = source.evidence.outcomes.iter().filter_map(largest_share).collect();
    if !shares.is_empty() {
        all.push(Distribution {
            id: "torque_share".to_string(),
            name: Text::new("关节力矩占限值（最大关节）", "Joint torque over its limit (largest joint)"),
            unit: "%".to_string(),
            values: shares,
            limit: Some(Limit { value: 100.0, keep: Keep::Below, text: Text::new("数据表限值", "data sheet") }),
        });
    }
    all
}

pub(super) fn joint_peaks(source: &Source) -> Vec<JointPeak> {
    let robot = &source.case.packages.robot;
    let peak = |kind: &str, i: usize| {
        let name = format!("{kind}_share_{}", i + 1);
        source.evidence.outcomes.iter().filter_map(|o| o.metrics.get(&name)).copied().reduce(f64::max)
    };
    let one = |(i, joint): (usize, &String)| {
        let (torque, speed) = (robot.limits.torque_nm.value[i], robot.limits.speed_rad_s.value[i]);
        Some(JointPeak {
            joint: joint.clone(),
            effort_unit: "N·m".to_string(),
            speed_unit: "rad/s".to_string(),
            effort_peak: torque * peak("torque", i)?,
            effort_limit: Some(torque),
            speed_peak: speed * peak("speed", i)?,
            speed_limit: Some(speed),
        })
    };
    robot.interface.joints.iter().enumerate().filter_map(one).collect()
}

/// Points of a drawn curve.
const POINTS: usize = 81;
/// Above this limit the curve keeps the plan's few points: each costs limit^1.5 additions.
const FINE_UP_TO: u64 = 5_000;

/// The curve of the first requirement that decides; where all of them ask for the same, it is everyone's.
pub(super) fn operating(source: &Source) -> Option<OperatingCurve> {
    let plan = source.plan;
    let deciding: Vec<usize> = (0..plan.requirements.len()).filter(|&i| plan.requirements[i].share.decides).collect();
    let first = &plan.requirements[*deciding.first()?];
    let (rate, alpha) = (first.requirement.rate_at_least, first.share.alpha);
    let alike = deciding.iter().all(|&i| plan.requirements[i].requirement.rate_at_least == rate);
    let known = &source.case.packages.scenario.require;
    let requirement = match (alike && deciding.len() > 1, known.get(deciding[0])) {
        (true, _) => Text::new(
            format!("每一项参与判定的要求（共 {} 项）", deciding.len()),
            format!("Each of the {} requirements that decide", deciding.len()),
        ),
        (false, Some(r)) => text(&r.name),
        (false, None) => Text::same(first.requirement.name()),
    };
    let curve = if plan.limit <= FINE_UP_TO {
        let boundaries = match source.evidence.claim.trials {
            TrialRule::Sequential { limit } => stopping(rate, alpha, limit),
            TrialRule::Fixed { trials } => stopping_fixed(rate, alpha, trials),
        };
        let low = (1.0 - 4.0 * (1.0 - rate)).max(0.0);
        let rates: Vec<f64> = (0..POINTS).map(|i| low + (1.0 - low) * i as f64 / (POINTS - 1) as f64).collect();
        operating_curve(&boundaries, &rates)
    } else {
        first.curve.clone()
    };
    let mut points: Vec<OperatingPoint> = curve
        .iter()
        .map(|p| OperatingPoint { true_rate: p.rate, proved: p.proved, refuted: p.refuted, mean_trials: p.trials })
        .collect();
    points.sort_by(|a, b| a.true_rate.total_cmp(&b.true_rate));
    Some(OperatingCurve { requirement, rate_at_least: rate, trials_most: plan.limit, points })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_keeps_the_numbers_that_agree() {
        let group = |texts: &[&str]| -> Vec<(u64, String)> { texts.iter().map(|t| (0, (*t).to_string())).collect() };
        let said = ["misses by 3.2 mm of 17 tries", "misses by 11 mm of 17 tries"];
        assert_eq!(skeleton(said[0]), skeleton(said[1]));
        assert_eq!(common(&group(&said)), "misses by … mm of 17 tries");
        assert_eq!(skeleton("not finished within 160 s"), "not finished within # s");
        assert_eq!(common(&group(&["垛 1.5 mm"])), "垛 1.5 mm");
    }
}
