//! A model's moving links alone: Jacobians, mass matrix and inverse dynamics for whoever needs no more.
//!
//! [`crate::kinematics`] serves a simulation: it places every body, geom and frame, and keeps its rotations from drifting.
//! A controller that asks thousands of times a second for a mass matrix needs none of that. Here bodies that do not move
//! against each other are one link, constants are computed once, and rotations are products of matrices: a hinge's is
//! A + sin θ·B + (1 − cos θ)·C (Rodrigues), with A the link's place and B, C its products with the axis. Spatial vectors of a
//! tree are taken about its free base's origin, or about the world's. The results are those of the other algorithms but for
//! rounding.

/// Momentum of the joints.
mod momentum;

use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Inertia, Mat3, Motion, Pose, Quat, Vec3, real};
use leitai_model::model::{BodyId, DofId, Model};
use leitai_model::spec::JointKind;

/// The moving links of a model, with the results of the last computation.
#[derive(Clone, Debug)]
pub struct Links {
    links: Vec<Link>,
    /// Link that carries each body, and the body's pose in it.
    carried: Vec<(usize, Pose)>,
    /// Inertia of each link and, first, of the world, about its origin, without what [`Self::carry`] adds.
    bare: Vec<Inertia>,
    /// Links of degrees of freedom.
    dofs: Vec<Dof>,
    mass_columns: Vec<u32>,
    gravity: Vec3,
    /// Of each link and, first, of the world.
    rotation: Vec<Mat3>,
    /// From the reference point.
    position: Vec<Vec3>,
    /// Reference point.
    origin: Vec<Vec3>,
    inertia: Vec<Inertia>,
    velocity: Vec<Motion>,
    acceleration: Vec<Motion>,
    force: Vec<Motion>,
    rate: Vec<Motion>,
    /// Motion of each degree of freedom at unit speed: angular [rad/s], and linear [m/s] of the link's point that now is at its
    /// tree's reference point ([`Self::reference`]). A body's Jacobian has these columns for the degrees of freedom it hangs on.
    pub motion: Vec<Motion>,
    /// Mass matrix [kg·m², kg], packed as [`crate::Data::mass`].
    pub mass: Vec<f64>,
    /// Joint forces [N·m, N].
    pub tau: Vec<f64>,
    /// Reference point of each degree of freedom's tree [m], in the world.
    pub reference: Vec<Vec3>,
}

/// What one joint moves, without what later joints do.
#[derive(Clone, Debug)]
struct Link {
    /// Place in [`Links::rotation`] and its kin.
    parent: usize,
    kind: JointKind,
    q: usize,
    dof: usize,
    reference: f64,
    /// Rotation from the parent at the reference.
    place: Mat3,
    /// Products of [`Self::place`] with the axis' cross matrix, once and twice.
    sine: Mat3,
    versine: Mat3,
    /// Joint's anchor in the parent, and in the link where it is not its origin.
    anchor: Vec3,
    offset: Option<Vec3>,
    /// Axis in the parent.
    axis: Vec3,
    mass: f64,
    com: Vec3,
    /// About the center of mass: xx, yy, zz, xy, xz, yz.
    rotational: [f64; 6],
}

impl Link {
    /// Takes over mass, center of mass and inertia about it from the inertia about the link's origin.
    fn weigh(&mut self, whole: &Inertia) {
        let m = whole.mass;
        let c = if m > 0.0 { whole.moment * (1.0 / m) } else { Vec3::ZERO };
        let [xx, yy, zz, xy, xz, yz] = whole.rotational;
        (self.mass, self.com) = (m, c);
        self.rotational = [
            xx - m * (c.y * c.y + c.z * c.z),
            yy - m * (c.x * c.x + c.z * c.z),
            zz - m * (c.x * c.x + c.y * c.y),
            xy + m * c.x * c.y,
            xz + m * c.x * c.z,
            yz + m * c.y * c.z,
        ];
    }
}

#[derive(Clone, Copy, Debug)]
struct Dof {
    link: usize,
    row_start: usize,
    row_len: usize,
    armature: f64,
}

impl Links {
    /// The links of `model`; bodies moved by the program stay where the model puts them.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut links: Vec<Link> = Vec::new();
        let mut dofs = vec![Dof { link: 0, row_start: 0, row_len: 0, armature: 0.0 }; model.nv];
        let mut carried = vec![(0, Pose::IDENTITY); model.bodies.len()];
        let mut bare: Vec<Inertia> = vec![Inertia::ZERO];
        for (i, body) in model.bodies.iter().enumerate().skip(1) {
            let (mut link, link_from_parent) = carried[body.parent.index()];
            let mut pose = link_from_parent * body.pose;
            for joint in &model.joints[body.joint_start as usize..(body.joint_start + body.joint_count) as usize] {
                let place = pose.rotation.to_mat();
                let cross = Mat3::skew(joint.axis);
                let offset = if joint.kind == JointKind::Free { Vec3::ZERO } else { joint.position };
                links.push(Link {
                    parent: link,
                    kind: joint.kind,
                    q: joint.q_start as usize,
                    dof: joint.v_start as usize,
                    reference: if joint.kind == JointKind::Free { 0.0 } else { model.q0[joint.q_start as usize] },
                    sine: place * cross,
                    versine: place * cross * cross,
                    anchor: if joint.kind == JointKind::Slide { pose.position } else { pose.position + place * offset },
                    offset: (offset != Vec3::ZERO).then_some(offset),
                    axis: place * joint.axis,
                    place,
                    mass: 0.0,
                    com: Vec3::ZERO,
                    rotational: [0.0; 6],
                });
                bare.push(Inertia::ZERO);
                (link, pose) = (links.len(), Pose::IDENTITY);
                let first = joint.v_start as usize;
                let count = match joint.kind {
                    JointKind::Free => 6,
                    JointKind::Ball => 3,
                    JointKind::Hinge | JointKind::Slide => 1,
                };
                for (d, dof) in dofs.iter_mut().enumerate().skip(first).take(count) {
                    let of = &model.dofs[d];
                    *dof = Dof { link, row_start: of.row_start as usize, row_len: of.row_len as usize, armature: of.armature };
                }
            }
            carried[i] = (link, pose);
            bare[link] += weigh(body.mass, body.inertia, pose * Pose::new(body.com, body.inertia_rotation));
        }
        for (link, weight) in links.iter_mut().zip(&bare[1..]) {
            link.weigh(weight);
        }
        let count = links.len() + 1;
        Self {
            rotation: vec![Mat3::IDENTITY; count],
            position: vec![Vec3::ZERO; count],
            origin: vec![Vec3::ZERO; count],
            inertia: vec![Inertia::ZERO; count],
            velocity: vec![Motion::ZERO; count],
            acceleration: vec![Motion::ZERO; count],
            force: vec![Motion::ZERO; count],
            rate: vec![Motion::ZERO; model.nv],
            motion: vec![Motion::ZERO; model.nv],
            mass: vec![0.0; model.nm],
            tau: vec![0.0; model.nv],
            reference: vec![Vec3::ZERO; model.nv],
            mass_columns: model.mass_columns.clone(),
            gravity: if model.option.disable.gravity { Vec3::ZERO } else { model.option.gravity },
            links,
            carried,
            bare,
            dofs,
        }
    }

    /// From now on the link of `body` carries a rigid body instead of what it carried before: of mass `mass` [kg] and principal
    /// moments `inertia` [kg·m²], its center of mass and principal axes at `pose` in `body`. No mass carries nothing.
    pub fn carry(&mut self, body: BodyId, pose: Pose, mass: f64, inertia: Vec3) {
        let (link, link_from_body) = self.carried[body.index()];
        if link > 0 {
            let mut whole = self.bare[link];
            whole += weigh(mass, inertia, link_from_body * pose);
            self.links[link - 1].weigh(&whole);
        }
    }

    /// Writes [`Self::motion`] and [`Self::reference`] at configuration `q`: the columns of every Jacobian.
    ///
    /// # Panics
    /// If `q` is too short.
    pub fn jacobians(&mut self, q: &[f64]) {
        let Self { links, rotation, position, origin, motion, reference, .. } = self;
        for (i, link) in links.iter().enumerate() {
            let i = i + 1;
            let (above, at_parent) = (rotation[link.parent], position[link.parent]);
            let d = link.dof;
            let anchor = at_parent + above * link.anchor;
            match link.kind {
                JointKind::Hinge => {
                    let (s, c) = real::sin_cos(q[link.q] - link.reference);
                    let turn = link.place + link.sine * s + link.versine * (1.0 - c);
                    rotation[i] = above * turn;
                    position[i] = link.offset.map_or(anchor, |offset| anchor - rotation[i] * offset);
                    motion[d] = turning(above * link.axis, anchor);
                }
                JointKind::Slide => {
                    let axis = above * link.axis;
                    rotation[i] = above * link.place;
                    position[i] = anchor + axis * (q[link.q] - link.reference);
                    motion[d] = Motion::new(Vec3::ZERO, axis);
                }
                JointKind::Ball => {
                    rotation[i] = above * (link.place * Quat::from_slice(&q[link.q..]).normalized().to_mat());
                    position[i] = link.offset.map_or(anchor, |offset| anchor - rotation[i] * offset);
                    for k in 0..3 {
                        motion[d + k] = turning(rotation[i].column(k), anchor);
                        reference[d + k] = origin[link.parent];
                    }
                }
                JointKind::Free => {
                    rotation[i] = Quat::from_slice(&q[link.q + 3..]).normalized().to_mat();
                    position[i] = Vec3::ZERO;
                    for (k, axis) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
                        motion[d + k] = Motion::new(Vec3::ZERO, axis);
                        motion[d + 3 + k] = Motion::new(rotation[i].column(k), Vec3::ZERO);
                    }
                    origin[i] = Vec3::from_slice(&q[link.q..]);
                    reference[d..d + 6].fill(origin[i]);
                    continue;
                }
            }
            origin[i] = origin[link.parent];
            reference[d] = origin[i];
        }
    }

    /// Writes [`Self::mass`] at configuration `q`, and what [`Self::jacobians`] writes.
    ///
    /// # Panics
    /// If `q` is too short.
    pub fn mass_matrix(&mut self, q: &[f64]) {
        self.jacobians(q);
        self.inertias();
        for i in (1..self.inertia.len()).rev() {
            let parent = self.links[i - 1].parent;
            if parent > 0 {
                let below = self.inertia[i];
                self.inertia[parent] += below;
            }
        }
        for (dof, motion) in self.dofs.iter().zip(&self.motion) {
            let force = self.inertia[dof.link].apply(*motion);
            let row = dof.row_start..dof.row_start + dof.row_len;
            for (entry, &column) in self.mass[row.clone()].iter_mut().zip(&self.mass_columns[row.clone()]) {
                *entry = self.motion[column as usize].dot(force);
            }
            self.mass[row.end - 1] += dof.armature;
        }
    }

    /// Writes into [`Self::tau`] the joint forces that give acceleration `a` at state (`q`, `v`), as [`crate::inverse_dynamics`]
    /// does, and what [`Self::jacobians`] writes.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn inverse_dynamics(&mut self, q: &[f64], v: &[f64], a: &[f64]) {
        self.jacobians(q);
        self.inertias();
        let Self { links, motion, rate, velocity, acceleration, force, inertia, .. } = self;
        acceleration[0] = Motion::new(Vec3::ZERO, -self.gravity);
        for (i, link) in links.iter().enumerate() {
            let i = i + 1;
            let (mut speed, mut pull) = (velocity[link.parent], acceleration[link.parent]);
            let mut turning = link.dof..link.dof + 1;
            match link.kind {
                JointKind::Hinge | JointKind::Slide => {}
                JointKind::Ball => turning.end += 2,
                JointKind::Free => {
                    // World-fixed directions: their unit motions do not change.
                    for d in link.dof..link.dof + 3 {
                        speed += motion[d] * v[d];
                        pull += motion[d] * a[d];
                    }
                    turning = link.dof + 3..link.dof + 6;
                }
            }
            for d in turning.clone() {
                rate[d] = speed.cross_motion(motion[d]);
            }
            for d in turning {
                speed += motion[d] * v[d];
                pull += rate[d] * v[d] + motion[d] * a[d];
            }
            (velocity[i], acceleration[i]) = (speed, pull);
            force[i] = inertia[i].apply(pull) + speed.cross_force(inertia[i].apply(speed));
        }
        for i in (1..force.len()).rev() {
            let below = force[i];
            force[links[i - 1].parent] += below;
        }
        for (d, dof) in self.dofs.iter().enumerate() {
            self.tau[d] = self.motion[d].dot(self.force[dof.link]) + dof.armature * a[d];
        }
    }

    /// Inertia of each link about its tree's reference point.
    fn inertias(&mut self) {
        let turned = self.rotation[1..].iter().zip(&self.position[1..]);
        for ((inertia, link), (rotation, position)) in self.inertia[1..].iter_mut().zip(&self.links).zip(turned) {
            let c = *position + *rotation * link.com;
            let [xx, yy, zz, xy, xz, yz] = link.rotational;
            let half = *rotation * Mat3([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]);
            let full = |i: usize, j: usize| half.row(i).dot(rotation.row(j));
            let m = link.mass;
            *inertia = Inertia {
                mass: m,
                moment: c * m,
                rotational: [
                    full(0, 0) + m * (c.y * c.y + c.z * c.z),
                    full(1, 1) + m * (c.x * c.x + c.z * c.z),
                    full(2, 2) + m * (c.x * c.x + c.y * c.y),
                    full(0, 1) - m * c.x * c.y,
                    full(0, 2) - m * c.x * c.z,
                    full(1, 2) - m * c.y * c.z,
                ],
            };
        }
    }

    /// The degree of freedom's column of the translational and rotational Jacobian [m/s, rad/s per unit speed] of a point of a
    /// body that hangs on it and now stands at `point` [m] in the world.
    #[must_use]
    pub fn column(&self, dof: DofId, point: Vec3) -> (Vec3, Vec3) {
        crate::jacobian::point_motion(self.motion[dof.index()], point - self.reference[dof.index()])
    }
}

/// Unit rotation about `axis` through `anchor`.
fn turning(axis: Vec3, anchor: Vec3) -> Motion {
    Motion::new(axis, anchor.cross(axis))
}

/// Inertia of a rigid body about the origin of a link in which its center of mass and principal axes stand at `pose`.
fn weigh(mass: f64, inertia: Vec3, pose: Pose) -> Inertia {
    Inertia::from_principal(mass, inertia, &pose.rotation.to_mat(), pose.position)
}
