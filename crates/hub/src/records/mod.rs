//! What the hub tells about its records: the bodies of its API, and of the pages made from it.

mod catalog;
mod challenges;
mod evidence;
mod market;
mod monitor;
mod people;
mod proofs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use catalog::*;
pub use challenges::*;
pub use evidence::*;
pub use market::*;
pub use monitor::*;
pub use people::*;
pub use proofs::*;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its two halves.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
    /// Which page this is, from 1.
    pub page: u64,
    /// Entries of a full page.
    pub per_page: u64,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Who.
    pub who: String,
    /// What: `product.put`, `evidence.published`, `evidence.checked`, …
    pub what: String,
    /// About which record.
    pub subject: String,
    /// Why.
    pub why: String,
    /// Digest over this entry and the one before it, hex.
    pub digest: String,
}

/// What a sector holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SectorCounts {
    /// Products that are meant for it.
    pub products: u64,
    /// Scenarios.
    pub scenarios: u64,
}

/// What the hub holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Products.
    pub products: u64,
    /// Scenarios.
    pub scenarios: u64,
    /// Products of each class.
    pub classes: BTreeMap<String, u64>,
    /// Products and scenarios of each sector; a product may be meant for several.
    pub sectors: BTreeMap<String, SectorCounts>,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Verdicts of each kind.
    pub verdicts: Counts,
    /// Entries of the ledger.
    pub ledger: u64,
    /// The engine that this hub runs trials with.
    pub engine: String,
}
