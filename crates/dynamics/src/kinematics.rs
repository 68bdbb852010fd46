//! Where everything is, and how it moves: one pass outward over the tree.

use crate::data::Data;
use leitai_geometry::Placement;
use leitai_math::{Inertia, Motion, Pose, Quat, Vec3};
use leitai_model::Model;
use leitai_model::model::BodyId;
use leitai_model::spec::JointKind;

/// Writes poses of bodies, centers of mass, joint anchors and axes, and geoms, at configuration `q` (`model.nq` numbers).
///
/// Quaternions in `q` are normalized before use; `q` itself is not changed.
///
/// # Panics
/// If `q` has the wrong length.
pub fn kinematics(model: &Model, data: &mut Data, q: &[f64]) {
    assert_eq!(q.len(), model.nq, "q must have nq numbers");
    for i in 1..model.bodies.len() {
        body_kinematics(model, data, q, i);
    }
}

/// The part of [`kinematics`] for bodies `start..end`, whose parents are up to date.
pub fn kinematics_of(model: &Model, data: &mut Data, q: &[f64], start: usize, end: usize) {
    for i in start..end {
        body_kinematics(model, data, q, i);
    }
}

fn body_kinematics(model: &Model, data: &mut Data, q: &[f64], i: usize) {
    let body = &model.bodies[i];
    let joints = body.joint_start as usize..(body.joint_start + body.joint_count) as usize;
    let free = joints.len() == 1 && model.joints[joints.start].kind == JointKind::Free;
    let mut pose = if free {
        let joint = &model.joints[joints.start];
        let at = joint.q_start as usize;
        let pose = Pose::new(Vec3::from_slice(&q[at..]), Quat::from_slice(&q[at + 3..]).normalized());
        data.joint_anchor[joints.start] = pose.position;
        data.joint_axis[joints.start] = joint.axis;
        pose
    } else {
        let local = body.mocap.map_or(body.pose, |m| data.mocap[m as usize]);
        let parent = body.parent.index();
        let start = Pose::new(
            data.body_pose[parent].position + data.body_rotation[parent] * local.position,
            data.body_pose[parent].rotation * local.rotation,
        );
        joints.fold(start, |pose, j| after_joint(model, data, q, j, pose))
    };
    pose.rotation = pose.rotation.normalized();
    let rotation = pose.rotation.to_mat();
    data.body_pose[i] = pose;
    data.body_rotation[i] = rotation;
    data.com[i] = pose.position + rotation * body.com;
    data.inertia_rotation[i] = (pose.rotation * body.inertia_rotation).normalized().to_mat();
    for g in body.geom_start as usize..(body.geom_start + body.geom_count) as usize {
        let geom = &model.geoms[g];
        data.geom[g] = Placement {
            position: pose.position + rotation * geom.pose.position,
            rotation: (pose.rotation * geom.pose.rotation).to_mat(),
        };
    }
}

/// The pose after joint `j` has moved the frame that stood at `pose`.
fn after_joint(model: &Model, data: &mut Data, q: &[f64], j: usize, pose: Pose) -> Pose {
    let joint = &model.joints[j];
    let at = joint.q_start as usize;
    let anchor = pose.apply(joint.position);
    let axis = pose.rotation.rotate(joint.axis);
    data.joint_anchor[j] = anchor;
    data.joint_axis[j] = axis;
    let turn = match joint.kind {
        JointKind::Slide => return Pose::new(pose.position + axis * (q[at] - model.q0[at]), pose.rotation),
        JointKind::Hinge => Quat::from_axis_angle(joint.axis, q[at] - model.q0[at]),
        JointKind::Ball | JointKind::Free => Quat::from_slice(&q[at..]).normalized(),
    };
    let rotation = pose.rotation * turn;
    Pose::new(anchor - rotation.rotate(joint.position), rotation)
}

/// Writes centers of mass of subtrees, inertias and unit motions about them. Needs [`kinematics`].
pub fn com_frames(model: &Model, data: &mut Data) {
    for i in 0..model.bodies.len() {
        data.subtree_com[i] = data.com[i] * model.bodies[i].mass;
    }
    for i in (1..model.bodies.len()).rev() {
        let parent = model.bodies[i].parent.index();
        let below = data.subtree_com[i];
        data.subtree_com[parent] += below;
        divide_by_mass(model, data, i);
    }
    divide_by_mass(model, data, 0);
    for i in 1..model.bodies.len() {
        body_frame(model, data, i);
    }
}

/// [`com_frames`] for the subtree of `root`, a child of the world, alone.
pub fn com_frames_of(model: &Model, data: &mut Data, root: BodyId) {
    let (start, count) = (root.index(), model.bodies[root.index()].subtree_count as usize);
    for i in start..start + count {
        data.subtree_com[i] = data.com[i] * model.bodies[i].mass;
    }
    for i in (start..start + count).rev() {
        if i > start {
            let parent = model.bodies[i].parent.index();
            let below = data.subtree_com[i];
            data.subtree_com[parent] += below;
        }
        divide_by_mass(model, data, i);
    }
    for i in start..start + count {
        body_frame(model, data, i);
    }
}

fn divide_by_mass(model: &Model, data: &mut Data, i: usize) {
    let mass = model.bodies[i].subtree_mass;
    data.subtree_com[i] = if mass < 1e-15 { data.com[i] } else { data.subtree_com[i] * (1.0 / mass) };
}

fn body_frame(model: &Model, data: &mut Data, i: usize) {
    let body = &model.bodies[i];
    let center = data.subtree_com[body.root.index()];
    data.body_inertia[i] = Inertia::from_principal(body.mass, body.inertia, &data.inertia_rotation[i], data.com[i] - center);
    for j in body.joint_start as usize..(body.joint_start + body.joint_count) as usize {
        let joint = &model.joints[j];
        let d = joint.v_start as usize;
        let offset = center - data.joint_anchor[j];
        let rotation = data.body_rotation[i];
        let turning = |axis: Vec3| Motion::new(axis, axis.cross(offset));
        match joint.kind {
            JointKind::Slide => data.dof_motion[d] = Motion::new(Vec3::ZERO, data.joint_axis[j]),
            JointKind::Hinge => data.dof_motion[d] = turning(data.joint_axis[j]),
            JointKind::Ball => {
                for k in 0..3 {
                    data.dof_motion[d + k] = turning(rotation.column(k));
                }
            }
            JointKind::Free => {
                for (k, axis) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
                    data.dof_motion[d + k] = Motion::new(Vec3::ZERO, axis);
                    data.dof_motion[d + 3 + k] = turning(rotation.column(k));
                }
            }
        }
    }
}

/// Writes velocities of bodies and rates of unit motions at velocity `v` (`model.nv` numbers). Needs [`com_frames`].
pub fn velocities(model: &Model, data: &mut Data, v: &[f64]) {
    velocities_of(model, data, v, 1, model.bodies.len());
}

/// The part of [`velocities`] for bodies `start..end`, whose parents are up to date.
pub fn velocities_of(model: &Model, data: &mut Data, v: &[f64], start: usize, end: usize) {
    for i in start..end {
        let body = &model.bodies[i];
        let mut velocity = if body.parent.0 == 0 { Motion::ZERO } else { data.body_velocity[body.parent.index()] };
        for j in body.joint_start as usize..(body.joint_start + body.joint_count) as usize {
            let joint = &model.joints[j];
            let mut d = joint.v_start as usize;
            if joint.kind == JointKind::Free {
                // World-fixed directions: their unit motions do not change.
                for k in d..d + 3 {
                    data.dof_motion_rate[k] = Motion::ZERO;
                    velocity += data.dof_motion[k] * v[k];
                }
                d += 3;
            }
            let n = if matches!(joint.kind, JointKind::Free | JointKind::Ball) { 3 } else { 1 };
            for k in d..d + n {
                data.dof_motion_rate[k] = velocity.cross_motion(data.dof_motion[k]);
            }
            for k in d..d + n {
                velocity += data.dof_motion[k] * v[k];
            }
        }
        data.body_velocity[i] = velocity;
    }
}
