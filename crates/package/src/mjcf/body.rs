//! `worldbody`, `body`, `frame`, `replicate` and `inertial`: the tree.

use super::compiler::set;
use super::orientation::Orientation;
use super::{Reading, attach, geom, joint, replicate};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_math::{Mat3, Pose, Vec3};
use leitai_model::spec::{BodySpec, CameraSpec, InertialSpec, JointKind};

const CHILDREN: [&str; 13] = [
    "body",
    "geom",
    "site",
    "joint",
    "freejoint",
    "inertial",
    "frame",
    "camera",
    "light",
    "attach",
    "flexcomp",
    "plugin",
    "replicate",
];

/// The most degrees of freedom of a body, one for each direction it can move.
const MOST_FREEDOMS: usize = 6;

/// What surrounds an element in the tree.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// `body_from_frame`: the frames between the body and the element.
    frame: Pose,
    /// The class elements use unless they name one.
    class: Option<&'a str>,
    /// Bodies above; the world has none.
    depth: usize,
}

/// Reads a `worldbody` section into the world.
pub fn read_world(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let expanded = replicate::expand(reading, element)?;
    let mut world = core::mem::take(&mut reading.spec.world);
    let around = Around { frame: Pose::IDENTITY, class: None, depth: 0 };
    let read = children(reading, &expanded, &mut world, around);
    reading.spec.world = world;
    read
}

/// Reads what stands inside a body, or inside a frame of it.
fn children(reading: &mut Reading, element: &Element, body: &mut BodySpec, around: Around) -> Result<(), DescriptionError> {
    for child in &element.children {
        let in_world = around.depth == 0;
        match &*child.name {
            "joint" | "freejoint" | "inertial" if in_world => {
                return Err(child.error("the world cannot have this", "put it inside a <body>"));
            }
            "body" => {
                let inner = read_body(reading, child, around)?;
                body.bodies.push(inner);
            }
            "geom" => {
                if let Some(geom) = geom::read_geom(reading, child, around.class, around.frame)? {
                    body.geoms.push(geom);
                }
            }
            "site" => {
                let site = geom::read_site(reading, child, around.class, around.frame)?;
                body.sites.push(site);
            }
            "joint" => {
                let joint = joint::read(reading, child, around.class, around.frame)?;
                if joint.kind == JointKind::Free && around.depth > 1 {
                    return Err(child.error("a free joint stands in a body inside another", "move that body into <worldbody>"));
                }
                body.joints.push(joint);
            }
            "freejoint" => {
                if around.depth > 1 {
                    return Err(child.error("a free joint stands in a body inside another", "move that body into <worldbody>"));
                }
                let joint = joint::read_free(reading, child)?;
                body.joints.push(joint);
            }
            "inertial" => {
                if body.inertial.is_some() {
                    return Err(child.error("the body has a second inertia", "keep one <inertial>"));
                }
                body.inertial = Some(inertial(reading, child, around.frame)?);
            }
            "frame" => frame(reading, child, body, around)?,
            "attach" => attach::attach(reading, child, body, around.frame)?,
            "flexcomp" | "plugin" => {
                let zh = format!("不支持 <{}>，它所生成的内容被略去", child.name);
                reading.report(&child.at, zh, format!("<{}> is not supported; what it makes is left out", child.name));
            }
            "camera" => camera(reading, child, body, around)?,
            "light" => {}
            _ => return Err(child.unknown_element(CHILDREN.into_iter())),
        }
    }
    Ok(())
}

/// The frame of a camera, which sensors may watch. How it sees is drawing; one that turns by itself is no frame of its body.
fn camera(reading: &mut Reading, element: &Element, body: &mut BodySpec, around: Around) -> Result<(), DescriptionError> {
    let mut draft = reading.classes.of(&mut Attributes::new(element), around.class)?.camera.clone();
    draft.apply(reading, element)?;
    let name: String = element.attribute("name").unwrap_or_default().into();
    if !draft.is_fixed {
        reading.leave_out("camera", &name);
        return Ok(());
    }
    let pose = around.frame * Pose::new(draft.position, draft.orientation.resolve(&reading.compiler, element)?);
    body.cameras.push(CameraSpec { name, pose, source: element.at.clone() });
    Ok(())
}

/// A camera as written.
#[derive(Clone, Debug)]
pub struct CameraDraft {
    is_fixed: bool,
    position: Vec3,
    orientation: Orientation,
}

impl Default for CameraDraft {
    fn default() -> Self {
        Self { is_fixed: true, position: Vec3::ZERO, orientation: Orientation::NONE }
    }
}

impl CameraDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        let modes = [("fixed", true), ("track", false), ("trackcom", false), ("targetbody", false), ("targetbodycom", false)];
        set(&mut self.is_fixed, a.keyword("mode", &modes)?);
        set(&mut self.position, a.vector("pos")?);
        set(&mut self.orientation, Orientation::read(&mut a)?);
        let seeing = [
            "name",
            "class",
            "target",
            "projection",
            "fovy",
            "ipd",
            "resolution",
            "output",
            "focal",
            "focalpixel",
            "principal",
            "principalpixel",
            "sensorsize",
            "user",
        ];
        a.finish(&mut reading.reports, &seeing, &[])
    }
}

fn frame(reading: &mut Reading, element: &Element, body: &mut BodySpec, around: Around) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    let pose = pose(reading, &mut a)?;
    let class = a.text("childclass").or(around.class);
    a.finish(&mut reading.reports, &["name", "class"], &["scale", "scaling", "massscale"])?;
    children(reading, element, body, Around { frame: around.frame * pose, class, ..around })
}

fn read_body(reading: &mut Reading, element: &Element, around: Around) -> Result<BodySpec, DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    let mut body = BodySpec { name: a.name("name"), source: element.at.clone(), ..BodySpec::default() };
    body.pose = around.frame * pose(reading, &mut a)?;
    let class = a.text("childclass").or(around.class);
    if let Some(name) = class {
        reading.classes.named(name, element)?;
    }
    set(&mut body.mocap, a.flag("mocap")?);
    set(&mut body.gravity_compensation, a.number("gravcomp")?);
    a.finish(&mut reading.reports, &["user", "simple", "fuse"], &["sleep"])?;
    let inside = Around { frame: Pose::IDENTITY, class, depth: around.depth + 1 };
    children(reading, element, &mut body, inside)?;

    if body.mocap && (around.depth > 0 || !body.joints.is_empty()) {
        let what = "a mocap body must be a child of the world without joints";
        return Err(element.error(what, "move it into <worldbody> and remove its joints, or drop `mocap`"));
    }
    let freedoms: usize = body.joints.iter().map(|joint| freedoms(joint.kind)).sum();
    if freedoms > MOST_FREEDOMS {
        return Err(element.error(format!("its joints have {freedoms} degrees of freedom"), "keep 6 or fewer"));
    }
    if body.joints.len() > 1 && body.joints.iter().any(|joint| joint.kind == JointKind::Free) {
        return Err(element.error("a free joint stands beside other joints", "keep the free joint alone"));
    }
    let balls = body.joints.iter().filter(|joint| joint.kind == JointKind::Ball).count();
    let hinges = body.joints.iter().filter(|joint| joint.kind == JointKind::Hinge).count();
    if balls > 1 || (balls == 1 && hinges > 0) {
        return Err(element.error("a ball joint stands beside other rotations", "keep the ball joint, or three hinges"));
    }
    Ok(body)
}

fn freedoms(kind: JointKind) -> usize {
    match kind {
        JointKind::Free => 6,
        JointKind::Ball => 3,
        JointKind::Slide | JointKind::Hinge => 1,
    }
}

/// `pos` and orientation of an element.
fn pose(reading: &Reading, a: &mut Attributes) -> Result<Pose, DescriptionError> {
    let position = a.vector("pos")?.unwrap_or(Vec3::ZERO);
    let orientation = Orientation::read(a)?.unwrap_or(Orientation::NONE);
    Ok(Pose::new(position, orientation.resolve(&reading.compiler, a.element)?))
}

fn inertial(reading: &mut Reading, element: &Element, frame: Pose) -> Result<InertialSpec, DescriptionError> {
    let mut a = Attributes::new(element);
    a.required("pos")?;
    a.required("mass")?;
    let mass = a.not_negative("mass")?.unwrap_or(0.0);
    let oriented = Orientation::read(&mut a)?;
    let pose = pose(reading, &mut a)?;
    let diagonal = a.vector("diaginertia")?;
    let full = a.numbers::<6>("fullinertia")?;
    a.finish(&mut reading.reports, &[], &[])?;
    let inertia = match (diagonal, full) {
        (Some(_), Some(_)) => return Err(element.error("both `diaginertia` and `fullinertia` are given", "keep one")),
        (None, None) => {
            return Err(element.error("neither `diaginertia` nor `fullinertia` is given", "add diaginertia=\"x y z\""));
        }
        (Some(d), None) => {
            if d.x < 0.0 || d.y < 0.0 || d.z < 0.0 {
                return Err(element.error("`diaginertia` has a negative number", "write moments of inertia of zero or more"));
            }
            Mat3::diagonal(d)
        }
        (None, Some([xx, yy, zz, xy, xz, yz])) => {
            if oriented.is_some() {
                return Err(
                    element.error("`fullinertia` comes with an orientation", "drop the orientation, or use `diaginertia`")
                );
            }
            Mat3::symmetric(xx, yy, zz, xy, xz, yz)
        }
    };
    Ok(InertialSpec { mass, pose: frame * pose, inertia })
}
