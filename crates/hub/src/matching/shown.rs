//! Evidence against a need: what each robot has been shown to do for exactly this, and what comes nearest.

use std::collections::BTreeMap;

use super::Ground;
use crate::records::{MatchGroup, Parameter, Wanted};
use crate::store::Result;

/// What there is about one robot on the job.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub group: MatchGroup,
    /// The evidence that decides the group; none if it is for other parameters only.
    pub evidence: Option<String>,
    /// Least distance of a deciding requirement's lower bound from its required rate.
    pub margin: Option<f64>,
    /// Evidence for other parameters, and how far those are.
    pub nearest: Option<String>,
    distance: f64,
}

/// A piece of evidence for exactly the need's parameters.
struct Exact {
    digest: String,
    solution: String,
    group: MatchGroup,
    fresh: bool,
    margin: Option<f64>,
}

/// What there is about every robot that was tried on the job.
pub(super) fn shown(on: Ground, wanted: &Wanted, known: &[Parameter]) -> Result<BTreeMap<String, Shown>> {
    let asked = serde_json::to_string(&wanted.parameters)?;
    let mut statement = on.db.prepare_cached(
        "SELECT robot, evidence, solution, parameters, decision, robot_digest, scenario_digest, solution_digest, engine, margin \
         FROM evidence_rank WHERE scenario = ?1 AND evidence NOT IN (SELECT evidence FROM evidence_check WHERE state = 'refused') \
         ORDER BY robot, evidence",
    )?;
    let mut rows = statement.query([&wanted.scenario])?;
    let mut out: BTreeMap<String, Shown> = BTreeMap::new();
    let mut distances: BTreeMap<String, f64> = BTreeMap::new();
    let mut exact: Vec<(String, Exact)> = Vec::new();
    while let Some(row) = rows.next()? {
        let robot: String = row.get(0)?;
        let digest: String = row.get(1)?;
        let parameters: String = row.get(3)?;
        if parameters != asked {
            let distance = *distances.entry(parameters).or_insert_with_key(|text| distance(text, wanted, known));
            let nothing =
                Shown { group: MatchGroup::Unproven, evidence: None, margin: None, nearest: None, distance: f64::INFINITY };
            let here = out.entry(robot).or_insert(nothing);
            if distance < here.distance {
                (here.nearest, here.distance) = (Some(digest), distance);
            }
            continue;
        }
        let solution: String = row.get(2)?;
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let was = [text(5)?, text(6)?, text(7)?];
        let fresh = on.now.is_fresh([&robot, &wanted.scenario, &solution], was, text(8)?);
        let group = match (row.get_ref(4)?.as_str().unwrap_or_default(), fresh) {
            ("proved", true) => MatchGroup::Proved,
            ("proved", false) => MatchGroup::ProvedStale,
            ("refuted", _) => MatchGroup::Refuted,
            ("rejected", _) => MatchGroup::Rejected,
            _ => MatchGroup::Undecided,
        };
        exact.push((robot, Exact { digest, solution, group, fresh, margin: row.get(9)? }));
    }
    for of_robot in exact.chunk_by(|a, b| a.0 == b.0) {
        let robot = &of_robot[0].0;
        let Some(best) = best(of_robot.iter().map(|(_, exact)| exact)) else { continue };
        let shown =
            Shown { group: best.group, evidence: Some(best.digest.clone()), margin: best.margin, nearest: None, distance: 0.0 };
        out.insert(robot.clone(), shown);
    }
    Ok(out)
}

/// What counts most of a robot's evidence for exactly this. Where a solution was tried on the packages of now, what it did on earlier
/// ones is over; of several solutions, the one that does the job is how the robot does it.
fn best<'a>(of: impl Iterator<Item = &'a Exact> + Clone) -> Option<&'a Exact> {
    let over = |one: &Exact| !one.fresh && of.clone().any(|other| other.fresh && other.solution == one.solution);
    of.clone().filter(|one| !over(one)).min_by(|a, b| {
        let margin = |one: &Exact| one.margin.unwrap_or(f64::NEG_INFINITY);
        (a.group.cmp(&b.group)).then(b.fresh.cmp(&a.fresh)).then(margin(b).total_cmp(&margin(a)))
    })
}

/// How far other parameters are from those wanted, in shares of their ranges.
fn distance(text: &str, wanted: &Wanted, known: &[Parameter]) -> f64 {
    let Ok(theirs) = serde_json::from_str::<BTreeMap<String, f64>>(text) else { return f64::MAX };
    let one = |p: &Parameter| {
        let (a, b) = (wanted.parameters.get(&p.name), theirs.get(&p.name));
        let width = if p.max > p.min { p.max - p.min } else { 1.0 };
        a.zip(b).map_or(1.0, |(a, b)| (a - b).abs() / width)
    };
    known.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(solution: &str, group: MatchGroup, fresh: bool, margin: f64) -> Exact {
        let digest = format!("{solution} {group:?} {fresh}");
        Exact { digest, solution: solution.to_string(), group, fresh, margin: Some(margin) }
    }

    #[test]
    fn what_a_solution_did_before_is_over_once_it_was_tried_again() {
        let before = exact("a", MatchGroup::ProvedStale, false, 0.05);
        let after = exact("a", MatchGroup::Refuted, true, -0.5);
        let other = exact("b", MatchGroup::Undecided, true, -0.1);
        let of = |all: &[&Exact]| best(all.iter().copied()).map(|best| best.digest.clone());
        assert_eq!(of(&[&before]).as_deref(), Some("a ProvedStale false"));
        assert_eq!(of(&[&before, &after]).as_deref(), Some("a Refuted true"));
        assert_eq!(of(&[&before, &after, &other]).as_deref(), Some("b Undecided true"));
        assert_eq!(of(&[&before, &other]).as_deref(), Some("a ProvedStale false"), "another solution leaves it standing");
    }

    #[test]
    fn nearness_is_measured_in_ranges() {
        let parameter = |name: &str, min, max| Parameter {
            name: name.to_string(),
            default: min,
            min,
            max,
            unit: "1".to_string(),
            standing: "assumed".to_string(),
        };
        let known = [parameter("a", 0.0, 100.0), parameter("b", 0.0, 1.0)];
        let parameters = [("a".to_string(), 50.0), ("b".to_string(), 0.5)].into();
        let wanted = Wanted { parameters, ..Wanted::default() };
        assert!((distance(r#"{"a":60.0,"b":0.5}"#, &wanted, &known) - 0.1).abs() < 1e-12);
        assert!((distance(r#"{"a":50.0,"b":1.0}"#, &wanted, &known) - 0.5).abs() < 1e-12);
        assert!((distance(r#"{"a":50.0}"#, &wanted, &known) - 1.0).abs() < 1e-12);
    }
}
