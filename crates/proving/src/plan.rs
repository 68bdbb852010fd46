//! What a claim will take, before its first trial: planned trials and the operating curve of each requirement.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::claim::{Claim, Requirement, Share, TrialRule};
use crate::statistic::{Operating, operating_curve, stopping, stopping_fixed};

/// One requirement's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequirementPlan {
    /// The requirement.
    pub requirement: Requirement,
    /// Its part in the error, and the fewest trials that prove it.
    pub share: Share,
    /// Verdict probabilities and expected trials at true rates around the required one; empty for an estimate.
    pub curve: Vec<Operating>,
}

/// A claim's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// One entry per requirement, in the claim's order.
    pub requirements: Vec<RequirementPlan>,
    /// Trials until *proved* if no trial fails; `None` if the limit is too small for that.
    pub fewest_trials: Option<u64>,
    /// The most trials the claim allows.
    pub limit: u64,
    /// The claim's requirements that no trial count within the limit can prove although they decide.
    pub out_of_reach: Vec<String>,
}

/// Plans a checked claim. Takes about 2 µs × limit for each requirement, and limit^1.5 additions for each point.
#[must_use]
pub fn plan(claim: &Claim) -> Plan {
    let limit = claim.trials.most();
    let requirements: Vec<_> = claim
        .requirements
        .iter()
        .zip(claim.shares())
        .map(|(requirement, share)| {
            let rate = requirement.rate_at_least;
            let curve = if share.decides {
                let boundaries = match claim.trials {
                    TrialRule::Sequential { limit } => stopping(rate, share.alpha, limit),
                    TrialRule::Fixed { trials } => stopping_fixed(rate, share.alpha, trials),
                };
                operating_curve(&boundaries, &rates_around(rate))
            } else {
                Vec::new()
            };
            RequirementPlan { requirement: requirement.clone(), share, curve }
        })
        .collect();
    let deciding = || requirements.iter().filter(|r| r.share.decides);
    let out_of_reach: Vec<_> = deciding().filter(|r| r.share.fewest_trials.is_none()).map(|r| r.requirement.name()).collect();
    let fewest_trials = if out_of_reach.is_empty() { deciding().filter_map(|r| r.share.fewest_trials).max() } else { None };
    Plan { fewest_trials, limit, out_of_reach, requirements }
}

/// True rates worth knowing about: well below the required one, at it, and three steps up to certainty.
fn rates_around(required: f64) -> Vec<f64> {
    let miss = 1.0 - required;
    [4.0, 3.0, 2.0, 1.5, 1.0, 0.5, 0.25, 0.1, 0.0].into_iter().map(|m| 1.0 - m * miss).filter(|r| *r >= 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;

    #[test]
    fn a_plan_says_what_can_be_expected() {
        let plan = plan(&claim(&[("placed", 0.95), ("cycle_s <= 8", 0.9), ("force_n <= 65", 0.995)], 400));
        assert_eq!(plan.requirements.iter().map(|r| r.share.decides).collect::<Vec<_>>(), [true, true, false]);
        let fewest = plan.fewest_trials.expect("400 trials are enough for 95 %");
        assert!((59..200).contains(&fewest), "{fewest}");
        let curve = &plan.requirements[0].curve;
        assert!(curve.first().expect("points").refuted > 0.99);
        let certain = curve.last().expect("points");
        // Rates are 1 − m·(1 − required): the last is certainty.
        assert_eq!(certain.rate, 1.0);
        assert!(certain.proved > 0.999_999 && (certain.trials - fewest as f64).abs() < 1e-6);
    }

    #[test]
    fn a_limit_too_small_is_named() {
        let plan = plan(&claim(&[("placed", 0.95)], 30));
        assert_eq!((plan.fewest_trials, plan.out_of_reach), (None, alloc::vec!["placed".into()]));
    }
}
