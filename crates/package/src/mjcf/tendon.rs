//! `tendon`: fixed and spatial ones.

use super::Reading;
use super::compiler::set;
use super::joint::grown;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_model::spec::{TendonPoint, TendonSpec};

/// A tendon as written.
#[derive(Clone, Debug)]
pub struct TendonDraft {
    spec: TendonSpec,
    limited: Option<bool>,
    range: [f64; 2],
    force_limited: Option<bool>,
    force_range: [f64; 2],
    spring_length: [f64; 2],
}

impl Default for TendonDraft {
    fn default() -> Self {
        Self {
            spec: TendonSpec::default(),
            limited: None,
            range: [0.0; 2],
            force_limited: None,
            force_range: [0.0; 2],
            spring_length: [-1.0; 2],
        }
    }
}

impl TendonDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element).with_children();
        let tendon = &mut self.spec;
        set(&mut self.limited, a.tristate("limited")?);
        set(&mut self.range, a.numbers("range")?);
        if a.overlay("springlength", &mut self.spring_length)? == 1 {
            self.spring_length[1] = self.spring_length[0];
        }
        grown(&mut a, "stiffness", &mut tendon.stiffness, &mut tendon.stiffness_growth)?;
        grown(&mut a, "damping", &mut tendon.damping, &mut tendon.damping_growth)?;
        set(&mut self.force_limited, a.tristate("actuatorfrclimited")?);
        set(&mut self.force_range, a.numbers("actuatorfrcrange")?);
        set(&mut tendon.frictionloss, a.not_negative("frictionloss")?);
        set(&mut tendon.armature, a.not_negative("armature")?);
        set(&mut tendon.margin, a.number("margin")?);
        a.overlay("solreflimit", &mut tendon.solref_limit.0)?;
        a.overlay("solimplimit", &mut tendon.solimp_limit.0)?;
        a.overlay("solreffriction", &mut tendon.solref_friction.0)?;
        a.overlay("solimpfriction", &mut tendon.solimp_friction.0)?;
        let skipped = ["name", "class", "group", "user", "material", "rgba", "width"];
        a.finish(&mut reading.reports, &skipped, &["springyield"])
    }
}

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        let mut draft = reading.classes.of(&mut Attributes::new(child), None)?.tendon.clone();
        let read_path = match &*child.name {
            "fixed" => read_joints,
            "spatial" => read_stations,
            _ => return Err(child.unknown_element(["fixed", "spatial"].into_iter())),
        };
        draft.apply(reading, child)?;
        let mut tendon = draft.finish(reading, child)?;
        if read_path(reading, child, &mut tendon)? {
            reading.spec.tendons.push(tendon);
        } else {
            reading.leave_out("tendon", &tendon.name);
        }
    }
    Ok(())
}

impl TendonDraft {
    fn finish(self, reading: &Reading, element: &Element) -> Result<TendonSpec, DescriptionError> {
        let Self { spec: mut tendon, limited, range, force_limited, force_range, spring_length } = self;
        tendon.name = element.attribute("name").unwrap_or_default().into();
        tendon.source = element.at.clone();
        if reading.compiler.limited(limited, range, ["limited", "range"], element)? {
            if range[0] >= range[1] {
                let what = format!("the lower limit {} is not below the upper limit {}", range[0], range[1]);
                return Err(element.error(what, "write range=\"low high\""));
            }
            tendon.range = Some(range);
        }
        let names = ["actuatorfrclimited", "actuatorfrcrange"];
        if reading.compiler.limited(force_limited, force_range, names, element)? {
            if force_range[0] > 0.0 || force_range[1] < 0.0 || force_range[0] >= force_range[1] {
                let what = format!("`actuatorfrcrange` goes from {} to {}", force_range[0], force_range[1]);
                return Err(element.error(what, "write a force of at most 0, then one of at least 0"));
            }
            tendon.actuator_force_range = Some(force_range);
        }
        if spring_length != [-1.0; 2] {
            if spring_length[0] > spring_length[1] {
                return Err(element.error("`springlength` runs backward", "write the smaller length first"));
            }
            tendon.spring_length = Some(spring_length);
        }
        Ok(tendon)
    }
}

/// Joints of a fixed tendon; false if the tendon falls with something left out.
fn read_joints(reading: &mut Reading, element: &Element, tendon: &mut TendonSpec) -> Result<bool, DescriptionError> {
    for child in &element.children {
        if &*child.name != "joint" {
            return Err(child.unknown_element(["joint"].into_iter()));
        }
        let mut a = Attributes::new(child);
        let joint = a.required("joint")?.into();
        a.required("coef")?;
        let weight = a.number("coef")?.unwrap_or(0.0);
        a.finish(&mut reading.reports, &[], &[])?;
        tendon.joints.push((joint, weight));
    }
    if tendon.joints.is_empty() {
        return Err(element.error("the tendon has no joints", "add <joint joint=\"...\" coef=\"...\"/>"));
    }
    Ok(true)
}

/// Stations of a spatial tendon; false if the tendon falls with something left out.
fn read_stations(reading: &mut Reading, element: &Element, tendon: &mut TendonSpec) -> Result<bool, DescriptionError> {
    for child in &element.children {
        let mut a = Attributes::new(child);
        tendon.path.push(match &*child.name {
            "site" => TendonPoint::Site(a.required("site")?.into()),
            "geom" => {
                let geom: String = a.required("geom")?.into();
                if reading.falls_with(element, "geom", &geom) {
                    return Ok(false);
                }
                TendonPoint::Around { geom, side: a.text("sidesite").map(String::from) }
            }
            "pulley" => {
                a.required("divisor")?;
                match a.number("divisor")? {
                    Some(divisor) if divisor > 0.0 => TendonPoint::Pulley(divisor),
                    _ => return Err(child.error("`divisor` is not positive", "write a positive number")),
                }
            }
            _ => return Err(child.unknown_element(["site", "geom", "pulley"].into_iter())),
        });
        a.finish(&mut reading.reports, &[], &[])?;
    }
    if tendon.path.is_empty() {
        return Err(element.error("the tendon has no path", "add <site site=\"...\"/>"));
    }
    Ok(true)
}
