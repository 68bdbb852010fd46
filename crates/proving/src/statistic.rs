//! What a number of successes says about a rate, however often someone looks.
//!
//! Three kinds of statement, each exact rather than approximate wherever the theory allows:
//! [`wilson`] and [`clopper_pearson`] intervals for a number of trials fixed beforehand; confidence sequences
//! ([`mixture_interval`], [`rate_bounds`]) that hold at all numbers of trials at once, so that a run may be watched and stopped
//! at any moment; and the [`operating_curve`] that says, before a run, how likely each verdict is and how long it takes.

mod fixed;
mod operating;
mod sequential;
mod special;

use leitai_math::real;
use serde::{Deserialize, Serialize};

pub use fixed::{binomial_at_least, binomial_at_most, clopper_pearson, mean_interval, settles_fixed, wilson};
pub use operating::{Operating, Stopping, operating_curve, stopping, stopping_fixed};
pub use sequential::{ln_evidence_above, ln_evidence_below, mixture_interval, rate_bounds, settles, trials_to_prove};

/// A closed interval of rates or of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the two intervals share a point.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// What both intervals contain, if they share a point.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { low: real::max(self.low, other.low), high: real::min(self.high, other.high) }
    }

    /// Whether `value` lies inside or on an end.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// What the trials so far say about "the rate is at least this".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Settled {
    /// The rate is at least the threshold, at the stated error.
    Proved,
    /// The rate is below the threshold, at the stated error.
    Refuted,
}
