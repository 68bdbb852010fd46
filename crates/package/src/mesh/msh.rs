//! MuJoCo's binary mesh: four counts, then corners, normals, texture coordinates and triangles, little-endian.

use super::{MOST, MeshFileError, Triangles};
use alloc::vec::Vec;
use leitai_math::Vec3;

const HEADER: usize = 16;

/// Reads the file; without triangles, the caller builds the hull.
pub fn read(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let actual = bytes.len() as u64;
    if bytes.len() < HEADER {
        return Err(MeshFileError::Length { expected: HEADER as u64, actual });
    }
    let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    let counts = [0, 4, 8, 12].map(|at| u32::from_le_bytes(word(at)) as usize);
    let [corners, normals, coordinates, triangles] = counts;
    if counts.iter().any(|count| *count > MOST) {
        return Err(MeshFileError::TooLarge);
    }
    let expected = HEADER + 12 * (corners + normals + triangles) + 8 * coordinates;
    if expected as u64 != actual {
        return Err(MeshFileError::Length { expected: expected as u64, actual });
    }
    let mut vertices = Vec::with_capacity(corners);
    for i in 0..corners {
        let number = |axis: usize| f64::from(f32::from_le_bytes(word(HEADER + 12 * i + 4 * axis)));
        vertices.push(Vec3::new(number(0), number(1), number(2)));
    }
    let start = HEADER + 12 * (corners + normals) + 8 * coordinates;
    let mut faces = Vec::with_capacity(triangles);
    for i in 0..triangles {
        let index = |corner: usize| i32::from_le_bytes(word(start + 12 * i + 4 * corner));
        let mut face = [0_u32; 3];
        for (corner, place) in face.iter_mut().enumerate() {
            *place = u32::try_from(index(corner))
                .ok()
                .filter(|at| (*at as usize) < corners)
                .ok_or(MeshFileError::NoSuchCorner { index: i64::from(index(corner)), corners })?;
        }
        faces.push(face);
    }
    Ok(Triangles { vertices, faces })
}
