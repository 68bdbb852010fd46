//! Conjugate gradients: directions for descents on the accelerations that need no matrix but the mass matrix.
//!
//! Hager and Zhang's update (*SIAM J. Optim.* 16(1), 2005) with M as preconditioner, so that free bodies without contact are
//! solved at once. A direction that would climb gives way to the steepest one.

use crate::scene::{LEAST, Scene};
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_dynamics::mass::solve_packed;
use leitai_math::real;

/// Workspace; empty unless the model asks for conjugate gradients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conjugate {
    /// M⁻¹ times the gradient.
    steepest: Vec<f64>,
    last_gradient: Vec<f64>,
    last_steepest: Vec<f64>,
}

impl Conjugate {
    pub(crate) fn new(nv: usize) -> Self {
        Self { steepest: vec![0.0; nv], last_gradient: vec![0.0; nv], last_steepest: vec![0.0; nv] }
    }

    /// Writes the next direction into `search`, which holds the last one unless this is the `first`. `members` are the groups
    /// of the island.
    pub(crate) fn turn(
        &mut self,
        scene: &Scene,
        data: &Data,
        members: &[u32],
        first: bool,
        gradient: &[f64],
        search: &mut [f64],
    ) {
        let model = &*scene.model;
        let Self { steepest, last_gradient, last_steepest } = self;
        let groups = || members.iter().map(|&g| scene.groups[g as usize].dofs.clone());
        for dofs in groups() {
            steepest[dofs.clone()].copy_from_slice(&gradient[dofs.clone()]);
            solve_packed(model, &data.mass_factor, &data.mass_factor_inverse, steepest, dofs.start, dofs.end);
        }
        let sum = |term: &dyn Fn(usize) -> f64| groups().flatten().map(term).sum::<f64>();
        let mut keep = 0.0;
        if !first {
            let bend = sum(&|d| search[d] * (gradient[d] - last_gradient[d]));
            let along = sum(&|d| steepest[d] * (gradient[d] - last_gradient[d]));
            let square = sum(&|d| (steepest[d] - last_steepest[d]) * (gradient[d] - last_gradient[d]));
            let slope = sum(&|d| search[d] * gradient[d]);
            if bend > LEAST {
                keep = real::max(0.0, (along - 2.0 * square * slope / bend) / bend);
            }
            let climbs = sum(&|d| gradient[d] * (keep * search[d] - steepest[d])) >= 0.0;
            keep = if climbs { 0.0 } else { keep };
        }
        for d in groups().flatten() {
            search[d] = if keep == 0.0 { -steepest[d] } else { keep * search[d] - steepest[d] };
            (last_gradient[d], last_steepest[d]) = (gradient[d], steepest[d]);
        }
    }
}
