//! `geometry`: simple shapes, and meshes from files.

use super::{Reading, only, place, report_others};
use crate::files;
use crate::mesh::{self, Format, MeshFileError, Triangles};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::Report;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use leitai_geometry::Shape;
use leitai_geometry::mesh::MeshInertia;
use leitai_math::Vec3;

/// A file and the bits of its scale.
pub type MeshKey = (String, [u64; 3]);

/// What a shape is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Contact,
    Drawing,
}

/// The shape in the `geometry` of `around`; none where it is of a kind that cannot be read, which is reported.
pub fn read(reading: &mut Reading, around: &Element, used: Use) -> Result<Option<Shape>, DescriptionError> {
    let Some(geometry) = only(around, "geometry")? else {
        return Err(around.error("<geometry> is missing", "add <geometry> with one shape"));
    };
    Attributes::new(geometry).finish_open(&mut reading.reports, &[]);
    let Some(element) = geometry.children.first() else {
        return Err(geometry.error("it holds no shape", "add a box, cylinder, sphere, capsule or mesh"));
    };
    if let Some(second) = geometry.children.get(1) {
        return Err(second.error("a second shape in one <geometry>", "give it a <collision> or <visual> of its own"));
    }
    let mut a = Attributes::new(element);
    let shape = match &*element.name {
        "box" => {
            let size = a.vector("size")?.ok_or_else(|| element.error("`size` is missing", "add size=\"x y z\" in m"))?;
            Shape::Box {
                half: Vec3::new(
                    positive(size.x, "size", element)?,
                    positive(size.y, "size", element)?,
                    positive(size.z, "size", element)?,
                ) * 0.5,
            }
        }
        "sphere" => Shape::Sphere { radius: length(&mut a, "radius")? },
        "cylinder" => Shape::Cylinder { radius: length(&mut a, "radius")?, half_length: 0.5 * length(&mut a, "length")? },
        "capsule" => Shape::Capsule { radius: length(&mut a, "radius")?, half_length: 0.5 * length(&mut a, "length")? },
        "mesh" => {
            let file = a.required("filename")?;
            let scale = a.vector("scale")?.unwrap_or(Vec3::new(1.0, 1.0, 1.0));
            a.finish_open(&mut reading.reports, &[]);
            report_others(reading, element, &[]);
            return read_mesh(reading, element, file, scale, used);
        }
        name => {
            let zh = format!("不支持 <geometry> 中的 <{name}>，该形状已略去");
            reading.report(&element.at, zh, format!("<{name}> in <geometry> is not supported; the shape is left out"));
            return Ok(None);
        }
    };
    a.finish_open(&mut reading.reports, &[]);
    report_others(reading, element, &[]);
    Ok(Some(shape))
}

fn length(a: &mut Attributes, name: &'static str) -> Result<f64, DescriptionError> {
    let element = a.element;
    let number =
        a.number(name)?.ok_or_else(|| element.error(format!("`{name}` is missing"), format!("add {name}=\"...\" in m")))?;
    positive(number, name, element)
}

fn positive(number: f64, name: &str, element: &Element) -> Result<f64, DescriptionError> {
    if number > 0.0 {
        Ok(number)
    } else {
        Err(element.error(format!("`{name}` holds {number}"), "write lengths above zero, in m"))
    }
}

fn read_mesh(
    reading: &mut Reading,
    element: &Element,
    file: &str,
    scale: Vec3,
    used: Use,
) -> Result<Option<Shape>, DescriptionError> {
    let extension = files::extension(file);
    let Some(format) = Format::of_extension(&extension) else {
        let report = match used {
            Use::Drawing => {
                let zh = format!("`{file}` 不是 STL、OBJ、COLLADA 或 GLB 文件，不绘制");
                Report::drawing(&element.at, zh, format!("`{file}` is no STL, OBJ, COLLADA or GLB file; it is not drawn"))
            }
            Use::Contact => {
                let zh = format!("`{file}` 不是 STL、OBJ、COLLADA 或 GLB 文件，此形状不参与碰撞；请转换为 STL");
                let en =
                    format!("`{file}` is no STL, OBJ, COLLADA or GLB file; nothing collides with this shape; convert it to STL");
                Report::new(&element.at, zh, en)
            }
        };
        reading.reports.push(report);
        return Ok(None);
    };
    if scale.x * scale.y * scale.z == 0.0 {
        return Err(element.error("`scale` holds a zero", "write factors other than zero"));
    }
    let key = (file.into(), scale.to_array().map(f64::to_bits));
    if let Some(mesh) = reading.meshes.get(&key) {
        return Ok(Some(Shape::Mesh(Arc::clone(mesh))));
    }
    let at_file = |file: &str, source: MeshFileError| DescriptionError::Mesh {
        at: element.at.clone(),
        element: "mesh".into(),
        file: file.into(),
        source,
    };
    // A shape that is only drawn may fail and the next one is tried: a spent budget must cost nothing.
    if reading.budget.is_spent() {
        return Err(at_file(file, MeshFileError::TooMuch));
    }
    let (path, bytes) = place::read_named(reading, file, element)?;
    let wrong = |source: MeshFileError| at_file(&path, source);
    reading.budget.take(bytes.len()).map_err(wrong)?;
    let Triangles { mut vertices, mut faces } = mesh::read(&bytes, format).map_err(wrong)?;
    vertices.iter_mut().for_each(|vertex| *vertex = vertex.scaled(scale));
    // A mirror turns triangles inside out.
    if scale.x * scale.y * scale.z < 0.0 {
        faces.iter_mut().for_each(|face| face.swap(1, 2));
    }
    let mesh = mesh::build(vertices, faces, MeshInertia::Legacy).map_err(|source| wrong(source.into()))?;
    let mesh = Arc::new(mesh);
    reading.meshes.insert(key, Arc::clone(&mesh));
    Ok(Some(Shape::Mesh(mesh)))
}
