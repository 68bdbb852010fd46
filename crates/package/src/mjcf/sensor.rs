//! `sensor`.

use super::Reading;
use super::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_model::spec::{CONTACT_FIELDS, ContactWatch, FrameOf, Nearness, RAY_FIELDS, Reduce, SensorKind, SensorSpec, Watched};

/// Sensors MuJoCo knows and this reader leaves out.
const UNSUPPORTED: [&str; 4] = ["camprojection", "tactile", "user", "plugin"];

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
const SINGLE: [(&str, &str, Make<SensorKind>); 27] = [
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
    ("magnetometer", "site", SensorKind::Magnetometer),
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

/// Sensors of rays, contacts and nearness.
const WATCHING: [&str; 6] = ["rangefinder", "insidesite", "distance", "normal", "fromto", "contact"];

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
    } else if WATCHING.contains(&&*element.name) {
        match watching_sensor(reading, &mut a)? {
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
        let known = SINGLE
            .iter()
            .map(|(name, ..)| *name)
            .chain(FRAMES)
            .chain(WATCHING)
            .chain(UNSUPPORTED)
            .chain(WHOLE.iter().map(|(name, _)| *name));
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
    let object = frame(a, "objtype", "objname")?;
    if frame_is_left_out(reading, element, &object) {
        return Ok(None);
    }
    let accelerates = matches!(&*element.name, "framelinacc" | "frameangacc");
    let mut reference = None;
    if !accelerates && (element.attribute("reftype").is_some() || element.attribute("refname").is_some()) {
        let other = frame(a, "reftype", "refname")?;
        if frame_is_left_out(reading, element, &other) {
            return Ok(None);
        }
        reference = Some(other);
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

/// The frame that two attributes name.
fn frame(a: &mut Attributes, kind: &'static str, name: &'static str) -> Result<FrameOf, DescriptionError> {
    let kinds: [(&str, Make<FrameOf>); 5] = [
        ("body", FrameOf::BodyInertial),
        ("xbody", FrameOf::Body),
        ("geom", FrameOf::Geom),
        ("site", FrameOf::Site),
        ("camera", FrameOf::Camera),
    ];
    a.required(kind)?;
    let make = a.keyword(kind, &kinds)?.unwrap_or(FrameOf::Body);
    Ok(make(a.required(name)?.into()))
}

fn frame_is_left_out(reading: &mut Reading, element: &Element, frame: &FrameOf) -> bool {
    match frame {
        FrameOf::Geom(name) => reading.falls_with(element, "geom", name),
        FrameOf::Camera(name) => reading.falls_with(element, "camera", name),
        _ => false,
    }
}

fn watching_sensor(reading: &mut Reading, a: &mut Attributes) -> Result<Option<SensorKind>, DescriptionError> {
    let element = a.element;
    Ok(match &*element.name {
        "rangefinder" => {
            if a.text("camera").is_some() {
                let zh = "不支持相机的测距传感器，已略去";
                reading.report(&element.at, zh, "a rangefinder of a camera is not supported; it is left out");
                return Ok(None);
            }
            let site = a.required("site")?.into();
            Some(SensorKind::Rangefinder(site, fields(a, &RAY_FIELDS)?))
        }
        "insidesite" => {
            if a.flag("enclosed")? == Some(true) {
                let zh = "不支持 enclosed=\"true\"，传感器已略去";
                reading.report(&element.at, zh, "enclosed=\"true\" is not supported; the sensor is left out");
                return Ok(None);
            }
            let frame = frame(a, "objtype", "objname")?;
            if frame_is_left_out(reading, element, &frame) {
                return Ok(None);
            }
            Some(SensorKind::InsideSite(frame, a.required("site")?.into()))
        }
        "contact" => contact_sensor(reading, a)?,
        name => {
            let mut sides = Vec::new();
            for [geom, body] in [["geom1", "body1"], ["geom2", "body2"]] {
                sides.push(match (a.text(geom), a.text(body)) {
                    (Some(name), None) if reading.falls_with(element, "geom", name) => return Ok(None),
                    (Some(name), None) => Watched::Geom(name.into()),
                    (None, Some(name)) => Watched::Body(name.into()),
                    _ => return Err(element.error(format!("it needs one of `{geom}` and `{body}`"), "write exactly one of them")),
                });
            }
            let what = match name {
                "distance" => Nearness::Distance,
                "normal" => Nearness::Normal,
                _ => Nearness::Ends,
            };
            <[_; 2]>::try_from(sides).ok().map(|sides| SensorKind::Nearest(sides, what))
        }
    })
}

/// The words of `data` as bits of `all`, whose order they must keep; the first alone if there is no `data`.
fn fields(a: &mut Attributes, all: &[(&str, usize)]) -> Result<u16, DescriptionError> {
    let Some(text) = a.text("data") else { return Ok(1) };
    let (mut bits, mut next) = (0, 0);
    for word in text.split_ascii_whitespace() {
        match all.iter().position(|(name, _)| *name == word) {
            Some(i) if i >= next => (bits, next) = (bits | 1 << i, i + 1),
            _ => {
                let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
                let what = format!("data=\"{word}\" is not known, or out of order");
                return Err(a.element.error(what, format!("write some of {}, in this order", names.join(" "))));
            }
        }
    }
    if bits == 0 { Err(a.element.error("`data` is empty", "name at least one field")) } else { Ok(bits) }
}

fn contact_sensor(reading: &mut Reading, a: &mut Attributes) -> Result<Option<SensorKind>, DescriptionError> {
    let element = a.element;
    let mut sides = [None, None];
    for (side, [geom, body, subtree]) in sides.iter_mut().zip([["geom1", "body1", "subtree1"], ["geom2", "body2", "subtree2"]]) {
        let (geom_name, body_name, subtree_name) = (a.text(geom), a.text(body), a.text(subtree));
        *side = match (geom_name, body_name, subtree_name) {
            (None, None, None) => None,
            (Some(name), None, None) if reading.falls_with(element, "geom", name) => return Ok(None),
            (Some(name), None, None) => Some(Watched::Geom(name.into())),
            (None, Some(name), None) => Some(Watched::Body(name.into())),
            (None, None, Some(name)) => Some(Watched::Subtree(name.into())),
            _ => return Err(element.error(format!("more than one of `{geom}`, `{body}`, `{subtree}` is given"), "keep one")),
        };
    }
    let site = a.text("site").map(String::from);
    if site.is_some() && sides[0].is_some() {
        return Err(element.error("a site stands in the place of the first side", "use geom2, body2 or subtree2 beside it"));
    }
    let reduces =
        [("none", Reduce::First), ("mindist", Reduce::Deepest), ("maxforce", Reduce::Strongest), ("netforce", Reduce::Sum)];
    let reduce = a.keyword("reduce", &reduces)?.unwrap_or_default();
    let count = a.integer_in("num", 1, 1000)?.and_then(|n| u16::try_from(n).ok()).unwrap_or(1);
    let fields = fields(a, &CONTACT_FIELDS)?;
    if reduce == Reduce::Sum && fields >> 7 != 0 {
        return Err(element.error("the sum of contacts has no velocity", "drop linvel and angvel, or `reduce`"));
    }
    Ok(Some(SensorKind::Contact(ContactWatch { sides, site, count, fields, reduce })))
}
