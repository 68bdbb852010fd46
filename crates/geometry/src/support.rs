//! Support functions: the point of a convex shape farthest along a direction.
//!
//! A ball and a capsule are a point and a segment with a radius around them; the distance algorithms see only the core and
//! add the radius at the end, which keeps shallow contact of round shapes exact.

use crate::contact::Placement;
use crate::shape::Shape;
use leitai_math::{Mat3, Vec3, real};

/// Sine of the turn from which a direction's farthest point no longer shares its height with a whole edge or side.
const ONE_POINT: f64 = 1e-6;

/// What a core is made of.
#[derive(Clone, Copy)]
pub enum Solid<'a> {
    /// A shape in its own frame.
    Shape(&'a Shape),
    /// A few corners in the query's frame.
    Corners(&'a [Vec3; 6]),
}

/// A bounded convex shape in place, as its core and the radius around it.
#[derive(Clone, Copy)]
pub struct Convex<'a> {
    /// What it is.
    pub solid: Solid<'a>,
    /// Where it stands, relative to the origin of the query.
    pub at: Placement,
    /// What surrounds the core [m].
    pub radius: f64,
}

impl<'a> Convex<'a> {
    /// `shape` standing at `at`, with coordinates relative to `origin`; nothing for a plane, which has no farthest point,
    /// or a height field, which is not convex.
    #[must_use]
    pub fn new(shape: &'a Shape, at: &Placement, origin: Vec3) -> Option<Self> {
        let radius = match shape {
            Shape::Plane { .. } | Shape::HeightField(_) => return None,
            Shape::Sphere { radius } | Shape::Capsule { radius, .. } => *radius,
            _ => 0.0,
        };
        Some(Self { solid: Solid::Shape(shape), at: Placement { position: at.position - origin, rotation: at.rotation }, radius })
    }

    /// A prism whose corners stand about the origin of the query.
    #[must_use]
    pub fn prism(corners: &'a [Vec3; 6]) -> Self {
        Self { solid: Solid::Corners(corners), at: Placement { position: Vec3::ZERO, rotation: Mat3::IDENTITY }, radius: 0.0 }
    }

    /// Radius [m] of a ball about its origin that holds it.
    #[must_use]
    pub fn bounding_radius(&self) -> f64 {
        match self.solid {
            Solid::Shape(shape) => shape.bounding_radius(),
            Solid::Corners(corners) => corners.iter().fold(0.0, |most, p| real::max(most, p.norm())),
        }
    }

    /// The core's point farthest along `direction` (need not be unit length).
    #[must_use]
    pub fn support(&self, direction: Vec3) -> Vec3 {
        self.support_corner(direction).0
    }

    /// [`Self::support`], and which corner of a mesh's hull it is; zero for other shapes.
    #[must_use]
    pub fn support_corner(&self, direction: Vec3) -> (Vec3, u32) {
        let shape = match self.solid {
            Solid::Shape(shape) => shape,
            Solid::Corners(corners) => {
                let farther = |best: Vec3, p: &Vec3| if p.dot(direction) > best.dot(direction) { *p } else { best };
                return (corners.iter().fold(corners[0], farther), 0);
            }
        };
        let local = self.at.rotation.transpose_mul(direction);
        let end = |x: f64, half: f64| if x < 0.0 { -half } else { half };
        let point = match shape {
            Shape::Plane { .. } | Shape::HeightField(_) | Shape::Sphere { .. } => return (self.at.position, 0),
            Shape::Capsule { half_length, .. } => Vec3::new(0.0, 0.0, end(local.z, *half_length)),
            Shape::Ellipsoid { radii } => {
                let scaled = local.scaled(*radii);
                scaled.normalized_or(Vec3::X).scaled(*radii)
            }
            Shape::Cylinder { radius, half_length } => {
                let across = real::sqrt(local.x * local.x + local.y * local.y);
                // A direction along the axis leaves the rim's point open; any will do, but always the same.
                let k = if across > 1e-15 * real::abs(local.z) { radius / across } else { 0.0 };
                let (x, y) = if k > 0.0 { (local.x * k, local.y * k) } else { (*radius, 0.0) };
                Vec3::new(x, y, end(local.z, *half_length))
            }
            Shape::Box { half } | Shape::Bore { half, .. } => {
                Vec3::new(end(local.x, half.x), end(local.y, half.y), end(local.z, half.z))
            }
            Shape::Mesh(mesh) => {
                let corner = mesh.hull().farthest(local);
                return (self.at.apply(mesh.hull().corners[corner]), corner as u32);
            }
        };
        (self.at.apply(point), 0)
    }

    /// True if the core has curved parts.
    #[must_use]
    pub fn is_smooth(&self) -> bool {
        matches!(self.solid, Solid::Shape(Shape::Ellipsoid { .. } | Shape::Cylinder { .. }))
    }

    /// The axis of a cylinder, a unit vector.
    #[must_use]
    pub fn cylinder_axis(&self) -> Option<Vec3> {
        matches!(self.solid, Solid::Shape(Shape::Cylinder { .. })).then(|| self.at.axis())
    }

    /// True if every direction has a farthest point of its own.
    #[must_use]
    pub fn is_round(&self) -> bool {
        matches!(self.solid, Solid::Shape(Shape::Sphere { .. } | Shape::Ellipsoid { .. }))
    }

    /// True if the core has one point farthest along the unit `direction`, well apart from all others.
    #[must_use]
    pub fn has_one_point(&self, direction: Vec3) -> bool {
        let Solid::Shape(shape) = self.solid else { return false };
        let local = self.at.rotation.transpose_mul(direction);
        let turned = |x: f64| real::abs(x) > ONE_POINT;
        match shape {
            _ if self.is_round() => true,
            Shape::Cylinder { .. } => turned(local.z) && turned(real::sqrt(local.x * local.x + local.y * local.y)),
            Shape::Box { .. } => turned(local.x) && turned(local.y) && turned(local.z),
            Shape::Capsule { .. } => turned(local.z),
            _ => false,
        }
    }

    /// A point inside.
    #[must_use]
    pub fn center(&self) -> Vec3 {
        self.at.position
    }
}
