//! Bodies without joints become part of their parents: MuJoCo's `fusestatic`, which its reader of URDF does unless told not to.

use crate::build::{BuildError, body_mass};
use crate::spec::{BodySpec, InertialSpec, Spec};
use alloc::vec::Vec;
use leitai_math::{Mat3, Pose};

impl Spec {
    /// Joins every body that has no joint, and is not moved by the program, to its parent: shapes, sites and cameras move over,
    /// its mass is added (that of the world does not matter), and its children take its place among the parent's. Nothing
    /// may refer to such a body by name.
    ///
    /// # Errors
    /// If a body that is joined has an impossible inertia.
    pub fn fuse_static(&mut self) -> Result<(), BuildError> {
        let mut world = core::mem::take(&mut self.world);
        let fused = fuse(self, &mut world, true);
        self.world = world;
        fused
    }
}

fn fuse(spec: &Spec, body: &mut BodySpec, is_world: bool) -> Result<(), BuildError> {
    let children = core::mem::take(&mut body.bodies);
    absorb(spec, body, children, is_world)?;
    body.bodies.iter_mut().try_for_each(|child| fuse(spec, child, false))
}

/// Hangs `children` on `body`, or joins them to it.
fn absorb(spec: &Spec, body: &mut BodySpec, children: Vec<BodySpec>, is_world: bool) -> Result<(), BuildError> {
    for mut child in children {
        if child.mocap || !child.joints.is_empty() {
            body.bodies.push(child);
            continue;
        }
        if !is_world {
            let own = inertial(spec, body)?;
            body.inertial = Some(together(own, inertial(spec, &child)?, child.pose));
        }
        child.move_parts(child.pose);
        body.geoms.append(&mut child.geoms);
        body.sites.append(&mut child.sites);
        body.cameras.append(&mut child.cameras);
        absorb(spec, body, child.bodies, is_world)?;
    }
    Ok(())
}

/// A body's inertia, given or inferred from its shapes.
fn inertial(spec: &Spec, body: &BodySpec) -> Result<InertialSpec, BuildError> {
    let found = body_mass(spec, body, false)?;
    let pose = Pose::new(found.com, found.rotation);
    Ok(InertialSpec { mass: found.mass, pose, inertia: Mat3::diagonal(found.inertia) })
}

/// The inertia of two bodies, the second of which stands at `at` in the first.
fn together(first: InertialSpec, mut second: InertialSpec, at: Pose) -> InertialSpec {
    second.pose = at * second.pose;
    let mass = first.mass + second.mass;
    if mass <= 0.0 || second.mass <= 0.0 {
        return first;
    }
    let center = (first.pose.position * first.mass + second.pose.position * second.mass) * (1.0 / mass);
    let mut sum = [[0.0; 3]; 3];
    for part in [&first, &second] {
        let turn = part.pose.rotation.to_mat();
        let turned = turn * part.inertia * turn.transpose();
        let d = part.pose.position - center;
        for i in 0..3 {
            for j in 0..3 {
                let parallel = if i == j { d.norm_squared() } else { 0.0 };
                sum[i][j] += turned.0[i][j] + part.mass * (parallel - d[i] * d[j]);
            }
        }
    }
    let inertia = Mat3::symmetric(sum[0][0], sum[1][1], sum[2][2], sum[0][1], sum[0][2], sum[1][2]);
    InertialSpec { mass, pose: Pose::new(center, leitai_math::Quat::IDENTITY), inertia }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{JointKind, JointSpec};
    use alloc::string::ToString;
    use alloc::vec;
    use leitai_math::Vec3;

    /// Law: what is rigidly joined moves as one, so mass matrices agree whether it is one body or two.
    #[test]
    fn a_fused_body_weighs_what_its_parts_weigh() {
        let inertial = |mass: f64, x: f64, i: [f64; 3]| {
            let [a, b, c] = i;
            let pose = Pose::new(Vec3::new(x, 0.1, -0.2), leitai_math::Quat::new(0.9, 0.1, 0.3, -0.2).normalized());
            Some(InertialSpec { mass, pose, inertia: Mat3::diagonal(Vec3::new(a, b, c)) })
        };
        let child = BodySpec {
            name: "hand".to_string(),
            pose: Pose::new(Vec3::new(0.3, 0.0, 0.1), leitai_math::Quat::new(0.8, 0.0, 0.6, 0.0)),
            inertial: inertial(0.7, 0.05, [0.02, 0.03, 0.04]),
            ..BodySpec::default()
        };
        let arm = BodySpec {
            name: "arm".to_string(),
            inertial: inertial(2.0, -0.1, [0.1, 0.12, 0.2]),
            joints: vec![JointSpec { kind: JointKind::Hinge, ..JointSpec::default() }],
            bodies: vec![child],
            ..BodySpec::default()
        };
        let mut spec = Spec { world: BodySpec { bodies: vec![arm], ..BodySpec::default() }, ..Spec::default() };
        let two = spec.build().unwrap();
        spec.fuse_static().unwrap();
        let one = spec.build().unwrap();
        assert_eq!((two.bodies.len(), one.bodies.len()), (3, 2));
        let about_axis = |model: &crate::Model| {
            let mut sum = 0.0;
            for body in &model.bodies[1..] {
                let mut world_from_body = body.pose;
                if body.parent.0 != 0 {
                    world_from_body = model.bodies[body.parent.index()].pose * world_from_body;
                }
                let axis = (world_from_body.rotation * body.inertia_rotation).conjugate().rotate(model.joints[0].axis);
                let center = world_from_body.apply(body.com) - model.joints[0].position;
                let arm = center - model.joints[0].axis * center.dot(model.joints[0].axis);
                sum += axis.scaled(axis).dot(body.inertia) + body.mass * arm.norm_squared();
            }
            sum
        };
        assert!((about_axis(&one) - about_axis(&two)).abs() < 1e-14, "{} {}", about_axis(&one), about_axis(&two));
    }
}
