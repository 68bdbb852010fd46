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
        let mut words = Words(&line[1..]);
        if *kind == b'v' {
            let mut corner = [0.0_f64; 3];
            for x in &mut corner {
                let word = words.next().ok_or_else(|| wrong("a corner has fewer than three numbers".into()))?;
                *x = f64::from(number(word).ok_or_else(|| wrong(format!("`{}` is not a number", shown(word))))?);
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

/// The words of a line, up to a comment.
struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|b| !b.is_ascii_whitespace())?;
        let text = &self.0[start..];
        let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.0 = rest;
        (word[0] != b'#').then_some(word)
    }
}

/// A number in single precision, correctly rounded. Those of up to 15 digits and no exponent, which is nearly all, are an integer
/// over a power of ten, both exact in double precision; their quotient, rounded once more, is right unless the first rounding
/// met the middle between two numbers of single precision.
fn number(word: &[u8]) -> Option<f32> {
    const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, word),
    };
    let (mut integer, mut behind, mut dot) = (0_u64, 0, false);
    let plain = (2..=16).contains(&digits.len())
        && digits.iter().all(|&b| {
            let digit = b.wrapping_sub(b'0');
            if digit < 10 {
                integer = 10 * integer + u64::from(digit);
                behind += usize::from(dot);
                return true;
            }
            b == b'.' && !core::mem::replace(&mut dot, true)
        });
    if plain && integer < 1_000_000_000_000_000 {
        #[allow(clippy::cast_precision_loss)]
        let double = integer as f64 / TENS[behind.min(15)];
        if double.to_bits() & 0x1fff_ffff != 0x1000_0000 {
            #[allow(clippy::cast_possible_truncation)]
            let single = double as f32;
            return Some(if negative { -single } else { single });
        }
    }
    core::str::from_utf8(word).ok()?.parse().ok()
}

/// The corner that `7`, `7/1`, `7//3` or `-1` (counted from the last) names.
fn corner_index(word: &[u8], count: usize) -> Result<u32, String> {
    let end = word.iter().position(|b| *b == b'/').unwrap_or(word.len());
    let plain = (1..=9).contains(&end) && word[..end].iter().all(u8::is_ascii_digit);
    let index: i64 = if plain {
        word[..end].iter().fold(0, |sum, b| 10 * sum + i64::from(b - b'0'))
    } else {
        let text = core::str::from_utf8(&word[..end]).ok();
        text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("`{}` names no corner", shown(word)))?
    };
    let from_zero = if index < 0 { i64::try_from(count).unwrap_or(i64::MAX) + index } else { index - 1 };
    match usize::try_from(from_zero) {
        Ok(at) if at < count => u32::try_from(at).map_err(|_| format!("corner {index} is too far")),
        _ => Err(format!("a face names corner {index} of {count}")),
    }
}

/// The beginning of a word, for a message.
fn shown(word: &[u8]) -> String {
    String::from_utf8_lossy(word).chars().take(24).collect()
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

    /// Against Rust's parser, which rounds correctly: numbers as files write them, those near the middle between two of single
    /// precision, and what is no number.
    #[test]
    fn numbers_are_those_of_the_long_way() {
        let long = |text: &str| text.parse::<f32>().ok().map(f32::to_bits);
        let mut same = 0;
        let mut check = |text: &str| {
            assert_eq!(number(text.as_bytes()).map(f32::to_bits), long(text), "{text}");
            same += 1;
        };
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = f32::from_bits(0x3000_0000 | (state >> 36) as u32);
            let middle = 0.5 * (f64::from(x) + f64::from(f32::from_bits(x.to_bits() + 1)));
            check(&format!("{x:.8}"));
            check(&format!("-{:.6}", 1e4 * x));
            (8..17).for_each(|digits| check(&format!("{middle:.digits$}")));
            check(&format!("{}", state >> 11));
        }
        for odd in
            ["", "-", ".", "-.", "1.", ".5", "-0", "-0.0", "+1.5", "--1", "1..2", "1e3", "1.5e-7", "inf", "nan", "0x1", "1_0"]
        {
            check(odd);
        }
        // Halfway exactly, and a digit to either side of it.
        for middle in
            ["16777217.0", "16777217.1", "16777216.9", "33554434.0", "0.000000059604645", "999999999999999", "9999999999999999"]
        {
            check(middle);
        }
        assert!(same > 200_000);
    }

    #[test]
    fn the_first_group_with_triangles_is_the_surface_and_all_corners_stay() {
        let text = b"o empty\nv 0 0 0\nv 1 0 0\nv 0 1 0\ng first\nf 1 2 3\nv 0 0 1\nf 1 3 4\ng second\nv 5 5 5\nf 1 2 5\n";
        let triangles = read(text).unwrap();
        assert_eq!((triangles.vertices.len(), &triangles.faces[..]), (5, &[[0, 1, 2], [0, 2, 3]][..]));
    }
}
