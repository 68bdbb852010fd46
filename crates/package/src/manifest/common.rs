//! What every manifest shares: two languages, standing, claims, assumptions and sources.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The same words in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// How far a number can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Read in the named source.
    Verified,
    /// Remembered from the named source and not read again.
    Recalled,
    /// Proposed by the author; no outside source is claimed.
    Assumed,
}

/// One number, with where it comes from. The field that holds it names the unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// How far to trust it.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// One number for each joint (or axis), with where they come from. The field that holds it names the unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The numbers, in the order of the interface's joints.
    pub value: Vec<f64>,
    /// How far to trust them.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// What a maker says about the product. A claim is shown and can be tested; it never limits a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is claimed, ending in its unit: `payload_kg`.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Its unit, SI.
    pub unit: String,
    /// How far to trust it.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// Something the model takes for granted. Every report lists them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Name inside the package.
    pub id: String,
    /// What is assumed, why, and what it may hide.
    pub text: Text,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Option<String>,
    /// How far to trust it.
    pub standing: Standing,
}

/// Where figures come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name inside the package, used by figures.
    pub key: String,
    /// The figures that rest on it.
    pub gives: Vec<String>,
    /// Who published it.
    pub publisher: String,
    /// Title, version and place in it, or the reasoning.
    pub title: String,
    /// Day it was read or thought out, year-month-day.
    pub date: String,
    /// How far to trust it.
    pub standing: Standing,
}
