//! `asset`: meshes, height fields and the colors of materials.

use super::compiler::set;
use super::orientation::unit_quat;
use super::{Reading, attach};
use crate::files;
use crate::mesh::{self, Format, MeshFileError, Triangles};
use crate::terrain::{self, TerrainFileError};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::{Element, nearest};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use leitai_geometry::mesh::MeshInertia;
use leitai_geometry::{HeightField, HeightFieldError, Mesh, MeshError};
use leitai_math::{Quat, Vec3};

/// What a class says about meshes.
#[derive(Clone, Debug)]
pub struct MeshDraft {
    scale: Vec3,
    inertia: MeshInertia,
}

impl Default for MeshDraft {
    fn default() -> Self {
        Self { scale: Vec3::new(1.0, 1.0, 1.0), inertia: MeshInertia::Legacy }
    }
}

/// The ways to weigh a mesh.
const INERTIAS: [(&str, MeshInertia); 4] = [
    ("convex", MeshInertia::Convex),
    ("exact", MeshInertia::Exact),
    ("legacy", MeshInertia::Legacy),
    ("shell", MeshInertia::Shell),
];

impl MeshDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        self.take(&mut a)?;
        a.finish(&mut reading.reports, &[], &["maxhullvert"])
    }

    fn take(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        set(&mut self.scale, a.vector("scale")?);
        set(&mut self.inertia, a.keyword("inertia", &INERTIAS)?);
        Ok(())
    }
}

/// A material's color.
#[derive(Clone, Debug)]
pub struct Material {
    pub rgba: [f64; 4],
}

impl Default for Material {
    fn default() -> Self {
        Self { rgba: [1.0; 4] }
    }
}

impl Material {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element).with_children();
        set(&mut self.rgba, a.numbers("rgba")?);
        let drawing = [
            "name",
            "class",
            "texture",
            "texrepeat",
            "texuniform",
            "emission",
            "specular",
            "shininess",
            "reflectance",
            "metallic",
            "roughness",
        ];
        a.finish(&mut reading.reports, &drawing, &[])?;
        match element.children.iter().find(|child| &*child.name != "layer") {
            Some(child) => Err(child.unknown_element(["layer"].into_iter())),
            None => Ok(()),
        }
    }
}

/// Meshes, height fields and materials by name.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    meshes: BTreeMap<String, Result<Arc<Mesh>, DescriptionError>>,
    materials: BTreeMap<String, Material>,
    height_fields: BTreeMap<String, Arc<HeightField>>,
}

impl Assets {
    /// The mesh called `name`, or why it is too flat to be a solid: what is only drawn needs none.
    pub fn mesh(&self, name: &str, element: &Element) -> Result<Result<Arc<Mesh>, DescriptionError>, DescriptionError> {
        self.meshes.get(name).cloned().ok_or_else(|| missing("mesh", name, self.meshes.keys(), element))
    }
    /// The material called `name`.
    pub fn material(&self, name: &str, element: &Element) -> Result<&Material, DescriptionError> {
        self.materials.get(name).ok_or_else(|| missing("material", name, self.materials.keys(), element))
    }
}

impl Assets {
    /// The height field called `name`.
    pub fn height_field(&self, name: &str, element: &Element) -> Result<Arc<HeightField>, DescriptionError> {
        let found = self.height_fields.get(name).cloned();
        found.ok_or_else(|| missing("height field", name, self.height_fields.keys(), element))
    }
}

fn missing<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a String>, element: &Element) -> DescriptionError {
    let near = nearest(name, known.map(String::as_str));
    let change = near.map_or_else(|| "define it in <asset>".into(), |near| format!("is `{near}` meant?"));
    element.error(format!("there is no {kind} `{name}`"), change)
}

/// Reads the section into `reading.assets`.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        match &*child.name {
            "mesh" => read_mesh(reading, child)?,
            "material" => {
                let mut material = reading.classes.of(&mut Attributes::new(child), None)?.material.clone();
                material.apply(reading, child)?;
                let name = child.attribute("name").unwrap_or_default();
                if reading.assets.materials.insert(name.into(), material).is_some() {
                    return Err(child.error(format!("a second material is called `{name}`"), "give each its own name"));
                }
            }
            "texture" | "skin" => {}
            "hfield" => read_height_field(reading, child)?,
            "model" => attach::read_model(reading, child)?,
            _ => return Err(child.unknown_element(["mesh", "material", "texture", "skin", "hfield", "model"].into_iter())),
        }
    }
    Ok(())
}

fn read_mesh(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    let mut draft = reading.classes.of(&mut a, None)?.mesh.clone();
    draft.take(&mut a)?;
    let file = a.text("file");
    let stem = file.map(|file| {
        let name = files::file_name(file);
        name.rfind('.').map_or(name, |dot| &name[..dot])
    });
    let Some(name) = a.text("name").or(stem) else {
        return Err(element.error("the mesh has neither `name` nor `file`", "add a name"));
    };
    let content = a.text("content_type");
    let vertices = a.list("vertex")?;
    let faces = a.list("face")?;
    let position = a.vector("refpos")?.unwrap_or(Vec3::ZERO);
    let rotation = a.numbers("refquat")?.map_or(Ok(Quat::IDENTITY), |q| unit_quat(q, element))?;
    let skipped = ["normal", "texcoord", "smoothnormal", "material"];
    a.finish(&mut reading.reports, &skipped, &["builtin", "params", "maxhullvert"])?;
    for child in &element.children {
        if &*child.name != "plugin" {
            return Err(child.unknown_element(["plugin"].into_iter()));
        }
        reading.not_supported(child, element);
    }
    if element.attribute("builtin").is_some_and(|kind| kind != "none") {
        reading.leave_out("mesh", name);
        return Ok(());
    }

    let (label, triangles) = match (file, vertices) {
        (Some(_), Some(_)) => return Err(element.error("both `file` and `vertex` are given", "keep one")),
        (None, None) => return Err(element.error("neither `file` nor `vertex` is given", "add one")),
        (Some(file), None) => {
            let path = reading.compiler.mesh_path(&reading.folder, file);
            let format = match content {
                Some(kind) => Format::of_media_type(kind),
                None => Format::of_extension(&files::extension(file)),
            };
            let Some(format) = format.filter(|format| format.is_of_mjcf()) else {
                return Err(element.error(format!("`{file}` is no STL, OBJ or MSH file"), "convert the mesh to one of these"));
            };
            let bytes = reading.files.read(&path).map_err(|source| DescriptionError::File {
                at: element.at.clone(),
                element: "mesh".to_string(),
                source,
                change: "correct the file name, or `meshdir` in <compiler>".into(),
            })?;
            reading.meshes.take(bytes.len()).map_err(|source| at_mesh(element, &path, source))?;
            (path.clone(), mesh::read(&bytes, format).map_err(|source| at_mesh(element, &path, source))?)
        }
        (None, Some(vertices)) => {
            reading.meshes.take(8 * vertices.len()).map_err(|source| at_mesh(element, name, source))?;
            let triangles = inline(&vertices, faces.as_deref()).map_err(|source| at_mesh(element, name, source))?;
            (name.into(), triangles)
        }
    };
    let Triangles { mut vertices, mut faces } = triangles;
    let inverse = rotation.conjugate();
    for vertex in &mut vertices {
        *vertex = inverse.rotate(vertex.scaled(draft.scale) - position);
    }
    // A mirror turns triangles inside out.
    if draft.scale.x * draft.scale.y * draft.scale.z < 0.0 {
        faces.iter_mut().for_each(|face| face.swap(1, 2));
    }
    let mesh = match mesh::build(vertices, faces, draft.inertia) {
        Ok(mesh) => Ok(Arc::new(mesh)),
        Err(flat @ MeshError::Flat) => Err(at_mesh(element, &label, flat.into())),
        Err(other) => return Err(at_mesh(element, &label, other.into())),
    };
    if reading.assets.meshes.insert(name.into(), mesh).is_some() {
        return Err(element.error(format!("a second mesh is called `{name}`"), "give each its own name"));
    }
    Ok(())
}

/// Terrain from numbers, a PNG or MuJoCo's binary file; flat where only the counts are given.
fn read_height_field(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let file = a.text("file");
    let stem = file.map(|file| {
        let name = files::file_name(file);
        name.rfind('.').map_or(name, |dot| &name[..dot])
    });
    let Some(name) = a.text("name").or(stem) else {
        return Err(element.error("the height field has neither `name` nor `file`", "add a name"));
    };
    let content = a.text("content_type");
    let sides = [a.integer_in("nrow", 0, 1 << 20)?.unwrap_or(0), a.integer_in("ncol", 0, 1 << 20)?.unwrap_or(0)];
    let elevation = a.list("elevation")?;
    a.required("size")?;
    let size = a.numbers("size")?.unwrap_or_default();
    a.finish(&mut reading.reports, &[], &[])?;
    let at_field =
        |file: &str, source: TerrainFileError| DescriptionError::Terrain { at: element.at.clone(), file: file.into(), source };
    let (label, grid) = match file {
        Some(_) if sides != [0, 0] || elevation.is_some() => {
            return Err(element.error("a file comes with its own rows and columns", "drop `nrow`, `ncol` and `elevation`"));
        }
        Some(file) => {
            let path = reading.compiler.mesh_path(&reading.folder, file);
            let format = match content {
                None => terrain::Format::of_extension(&files::extension(file)),
                Some(kind) => terrain::Format::of_media_type(kind).ok_or_else(|| {
                    element.error(
                        format!("content_type=\"{kind}\" is no height field"),
                        "write image/png or image/vnd.mujoco.hfield",
                    )
                })?,
            };
            let bytes = reading.files.read(&path).map_err(|source| DescriptionError::File {
                at: element.at.clone(),
                element: "hfield".to_string(),
                source,
                change: "correct the file name, or `meshdir` in <compiler>".into(),
            })?;
            let grid = terrain::read(&bytes, format).map_err(|source| at_field(&path, source))?;
            let weight = bytes.len() + 8 * grid.heights.len();
            reading.meshes.take(weight).map_err(|source| at_field(&path, TerrainFileError::TooMuch(source.to_string())))?;
            (path, grid)
        }
        None => {
            let [rows, columns] = sides.map(|n| usize::try_from(n).unwrap_or(0));
            let (wanted, numbers) = (rows.saturating_mul(columns), elevation.as_deref());
            if let Some(numbers) = numbers.filter(|numbers| numbers.len() != wanted) {
                return Err(at_field(name, HeightFieldError::Count { found: numbers.len(), wanted }.into()));
            }
            let budget = reading.meshes.take(wanted.saturating_mul(8));
            budget.map_err(|source| at_field(name, TerrainFileError::TooMuch(source.to_string())))?;
            // The file's first row is the farthest along y.
            #[allow(clippy::cast_possible_truncation)]
            let heights = match numbers {
                Some(numbers) => numbers.chunks(columns.max(1)).rev().flatten().map(|x| *x as f32).collect(),
                None => alloc::vec![0.0; wanted],
            };
            (name.into(), terrain::Grid { rows, columns, heights })
        }
    };
    let field = HeightField::new(size, grid.rows, grid.columns, &grid.heights);
    let field = field.map_err(|error| at_field(&label, error.into()))?;
    if reading.assets.height_fields.insert(name.into(), Arc::new(field)).is_some() {
        return Err(element.error(format!("a second height field is called `{name}`"), "give each its own name"));
    }
    Ok(())
}

fn at_mesh(element: &Element, file: &str, source: MeshFileError) -> DescriptionError {
    DescriptionError::Mesh { at: element.at.clone(), element: "mesh".into(), file: file.into(), source }
}

/// Corners and triangles written in the XML.
fn inline(vertices: &[f64], faces: Option<&[f64]>) -> Result<Triangles, MeshFileError> {
    if !vertices.len().is_multiple_of(3) {
        return Err(MeshFileError::Ragged { what: "vertex", count: vertices.len() });
    }
    // MuJoCo keeps mesh corners in single precision.
    #[allow(clippy::cast_possible_truncation)]
    let single = |x: f64| f64::from(x as f32);
    let vertices: Vec<Vec3> = vertices.chunks_exact(3).map(|v| Vec3::new(single(v[0]), single(v[1]), single(v[2]))).collect();
    let numbers = faces.unwrap_or_default();
    if !numbers.len().is_multiple_of(3) {
        return Err(MeshFileError::Ragged { what: "face", count: numbers.len() });
    }
    let mut faces = Vec::with_capacity(numbers.len() / 3);
    for corners in numbers.chunks_exact(3) {
        let mut face = [0_u32; 3];
        for (index, number) in face.iter_mut().zip(corners) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            if *number >= 0.0 && *number < vertices.len() as f64 && *number as u32 as f64 == *number {
                *index = *number as u32;
            } else {
                return Err(MeshFileError::NoSuchCorner { index: *number as i64, corners: vertices.len() });
            }
        }
        faces.push(face);
    }
    Ok(Triangles { vertices, faces })
}
