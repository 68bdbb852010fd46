//! What parties agree besides the test: price, delivery, region, floor space. Shared by contracts and needs.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::acceptance::quoted;
use super::document::{Document, ManifestError};

/// How a product is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermsKind {
    /// Bought.
    Sale,
    /// Rented, and run by the customer.
    Lease,
    /// Used together with others.
    Share,
    /// The work itself is bought; the supplier runs the machine.
    Operate,
}

/// What one price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One machine.
    Piece,
    /// A month of use.
    Month,
    /// An hour of use.
    Hour,
    /// One job done.
    Job,
}

/// What was agreed besides the test; every line may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How the product is had.
    pub kind: Option<TermsKind>,
    /// Price, yuan, for each `per`.
    pub price_cny: Option<f64>,
    /// What the price is for.
    pub per: Option<Per>,
    /// Days until delivery.
    pub delivery_days: Option<u32>,
    /// Where.
    pub region: Option<String>,
    /// Floor that the machine takes, m².
    pub floor_m2: Option<f64>,
    /// The offer these come from.
    pub offer: Option<String>,
    /// Anything else.
    pub note: Option<String>,
}

impl TermsKind {
    /// Every kind, in the order they are listed.
    pub const ALL: [Self; 4] = [Self::Sale, Self::Lease, Self::Share, Self::Operate];

    /// As written in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Lease => "lease",
            Self::Share => "share",
            Self::Operate => "operate",
        }
    }
}

impl Per {
    /// Every unit, in the order they are listed.
    pub const ALL: [Self; 4] = [Self::Piece, Self::Month, Self::Hour, Self::Job];

    /// As written in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::Month => "month",
            Self::Hour => "hour",
            Self::Job => "job",
        }
    }
}

impl Terms {
    /// Checks the terms at `path`.
    pub(super) fn check(&self, document: &Document, path: &str) -> Result<(), ManifestError> {
        if self.price_cny.is_some() != self.per.is_some() {
            let what = "`price_cny` and `per` go together; write both or neither";
            return Err(document.fault(path, what));
        }
        if let Some(price) = self.price_cny {
            document.positive(&format!("{path}.price_cny"), price, 1e12)?;
        }
        if let Some(days) = self.delivery_days {
            document.within(&format!("{path}.delivery_days"), f64::from(days), 0.0, 10_000.0)?;
        }
        if let Some(floor) = self.floor_m2 {
            document.positive(&format!("{path}.floor_m2"), floor, 1e6)?;
        }
        for (field, words) in [("region", &self.region), ("offer", &self.offer), ("note", &self.note)] {
            if let Some(words) = words {
                document.words(&format!("{path}.{field}"), words)?;
            }
        }
        Ok(())
    }
}

impl core::fmt::Display for Terms {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if let Some(kind) = self.kind {
            writeln!(f, "kind = \"{}\"", kind.word())?;
        }
        if let (Some(price), Some(per)) = (self.price_cny, self.per) {
            writeln!(f, "price_cny = {price:?}\nper = \"{}\"", per.word())?;
        }
        if let Some(days) = self.delivery_days {
            writeln!(f, "delivery_days = {days}")?;
        }
        if let Some(floor) = self.floor_m2 {
            writeln!(f, "floor_m2 = {floor:?}")?;
        }
        for (field, words) in [("region", &self.region), ("offer", &self.offer), ("note", &self.note)] {
            if let Some(words) = words {
                writeln!(f, "{field} = {}", quoted(words))?;
            }
        }
        Ok(())
    }
}
