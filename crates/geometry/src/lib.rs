//! Shapes in space: how much they weigh, where they touch, what a ray meets.
//!
//! Everything is deterministic: fixed iteration counts, fixed orders, pinned arithmetic.
#![no_std]

extern crate alloc;

/// The closed set of shapes, their volumes, inertias and bounds.
pub mod shape;

/// Triangle meshes and their convex hulls.
pub mod mesh;

/// Convex hulls.
pub mod hull;

/// Nearly flat faces of hulls.
mod broad;

/// Terrain.
pub mod height_field;

mod epa;
mod gjk;
mod support;

/// Where two shapes touch.
pub mod contact;

/// How far apart two shapes are.
pub mod distance;

/// What a ray meets.
pub mod ray;

pub use contact::{ContactPoint, Manifold, Placement, collide};
pub use distance::{Closest, closest, distance};
pub use height_field::{HeightField, HeightFieldError};
pub use hull::Hull;
pub use mesh::{Mesh, MeshError, MeshInertia};
pub use ray::{RayHit, cast};
pub use shape::Shape;
