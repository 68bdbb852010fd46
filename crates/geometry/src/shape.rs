//! The closed set of shapes: their volumes, inertias and bounds.
//!
//! A shape stands in its own frame: centered at the origin, long axes along z. Formulas for solids are in any table of
//! moments of inertia; each test checks one against an independent sum.

use crate::height_field::HeightField;
use crate::mesh::Mesh;
use alloc::sync::Arc;
use leitai_math::{Mat3, Vec3, real};

/// A shape in its own frame; lengths in meters.
#[derive(Clone, Debug)]
pub enum Shape {
    /// The half space below z = 0. `half` is the drawn size; contact ignores it.
    Plane {
        /// Half sizes drawn along x and y [m]; zero means without end.
        half: [f64; 2],
    },
    /// A ball.
    Sphere {
        /// Radius [m].
        radius: f64,
    },
    /// A cylinder with half balls at both ends, along z.
    Capsule {
        /// Radius [m].
        radius: f64,
        /// Half length of the cylindrical part [m].
        half_length: f64,
    },
    /// An ellipsoid.
    Ellipsoid {
        /// Semi-axes [m].
        radii: Vec3,
    },
    /// A cylinder along z.
    Cylinder {
        /// Radius [m].
        radius: f64,
        /// Half length [m].
        half_length: f64,
    },
    /// A box.
    Box {
        /// Half sizes [m].
        half: Vec3,
    },
    /// A box with a round hole about its z axis that opens in its +z face. Cylinders, balls and rays go into the hole; for
    /// every other shape, for distances and for planning it is the solid box.
    Bore {
        /// Half sizes of the box [m].
        half: Vec3,
        /// Radius of the hole [m], less than `half.x` and `half.y`.
        radius: f64,
        /// Depth of the hole [m]; from 2 `half.z` on it goes through.
        depth: f64,
    },
    /// A triangle mesh; contact sees its convex hull.
    Mesh(Arc<Mesh>),
    /// Terrain: the solid under a grid of heights.
    HeightField(Arc<HeightField>),
}

impl Shape {
    /// Rank in the order plane, height field, sphere, capsule, ellipsoid, cylinder, box, mesh, bore, in which contact functions expect a pair.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Plane { .. } => 0,
            Self::HeightField(_) => 1,
            Self::Sphere { .. } => 2,
            Self::Capsule { .. } => 3,
            Self::Ellipsoid { .. } => 4,
            Self::Cylinder { .. } => 5,
            Self::Box { .. } => 6,
            Self::Mesh(_) => 7,
            Self::Bore { .. } => 8,
        }
    }

    /// Volume [m³]; a plane and a height field have none.
    #[must_use]
    pub fn volume(&self) -> f64 {
        match self {
            Self::Plane { .. } | Self::HeightField(_) => 0.0,
            Self::Sphere { radius: r } => 4.0 / 3.0 * real::PI * r * r * r,
            Self::Capsule { radius: r, half_length: h } => real::PI * (r * r * 2.0 * h + 4.0 / 3.0 * r * r * r),
            Self::Ellipsoid { radii } => 4.0 / 3.0 * real::PI * radii.x * radii.y * radii.z,
            Self::Cylinder { radius: r, half_length: h } => real::PI * r * r * 2.0 * h,
            Self::Box { half } => 8.0 * half.x * half.y * half.z,
            Self::Bore { half, radius, .. } => 8.0 * half.x * half.y * half.z - real::PI * radius * radius * self.hole_depth(),
            Self::Mesh(mesh) => mesh.volume(),
        }
    }

    /// Principal moments of inertia [kg·m²] about the center of mass of this solid with `mass` [kg], along its own axes.
    #[must_use]
    pub fn inertia(&self, mass: f64) -> Vec3 {
        match self {
            Self::Plane { .. } | Self::HeightField(_) => Vec3::ZERO,
            Self::Sphere { radius: r } => {
                let i = 0.4 * mass * r * r;
                Vec3::new(i, i, i)
            }
            Self::Capsule { radius: r, half_length: h } => {
                // The two half balls together are one ball; each half has its center of mass 3r/8 off its flat side.
                let (r, h) = (*r, 2.0 * h);
                let ball = mass * 4.0 * r / (4.0 * r + 3.0 * h);
                let rod = mass - ball;
                let across = rod * (3.0 * r * r + h * h) / 12.0 + ball * (0.4 * r * r + 0.375 * r * h + 0.25 * h * h);
                Vec3::new(across, across, rod * r * r / 2.0 + 0.4 * ball * r * r)
            }
            Self::Ellipsoid { radii } => box_like(*radii, mass / 5.0),
            Self::Cylinder { radius: r, half_length: h } => {
                let across = mass * (3.0 * r * r + 4.0 * h * h) / 12.0;
                Vec3::new(across, across, 0.5 * mass * r * r)
            }
            Self::Box { half } => box_like(*half, mass / 3.0),
            Self::Bore { half, radius, .. } => {
                let depth = self.hole_depth();
                let density = mass / self.volume();
                let (whole, hole) = (density * 8.0 * half.x * half.y * half.z, density * real::PI * radius * radius * depth);
                // About the box's center, then from there to the center of mass.
                let plug = Self::Cylinder { radius: *radius, half_length: 0.5 * depth }.inertia(hole);
                let (up, center) = (half.z - 0.5 * depth, self.center_of_mass().z);
                let across = hole * up * up + mass * center * center;
                box_like(*half, whole / 3.0) - plug - Vec3::new(across, across, 0.0)
            }
            Self::Mesh(mesh) => mesh.inertia(mass),
        }
    }

    /// Area of the surface [m²]; an ellipsoid's by Thomsen's formula, as in MuJoCo. Planes and height fields have none.
    #[must_use]
    pub fn area(&self) -> f64 {
        match self {
            Self::Plane { .. } | Self::HeightField(_) => 0.0,
            Self::Sphere { radius: r } => 4.0 * real::PI * r * r,
            Self::Capsule { radius: r, half_length: h } => 4.0 * real::PI * r * (r + h),
            Self::Ellipsoid { radii } => {
                const POWER: f64 = 1.6075;
                let pair = |a: f64, b: f64| real::pow(a * b, POWER);
                let sum = pair(radii.x, radii.y) + pair(radii.x, radii.z) + pair(radii.y, radii.z);
                4.0 * real::PI * real::pow(sum / 3.0, 1.0 / POWER)
            }
            Self::Cylinder { radius: r, half_length: h } => 2.0 * real::PI * r * (r + 2.0 * h),
            Self::Box { half } => 8.0 * (half.x * half.y + half.y * half.z + half.z * half.x),
            Self::Bore { half, radius, depth } => {
                let disc = real::PI * radius * radius;
                // A bottom makes up for the mouth; without one two mouths are missing.
                let mouths = if *depth >= 2.0 * half.z { 2.0 * disc } else { 0.0 };
                Self::Box { half: *half }.area() + real::TAU * radius * self.hole_depth() - mouths
            }
            Self::Mesh(mesh) => mesh.volume(),
        }
    }

    /// Center of mass [m] in the shape's frame: the origin, but for a box with a blind hole.
    #[must_use]
    pub fn center_of_mass(&self) -> Vec3 {
        let Self::Bore { half, radius, .. } = self else { return Vec3::ZERO };
        let depth = self.hole_depth();
        Vec3::Z * (-real::PI * radius * radius * depth * (half.z - 0.5 * depth) / self.volume())
    }

    /// Depth [m] of a bore within its box.
    fn hole_depth(&self) -> f64 {
        if let Self::Bore { half, depth, .. } = self { real::min(*depth, 2.0 * half.z) } else { 0.0 }
    }

    /// As [`Self::inertia`] with the mass spread over the surface. An ellipsoid's is that of the layer of 1 µm around it, as in
    /// MuJoCo; a mesh says itself where its mass is, and a bore is as [`Self::inertia`].
    #[must_use]
    pub fn shell_inertia(&self, mass: f64) -> Vec3 {
        match self {
            Self::Plane { .. } | Self::HeightField(_) | Self::Mesh(_) | Self::Bore { .. } => self.inertia(mass),
            Self::Sphere { radius: r } => {
                let i = 2.0 / 3.0 * mass * r * r;
                Vec3::new(i, i, i)
            }
            Self::Capsule { radius: r, half_length: h } => {
                // Areas are r and h parts of 4πr; a half ball's shell has its center r/2 off its flat side.
                let (ball, rod) = (mass * r / (r + h), mass * h / (r + h));
                let across = ball * (2.0 / 3.0 * r * r + h * h + h * r) + rod * (r * r / 2.0 + h * h / 3.0);
                Vec3::new(across, across, (ball * 2.0 / 3.0 + rod) * r * r)
            }
            Self::Ellipsoid { radii } => {
                const LAYER: f64 = 1e-6;
                let [a, b, c] = radii.to_array();
                let grown = (a + LAYER) * (b + LAYER) * (c + LAYER);
                let share = grown / (a * b + b * c + c * a + LAYER * (a + b + c) + LAYER * LAYER);
                let about = |x: f64, y: f64| mass / 5.0 * (x * x + y * y + share * 2.0 * (x + y + LAYER));
                Vec3::new(about(b, c), about(a, c), about(a, b))
            }
            Self::Cylinder { radius: r, half_length: h } => {
                let (caps, side) = (mass * r / (r + 2.0 * h), mass * 2.0 * h / (r + 2.0 * h));
                let across = caps * (r * r / 4.0 + h * h) + side * (r * r / 2.0 + h * h / 3.0);
                Vec3::new(across, across, (caps / 2.0 + side) * r * r)
            }
            Self::Box { half } => {
                let faces = [half.y * half.z, half.z * half.x, half.x * half.y];
                let each = mass / (faces[0] + faces[1] + faces[2]);
                // The mean square of a coordinate: whole on its own faces, a third on the others.
                let square = |i: usize| {
                    let whole: f64 = faces.iter().enumerate().map(|(k, f)| if k == i { *f } else { f / 3.0 }).sum();
                    each * whole * half[i] * half[i]
                };
                let (x, y, z) = (square(0), square(1), square(2));
                Vec3::new(y + z, x + z, x + y)
            }
        }
    }

    /// Radius [m] of a ball about the origin that holds the shape; infinite for a plane.
    #[must_use]
    pub fn bounding_radius(&self) -> f64 {
        match self {
            Self::Plane { .. } => f64::INFINITY,
            Self::Sphere { radius } => *radius,
            Self::Capsule { radius, half_length } => radius + half_length,
            Self::Ellipsoid { radii } => radii.max_component(),
            Self::Cylinder { radius, half_length } => real::sqrt(radius * radius + half_length * half_length),
            Self::Box { half } | Self::Bore { half, .. } => half.norm(),
            Self::Mesh(mesh) => mesh.bounding_radius(),
            Self::HeightField(field) => {
                let (low, high) = field.bounds();
                low.abs().max(high.abs()).norm()
            }
        }
    }

    /// Half sizes [m] and center, in the world's axes relative to the shape's origin, of the smallest upright box around the
    /// shape turned by `rotation`. A plane's is infinite.
    #[must_use]
    pub fn bounds(&self, rotation: &Mat3) -> (Vec3, Vec3) {
        let along_rows = |half: Vec3| {
            let m = &rotation.0;
            let row = |i: usize| real::abs(m[i][0]) * half.x + real::abs(m[i][1]) * half.y + real::abs(m[i][2]) * half.z;
            Vec3::new(row(0), row(1), row(2))
        };
        let lengths = |radii: Vec3| {
            let m = &rotation.0;
            let row = |i: usize| Vec3::new(m[i][0] * radii.x, m[i][1] * radii.y, m[i][2] * radii.z).norm();
            Vec3::new(row(0), row(1), row(2))
        };
        match self {
            Self::Plane { .. } => (Vec3::new(f64::INFINITY, f64::INFINITY, f64::INFINITY), Vec3::ZERO),
            Self::Sphere { radius } => (Vec3::new(*radius, *radius, *radius), Vec3::ZERO),
            Self::Capsule { radius, half_length } => {
                let axis = rotation.column(2).abs() * *half_length;
                (axis + Vec3::new(*radius, *radius, *radius), Vec3::ZERO)
            }
            Self::Ellipsoid { radii } => (lengths(*radii), Vec3::ZERO),
            Self::Cylinder { radius, half_length } => {
                let axis = rotation.column(2);
                let disc = |a: f64| radius * real::sqrt(real::max(0.0, 1.0 - a * a));
                (axis.abs() * *half_length + Vec3::new(disc(axis.x), disc(axis.y), disc(axis.z)), Vec3::ZERO)
            }
            Self::Box { half } | Self::Bore { half, .. } => (along_rows(*half), Vec3::ZERO),
            Self::Mesh(mesh) => {
                let (low, high) = mesh.bounds();
                (along_rows((high - low) * 0.5), *rotation * ((high + low) * 0.5))
            }
            Self::HeightField(field) => {
                let (low, high) = field.bounds();
                (along_rows((high - low) * 0.5), *rotation * ((high + low) * 0.5))
            }
        }
    }
}

fn box_like(half: Vec3, k: f64) -> Vec3 {
    let (x, y, z) = (half.x * half.x, half.y * half.y, half.z * half.z);
    Vec3::new(k * (y + z), k * (x + z), k * (x + y))
}
