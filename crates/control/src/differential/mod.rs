//! Differential inverse kinematics: joint speeds for one tick that follow tool velocities within every limit.
//!
//! One quadratic program a tick, in the joint speeds v, the speed scale s and a slack t of the clearances:
//!
//! | part | says |
//! |---|---|
//! | ½·Σ‖W·(Jᵢ·v − s·ẋᵢ − k·eᵢ)‖² | each task's point moves with s times its wanted velocity and removes its error |
//! | ½·p·‖ẋ‖²·(φ − s)² | s is as large as possible, up to φ, which falls from 1 to 0 while the error grows to the tolerance |
//! | ½·μ·‖v‖², ½·w·‖v − k·(q₀ − q)‖² | no idle motion; toward a posture, if one is given |
//! | bounds of v | speed, acceleration, and the positions from which the joint can still brake before its end stop |
//! | n̂ᵀ·(J_a − J_b)·v + t ≥ −r·(d − d_safe) | a distance shrinks only as fast as it can be stopped |
//!
//! Since p is small, the tool gives up speed long before direction: near a singularity or the edge of the reach the arm slows down on its
//! path. The lost direction itself is damped by its singular value, with a floor that keeps the arm turning (the module `lift`). The
//! program always has an answer, because braking at the joints' acceleration is within the bounds and t takes what braking cannot.

mod brake;
mod lift;
mod step;

pub use step::{Clearance, Differential, DifferentialError, DifferentialOptions, JointLimits, Step, Task};
