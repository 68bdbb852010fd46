//! Control arms: whoever does nothing must fail, and whoever sees everything must not, or the scenario itself is broken.
//!
//! An arm is judged like a claim of so many trials: it *fails* if its trials refute a requirement that decides. The null arms
//! must. The oracle must not, unless the solution was refuted too: then the robot is the limit and not what it sees.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::claim::Claim;
use crate::outcome::Outcome;
use crate::statistic::{Settled, settles_fixed};
use crate::verdict::Decision;

/// A control arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Holds its posture.
    NullHold,
    /// Repeats the nominal motion, blind to where things truly are.
    NullBlind,
    /// The solution, told the true poses at once.
    Oracle,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NullHold, Self::NullBlind, Self::Oracle];
}

/// What one control arm did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmResult {
    /// Which arm.
    pub control: Control,
    /// Trials it ran: the first of the claim, with the claim's own seeds.
    pub trials: u64,
    /// Trials that passed every requirement that decides.
    pub passed: u64,
    /// Trials in which each such requirement held, by the predicate's text.
    pub successes: BTreeMap<String, u64>,
    /// Whether it did what it must.
    pub as_expected: bool,
    /// Digest of each outcome, in order.
    pub outcomes: Vec<Digest>,
}

impl ArmResult {
    /// Judges an arm's trials on a claim that came out as `decision`.
    #[must_use]
    pub fn new(control: Control, claim: &Claim, decision: Decision, outcomes: &[Outcome]) -> Self {
        let trials = outcomes.len() as u64;
        let shares = claim.shares();
        let deciding: Vec<_> = claim.requirements.iter().zip(shares).filter(|(_, share)| share.decides).collect();
        let held = |outcome: &Outcome, name: &String| outcome.passed.get(name) == Some(&true);
        let mut successes = BTreeMap::new();
        let mut fails = false;
        for (requirement, share) in &deciding {
            let name = requirement.name();
            let count = outcomes.iter().filter(|o| held(o, &name)).count() as u64;
            fails |= trials > 0 && settles_fixed(count, trials, requirement.rate_at_least, share.alpha) == Some(Settled::Refuted);
            successes.insert(name, count);
        }
        let passed = outcomes.iter().filter(|o| successes.keys().all(|name| held(o, name))).count() as u64;
        let as_expected = match control {
            Control::NullHold | Control::NullBlind => fails,
            Control::Oracle => !fails || decision == Decision::Refuted,
        };
        Self { control, trials, passed, successes, as_expected, outcomes: outcomes.iter().map(|o| o.digest).collect() }
    }
}

/// Whether a trial passed every requirement of the claim that decides.
#[must_use]
pub fn passes(claim: &Claim, outcome: &Outcome) -> bool {
    let shares = claim.shares();
    let mut deciding = claim.requirements.iter().zip(shares).filter(|(_, share)| share.decides);
    deciding.all(|(requirement, _)| outcome.passed.get(&requirement.name()) == Some(&true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::tests::claim;

    #[test]
    fn null_arms_must_fail_and_the_oracle_must_not() {
        let claim = claim(&[("placed", 0.9), ("fast", 0.9), ("tight", 0.999)], 300);
        let arm = |control, decision, good: u64| {
            let outcome = |index: u64| {
                let metrics = [("placed", index < good), ("fast", true), ("tight", false)];
                let metrics = metrics.map(|(name, yes)| (String::from(name), f64::from(u8::from(yes)))).into();
                Outcome::new(index, claim.seed_root().trial(index), metrics, None, None, &claim.requirements)
            };
            ArmResult::new(control, &claim, decision, &(0..4).map(outcome).collect::<Vec<_>>())
        };
        let null = arm(Control::NullHold, Decision::Proved, 0);
        assert!(null.as_expected && null.passed == 0 && null.successes["fast"] == 4 && null.successes.len() == 2);
        assert!(arm(Control::NullBlind, Decision::Proved, 1).as_expected, "one lucky trial of four");
        assert!(!arm(Control::NullBlind, Decision::Proved, 3).as_expected, "the job asks for nothing");
        assert!(arm(Control::Oracle, Decision::Proved, 4).as_expected && arm(Control::Oracle, Decision::Proved, 3).as_expected);
        assert!(!arm(Control::Oracle, Decision::Proved, 0).as_expected, "true poses lose what measured ones win");
        assert!(arm(Control::Oracle, Decision::Refuted, 0).as_expected, "the robot is the limit");
    }
}
