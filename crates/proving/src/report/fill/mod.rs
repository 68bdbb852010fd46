//! From evidence to a page: everything the report shows, from what was claimed, run and recorded.
//!
//! Nothing is decided here. Words come in both languages; figures in the units people read.

mod claim;
mod controls;
mod figures;
pub(crate) mod motion;
mod names;
mod trials;

use super::{Language, Replay, Report};
use crate::bundle::Evidence;
use crate::engine::{Case, Recorded};
use crate::plan::Plan;

pub use figures::figures;
pub use motion::Motion;

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The case.
    pub case: &'a Case,
    /// What could be expected before the run.
    pub plan: &'a Plan,
    /// What came out.
    pub evidence: &'a Evidence,
    /// The worst, the median and the best trial.
    pub recorded: &'a [Recorded],
}

/// The report on a settled claim. It is not signed and knows no bundle digest: whoever seals or reads the bundle does.
#[must_use]
pub fn report(source: &Source) -> Report {
    let packages = &source.case.packages;
    let mut warnings = source.case.warnings.clone();
    warnings.extend(controls::warnings(source));
    let (scene, replays) = replays(source);
    Report {
        language: Language::default(),
        title: claim::title(source),
        banner: None,
        verdict: claim::verdict(source),
        claim: claim::claim(source),
        dynamics_grade: claim::grade(packages),
        credibility: claim::credibility(packages),
        warnings,
        requirements: trials::requirements(source),
        assumptions: figures(packages, &source.evidence.claim),
        controls: controls::controls(source),
        metrics: trials::metric_columns(source),
        trials: trials::trials(source),
        failures: trials::failures(source),
        reasons: source
            .evidence
            .reasons
            .iter()
            .map(|reason| super::Reason { text: reason.text(), explains: reason.explains() })
            .collect(),
        operating_curve: trials::operating(source),
        distributions: trials::distributions(source),
        joint_peaks: trials::joint_peaks(source),
        scene,
        replays,
        signature: None,
        bundle_digest: None,
        command: claim::command(source),
        verify_command: format!("leitai verify {}", bundle_name(source)),
    }
}

/// What a bundle of this claim is usually called: by its parameters too, where they are not the scenario's own.
fn bundle_name(source: &Source) -> String {
    let claim = &source.evidence.claim;
    let mut name = format!("{}-{}", claim.robot.id, claim.scenario.id);
    for (parameter, value) in claim::chosen(source) {
        name += &format!("-{parameter}={value}");
    }
    name + ".leitai"
}

/// The first replay's shapes, and all replays; another trial's shapes only where they differ.
fn replays(source: &Source) -> (Option<super::replay::Scene>, Vec<Replay>) {
    let moved = || source.recorded.iter().filter_map(|r| Some((r, r.motion.as_ref()?)));
    let scene = moved().next().map(|(_, motion)| motion.scene.clone());
    let one = |(recorded, motion): (&Recorded, &Motion)| Replay {
        trial: recorded.trial,
        role: recorded.role,
        passed: source.evidence.outcomes.get(recorded.trial as usize).is_some_and(|o| o.passed_all()),
        scene: (Some(&motion.scene) != scene.as_ref()).then(|| motion.scene.clone()),
        track: motion.track.clone(),
        series: motion.series.clone(),
    };
    let replays = moved().map(one).collect();
    (scene, replays)
}
