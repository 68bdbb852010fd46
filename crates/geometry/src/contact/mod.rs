//! Where two shapes touch.
//!
//! The answer is a small set of points, each with a distance (negative where they overlap), a position halfway between the
//! two surfaces and a unit normal from the first shape to the second: MuJoCo's convention. Pairs of simple shapes have closed
//! forms; every other convex pair goes through [`crate::gjk`]. `oracle/mujoco/contact_pairs.py` holds the answers of MuJoCo
//! 4.0.0 that the tests compare with.

use crate::shape::Shape;
use leitai_math::{Mat3, Vec3};

mod bore;
mod boxes;
mod capsule;
mod capsule_box;
mod clip;
mod convex;
mod faces;
mod flat;
mod plane;
mod sphere;
mod terrain;

/// Where a shape stands: position [m] and rotation matrix in the world.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placement {
    /// Origin of the shape's frame [m], in the world.
    pub position: Vec3,
    /// Axes of the shape's frame as columns, in the world.
    pub rotation: Mat3,
}

impl Placement {
    /// A point of the shape's frame [m], in the world.
    #[inline]
    #[must_use]
    pub fn apply(&self, point: Vec3) -> Vec3 {
        self.position + self.rotation * point
    }
    /// A point of the world [m], in the shape's frame.
    #[inline]
    #[must_use]
    pub fn local(&self, point: Vec3) -> Vec3 {
        self.rotation.transpose_mul(point - self.position)
    }
    /// True if no number in it is NaN or infinite.
    #[inline]
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let rows = &self.rotation.0;
        let sum = self.position.x + self.position.y + self.position.z + rows.iter().flatten().sum::<f64>();
        sum.is_finite()
    }
    /// The shape's z axis in the world: a plane's normal, a capsule's or cylinder's axis.
    #[inline]
    #[must_use]
    pub fn axis(&self) -> Vec3 {
        self.rotation.column(2)
    }
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

/// Up to [`Manifold::MOST`] points of one pair, or [`Manifold::MOST_ON_TERRAIN`], without allocation.
#[derive(Clone, Copy, Debug)]
pub struct Manifold {
    points: [ContactPoint; Self::MOST_ON_TERRAIN],
    len: usize,
    /// Boxes that nearly lie on a face touch with that face, even if two edges overlap a little less, and other shapes in the
    /// direction of least overlap: then bodies at rest keep their points. Without it the points are MuJoCo's: they may change from
    /// step to step, and need not be as deep as the shapes are.
    pub steady: bool,
}

impl Default for Manifold {
    fn default() -> Self {
        Self { points: [ContactPoint::default(); Self::MOST_ON_TERRAIN], len: 0, steady: false }
    }
}

impl Manifold {
    /// The most points one pair of simple shapes can give.
    pub const MOST: usize = 8;
    /// The most points a height field can give with another shape, as in MuJoCo.
    pub const MOST_ON_TERRAIN: usize = 50;

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
    /// Adds a point of a height field; false if there is no room.
    fn push_many(&mut self, point: ContactPoint) -> bool {
        if self.len == Self::MOST_ON_TERRAIN {
            return false;
        }
        self.points[self.len] = point;
        self.len += 1;
        true
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
    /// Adds the point `gap` [m] along `normal` beyond `on_first`, a point of the first surface, unless the gap reaches `margin`.
    #[inline]
    fn add(&mut self, on_first: Vec3, normal: Vec3, gap: f64, margin: f64) {
        if gap < margin {
            self.push(ContactPoint { position: on_first + normal * (0.5 * gap), normal, distance: gap });
        }
    }
}

/// Finds where `first` and `second` come closer than `margin` [m] and writes the points into `out` (cleared before).
///
/// Planes and height fields never touch each other. Shapes with NaN in their placement touch nothing. Cylinders and balls
/// go into the hole of a [`Shape::Bore`]; for every other shape it is a solid box.
pub fn collide(first: &Shape, at_first: &Placement, second: &Shape, at_second: &Placement, margin: f64, out: &mut Manifold) {
    out.clear();
    if !(at_first.is_finite() && at_second.is_finite()) {
        return;
    }
    if first.rank() <= second.rank() {
        ordered(first, at_first, second, at_second, margin, out);
    } else {
        ordered(second, at_second, first, at_first, margin, out);
        for point in out.points_mut() {
            point.normal = -point.normal;
        }
    }
}

/// [`collide`] for a pair in the order of [`Shape::rank`].
fn ordered(first: &Shape, a: &Placement, second: &Shape, b: &Placement, margin: f64, out: &mut Manifold) {
    match (first, second) {
        (Shape::Cylinder { radius, half_length }, Shape::Bore { half, radius: hole, depth }) => {
            let bore = bore::Bore { half: *half, radius: *hole, depth: *depth };
            bore::cylinder(a, *radius, *half_length, b, &bore, margin, out);
        }
        (Shape::Sphere { radius }, Shape::Bore { half, radius: hole, depth }) => {
            bore::ball(a, *radius, b, &bore::Bore { half: *half, radius: *hole, depth: *depth }, margin, out);
        }
        (Shape::Bore { half, .. }, _) => collide(&Shape::Box { half: *half }, a, second, b, margin, out),
        (_, Shape::Bore { half, .. }) => collide(first, a, &Shape::Box { half: *half }, b, margin, out),
        (Shape::Plane { .. }, _) => plane::against(a, second, b, margin, out),
        (Shape::HeightField(field), _) => terrain::against(field, a, second, b, margin, out),
        (Shape::Sphere { radius }, Shape::Sphere { radius: other }) => {
            sphere::balls(a.position, *radius, b.position, *other, margin, out);
        }
        (Shape::Sphere { radius }, Shape::Capsule { radius: other, half_length }) => {
            sphere::capsule(a, *radius, b, *other, *half_length, margin, out);
        }
        (Shape::Sphere { radius }, Shape::Cylinder { radius: other, half_length }) => {
            sphere::cylinder(a, *radius, b, *other, *half_length, margin, out);
        }
        (Shape::Sphere { radius }, Shape::Box { half }) => sphere::against_box(a.position, *radius, b, *half, margin, out),
        (Shape::Capsule { radius, half_length }, Shape::Capsule { radius: other, half_length: other_half }) => {
            capsule::capsules(a, [*radius, *half_length], b, [*other, *other_half], margin, out);
        }
        (Shape::Capsule { radius, half_length }, Shape::Box { half }) => {
            capsule::against_box(a, *radius, *half_length, b, *half, margin, out);
        }
        (Shape::Box { half }, Shape::Box { half: other }) => boxes::boxes(a, *half, b, *other, margin, out),
        _ => convex::pair(first, a, second, b, margin, out),
    }
}
