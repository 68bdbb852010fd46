//! `joint`: how a link moves on another.

use super::{Reading, only, place, report_others};
use crate::mjcf;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::{Loss, Report};
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, Vec3, real};
use leitai_model::spec::{EqualityKind, EqualitySpec, JointKind, JointSpec, Source};

/// Shorter than this, an axis is none.
const SHORT: f64 = 1e-14;

/// The kinds of joints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Revolute,
    Continuous,
    Prismatic,
    Fixed,
    Floating,
    Planar,
}

/// A joint as the file gives it.
#[derive(Clone, Debug)]
pub struct Joint {
    pub name: String,
    pub kind: Kind,
    pub parent: String,
    pub child: String,
    /// `parent_from_child` with the joint at zero.
    pub pose: Pose,
    /// Axis in the child, not zero unless the joint has no use for it.
    axis: Vec3,
    /// Limits, damping and friction that every joint it becomes has, in its own unit.
    draft: JointSpec,
    pub mimic: Option<Mimic>,
    pub source: Source,
}

/// A joint that follows another.
#[derive(Clone, Debug)]
pub struct Mimic {
    pub joint: String,
    multiplier: f64,
    offset: f64,
    pub source: Source,
}

/// Reads a `joint`.
pub fn read(reading: &mut Reading, element: &Element) -> Result<Joint, DescriptionError> {
    let mut a = Attributes::new(element);
    let name = a.required("name")?;
    if name.is_empty() {
        return Err(element.error("`name` is empty", "give the joint a name"));
    }
    a.required("type")?;
    let kinds = [
        ("revolute", Kind::Revolute),
        ("continuous", Kind::Continuous),
        ("prismatic", Kind::Prismatic),
        ("fixed", Kind::Fixed),
        ("floating", Kind::Floating),
        ("planar", Kind::Planar),
    ];
    let kind = a.keyword("type", &kinds)?.unwrap_or(Kind::Fixed);
    a.finish_open(&mut reading.reports, &[]);
    let pose = place::origin(reading, element)?;
    let axis = match only(element, "axis")? {
        Some(axis) => read_axis(reading, axis, kind)?,
        None => Vec3::X,
    };
    let mut draft = JointSpec { source: element.at.clone(), ..JointSpec::default() };
    if let Some(dynamics) = only(element, "dynamics")? {
        let mut a = Attributes::new(dynamics);
        draft.damping = a.not_negative("damping")?.unwrap_or(0.0);
        draft.frictionloss = a.not_negative("friction")?.unwrap_or(0.0);
        a.finish_open(&mut reading.reports, &[]);
    }
    match only(element, "limit")? {
        Some(limit) => read_limit(reading, limit, kind, &mut draft)?,
        None if matches!(kind, Kind::Revolute | Kind::Prismatic) => {
            let zh = format!("关节 `{name}` 没有 <limit>，运动不受限");
            reading.report(&element.at, zh, format!("joint `{name}` has no <limit>; it moves without end"));
        }
        None => {}
    }
    let mimic = match only(element, "mimic")? {
        Some(mimic) => read_mimic(reading, mimic, kind)?,
        None => None,
    };
    let known = ["origin", "parent", "child", "axis", "dynamics", "limit", "mimic", "calibration", "safety_controller"];
    report_others(reading, element, &known);
    Ok(Joint {
        name: name.into(),
        kind,
        parent: end(reading, element, "parent")?,
        child: end(reading, element, "child")?,
        pose,
        axis,
        draft,
        mimic,
        source: element.at.clone(),
    })
}

/// The link that `parent` or `child` names.
fn end(reading: &mut Reading, element: &Element, which: &str) -> Result<String, DescriptionError> {
    let Some(end) = only(element, which)? else {
        return Err(element.error(format!("<{which}> is missing"), format!("add <{which} link=\"...\"/>")));
    };
    let mut a = Attributes::new(end);
    let link = a.required("link")?.into();
    a.finish_open(&mut reading.reports, &[]);
    Ok(link)
}

fn read_axis(reading: &mut Reading, element: &Element, kind: Kind) -> Result<Vec3, DescriptionError> {
    let mut a = Attributes::new(element);
    let axis = a.vector("xyz")?.unwrap_or(Vec3::X);
    a.finish_open(&mut reading.reports, &[]);
    if axis.norm() < SHORT && !matches!(kind, Kind::Fixed | Kind::Floating) {
        return Err(element.error("the axis has no length", "write a direction, as in xyz=\"0 0 1\""));
    }
    Ok(axis)
}

fn read_limit(reading: &mut Reading, element: &Element, kind: Kind, joint: &mut JointSpec) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let low = a.number("lower")?;
    let high = a.number("upper")?;
    let effort = a.number("effort")?;
    let speed = a.number("velocity")?;
    a.finish_open(&mut reading.reports, &[]);
    let range = [low.unwrap_or(0.0), high.unwrap_or(0.0)];
    match kind {
        Kind::Revolute | Kind::Prismatic if range[0] > range[1] => {
            let what = format!("the lower limit {} is above the upper limit {}", range[0], range[1]);
            return Err(element.error(what, "write the smaller number as `lower`"));
        }
        Kind::Revolute | Kind::Prismatic if range[0] == range[1] => {
            let zh = format!("上下限都是 {}，关节运动不受限；若要固定，请用 fixed 关节", range[0]);
            let en = format!("both limits are {}; the joint moves without end; use a fixed joint to hold it", range[0]);
            reading.report(&element.at, zh, en);
        }
        Kind::Revolute | Kind::Prismatic => joint.range = Some(range),
        Kind::Continuous | Kind::Fixed => {}
        Kind::Floating | Kind::Planar if range != [0.0; 2] => {
            let zh = "`lower` 与 `upper` 对多轴关节没有意义，不起作用";
            reading.report(
                &element.at,
                zh,
                "`lower` and `upper` say nothing about a joint with several axes; they have no effect",
            );
        }
        Kind::Floating | Kind::Planar => {}
    }
    if let Some(effort) = effort.filter(|effort| *effort != 0.0) {
        match kind {
            Kind::Revolute | Kind::Prismatic | Kind::Continuous => {
                let most = real::abs(effort);
                joint.actuator_force_range = Some([-most, most]);
            }
            Kind::Fixed => {}
            Kind::Floating | Kind::Planar => {
                let zh = "`effort` 对多轴关节没有意义，不起作用";
                reading.report(&element.at, zh, "`effort` says nothing about a joint with several axes; it has no effect");
            }
        }
    }
    if let Some(speed) = speed.filter(|speed| *speed != 0.0 && kind != Kind::Fixed) {
        let zh = format!("velocity=\"{speed}\" 不会限制关节，须由控制器遵守");
        let en = format!("velocity=\"{speed}\" does not hold the joint back; a controller must keep to it");
        reading.reports.push(Report { loss: Loss::Control, ..Report::new(&element.at, zh, en) });
    }
    Ok(())
}

fn read_mimic(reading: &mut Reading, element: &Element, kind: Kind) -> Result<Option<Mimic>, DescriptionError> {
    let mut a = Attributes::new(element);
    let joint = a.required("joint")?.into();
    let multiplier = a.number("multiplier")?.unwrap_or(1.0);
    let offset = a.number("offset")?.unwrap_or(0.0);
    a.finish_open(&mut reading.reports, &[]);
    if !matches!(kind, Kind::Revolute | Kind::Continuous | Kind::Prismatic) {
        reading.report(&element.at, "<mimic> 需要单轴关节，不起作用", "<mimic> needs a joint with one axis; it has no effect");
        return Ok(None);
    }
    Ok(Some(Mimic { joint, multiplier, offset, source: element.at.clone() }))
}

impl Joint {
    /// The joints it becomes on its child, outermost first; `on_world` says that the parent is the world itself.
    pub fn joints(&self, on_world: bool) -> Vec<JointSpec> {
        let part = |end: &str, kind, axis| JointSpec { name: format!("{}{end}", self.name), kind, axis, ..self.draft.clone() };
        match self.kind {
            Kind::Fixed => Vec::new(),
            Kind::Revolute | Kind::Continuous => vec![part("", JointKind::Hinge, self.axis)],
            Kind::Prismatic => vec![part("", JointKind::Slide, self.axis)],
            Kind::Floating if on_world => vec![part("", JointKind::Free, Vec3::Z)],
            Kind::Floating => vec![
                part("_TX", JointKind::Slide, Vec3::X),
                part("_TY", JointKind::Slide, Vec3::Y),
                part("_TZ", JointKind::Slide, Vec3::Z),
                part("_R", JointKind::Ball, Vec3::Z),
            ],
            Kind::Planar => {
                let turn = mjcf::from_z(self.axis * (1.0 / self.axis.norm()));
                vec![
                    part("_TX", JointKind::Slide, turn.rotate(Vec3::X)),
                    part("_TY", JointKind::Slide, turn.rotate(Vec3::Y)),
                    part("_RZ", JointKind::Hinge, self.axis),
                ]
            }
        }
    }

    /// The constraint that makes it follow.
    pub fn equality(&self, mimic: &Mimic) -> EqualitySpec {
        let polynomial = [mimic.offset, mimic.multiplier, 0.0, 0.0, 0.0];
        EqualitySpec {
            name: String::new(),
            kind: EqualityKind::Joint { joints: [self.name.clone(), mimic.joint.clone()], polynomial },
            active: true,
            solref: Default::default(),
            solimp: Default::default(),
            source: mimic.source.clone(),
        }
    }
}
