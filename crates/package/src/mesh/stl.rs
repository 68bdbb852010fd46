//! STL, binary and text. Triangles stand alone in it, so equal corners are joined here.

use super::{MOST, MeshFileError, Triangles};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use leitai_math::Vec3;

const HEADER: usize = 84;
const RECORD: usize = 50;

/// Reads either kind. A file that is exactly as long as its binary header announces is binary, whatever its first word.
pub fn read(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let announced = bytes.get(80..84).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]) as u64);
    let expected = announced.map(|count| HEADER as u64 + RECORD as u64 * count);
    let actual = bytes.len() as u64;
    if expected == Some(actual) {
        return binary(bytes);
    }
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    if bytes[start..].starts_with(b"solid")
        && let Ok(text) = core::str::from_utf8(bytes)
    {
        return ascii(text);
    }
    // Some exporters append bytes after the last triangle.
    match expected {
        Some(expected) if expected < actual => binary(bytes),
        expected => Err(MeshFileError::Length { expected: expected.unwrap_or(HEADER as u64), actual }),
    }
}

fn binary(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let count = u32::from_le_bytes([bytes[80], bytes[81], bytes[82], bytes[83]]) as usize;
    if count > MOST {
        return Err(MeshFileError::TooLarge);
    }
    let mut join = Join::default();
    for record in bytes[HEADER..].chunks_exact(RECORD).take(count) {
        // Twelve bytes of normal, then three corners, then two bytes of attributes.
        let number = |at: usize| f32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
        join.triangle([0, 1, 2].map(|corner| [0, 1, 2].map(|axis| number(12 + 12 * corner + 4 * axis))));
    }
    Ok(join.triangles)
}

fn ascii(text: &str) -> Result<Triangles, MeshFileError> {
    let mut join = Join::default();
    let mut corners: Vec<[f32; 3]> = Vec::with_capacity(3);
    for (index, line) in text.lines().enumerate() {
        let wrong = |what| MeshFileError::Line { line: index + 1, what };
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("vertex") => {
                let mut corner = [0.0_f32; 3];
                for x in &mut corner {
                    let word = words.next().ok_or_else(|| wrong("a vertex has fewer than three numbers".into()))?;
                    *x = word.parse().map_err(|_| wrong(format!("`{}` is not a number", short(word))))?;
                }
                corners.push(corner);
            }
            Some("endloop") => {
                let &[a, b, c] = corners.as_slice() else {
                    return Err(wrong(format!("a facet has {} vertices", corners.len())));
                };
                join.triangle([a, b, c]);
                corners.clear();
                if join.triangles.faces.len() > MOST {
                    return Err(MeshFileError::TooLarge);
                }
            }
            None | Some("solid" | "endsolid" | "facet" | "endfacet" | "outer") => {}
            Some(word) => return Err(wrong(format!("`{}` is not a word of STL", short(word)))),
        }
    }
    Ok(join.triangles)
}

fn short(word: &str) -> &str {
    word.char_indices().nth(24).map_or(word, |(end, _)| &word[..end])
}

/// Joins equal corners; zeros of both signs are one.
#[derive(Default)]
struct Join {
    seen: BTreeMap<[u32; 3], u32>,
    triangles: Triangles,
}

impl Join {
    /// Triangles that lose a corner in the joining are dropped, as they have no area.
    fn triangle(&mut self, corners: [[f32; 3]; 3]) {
        let face = corners.map(|corner| {
            let key = corner.map(|x| if x == 0.0 { 0 } else { x.to_bits() });
            let vertices = &mut self.triangles.vertices;
            *self.seen.entry(key).or_insert_with(|| {
                let [x, y, z] = corner.map(f64::from);
                vertices.push(Vec3::new(x, y, z));
                // At most three corners for each of MOST triangles.
                #[allow(clippy::cast_possible_truncation)]
                let index = (vertices.len() - 1) as u32;
                index
            })
        });
        if face[0] != face[1] && face[1] != face[2] && face[2] != face[0] {
            self.triangles.faces.push(face);
        }
    }
}
