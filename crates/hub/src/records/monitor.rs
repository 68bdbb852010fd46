//! The monitor: what the plan counts, what follows from evidence, what people report, and what is missing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Counts, District, Organization, OrganizationKind, Text, Tier};

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// From evidence that this hub ran again.
    Executed,
    /// From people, imported with its source.
    Reported,
}

/// How far a product or scenario is. Each counts in one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedState {
    /// Proved, by evidence that stands.
    Proved,
    /// Was proved, and what the proof rests on has changed since or is another package of that name.
    Stale,
    /// Has verdicts, none of which counts as a proof.
    Tried,
    /// In the catalog, without a verdict.
    Untried,
}

/// How many in each state. They add up to all that are registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Executed {
    /// Proved, by evidence that stands: the figure that compares with the target.
    pub proved: u64,
    /// Was proved, by evidence that is stale.
    pub stale: u64,
    /// Has verdicts, none of which counts as a proof.
    pub tried: u64,
    /// Without a verdict.
    pub untried: u64,
}

impl Executed {
    /// Adds one in this state.
    pub fn add(&mut self, state: CountedState) {
        match state {
            CountedState::Proved => self.proved += 1,
            CountedState::Stale => self.stale += 1,
            CountedState::Tried => self.tried += 1,
            CountedState::Untried => self.untried += 1,
        }
    }
}

/// A figure that people report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// Its number among all that were ever reported.
    pub number: u64,
    /// The import that brought it: 64 hex digits.
    pub import: String,
    /// Its line in that file.
    pub line: u64,
    /// The indicator.
    pub indicator: String,
    /// Of when: `2025`, `2025-Q3` or `2025-09`.
    pub period: String,
    /// Of where; nothing for the whole city.
    pub district: Option<District>,
    /// The number, in the indicator's unit.
    pub value: f64,
    /// A remark of the file.
    pub note: String,
    /// The later figure that replaces this one, if one does.
    pub superseded_by: Option<u64>,
    /// Who published it.
    pub publisher: String,
    /// In what.
    pub title: String,
    /// When that was published: `2026-01-31`.
    pub date: String,
    /// The account that imported it.
    pub who: String,
    /// When it was imported, milliseconds since 1970.
    pub at_ms: u64,
}

/// Something that the plan counts, and its figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Indicator {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Where its figure comes from.
    pub kind: IndicatorKind,
    /// The plan's words, and what they mean in English.
    pub plan: Text,
    /// Where the plan says so.
    pub section: Text,
    /// Unit.
    pub unit: Text,
    /// To be reached by 2025; nothing where the plan gives no number.
    pub target: Option<f64>,
    /// The upper end, where the plan gives a range.
    pub target_to: Option<f64>,
    /// What is counted.
    pub meaning: Text,
    /// What is counted from evidence, if that is its kind.
    pub executed: Option<Executed>,
    /// The latest figure for the whole city, if it is reported and compares with the target.
    pub reported: Option<Reported>,
    /// Districts for which a figure is reported.
    pub districts: u64,
    /// What would fill it.
    pub fill: Text,
    /// The command that would.
    pub command: String,
}

/// Every indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Indicators {
    /// The ledger's length when they were counted.
    pub ledger: u64,
    /// The indicators, in the plan's order.
    pub indicators: Vec<Indicator>,
}

/// A share of an executed figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// A district, class, sector or tier; nothing where none is known.
    pub of: Option<String>,
    /// How many.
    #[serde(flatten)]
    pub count: Executed,
}

/// A figure's parts. A product with two sectors counts in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Breakdown {
    /// `class`, `sector`, `district` or `tier`.
    pub by: String,
    /// The shares.
    pub shares: Vec<Share>,
}

/// A figure as it was at the end of a month or day of Beijing's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    /// `2026-11`, or `2026-11-26`.
    pub at: String,
    /// In the catalog by then.
    pub registered: u64,
    /// Of what is proved now, so many had been proved by then.
    pub proved: u64,
}

/// An indicator with what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndicatorDetail {
    /// What the list says.
    #[serde(flatten)]
    pub indicator: Indicator,
    /// An executed figure's parts.
    pub breakdowns: Vec<Breakdown>,
    /// An executed figure over time.
    pub series: Vec<Point>,
    /// A reported figure's values for the whole city that stand, oldest period first.
    pub reports: Vec<Reported>,
}

/// A product or scenario behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// `product` or `scenario`.
    pub what: String,
    /// How far it is.
    pub state: CountedState,
    /// The first piece of evidence that proves it, or did.
    pub evidence: Option<String>,
    /// When that was published here, milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// A product's class.
    pub class: Option<String>,
    /// Its sectors.
    pub sectors: Vec<String>,
    /// Organizations that make it.
    pub makers: Vec<String>,
    /// All its verdicts, whether or not they count as proofs.
    pub verdicts: Counts,
}

/// A record behind a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FigureRecord {
    /// A product or scenario.
    Counted(Counted),
    /// A row of an import.
    Reported(Reported),
}

/// What is known of a district.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DistrictLine {
    /// The district; nothing for products of whose makers no place is known.
    pub district: Option<District>,
    /// Organizations there.
    pub organizations: u64,
    /// Makers among them.
    pub makers: u64,
    /// Their products.
    pub products: Executed,
    /// Verdicts "proved" about those products.
    pub evidence: u64,
    /// The latest reported figure of each indicator for it.
    pub reported: Vec<Reported>,
}

/// A district.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DistrictDetail {
    /// What the map says.
    #[serde(flatten)]
    pub line: DistrictLine,
    /// Its organizations, 100 at most.
    pub organizations_here: Vec<Organization>,
    /// Their products, proved ones first, 100 at most.
    pub products_here: Vec<Counted>,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A scenario that no robot has proved.
    Scenario,
    /// A product that has proved nothing.
    Product,
    /// A part with which nothing was proved.
    Part,
}

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// Id of the scenario, product or part.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// How far it is.
    pub state: CountedState,
    /// A scenario's or product's sectors.
    pub sectors: Vec<String>,
    /// All its verdicts.
    pub verdicts: Counts,
    /// Needs that organizations state for a scenario.
    pub needs: u64,
}

/// Organizations of one kind, tier and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnterpriseCount {
    /// What they are.
    pub kind: OrganizationKind,
    /// Their tier; nothing if none is stated.
    pub tier: Option<Tier>,
    /// Where they are; nothing if it is not told.
    pub district: Option<District>,
    /// How many.
    pub organizations: u64,
    /// How many of them make a product that is proved.
    pub proved: u64,
}

/// A part, what asks for it, and which robots have proved something with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartLink {
    /// Its id.
    pub id: String,
    /// Its name; its id where the catalog has no such part.
    pub name: Text,
    /// Its maker.
    pub maker: Text,
    /// Kind of part; nothing where the catalog has no such part.
    pub class: Option<String>,
    /// Scenarios that are done with it.
    pub scenarios: u64,
    /// Scenarios of them that are proved.
    pub proved: u64,
    /// Robots that have proved one of them, 20 at most.
    pub robots: Vec<String>,
    /// How far it is.
    pub state: CountedState,
}

/// Where imported figures come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportSource {
    /// Who published them.
    pub publisher: String,
    /// In what.
    pub title: String,
    /// When: `2026-01-31`.
    pub date: String,
    /// Where they can be read.
    #[serde(default)]
    pub url: Option<String>,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Import {
    /// Digest over the file and its source: 64 hex digits.
    pub digest: String,
    /// Where the figures come from.
    #[serde(flatten)]
    pub source: ImportSource,
    /// The account that imported them.
    pub who: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// Figures that it holds.
    pub rows: u64,
    /// Figures of it that a later import replaced.
    pub superseded: u64,
}

/// An import with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportDetail {
    /// What the list says.
    #[serde(flatten)]
    pub import: Import,
    /// Its figures, by line.
    pub figures: Vec<Reported>,
}
