//! `contact`: pairs with their own surface, and pairs that never touch.

use super::Reading;
use super::geom::condim;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::string::String;
use leitai_model::option::{SolImp, SolRef};
use leitai_model::spec::{ExcludeSpec, PairSpec};

/// A pair as written: what is absent is mixed from the geoms.
#[derive(Clone, Debug, Default)]
pub struct PairDraft {
    condim: Option<u8>,
    friction: Option<[f64; 5]>,
    solref: Option<SolRef>,
    solref_friction: Option<SolRef>,
    solimp: Option<SolImp>,
    margin: Option<f64>,
    gap: Option<f64>,
}

impl PairDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        self.condim = condim(&mut a)?.or(self.condim);
        let mut friction = self.friction.unwrap_or([1.0, 1.0, 0.005, 0.0001, 0.0001]);
        if a.overlay("friction", &mut friction)? > 0 {
            self.friction = Some(friction);
        }
        let mut solref = self.solref.unwrap_or_default();
        if a.overlay("solref", &mut solref.0)? > 0 {
            self.solref = Some(solref);
        }
        let mut solref = self.solref_friction.unwrap_or(SolRef([0.0; 2]));
        if a.overlay("solreffriction", &mut solref.0)? > 0 {
            self.solref_friction = Some(solref);
        }
        let mut solimp = self.solimp.unwrap_or_default();
        if a.overlay("solimp", &mut solimp.0)? > 0 {
            self.solimp = Some(solimp);
        }
        self.margin = a.number("margin")?.or(self.margin);
        self.gap = a.number("gap")?.or(self.gap);
        a.finish(&mut reading.reports, &["name", "class", "geom1", "geom2"], &["adhesion"])
    }
}

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        let mut a = Attributes::new(child);
        match &*child.name {
            "pair" => {
                let mut draft = reading.classes.of(&mut a, None)?.pair.clone();
                draft.apply(reading, child)?;
                let geoms: [String; 2] = [a.required("geom1")?.into(), a.required("geom2")?.into()];
                if geoms.iter().any(|geom| reading.falls_with(child, "geom", geom)) {
                    continue;
                }
                let PairDraft { condim, friction, solref, solref_friction, solimp, margin, gap } = draft;
                let source = child.at.clone();
                let pair = PairSpec { geoms, condim, friction, solref, solref_friction, solimp, margin, gap, source };
                reading.spec.pairs.push(pair);
            }
            "exclude" => {
                let bodies = [a.required("body1")?.into(), a.required("body2")?.into()];
                a.finish(&mut reading.reports, &["name"], &[])?;
                reading.spec.excludes.push(ExcludeSpec { bodies, source: child.at.clone() });
            }
            _ => return Err(child.unknown_element(["pair", "exclude"].into_iter())),
        }
    }
    Ok(())
}
