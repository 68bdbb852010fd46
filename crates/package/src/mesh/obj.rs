//! Wavefront OBJ: corners and faces; polygons become triangles. Everything else in the format is drawing.
//!
//! As in MuJoCo 4.0.0, the mesh has the corners of the whole file, on which its hull rests, and the triangles of the first group
//! that has any, on which its center of mass and its inertia rest.

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
    let mut first_group_ended = false;
    // Comments and names of materials may be in any encoding, so lines are taken as bytes.
    let mut rest = bytes;
    let mut index = 0;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(line_end(rest));
        rest = after.get(1..).unwrap_or_default();
        index += 1;
        let wrong = |what: String| MeshFileError::Line { line: index, what };
        let [kind @ (b'v' | b'f' | b'g' | b'o'), b' ' | b'\t', ..] = line else { continue };
        if matches!(*kind, b'g' | b'o') {
            first_group_ended |= !triangles.faces.is_empty();
            continue;
        }
        if *kind == b'f' && first_group_ended {
            continue;
        }
        let is_corner = *kind == b'v';
        let text = core::str::from_utf8(line).map_err(|_| wrong("the line is not text".into()))?;
        let mut words = text[1..].split_ascii_whitespace().take_while(|word| !word.starts_with('#'));
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

/// Where the first line ends. Most of a large file are lines to skip, so eight bytes are looked at together: a byte that is a
/// line break becomes zero, and the lowest zero byte is where the borrow of a subtraction begins.
fn line_end(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let mut at = 0;
    for chunk in text.chunks_exact(8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes")) ^ (ONES * b'\n' as u64);
        let zeros = word.wrapping_sub(ONES) & !word & (ONES << 7);
        if zeros != 0 {
            return at + zeros.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + text[at..].iter().position(|b| *b == b'\n').unwrap_or(text.len() - at)
}

/// The corner that `7`, `7/1`, `7//3` or `-1` (counted from the last) names.
fn corner_index(word: &str, count: usize) -> Result<u32, String> {
    let end = word.bytes().position(|b| b == b'/').unwrap_or(word.len());
    let index: i64 = word[..end].parse().map_err(|_| format!("`{}` names no corner", short(word)))?;
    let from_zero = if index < 0 { i64::try_from(count).unwrap_or(i64::MAX) + index } else { index - 1 };
    match usize::try_from(from_zero) {
        Ok(at) if at < count => u32::try_from(at).map_err(|_| format!("corner {index} is too far")),
        _ => Err(format!("a face names corner {index} of {count}")),
    }
}

fn short(word: &str) -> &str {
    word.char_indices().nth(24).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the plain way, for breaks at every place and bytes of every value.
    #[test]
    fn lines_end_where_they_end() {
        for length in 0..40 {
            for at in 0..=length {
                for filler in [b'x', 0, 0x0b, 0x8a, 0xff] {
                    let mut text = alloc::vec![filler; length];
                    if at < length {
                        text[at] = b'\n';
                    }
                    assert_eq!(line_end(&text), at, "{text:?}");
                }
            }
        }
    }

    /// A last line without a break counts, and the line of a mistake is told.
    #[test]
    fn lines_are_counted() {
        let read = |text: &str| read(text.as_bytes());
        let square = read("# a square\n\nv 0 0 0\nv 1 0 0\nv 1 1 0\n\nvt 0 0\nf 1/1 2/1 3/1").unwrap();
        assert_eq!((square.vertices.len(), square.faces), (3, alloc::vec![[0, 1, 2]]));
        let Err(MeshFileError::Line { line, .. }) = read("v 0 0 0\n\nvn 1 0 0\nf 1 2 9\n") else {
            panic!("a face without corners")
        };
        assert_eq!(line, 4);
    }

    #[test]
    fn the_first_group_with_triangles_is_the_surface_and_all_corners_stay() {
        let text = b"o empty\nv 0 0 0\nv 1 0 0\nv 0 1 0\ng first\nf 1 2 3\nv 0 0 1\nf 1 3 4\ng second\nv 5 5 5\nf 1 2 5\n";
        let triangles = read(text).unwrap();
        assert_eq!((triangles.vertices.len(), &triangles.faces[..]), (5, &[[0, 1, 2], [0, 2, 3]][..]));
    }
}
