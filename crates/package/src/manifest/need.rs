//! `need.toml`: what somebody looks for. A job, its figures, and limits on price, delivery, region and floor.
//!
//! Which parameters the job has, and which regions there are, is not known here; whoever answers the need says so.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::document::{Document, ManifestError};
use super::terms::{Per, TermsKind};

/// A checked `need.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedManifest {
    /// What is looked for.
    pub need: Need,
    /// Claim parameters by name; the scenario's defaults where not set.
    #[serde(default)]
    pub parameter: BTreeMap<String, f64>,
    /// Limits on offers.
    #[serde(default)]
    pub limit: NeedLimits,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// In a few words.
    pub title: String,
    /// The job's id.
    pub scenario: String,
    /// Who needs it.
    pub made_by: Option<String>,
}

/// Limits on offers; every one may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedLimits {
    /// How the product is to be had.
    pub kind: Option<TermsKind>,
    /// The highest price, yuan, for each `per`.
    pub price_cny: Option<f64>,
    /// What the price is for.
    pub per: Option<Per>,
    /// The most days until delivery.
    pub delivery_days: Option<u32>,
    /// Where it is needed: `haidian`.
    pub region: Option<String>,
    /// The most floor, m².
    pub floor_m2: Option<f64>,
}

impl NeedManifest {
    /// Reads and checks a `need.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let manifest: Self = document.decode()?;
        let Self { need, parameter, limit } = &manifest;
        document.words("need.title", &need.title)?;
        document.id("need.scenario", &need.scenario)?;
        if let Some(made_by) = &need.made_by {
            document.words("need.made_by", made_by)?;
        }
        for (name, &value) in parameter {
            let path = format!("parameter.{name}");
            document.name(&path, name)?;
            document.within(&path, value, -1e9, 1e9)?;
        }
        if limit.price_cny.is_some() && limit.per.is_none() {
            return Err(document.fault("limit.price_cny", "`price_cny` needs `per`: piece, month, hour or job"));
        }
        if let Some(price) = limit.price_cny {
            document.positive("limit.price_cny", price, 1e12)?;
        }
        if let Some(days) = limit.delivery_days {
            document.within("limit.delivery_days", f64::from(days), 0.0, 10_000.0)?;
        }
        if let Some(region) = &limit.region {
            document.id("limit.region", region)?;
        }
        if let Some(floor) = limit.floor_m2 {
            document.positive("limit.floor_m2", floor, 1e6)?;
        }
        Ok(manifest)
    }

    /// A fault at `path` (names joined by dots) in this text.
    #[must_use]
    pub fn fault(file: &str, text: &str, path: &str, what: String) -> ManifestError {
        super::document::fault(file, text, path, what)
    }
}
