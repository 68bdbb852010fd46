//! Numbers measured in a trial, and the predicates a requirement is made of.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::statistic::{Interval, mean_interval};

/// How a metric is compared with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
    /// `==`
    Equal,
}

impl Relation {
    // Longer symbols first, so that `<=` is not read as `<`.
    const ALL: [(Self, &'static str); 5] =
        [(Self::AtMost, "<="), (Self::AtLeast, ">="), (Self::Equal, "=="), (Self::Below, "<"), (Self::Above, ">")];

    /// As written in a predicate.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::Above => ">",
            Self::Equal => "==",
        }
    }
}

/// A statement about one trial, true or false: `placed_error_m <= 0.005`.
///
/// A metric that is yes or no is 1 or 0, and its bare name stands for `== 1`: `inserted`. Its text is its serialized form
/// and its name in every table.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// The metric's name, with its unit as a suffix.
    pub metric: String,
    /// How it is compared.
    pub relation: Relation,
    /// What it is compared with, in the metric's unit.
    pub limit: f64,
}

impl Predicate {
    /// Whether it holds for these metrics. A metric that was not measured fulfills nothing.
    #[must_use]
    pub fn holds(&self, metrics: &BTreeMap<String, f64>) -> bool {
        metrics.get(&self.metric).is_some_and(|&value| match self.relation {
            Relation::AtMost => value <= self.limit,
            Relation::AtLeast => value >= self.limit,
            Relation::Below => value < self.limit,
            Relation::Above => value > self.limit,
            Relation::Equal => value == self.limit,
        })
    }

    /// How far on the right side of its limit the metric lies, relative to the limit where that is not zero; negative on
    /// the wrong side. Orders trials from worst to best and decides nothing. `None` if the metric was not measured.
    #[must_use]
    pub fn margin(&self, metrics: &BTreeMap<String, f64>) -> Option<f64> {
        let scale = if self.limit == 0.0 { 1.0 } else { self.limit.abs() };
        let above = (metrics.get(&self.metric)? - self.limit) / scale;
        Some(match self.relation {
            Relation::AtMost | Relation::Below => -above,
            Relation::AtLeast | Relation::Above => above,
            Relation::Equal => -above.abs(),
        })
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.relation == Relation::Equal && self.limit == 1.0 {
            f.write_str(&self.metric)
        } else {
            write!(f, "{} {} {}", self.metric, self.relation.symbol(), self.limit)
        }
    }
}

/// The text is not a predicate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a predicate; write a metric's name, or for example `cycle_s <= 8`")]
pub struct NotAPredicate(pub String);

impl FromStr for Predicate {
    type Err = NotAPredicate;

    fn from_str(text: &str) -> Result<Self, NotAPredicate> {
        let wrong = || NotAPredicate(text.to_string());
        let found = Relation::ALL
            .into_iter()
            .find_map(|(relation, symbol)| text.split_once(symbol).map(|(metric, limit)| (metric, relation, limit)));
        let (metric, relation, limit) = match found {
            None => (text.trim(), Relation::Equal, 1.0),
            Some((metric, relation, limit)) => {
                let limit: f64 = limit.trim().parse().map_err(|_| wrong())?;
                (metric.trim(), relation, limit)
            }
        };
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        if metric.is_empty() || !metric.chars().all(name) || !limit.is_finite() {
            return Err(wrong());
        }
        Ok(Self { metric: metric.to_string(), relation, limit })
    }
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Predicate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One metric over all trials that measured it. Reported, and decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricSummary {
    /// Trials that measured it.
    pub trials: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Student's 95 % interval of the mean; none below two trials.
    pub mean_interval: Option<Interval>,
    /// Smallest value.
    pub least: f64,
    /// Middle value; the lower of the two middle ones.
    pub median: f64,
    /// The value that 95 % of the trials do not exceed.
    pub percentile_95: f64,
    /// Largest value.
    pub most: f64,
}

/// Every metric of `trials`, summarized.
pub fn summarize<'a>(trials: impl Iterator<Item = &'a BTreeMap<String, f64>>) -> BTreeMap<String, MetricSummary> {
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for metrics in trials {
        for (name, &value) in metrics {
            columns.entry(name).or_default().push(value);
        }
    }
    let mut summaries = BTreeMap::new();
    for (name, mut values) in columns {
        let Some((mean, interval)) = mean_interval(&values, 0.95) else { continue };
        if !mean.is_finite() {
            // Finite values near the end of the range can add up to infinity, which no file can carry.
            continue;
        }
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let summary = MetricSummary {
            trials: n as u64,
            mean,
            mean_interval: interval,
            least: values[0],
            median: values[(n - 1) / 2],
            percentile_95: values[(n * 95).div_ceil(100) - 1],
            most: values[n - 1],
        };
        summaries.insert(name.to_string(), summary);
    }
    summaries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(name, value)| (name.to_string(), *value)).collect()
    }

    #[test]
    fn a_predicate_reads_back_what_it_prints() {
        for text in ["placed_error_m <= 0.005", "layers >= 3", "tilt_rad < 0.1", "score > -2", "inserted", "count == 8"] {
            assert_eq!(text.parse::<Predicate>().map(|p| p.to_string()), Ok(text.to_string()));
        }
        assert_eq!("inserted == 1".parse::<Predicate>(), "inserted".parse());
        for text in ["", "<= 3", "a b <= 3", "cycle_s <= fast", "cycle_s <= NaN", "cycle_s <= 1 <= 2", "x = 3"] {
            assert_eq!(text.parse::<Predicate>(), Err(NotAPredicate(text.to_string())));
        }
    }

    #[test]
    fn a_metric_that_was_not_measured_fulfills_nothing() {
        let near: Predicate = "placed_error_m <= 0.005".parse().expect("a predicate");
        assert!(near.holds(&metrics(&[("placed_error_m", 0.005)])));
        assert!(!near.holds(&metrics(&[("placed_error_m", 0.0051)])));
        assert!(!near.holds(&metrics(&[])));
        assert_eq!(near.margin(&metrics(&[])), None);
        assert!(near.margin(&metrics(&[("placed_error_m", 0.01)])) == Some(-1.0));
    }

    #[test]
    fn a_summary_counts_only_the_trials_that_measured() {
        let trials: Vec<_> = (1..=20).map(|i| metrics(&[("cycle_s", f64::from(i))])).chain([metrics(&[])]).collect();
        let summary = &summarize(trials.iter())["cycle_s"];
        assert_eq!((summary.trials, summary.mean, summary.median), (20, 10.5, 10.0));
        assert_eq!((summary.least, summary.percentile_95, summary.most), (1.0, 19.0, 20.0));
    }
}
