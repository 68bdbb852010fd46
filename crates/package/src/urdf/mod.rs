//! URDF, the robot language of ROS.
//!
//! [`read`] gives the same [`Spec`] as MJCF does. What MuJoCo 4.0.0 makes of a URDF is the meaning, with `fusestatic="false"`:
//! every link stays a body, also one on a fixed joint. Where ours is other on purpose:
//! - drawn shapes are kept unless [`Options::visual`] or the file says otherwise, in geom group 1, without mass or contact;
//! - a `floating` joint between two links becomes three slides and a ball joint;
//! - names of files keep their folders unless `<compiler strippath="true">`.
//!
//! | in the file | here |
//! |---|---|
//! | `revolute`, `prismatic`, `continuous` | hinge, slide, hinge without limits |
//! | `planar` | slides `NAME_TX`, `NAME_TY` in the plane and hinge `NAME_RZ` about its normal |
//! | `floating` | a free joint on a child of link `world`; else slides `NAME_TX`, `NAME_TY`, `NAME_TZ` and ball `NAME_R` |
//! | `effort` | limits of the total actuator force on the joint |
//! | `mimic` | a joint equality: this joint = multiplier · other + offset |
//! | link `world` at the root | the world; its shapes stand in it, its mass does not matter |
//! | a link without `inertial` | inertia of its collision shapes at 1000 kg/m³ |
//!
//! Links that a joint connects do not collide, as everywhere in MuJoCo, unless the upper one is fixed to the world.
//!
//! Nothing is dropped silently: what is not read becomes a [`Report`] with file and line. Skipped on purpose, because
//! they move nothing: `transmission`, `ros2_control`, `calibration`, `safety_controller`, `texture`, `verbose`, the name of a
//! material, and `<visual>` of `<mujoco>`.

mod assemble;
mod geometry;
mod joint;
mod link;
mod place;

use crate::files::{self, Files};
use crate::mesh::Budget;
use crate::mjcf;
use crate::mjcf::Compiler;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::{Loaded, Report};
use crate::xml::tree::{self, Element};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_model::spec::{BodySpec, Source, Spec};

/// What holds the root link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// It is fixed to the world.
    #[default]
    Fixed,
    /// Nothing: it gets a free joint.
    Floating,
}

/// What a URDF leaves to its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What holds the root link.
    pub base: Base,
    /// Folders in which `package://NAME/...` is sought first: each holds packages, or is one. After them, every folder from
    /// the file's own upward.
    pub packages: Vec<String>,
    /// Read shapes that are only drawn.
    pub visual: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { base: Base::Fixed, packages: Vec::new(), visual: true }
    }
}

/// Everything reading needs beside the element at hand.
struct Reading<'a> {
    files: &'a dyn Files,
    options: &'a Options,
    /// Folder of the file.
    folder: &'a str,
    /// What `<mujoco><compiler>` says.
    compiler: Compiler,
    visual: bool,
    materials: BTreeMap<String, [f32; 4]>,
    geom_names: BTreeSet<String>,
    meshes: BTreeMap<geometry::MeshKey, alloc::sync::Arc<leitai_geometry::Mesh>>,
    budget: Budget,
    reports: Vec<Report>,
    spec: Spec,
}

impl Reading<'_> {
    fn report(&mut self, at: &Source, zh: impl Into<String>, en: impl Into<String>) {
        self.reports.push(Report::new(at, zh, en));
    }
}

/// Reads the URDF file at `path` inside `files`.
///
/// # Errors
/// If the file or a mesh that it needs for contact is missing, it is not URDF, or asks for the impossible: the message says
/// where, what, and what to change.
///
/// ```
/// use std::collections::BTreeMap;
/// let xml = br#"<robot name="arm"><link name="base"/>
///   <joint name="turn" type="continuous"><parent link="base"/><child link="hand"/><axis xyz="0 0 1"/></joint>
///   <link name="hand"><collision><geometry><sphere radius="0.1"/></geometry></collision></link></robot>"#;
/// let files = BTreeMap::from([("arm.urdf".to_string(), xml.to_vec())]);
/// let loaded = leitai_package::urdf::read("arm.urdf", &files, &Default::default()).unwrap();
/// assert_eq!(loaded.spec.build().unwrap().nv, 1);
/// ```
pub fn read(path: &str, files: &dyn Files, options: &Options) -> Result<Loaded, DescriptionError> {
    read_tree(&tree::read(path, files)?, files::folder(path), files, options)
}

/// Reads an element tree as URDF; `folder` is where its file lies.
pub(crate) fn read_tree(tree: &Element, folder: &str, files: &dyn Files, options: &Options) -> Result<Loaded, DescriptionError> {
    if &*tree.name != "robot" {
        return Err(tree.error("this is not the root element of URDF", "start the file with <robot>"));
    }
    let mut reading = Reading {
        files,
        options,
        folder,
        compiler: Compiler::default(),
        visual: options.visual,
        materials: BTreeMap::new(),
        geom_names: BTreeSet::new(),
        meshes: BTreeMap::new(),
        budget: Budget::default(),
        reports: Vec::new(),
        spec: Spec::default(),
    };
    // Before links, which need them, wherever they stand in the file.
    for child in tree.children.iter().filter(|child| &*child.name == "mujoco") {
        let (loaded, compiler) = mjcf::read_extension(child, files)?;
        (reading.spec.option, reading.spec.inertia) = (loaded.spec.option, loaded.spec.inertia);
        reading.visual &= !compiler.discard_visual;
        reading.compiler = compiler;
        reading.reports.extend(loaded.reports);
    }
    for child in tree.children.iter().filter(|child| &*child.name == "material") {
        link::material(&mut reading, child)?;
    }
    let mut a = Attributes::new(tree);
    reading.spec.name = a.name("name");
    a.finish_open(&mut reading.reports, &["version"]);
    reading.spec.world = BodySpec { name: "world".into(), source: tree.at.clone(), ..BodySpec::default() };

    let (mut links, mut joints) = (Vec::new(), Vec::new());
    for child in &tree.children {
        match &*child.name {
            "link" => links.push(link::read(&mut reading, child)?),
            "joint" => joints.push(joint::read(&mut reading, child)?),
            "mujoco" | "material" | "transmission" | "ros2_control" => {}
            "gazebo" => {
                let zh = "<gazebo> 是给 Gazebo 的，其设置在此不起作用";
                reading.report(&child.at, zh, "<gazebo> speaks to Gazebo; its settings have no effect here");
            }
            name if name.contains(':') => {
                let what = format!("<{name}> is not expanded");
                return Err(child.error(what, "run xacro on the file, and give the URDF that it prints"));
            }
            name => {
                let zh = format!("<robot> 中的 <{name}> 不认识，不起作用");
                reading.report(&child.at, zh, format!("<{name}> in <robot> is not known; it has no effect"));
            }
        }
    }
    assemble::assemble(&mut reading, tree, links, joints)?;
    let Reading { spec, mut reports, .. } = reading;
    reports.sort_by_key(|report| report.line);
    Ok(Loaded { spec, reports })
}

/// Reports every child whose name is not among `known`.
fn report_others(reading: &mut Reading, element: &Element, known: &[&str]) {
    for child in element.children.iter().filter(|child| !known.contains(&&*child.name)) {
        let zh = format!("<{}> 中的 <{}> 不认识，不起作用", element.name, child.name);
        let en = format!("<{}> in <{}> is not known; it has no effect", child.name, element.name);
        reading.report(&child.at, zh, en);
    }
}

/// The only child called `name`, if there is one.
fn only<'a>(element: &'a Element, name: &str) -> Result<Option<&'a Element>, DescriptionError> {
    let mut found = element.children.iter().filter(|child| &*child.name == name);
    let first = found.next();
    if let Some(second) = found.next() {
        return Err(second.error(format!("<{}> has a second <{name}>", element.name), "keep one"));
    }
    Ok(first)
}
