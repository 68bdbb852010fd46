//! The constraints of a moment as a list of scalar rows, in MuJoCo's order and with its figures: for comparison and for looking
//! into a step, not for stepping.
//!
//! The solver keeps a pyramidal contact in its own frame; here stand the pyramid's edges n ± μᵢ·tᵢ, as MuJoCo has them.

use crate::rows::{Block, Kind, Origin};
use crate::world::World;
use alloc::vec::Vec;

/// What a row holds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// An equality.
    Equality,
    /// Dry friction of a degree of freedom.
    DofFriction,
    /// Dry friction of a tendon.
    TendonFriction,
    /// A joint's limit.
    JointLimit,
    /// A tendon's limit.
    TendonLimit,
    /// A contact without friction.
    FrictionlessContact,
    /// An edge of a contact's pyramid.
    PyramidalContact,
    /// An axis of a contact's elliptic cone.
    EllipticContact,
}

/// One scalar constraint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// What it holds to.
    pub kind: RowKind,
    /// Number of the equality, degree of freedom, tendon, joint or contact.
    pub id: u32,
    /// Violation or gap [m or rad].
    pub position: f64,
    /// The part of `position` that is allowed.
    pub margin: f64,
    /// Inverse of the regularization [kg or kg·m²].
    pub stiffness: f64,
    /// Reference acceleration [m/s² or rad/s²].
    pub reference: f64,
    /// Force [N or N·m].
    pub force: f64,
}

impl World {
    /// The constraints of the last forward computation.
    #[must_use]
    pub fn constraint_rows(&self) -> Vec<Row> {
        let rows = self.rows();
        let mut out = Vec::new();
        for block in &rows.blocks {
            let (kind, id, margin) = self.origin(block);
            for r in 0..block.dim {
                let row = block.row + r;
                let (force, stiffness, reference) = (rows.force[row], rows.stiffness[row], rows.reference[row]);
                if block.kind == Kind::Pyramid {
                    if r > 0 {
                        self.edges(block, r, Row { kind, id, margin, position: 0.0, stiffness, reference, force }, &mut out);
                    }
                    continue;
                }
                // What is allowed is allowed along the normal.
                let margin = if r == 0 { margin } else { 0.0 };
                out.push(Row { kind, id, position: rows.violation[row] + margin, margin, stiffness, reference, force });
            }
        }
        out
    }

    /// The two edges of a pyramid along tangent `r`.
    fn edges(&self, block: &Block, r: usize, row: Row, out: &mut Vec<Row>) {
        let (rows, a) = (self.rows(), &self.forces().a);
        let (normal, tangent) = (rows.row_times(block, 0, a), rows.row_times(block, r, a));
        for friction in [block.friction[r - 1], -block.friction[r - 1]] {
            let reference = rows.reference[block.row] + friction * row.reference;
            let push = row.stiffness * (reference - normal - friction * tangent);
            let force = if push > 0.0 { push } else { 0.0 };
            out.push(Row { position: rows.violation[block.row] + row.margin, reference, force, ..row });
        }
    }

    /// Kind, number and margin of a block.
    fn origin(&self, block: &Block) -> (RowKind, u32, f64) {
        let model = self.model();
        match block.origin {
            Origin::Equality(i) => (RowKind::Equality, i, 0.0),
            Origin::DofFriction => (RowKind::DofFriction, self.rows().columns[block.column], 0.0),
            Origin::TendonFriction(t) => (RowKind::TendonFriction, t.0, 0.0),
            Origin::JointLimit(j) => (RowKind::JointLimit, j.0, model.joints[j.index()].margin),
            Origin::TendonLimit(t) => (RowKind::TendonLimit, t.0, model.tendons[t.index()].margin),
            Origin::Contact => {
                let kind = match block.kind {
                    Kind::Pyramid => RowKind::PyramidalContact,
                    Kind::Ellipse(_) => RowKind::EllipticContact,
                    _ => RowKind::FrictionlessContact,
                };
                let found = self.contacts().iter().position(|c| c.row as usize == block.row);
                let contact = found.expect("a contact's rows come from a contact");
                (kind, contact as u32, self.contacts()[contact].active_below)
            }
        }
    }
}
