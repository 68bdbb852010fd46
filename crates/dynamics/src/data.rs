//! The workspace of one computation: everything an algorithm writes, allocated once.

use crate::kinematics::{com_frames, kinematics};
use crate::tendon::{tendon_length, tendons};
use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::Placement;
use leitai_math::{Inertia, Mat3, Motion, Pose, Vec3};
use leitai_model::{Model, TendonId};

/// Results of the algorithms of this crate. Vectors are as long as the model's table of that element.
#[derive(Clone, Debug)]
pub struct Data {
    /// Gravity [m/s²], in the world; the model's option at first.
    pub gravity: Vec3,
    /// `world_from_body` of each body.
    pub body_pose: Vec<Pose>,
    /// Rotation matrix of each body.
    pub body_rotation: Vec<Mat3>,
    /// Center of mass of each body [m], in the world.
    pub com: Vec<Vec3>,
    /// Principal axes of inertia of each body, in the world.
    pub inertia_rotation: Vec<Mat3>,
    /// Anchor of each joint [m], in the world.
    pub joint_anchor: Vec<Vec3>,
    /// Axis of each joint, in the world.
    pub joint_axis: Vec<Vec3>,
    /// Placement of each geom; those of the world never change.
    pub geom: Vec<Placement>,
    /// Poses of bodies moved by the program.
    pub mocap: Vec<Pose>,
    /// Center of mass of each body's subtree [m].
    pub subtree_com: Vec<Vec3>,
    /// Motion of each degree of freedom at unit speed, about the tree's center of mass.
    pub dof_motion: Vec<Motion>,
    /// Rate of [`Self::dof_motion`].
    pub dof_motion_rate: Vec<Motion>,
    /// Inertia of each body about the tree's center of mass.
    pub body_inertia: Vec<Inertia>,
    /// Inertia of each body's subtree.
    pub composite: Vec<Inertia>,
    /// Velocity of each body.
    pub body_velocity: Vec<Motion>,
    /// Acceleration of each body less gravity.
    pub body_acceleration: Vec<Motion>,
    /// Force that each body needs; after the inward pass, its subtree's.
    pub body_force: Vec<Motion>,
    /// Length of each spatial tendon [m].
    pub tendon_length: Vec<f64>,
    /// Moments of spatial tendons: the change of length with each of their degrees of freedom.
    pub tendon_moment: Vec<f64>,
    /// Band of lengths in which each tendon's spring rests.
    pub tendon_rest: Vec<[f64; 2]>,
    /// Packed mass matrix [kg·m², kg].
    pub mass: Vec<f64>,
    /// Packed factor Lᵀ·D·L of the mass matrix.
    pub mass_factor: Vec<f64>,
    /// 1/D of the factor.
    pub mass_factor_inverse: Vec<f64>,
    /// Coriolis, centrifugal and gravity forces.
    pub bias: Vec<f64>,
    /// Result of inverse dynamics.
    pub tau: Vec<f64>,
    /// Result of forward dynamics.
    pub a: Vec<f64>,
    /// Articulated inertia of each body.
    pub(crate) articulated: Vec<[[f64; 6]; 6]>,
    /// U of each degree of freedom.
    pub(crate) articulated_column: Vec<[f64; 6]>,
}

impl Data {
    /// A workspace for `model`; nothing is computed yet but the poses of mocap bodies and the lengths at which tendons rest.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let (nb, nj, nv) = (model.bodies.len(), model.joints.len(), model.nv);
        let mut data = Self {
            gravity: if model.option.disable.gravity { Vec3::ZERO } else { model.option.gravity },
            body_pose: vec![Pose::IDENTITY; nb],
            body_rotation: vec![Mat3::IDENTITY; nb],
            com: vec![Vec3::ZERO; nb],
            inertia_rotation: vec![Mat3::IDENTITY; nb],
            joint_anchor: vec![Vec3::ZERO; nj],
            joint_axis: vec![Vec3::Z; nj],
            geom: model
                .geoms
                .iter()
                .map(|g| Placement { position: g.pose.position, rotation: g.pose.rotation.to_mat() })
                .collect(),
            mocap: model.bodies.iter().filter(|b| b.mocap.is_some()).map(|b| b.pose).collect(),
            subtree_com: vec![Vec3::ZERO; nb],
            dof_motion: vec![Motion::ZERO; nv],
            dof_motion_rate: vec![Motion::ZERO; nv],
            body_inertia: vec![Inertia::ZERO; nb],
            composite: vec![Inertia::ZERO; nb],
            body_velocity: vec![Motion::ZERO; nb],
            body_acceleration: vec![Motion::ZERO; nb],
            body_force: vec![Motion::ZERO; nb],
            tendon_length: vec![0.0; model.tendons.len()],
            tendon_moment: vec![0.0; model.ntendonmoment],
            tendon_rest: model.tendons.iter().map(|t| t.spring_length.unwrap_or_default()).collect(),
            mass: vec![0.0; model.nm],
            mass_factor: vec![0.0; model.nm],
            mass_factor_inverse: vec![0.0; nv],
            bias: vec![0.0; nv],
            tau: vec![0.0; nv],
            a: vec![0.0; nv],
            articulated: vec![[[0.0; 6]; 6]; nb],
            articulated_column: vec![[0.0; 6]; nv],
        };
        data.rest_tendons(model);
        data
    }

    /// What the model leaves open: the lengths that tendons have where joint springs rest.
    fn rest_tendons(&mut self, model: &Model) {
        if model.tendons.iter().all(|t| t.spring_length.is_some()) {
            return;
        }
        kinematics(model, self, &model.q_spring);
        com_frames(model, self);
        tendons(model, self);
        for (t, tendon) in model.tendons.iter().enumerate() {
            let length = tendon_length(model, self, &model.q_spring, TendonId(t as u32));
            self.tendon_rest[t] = tendon.spring_length.unwrap_or([length; 2]);
        }
    }
}
