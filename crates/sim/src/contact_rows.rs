//! The rows of contacts: normal, tangents, torsion and rolling, with regularization and reference as MuJoCo relates them.

use crate::contact::Contact;
use crate::impedance::{impedance, reference, regularization};
use crate::kernels;
use crate::rows::{Block, Builder, Kind, Origin};
use crate::scene::LEAST;
use leitai_dynamics::jacobian::point_motion;
use leitai_math::real;
use leitai_model::model::BodyId;
use leitai_model::{Cone, SolImp};

/// In contact mode `stick`, how far a contact whose `solimp` nobody has set gives way to a load along its normal, as a share of
/// what MuJoCo's default says: stacks sink less, and a softness that somebody has set stays what it is, as does a lip's under
/// vacuum.
const STICK_GIVE: f64 = 0.0625;

/// The columns of a pair of bodies, shared by all its contacts.
#[derive(Clone, Copy)]
struct Pair {
    bodies: [BodyId; 2],
    column: usize,
    width: usize,
}

impl Builder<'_> {
    /// Rows of all contacts that act; contacts of one pair follow each other.
    pub(crate) fn contacts(&mut self, contacts: &mut [Contact]) {
        let mut last: Option<Pair> = None;
        for contact in contacts {
            contact.row = u32::MAX;
            if contact.distance >= contact.active_below && contact.adhesion_n == 0.0 {
                continue;
            }
            let bodies = contact.geoms.map(|g| self.model.geoms[g.index()].body);
            let pair = match last {
                Some(pair) if pair.bodies == bodies => pair,
                _ => self.pair(bodies),
            };
            last = Some(pair);
            if pair.width > 0 {
                self.contact(contact, pair);
            }
        }
    }

    /// Columns of two bodies, with who moves at each and how fast.
    fn pair(&mut self, bodies: [BodyId; 2]) -> Pair {
        let column = self.push_columns(bodies[0], bodies[1]);
        let columns = &self.rows.columns[column..];
        let side = |&dof: &u32| {
            let owner = self.model.dofs[dof as usize].body;
            let moves = |b: BodyId| if self.model.is_below(b, owner) { 1.0 } else { 0.0 };
            moves(bodies[1]) - moves(bodies[0])
        };
        self.rows.sides.clear();
        self.rows.sides.extend(columns.iter().map(side));
        self.rows.speeds.clear();
        self.rows.speeds.extend(columns.iter().map(|&dof| self.state.v[dof as usize]));
        Pair { bodies, column, width: self.rows.columns.len() - column }
    }

    fn contact(&mut self, contact: &mut Contact, pair: Pair) {
        let dim = contact.condim as usize;
        let option = &self.model.option;
        let kind = match (dim, option.cone) {
            (1, _) => Kind::Push,
            // The solver sets the bound.
            _ if option.stick => Kind::Coulomb(0.0),
            (_, Cone::Pyramidal) => Kind::Pyramid,
            // Filled in below, when the regularization is known.
            (_, Cone::Elliptic) => Kind::Ellipse(0.0),
        };
        let block = self.rows.open(kind, Origin::Contact, dim, pair.column, pair.width);
        contact.row = block.row as u32;
        let axes = [0, 1, 2].map(|k| contact.frame.row(k));
        let jacobian = &mut self.rows.jacobian[block.entry..block.entry + dim * pair.width];
        for (c, side) in self.rows.sides.iter().enumerate() {
            let dof = self.rows.columns[pair.column + c] as usize;
            let root = self.model.bodies[self.model.dofs[dof].body.index()].root;
            let offset = contact.position - self.data.subtree_com[root.index()];
            let (linear, angular) = point_motion(self.data.dof_motion[dof], offset);
            let (linear, angular) = (linear * *side, angular * *side);
            for (r, axis) in axes.iter().enumerate().take(dim) {
                jacobian[r * pair.width + c] = axis.dot(linear);
            }
            for (r, axis) in axes.iter().enumerate().take(dim.saturating_sub(3)) {
                jacobian[(r + 3) * pair.width + c] = axis.dot(angular);
            }
        }
        self.finish_contact(contact, block, pair.bodies);
    }

    /// Regularization and reference accelerations: friction rows are related to the normal's.
    fn finish_contact(&mut self, contact: &Contact, block: Block, bodies: [BodyId; 2]) {
        let option = &self.model.option;
        let safe = !option.disable.refsafe;
        let violation = contact.distance - contact.active_below;
        let [first, second] = bodies.map(|b| self.scene.body_weight[b.index()][0]);
        let (translational, friction) = (first + second, contact.friction);
        let normal = reference(&contact.solref, &contact.solimp, violation, option.timestep_s, safe);
        // A pyramid's edges mix normal and tangent, so they share one reference.
        let tangent = if contact.solref_friction.0 == [0.0, 0.0] || block.kind == Kind::Pyramid {
            normal
        } else {
            reference(&contact.solref_friction, &contact.solimp, violation, option.timestep_s, safe)
        };
        let row = block.row;
        let mut velocity = [0.0; 6];
        let jacobian = &self.rows.jacobian[block.entry..block.entry + block.dim * block.width];
        kernels::times(jacobian, &self.rows.speeds, &mut velocity[..block.dim]);
        for r in 0..block.dim {
            let (along, violation) = match r {
                0 => (&normal, violation),
                _ => (&tangent, contact.slip.get(r - 1).copied().unwrap_or(0.0)),
            };
            self.rows.violation[row + r] = violation;
            self.rows.weight[row + r] = translational;
            self.rows.reference[row + r] = -along.damping * velocity[r] - along.stiffness * along.impedance * violation;
        }
        let at = self.rows.blocks.len() - 1;
        self.rows.blocks[at].friction = friction;
        match block.kind {
            Kind::Pyramid => {
                let edge_weight = translational * (1.0 + friction[0] * friction[0]);
                let r = regularization(normal.impedance, edge_weight);
                let mu = friction[0] * friction[0] / option.impratio;
                let edge = real::max(LEAST, 2.0 * mu * r);
                self.rows.stiffness[row..row + block.dim].fill(1.0 / edge);
            }
            Kind::Ellipse(_) | Kind::Coulomb(_) => {
                let soft = regularization(normal.impedance, translational);
                let harden = option.stick && contact.adhesion_n == 0.0 && contact.solimp == SolImp::default();
                let r_normal = if harden { STICK_GIVE * soft } else { soft };
                let r_tangent = soft / real::max(LEAST, option.impratio);
                self.rows.stiffness[row] = 1.0 / r_normal;
                for r in 1..block.dim {
                    let share = friction[0] * friction[0] / (friction[r - 1] * friction[r - 1]);
                    self.rows.stiffness[row + r] = 1.0 / (r_tangent * share);
                }
                if let Kind::Ellipse(mu) = &mut self.rows.blocks[at].kind {
                    *mu = friction[0] * real::sqrt(r_tangent / r_normal);
                }
            }
            _ => self.rows.stiffness[row] = 1.0 / regularization(impedance(&contact.solimp, violation), translational),
        }
        if contact.adhesion_n > 0.0 {
            // So that the contact gives just this force where nothing pulls, and rests without sinking in.
            let edges = if block.kind == Kind::Pyramid { 2.0 * (block.dim - 1) as f64 } else { 1.0 };
            self.rows.reference[row] += contact.adhesion_n / (edges * self.rows.stiffness[row]);
        }
    }
}
