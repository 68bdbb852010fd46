//! Where things are: `origin`, and the files that a URI names.

use super::{Reading, only};
use crate::files::{self, FileError};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3};

/// How many folders upward a package is sought.
const HIGHEST: usize = 16;

/// The pose that the `origin` of `element` gives; where there is none, no displacement.
pub fn origin(reading: &mut Reading, element: &Element) -> Result<Pose, DescriptionError> {
    let Some(origin) = only(element, "origin")? else { return Ok(Pose::IDENTITY) };
    let mut a = Attributes::new(origin);
    let position = a.vector("xyz")?.unwrap_or(Vec3::ZERO);
    let angles = a.vector("rpy")?.unwrap_or(Vec3::ZERO);
    a.finish_open(&mut reading.reports, &[]);
    Ok(Pose::new(position, roll_pitch_yaw(angles)))
}

/// Turns about x, y and z of the parent, in this order.
fn roll_pitch_yaw(angles: Vec3) -> Quat {
    let about = |axis, angle| Quat::from_axis_angle(axis, angle);
    (about(Vec3::Z, angles.z) * about(Vec3::Y, angles.y) * about(Vec3::X, angles.x)).normalized()
}

/// The path and bytes of the file that `name` means, in the words of `element`: a path seen from the file's folder, or
/// `package://PACKAGE/PATH`, `model://...`, `file://...`.
pub fn read_named(reading: &Reading, name: &str, element: &Element) -> Result<(String, Vec<u8>), DescriptionError> {
    let error = |source, change: String| DescriptionError::File {
        at: element.at.clone(),
        element: (*element.name).into(),
        source,
        change,
    };
    let read = |path: String| match reading.files.read(&path) {
        Ok(bytes) => Ok((path, bytes)),
        Err(source) => Err(source),
    };
    if reading.compiler.strip_path {
        let path = reading.compiler.mesh_path(reading.folder, name);
        return read(path)
            .map_err(|source| error(source, "correct the file name, or `strippath` and `meshdir` in <compiler>".into()));
    }
    let Some((scheme, rest)) = name.split_once("://") else {
        let path = reading.compiler.mesh_path(reading.folder, name);
        return read(path).map_err(|source| error(source, "correct the file name".into()));
    };
    match scheme {
        "file" => read(rest.into()).map_err(|source| error(source, "correct the file name".into())),
        "package" | "model" => {
            let package = rest.split('/').next().unwrap_or_default();
            let mut refused = None;
            for path in candidates(reading, rest) {
                match read(path) {
                    Ok(found) => return Ok(found),
                    Err(FileError::Missing(_)) => {}
                    // A better reason than "missing", unless another folder has the file.
                    Err(other) => refused = refused.or(Some(other)),
                }
            }
            let source = match refused {
                Some(FileError::Outside(_)) | None => FileError::Missing(name.into()),
                Some(other) => other,
            };
            Err(error(source, format!("name the folder that holds the package `{package}`, or move the file beside it")))
        }
        _ => Err(element.error(format!("`{scheme}://` cannot be opened"), "write package://, file:// or a path")),
    }
}

/// Where `PACKAGE/PATH` may lie, best first.
fn candidates(reading: &Reading, name: &str) -> Vec<String> {
    let (package, inside) = name.split_once('/').unwrap_or((name, ""));
    let mut paths = Vec::new();
    let mut add = |folder: &str| {
        paths.push(files::join(folder, name));
        if files::file_name(folder) == package {
            paths.push(files::join(folder, inside));
        }
    };
    reading.options.packages.iter().for_each(|folder| add(folder));
    let mut upward = Vec::new();
    let mut folder = files::join("", reading.folder);
    for _ in 0..HIGHEST {
        add(&folder);
        let above = files::join(&folder, "..");
        if above == folder {
            break;
        }
        upward.push(core::mem::replace(&mut folder, above));
    }
    // A package whose folder was renamed.
    paths.extend(upward.iter().map(|folder| files::join(folder, inside)));
    paths
}
