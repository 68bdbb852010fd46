//! `equality`: constraints that tie bodies, joints or tendons together.

use super::Reading;
use super::compiler::set;
use super::joint::solver;
use super::orientation::unit_quat;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use leitai_math::{Pose, Vec3};
use leitai_model::option::{SolImp, SolRef};
use leitai_model::spec::{EqualityKind, EqualitySpec};

/// What every equality has, as written.
#[derive(Clone, Debug)]
pub struct EqualityDraft {
    active: bool,
    solref: SolRef,
    solimp: SolImp,
}

impl Default for EqualityDraft {
    fn default() -> Self {
        Self { active: true, solref: SolRef::default(), solimp: SolImp::default() }
    }
}

impl EqualityDraft {
    /// Overwrites what `element` of a class says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        self.take(&mut a)?;
        a.finish(&mut reading.reports, &["class"], &[])
    }

    fn take(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        set(&mut self.active, a.flag("active")?);
        solver(a, &mut self.solref, &mut self.solimp)
    }
}

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        let mut a = Attributes::new(child);
        let kind = match &*child.name {
            "connect" => connect(&mut a)?,
            "weld" => weld(&mut a)?,
            "joint" => {
                EqualityKind::Joint { joints: [a.required("joint1")?.into(), a.name("joint2")], polynomial: polynomial(&mut a)? }
            }
            "tendon" => EqualityKind::Tendon {
                tendons: [a.required("tendon1")?.into(), a.name("tendon2")],
                polynomial: polynomial(&mut a)?,
            },
            "flex" | "flexstrain" => {
                reading.not_supported(child, element);
                continue;
            }
            _ => return Err(child.unknown_element(["connect", "weld", "joint", "tendon", "flex", "flexstrain"].into_iter())),
        };
        if let EqualityKind::Tendon { tendons, .. } = &kind
            && tendons.iter().any(|tendon| reading.falls_with(child, "tendon", tendon))
        {
            continue;
        }
        let mut draft = reading.classes.of(&mut a, None)?.equality.clone();
        draft.take(&mut a)?;
        let name = a.name("name");
        a.finish(&mut reading.reports, &[], &[])?;
        let EqualityDraft { active, solref, solimp } = draft;
        reading.spec.equalities.push(EqualitySpec { name, kind, active, solref, solimp, source: child.at.clone() });
    }
    Ok(())
}

fn polynomial(a: &mut Attributes) -> Result<[f64; 5], DescriptionError> {
    let mut coefficients = [0.0, 1.0, 0.0, 0.0, 0.0];
    a.overlay("polycoef", &mut coefficients)?;
    Ok(coefficients)
}

fn connect(a: &mut Attributes) -> Result<EqualityKind, DescriptionError> {
    match (a.text("body1"), a.vector("anchor")?, a.text("site1"), a.text("site2")) {
        (Some(body), Some(anchor), None, None) => Ok(EqualityKind::Connect { bodies: [body.into(), a.name("body2")], anchor }),
        (None, None, Some(first), Some(second)) if a.element.attribute("body2").is_none() => {
            Ok(EqualityKind::ConnectSites { sites: [first.into(), second.into()] })
        }
        _ => Err(a.element.error("it is not clear what is tied", "give body1 and anchor, or site1 and site2")),
    }
}

fn weld(a: &mut Attributes) -> Result<EqualityKind, DescriptionError> {
    let torque_scale = a.number("torquescale")?.unwrap_or(1.0);
    match (a.text("body1"), a.text("site1"), a.text("site2")) {
        (Some(body), None, None) => {
            let anchor = a.vector("anchor")?.unwrap_or(Vec3::ZERO);
            let mut relative = None;
            if let Some([x, y, z, q @ ..]) = a.numbers::<7>("relpose")? {
                // A quaternion of zeros asks for the pose at the reference configuration.
                if q != [0.0; 4] {
                    // MJCF gives the anchor's place in body one, we give body two's.
                    let rotation = unit_quat(q, a.element)?;
                    relative = Some(Pose::new(Vec3::new(x, y, z) - rotation.rotate(anchor), rotation));
                }
            }
            Ok(EqualityKind::Weld { bodies: [body.into(), a.name("body2")], anchor, relative, torque_scale })
        }
        (None, Some(first), Some(second)) => Ok(EqualityKind::WeldSites { sites: [first.into(), second.into()], torque_scale }),
        _ => Err(a.element.error("it is not clear what is tied", "give body1, or site1 and site2")),
    }
}
