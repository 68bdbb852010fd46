//! Triangle meshes and their convex hulls.

use alloc::vec::Vec;
use leitai_math::{Pose, Vec3, real};

/// A closed triangle mesh in its own inertial frame: center of mass at the origin, principal axes along x, y, z.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Corners [m] in the mesh's inertial frame.
    pub vertices: Vec<Vec3>,
    /// Triangles, counter-clockwise seen from outside.
    pub faces: Vec<[u32; 3]>,
    /// Where the inertial frame stands in the frame the file's corners were given in.
    pub file_from_mesh: Pose,
    volume: f64,
    unit_inertia: Vec3,
    low: Vec3,
    high: Vec3,
    radius: f64,
}

/// Why a mesh cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeshError {
    /// Fewer than four corners or no triangle.
    #[error("a mesh needs at least four corners and one triangle; this one has {vertices} and {faces}")]
    TooSmall {
        /// Corners found.
        vertices: usize,
        /// Triangles found.
        faces: usize,
    },
}

impl Mesh {
    /// Volume [m³].
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.volume
    }
    /// Principal inertia [kg·m²] at the given mass [kg].
    #[must_use]
    pub fn inertia(&self, mass: f64) -> Vec3 {
        self.unit_inertia * mass
    }
    /// Radius [m] of a ball about the origin that holds every corner.
    #[must_use]
    pub fn bounding_radius(&self) -> f64 {
        self.radius
    }
    /// Lowest and highest corner of the upright box in the mesh's frame [m].
    #[must_use]
    pub fn bounds(&self) -> (Vec3, Vec3) {
        (self.low, self.high)
    }
}

#[allow(dead_code)]
fn norm(v: Vec3) -> f64 {
    real::sqrt(v.dot(v))
}
