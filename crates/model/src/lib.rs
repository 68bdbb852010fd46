//! Robots and worlds as data.
//!
//! A description file becomes a [`Spec`], a tree that reads like the file and can be joined with others (a tool on a flange, a
//! robot in a cell). [`Spec::build`] checks it and flattens it into a [`Model`], which never changes again and is shared by
//! every world that steps it.
#![no_std]

extern crate alloc;

/// What a description file says, as a tree.
pub mod spec;

/// Numbers that several elements share: options of the simulation and of constraints.
pub mod option;

/// The flat, immutable model.
pub mod model;

/// From tree to flat model.
pub mod build;

/// Names that people type.
pub mod name;

/// Bodies without joints as part of their parents.
mod fuse;

/// Joining one description to another.
pub mod attach;

/// What a controller sees and what it may ask for.
pub mod interface;

/// The same as arrays of numbers.
pub mod channel;

pub use build::BuildError;
pub use interface::{Command, Observation, PoseReading, ToolReading};
pub use model::{ActuatorId, BodyId, DofId, GeomId, JointId, Model, SiteId, SuctionId, TendonId};
pub use name::nearest_name;
pub use option::{Cone, ContactOverride, Disable, Integrator, LengthSearch, Options, SolImp, SolRef, Solver};
pub use spec::Spec;
