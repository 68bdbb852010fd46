//! Momentum of the joints and how it changes by itself.
//!
//! p = M·v is what each joint's subtree has of momentum along the joint, and it changes with ṗ = τ + Cᵀ·v − g, where Cᵀ·v is the slope of the kinetic
//! energy with respect to q (Lagrange). Turning joint d with everything above it held turns the subtree's momentum h with it, so the slope is
//! Ṡ·h with Ṡ the rate of the joint's unit motion: no mass matrix, no derivative, two passes.

use super::Links;
use leitai_math::Motion;

impl Links {
    /// Writes into `momentum` M·v and into `slope` Cᵀ·v = ∂(½·vᵀ·M·v)/∂q, for a number of each degree of freedom, at state (`q`, `v`), and what
    /// [`Links::jacobians`] writes. For hinges and slides; the slope of other joints is not defined by their coordinates and comes out as that of
    /// their unit motions.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn momenta(&mut self, q: &[f64], v: &[f64], momentum: &mut [f64], slope: &mut [f64]) {
        self.jacobians(q);
        self.inertias();
        let Self { links, motion, rate, velocity, force, inertia, dofs, .. } = self;
        (velocity[0], force[0]) = (Motion::ZERO, Motion::ZERO);
        for (i, link) in links.iter().enumerate() {
            let i = i + 1;
            let mut speed = velocity[link.parent];
            for (d, _) in dofs.iter().enumerate().skip(link.dof).take_while(|(_, dof)| dof.link == i) {
                rate[d] = speed.cross_motion(motion[d]);
                speed += motion[d] * v[d];
            }
            velocity[i] = speed;
            force[i] = inertia[i].apply(speed);
        }
        for i in (1..force.len()).rev() {
            let below = force[i];
            force[links[i - 1].parent] += below;
        }
        for (d, dof) in dofs.iter().enumerate() {
            momentum[d] = motion[d].dot(force[dof.link]) + dof.armature * v[d];
            slope[d] = rate[d].dot(force[dof.link]);
        }
    }
}
