//! How points and frames move with the joints.

use crate::data::Data;
use leitai_math::{Motion, Pose, Vec3};
use leitai_model::model::BodyId;
use leitai_model::{Model, SiteId};

/// Writes the Jacobians of a point fixed to `body` that now stands at `point` [m] in the world.
///
/// `translational` and `rotational` are 3 × `model.nv`, row by row, in world axes: velocity [m/s] and angular velocity
/// [rad/s] of the body at that point are their products with `v`. Needs [`crate::com_frames`].
///
/// # Panics
/// If a slice is not 3·nv long.
pub fn jacobian(model: &Model, data: &Data, body: BodyId, point: Vec3, translational: &mut [f64], rotational: &mut [f64]) {
    let nv = model.nv;
    assert_eq!((translational.len(), rotational.len()), (3 * nv, 3 * nv), "a Jacobian is 3 × nv");
    translational.fill(0.0);
    rotational.fill(0.0);
    let center = data.subtree_com[model.bodies[body.index()].root.index()];
    let mut next = model.bodies[body.index()].last_dof;
    while let Some(dof) = next {
        let d = dof.index();
        let (linear, angular) = point_motion(data.dof_motion[d], point - center);
        for k in 0..3 {
            translational[k * nv + d] = linear[k];
            rotational[k * nv + d] = angular[k];
        }
        next = model.dofs[d].parent;
    }
}

/// Linear and angular velocity that the motion `m` gives a point at `offset` from its reference point.
#[inline]
#[must_use]
pub fn point_motion(m: Motion, offset: Vec3) -> (Vec3, Vec3) {
    (m.linear + m.angular.cross(offset), m.angular)
}

/// `world_from_site`. Needs [`crate::kinematics`].
#[must_use]
pub fn site_pose(model: &Model, data: &Data, site: SiteId) -> Pose {
    let site = &model.sites[site.index()];
    data.body_pose[site.body.index()] * site.pose
}
