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

mod epa;
mod gjk;
mod support;

/// Where two shapes touch.
pub mod contact;

pub use contact::{ContactPoint, Manifold, Placement, collide};
pub use hull::Hull;
pub use mesh::{Mesh, MeshError, MeshInertia};
pub use shape::Shape;
