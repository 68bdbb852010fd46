//! Offers and needs, and what a match says about each product.

use std::collections::BTreeMap;

use leitai_package::manifest::{Per, Terms, TermsKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{District, EvidenceLine, ProductLine, RequirementLine, Text};

/// How a product is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricePer {
    /// One machine.
    Piece,
    /// A month of use.
    Month,
    /// An hour of use.
    Hour,
    /// One job done.
    Job,
}

impl From<OfferKind> for TermsKind {
    fn from(kind: OfferKind) -> Self {
        match kind {
            OfferKind::Sale => Self::Sale,
            OfferKind::Lease => Self::Lease,
            OfferKind::Share => Self::Share,
            OfferKind::Operate => Self::Operate,
        }
    }
}

impl From<TermsKind> for OfferKind {
    fn from(kind: TermsKind) -> Self {
        match kind {
            TermsKind::Sale => Self::Sale,
            TermsKind::Lease => Self::Lease,
            TermsKind::Share => Self::Share,
            TermsKind::Operate => Self::Operate,
        }
    }
}

impl From<PricePer> for Per {
    fn from(per: PricePer) -> Self {
        match per {
            PricePer::Piece => Self::Piece,
            PricePer::Month => Self::Month,
            PricePer::Hour => Self::Hour,
            PricePer::Job => Self::Job,
        }
    }
}

impl From<Per> for PricePer {
    fn from(per: Per) -> Self {
        match per {
            Per::Piece => Self::Piece,
            Per::Month => Self::Month,
            Per::Hour => Self::Hour,
            Per::Job => Self::Job,
        }
    }
}

/// What an organization offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferStated {
    /// The product's id.
    pub product: String,
    /// Who offers it.
    pub organization: String,
    /// How it is had.
    pub kind: OfferKind,
    /// Price, yuan, for each `per`.
    #[schema(exclusive_minimum = 0.0)]
    pub price_cny: f64,
    /// What the price is for.
    pub per: PricePer,
    /// Days until delivery.
    #[schema(maximum = 10_000)]
    pub delivery_days: u32,
    /// Where it is delivered; anywhere, if none is named.
    #[serde(default)]
    pub regions: Vec<District>,
    /// Floor that the machine takes with its cell, m².
    #[serde(default)]
    #[schema(exclusive_minimum = 0.0)]
    pub floor_m2: Option<f64>,
    /// The last day on which it stands, year-month-day; until it is withdrawn, if none is named.
    #[serde(default)]
    pub valid_until: Option<String>,
    /// Where the offer is written: a quotation's number, a page.
    pub source: String,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// Since when it stands so, milliseconds since 1970.
    pub changed_ms: u64,
    /// Name of who offers it.
    pub organization_name: Text,
    /// What is offered.
    pub stated: OfferStated,
}

impl Offer {
    /// As a contract carries it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let stated = &self.stated;
        Terms {
            kind: Some(stated.kind.into()),
            price_cny: Some(stated.price_cny),
            per: Some(stated.per.into()),
            delivery_days: Some(stated.delivery_days),
            region: None,
            floor_m2: stated.floor_m2,
            offer: Some(self.id.clone()),
            note: Some(stated.source.clone()),
        }
    }
}

/// A change of an offer, with its reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferChange {
    /// What is offered.
    pub offer: OfferStated,
    /// Why it is stated so; the ledger keeps it.
    #[schema(min_length = 1, max_length = 500)]
    pub why: String,
}

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The job's id.
    pub scenario: String,
    /// What the claim sets, within the job's ranges; its defaults where not set.
    #[serde(default)]
    pub parameters: BTreeMap<String, f64>,
    /// Limits on offers.
    #[serde(default)]
    pub limits: Limits,
}

/// Limits on offers; every one may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How the product is to be had.
    #[serde(default)]
    pub kind: Option<OfferKind>,
    /// The highest price, yuan, for each `per`.
    #[serde(default)]
    #[schema(exclusive_minimum = 0.0)]
    pub price_cny: Option<f64>,
    /// What the price is for.
    #[serde(default)]
    pub per: Option<PricePer>,
    /// The most days until delivery.
    #[serde(default)]
    #[schema(maximum = 10_000)]
    pub delivery_days: Option<u32>,
    /// Where it is needed.
    #[serde(default)]
    pub region: Option<District>,
    /// The most floor, m².
    #[serde(default)]
    #[schema(exclusive_minimum = 0.0)]
    pub floor_m2: Option<f64>,
}

/// What is stated about a need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedStated {
    /// Who needs it.
    pub organization: String,
    /// In a few words.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// What else there is to know.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub text: String,
    /// What is looked for.
    pub wanted: Wanted,
}

/// A need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Need {
    /// Its id.
    pub id: String,
    /// Since when it stands so, milliseconds since 1970.
    pub changed_ms: u64,
    /// Name of who needs it.
    pub organization_name: Text,
    /// What is needed.
    pub stated: NeedStated,
}

/// A change of a need, with its reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedChange {
    /// What is needed.
    pub need: NeedStated,
    /// Why it is stated so; the ledger keeps it.
    #[schema(min_length = 1, max_length = 500)]
    pub why: String,
}

/// What is known about a product for a need; better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchGroup {
    /// Proved for exactly this, by the packages and engine of now.
    Proved,
    /// Proved for exactly this, by something that has changed since.
    ProvedStale,
    /// Tried for exactly this, and not settled.
    Undecided,
    /// Never tried for exactly this.
    Unproven,
    /// Refuted for exactly this.
    Refuted,
    /// Ruled out by a bound that no controller can beat.
    Rejected,
}

/// How many products are in each group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupCounts {
    /// Proved, fresh.
    pub proved: u64,
    /// Proved, stale.
    pub proved_stale: u64,
    /// Undecided.
    pub undecided: u64,
    /// Unproven.
    pub unproven: u64,
    /// Refuted.
    pub refuted: u64,
    /// Rejected.
    pub rejected: u64,
}

/// A limit of the need, and whether the offer of a row holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitLine {
    /// `kind`, `price_cny`, `delivery_days`, `region` or `floor_m2`.
    pub limit: String,
    /// Whether the offer holds it; nothing if the offer does not say.
    pub holds: Option<bool>,
}

/// A product in the answer to a need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatchLine {
    /// Its place; products of which nothing says which is better share one.
    pub rank: u64,
    /// What is known about it for this need.
    pub group: MatchGroup,
    /// The product. Its figures are what its maker states, and rank nothing.
    pub product: ProductLine,
    /// The evidence that decides its group.
    pub evidence: Option<EvidenceLine>,
    /// Of that evidence, the deciding requirement whose lower bound is least above the required rate, or most below.
    pub worst: Option<RequirementLine>,
    /// Evidence for other parameters, the nearest; it proves nothing for this need.
    pub nearest: Option<EvidenceLine>,
    /// The offer that holds most of the need's limits, the cheapest of those.
    pub offer: Option<Offer>,
    /// The need's limits.
    pub limits: Vec<LimitLine>,
    /// Why it stands where it stands, a sentence for each reason.
    pub why: Vec<Text>,
}

/// The answer to a need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Match {
    /// What was looked for, with every parameter of the job.
    pub wanted: Wanted,
    /// The job's name.
    pub scenario_name: Text,
    /// How many products are in each group.
    pub counts: GroupCounts,
    /// How products are ranked.
    pub rules: Text,
    /// Products, the best first.
    pub items: Vec<MatchLine>,
    /// How many there are in all.
    pub total: u64,
    /// Which page this is, from 1.
    pub page: u64,
    /// Entries of a full page.
    pub per_page: u64,
}

/// A product that is chosen for a need, to be agreed on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// What is looked for.
    pub wanted: Wanted,
    /// The product.
    pub robot: String,
    /// The offer whose terms the file carries; the one that the match shows, if none is named.
    #[serde(default)]
    pub offer: Option<String>,
}
