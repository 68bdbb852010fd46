//! What a challenge keeps secret until its deadline, and the digest that binds it before.
//!
//! Whoever opens a challenge publishes a *commitment*: the digest of the challenge's id, the scenario, the thresholds, a seed and a
//! nonce. Nobody can find the secret from it, because of the nonce; and nobody can change the secret afterwards, because another
//! one has another digest. At the deadline the secret is revealed, the answers run on seeds that follow from it, and anyone checks
//! that it is what was sealed.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_package::manifest::{Content, Revealed, Threshold};

use crate::canonical::{Canonical, Digest, NotADigest};
use crate::claim::{SeedRule, Subject};

/// A challenge's secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// The challenge's id.
    pub challenge: String,
    /// The job, by its content.
    pub scenario: Subject,
    /// Thresholds that differ from the scenario's own.
    pub thresholds: Vec<Threshold>,
    /// From which the trials' seeds follow.
    pub seed: Digest,
    /// What keeps the rest from being guessed.
    pub nonce: Digest,
}

/// Why a secret is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A part of it is no digest.
    #[error(transparent)]
    NotADigest(#[from] NotADigest),
    /// It has another digest.
    #[error(
        "what is revealed here was not what was sealed: challenge, scenario, thresholds, seed and nonce give the digest {computed}, and {stated} was published"
    )]
    Other {
        /// The digest of what is revealed.
        computed: Digest,
        /// The digest that was published.
        stated: Digest,
    },
}

impl Seal {
    /// Seals a challenge with 64 bytes of entropy, which the caller draws: 32 for the seed, 32 for the nonce.
    #[must_use]
    pub fn new(challenge: &str, scenario: Subject, thresholds: Vec<Threshold>, entropy: &[u8; 64]) -> Self {
        let half = |from: usize| Digest(core::array::from_fn(|i| entropy[from + i]));
        Self { challenge: challenge.to_string(), scenario, thresholds, seed: half(0), nonce: half(32) }
    }

    /// The secret of an acceptance file that reveals one.
    ///
    /// # Errors
    /// If it is not what its own commitment sealed.
    pub fn revealed(revealed: &Revealed, scenario: &Content, thresholds: &[Threshold]) -> Result<Self, SealError> {
        let seal = Self {
            challenge: revealed.challenge.clone(),
            scenario: Subject { id: scenario.id.clone(), digest: scenario.digest.parse()? },
            thresholds: thresholds.to_vec(),
            seed: revealed.seed.parse()?,
            nonce: revealed.nonce.parse()?,
        };
        seal.check(&revealed.commitment.parse()?)?;
        Ok(seal)
    }

    /// The digest to publish beforehand. The order of thresholds does not matter.
    ///
    /// # Panics
    /// If a threshold's number is not finite; manifests refuse such numbers.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        let mut form = Canonical::new("leitai seal of a challenge v1");
        form.text(&self.challenge).text(&self.scenario.id).digest(&self.scenario.digest);
        let mut thresholds: Vec<&Threshold> = self.thresholds.iter().collect();
        thresholds.sort_by(|a, b| a.requirement.cmp(&b.requirement));
        form.entries(thresholds.len());
        for threshold in thresholds {
            form.text(&threshold.requirement).text(threshold.unit.as_deref().unwrap_or_default());
            for number in [threshold.limit, threshold.rate_at_least, threshold.confidence] {
                match number {
                    Some(number) => form.flag(true).number(number),
                    None => form.flag(false),
                };
            }
        }
        form.digest(&self.seed).digest(&self.nonce).finish()
    }

    /// That this is the secret which `commitment` sealed.
    ///
    /// # Errors
    /// If it is another.
    pub fn check(&self, commitment: &Digest) -> Result<(), SealError> {
        let computed = self.commitment();
        if computed == *commitment { Ok(()) } else { Err(SealError::Other { computed, stated: *commitment }) }
    }

    /// Where the trials' seeds come from.
    #[must_use]
    pub fn seed_rule(&self) -> SeedRule {
        SeedRule::Sealed { commitment: self.commitment(), seed: self.seed }
    }

    /// The secret as an acceptance file reveals it.
    #[must_use]
    pub fn reveal(&self) -> Revealed {
        Revealed {
            challenge: self.challenge.clone(),
            commitment: self.commitment().to_string(),
            seed: self.seed.to_string(),
            nonce: self.nonce.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        let scenario = Subject { id: "job".to_string(), digest: Digest::of_bytes(b"job") };
        let threshold = |requirement: &str, limit, rate_at_least| Threshold {
            requirement: requirement.to_string(),
            limit,
            unit: limit.map(|_: f64| "m".to_string()),
            rate_at_least,
            confidence: None,
        };
        let thresholds = [threshold("near", Some(0.003), None), threshold("fast", None, Some(0.95))].to_vec();
        Seal::new("sort-2026", scenario, thresholds, &core::array::from_fn(|i| i as u8))
    }

    #[test]
    fn a_seal_opens_with_its_own_secret_and_no_other() {
        let sealed = seal();
        let commitment = sealed.commitment();
        let mut others: [Seal; 8] = core::array::from_fn(|_| sealed.clone());
        others[0].challenge.push('x');
        others[1].scenario.digest.0[0] ^= 1;
        others[2].scenario.id.push('x');
        others[3].thresholds[0].limit = Some(0.004);
        others[4].thresholds[1].confidence = Some(0.99);
        others[5].thresholds.pop();
        others[6].seed.0[31] ^= 1;
        others[7].nonce.0[0] ^= 128;
        for other in &others {
            let error = other.check(&commitment).expect_err("another secret");
            assert_eq!(error, SealError::Other { computed: other.commitment(), stated: commitment });
        }
        let mut reordered = sealed.clone();
        reordered.thresholds.reverse();
        assert_eq!(reordered.check(&commitment), Ok(()));
    }

    #[test]
    fn what_is_revealed_is_what_was_sealed() {
        let sealed = seal();
        let scenario = Content { id: sealed.scenario.id.clone(), digest: sealed.scenario.digest.to_string() };
        let mut shown = sealed.reveal();
        assert_eq!(Seal::revealed(&shown, &scenario, &sealed.thresholds), Ok(sealed.clone()));
        shown.nonce = Digest([0; 32]).to_string();
        assert!(matches!(Seal::revealed(&shown, &scenario, &sealed.thresholds), Err(SealError::Other { .. })));
        shown.nonce = "secret".to_string();
        assert_eq!(Seal::revealed(&shown, &scenario, &sealed.thresholds), Err(SealError::NotADigest(NotADigest)));
    }
}
