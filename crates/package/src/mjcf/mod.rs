//! MJCF, MuJoCo's scene language.
//!
//! [`read`] resolves everything the file leaves open (includes, class defaults, angle units, orientation forms, automatic
//! limits, frames, replicas) and gives a [`Spec`]. What MuJoCo 4.0.0 does is the meaning; its documentation is the source of the
//! defaults written here, and its answers are the tests' truth where a page and the program differ.
//!
//! Nothing is dropped silently. An element or attribute MuJoCo does not know is an error. One that it knows and this reader
//! does not support becomes a [`Report`] with file and line, and what refers to it is left out with it. These change no motion
//! and are skipped on purpose (`tests/mjcf_schema.rs` holds this against MuJoCo's own list of all there is):
//! - elements: `visual`, `statistic`, `size`, `custom`, `light`, how a `camera` sees, `texture`, `skin`, and `material` but for its `rgba`;
//! - attributes: `user`, `group` of joints, tendons and actuators, `castshadow`, mesh normals and texture coordinates, the
//!   choices of how MuJoCo computes (`solver`, `jacobian`, `usethread`, `midphase`, `nativeccd`, `island`), how it saves
//!   (`savecanonical`, ...) and what it prints (`energy`, `fwdinv`).

mod actuator;
mod asset;
mod attach;
mod body;
mod class;
mod compiler;
mod contact;
mod equality;
mod geom;
mod joint;
mod keyframe;
mod option;
mod orientation;
mod replicate;
mod sensor;
mod tendon;

pub use crate::xml::content::content;
pub(crate) use compiler::Compiler;
pub(crate) use orientation::from_z;

use crate::files::Files;
use crate::mesh::Budget;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::{Loaded, Report};
use crate::xml::tree::{self, Element};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::Pose;
use leitai_model::spec::{BodySpec, Source, Spec};
use leitai_model::{ContactOverride, SolImp, SolRef};

/// Everything reading needs beside the element at hand.
struct Reading<'a> {
    files: &'a dyn Files,
    /// Folder of the main file; includes and assets are named from there.
    folder: String,
    compiler: compiler::Compiler,
    classes: class::Classes,
    assets: asset::Assets,
    /// What was replicated, inner replicas before outer ones.
    replicas: Vec<replicate::Replica>,
    /// Kinds and names of what is left out, so that what refers to it is left out too.
    left_out: BTreeSet<(&'static str, String)>,
    /// Joints and tendons that actuators act on.
    reach: actuator::Reach,
    /// Groups of actuators that are switched off.
    disabled_groups: BTreeSet<i32>,
    /// What replaces the surface parameters of all contacts, if a flag says so.
    contact_override: ContactOverride,
    /// Models that can be attached.
    models: BTreeMap<String, Arc<Spec>>,
    /// How many models are around this one.
    model_depth: usize,
    /// How many more models may be read.
    models_left: usize,
    /// What refers, of attached models.
    referring: Vec<Spec>,
    /// How many elements came with attached models.
    attached: usize,
    /// Poses of mocap bodies, once a key has asked for them.
    mocap: Option<Vec<Pose>>,
    meshes: Budget,
    reports: Vec<Report>,
    spec: Spec,
}

/// Sections whose elements refer to parts of the tree.
const REFERRING: [&str; 5] = ["tendon", "contact", "equality", "actuator", "sensor"];

/// Reads one section of the file.
type Section = fn(&mut Reading, &Element) -> Result<(), DescriptionError>;

impl Reading<'_> {
    fn report(&mut self, at: &Source, zh: impl Into<String>, en: impl Into<String>) {
        self.reports.push(Report::new(at, zh, en));
    }

    /// Reports an element that MuJoCo knows at this place.
    fn not_supported(&mut self, child: &Element, around: &Element) {
        let (child_name, name) = (&child.name, &around.name);
        let zh = format!("不支持 <{name}> 中的 <{child_name}>，已略去");
        self.report(&child.at, zh, format!("<{child_name}> in <{name}> is not supported; it is left out"));
    }

    fn leave_out(&mut self, kind: &'static str, name: &str) {
        if !name.is_empty() {
            self.left_out.insert((kind, name.into()));
        }
    }

    fn is_left_out(&self, kind: &'static str, name: &str) -> bool {
        // Most files leave nothing out, and then nothing is copied.
        !self.left_out.is_empty() && self.left_out.contains(&(kind, name.into()))
    }

    /// Whether `element` refers to something left out; then it is left out with it, and says so.
    fn falls_with(&mut self, element: &Element, kind: &'static str, name: &str) -> bool {
        let falls = self.is_left_out(kind, name);
        if falls {
            let what = &element.name;
            let zh = format!("<{what}> 需要已略去的 {kind} `{name}`，因此也略去");
            self.report(&element.at, zh, format!("<{what}> needs {kind} `{name}`, which is left out, and so is this"));
        }
        falls
    }
}

/// Reads the MJCF file at `root`, a path inside `files`, with everything it includes.
///
/// # Errors
/// If the file or one that it needs is missing, is not MJCF, or asks for the impossible: the message says where, what, and what
/// to change. Sizes are bounded (see [`DescriptionError`]), so a hostile file ends in an error too.
///
/// ```
/// use std::collections::BTreeMap;
/// let xml = r#"<mujoco><worldbody><body name="ball"><freejoint/><geom size="0.1"/></body></worldbody></mujoco>"#;
/// let files = BTreeMap::from([("ball.xml".to_string(), xml.as_bytes().to_vec())]);
/// let loaded = leitai_package::mjcf::read("ball.xml", &files).unwrap();
/// assert_eq!(loaded.spec.body("ball").unwrap().geoms.len(), 1);
/// ```
pub fn read(root: &str, files: &dyn Files) -> Result<Loaded, DescriptionError> {
    let tree = tree::read(root, files)?;
    read_tree(&tree, crate::files::folder(root), files)
}

impl<'a> Reading<'a> {
    fn new(folder: &str, files: &'a dyn Files) -> Self {
        Self {
            files,
            folder: folder.into(),
            compiler: compiler::Compiler::default(),
            classes: class::Classes::default(),
            assets: asset::Assets::default(),
            replicas: Vec::new(),
            left_out: BTreeSet::new(),
            reach: actuator::Reach::default(),
            disabled_groups: BTreeSet::new(),
            contact_override: ContactOverride {
                margin: 0.0,
                solref: SolRef::default(),
                solimp: SolImp::default(),
                friction: [1.0, 1.0, 0.005, 0.0001, 0.0001],
            },
            models: BTreeMap::new(),
            model_depth: 0,
            models_left: attach::MOST_MODELS,
            referring: Vec::new(),
            attached: 0,
            mocap: None,
            meshes: Budget::default(),
            reports: Vec::new(),
            spec: Spec::default(),
        }
    }
}

/// Reads an element tree as MJCF; files it names are sought from `folder`.
pub(crate) fn read_tree(tree: &Element, folder: &str, files: &dyn Files) -> Result<Loaded, DescriptionError> {
    let mut reading = Reading::new(folder, files);
    reading.read_all(tree)?;
    Ok(Loaded { spec: reading.spec, reports: reading.reports })
}

impl Reading<'_> {
    /// Reads a whole tree.
    fn read_all(&mut self, tree: &Element) -> Result<(), DescriptionError> {
        let reading = self;
        if &*tree.name != "mujoco" {
            return Err(tree.error("this is not the root element of MJCF", "start the file with <mujoco>"));
        }
        let mut a = Attributes::new(tree).with_children();
        reading.spec.name = a.text("model").unwrap_or("MuJoCo Model").into();
        a.finish(&mut reading.reports, &[], &[])?;
        reading.spec.world = BodySpec { name: "world".into(), source: tree.at.clone(), ..BodySpec::default() };

        // Settings before what they govern and things before what refers to them, wherever they stand in the file.
        let sections: [(&str, Section); 13] = [
            ("compiler", compiler::read),
            ("option", option::read),
            ("extension", unsupported),
            ("default", class::read),
            ("asset", asset::read),
            ("worldbody", body::read_world),
            ("deformable", unsupported),
            ("tendon", tendon::read),
            ("contact", contact::read),
            ("equality", equality::read),
            ("actuator", actuator::read),
            ("sensor", sensor::read),
            ("keyframe", keyframe::read),
        ];
        let skipped = ["size", "statistic", "visual", "custom"];
        for child in &tree.children {
            let known = sections.iter().any(|(name, _)| *name == &*child.name) || skipped.contains(&&*child.name);
            if !known {
                return Err(child.unknown_element(sections.iter().map(|(name, _)| *name).chain(skipped)));
            }
        }
        for (name, read_section) in sections {
            let mut found: Vec<&Element> = tree.children.iter().filter(|child| &*child.name == name).collect();
            let mut followed = None;
            if !reading.replicas.is_empty() && REFERRING.contains(&name) {
                followed = replicate::follow(reading, &found)?;
            }
            if let Some(section) = &followed {
                found = vec![section];
            }
            for section in found {
                if !["compiler", "option", "default"].contains(&name) {
                    Attributes::finish_reading(section, &[], &mut reading.reports)?;
                }
                read_section(reading, section)?;
            }
        }
        actuator::reflect(reading);
        for attached in core::mem::take(&mut reading.referring) {
            reading.spec.take_references(attached);
        }
        Ok(())
    }
}

/// Reads a `<mujoco>` element inside a URDF: its `compiler` and `option` speak, the rest is reported. Gives the description
/// so far, what the compiler section says, and the reports.
pub(crate) fn read_extension(element: &Element, files: &dyn Files) -> Result<(Loaded, compiler::Compiler), DescriptionError> {
    let mut reading = Reading::new("", files);
    Attributes::new(element).finish_open(&mut reading.reports, &["model"]);
    for child in &element.children {
        match &*child.name {
            "compiler" => compiler::read(&mut reading, child)?,
            "option" => option::read(&mut reading, child)?,
            "size" | "visual" | "statistic" => {}
            name => {
                let zh = format!("不支持 URDF 中 MuJoCo 的 <{name}>，不起作用");
                reading.report(&child.at, zh, format!("<{name}> of MuJoCo in a URDF is not supported; it has no effect"));
            }
        }
    }
    Ok((Loaded { spec: reading.spec, reports: reading.reports }, reading.compiler))
}

/// A section MuJoCo knows and this reader does not: each child is reported.
fn unsupported(reading: &mut Reading, section: &Element) -> Result<(), DescriptionError> {
    for child in &section.children {
        if &*child.name != "skin" {
            reading.not_supported(child, section);
        }
    }
    Ok(())
}
