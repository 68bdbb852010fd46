//! `link`: inertia and shapes of a body, and the colors of `material`.

use super::{Reading, geometry, only, place, report_others};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::Report;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_math::Mat3;
use leitai_model::spec::{BodySpec, GeomMass, GeomSpec, InertialSpec};

/// Group of shapes that touch, and of shapes that are only drawn: MuJoCo's choice.
const TOUCHED: i32 = 0;
const DRAWN: i32 = 1;

/// Reads a `link` into a body that is not placed yet.
pub fn read(reading: &mut Reading, element: &Element) -> Result<BodySpec, DescriptionError> {
    let mut a = Attributes::new(element);
    let name = a.required("name")?;
    if name.is_empty() {
        return Err(element.error("`name` is empty", "give the link a name"));
    }
    a.finish_open(&mut reading.reports, &["type"]);
    let mut body = BodySpec { name: name.into(), source: element.at.clone(), ..BodySpec::default() };
    if let Some(inertial) = only(element, "inertial")? {
        body.inertial = Some(read_inertial(reading, inertial)?);
    }
    for child in &element.children {
        let geom = match &*child.name {
            "collision" => collision(reading, child)?,
            "visual" if reading.visual => visual(reading, child)?,
            "visual" => {
                // Not drawn here, but a later link may name the color.
                for material in child.children.iter().filter(|inner| &*inner.name == "material") {
                    self::material(reading, material)?;
                }
                None
            }
            _ => None,
        };
        body.geoms.extend(geom);
    }
    report_others(reading, element, &["inertial", "collision", "visual", "verbose"]);
    Ok(body)
}

fn read_inertial(reading: &mut Reading, element: &Element) -> Result<InertialSpec, DescriptionError> {
    let pose = place::origin(reading, element)?;
    let missing = |name: &str, change: &str| element.error(format!("<{name}> is missing"), change);
    let mass = only(element, "mass")?.ok_or_else(|| missing("mass", "add <mass value=\"...\"/> in kg"))?;
    let tensor = only(element, "inertia")?.ok_or_else(|| missing("inertia", "add <inertia ixx=\"...\" .../> in kg m2"))?;
    let mut a = Attributes::new(mass);
    a.required("value")?;
    let kilograms = a.not_negative("value")?.unwrap_or(0.0);
    a.finish_open(&mut reading.reports, &[]);
    let mut a = Attributes::new(tensor);
    let mut moment = |name| a.number(name).map(|number| number.unwrap_or(0.0));
    let (xx, yy, zz) = (moment("ixx")?, moment("iyy")?, moment("izz")?);
    let (xy, xz, yz) = (moment("ixy")?, moment("ixz")?, moment("iyz")?);
    a.finish_open(&mut reading.reports, &[]);
    report_others(reading, element, &["origin", "mass", "inertia"]);
    Ok(InertialSpec { mass: kilograms, pose, inertia: Mat3::symmetric(xx, yy, zz, xy, xz, yz) })
}

/// A shape that touches.
fn collision(reading: &mut Reading, element: &Element) -> Result<Option<GeomSpec>, DescriptionError> {
    let pose = place::origin(reading, element)?;
    report_others(reading, element, &["origin", "geometry", "verbose", "material"]);
    let Some(shape) = geometry::read(reading, element, geometry::Use::Contact)? else { return Ok(None) };
    let name = geom_name(reading, element);
    Ok(Some(GeomSpec { name, pose, group: TOUCHED, source: element.at.clone(), ..GeomSpec::new(shape) }))
}

/// A shape that is only drawn. One that cannot be read is left out, as nothing moves differently for it.
fn visual(reading: &mut Reading, element: &Element) -> Result<Option<GeomSpec>, DescriptionError> {
    let pose = place::origin(reading, element)?;
    report_others(reading, element, &["origin", "geometry", "material", "verbose"]);
    let color = match only(element, "material")? {
        Some(material) => self::material(reading, material)?,
        None => None,
    };
    let shape = match geometry::read(reading, element, geometry::Use::Drawing) {
        Ok(shape) => shape,
        Err(error) => {
            let (zh, en) = (format!("此形状不绘制：{error}"), format!("this shape is not drawn: {error}"));
            reading.reports.push(Report::drawing(&element.at, zh, en));
            None
        }
    };
    let Some(shape) = shape else { return Ok(None) };
    let name = geom_name(reading, element);
    let mut geom = GeomSpec { name, pose, group: DRAWN, source: element.at.clone(), ..GeomSpec::new(shape) };
    (geom.contype, geom.conaffinity, geom.mass) = (0, 0, GeomMass::Mass(0.0));
    geom.rgba = color.unwrap_or(geom.rgba);
    Ok(Some(geom))
}

/// The name of a shape; in URDF names of shapes may repeat, and here the first one keeps it.
fn geom_name(reading: &mut Reading, element: &Element) -> String {
    let mut a = Attributes::new(element);
    let name = a.name("name");
    a.finish_open(&mut reading.reports, &["group"]);
    if name.is_empty() || reading.geom_names.insert(name.clone()) {
        return name;
    }
    let zh = format!("已有名为 `{name}` 的形状，此形状在这里没有名字");
    let en = format!("a second shape is called `{name}`; this one has no name here");
    reading.reports.push(Report::drawing(&element.at, zh, en));
    String::new()
}

/// The color that a `material` gives or names, which it then has for the rest of the file.
pub fn material(reading: &mut Reading, element: &Element) -> Result<Option<[f32; 4]>, DescriptionError> {
    let mut a = Attributes::new(element);
    let name = a.name("name");
    a.finish_open(&mut reading.reports, &[]);
    report_others(reading, element, &["color", "texture"]);
    if let Some(color) = only(element, "color")? {
        let mut a = Attributes::new(color);
        let rgba = a.numbers::<4>("rgba")?.ok_or_else(|| color.error("`rgba` is missing", "add rgba=\"r g b a\""))?;
        a.finish_open(&mut reading.reports, &[]);
        #[allow(clippy::cast_possible_truncation)]
        let rgba = rgba.map(|x| x.clamp(0.0, 1.0) as f32);
        if !name.is_empty() {
            reading.materials.insert(name, rgba);
        }
        return Ok(Some(rgba));
    }
    let known = reading.materials.get(&name).copied();
    if known.is_none() && element.children.is_empty() {
        let zh = format!("没有材质 `{name}`，形状为灰色");
        reading.reports.push(Report::drawing(&element.at, zh, format!("there is no material `{name}`; the shape is gray")));
    }
    Ok(known)
}
