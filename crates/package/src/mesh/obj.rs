//! Wavefront OBJ: corners and faces; polygons become triangles. Everything else in the format is drawing.
//!
//! All groups together are one mesh. MuJoCo 4.0.0 takes the triangles of the first group only, so the center of mass and the
//! inertia it finds for a file of several groups are others; its hull, which contact sees, is the same.

use super::{MOST, MeshFileError, Triangles, polygon};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::Vec3;

/// Reads the text of an OBJ file.
pub fn read(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let mut triangles = Triangles::default();
    let mut polygon: Vec<u32> = Vec::new();
    let mut steps = polygon::MOST_STEPS;
    // Comments and names of materials may be in any encoding, so lines are taken as bytes.
    for (index, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let wrong = |what: String| MeshFileError::Line { line: index + 1, what };
        let is_corner = line.starts_with(b"v ") || line.starts_with(b"v\t");
        let is_face = line.starts_with(b"f ") || line.starts_with(b"f\t");
        if !is_corner && !is_face {
            continue;
        }
        let text = core::str::from_utf8(line).map_err(|_| wrong("the line is not text".into()))?;
        let mut words = text.split_ascii_whitespace().skip(1).take_while(|word| !word.starts_with('#'));
        if is_corner {
            let mut corner = [0.0_f64; 3];
            for x in &mut corner {
                let word = words.next().ok_or_else(|| wrong("a corner has fewer than three numbers".into()))?;
                let number: f32 = word.parse().map_err(|_| wrong(format!("`{}` is not a number", short(word))))?;
                *x = f64::from(number);
            }
            triangles.vertices.push(Vec3::new(corner[0], corner[1], corner[2]));
        } else {
            polygon.clear();
            for word in words {
                if polygon.len() == MOST {
                    return Err(MeshFileError::TooLarge);
                }
                polygon.push(corner_index(word, triangles.vertices.len()).map_err(wrong)?);
            }
            if polygon.len() < 3 {
                return Err(wrong(format!("a face has {} corners", polygon.len())));
            }
            polygon::triangles(&triangles.vertices, &mut polygon, &mut triangles.faces, &mut steps);
        }
        if triangles.vertices.len() > MOST || triangles.faces.len() > MOST {
            return Err(MeshFileError::TooLarge);
        }
    }
    Ok(triangles)
}

/// The corner that `7`, `7/1`, `7//3` or `-1` (counted from the last) names.
fn corner_index(word: &str, count: usize) -> Result<u32, String> {
    let number = word.split('/').next().unwrap_or_default();
    let index: i64 = number.parse().map_err(|_| format!("`{}` names no corner", short(word)))?;
    let from_zero = if index < 0 { i64::try_from(count).unwrap_or(i64::MAX) + index } else { index - 1 };
    match usize::try_from(from_zero) {
        Ok(at) if at < count => u32::try_from(at).map_err(|_| format!("corner {index} is too far")),
        _ => Err(format!("a face names corner {index} of {count}")),
    }
}

fn short(word: &str) -> &str {
    word.char_indices().nth(24).map_or(word, |(end, _)| &word[..end])
}
