//! Body regions that a robot may touch: stiffness, effective mass and force limits, each cell with its standing.
//!
//! The table is `data/contact_regions.toml`, in the manner of ISO/TS 15066, annex A. Its limits are unverified: whatever uses them has to
//! say so, and [`Regions::certifiable`] is false until they have been compared with the standard's own text.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::manifest::{Figure, ManifestError, Source, Standing, Text, decode};

/// The table as it is written.
const TABLE: &str = include_str!("../data/contact_regions.toml");

/// One region of the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name in commands: `chest`.
    pub id: String,
    /// For people.
    pub name: Text,
    /// Spring constant [N/m].
    pub stiffness_n_m: Figure,
    /// Mass that takes part in an impact [kg].
    pub effective_mass_kg: Figure,
    /// Greatest force while clamped [N].
    pub quasi_static_n: Figure,
    /// Greatest force of a free impact [N]; none where transient contact is not permitted at all.
    pub transient_n: Option<Figure>,
}

impl Region {
    /// The least trusted standing among its cells.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let cells = [&self.stiffness_n_m, &self.effective_mass_kg, &self.quasi_static_n].into_iter().chain(&self.transient_n);
        cells.map(|cell| cell.standing).max().unwrap_or(Standing::Assumed)
    }
}

/// All regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// Whether a certificate may rest on these limits.
    pub certifiable: bool,
    /// From head to foot.
    pub region: Vec<Region>,
    /// Where the cells come from.
    pub source: Vec<Source>,
}

impl Regions {
    /// The table that ships with Leitai.
    ///
    /// # Errors
    /// None that a released table has; a test reads it.
    pub fn ours() -> Result<Self, ManifestError> {
        Self::parse("contact_regions.toml", TABLE)
    }

    /// Reads a table in the form of ours.
    ///
    /// # Errors
    /// If the text is not such a table, a number is not above zero, or a source is missing.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let regions: Self = decode(file, text)?;
        let fault = |what: String| Err(ManifestError { file: String::from(file), line: 1, what });
        for region in &regions.region {
            let cells = [
                ("stiffness_n_m", Some(&region.stiffness_n_m)),
                ("effective_mass_kg", Some(&region.effective_mass_kg)),
                ("quasi_static_n", Some(&region.quasi_static_n)),
                ("transient_n", region.transient_n.as_ref()),
            ];
            for (name, cell) in cells.into_iter().filter_map(|(name, cell)| Some((name, cell?))) {
                if !(cell.value.is_finite() && cell.value > 0.0) {
                    return fault(alloc::format!("region `{}`: `{name}` is {}; it must be above 0", region.id, cell.value));
                }
                if !regions.source.iter().any(|source| source.key == cell.source) {
                    return fault(alloc::format!(
                        "region `{}`: `{name}` names the source `{}`, which is not listed",
                        region.id,
                        cell.source
                    ));
                }
            }
        }
        Ok(regions)
    }

    /// The region called `id`.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&Region> {
        self.region.iter().find(|region| region.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table that ships: every cell has a source, none of its limits may carry a certificate.
    #[test]
    fn our_table_reads_and_cannot_be_certified() {
        let regions = Regions::ours().expect("reads");
        assert_eq!(regions.region.len(), 12);
        assert!(!regions.certifiable);
        assert!(regions.region.iter().all(|region| region.standing() != Standing::Verified));
        // Head and face: no transient contact.
        let barred: Vec<&str> = regions.region.iter().filter(|r| r.transient_n.is_none()).map(|r| r.id.as_str()).collect();
        assert_eq!(barred, ["skull-forehead", "face"]);
    }

    #[test]
    fn a_cell_without_source_or_with_a_senseless_number_is_refused() {
        for (from, to, said) in [
            ("value = 25000.0", "value = 0.0", "`stiffness_n_m` is 0; it must be above 0"),
            ("value = 25000.0", "value = nan", "it must be above 0"),
            ("source = \"twice\"", "source = \"hearsay\"", "names the source `hearsay`, which is not listed"),
        ] {
            let error = Regions::parse("t.toml", &TABLE.replace(from, to)).expect_err("refused");
            assert!(error.what.contains(said), "{error}");
        }
    }
}
