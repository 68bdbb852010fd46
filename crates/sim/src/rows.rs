//! The constraints of this moment as rows: Jacobians, reference accelerations, regularization.
//!
//! Rows come in blocks (a contact, a limit, a weld); the rows of a block share their columns. A contact's rows stay in its own
//! frame (normal, tangents, torsion, rolling) for both cones: the edges of a pyramid are sums of these rows, so the solver
//! forms them on the fly.

use crate::contact::Contact;
use crate::impedance::{reference, regularization};
use crate::scene::Scene;
use crate::sleep::Sleep;
use crate::state::State;
use crate::tie::Tie;
use crate::world::Room;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_math::{Quat, Vec3, real};
use leitai_model::model::{BodyId, EqualityTie, JointId, TendonId};
use leitai_model::spec::JointKind;
use leitai_model::{Model, SolImp, SolRef};

/// What kind of force a block gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Holds both ways: connect, weld, joint and tendon ties.
    Equality,
    /// Dry friction, bounded by this force.
    Friction(f64),
    /// Pushes only: joint and tendon limits, frictionless contacts.
    Push,
    /// Pyramid of friction with edges n ± μᵢ·tᵢ.
    Pyramid,
    /// Elliptic cone; the number is μ of the scaled cone.
    Ellipse(f64),
    /// Contact mode `stick`: pushes along the normal, and friction inside the ellipse that this normal force allows. The solver
    /// finds the force for which both agree.
    Coulomb(f64),
}

/// Where a block comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Equality(u32),
    DofFriction,
    TendonFriction(TendonId),
    JointLimit(JointId),
    TendonLimit(TendonId),
    Contact,
}

/// Rows that belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub kind: Kind,
    pub origin: Origin,
    /// First row.
    pub row: usize,
    /// Number of rows.
    pub dim: usize,
    /// First column number in [`Rows::columns`].
    pub column: usize,
    /// Number of columns.
    pub width: usize,
    /// First entry in [`Rows::jacobian`]: dim × width, row by row.
    pub entry: usize,
    /// Friction of a contact's rows 1…dim−1.
    pub friction: [f64; 5],
}

impl Block {
    /// The normal force [N] that a contact needs to allow the friction in `force`, its rows' forces.
    pub(crate) fn friction_over_mu(&self, force: &[f64]) -> f64 {
        let squares = force[1..].iter().zip(&self.friction).map(|(f, mu)| (f / mu) * (f / mu));
        real::sqrt(squares.sum())
    }
}

/// All blocks of this moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub blocks: Vec<Block>,
    /// Degrees of freedom of each block, ascending.
    pub columns: Vec<u32>,
    pub jacobian: Vec<f64>,
    /// Violation [m or rad] and, at contacts, the gap.
    pub violation: Vec<f64>,
    /// Inverse weight Â.
    pub weight: Vec<f64>,
    /// 1/R. A pyramid keeps its edges' in its first row.
    pub stiffness: Vec<f64>,
    /// Reference acceleration.
    pub reference: Vec<f64>,
    /// Force of each row.
    pub force: Vec<f64>,
    /// Rows in use; the lists by row may be longer, with leftovers of earlier moments.
    count: usize,
    /// Entries in use of [`Self::jacobian`].
    entries: usize,
    /// At a pair's columns: +1 if only the second body moves with the degree of freedom, −1 if only the first, 0 if both do.
    pub(crate) sides: Vec<f64>,
    /// Velocities at a pair's columns.
    pub(crate) speeds: Vec<f64>,
}

impl Rows {
    pub(crate) fn with_room(room: &Room) -> Self {
        let row = || Vec::with_capacity(room.rows);
        Self {
            blocks: Vec::with_capacity(room.blocks),
            columns: Vec::with_capacity(room.blocks * room.width),
            jacobian: Vec::with_capacity(room.rows * room.width),
            violation: row(),
            weight: row(),
            stiffness: row(),
            reference: row(),
            force: row(),
            count: 0,
            entries: 0,
            sides: Vec::with_capacity(room.width),
            speeds: Vec::with_capacity(room.width),
        }
    }

    fn clear(&mut self) {
        self.blocks.clear();
        self.columns.clear();
        (self.count, self.entries) = (0, 0);
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Opens a block on `width` columns from `column` on. Its numbers are left over from other moments: the caller writes them.
    pub(crate) fn open(&mut self, kind: Kind, origin: Origin, dim: usize, column: usize, width: usize) -> Block {
        let block = Block { kind, origin, row: self.count, dim, column, width, entry: self.entries, friction: [0.0; 5] };
        self.count += dim;
        self.entries += dim * width;
        if self.jacobian.len() < self.entries {
            self.jacobian.resize(self.entries, 0.0);
        }
        if self.force.len() < self.count {
            for values in [&mut self.violation, &mut self.weight, &mut self.stiffness, &mut self.reference, &mut self.force] {
                values.resize(self.count, 0.0);
            }
        }
        self.blocks.push(block);
        block
    }

    /// Product of the block's Jacobian row `r` with a vector over all degrees of freedom.
    #[inline]
    pub(crate) fn row_times(&self, block: &Block, r: usize, x: &[f64]) -> f64 {
        let columns = &self.columns[block.column..block.column + block.width];
        let row = &self.jacobian[block.entry + r * block.width..block.entry + (r + 1) * block.width];
        let mut s = 0.0;
        for (j, &c) in row.iter().zip(columns) {
            s += j * x[c as usize];
        }
        s
    }

    /// Force of a contact in its frame.
    pub(crate) fn contact_force(&self, contact: &Contact) -> [f64; 6] {
        let mut out = [0.0; 6];
        if contact.row != u32::MAX {
            let (row, dim) = (contact.row as usize, contact.condim as usize);
            out[..dim].copy_from_slice(&self.force[row..row + dim]);
        }
        out
    }

    /// The rows of a contact; none if it does not act.
    pub(crate) fn block_of(&self, contact: &Contact) -> Option<&Block> {
        let at = self.blocks.binary_search_by_key(&(contact.row as usize), |block| block.row).ok()?;
        Some(&self.blocks[at])
    }

    /// Adds Jᵀ·force of every block to `out`.
    pub(crate) fn add_joint_forces(&self, out: &mut [f64]) {
        (0..self.blocks.len()).for_each(|b| self.add_joint_forces_of(b, out));
    }

    /// Adds Jᵀ·force of block `b` to `out`.
    pub(crate) fn add_joint_forces_of(&self, b: usize, out: &mut [f64]) {
        let block = &self.blocks[b];
        let columns = &self.columns[block.column..block.column + block.width];
        for r in 0..block.dim {
            let f = self.force[block.row + r];
            if f != 0.0 {
                let row = &self.jacobian[block.entry + r * block.width..block.entry + (r + 1) * block.width];
                for (j, &c) in row.iter().zip(columns) {
                    out[c as usize] += j * f;
                }
            }
        }
    }
}

/// Builds all rows at the state whose kinematics and velocities `data` holds.
pub(crate) fn build(scene: &Scene, data: &Data, state: &State, sleep: &Sleep, contacts: &mut [Contact], rows: &mut Rows) {
    rows.clear();
    let disable = &scene.model.option.disable;
    if disable.constraint {
        return;
    }
    let mut builder = Builder { scene, model: &scene.model, data, state, sleep, rows };
    if !disable.equality {
        builder.equalities();
    }
    if !disable.frictionloss {
        builder.frictions();
    }
    if !disable.limit {
        builder.limits();
    }
    if !disable.contact {
        builder.contacts(contacts);
    }
}

pub(crate) struct Builder<'a> {
    pub scene: &'a Scene,
    pub model: &'a Model,
    pub data: &'a Data,
    pub state: &'a State,
    pub sleep: &'a Sleep,
    pub rows: &'a mut Rows,
}

impl Builder<'_> {
    fn awake_dof(&self, d: usize) -> bool {
        !self.sleep.is_asleep(self.scene.group_of_dof[d] as usize)
    }

    fn position(&self, joint: JointId) -> f64 {
        self.state.q[self.model.joints[joint.index()].q_start as usize]
    }

    fn dof(&self, joint: JointId) -> u32 {
        self.model.joints[joint.index()].v_start
    }

    fn chain(&self, body: BodyId) -> &[u32] {
        match self.model.bodies[body.index()].last_dof {
            None => &[],
            Some(d) => {
                let dof = &self.model.dofs[d.index()];
                &self.model.mass_columns[dof.row_start as usize..(dof.row_start + dof.row_len) as usize]
            }
        }
    }

    /// Pushes the union of both bodies' chains; gives where it starts.
    pub(crate) fn push_columns(&mut self, a: BodyId, b: BodyId) -> usize {
        let start = self.rows.columns.len();
        let (mut i, mut j) = (0, 0);
        loop {
            let (left, right) = (self.chain(a).get(i).copied(), self.chain(b).get(j).copied());
            let next = match (left, right) {
                (None, None) => return start,
                (Some(l), None) => l,
                (None, Some(r)) => r,
                (Some(l), Some(r)) => l.min(r),
            };
            i += usize::from(left == Some(next));
            j += usize::from(right == Some(next));
            self.rows.columns.push(next);
        }
    }

    /// Velocity (linear, angular) that unit speed of `dof` gives `body` at `point`; zero if the body does not hang on it.
    #[inline]
    fn unit_motion(&self, dof: u32, body: BodyId, point: Vec3) -> (Vec3, Vec3) {
        let body_data = &self.model.bodies[body.index()];
        let owner = self.model.dofs[dof as usize].body;
        if !self.model.is_below(body, owner) {
            return (Vec3::ZERO, Vec3::ZERO);
        }
        let offset = point - self.data.subtree_com[body_data.root.index()];
        leitai_dynamics::jacobian::point_motion(self.data.dof_motion[dof as usize], offset)
    }

    /// Acceleration (linear, angular) that `body` has at `point` when no degree of freedom accelerates.
    fn drift(&self, body: BodyId, point: Vec3) -> (Vec3, Vec3) {
        let i = body.index();
        if self.model.bodies[i].last_dof.is_none() || !self.sleep.is_awake(self.scene, body) {
            return (Vec3::ZERO, Vec3::ZERO);
        }
        let offset = point - self.data.subtree_com[self.model.bodies[i].root.index()];
        let (velocity, acceleration) = (self.data.body_velocity[i], self.data.body_acceleration[i]);
        let moving = velocity.angular.cross(velocity.linear + velocity.angular.cross(offset));
        let linear = acceleration.linear + self.data.gravity + acceleration.angular.cross(offset) + moving;
        (linear, acceleration.angular)
    }

    /// Regularization and reference of the rows of a block, all with the same `violation_norm` for the impedance.
    fn finish(&mut self, block: &Block, solref: &SolRef, solimp: &SolImp, violation_norm: f64) {
        let option = &self.model.option;
        let r = reference(solref, solimp, violation_norm, option.timestep_s, !option.disable.refsafe);
        for k in block.row..block.row + block.dim {
            let velocity = self.rows.row_times(block, k - block.row, &self.state.v);
            self.rows.stiffness[k] = 1.0 / regularization(r.impedance, self.rows.weight[k]);
            self.rows.reference[k] = -r.damping * velocity - r.stiffness * r.impedance * self.rows.violation[k];
        }
    }

    fn equalities(&mut self) {
        for (i, equality) in self.model.equalities.iter().enumerate() {
            if !self.state.equality_active[i] {
                continue;
            }
            match &equality.kind {
                EqualityTie::Connect { .. } | EqualityTie::Weld { .. } => self.tie(i, &equality.solref, &equality.solimp),
                EqualityTie::Joint { joints: (first, second), polynomial } => {
                    let reference = |j: JointId| self.model.q0[self.model.joints[j.index()].q_start as usize];
                    let x = second.map_or(0.0, |j| self.position(j) - reference(j));
                    let (value, slope) = polynomial_at(polynomial, x);
                    let violation = self.position(*first) - reference(*first) - value;
                    let (d, other) = (self.dof(*first), second.map(|j| self.dof(j)));
                    let terms = core::iter::once((d, 1.0)).chain(other.map(|d| (d, -slope)));
                    let of = |d: u32| self.scene.dof_weight[d as usize];
                    let weight = of(d) + other.map_or(0.0, of);
                    self.scalar(
                        Kind::Equality,
                        Origin::Equality(i as u32),
                        terms,
                        violation,
                        weight,
                        &equality.solref,
                        &equality.solimp,
                    );
                }
                EqualityTie::Tendon { tendons: (first, second), polynomial } => {
                    let length = |t: TendonId| self.tendon_length(t);
                    let rest = |t: TendonId| self.scene.tendon_length0[t.index()];
                    let x = second.map_or(0.0, |t| length(t) - rest(t));
                    let (value, slope) = polynomial_at(polynomial, x);
                    let violation = length(*first) - rest(*first) - value;
                    let (model, data) = (self.model, self.data);
                    let terms = tendon_terms(model, data, Some(*first), 1.0).chain(tendon_terms(model, data, *second, -slope));
                    let of = |t: TendonId| self.scene.tendon_weight[t.index()];
                    let weight = of(*first) + second.map_or(0.0, of);
                    self.scalar(
                        Kind::Equality,
                        Origin::Equality(i as u32),
                        terms,
                        violation,
                        weight,
                        &equality.solref,
                        &equality.solimp,
                    );
                }
            }
        }
    }

    fn tendon_length(&self, tendon: TendonId) -> f64 {
        leitai_dynamics::tendon_length(self.model, self.data, &self.state.q, tendon)
    }

    /// One row from (degree of freedom, coefficient) terms; equal degrees of freedom add up.
    fn scalar(
        &mut self,
        kind: Kind,
        origin: Origin,
        terms: impl Iterator<Item = (u32, f64)> + Clone,
        violation: f64,
        weight: f64,
        solref: &SolRef,
        solimp: &SolImp,
    ) {
        let start = self.rows.columns.len();
        for (d, _) in terms.clone() {
            let at = start + self.rows.columns[start..].partition_point(|&c| c < d);
            if self.rows.columns.get(at) != Some(&d) {
                self.rows.columns.insert(at, d);
            }
        }
        let width = self.rows.columns.len() - start;
        if width == 0 {
            return;
        }
        let block = self.rows.open(kind, origin, 1, start, width);
        self.rows.jacobian[block.entry..block.entry + width].fill(0.0);
        for (d, coefficient) in terms {
            let at = self.rows.columns[start..].partition_point(|&c| c < d);
            self.rows.jacobian[block.entry + at] += coefficient;
        }
        self.rows.violation[block.row] = violation;
        self.rows.weight[block.row] = weight;
        self.finish(&block, solref, solimp, violation);
    }

    /// Rows of a connect or a weld.
    fn tie(&mut self, equality: usize, solref: &SolRef, solimp: &SolImp) {
        let Some(tie) = Tie::new(self.model, self.data, equality) else { return };
        let [one, two] = tie.bodies;
        if ![one, two].iter().any(|b| self.sleep.is_awake(self.scene, *b)) {
            return;
        }
        let start = self.push_columns(one, two);
        let width = self.rows.columns.len() - start;
        if width == 0 {
            return;
        }
        let block = self.rows.open(Kind::Equality, Origin::Equality(equality as u32), tie.dim(), start, width);
        for c in 0..block.width {
            let dof = self.rows.columns[start + c];
            let (l0, w0) = self.unit_motion(dof, one, tie.points[0]);
            let (l1, w1) = self.unit_motion(dof, two, tie.points[1]);
            let both = [l0 - l1, tie.turning(w0 - w1)];
            for k in 0..block.dim {
                self.rows.jacobian[block.entry + k * block.width + c] = both[k / 3][k % 3];
            }
        }
        let violation = tie.violation();
        let weights = [one, two].map(|b| self.scene.body_weight[b.index()]);
        for k in 0..block.dim {
            self.rows.violation[block.row + k] = violation[k / 3][k % 3];
            self.rows.weight[block.row + k] = weights[0][k / 3] + weights[1][k / 3];
        }
        self.finish(&block, solref, solimp, real::sqrt(violation[0].norm_squared() + violation[1].norm_squared()));
        // What the ties do by themselves while nothing accelerates, J̇·v, is not left to the constraint to discover.
        let ((l0, a0), (l1, a1)) = (self.drift(one, tie.points[0]), self.drift(two, tie.points[1]));
        let drift = [l0 - l1, tie.turning_rate(self.turning(one), self.turning(two), a0 - a1)];
        for k in 0..block.dim {
            self.rows.reference[block.row + k] -= drift[k / 3][k % 3];
        }
    }

    /// Angular velocity of `body`; that of what stands still or sleeps is zero.
    fn turning(&self, body: BodyId) -> Vec3 {
        let moves = self.model.bodies[body.index()].last_dof.is_some() && self.sleep.is_awake(self.scene, body);
        if moves { self.data.body_velocity[body.index()].angular } else { Vec3::ZERO }
    }

    fn frictions(&mut self) {
        for d in 0..self.model.nv {
            let dof = &self.model.dofs[d];
            if dof.frictionloss > 0.0 && self.awake_dof(d) {
                let (kind, weight) = (Kind::Friction(dof.frictionloss), self.scene.dof_weight[d]);
                // Friction has no violation to correct, only a speed to stop.
                let term = core::iter::once((d as u32, 1.0));
                self.scalar(kind, Origin::DofFriction, term, 0.0, weight, &dof.solref, &dof.solimp);
            }
        }
        for (t, tendon) in self.model.tendons.iter().enumerate() {
            if tendon.frictionloss > 0.0 {
                let id = TendonId(t as u32);
                let terms = tendon_terms(self.model, self.data, Some(id), 1.0);
                let (kind, weight) = (Kind::Friction(tendon.frictionloss), self.scene.tendon_weight[t]);
                self.scalar(
                    kind,
                    Origin::TendonFriction(id),
                    terms,
                    0.0,
                    weight,
                    &tendon.solref_friction,
                    &tendon.solimp_friction,
                );
            }
        }
    }

    fn limits(&mut self) {
        for (j, joint) in self.model.joints.iter().enumerate() {
            let Some([low, high]) = joint.range else { continue };
            let (d, id) = (joint.v_start, JointId(j as u32));
            if !self.awake_dof(d as usize) {
                continue;
            }
            match joint.kind {
                JointKind::Slide | JointKind::Hinge => {
                    let q = self.state.q[joint.q_start as usize];
                    for (distance, sign) in [(q - low, 1.0), (high - q, -1.0)] {
                        if distance < joint.margin {
                            let weight = self.scene.dof_weight[d as usize];
                            let term = core::iter::once((d, sign));
                            let (origin, violation) = (Origin::JointLimit(id), distance - joint.margin);
                            self.scalar(Kind::Push, origin, term, violation, weight, &joint.solref_limit, &joint.solimp_limit);
                        }
                    }
                }
                JointKind::Ball => {
                    let turn = Quat::from_slice(&self.state.q[joint.q_start as usize..]).normalized().to_rotation_vector();
                    let angle = turn.norm();
                    let distance = high - angle;
                    if distance < joint.margin {
                        let axis = turn.normalized_or(Vec3::Z);
                        let terms = [(d, -axis.x), (d + 1, -axis.y), (d + 2, -axis.z)];
                        let weight = self.scene.dof_weight[d as usize];
                        let (origin, violation) = (Origin::JointLimit(id), distance - joint.margin);
                        self.scalar(
                            Kind::Push,
                            origin,
                            terms.into_iter(),
                            violation,
                            weight,
                            &joint.solref_limit,
                            &joint.solimp_limit,
                        );
                    }
                }
                JointKind::Free => {}
            }
        }
        for (t, tendon) in self.model.tendons.iter().enumerate() {
            let Some([low, high]) = tendon.range else { continue };
            let id = TendonId(t as u32);
            let length = self.tendon_length(id);
            for (distance, sign) in [(length - low, 1.0), (high - length, -1.0)] {
                if distance < tendon.margin {
                    let terms = tendon_terms(self.model, self.data, Some(id), sign);
                    let (weight, violation) = (self.scene.tendon_weight[t], distance - tendon.margin);
                    self.scalar(
                        Kind::Push,
                        Origin::TendonLimit(id),
                        terms,
                        violation,
                        weight,
                        &tendon.solref_limit,
                        &tendon.solimp_limit,
                    );
                }
            }
        }
    }
}

/// The degrees of freedom a tendon pulls on, with `scale` times their weights.
fn tendon_terms<'a>(
    model: &'a Model,
    data: &'a Data,
    tendon: Option<TendonId>,
    scale: f64,
) -> impl Iterator<Item = (u32, f64)> + Clone + 'a {
    let moments = tendon.map(|t| leitai_dynamics::tendon_moments(model, data, t));
    moments.into_iter().flatten().map(move |(d, moment)| (d as u32, scale * moment))
}

/// Value and slope of a polynomial of fourth order.
fn polynomial_at(c: &[f64; 5], x: f64) -> (f64, f64) {
    let value = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])));
    let slope = c[1] + x * (2.0 * c[2] + x * (3.0 * c[3] + x * 4.0 * c[4]));
    (value, slope)
}
