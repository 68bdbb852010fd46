//! Kinematics and dynamics of trees of rigid bodies: `algorithm(&model, &mut data, …)`.
//!
//! Spatial vectors of a body are taken about the center of mass of its whole tree (the subtree of the body's root), axes
//! parallel to the world's. One reference point for a whole tree means no transforms between bodies, and a point near the
//! masses keeps rounding small.
#![no_std]

extern crate alloc;

/// The workspace of one computation.
pub mod data;

/// Where everything is, and how it moves.
pub mod kinematics;

/// Inertia of the whole: the mass matrix and its factor.
pub mod mass;

/// Joint forces from motion.
pub mod inverse;

/// How bias forces change with velocity.
pub mod derivative;

/// Motion from joint forces.
pub mod forward;

/// How points and frames move with the joints.
pub mod jacobian;

/// Moving links alone, for controllers.
pub mod links;

/// How strings go around obstacles.
pub mod wrap;

/// Tendons: lengths and moments.
pub mod tendon;

/// Energy and momentum.
pub mod energy;

pub use data::Data;
pub use energy::{Momentum, kinetic_energy, momentum, potential_energy};
pub use forward::forward_dynamics;
pub use inverse::{bias_forces, inverse_dynamics};
pub use jacobian::{jacobian, site_pose};
pub use kinematics::{com_frames, kinematics, velocities};
pub use links::Links;
pub use mass::{factor_mass, mass_matrix, mass_times, solve_mass};
pub use tendon::{tendon_length, tendon_moments, tendon_velocity, tendons};
