//! Frames that coincide.
//!
//! MuJoCo takes frames of one body for the same where they are within 1e-6 of each other (`sameframe` in its model): a center
//! of mass 0.4 µm off the body's origin is the origin. So it is here, or poses would differ from its in the seventh digit.

use crate::model::Model;
use leitai_math::{Pose, Quat, Vec3, real};

/// Components [m, and of unit quaternions] that differ by less are the same.
const SAME: f64 = 1e-6;

/// Puts what is in nearly the same frame in the same: the inertia's, geoms' and sites' in the body's, else geoms' and sites' in
/// the inertia's.
pub(super) fn join(model: &mut Model) {
    for body in &mut model.bodies {
        let own = snapped(Pose::new(body.com, body.inertia_rotation), Pose::IDENTITY);
        (body.com, body.inertia_rotation) = (own.position, own.rotation);
    }
    let bodies = &model.bodies;
    let geoms = model.geoms.iter_mut().map(|geom| (geom.body, &mut geom.pose));
    let sites = model.sites.iter_mut().map(|site| (site.body, &mut site.pose));
    for (body, pose) in geoms.chain(sites) {
        let body = &bodies[body.index()];
        *pose = snapped(*pose, Pose::IDENTITY);
        if pose.rotation != Quat::IDENTITY {
            *pose = snapped(*pose, Pose::new(body.com, body.inertia_rotation));
        }
    }
}

/// `pose` with `frame`'s rotation if that is the same, and then with its position if that is the same too.
fn snapped(pose: Pose, frame: Pose) -> Pose {
    if !same_rotation(pose.rotation, frame.rotation) {
        return pose;
    }
    let position = if same_position(pose.position, frame.position) { frame.position } else { pose.position };
    Pose::new(position, frame.rotation)
}

fn same_position(a: Vec3, b: Vec3) -> bool {
    (a - b).to_array().into_iter().all(|d| real::abs(d) < SAME)
}

/// Both quaternions of a rotation are the same.
fn same_rotation(a: Quat, b: Quat) -> bool {
    let both = || a.to_array().into_iter().zip(b.to_array());
    both().all(|(a, b)| real::abs(a - b) < SAME) || both().all(|(a, b)| real::abs(a + b) < SAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{BodySpec, InertialSpec, SiteSpec, Source, Spec};
    use alloc::string::String;
    use leitai_geometry::Shape;
    use leitai_math::Mat3;

    fn site(pose: Pose) -> SiteSpec {
        SiteSpec {
            name: String::new(),
            pose,
            shape: Shape::Sphere { radius: 0.1 },
            group: 0,
            rgba: [1.0; 4],
            source: Source::default(),
        }
    }

    /// MuJoCo 4.0.0 on the same frames: `site_sameframe` 1, 3, 0 and 2: the body's, its rotation, none, the inertia's.
    #[test]
    fn frames_within_a_millionth_are_the_same() {
        let turn = Quat::from_axis_angle;
        let (center, axes) = (Vec3::new(0.1, 0.2, 0.3), turn(Vec3::X, 0.5));
        let at = |x: f64| Vec3::new(x, 0.0, 0.0);
        let poses = [
            Pose::new(at(0.9e-6), turn(Vec3::Z, 1e-6)),
            Pose::new(at(1e-6), turn(Vec3::Z, 1e-6)),
            Pose::new(at(0.9e-6), turn(Vec3::Z, 3e-6)),
            Pose::new(center + Vec3::new(0.0, 5e-7, 0.0), turn(Vec3::X, 0.5 + 1e-6)),
        ];
        let inertia = Mat3::diagonal(Vec3::new(1.0, 1.1, 1.2));
        let inertial = Some(InertialSpec { mass: 1.0, pose: Pose::new(center, axes), inertia });
        let body = BodySpec { inertial, sites: poses.map(site).into(), ..BodySpec::default() };
        let mut spec = Spec::default();
        spec.world.bodies.push(body);
        let model = spec.build().expect("a body with sites");
        let found = [0, 1, 2, 3].map(|i| model.sites[i].pose);
        let inertia = Pose::new(model.bodies[1].com, model.bodies[1].inertia_rotation);
        assert_eq!(found, [Pose::IDENTITY, Pose::new(at(1e-6), Quat::IDENTITY), poses[2], inertia]);
        assert_eq!(inertia.position, center);
    }
}
