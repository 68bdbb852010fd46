//! Height fields: MuJoCo's binary format and PNG images, from bytes to a grid of heights.

mod png;

use alloc::string::String;
use alloc::vec::Vec;
use leitai_geometry::HeightFieldError;
use leitai_geometry::height_field::SIDE;

/// A grid of heights as a file gives it, in no unit: they are stretched to the asset's size.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Row by row from low y to high y, each from low x to high x.
    pub heights: Vec<f32>,
}

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A PNG image: white is high.
    Png,
    /// MuJoCo's own: two counts, then a number for each point.
    Binary,
}

impl Format {
    /// The format of a file name's extension (lower case, without the dot): whatever is no PNG is MuJoCo's.
    #[must_use]
    pub fn of_extension(extension: &str) -> Self {
        if extension == "png" { Self::Png } else { Self::Binary }
    }
    /// The format of a media type.
    #[must_use]
    pub fn of_media_type(kind: &str) -> Option<Self> {
        match kind {
            "image/png" => Some(Self::Png),
            "image/vnd.mujoco.hfield" => Some(Self::Binary),
            _ => None,
        }
    }
}

/// Why a height field's file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TerrainFileError {
    /// The file ends too early or is too long for what it announces.
    #[error("the file has {actual} bytes where {expected} are announced; it is damaged or of another format")]
    Length {
        /// Bytes the header announces.
        expected: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// Not a PNG that can be read.
    #[error("the image {what}; save it again as a plain gray PNG")]
    Png {
        /// What is wrong.
        what: &'static str,
    },
    /// A number is not finite.
    #[error("height {index} is not finite; export the terrain again")]
    NotFinite {
        /// Index of the height.
        index: usize,
    },
    /// Too few or too many rows or columns, or no ground.
    #[error(transparent)]
    Field(#[from] HeightFieldError),
    /// With it the description holds too much.
    #[error("{0}")]
    TooMuch(String),
}

/// Reads heights from the bytes of a file.
///
/// # Errors
/// If the bytes are not of that format, or the grid is too small, too large or not finite.
pub fn read(bytes: &[u8], format: Format) -> Result<Grid, TerrainFileError> {
    match format {
        Format::Png => png::read(bytes),
        Format::Binary => binary(bytes),
    }
}

/// Refuses grids that no height field can have, before room is made for them.
fn check_sides(rows: usize, columns: usize) -> Result<(), TerrainFileError> {
    let fits = |n: usize| (SIDE[0]..=SIDE[1]).contains(&n);
    if fits(rows) && fits(columns) { Ok(()) } else { Err(HeightFieldError::Sides { rows, columns }.into()) }
}

fn binary(bytes: &[u8]) -> Result<Grid, TerrainFileError> {
    let actual = bytes.len() as u64;
    let word = |at: usize| bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
    let (Some(rows), Some(columns)) = (word(0), word(4)) else {
        return Err(TerrainFileError::Length { expected: 8, actual });
    };
    let side = |b: [u8; 4]| usize::try_from(i32::from_le_bytes(b)).unwrap_or(0);
    let (rows, columns) = (side(rows), side(columns));
    check_sides(rows, columns)?;
    let expected = 4 * (2 + (rows * columns) as u64);
    if expected != actual {
        return Err(TerrainFileError::Length { expected, actual });
    }
    let numbers = bytes[8..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let heights: Vec<f32> = numbers.collect();
    match heights.iter().position(|h| !h.is_finite()) {
        Some(index) => Err(TerrainFileError::NotFinite { index }),
        None => Ok(Grid { rows, columns, heights }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_binary_format_is_two_counts_and_the_heights() {
        let mut bytes: Vec<u8> = [2_i32, 3].iter().flat_map(|n| n.to_le_bytes()).collect();
        bytes.extend([0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0].iter().flat_map(|x| x.to_le_bytes()));
        let grid = read(&bytes, Format::Binary).unwrap();
        assert_eq!((grid.rows, grid.columns, grid.heights[4]), (2, 3, 4.0));
        bytes.pop();
        let error = read(&bytes, Format::Binary).unwrap_err().to_string();
        assert_eq!(error, "the file has 31 bytes where 32 are announced; it is damaged or of another format");
    }

    /// Two by two gray pixels, written by another program (Python's zlib).
    #[test]
    fn an_image_is_read_from_its_lowest_row_up() {
        let png = include_bytes!("../../../../oracle/mujoco/models/part/terrain.png");
        let grid = read(png, Format::Png).unwrap();
        assert_eq!((grid.rows, grid.columns), (5, 4));
        assert_eq!(grid.heights[..4], [10.0, 20.0, 30.0, 40.0]);
        let damaged = &png[..png.len() / 2];
        assert!(matches!(read(damaged, Format::Png), Err(TerrainFileError::Png { .. })));
    }
}
