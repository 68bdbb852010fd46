//! The arithmetic every verdict rests on: the same bits on every processor.
//!
//! Nothing here reads a clock, the environment or a source of entropy. Transcendental functions come from the pinned `libm`
//! crate, never from the platform, because glibc picks other instructions on other processors and the last bit differs.
#![no_std]

extern crate alloc;

/// Real functions, pinned.
pub mod real;

/// Vectors, rotations and poses in three dimensions.
pub mod space;

/// Spatial (six-dimensional) vectors and inertias.
pub mod spatial;

/// Dense and small factorizations.
pub mod linear;

/// Points that fill a box evenly.
pub mod halton;

/// Named random streams.
pub mod random;

pub use random::{Seed, Stream};
pub use space::{Mat3, Pose, Quat, Vec3};
pub use spatial::{Inertia, Motion};
