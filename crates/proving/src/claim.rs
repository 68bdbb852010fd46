//! The claim: everything that is fixed before the first trial.
//!
//! A claim is hashed in canonical form and every trial's seed follows from that digest, so nobody can look for lucky seeds
//! without changing what is claimed. A seed chosen by hand is allowed for exploring and marks all that follows *exploratory*.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_math::Seed;
use serde::{Deserialize, Serialize};

use crate::canonical::{Canonical, Digest};
use crate::metric::Predicate;
use crate::statistic::{Settled, settles_fixed, trials_to_prove};

/// The most trials one claim may ask for.
pub const MOST_TRIALS: u64 = 100_000;
/// The most requirements one claim may have.
pub const MOST_REQUIREMENTS: usize = 64;
/// Rates above this decide only if the claim's trial limit can settle them.
const TIGHT: f64 = 0.98;

/// A package by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The catalog id: `ur20`.
    pub id: String,
    /// Digest of the parsed content; it is the version.
    pub digest: Digest,
}

/// "This holds in at least so many of all trials."
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// What must hold in one trial.
    pub predicate: Predicate,
    /// The least rate of trials in which it must hold, in (0, 1].
    pub rate_at_least: f64,
    /// How sure the verdict must be, in [0.5, 1).
    pub confidence: f64,
    /// Whether the verdict may wait for it; false asks for an estimate with its interval only.
    pub decides: bool,
}

impl Requirement {
    /// The predicate's text; unique in a claim.
    #[must_use]
    pub fn name(&self) -> String {
        self.predicate.to_string()
    }
}

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrialRule {
    /// As soon as the verdict is settled, at the latest after `limit` trials.
    Sequential {
        /// The most trials.
        limit: u64,
    },
    /// After exactly `trials`; judged once, by Wilson's interval and the exact binomial tail.
    Fixed {
        /// The number of trials.
        trials: u64,
    },
}

impl TrialRule {
    /// The most trials this rule runs.
    #[must_use]
    pub fn most(self) -> u64 {
        match self {
            Self::Sequential { limit } => limit,
            Self::Fixed { trials } => trials,
        }
    }
}

/// Where the trials' seeds come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedRule {
    /// From the claim itself.
    Derived,
    /// From a number someone chose; the result is exploratory.
    Chosen(u64),
    /// From a secret that a challenge committed to before anyone answered, and revealed after: see [`crate::seal`].
    Sealed {
        /// The digest that was public before.
        commitment: Digest,
        /// The secret's seed.
        seed: Digest,
    },
}

/// The meaning of contact in the physics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactMode {
    /// MuJoCo's convex soft contact.
    Compat,
    /// True static friction.
    Stick,
}

/// What is claimed, complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The robot's model.
    pub robot: Subject,
    /// The job.
    pub scenario: Subject,
    /// How the robot does the job.
    pub solution: Subject,
    /// Name and version of the engine whose physics decides: `leitai 0.1.0`.
    pub engine: String,
    /// The scenario's claim parameters, such as `block_mass_kg`.
    pub parameters: BTreeMap<String, f64>,
    /// What must hold, in the order of the scenario's file.
    pub requirements: Vec<Requirement>,
    /// When a run ends.
    pub trials: TrialRule,
    /// Where seeds come from.
    pub seed: SeedRule,
    /// Time step of the physics [s].
    pub dt_s: f64,
    /// Meaning of contact.
    pub contact: ContactMode,
}

/// Why a claim cannot be settled by any run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClaimError {
    /// Without a requirement there is nothing to settle.
    #[error("the claim has no requirement; add a [[require]] with a metric and `rate_at_least`")]
    NoRequirement,
    /// More requirements than a person would read.
    #[error("{0} requirements; use at most 64")]
    TooMany(usize),
    /// Two requirements on the same predicate.
    #[error("requirement `{0}` stands twice; keep the stricter one")]
    Twice(String),
    /// A rate no experiment has.
    #[error("requirement `{name}`: rate_at_least = {rate} is not in (0, 1]; write 0.95 for 95 %")]
    Rate {
        /// The requirement.
        name: String,
        /// What it says.
        rate: f64,
    },
    /// A confidence no verdict can have.
    #[error("requirement `{name}`: confidence = {confidence} is not in [0.5, 0.999999]; write 0.95 for 95 %")]
    Confidence {
        /// The requirement.
        name: String,
        /// What it says.
        confidence: f64,
    },
    /// No trials, or more than anyone can check.
    #[error("{0} trials: use 1 to 100000")]
    Trials(u64),
    /// A number that is none.
    #[error("`{name}` = {value} is not usable; give a finite number{}", if *.positive { " above zero" } else { "" })]
    Number {
        /// Which parameter.
        name: String,
        /// Its value.
        value: f64,
        /// Whether it must also be above zero.
        positive: bool,
    },
    /// Every requirement is too tight for the trial limit.
    #[error(
        "within {limit} trials no requirement that decides can be settled (`{name}` at {rate} is the loosest); \
         allow more trials or claim a lower rate"
    )]
    NothingDecides {
        /// The trial limit.
        limit: u64,
        /// The loosest requirement.
        name: String,
        /// Its rate.
        rate: f64,
    },
}

/// A requirement's part in the claim's error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Whether the verdict depends on it; otherwise it is an estimate, shown with its interval.
    pub decides: bool,
    /// The error allowed in each direction.
    pub alpha: f64,
    /// The fewest trials that can prove it; `None` if the trial limit is too small even without a failure.
    pub fewest_trials: Option<u64>,
}

impl Claim {
    /// Refuses a claim that no run could settle.
    ///
    /// # Errors
    /// Says which part of the claim is unusable and what to write instead.
    pub fn check(&self) -> Result<(), ClaimError> {
        if self.requirements.len() > MOST_REQUIREMENTS {
            return Err(ClaimError::TooMany(self.requirements.len()));
        }
        let mut names = BTreeSet::new();
        for requirement in &self.requirements {
            let name = requirement.name();
            let (rate, confidence) = (requirement.rate_at_least, requirement.confidence);
            if !(rate > 0.0 && rate <= 1.0) {
                return Err(ClaimError::Rate { name, rate });
            }
            if !(0.5..=0.999_999).contains(&confidence) {
                return Err(ClaimError::Confidence { name, confidence });
            }
            if !names.insert(name.clone()) {
                return Err(ClaimError::Twice(name));
            }
        }
        if !(1..=MOST_TRIALS).contains(&self.trials.most()) {
            return Err(ClaimError::Trials(self.trials.most()));
        }
        for (name, &value) in &self.parameters {
            if !value.is_finite() {
                return Err(ClaimError::Number { name: name.clone(), value, positive: false });
            }
        }
        if !(self.dt_s.is_finite() && self.dt_s > 0.0) {
            return Err(ClaimError::Number { name: "dt_s".to_string(), value: self.dt_s, positive: true });
        }
        let loosest = self.requirements.iter().min_by(|a, b| a.rate_at_least.total_cmp(&b.rate_at_least));
        let Some(loosest) = loosest else { return Err(ClaimError::NoRequirement) };
        if !self.shares().iter().any(|share| share.decides) {
            let (name, rate) = (loosest.name(), loosest.rate_at_least);
            return Err(ClaimError::NothingDecides { limit: self.trials.most(), name, rate });
        }
        Ok(())
    }

    /// The confidence of the whole claim: the highest that any requirement asks for; 0.95 without requirements.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.requirements.iter().map(|r| r.confidence).reduce(|a, b| if b > a { b } else { a }).unwrap_or(0.95)
    }

    /// Digest of the canonical form. Key order, white space and the order of requirements do not matter.
    ///
    /// # Panics
    /// If a number is not finite; [`Claim::check`] refuses such a claim.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut form = Canonical::new("leitai claim v1");
        for subject in [&self.robot, &self.scenario, &self.solution] {
            form.text(&subject.id).digest(&subject.digest);
        }
        form.text(&self.engine).numbers(&self.parameters);
        let mut requirements: Vec<_> = self.requirements.iter().map(|r| (r.name(), r)).collect();
        requirements.sort_by(|a, b| a.0.cmp(&b.0));
        form.entries(requirements.len());
        for (name, requirement) in requirements {
            form.text(&name).number(requirement.rate_at_least).number(requirement.confidence).flag(requirement.decides);
        }
        match self.trials {
            TrialRule::Sequential { limit } => form.text("sequential").count(limit),
            TrialRule::Fixed { trials } => form.text("fixed").count(trials),
        };
        match self.seed {
            SeedRule::Derived => form.text("derived"),
            SeedRule::Chosen(seed) => form.text("chosen").count(seed),
            SeedRule::Sealed { commitment, seed } => form.text("sealed").digest(&commitment).digest(&seed),
        };
        form.number(self.dt_s);
        form.text(match self.contact {
            ContactMode::Compat => "compat",
            ContactMode::Stick => "stick",
        });
        form.finish()
    }

    /// The root of all seeds of this claim's trials; trial `i` draws from `seed_root().trial(i)`.
    ///
    /// A chosen seed gives the same root in every claim, so that two claims can be compared trial by trial; and so does a sealed
    /// one, so that all who answer a challenge meet the same trials.
    #[must_use]
    pub fn seed_root(&self) -> Seed {
        Seed(match self.seed {
            SeedRule::Derived => blake3::derive_key("leitai 2026 seed root of a claim", &self.digest().0),
            SeedRule::Chosen(seed) => blake3::derive_key("leitai 2026 seed root chosen by hand", &seed.to_le_bytes()),
            SeedRule::Sealed { commitment, seed } => {
                let mut form = Canonical::new("leitai seed root of a challenge v1");
                form.digest(&commitment).digest(&seed).finish().0
            }
        })
    }

    /// The root of seeds for fresh trials of this claim, from a verifier's own number.
    #[must_use]
    pub fn fresh_root(&self, verifier_seed: u64) -> Seed {
        let mut form = Canonical::new("leitai fresh trials v1");
        form.digest(&self.digest()).count(verifier_seed);
        Seed(form.finish().0)
    }

    /// Whether the seed was chosen by hand.
    #[must_use]
    pub fn exploratory(&self) -> bool {
        matches!(self.seed, SeedRule::Chosen(_))
    }

    /// How the claim's error is split, one entry per requirement.
    ///
    /// α = 1 − confidence is divided equally over the requirements that decide, in both directions; so all their lines hold
    /// together with the claim's confidence, and so does the verdict. Of the requirements that may decide, one tighter than 98 %
    /// does so only if the trial limit can prove it; such requirements join from the loosest on, as long as all of them remain
    /// provable.
    #[must_use]
    pub fn shares(&self) -> Vec<Share> {
        let whole = 1.0 - self.confidence();
        let mut order: Vec<usize> = (0..self.requirements.len()).filter(|&i| self.requirements[i].decides).collect();
        order.sort_by(|&a, &b| self.requirements[a].rate_at_least.total_cmp(&self.requirements[b].rate_at_least));
        let loose = order.iter().filter(|&&i| self.requirements[i].rate_at_least <= TIGHT).count();
        let mut deciding = loose;
        // The tightest of a set is the hardest to prove, so asking about it asks about all.
        while deciding < order.len() {
            let rate = self.requirements[order[deciding]].rate_at_least;
            if self.fewest(rate, whole / (deciding + 1) as f64).is_none() {
                break;
            }
            deciding += 1;
        }
        let alpha = whole / deciding.max(1) as f64;
        let mut shares: Vec<_> = self
            .requirements
            .iter()
            .map(|r| Share { decides: false, alpha, fewest_trials: self.fewest(r.rate_at_least, alpha) })
            .collect();
        for &i in &order[..deciding] {
            shares[i].decides = true;
        }
        shares
    }

    fn fewest(&self, rate: f64, alpha: f64) -> Option<u64> {
        match self.trials {
            TrialRule::Sequential { limit } => trials_to_prove(rate, alpha, limit),
            TrialRule::Fixed { trials } => {
                (settles_fixed(trials, trials, rate, alpha) == Some(Settled::Proved)).then_some(trials)
            }
        }
    }

    /// The first thing in which `other` differs from this claim, in words; `None` if they are the same claim.
    ///
    /// `ours` and `theirs` name the two sides, for example "claim.json" and "the packages".
    #[must_use]
    pub fn difference(&self, other: &Self, ours: &str, theirs: &str) -> Option<String> {
        let say = |what: &str, a: &dyn core::fmt::Display, b: &dyn core::fmt::Display| {
            Some(format!("{what} is {a} in {ours} and {b} in {theirs}"))
        };
        let subjects = [
            ("robot", &self.robot, &other.robot),
            ("scenario", &self.scenario, &other.scenario),
            ("solution", &self.solution, &other.solution),
        ];
        for (what, a, b) in subjects {
            if a.id != b.id {
                return say(&format!("the {what}"), &a.id, &b.id);
            }
        }
        if self.engine != other.engine {
            return say("the engine", &self.engine, &other.engine);
        }
        let (mine, yours) = (by_name(&self.requirements), by_name(&other.requirements));
        for name in mine.keys().chain(yours.keys()) {
            let show = |r: Option<&&Requirement>| match r {
                Some(r) => {
                    let estimate = if r.decides { "" } else { ", as an estimate" };
                    format!("a rate of at least {} at confidence {}{estimate}", r.rate_at_least, r.confidence)
                }
                None => "absent".to_string(),
            };
            let (a, b) = (mine.get(name), yours.get(name));
            if a != b {
                return say(&format!("requirement `{name}`"), &show(a), &show(b));
            }
        }
        for name in self.parameters.keys().chain(other.parameters.keys()) {
            let show = |v: Option<&f64>| v.map_or("absent".to_string(), ToString::to_string);
            let (a, b) = (self.parameters.get(name), other.parameters.get(name));
            if a != b {
                return say(&format!("parameter `{name}`"), &show(a), &show(b));
            }
        }
        if self.trials != other.trials {
            let show = |rule: TrialRule| match rule {
                TrialRule::Sequential { limit } => format!("sequential up to {limit} trials"),
                TrialRule::Fixed { trials } => format!("exactly {trials} trials"),
            };
            return say("the trial rule", &show(self.trials), &show(other.trials));
        }
        if self.seed != other.seed {
            let show = |rule: SeedRule| match rule {
                SeedRule::Derived => "derived from the claim".to_string(),
                SeedRule::Chosen(seed) => format!("chosen by hand ({seed})"),
                SeedRule::Sealed { commitment, seed } => {
                    format!("{} sealed by commitment {}", seed.short(), commitment.short())
                }
            };
            return say("the seed", &show(self.seed), &show(other.seed));
        }
        if self.dt_s != other.dt_s {
            return say("the time step [s]", &self.dt_s, &other.dt_s);
        }
        if self.contact != other.contact {
            return say("the contact mode", &format!("{:?}", self.contact), &format!("{:?}", other.contact));
        }
        // Last, because a changed threshold also changes its package's digest, and the threshold is the better message.
        for (what, a, b) in subjects {
            if a.digest != b.digest {
                return say(&format!("the content digest of {what} `{}`", a.id), &a.digest.short(), &b.digest.short());
            }
        }
        None
    }
}

fn by_name(requirements: &[Requirement]) -> BTreeMap<String, &Requirement> {
    requirements.iter().map(|r| (r.name(), r)).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A sequential claim with these predicates and rates, at 95 % confidence.
    pub(crate) fn claim(requirements: &[(&str, f64)], limit: u64) -> Claim {
        let subject = |id: &str| Subject { id: id.to_string(), digest: Digest::of_bytes(id.as_bytes()) };
        Claim {
            robot: subject("pendulum"),
            scenario: subject("swing-up"),
            solution: subject("energy-shaping"),
            engine: "leitai 0.1.0".to_string(),
            parameters: [("mass_kg".to_string(), 2.0)].into(),
            requirements: requirements
                .iter()
                .map(|&(text, rate_at_least)| Requirement {
                    predicate: text.parse().expect("a predicate"),
                    rate_at_least,
                    confidence: 0.95,
                    decides: true,
                })
                .collect(),
            trials: TrialRule::Sequential { limit },
            seed: SeedRule::Derived,
            dt_s: 0.001,
            contact: ContactMode::Stick,
        }
    }

    #[test]
    fn seeds_follow_from_the_claim() {
        let base = claim(&[("up", 0.9), ("time_s <= 5", 0.8)], 200);
        let mut reordered = base.clone();
        reordered.requirements.reverse();
        assert_eq!(base.seed_root(), reordered.seed_root());
        let mut changes: [Claim; 8] = core::array::from_fn(|_| base.clone());
        changes[0].requirements[0].rate_at_least = 0.89;
        changes[1].trials = TrialRule::Sequential { limit: 201 };
        changes[2].trials = TrialRule::Fixed { trials: 200 };
        changes[3].robot.digest = Digest([0; 32]);
        changes[4].parameters.insert("mass_kg".to_string(), 2.5);
        changes[5].engine = "leitai 0.1.1".to_string();
        changes[6].contact = ContactMode::Compat;
        changes[7].dt_s = 0.0005;
        for other in &changes {
            assert_ne!(base.seed_root(), other.seed_root());
            assert!(base.difference(other, "a", "b").is_some());
            assert!(!other.exploratory());
        }
        assert_eq!(base.difference(&reordered, "a", "b"), None);
        assert_eq!(
            base.difference(&changes[0], "the packages", "claim.json").as_deref(),
            Some(
                "requirement `up` is a rate of at least 0.9 at confidence 0.95 in the packages \
                 and a rate of at least 0.89 at confidence 0.95 in claim.json"
            )
        );
    }

    #[test]
    fn a_chosen_seed_pairs_claims_and_marks_them() {
        let mut a = claim(&[("up", 0.9)], 200);
        a.seed = SeedRule::Chosen(7);
        let mut b = a.clone();
        b.solution.digest = Digest([9; 32]);
        assert!(a.exploratory() && a.seed_root() == b.seed_root() && a.digest() != b.digest());
        assert_ne!(a.fresh_root(1), a.fresh_root(2));
    }

    #[test]
    fn the_error_is_split_over_what_decides() {
        let shares = claim(&[("a", 0.9), ("b", 0.95), ("c", 0.99), ("d", 0.999)], 1000).shares();
        assert_eq!(shares.iter().map(|s| s.decides).collect::<Vec<_>>(), [true, true, true, false]);
        assert!(shares.iter().filter(|s| s.decides).map(|s| s.alpha).sum::<f64>() <= 0.05 + 1e-12);
        // With few trials even 99 % is only estimated, and the others need not pay for it.
        let shares = claim(&[("a", 0.9), ("b", 0.95), ("c", 0.99)], 200).shares();
        assert_eq!(shares.iter().map(|s| s.decides).collect::<Vec<_>>(), [true, true, false]);
        assert!((shares[0].alpha - 0.025).abs() < 1e-12);
        // And what is asked for as an estimate never decides, nor costs the others anything.
        let mut asked = claim(&[("a", 0.9), ("b", 0.95)], 200);
        asked.requirements[1].decides = false;
        let shares = asked.shares();
        assert_eq!(shares.iter().map(|s| s.decides).collect::<Vec<_>>(), [true, false]);
        assert!((shares[0].alpha - 0.05).abs() < 1e-12);
    }

    #[test]
    fn an_unusable_claim_is_refused_with_the_remedy() {
        let refused = |claim: Claim| claim.check().expect_err("unusable").to_string();
        assert_eq!(claim(&[("up", 0.9)], 100).check(), Ok(()));
        assert!(refused(claim(&[], 100)).contains("no requirement"));
        assert!(refused(claim(&[("up", 95.0)], 100)).contains("write 0.95 for 95 %"));
        assert!(refused(claim(&[("up", 0.9), ("up == 1", 0.8)], 100)).contains("stands twice"));
        assert!(refused(claim(&[("up", 0.9)], 0)).contains("0 trials"));
        assert!(refused(claim(&[("up", 0.999)], 100)).contains("no requirement that decides can be settled (`up` at 0.999"));
        let mut still = claim(&[("up", 0.9)], 100);
        still.dt_s = 0.0;
        assert!(refused(still).contains("above zero"));
    }
}
