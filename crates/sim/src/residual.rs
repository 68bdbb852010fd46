//! How far contacts are from the laws of rigid bodies with dry friction, which soft contacts only approach.

use crate::rows::Block;
use crate::world::World;
use leitai_math::real;

/// The largest violation of each law among the contacts of one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ContactResiduals {
    /// Signorini, surfaces do not overlap and push only where they meet [m]: the overlap, or the gap across which a force acts.
    pub signorini_m: f64,
    /// Coulomb, friction stays within μ times the normal force [N]: what the normal force lacks to allow the friction.
    pub coulomb_n: f64,
    /// Maximum dissipation, friction takes from a slide all the power it can [W]: what is missing.
    pub dissipation_w: f64,
}

impl ContactResiduals {
    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            signorini_m: real::max(self.signorini_m, other.signorini_m),
            coulomb_n: real::max(self.coulomb_n, other.coulomb_n),
            dissipation_w: real::max(self.dissipation_w, other.dissipation_w),
        }
    }
}

impl World {
    /// How far the contacts of the last forward computation are from the laws of rigid contact, with the velocities at the end of
    /// the step. Where a vacuum presses surfaces together it belongs to the normal force, so such contacts count for friction only.
    #[must_use]
    pub fn contact_residuals(&self) -> ContactResiduals {
        let mut worst = ContactResiduals::default();
        let (rows, dt) = (self.rows(), self.model().option.timestep_s);
        for contact in self.contacts() {
            let gap = contact.distance;
            let Some(block) = rows.block_of(contact) else {
                worst.signorini_m = real::max(worst.signorini_m, -gap);
                continue;
            };
            let force = &rows.force[block.row..block.row + block.dim];
            if contact.adhesion_n == 0.0 {
                let apart = if force[0] > 0.0 { real::abs(gap) } else { -gap };
                worst.signorini_m = real::max(worst.signorini_m, apart);
            }
            let velocity = |r: usize| rows.row_times(block, r, &self.state().v) + dt * rows.row_times(block, r, &self.forces().a);
            worst = worst.max(of_friction(block, force, velocity));
        }
        worst
    }
}

/// The friction laws, in the space where the cone is round: forces over μ, velocities times μ.
fn of_friction(block: &Block, force: &[f64], velocity: impl Fn(usize) -> f64) -> ContactResiduals {
    let (mut speed, mut power) = (0.0, 0.0);
    for r in 1..block.dim {
        let (v, mu) = (velocity(r), block.friction[r - 1]);
        speed += (v * mu) * (v * mu);
        power -= force[r] * v;
    }
    ContactResiduals {
        signorini_m: 0.0,
        coulomb_n: real::max(0.0, block.friction_over_mu(force) - force[0]),
        dissipation_w: real::max(0.0, force[0] * real::sqrt(speed) - power),
    }
}
