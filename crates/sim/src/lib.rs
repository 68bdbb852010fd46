//! A world that steps: contact, constraints, actuators, sensors, snapshots.
//!
//! [`Scene`] is a model with its constants, shared; [`World`] is the only thing that changes, and [`State`] is all of it that
//! a step reads. The computation is MuJoCo's published one (convex soft contacts solved on accelerations), in our own words.
#![no_std]

extern crate alloc;

/// What is known before the first step.
pub mod scene;

/// Everything that changes.
pub mod state;

/// Who touches whom.
pub mod contact;

/// Suction cups.
pub mod suction;

/// Friction that holds.
pub mod stick;

/// Drive, motor and reducer of a joint.
pub mod drive_train;

/// Bodies at rest freeze until touched.
pub mod sleep;

mod actuation;
mod cone;
mod conjugate;
mod contact_rows;
mod contact_sensor;
mod dual;
mod factor;
mod fluid;
mod gauss_seidel;
mod hessian;
mod impedance;
mod implicit;
mod kernels;
mod length_range;
mod noslip;
mod residual;
mod rows;
mod sensor;
mod sight;
mod tie;
mod transmission;

/// Muscles.
pub mod muscle;

/// Newton's method on the accelerations.
pub mod solver;

/// From accelerations to the next state.
pub mod integrate;

/// How a step breaks down.
pub mod unstable;

/// The integrator that keeps energy.
pub mod adams;

/// The world and its step.
pub mod world;

/// The constraints of a moment, row by row.
pub mod listing;

pub use contact::Contact;
pub use residual::ContactResiduals;
pub use scene::Scene;
pub use state::State;
pub use suction::{Cup, CupLoad};
pub use unstable::{Cause, Unstable};
pub use world::World;
