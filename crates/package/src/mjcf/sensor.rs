//! `sensor`.

use super::Reading;
use super::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_model::spec::{FrameOf, SensorKind, SensorSpec};

/// Sensors MuJoCo knows and this reader leaves out.
const UNSUPPORTED: [&str; 12] = [
    "magnetometer",
    "camprojection",
    "rangefinder",
    "insidesite",
    "distance",
    "normal",
    "fromto",
    "contact",
    "tactile",
    "user",
    "plugin",
    "geom",
];

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        read_one(reading, child)?;
    }
    Ok(())
}

/// Makes something of a name.
type Make<T> = fn(String) -> T;

/// Sensors that watch one thing, named by an attribute.
const SINGLE: [(&str, &str, Make<SensorKind>); 26] = [
    ("jointpos", "joint", SensorKind::JointPosition),
    ("jointvel", "joint", SensorKind::JointVelocity),
    ("jointactuatorfrc", "joint", SensorKind::JointActuatorForce),
    ("tendonpos", "tendon", SensorKind::TendonPosition),
    ("tendonvel", "tendon", SensorKind::TendonVelocity),
    ("actuatorpos", "actuator", SensorKind::ActuatorPosition),
    ("actuatorvel", "actuator", SensorKind::ActuatorVelocity),
    ("actuatorfrc", "actuator", SensorKind::ActuatorForce),
    ("ballquat", "joint", SensorKind::BallQuaternion),
    ("ballangvel", "joint", SensorKind::BallAngularVelocity),
    ("jointlimitpos", "joint", SensorKind::JointLimitPosition),
    ("jointlimitvel", "joint", SensorKind::JointLimitVelocity),
    ("jointlimitfrc", "joint", SensorKind::JointLimitForce),
    ("tendonlimitpos", "tendon", SensorKind::TendonLimitPosition),
    ("tendonlimitvel", "tendon", SensorKind::TendonLimitVelocity),
    ("tendonlimitfrc", "tendon", SensorKind::TendonLimitForce),
    ("tendonactuatorfrc", "tendon", SensorKind::TendonActuatorForce),
    ("accelerometer", "site", SensorKind::Accelerometer),
    ("gyro", "site", SensorKind::Gyro),
    ("velocimeter", "site", SensorKind::Velocimeter),
    ("force", "site", SensorKind::Force),
    ("torque", "site", SensorKind::Torque),
    ("touch", "site", SensorKind::Touch),
    ("subtreecom", "body", SensorKind::SubtreeCenter),
    ("subtreelinvel", "body", SensorKind::SubtreeLinearVelocity),
    ("subtreeangmom", "body", SensorKind::SubtreeAngularMomentum),
];

/// Sensors that watch a frame.
const FRAMES: [&str; 9] = [
    "framepos",
    "framequat",
    "framexaxis",
    "frameyaxis",
    "framezaxis",
    "framelinvel",
    "frameangvel",
    "framelinacc",
    "frameangacc",
];

/// Sensors that watch no single thing.
const WHOLE: [(&str, SensorKind); 3] =
    [("e_potential", SensorKind::PotentialEnergy), ("e_kinetic", SensorKind::KineticEnergy), ("clock", SensorKind::Clock)];

fn read_one(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let kind = if let Some((_, target, make)) = SINGLE.iter().find(|(name, ..)| *name == &*element.name) {
        let name = a.required(target)?;
        if reading.falls_with(element, target, name) {
            return Ok(());
        }
        make(name.into())
    } else if FRAMES.contains(&&*element.name) {
        match frame_sensor(reading, &mut a)? {
            Some(kind) => kind,
            None => return Ok(()),
        }
    } else if let Some((_, kind)) = WHOLE.iter().find(|(name, _)| *name == &*element.name) {
        kind.clone()
    } else if UNSUPPORTED.contains(&&*element.name) {
        let zh = format!("不支持传感器 <{}>，已略去", element.name);
        reading.report(&element.at, zh, format!("sensor <{}> is not supported; it is left out", element.name));
        return Ok(());
    } else {
        let known =
            SINGLE.iter().map(|(name, ..)| *name).chain(FRAMES).chain(UNSUPPORTED).chain(WHOLE.iter().map(|(name, _)| *name));
        return Err(element.unknown_element(known));
    };
    let mut sensor = SensorSpec { name: a.name("name"), kind, cutoff: 0.0, noise: 0.0, source: element.at.clone() };
    set(&mut sensor.cutoff, a.not_negative("cutoff")?);
    set(&mut sensor.noise, a.not_negative("noise")?);
    a.finish(&mut reading.reports, &["user", "interp"], &["nsample", "delay", "interval"])?;
    reading.spec.sensors.push(sensor);
    Ok(())
}

fn frame_sensor(reading: &mut Reading, a: &mut Attributes) -> Result<Option<SensorKind>, DescriptionError> {
    let element = a.element;
    let Some(object) = frame(a, "objtype", "objname")? else {
        let zh = format!("不支持相机的传感器 <{}>，已略去", element.name);
        reading.report(&element.at, zh, format!("sensor <{}> of a camera is not supported; it is left out", element.name));
        return Ok(None);
    };
    if let FrameOf::Geom(geom) = &object
        && reading.falls_with(element, "geom", geom)
    {
        return Ok(None);
    }
    let accelerates = matches!(&*element.name, "framelinacc" | "frameangacc");
    let mut reference = None;
    if !accelerates && (element.attribute("reftype").is_some() || element.attribute("refname").is_some()) {
        reference = frame(a, "reftype", "refname")?;
        if reference.is_none() {
            let zh = format!("不支持相对于相机的传感器 <{}>，已略去", element.name);
            let en = format!("sensor <{}> relative to a camera is not supported; it is left out", element.name);
            reading.report(&element.at, zh, en);
            return Ok(None);
        }
        if let Some(FrameOf::Geom(geom)) = &reference
            && reading.falls_with(element, "geom", geom)
        {
            return Ok(None);
        }
    }
    Ok(Some(match &*element.name {
        "framepos" => SensorKind::FramePosition(object, reference),
        "framequat" => SensorKind::FrameQuaternion(object, reference),
        "framexaxis" => SensorKind::FrameAxis(object, reference, 0),
        "frameyaxis" => SensorKind::FrameAxis(object, reference, 1),
        "framezaxis" => SensorKind::FrameAxis(object, reference, 2),
        "framelinvel" => SensorKind::FrameLinearVelocity(object, reference),
        "frameangvel" => SensorKind::FrameAngularVelocity(object, reference),
        "framelinacc" => SensorKind::FrameLinearAcceleration(object),
        _ => SensorKind::FrameAngularAcceleration(object),
    }))
}

/// The frame that two attributes name; none for a camera's.
fn frame(a: &mut Attributes, kind: &'static str, name: &'static str) -> Result<Option<FrameOf>, DescriptionError> {
    let kinds: [(&str, Option<Make<FrameOf>>); 5] = [
        ("body", Some(FrameOf::BodyInertial)),
        ("xbody", Some(FrameOf::Body)),
        ("geom", Some(FrameOf::Geom)),
        ("site", Some(FrameOf::Site)),
        ("camera", None),
    ];
    a.required(kind)?;
    let make = a.keyword(kind, &kinds)?.flatten();
    let name = a.required(name)?;
    Ok(make.map(|make| make(name.into())))
}
