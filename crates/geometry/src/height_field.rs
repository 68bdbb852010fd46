//! Height fields: terrain as a grid of heights over a rectangle.
//!
//! The solid below the surface is a union of triangular prisms: each square of the grid is cut from its corner at the low x
//! and y to the one at the high x and y, and each triangle reaches down to the base.

use alloc::vec::Vec;
use leitai_math::Vec3;

/// The fewest and most rows and columns.
pub const SIDE: [usize; 2] = [2, 4096];

/// A grid of heights, centered over the origin; lengths in meters.
#[derive(Clone, Debug, PartialEq)]
pub struct HeightField {
    /// Half sizes along x and y, and the height of the highest point above z = 0, the lowest point's.
    half: [f64; 2],
    top: f64,
    /// Depth of the base below z = 0.
    base: f64,
    columns: usize,
    /// Row by row from low y to high y, each from low x to high x [m].
    heights: Vec<f64>,
}

/// Why a height field cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeightFieldError {
    /// Too few or too many rows or columns.
    #[error("the grid has {rows} rows and {columns} columns; it needs 2 to 4096 of each")]
    Sides {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Not as many numbers as rows times columns.
    #[error("there are {found} heights; {wanted} are needed, one for each row and column")]
    Count {
        /// Numbers found.
        found: usize,
        /// Rows times columns.
        wanted: usize,
    },
    /// A size that is not positive, or a number that is not finite.
    #[error("the sizes must be positive and all numbers finite")]
    Size,
}

impl HeightField {
    /// A field over the rectangle of half sizes `size[0]`, `size[1]`, whose heights are stretched to lie from 0 to `size[2]`,
    /// on a base of depth `size[3]` [m]. `rows` and `columns` give the shape of `heights`, row by row from low y to high y.
    ///
    /// # Errors
    /// If there are not 2 to 4096 rows and columns, the numbers do not fill them, or a size is not positive.
    pub fn new(size: [f64; 4], rows: usize, columns: usize, heights: &[f32]) -> Result<Self, HeightFieldError> {
        let fits = |n: usize| (SIDE[0]..=SIDE[1]).contains(&n);
        if !(fits(rows) && fits(columns)) {
            return Err(HeightFieldError::Sides { rows, columns });
        }
        if heights.len() != rows * columns {
            return Err(HeightFieldError::Count { found: heights.len(), wanted: rows * columns });
        }
        let finite = heights.iter().all(|h| h.is_finite()) && size.iter().all(|s| s.is_finite());
        if !finite || size.iter().any(|s| *s <= 0.0) {
            return Err(HeightFieldError::Size);
        }
        // Written as comparisons: the smaller of two zeros is not the same on every processor.
        let (low, high) = heights.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| {
            (if x < low { x } else { low }, if x > high { x } else { high })
        });
        // In single precision, as MuJoCo keeps them.
        let share = |x: f32| if high > low { (x - low) / (high - low) } else { x - low };
        let heights = heights.iter().map(|x| f64::from(share(*x)) * size[2]).collect();
        Ok(Self { half: [size[0], size[1]], top: size[2], base: size[3], columns, heights })
    }

    /// Number of columns, along x.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of rows, along y.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.heights.len() / self.columns
    }

    /// The upright box around everything, base included: its low and high corner [m].
    #[must_use]
    pub fn bounds(&self) -> (Vec3, Vec3) {
        let [x, y] = self.half;
        (Vec3::new(-x, -y, -self.base), Vec3::new(x, y, self.top))
    }

    /// The surface's point at a row and a column [m].
    #[must_use]
    pub fn point(&self, row: usize, column: usize) -> Vec3 {
        let along = |i: usize, n: usize, half: f64| 2.0 * half / (n - 1) as f64 * i as f64 - half;
        let x = along(column, self.columns, self.half[0]);
        Vec3::new(x, along(row, self.rows(), self.half[1]), self.heights[row * self.columns + column])
    }

    /// Rows (or columns) of the squares that an interval [m] along y (or x) meets.
    #[must_use]
    pub fn squares(&self, low: f64, high: f64, along_x: bool) -> core::ops::Range<usize> {
        let (half, n) = if along_x { (self.half[0], self.columns) } else { (self.half[1], self.rows()) };
        let at = |x: f64| (x + half) / (2.0 * half) * (n - 1) as f64;
        // Conversions saturate, and NaN gives an empty range.
        let from = leitai_math::real::floor(at(low)) as usize;
        let to = leitai_math::real::ceil(at(high)) as usize;
        from.min(n - 1)..to.min(n - 1)
    }

    /// The two triangles of the square whose lowest row and column these are, counter-clockwise as seen from above.
    #[must_use]
    pub fn triangles(&self, row: usize, column: usize) -> [[Vec3; 3]; 2] {
        let corner = |r: usize, c: usize| self.point(row + r, column + c);
        [[corner(0, 0), corner(1, 1), corner(1, 0)], [corner(0, 0), corner(0, 1), corner(1, 1)]]
    }

    /// A triangle of the surface with the triangle below it at the base: bottom, then top.
    #[must_use]
    pub fn prism(&self, top: [Vec3; 3]) -> [Vec3; 6] {
        let [a, b, c] = top;
        let down = |p: Vec3| Vec3::new(p.x, p.y, -self.base);
        [down(a), down(b), down(c), a, b, c]
    }
}
