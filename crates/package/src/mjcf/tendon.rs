//! `tendon`: fixed tendons. Spatial ones are reported.

use super::Reading;
use super::compiler::set;
use super::joint::linear;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::vec::Vec;
use leitai_model::option::{SolImp, SolRef};
use leitai_model::spec::TendonSpec;

/// A tendon as written.
#[derive(Clone, Debug)]
pub struct TendonDraft {
    spec: TendonSpec,
    limited: Option<bool>,
    range: [f64; 2],
    spring_length: [f64; 2],
}

impl Default for TendonDraft {
    fn default() -> Self {
        let spec = TendonSpec {
            name: Default::default(),
            joints: Vec::new(),
            range: None,
            stiffness: 0.0,
            damping: 0.0,
            frictionloss: 0.0,
            armature: 0.0,
            spring_length: None,
            margin: 0.0,
            solref_limit: SolRef::default(),
            solimp_limit: SolImp::default(),
            solref_friction: SolRef::default(),
            solimp_friction: SolImp::default(),
            source: Default::default(),
        };
        Self { spec, limited: None, range: [0.0; 2], spring_length: [-1.0; 2] }
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
        linear(&mut a, "stiffness", &mut tendon.stiffness, reading)?;
        linear(&mut a, "damping", &mut tendon.damping, reading)?;
        set(&mut tendon.frictionloss, a.not_negative("frictionloss")?);
        set(&mut tendon.armature, a.not_negative("armature")?);
        set(&mut tendon.margin, a.number("margin")?);
        a.overlay("solreflimit", &mut tendon.solref_limit.0)?;
        a.overlay("solimplimit", &mut tendon.solimp_limit.0)?;
        a.overlay("solreffriction", &mut tendon.solref_friction.0)?;
        a.overlay("solimpfriction", &mut tendon.solimp_friction.0)?;
        let skipped = ["name", "class", "group", "user", "material", "rgba", "width"];
        a.finish(&mut reading.reports, &skipped, &["springyield", "actuatorfrcrange", "actuatorfrclimited"])
    }
}

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        match &*child.name {
            "fixed" => read_fixed(reading, child)?,
            "spatial" => {
                let name = child.attribute("name").unwrap_or_default();
                reading.leave_out("tendon", name);
                let zh = format!("不支持空间肌腱 `{name}`，已略去");
                reading.report(&child.at, zh, format!("spatial tendon `{name}` is not supported; it is left out"));
            }
            _ => return Err(child.unknown_element(["fixed", "spatial"].into_iter())),
        }
    }
    Ok(())
}

fn read_fixed(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut draft = reading.classes.of(&mut Attributes::new(element), None)?.tendon.clone();
    draft.apply(reading, element)?;
    let TendonDraft { spec: mut tendon, limited, range, spring_length } = draft;
    tendon.name = element.attribute("name").unwrap_or_default().into();
    tendon.source = element.at.clone();
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
    if reading.compiler.limited(limited, range, ["limited", "range"], element)? {
        if range[0] >= range[1] {
            let what = format!("the lower limit {} is not below the upper limit {}", range[0], range[1]);
            return Err(element.error(what, "write range=\"low high\""));
        }
        tendon.range = Some(range);
    }
    if spring_length != [-1.0; 2] {
        if spring_length[0] > spring_length[1] {
            return Err(element.error("`springlength` runs backward", "write the smaller length first"));
        }
        tendon.spring_length = Some(spring_length);
    }
    reading.spec.tendons.push(tendon);
    Ok(())
}
