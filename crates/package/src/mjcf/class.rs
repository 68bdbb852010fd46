//! `default`: classes from which elements take what they do not say.
//!
//! A class holds a draft of each kind of element. A nested class starts as a copy of the one around it; an element starts as a
//! copy of its class's draft and overwrites what it says itself, number by number.

use super::actuator::ActuatorDraft;
use super::asset::MeshDraft;
use super::body::CameraDraft;
use super::contact::PairDraft;
use super::equality::EqualityDraft;
use super::geom::{GeomDraft, SiteDraft};
use super::joint::JointDraft;
use super::tendon::TendonDraft;
use super::{Reading, asset};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::{Element, nearest};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

/// The most classes: each holds a draft of everything. Public models have up to a hundred.
const MOST: usize = 2000;

/// One class.
#[derive(Clone, Debug, Default)]
pub struct Class {
    pub joint: JointDraft,
    pub geom: GeomDraft,
    pub site: SiteDraft,
    pub pair: PairDraft,
    pub equality: EqualityDraft,
    pub tendon: TendonDraft,
    pub actuator: ActuatorDraft,
    pub mesh: MeshDraft,
    pub material: asset::Material,
    pub camera: CameraDraft,
}

/// All classes by name; `main` is always there.
#[derive(Clone, Debug)]
pub struct Classes(BTreeMap<String, Class>);

impl Default for Classes {
    fn default() -> Self {
        Self(BTreeMap::from([("main".into(), Class::default())]))
    }
}

impl Classes {
    /// The class an element uses: the one it names, else that of the bodies around it, else `main`.
    pub fn of<'a>(&'a self, attributes: &mut Attributes, around: Option<&str>) -> Result<&'a Class, DescriptionError> {
        let name = attributes.text("class").or(around).unwrap_or("main");
        self.named(name, attributes.element)
    }

    /// The class called `name`.
    pub fn named(&self, name: &str, element: &Element) -> Result<&Class, DescriptionError> {
        self.0.get(name).ok_or_else(|| {
            let near = nearest(name, self.0.keys().map(String::as_str));
            let change = near.map_or_else(|| "define it in <default>".into(), |near| format!("is `{near}` meant?"));
            element.error(format!("there is no class `{name}`"), change)
        })
    }
}

/// Reads a top-level `default` section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    if element.attribute("class").is_some_and(|name| name != "main") {
        return Err(element.error("the outermost class is always `main`", "drop `class`, or nest another <default> inside"));
    }
    Attributes::finish_reading(element, &["class"], &mut reading.reports)?;
    read_class(reading, element, "main")
}

fn read_class(reading: &mut Reading, element: &Element, name: &str) -> Result<(), DescriptionError> {
    // Taken out while it is filled, so that drafts and reports can be written at the same time.
    let mut class = reading.classes.0.get(name).cloned().unwrap_or_default();
    for child in element.children.iter().filter(|child| &*child.name != "default") {
        match &*child.name {
            "joint" => class.joint.apply(reading, child)?,
            "geom" => class.geom.apply(reading, child)?,
            "site" => class.site.apply(reading, child)?,
            "pair" => class.pair.apply(reading, child)?,
            "equality" => class.equality.apply(reading, child)?,
            "tendon" => class.tendon.apply(reading, child)?,
            "mesh" => class.mesh.apply(reading, child)?,
            "material" => class.material.apply(reading, child)?,
            "camera" => class.camera.apply(reading, child)?,
            "light" | "texture" => {}
            kind if ActuatorDraft::KINDS.contains(&kind) => class.actuator.apply(reading, child)?,
            _ => {
                let known =
                    ["joint", "geom", "site", "pair", "equality", "tendon", "mesh", "material", "camera", "light", "texture"];
                return Err(child.unknown_element(known.into_iter().chain(ActuatorDraft::KINDS)));
            }
        }
    }
    reading.classes.0.insert(name.into(), class.clone());
    for child in element.children.iter().filter(|child| &*child.name == "default") {
        let Some(inner) = child.attribute("class").filter(|inner| !inner.is_empty()) else {
            return Err(child.error("a nested class needs a name", "add class=\"...\""));
        };
        Attributes::finish_reading(child, &["class"], &mut reading.reports)?;
        if reading.classes.0.len() == MOST {
            return Err(DescriptionError::TooMuch { at: child.at.clone(), what: "classes", limit: MOST });
        }
        if reading.classes.0.insert(inner.into(), class.clone()).is_some() {
            return Err(child.error(format!("class `{inner}` is defined twice"), "give each class its own name"));
        }
        read_class(reading, child, inner)?;
    }
    Ok(())
}
